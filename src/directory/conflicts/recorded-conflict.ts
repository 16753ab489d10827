import type { WriteOperation } from '../operation.ts';
import type { Author, Json, ResourceType } from '../resource.ts';

/** What the one whose write was refused can do about it (seed 000, "AI Conflict Resolution Strategies"). */
export const strategies = ['immediate_retry', 'merge', 'ask_human', 'alternative', 'abandon'] as const;
export type Strategy = (typeof strategies)[number];

/** Why a write collided: its version was not the current one, or its record would undo what others changed. */
export type ConflictKind = 'VERSION_MISMATCH' | 'STALE_BODY';

/**
 * One writer's collision on one resource: from the first refusal until the writer has written, has handed it over or has given
 * up. Refusals on the way count as attempts of the same conflict.
 */
export interface RecordedConflict {
  id: string;
  tenant: string;
  type: ResourceType;
  resourceId: string;
  kind: ConflictKind;
  /** Who was refused. */
  author: Author;
  /** Who had changed the resource meanwhile. */
  others: Author[];
  /** SCIM paths that had changed since the writer's version; empty where that version is not known any more. */
  fields: string[];
  /** Of these, the ones that the writer wanted to change as well. */
  overlapping: string[];
  /** At each of these, what the writer was told that the others have there: a choice is one between values that were seen. */
  told: { path: string; theirs?: Json }[];
  /** The version that the writer had read. */
  baseVersion: string;
  /** The version that it met. */
  currentVersion: string;
  /** What it wanted; absent where that is not kept: it sets a password, or is too large. */
  operation?: WriteOperation;
  /** Take what Entra ID and Okta really send, as the writer's door did. */
  lenient: boolean;
  /** Of a merge where nothing overlapped: the version that it would have. */
  mergedVersion?: string;
  state: 'open' | 'waiting' | 'resolved' | 'abandoned';
  /** How it ended, or what it waits for. */
  strategy?: Strategy;
  /** Refusals so far. */
  attempts: number;
  /** RFC 3339, UTC. */
  openedAt: string;
  /** Of the last refusal. */
  refusedAt: string;
  settledAt?: string;
  /** The version with which it was resolved. */
  outcomeVersion?: string;
}

/** Which conflicts a list is about. */
export interface ConflictQuery {
  tenant: string;
  state?: RecordedConflict['state'] | undefined;
  /** Id of who was refused. */
  author?: string | undefined;
  resourceId?: string | undefined;
  /** RFC 3339; opened at or after. */
  since?: string | undefined;
  /** Opened before the conflict with this id. */
  before?: string | undefined;
  limit: number;
}
