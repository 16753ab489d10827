import { DirectoryError } from '../errors.ts';
import type { WriteOperation } from '../operation.ts';
import type { Author } from '../resource.ts';
import type { Transaction } from '../store.ts';
import type { Side } from '../merge.ts';
import { alreadyDecided, type Decision } from './asking.ts';
import type { Decider, Escalation, EscalationState, Settlement } from './escalation.ts';

/** What a transaction does with escalations. */

/** @throws DirectoryError NOT_FOUND; ALREADY_DECIDED, also where its deadline has passed. */
export function pendingIn(transaction: Transaction, tenant: string, id: string, now: Date): Escalation {
  const escalation = transaction.escalations.get(tenant, id);
  if (!escalation) throw noEscalation(id);
  if (escalation.state !== 'pending') throw alreadyDecided(escalation);
  if (escalation.deadline <= now.toISOString()) throw alreadyDecided({ ...escalation, state: 'expired' });
  return escalation;
}

/** Ends a pending escalation, and tells the audit log. @param by who did; absent where nobody did. */
export function settleIn(
  transaction: Transaction,
  escalation: Escalation,
  outcome: { state: Exclude<EscalationState, 'pending'>; by?: Decider; reason?: string | undefined; now: Date },
): Escalation {
  const { state, by, now } = outcome;
  const reason = shortened(outcome.reason);
  const settled: Escalation = {
    ...escalation,
    state,
    decidedAt: now.toISOString(),
    ...(by && { decidedBy: by }),
    ...(reason !== undefined && { reason }),
  };
  transaction.escalations.put(settled);
  recordIn(transaction, settled, by ?? { id: 'tandem', name: 'Tandem', kind: 'system', door: 'cli' }, state);
  return settled;
}

/** Tells the audit log what happened to an escalation. */
export function recordIn(transaction: Transaction, escalation: Escalation, author: Author, event: string): void {
  const { id, tenant, kind, from, to, subject, rule, intent, reason, version } = escalation;
  transaction.record(tenant, author, {
    kind: 'decision',
    event,
    subject,
    version,
    detail: { escalation: id, kind, from: from.id, to, rule: rule?.id, intent, reason },
  });
}

/** What was asked, each with the version that it is made for: the one that there is, where its author has named none. */
export function withBases(transaction: Transaction, tenant: string, operations: readonly WriteOperation[]): WriteOperation[] {
  const named = new Set<string>();
  return operations.map((operation) => {
    const { kind, type, id, expectedVersion } = operation;
    const key = `${type} ${id}`;
    const isFirst = !named.has(key);
    named.add(key);
    const isMade = kind === 'create' || kind === 'recreate' || kind === 'restore';
    if (!isFirst || isMade || expectedVersion !== undefined) return operation;
    return { ...operation, expectedVersion: transaction.get({ tenant, type, id })?.version };
  });
}

/** What is done instead of what was asked. @throws DirectoryError INVALID_ARGUMENT where it cannot be edited. */
export function editedOperation({ operations, proposed }: Escalation, edited: NonNullable<Decision['edited']>): WriteOperation {
  const [operation] = operations;
  if (!operation || operations.length > 1 || operation.kind === 'delete')
    throw invalid('edited', 'Only a change of one person or group can be edited. Approve or decline it as it is.');
  const { type, id, kind } = operation;
  if ('choices' in edited) {
    const collisions = new Set(proposed[0]?.collisions.map(({ path }) => path));
    const unknown = Object.keys(edited.choices).find((path) => !collisions.has(path));
    if (unknown !== undefined)
      throw invalid('edited', `Nobody else changed ${unknown.slice(0, 200)}; there is nothing to choose.`);
    return operation;
  }
  if (!('record' in edited)) {
    if (type !== 'Group') throw invalid('edited', 'Only a group has members to add and remove.');
    return { kind: 'members', type, id, add: edited.add, remove: edited.remove };
  }
  if (kind === 'create' || kind === 'recreate' || kind === 'restore') return { kind, type, id, record: edited.record };
  return { kind: 'replace', type, id, record: edited.record, expectedVersion: proposed[0]?.currentVersion };
}

/** What stands by a person's choices; the author's side is what the author has made of it. */
export function settlementOf({ settlement }: Escalation, choices: Readonly<Record<string, Side>>): Settlement {
  const { choices: own = {}, otherwise = 'mine' } = settlement ?? {};
  const chosen = Object.entries(choices).map(([path, side]) => {
    const value = own[path];
    return [path, side === 'mine' && typeof value === 'object' ? value : side] as const;
  });
  return { choices: { ...own, ...Object.fromEntries(chosen) }, otherwise };
}

/** Text of somebody, as long as it may be; undefined for none. */
export function shortened(text: string | undefined): string | undefined {
  const trimmed = text?.trim().slice(0, 500);
  return trimmed === '' ? undefined : trimmed;
}

export function noEscalation(id: string): DirectoryError {
  return new DirectoryError('NOT_FOUND', `There is no escalation with the id '${id.slice(0, 64)}'.`);
}

function invalid(path: string, message: string): DirectoryError {
  return new DirectoryError('INVALID_ARGUMENT', `${path}: ${message}`, { issues: [{ path, message }] });
}
