import { expect, test } from 'vitest';
import type { Author } from '../resource.ts';
import type { RecordedConflict } from './recorded-conflict.ts';
import { reportOn } from './report.ts';

const author = (id: string): Author => ({ id, name: id, kind: 'agent', door: 'mcp' });

function conflict(changes: Partial<RecordedConflict>): RecordedConflict {
  return {
    id: '1',
    tenant: 'default',
    type: 'User',
    resourceId: 'jo',
    kind: 'VERSION_MISMATCH',
    author: author('ada'),
    others: [author('bob')],
    fields: ['title'],
    overlapping: [],
    told: [],
    baseVersion: 'a',
    currentVersion: 'b',
    lenient: false,
    state: 'resolved',
    strategy: 'merge',
    attempts: 1,
    openedAt: '2026-11-21T09:00:00Z',
    refusedAt: '2026-11-21T09:00:00Z',
    settledAt: '2026-11-21T09:00:02Z',
    ...changes,
  };
}

const options = { since: '2026-11-20T00:00:00Z', isCut: false, nameOf: ({ resourceId }: RecordedConflict) => resourceId };

test('says who collides with whom, on what, when, and what would avoid it', () => {
  const report = reportOn(
    [
      conflict({ overlapping: ['department'], attempts: 3 }),
      conflict({ overlapping: ['department'] }),
      conflict({ overlapping: ['department'], resourceId: 'al', strategy: 'ask_human' }),
      conflict({ state: 'open', openedAt: '2026-11-21T14:00:00Z', author: author('bob'), others: [author('ada')] }),
    ],
    options,
  );
  expect(report).toMatchObject({
    conflicts: 4,
    retriesPerSuccess: 1.67,
    medianResolutionMs: 2000,
    byStrategy: { merge: 2, ask_human: 1, open: 1 },
    fields: [{ name: 'department', conflicts: 3 }, { name: 'title' }],
    resources: [
      { id: 'jo', conflicts: 3 },
      { id: 'al', conflicts: 1 },
    ],
    pairs: [{ refused: 'ada', other: 'bob', field: 'department', conflicts: 3 }, { refused: 'bob' }],
  });
  expect(report.byHour[9]).toBe(3);
  expect(report.advice[0]).toEqual({
    code: 'PAIR',
    refused: 'ada',
    other: 'bob',
    conflicts: 3,
    field: 'department',
    hour: 9,
  });
});

test('has no advice where nothing repeats', () => {
  expect(reportOn([conflict({})], options).advice).toEqual([]);
  expect(reportOn([], options)).toMatchObject({ conflicts: 0, retriesPerSuccess: 0, medianResolutionMs: 0, advice: [] });
});

test('advises patches to who sends stale records, and merges to whose fields never overlap', () => {
  const { advice } = reportOn(
    Array.from({ length: 4 }, () => conflict({ kind: 'STALE_BODY' })),
    options,
  );
  expect(advice).toContainEqual({ code: 'STALE_BODIES', conflicts: 4, authors: ['ada'] });
  expect(advice).toContainEqual({ code: 'NO_OVERLAP', conflicts: 4, of: 4 });
});
