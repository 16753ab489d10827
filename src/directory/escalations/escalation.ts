import type { Choice } from '../conflicts/merge-in.ts';
import type { Collision, Side } from '../merge.ts';
import type { WriteOperation } from '../operation.ts';
import type { Rule } from '../policy/judge.ts';
import type { Actor, Author, FieldChange, Operation, Resource, ResourceType } from '../resource.ts';

/**
 * Why somebody is asked: the tenant's policy wants it, the author of a write that collided does not decide alone, or an agent
 * asks another one.
 */
export type EscalationKind = 'approval' | 'conflict' | 'negotiation';

export const escalationStates = ['pending', 'approved', 'declined', 'expired', 'withdrawn', 'superseded'] as const;
/** `superseded`: what it was about is gone, or there is a counter-proposal. */
export type EscalationState = (typeof escalationStates)[number];

/** What one of the operations would do, as the resource was when it was looked at last. */
export interface ProposedChange {
  type: ResourceType;
  id: string;
  /** What people call the person or group. */
  name: string;
  operation: Operation;
  /** The version that it would change; absent for a creation. */
  currentVersion?: string;
  /** The first of them, if there are very many. */
  changes: FieldChange[];
  changeCount: number;
  /** Where others changed the same meanwhile; the change stands as its author wants it. */
  collisions: ProposedCollision[];
  /** The record as it would be, to be edited; only where one resource is all that would change. */
  resource?: Resource;
}

/** What both changed; `mine` is the author's, as it has settled it. */
export interface ProposedCollision extends Collision {
  /** What its author wants to stand; its own value where nothing is said. */
  stands?: 'theirs';
}

/** What its author wants to stand where others changed the same: at each path, and at those that it does not name. */
export interface Settlement {
  choices: Readonly<Record<string, Choice>>;
  otherwise: Side;
}

/** What was done when it was approved. */
export interface Outcome {
  written: WrittenOutcome[];
  /** Whether the person changed it before. */
  edited: boolean;
}

/** Of one operation. */
export interface WrittenOutcome {
  type: ResourceType;
  id: string;
  /** Absent for a deletion. */
  version?: string;
  changed: boolean;
  /** Of a group: how many members came and went. */
  moved?: { added: number; removed: number };
}

/** Who answered. */
export type Decider = Pick<Actor, 'id' | 'name' | 'kind' | 'door'>;

/** A write that waits for somebody's answer. */
export interface Escalation {
  id: string;
  tenant: string;
  kind: EscalationKind;
  /** Whose write it is. */
  from: Author;
  /** The person who asks an agent to make a change of its own again; absent where its author asks. */
  asks?: Decider;
  /** Who is to answer: people, or the agent with this id. */
  to: string;
  subject: { type: ResourceType; id: string; name: string };
  /** The writes as they were asked for, done together or not at all; each with the version that it is made for. */
  operations: WriteOperation[];
  /** Take what Entra ID and Okta really send, as their door did. */
  lenient: boolean;
  /** Of one write that settles a conflict; where nothing is said, all is as its author wants it. */
  settlement?: Settlement;
  proposed: ProposedChange[];
  /** Of what is proposed: an answer is for this, and for nothing that came up since. */
  version: string;
  /** Why the agent wants it, in its own words. */
  intent?: string;
  /** The rule of the policy that asks for it. */
  rule?: Rule;
  /** The conflict that it is to settle. */
  conflictId?: string;
  /** The escalation to which this is the counter-proposal. */
  counterTo?: string;
  /** RFC 3339, UTC. */
  created: string;
  deadline: string;
  state: EscalationState;
  decidedBy?: Decider;
  decidedAt?: string;
  /** What whoever answered has said. */
  reason?: string;
  outcome?: Outcome;
  /** The id of the counter-proposal, if there is one. */
  counter?: string;
}

/** Everything addressed to people. */
export const people = 'people';
