import { afterAll, beforeAll, expect, test } from 'vitest';
import { newUser, patchOf, startScim, urns, type Call, type ScimHost } from './scim-host.ts';

let scim: ScimHost;
let call: Call;

beforeAll(async () => {
  scim = await startScim();
  ({ call } = scim);
});
afterAll(() => scim.close());

const administrator = {
  id: 'administrator',
  name: 'Administrator',
  kind: 'person',
  door: 'window',
  tenant: 'default',
  scopes: ['scim:admin'],
} as const;

async function setPolicy(policy: object): Promise<void> {
  const { policy: policies } = scim.directory;
  await policies.update(administrator, policy, policies.get(administrator).version);
}

const retitle = patchOf({ op: 'replace', path: 'title', value: 'Late' });

test('a conflict says when it is the writer’s turn; what nobody can tell says nothing', async () => {
  const { body: user } = await call('POST', '/Users', newUser());
  await scim.directory.mergePatch(administrator, 'User', user.id, { title: 'Engineer' });
  const late = await call('PATCH', `/Users/${user.id}`, retitle, { 'if-match': user.meta.version });
  // Nobody else waits: at once.
  expect([late.status, late.body[urns.conflict].retryAfterMs, late.headers.get('retry-after')]).toEqual([412, 0, '0']);
  const taken = await call('POST', '/Users', newUser({ userName: user.userName }));
  expect([taken.status, taken.headers.get('retry-after')]).toEqual([409, null]);
});

test('whose retries are spent is told when there are more, in whole seconds', async () => {
  await setPolicy({ allAgents: { retryBudget: { retries: 1, perMinutes: 10 } } });
  const spender = await scim.callAs({ name: 'Spender' });
  const { body: user } = await spender('POST', '/Users', newUser({ title: 'Analyst' }));
  await scim.directory.mergePatch(administrator, 'User', user.id, { title: 'Engineer' });
  const stale = () => spender('PUT', `/Users/${user.id}`, { ...user, nickName: 'Ada' });
  const replies = [await stale(), await stale(), await stale()];
  await setPolicy({});
  expect([replies[0]?.status, replies[0]?.headers.get('retry-after')]).toEqual([409, '0']);
  expect(replies[2]?.status).toBe(429);
  const wait = replies[2]?.headers.get('retry-after') ?? '';
  expect(wait).toMatch(/^\d+$/);
  // Of the ten minutes.
  expect(Number(wait)).toBeGreaterThan(500);
});

test.each(['refuse', 'approval'])('quiet hours say when they end: %s', async (writes) => {
  const { body: user } = await call('POST', '/Users', newUser());
  const now = new Date();
  const at = (hours: number) => new Date(now.getTime() + hours * 3_600_000).toISOString().slice(11, 16);
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  await setPolicy({ allAgents: { quietHours: { timeZone: 'UTC', from: at(-1), to: at(2), days, writes } } });
  const refused = await call('PATCH', `/Users/${user.id}`, retitle);
  await setPolicy({});
  expect(refused.status).toBe(403);
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(3600);
  expect(seconds).toBeLessThanOrEqual(7200);
});
