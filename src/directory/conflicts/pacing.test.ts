import { expect, test } from 'vitest';
import { Pacing } from './pacing.ts';
import { RetryBudgets } from './retry-budget.ts';

const key = { tenant: 'default', type: 'User', id: '1' } as const;

test('writers that are refused together come back one after another', () => {
  let now = 1000;
  const pacing = new Pacing(() => now);
  const waits = ['a', 'b', 'c', 'd'].map((writer) => pacing.refused(writer, key));
  expect(waits).toEqual([0, 8, 16, 24]);
  now += 5000;
  expect(pacing.refused('a', key)).toBe(0);
});

test('who does not come back is not waited for', () => {
  let now = 1000;
  const pacing = new Pacing(() => now);
  for (let writer = 0; writer < 100; writer++) pacing.refused(String(writer), key);
  for (let step = 0; step < 30; step++) {
    now += 50;
    pacing.refused('only', key);
  }
  expect(pacing.refused('only', key)).toBeLessThan(50);
});

test('slots follow how long writers take', () => {
  let now = 1000;
  const pacing = new Pacing(() => now);
  for (let round = 0; round < 60; round++) {
    pacing.refused('a', key);
    now += 20;
    pacing.written('a', key, 20);
  }
  pacing.refused('a', key);
  const wait = pacing.refused('b', key);
  expect(wait).toBeGreaterThan(15);
  expect(wait).toBeLessThanOrEqual(21);
});

test('a budget of retries is spent, and comes back with time', () => {
  let now = 0;
  const budgets = new RetryBudgets(() => now);
  const rule = { retries: 2, perMinutes: 1 };
  expect([budgets.spend('a', rule), budgets.spend('a', rule), budgets.spend('b', rule)]).toEqual([0, 0, 0]);
  expect(budgets.spend('a', rule)).toBe(30_000);
  now += 30_000;
  expect(budgets.exhaustedFor('a', rule)).toBe(0);
  expect(budgets.spend('a', rule)).toBe(0);
});
