import type { Conflict } from '../directory/index.ts';
import { etagOf } from './protocol.ts';

/** What a client reads of a conflict, in words: what happened and what to do next. */
export function conflictDetail(message: string, conflict: Conflict): string {
  const changes = conflict.changes.map(({ path, author }) => `${path} (by ${author.name})`).join(', ');
  const since =
    changes === ''
      ? 'The version in the request is not in its history.'
      : `Changed since the version in the request: ${changes}.`;
  const next = conflict.merged
    ? 'Nothing overlaps: to apply both, PUT "merged" with "currentVersion" as If-Match.'
    : 'Read the resource again, decide what should stand, and send it with its current version.';
  const what = conflict.undone ? `${message}.` : 'The resource was modified.';
  return `${what} Nothing was written. ${since} ${next}`;
}

/** A conflict as the body of a 412 carries it, under a URN of its own. Versions have the form of an ETag. */
export function conflictExtension(conflict: Conflict): object {
  return {
    expectedVersion: etagOf(conflict.expectedVersion),
    currentVersion: etagOf(conflict.currentVersion),
    changes: conflict.changes,
    overlapping: conflict.overlapping,
    collisions: conflict.collisions.map(({ path }) => path),
    current: conflict.current,
    ...(conflict.undone && { wouldUndo: conflict.undone }),
    ...(conflict.merged && { merged: conflict.merged }),
    ...(conflict.recorded && { conflictId: conflict.recorded.id, retryAfterMs: conflict.recorded.retryAfterMs }),
  };
}
