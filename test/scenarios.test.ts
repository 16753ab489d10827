import { afterEach, beforeEach, expect, test } from 'vitest';
import { Scenarios, type RunUpdate, type Scenario, type ScenarioEvent } from '../src/scenarios/index.ts';
import { createScenarioGrounds } from '../src/main/scenario-grounds.ts';
import { someone } from '../src/scenarios/scenario.ts';
import { startTestHost, type TestHost } from './host.ts';

let host: TestHost;
beforeEach(async () => {
  host = await startTestHost();
});
afterEach(() => host.close());

const tenants = () => host.app.services.directory.tenants.list().map(({ id }) => id);

/** Watches a run to its end. */
async function follow(id: string, scenarios = host.app.services.scenarios) {
  const seen: { run: RunUpdate['run'] | undefined; events: ScenarioEvent[] } = { run: undefined, events: [] };
  for await (const { run, from, events } of scenarios.watch(id)) {
    expect(from).toBe(seen.events.length);
    seen.run = run;
    seen.events.push(...events);
  }
  if (seen.run?.error !== undefined) console.log(host.logged().slice(-3000));
  return seen;
}

async function play(name: string, agents?: number) {
  const started = await host.app.services.scenarios.start(name, { speed: 'fast', agents });
  return follow(started?.id ?? '');
}

/** What is said, by kind. */
function said(events: readonly ScenarioEvent[], kind: ScenarioEvent['kind']): string[] {
  return events.filter((event) => event.kind === kind).map(({ lane = '', text }) => `${lane} ${text}`);
}

test('collaborative agents: what does not overlap is merged, one gives way, both are served, members never collide', async () => {
  const { run, events } = await play('collaborative-agents', 4);
  expect(run).toMatchObject({ state: 'done', result: { lostUpdates: 0, lost: [] } });
  expect(run?.lanes).toHaveLength(4);
  const [apart, same, members] = run?.result?.rows ?? [];
  // Each of four agents sets its field three times; all read before the first of them writes.
  expect(apart).toMatchObject({ acknowledged: 12, lostUpdates: 0 });
  expect(apart?.conflicts).toBeGreaterThan(0);
  expect(apart?.attempts).toBe(12 + (apart?.conflicts ?? 0));
  expect(same).toMatchObject({ conflicts: 2, acknowledged: 4 });
  expect(members).toMatchObject({ attempts: 8, acknowledged: 8, conflicts: 0 });
  const merges = said(events, 'merge');
  expect(merges.some((text) => text.includes('gives way on job title; keeps both: '))).toBe(true);
  expect(merges.some((text) => /keeps both: job title to “\w+ \w+, \w+ \w+” of Ravi Menon/.test(text))).toBe(true);
});

test('long-running workflow: each checkpoint is looked at again, and the plan follows what others changed', async () => {
  const { run, events } = await play('long-running-workflow');
  expect(run).toMatchObject({ state: 'done', result: { lostUpdates: 0, conflicts: 1 } });
  const merges = said(events, 'merge').join('\n');
  expect(merges).toContain('the team is “Marketing” now');
  expect(merges).toContain('Jonas Weber approves, since Mara Lind has left');
  expect(merges).toContain('keeps both: status to yes');
  expect(said(events, 'note').join('\n')).toMatch(
    /is stopped here[^]*is started again[^]*keeps the plan: it does not rest on that/,
  );
  expect(said(events, 'write').join('\n')).toContain('adds Noor Haddad to Marketing');
});

test('a workflow that is stopped goes on from its checkpoint, in the same tenant and the same account', async () => {
  const { scenarios } = host.app.services;
  const { id = '', tenant } = (await scenarios.start('long-running-workflow', { speed: '4x' })) ?? {};
  for await (const { events } of scenarios.watch(id))
    if (events.some(({ text }) => text.includes('keeps a checkpoint: step 1'))) break;
  await scenarios.stop(id);
  expect(scenarios.find(id)).toMatchObject({ state: 'stopped', resumable: true });
  const further = scenarios.goOn(id);
  expect(further).toMatchObject({ tenant });
  scenarios.setSpeed(further?.id ?? '', 'fast');
  const { run, events } = await follow(further?.id ?? '');
  expect(run).toMatchObject({ state: 'done', result: { lostUpdates: 0 } });
  expect(said(events, 'write').join('\n')).not.toContain('creates');
  expect(scenarios.goOn(id)).toBeUndefined();
});

test('AI and human: the agent leaves the field of a draft alone, asks, and takes yes and no for an answer', async () => {
  const { run, events } = await play('ai-and-human');
  expect(run).toMatchObject({ state: 'done', result: { lostUpdates: 0, conflicts: 3, acknowledged: 5 } });
  expect(said(events, 'note').join('\n')).toContain('Assistant leaves job title to the person');
  expect(said(events, 'ask')).toHaveLength(2);
  expect(said(events, 'decide')).toEqual([
    'Priya (played) says yes',
    'Priya (played) says no: The chart is old. Partnerships is right.',
  ]);
  expect(said(events, 'note').join('\n')).toContain('The chart is old. Partnerships is right.');
});

