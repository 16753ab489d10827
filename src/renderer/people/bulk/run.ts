import type { BulkOutcome } from '../../../api/index.ts';
import type { Conflict } from '../../../directory/pure.ts';

/** One write of many, with the version that was seen. */
export interface BulkWrite {
  id: string;
  expectedVersion: string;
  /** SCIM patch operations; absent to delete. */
  patch?: Record<string, unknown>[];
}

/** What became of one person. */
export type Outcome =
  /** `version` is absent where the person was deleted. */
  | { state: 'done'; version: string | undefined }
  /** Somebody else was faster; nothing was written. */
  | { state: 'conflict'; conflict: Conflict }
  /** Deleted by somebody else. */
  | { state: 'gone' }
  | { state: 'failed'; message: string }
  /** Nothing was to be done after all, or the administrator left them out. */
  | { state: 'left' };

export type Outcomes = ReadonlyMap<string, Outcome>;

export const batchSize = 100;

/**
 * Writes many people, a batch at a time.
 * @param send one batch; where it throws, nothing more is sent.
 * @param onBatch told what became of each batch, in order.
 * @param isCancelled asked between batches.
 */
export async function runWrites(options: {
  writes: readonly BulkWrite[];
  send: (batch: readonly BulkWrite[]) => Promise<Outcomes>;
  onBatch: (outcomes: Outcomes) => void;
  isCancelled: () => boolean;
}): Promise<void> {
  const { writes, send, onBatch, isCancelled } = options;
  for (let from = 0; from < writes.length && !isCancelled(); from += batchSize)
    onBatch(await send(writes.slice(from, from + batchSize)));
}

/** Reads the answer of people.bulk. */
export function outcomesOf(answer: readonly BulkOutcome[]): Outcomes {
  return new Map(answer.map((outcome) => [outcome.id, outcomeOf(outcome)]));
}

function outcomeOf({ version, refusal, message = '' }: BulkOutcome): Outcome {
  if (!refusal) return { state: 'done', version };
  if (refusal.code === 'NOT_FOUND') return { state: 'gone' };
  return refusal.conflict ? { state: 'conflict', conflict: refusal.conflict } : { state: 'failed', message };
}

/** How many people each state has. */
export function countOf(outcomes: Outcomes): Record<Outcome['state'], number> {
  const counts = { done: 0, conflict: 0, gone: 0, failed: 0, left: 0 };
  for (const { state } of outcomes.values()) counts[state] += 1;
  return counts;
}
