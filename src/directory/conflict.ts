import type { Strategy } from './conflicts/recorded-conflict.ts';
import { diff } from './diff.ts';
import { merge, type Collision } from './merge.ts';
import type { Author, FieldChange, Resource, Revision } from './resource.ts';

/** A field that changed since the caller's version, and who changed it last. */
export interface ChangeSince extends FieldChange {
  author: Author;
  /** RFC 3339, UTC. */
  at: string;
}

/** What a caller is told when its expected version is not the current one. */
export interface Conflict {
  expectedVersion: string;
  currentVersion: string;
  current: Resource;
  /** Every field that changed since the expected version, with its last author; empty when that version is unknown. */
  changes: ChangeSince[];
  /** Whether the caller's write and the changes since touch the same fields (or cannot be told apart). */
  overlapping: boolean;
  collisions: Collision[];
  /** Where nothing overlaps: both sides together, ready to be sent with `currentVersion`. */
  merged?: Resource;
  /** Of a whole record that would undo what others changed since it was read (STALE_BODY): the paths. */
  undone?: string[];
  /** The conflict as the directory keeps it, for its resolution; absent where there is nothing to resolve. */
  recorded?: ConflictHandle;
}

/** How a conflict can be settled. */
export interface ConflictHandle {
  id: string;
  /** Refusals of the same writer on the same resource so far, this one included. */
  attempts: number;
  /** What can be done, the recommended first. */
  strategies: Strategy[];
  /** When it is this writer's turn to read again and write, in milliseconds from now. */
  retryAfterMs: number;
  /** The writer has no retry left until then; its writes to this resource are refused before. */
  budgetExhausted?: boolean;
}

/**
 * Explains a version mismatch.
 * @param history the resource's revisions after the expected version, oldest first.
 * @param base the resource as of the expected version; absent if the history does not know it.
 * @param mine what the caller wanted to write; absent for a deletion.
 */
export function explainConflict(options: {
  expectedVersion: string;
  currentVersion: string;
  current: Resource;
  history: readonly Revision[];
  base: Resource | undefined;
  mine: Resource | undefined;
}): Conflict {
  const { base, mine, current } = options;
  const facts = { expectedVersion: options.expectedVersion, currentVersion: options.currentVersion, current };
  if (!base) return { ...facts, changes: [], overlapping: true, collisions: [] };
  const changes = diff(base, current).map((change): ChangeSince => {
    const last = options.history.findLast((revision) => revision.changes.some((past) => past.path === change.path));
    const revision = last ?? options.history.at(-1);
    if (!revision) throw new Error('a changed resource has a revision after its base');
    return { ...change, author: revision.author, at: revision.at };
  });
  if (!mine) return { ...facts, changes, overlapping: changes.length > 0, collisions: [] };
  const { merged, collisions } = merge(base, mine, current);
  const overlapping = collisions.length > 0;
  return { ...facts, changes, overlapping, collisions, ...(overlapping ? {} : { merged }) };
}
