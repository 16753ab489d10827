import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHost, type TestHost } from './host.ts';
import { tasks } from './tasks/index.ts';
import { Stage } from './tasks/play.ts';

let host: TestHost;
let stage: Stage;
beforeAll(async () => {
  host = await startTestHost();
  stage = await Stage.open(host);
});
afterAll(async () => {
  await stage.close();
  await host.close();
});

const wordings = tasks.flatMap((task) =>
  [task.says, ...(task.or ?? [])].map((says, index) => [`${task.id}: ${[says].flat().join(' / ')}`, task, index] as const),
);

test.concurrent.each(wordings)('the offline agent passes: %s', async (_name, task, index) => {
  const { wrong, text } = await stage.play(task, index);
  expect(wrong, text).toEqual([]);
});

test('the suite has at least 60 tasks, half of which somebody else works on', () => {
  expect(tasks.length).toBeGreaterThanOrEqual(60);
  expect(tasks.filter(({ meanwhile }) => meanwhile).length).toBeGreaterThanOrEqual(tasks.length / 2);
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(tasks.length);
});
