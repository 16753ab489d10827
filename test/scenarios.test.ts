import { afterEach, beforeEach, expect, test } from 'vitest';
import { allScenarios, type RunUpdate, type ScenarioEvent } from '../src/scenarios/index.ts';
import { startTestHost, type TestHost } from './host.ts';

let host: TestHost;
beforeEach(async () => {
  host = await startTestHost();
});
afterEach(() => host.close());

/** Plays a scenario to its end. */
async function play(name: string, agents?: number) {
  const { scenarios } = host.app.services;
  const started = await scenarios.start(name, { speed: 'fast', agents });
  expect(started).toBeDefined();
  return follow(started?.id ?? '');
}

async function follow(id: string) {
  let last: RunUpdate | undefined;
  const events: ScenarioEvent[] = [];
  for await (const update of host.app.services.scenarios.watch(id)) {
    last = update;
    events.push(...update.events);
  }
  return { run: last?.run, events };
}

test.each(allScenarios.map(({ name }) => name))('%s loses no update', async (name) => {
  const { run } = await play(name);
  if (run?.error !== undefined) console.log(host.logged().slice(-3000));
  expect(run).toMatchObject({ state: 'done', result: { lostUpdates: 0, lost: [] } });
}, 60_000);
