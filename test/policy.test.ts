import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWindow, windowClient } from './host.ts';
import { newUser, patchOf, startScim, type ScimHost } from './scim-host.ts';

const tenant = 'default';

let scim: ScimHost;
let window: ReturnType<typeof windowClient>;

beforeAll(async () => {
  scim = await startScim();
  window = windowClient(scim.host.origin, await openWindow(scim.host.app.openAddress()));
});
afterAll(() => scim.close());

async function setPolicy(policy: Record<string, unknown>) {
  const { version } = await window.policy.get.query({ tenant });
  return window.policy.update.mutate({ tenant, policy, expectedVersion: version });
}

test('the window reads and changes a policy, tries it on the past, and is told what is wrong with one', async () => {
  const before = await window.policy.get.query({ tenant });
  expect(before.policy).toMatchObject({ allAgents: { readOnly: false }, clients: [] });
  const { body: user } = await scim.call('POST', '/Users', newUser());
  await scim.call('DELETE', `/Users/${user.id}`);
  const policy = { allAgents: { approval: { delete: true } } };
  const { verdicts, changes } = await window.policy.dryRun.query({ tenant, policy, count: 2 });
  expect(verdicts).toEqual({ apply: 1, approval: 1, refuse: 0 });
  expect(changes[0]).toMatchObject({ operation: 'delete', verdict: 'approval', rule: { id: 'all-agents/delete' } });
  await setPolicy(policy);
  const stale = window.policy.update.mutate({ tenant, policy: {}, expectedVersion: before.version });
  await expect(stale).rejects.toMatchObject({ data: { refusal: { code: 'VERSION_MISMATCH' } } });
  await expect(setPolicy({ allAgents: { readOnly: 'yes' } })).rejects.toMatchObject({
    data: { refusal: { code: 'SCHEMA_VIOLATION', issues: [{ path: 'allAgents.readOnly' }] } },
  });
});

test('a provisioning client hears 403 with where it waits; it is done when the window approves it, once however often it is sent', async () => {
  await setPolicy({ allAgents: { approval: { deactivate: true } } });
  const { body: user } = await scim.call('POST', '/Users', newUser());
  const deactivate = () => scim.call('PATCH', `/Users/${user.id}`, patchOf({ op: 'replace', path: 'active', value: 'False' }));
  const replies = [await deactivate(), await deactivate()];
  const { escalations } = await window.escalations.list.query({ tenant, state: 'pending' });
  expect(escalations).toMatchObject([{ from: { name: 'Test agent', door: 'scim' }, subject: { id: user.id } }]);
  const id = escalations[0]?.id ?? '';
  for (const { status, body } of replies) {
    expect([status, body.status]).toEqual([403, '403']);
    expect(body.detail).toContain(`escalation ${id}`);
    expect(body.detail).toContain('deactivations need approval');
  }
  expect(await window.escalations.counts.query()).toEqual([{ tenant, pending: 1 }]);
  const { escalation } = await window.escalations.decide.mutate({ tenant, id, approve: true });
  expect(escalation.state).toBe('approved');
  expect((await scim.call('GET', `/Users/${user.id}`)).body.active).toBe(false);
  expect(await window.escalations.counts.query()).toEqual([]);
  await expect(window.escalations.decide.mutate({ tenant, id, approve: false })).rejects.toMatchObject({
    data: { httpStatus: 409, refusal: { code: 'ALREADY_DECIDED' } },
  });
  await expect(window.escalations.get.query({ tenant: 'other', id })).rejects.toMatchObject({ data: { httpStatus: 404 } });
});

test('what policy refuses is 403 over SCIM, in a bulk request too', async () => {
  await setPolicy({ allAgents: { readOnly: true } });
  const { status, body } = await scim.call('POST', '/Users', newUser());
  expect([status, body.detail]).toEqual([403, expect.stringContaining('For all agents: nothing may be changed.')]);
  const bulk = await scim.call('POST', '/Bulk', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: [{ method: 'POST', path: '/Users', bulkId: 'a', data: newUser() }],
  });
  expect(bulk.body.Operations).toMatchObject([{ status: '403' }]);
  await setPolicy({});
});
