import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openActivity } from './activity-file.ts';
import { Activity } from './activity.ts';
import { alarmRules, Alarms } from './alarms.ts';
import { countTime, quantile, type Times } from './latency.ts';

const client = { id: 'key:1', name: 'Claude' };
const call = { outcome: 'ok', ms: 10, tenant: 'default', client } as const;
const hour = 3_600_000;

function startedAt(start: number) {
  const clock = { now: start };
  return { clock, activity: new Activity({ clock: () => clock.now }) };
}

test('quantiles are right to a tenth, over the whole range', () => {
  const times: Times = {};
  for (let ms = 1; ms <= 1000; ms++) countTime(times, ms);
  for (const share of [0.5, 0.95, 0.99]) expect((quantile(times, share) ?? 0) / (share * 1000)).toBeCloseTo(1, 0.9);
  expect(quantile({}, 0.5)).toBeUndefined();
  const extreme: Times = {};
  countTime(extreme, 0);
  countTime(extreme, 1e9);
  expect(quantile(extreme, 0.5)).toBe(0.1);
  expect(quantile(extreme, 1)).toBeGreaterThan(60_000);
});

describe('the activity of a day', () => {
  test('is counted in all, by client and by tenant, and forgets what is older than a day', () => {
    const { clock, activity } = startedAt(1000 * hour);
    activity.call(call);
    clock.now += 2 * hour;
    for (let index = 0; index < 3; index++) activity.call({ ...call, ms: 100, tenant: 'other', outcome: 'failed' });
    activity.conflict('other', client);
    activity.resolved('other', client, 2);
    activity.queue(7);
    expect(activity.report(60).totals).toMatchObject({ calls: 3, failed: 3, conflicts: 1, queueMax: 7, retriesPerSuccess: 2 });
    const day = activity.report(1440);
    expect(day.totals.calls).toBe(4);
    expect(day.points.reduce((sum, { calls }) => sum + calls, 0)).toBe(4);
    expect(day.points.length).toBeLessThanOrEqual(97);
    expect(day.clients).toMatchObject([
      { name: 'Claude', tenant: 'other', calls: 3, conflicts: 1, retries: 2 },
      { name: 'Claude', tenant: 'default', calls: 1, conflicts: 0 },
    ]);
    expect(activity.report(1440, 'default')).toMatchObject({ totals: { calls: 1 }, clients: [{ tenant: 'default' }] });
    clock.now += 22 * hour + hour / 2;
    expect(activity.report(1440).totals.calls).toBe(3);
    clock.now += 2 * hour;
    expect(activity.report(1440).totals.calls).toBe(0);
  });

  test('names of clients are bounded', () => {
    const { activity } = startedAt(1000 * hour);
    for (let index = 0; index < 200; index++) activity.call({ ...call, client: { id: `key:${index}`, name: `Agent ${index}` } });
    const { clients, totals } = activity.report(60);
    expect(totals.calls).toBe(200);
    expect(clients.length).toBeLessThanOrEqual(20);
    expect(clients[0]).toMatchObject({ name: 'Others', calls: 170 });
    expect(Object.keys(activity.sum(1).clients)).toHaveLength(31);
  });

  test('outlives a restart, and a line that was half written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-activity-'));
    const path = join(folder, 'activity.jsonl');
    const trouble = (error: unknown) => {
      throw error;
    };
    const first = openActivity(path, trouble);
    first.call(call);
    first.close();
    appendFileSync(path, '{"at":1');
    const second = openActivity(path, trouble);
    second.call(call);
    expect(second.report(60)).toMatchObject({ totals: { calls: 2 }, clients: [{ name: 'Claude', calls: 2 }] });
    second.close();
    const third = openActivity(path, trouble);
    expect(third.report(1440).totals).toMatchObject({ calls: 2, p50: expect.closeTo(10, 0) });
    third.close();
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(2);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    rmSync(folder, { recursive: true });
  });
});

test('alarms are raised once, and are over when what they were about is', () => {
  const { clock, activity } = startedAt(1000 * hour);
  const told: string[] = [];
  const alarms = new Alarms(
    activity,
    () => alarmRules,
    ({ id }, isOver) => told.push(`${id} ${isOver ? 'over' : 'raised'}`),
  );
  const well = { diskFree: 1e12, stoppedStreams: 0, settingsProblem: undefined, writesWaiting: 0 };
  for (let index = 0; index < 19; index++) activity.call({ ...call, outcome: 'failed', ms: 5000 });
  alarms.check(well);
  expect(alarms.list()).toEqual([]);
  activity.call({ ...call, outcome: 'failed', ms: 5000 });
  alarms.check({ diskFree: 1e8, stoppedStreams: 1, writesWaiting: 5000, settingsProblem: 'settings.json, line 3' });
  alarms.check({ diskFree: 1e8, stoppedStreams: 1, writesWaiting: 5000, settingsProblem: 'settings.json, line 3' });
  expect(alarms.list().map(({ id }) => id)).toEqual(['errors', 'slow', 'queue', 'disk', 'event-stream', 'settings']);
  expect(alarms.list()[0]?.message).toContain('100 % of the calls');
  clock.now += hour;
  alarms.check({ ...well, diskFree: undefined });
  expect(alarms.list()).toEqual([]);
  expect(told).toHaveLength(12);
});
