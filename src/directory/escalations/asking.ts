import { DirectoryError } from '../errors.ts';
import type { Side } from '../merge.ts';
import type { WriteOperation } from '../operation.ts';
import type { Rule } from '../policy/judge.ts';
import type { Author } from '../resource.ts';
import type { Decider, Escalation, EscalationKind, Settlement } from './escalation.ts';

/** What somebody is to be asked. */
export interface Question {
  kind: EscalationKind;
  /** Done together or not at all. */
  operations: readonly WriteOperation[];
  lenient: boolean;
  /** With one operation: what its author has decided about what others changed too. */
  settlement?: Settlement | undefined;
  /** Whose write it is, where that is not who asks: a person asks an agent to make a change of its own again. */
  author?: Author | undefined;
  /** Absent for people, else the id of the agent that is asked. */
  to?: string | undefined;
  intent?: string | undefined;
  rule?: Rule | undefined;
  conflictId?: string | undefined;
  counterTo?: string | undefined;
}

/** How a call deals with a write that needs approval. */
export interface ApprovalOptions {
  /** Why the caller wants it, in its own words. */
  intent?: string | undefined;
  /** The escalation in which the same call has asked before; it is then not asked again. */
  resume?: string | undefined;
  /** Waits for the answer, if there is none yet, as long as the caller does. @returns the escalation as it is then. */
  settle?: ((escalation: Escalation) => Promise<Escalation>) | undefined;
}

/** What whoever is asked says. */
export interface Decision {
  approve: boolean;
  reason?: string | undefined;
  /**
   * Instead of what was asked: the record as it should be; who should come into the group and leave it; or, by path, whose value
   * stands where others changed the same (as the author has it, where nothing is said).
   */
  edited?:
    | { record: unknown }
    | { add: readonly string[]; remove: readonly string[] }
    | { choices: Readonly<Record<string, Side>> }
    | undefined;
  /** The version of the escalation that they have seen. */
  expectedVersion?: string | undefined;
}

/** What one agent answers another. */
export interface Answer {
  answer: 'accept' | 'decline' | 'counter';
  /** With `counter`: SCIM patch operations on the same resource. */
  patch?: unknown;
  reason?: string | undefined;
}

/** What became of an answer. */
export interface Decided {
  escalation: Escalation;
  /** It would do something else now than what was answered: it is still pending, and shows what it would do now. */
  outdated?: true;
}

/** Says to the one whose write it is how a question stands that was not approved. */
export function notApproved({ id, state, rule, decidedBy, reason, counter }: Escalation): DirectoryError {
  const details = { escalationId: id, ...(rule && { rule }) };
  if (state === 'pending') {
    const why = rule ? `${rule.says} ` : '';
    const message = `Nothing was written yet. ${why}It waits as escalation ${id}, which people find in Tandem's inbox.`;
    return new DirectoryError('APPROVAL_NEEDED', message, details);
  }
  const said = reason === undefined ? '' : ` They say: ${reason}`;
  const texts: Record<Exclude<Escalation['state'], 'pending'>, string> = {
    approved: 'It is approved already.',
    declined: `${decidedBy?.name ?? 'Somebody'} declined it.${said}`,
    expired: 'Nobody answered in time.',
    withdrawn: 'It was withdrawn.',
    superseded:
      counter === undefined ? 'What it was about is gone.' : `There is a counter-proposal, escalation ${counter}.${said}`,
  };
  return new DirectoryError('DECLINED', `Nothing was written. ${texts[state]}`, details);
}

/** Somebody else was first. */
export function alreadyDecided({ state, decidedBy, decidedAt }: Escalation): DirectoryError {
  const by = decidedBy ? ` by ${decidedBy.name}` : '';
  const at = decidedAt === undefined ? '' : ` at ${decidedAt}`;
  return new DirectoryError('ALREADY_DECIDED', `This is settled already: ${state}${by}${at}.`);
}

export function deciderOf({ id, name, kind, door }: Decider): Decider {
  return { id, name, kind, door };
}
