import { expect, test } from 'vitest';
import type { Conflict } from '../../../directory/pure.ts';
import { batchSize, countOf, outcomesOf, runWrites, type Outcomes } from './run.ts';

const writes = Array.from({ length: 250 }, (_, index) => ({ id: `p${index}`, expectedVersion: 'v', patch: [] }));
const done = (batch: readonly { id: string }[]): Outcomes =>
  new Map(batch.map(({ id }) => [id, { state: 'done', version: 'w' } as const]));

test('people are written in batches, in order', async () => {
  const sizes: number[] = [];
  await runWrites({
    writes,
    send: async (batch) => done(batch),
    onBatch: (outcomes) => sizes.push(outcomes.size),
    isCancelled: () => false,
  });
  expect(sizes).toEqual([batchSize, batchSize, 50]);
});

test('it is stopped between batches', async () => {
  const sizes: number[] = [];
  await runWrites({
    writes,
    send: async (batch) => done(batch),
    onBatch: (outcomes) => sizes.push(outcomes.size),
    isCancelled: () => sizes.length === 1,
  });
  expect(sizes).toEqual([batchSize]);
});

test('where a batch fails, nothing more is sent', async () => {
  let sent = 0;
  const send = async (): Promise<Outcomes> => {
    sent += 1;
    throw new Error('gone');
  };
  await expect(runWrites({ writes, send, onBatch: () => undefined, isCancelled: () => false })).rejects.toThrow('gone');
  expect(sent).toBe(1);
});

test('answers are read', () => {
  const conflict = { currentVersion: 'x' } as Conflict;
  const outcomes = outcomesOf([
    { id: 'a', version: 'w' },
    { id: 'b', refusal: { code: 'VERSION_MISMATCH', issues: [], conflict }, message: 'late' },
    { id: 'c', refusal: { code: 'NOT_FOUND', issues: [] }, message: 'no' },
    { id: 'd', refusal: { code: 'SCHEMA_VIOLATION', issues: [] }, message: 'title: too long' },
    { id: 'e' },
  ]);
  expect([...outcomes.values()]).toEqual([
    { state: 'done', version: 'w' },
    { state: 'conflict', conflict },
    { state: 'gone' },
    { state: 'failed', message: 'title: too long' },
    { state: 'done', version: undefined },
  ]);
  expect(countOf(outcomes)).toEqual({ done: 2, conflict: 1, gone: 1, failed: 1, left: 0 });
});
