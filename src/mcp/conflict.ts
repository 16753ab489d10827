import type { Conflict } from '../directory/index.ts';

/** What the caller of a tool can do after a VERSION_MISMATCH, in sentences for it to read. */
export interface AfterConflict {
  /** Where nothing overlaps. */
  apart: string;
  /** Where both sides changed the same, or it cannot be told. */
  overlapping: string;
  /** Whether the tool takes a whole record, so that the merged one can be sent with it. */
  takesRecord: boolean;
}

/** After a tool that takes a whole record as this argument. */
export function sendRecord(argument: string): AfterConflict {
  return {
    apart: `Nothing overlaps with your change: to apply both, send conflict.merged as ${argument} with expected_version = conflict.current_version.`,
    overlapping:
      'Read conflict.current, decide what should stand, and send the whole record with expected_version = conflict.current_version.',
    takesRecord: true,
  };
}

/** After a tool that takes only what should change. */
export const sendChangeAgain: AfterConflict = {
  apart:
    'Nothing overlaps with your change: to apply both, send the same call again with expected_version = conflict.current_version.',
  overlapping:
    'Read conflict.current, decide what should stand, and send only that with expected_version = conflict.current_version.',
  takesRecord: false,
};

export const deleteStill: AfterConflict = {
  apart: 'To delete it nevertheless, send expected_version = conflict.current_version.',
  overlapping:
    'Read conflict.current, decide whether it should still be deleted, and if so send expected_version = conflict.current_version.',
  takesRecord: false,
};

/** A conflict in a sentence or two: what happened, and what to do next. */
export function conflictText(message: string, conflict: Conflict, after: AfterConflict): string {
  const changes = conflict.changes.map(({ path, author }) => `${path} (by ${author.name})`).join(', ');
  const since = changes === '' ? 'The version you expected is not in its history.' : `Changed since your version: ${changes}.`;
  const next = conflict.overlapping ? after.overlapping : after.apart;
  return `${message}. Nothing was written. ${since} ${next}${resolveText(conflict)}`;
}

/** The way with one call, without sending anything again. */
function resolveText({ recorded, collisions }: Conflict): string {
  if (!recorded) return '';
  const { id, strategies, retryAfterMs, budgetExhausted } = recorded;
  const wait = budgetExhausted
    ? ` Too many retries: your next write to this resource is taken in ${retryAfterMs} ms.`
    : retryAfterMs > 0
      ? ` If you read and write again yourself, do so in ${retryAfterMs} ms.`
      : '';
  if (!strategies.includes('merge')) return wait;
  const choices =
    collisions.length > 0 ? ', "choices": {path: "mine" | "theirs" | {"value": …}} for each path of conflict.overlapping' : '';
  return ` Or settle it in one call: scim_resolve_conflict {"conflict_id": "${id}", "strategy": "merge"${choices}}.${wait}`;
}

/** What others changed, in the wire's spelling. */
export function conflictChanges({ changes }: Conflict) {
  return changes.map(({ author, at, ...change }) => ({ ...change, actor: author, when: at }));
}

/** A conflict in the wire's spelling. `current` and `merged` carry no meta; their version is beside them. */
export function conflictToWire(conflict: Conflict, { takesRecord }: AfterConflict) {
  return {
    expected_version: conflict.expectedVersion,
    current_version: conflict.currentVersion,
    changes: conflictChanges(conflict),
    current: { ...conflict.current, _version: conflict.currentVersion },
    overlap: conflict.overlapping,
    overlapping: conflict.collisions.map(({ path }) => path),
    ...(conflict.collisions.length > 0 && { collisions: conflict.collisions }),
    ...(conflict.undone && { would_undo: conflict.undone }),
    ...(conflict.merged && takesRecord && { merged: conflict.merged }),
    ...(conflict.recorded && {
      conflict_id: conflict.recorded.id,
      attempts: conflict.recorded.attempts,
      strategies: conflict.recorded.strategies,
      retry_after_ms: conflict.recorded.retryAfterMs,
      ...(conflict.recorded.budgetExhausted && { retry_budget_exhausted: true }),
    }),
  };
}