test('batch: only what others changed is a conflict, and is merged', async () => {
  const { run, events } = await play('batch');
  expect(run).toMatchObject({
    state: 'done',
    result: { lostUpdates: 0, conflicts: 10, attempts: 50 + 10 + 10, acknowledged: 60 },
  });
  const names = (kind: ScenarioEvent['kind'], lane: string) =>
    events.filter((event) => event.kind === kind && event.lane === lane).map(({ resource }) => resource?.name);
  expect(names('conflict', 'Batch agent')).toEqual(names('write', 'Audit agent'));
  expect(names('merge', 'Batch agent')).toEqual(names('write', 'Audit agent'));
});

test('retry storm: nobody is lost in any way, and nobody gives up', async () => {
  const { run } = await play('retry-storm', 5);
  expect(run).toMatchObject({ state: 'done', result: { lostUpdates: 0, lost: [] } });
  const written = { acknowledged: 20, lostUpdates: 0 };
  expect(run?.result?.rows).toMatchObject([
    { name: 'Naive', ...written },
    { name: 'Full jitter', ...written },
    { name: 'Server-paced', ...written },
  ]);
  expect(run?.result?.rows[0]?.conflicts).toBeGreaterThan(0);
}, 60_000);

/** A client that reads only the version again, and sends its old record: what the guard is there for. */
const blind: Scenario = {
  name: 'blind',
  title: 'Blind',
  sentence: 'A client that does not look.',
  async play(stage) {
    const { users } = await stage.prepare([someone('Ada Chen', { title: 'Analyst' })]);
    const [ada] = users;
    if (!ada) throw new Error('the person was prepared');
    stage.phase('Blind', 'one looks, one does not');
    const [careful, careless] = [await stage.agent('Careful', ''), await stage.agent('Careless', '')];
    const { _version, ...old } = await careless.read(ada);
    await careful.patch(ada, { title: 'Countess', nickName: 'Ada' }, await careful.read(ada));
    const now = await careless.read(ada);
    const args = { user_id: ada.id, user_data: { ...old, nickName: 'Addy' }, expected_version: now['_version'] };
    const outcome = await careless.write({ tool: 'scim_update_user', args, subject: ada, sets: { nickName: 'Addy' }, base: now });
    if (outcome.kind === 'refused') await careless.merge(outcome.refused, { nickName: 'mine' });
  },
};

test.each([
  ['warn', 1],
  ['refuse', 0],
] as const)(
  'with stale records policy %s, a blind client loses %i updates, and the account finds them',
  async (staleBody, count) => {
    const { directory } = host.app.services;
    const url = host.app.endpoints.mcp;
    const grounds = await createScenarioGrounds({
      directory,
      keys: host.app.accessKeys,
      settings: host.app.settings,
      url,
      log: host.app.services.log,
    });
    const scenarios = new Scenarios(
      {
        ...grounds,
        async addTenant(title) {
          const id = await grounds.addTenant(title);
          const { policy: open } = directory.tenants.get(id).settings;
          const policy = { ...open, allAgents: { ...open.allAgents, staleBody } };
          await directory.tenants.update(id, { settings: { policy } });
          return id;
        },
      },
      [blind],
    );
    const started = await scenarios.start('blind', { speed: 'fast' });
    const { run } = await follow(started?.id ?? '', scenarios);
    expect(run).toMatchObject({ state: 'done', result: { lostUpdates: count } });
    const lost = { field: 'title', by: 'Careful', overwrittenBy: 'Careless', resource: { name: 'Ada Chen' } };
    expect(run?.result?.lost).toMatchObject(count === 0 ? [] : [lost]);
    await scenarios.close();
  },
);

test('a run can be paused, and does nothing until it goes on', async () => {
  const { scenarios } = host.app.services;
  const { id = '' } = (await scenarios.start('ai-and-human', { speed: '4x' })) ?? {};
  for await (const { events } of scenarios.watch(id)) if (events.length > 0) break;
  scenarios.pause(id);
  const paused = scenarios.find(id);
  expect(paused?.state).toBe('paused');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(scenarios.find(id)?.elapsedMs).toBe(paused?.elapsedMs);
  scenarios.setSpeed(id, 'fast');
  scenarios.resume(id);
  expect((await follow(id)).run?.state).toBe('done');
});

test('the tenant goes with its run, with the host, and after a crash with the next start', async () => {
  const { scenarios } = host.app.services;
  const before = tenants();
  const first = await scenarios.start('ai-and-human', { speed: '1x' });
  const second = await scenarios.start('batch', { speed: 'fast' });
  expect(tenants()).toEqual([...before, first?.tenant, second?.tenant]);
  expect(host.app.settings.data.scenarioTenants).toEqual([first?.tenant, second?.tenant]);
  expect(await scenarios.start('batch', { speed: 'fast' })).toBeUndefined();
  await scenarios.remove(first?.id ?? '');
  await scenarios.remove(second?.id ?? '', { keepTenant: true });
  expect(tenants()).toEqual([...before, second?.tenant]);
  expect(scenarios.runs()).toEqual([]);
  // As a crash leaves it: made, noted, and nobody there to remove it.
  const { services, settings, accessKeys, endpoints } = host.app;
  const options = { directory: services.directory, keys: accessKeys, settings, url: endpoints.mcp, log: services.log };
  await (await createScenarioGrounds(options)).addTenant('Left behind');
  expect(tenants()).toHaveLength(before.length + 2);
  await createScenarioGrounds(options);
  expect(tenants()).toEqual([...before, second?.tenant]);
});
