import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Directory, userUrn, type Actor } from '../index.ts';

const agent: Actor = {
  id: 'key:1',
  name: 'HR agent',
  kind: 'agent',
  door: 'mcp',
  tenant: 'default',
  scopes: ['scim:read', 'scim:write'],
};
const person: Actor = {
  ...agent,
  id: 'administrator',
  name: 'Administrator',
  kind: 'person',
  door: 'window',
  scopes: ['scim:admin'],
};

let folder: string;
let now: Date;
let directory: Directory;
const open = async () => Directory.open(join(folder, 'directory.db'), { clock: () => now });
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-policy-'));
  now = new Date();
  directory = await open();
});
afterEach(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});

const setPolicy = (policy: object) => directory.policy.update(person, policy, directory.policy.get(person).version);
const people = (names: string[]) =>
  Promise.all(names.map((userName) => directory.create(person, 'User', { schemas: [userUrn], userName, title: 'Analyst' })));
const retitle = (id: string, title: string, actor = agent) =>
  directory.patch(actor, 'User', id, [{ op: 'replace', path: 'title', value: title }]);

describe('the policy of a tenant', () => {
  test('is read by all, changed by administrators, for the version that they saw', async () => {
    const { version } = directory.policy.get(agent);
    await expect(directory.policy.update(agent, {}, version)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const changed = await directory.policy.update(person, { allAgents: { readOnly: true } }, version);
    expect(changed.policy.allAgents).toMatchObject({ readOnly: true, onOverlap: 'reject' });
    const both = ['reject', 'ask'].map((onOverlap) =>
      directory.policy.update(person, { allAgents: { onOverlap } }, changed.version),
    );
    const [first, second] = await Promise.allSettled(both);
    expect(first?.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'VERSION_MISMATCH' } });
    await directory.close();
    directory = await open();
    expect(directory.policy.get(agent).policy.allAgents).toMatchObject({ readOnly: false, onOverlap: 'reject' });
  });

  test.each<[object, string]>([
    [{ allAgents: { readOnly: 'yes' } }, 'allAgents.readOnly'],
    [{ allAgents: { approval: { attributes: ['titel'] } } }, 'allAgents.approval.attributes.0'],
    [{ clients: [{ client: 'x', approval: { attributes: ['titel'] } }] }, 'clients.0.approval.attributes.0'],
    [
      { allAgents: { quietHours: { timeZone: 'Mars', from: '25:00', to: '06:00', days: ['fri'], writes: 'refuse' } } },
      'allAgents.quietHours.timeZone',
    ],
    [{ surprise: true }, ''],
  ])('refuses %j by name', async (policy, path) => {
    const refusal = await setPolicy(policy).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'SCHEMA_VIOLATION' });
    expect((refusal as { issues: { path: string }[] }).issues.map((issue) => issue.path)).toContain(path);
    expect(directory.policy.get(person).policy.allAgents.readOnly).toBe(false);
  });

  test('stops software before it writes, and no person', async () => {
    const [ada] = await people(['ada']);
    const id = ada?.resource.id ?? '';
    await setPolicy({ allAgents: { readOnly: true } });
    await expect(retitle(id, 'Engineer')).rejects.toMatchObject({
      code: 'POLICY_REFUSED',
      rule: { id: 'all-agents/readOnly', says: 'For all agents: nothing may be changed.' },
    });
    expect((await directory.get(agent, 'User', id)).version).toBe(ada?.version);
    await retitle(id, 'Engineer', person);
    // What changes nothing is not refused.
    expect((await retitle(id, 'Engineer')).changed).toBe(false);
    await setPolicy({ allAgents: { expectedVersion: 'mandatory' } });
    await expect(retitle(id, 'Chief')).rejects.toMatchObject({ code: 'POLICY_REFUSED' });
    const { version } = await directory.get(agent, 'User', id);
    await directory.patch(agent, 'User', id, [{ op: 'replace', path: 'title', value: 'Chief' }], { expectedVersion: version });
  });

  test('judges what a patch, a merge patch and a replacement would write', async () => {
    const [ada] = await people(['ada']);
    const { resource } = ada ?? { resource: { id: '' } };
    await setPolicy({ allAgents: { approval: { attributes: ['title'], deactivate: true } } });
    const needed = { code: 'APPROVAL_NEEDED', rule: { id: 'all-agents/attributes' } };
    await expect(directory.patch(agent, 'User', resource.id, [{ op: 'remove', path: 'title' }])).rejects.toMatchObject(needed);
    await expect(directory.mergePatch(agent, 'User', resource.id, { title: null })).rejects.toMatchObject(needed);
    const { title: _title, ...rest } = resource as typeof resource & { title?: string };
    await expect(directory.replace(agent, 'User', resource.id, rest)).rejects.toMatchObject(needed);
    await expect(directory.mergePatch(agent, 'User', resource.id, { active: false })).rejects.toMatchObject({
      rule: { id: 'all-agents/deactivate' },
    });
    await directory.mergePatch(agent, 'User', resource.id, { nickName: 'Ada' });
  });

  test('counts within an hour, by the clock, across a restart; what failed does not count', async () => {
    const made = await people(['a', 'b', 'c', 'd']);
    const [a, b, c, d] = made.map(({ resource }) => resource.id) as [string, string, string, string];
    await setPolicy({ allAgents: { approval: { perHour: 2 } } });
    await retitle(a, 'One');
    await retitle(a, 'Two');
    await expect(directory.patch(agent, 'User', b, [{ op: 'replace', path: 'title', value: 5 }])).rejects.toMatchObject({
      code: 'SCHEMA_VIOLATION',
    });
    await expect(directory.mergePatch(agent, 'User', c, { userName: 'A' })).rejects.toMatchObject({ code: 'UNIQUENESS' });
    await retitle(b, 'One');
    await expect(retitle(c, 'One')).rejects.toMatchObject({ code: 'APPROVAL_NEEDED', rule: { id: 'all-agents/perHour' } });
    await retitle(b, 'Two');
    await retitle(c, 'One', { ...agent, id: 'key:2' });
    const [waiting] = (await directory.escalations.list(person, { limit: 1 })).escalations;
    await directory.escalations.decide(person, waiting?.id ?? '', { approve: true });
    expect((await retitle(a, 'Three')).changed).toBe(true);
    await directory.close();
    directory = await open();
    await expect(retitle(d, 'One')).rejects.toMatchObject({ rule: { id: 'all-agents/perHour' } });
    now = new Date(now.getTime() + 61 * 60_000);
    await retitle(d, 'One');
  });

  test('counts the resources of one bulk request before it does any', async () => {
    const ids = (await people(['a', 'b', 'c'])).map(({ resource }) => resource.id);
    await setPolicy({ allAgents: { approval: { perCall: 2 } } });
    const change = (id: string) => ({
      method: 'PATCH' as const,
      path: `/Users/${id}`,
      data: [{ op: 'replace', path: 'title', value: 'Many' }],
    });
    const results = await directory.bulk(agent, ids.map(change));
    expect(results.map(({ error }) => error?.rule?.id)).toEqual(Array.from({ length: 3 }, () => 'all-agents/perCall'));
    const few = await directory.bulk(agent, [...ids.slice(0, 2), ...ids.slice(0, 2)].map(change));
    expect(few.every(({ error }) => error === undefined)).toBe(true);
  });

  test('says what it would have done to the last changes', async () => {
    const [a, b] = (await people(['ada', 'bob'])).map(({ resource }) => resource.id) as [string, string];
    await retitle(a, 'Engineer');
    await directory.mergePatch(agent, 'User', b, { active: false });
    await directory.delete(agent, 'User', b);
    const { verdicts, changes } = await directory.policy.dryRun(
      person,
      {
        allAgents: { approval: { delete: true, deactivate: true } },
        clients: [{ client: 'key:1', approval: { delete: false } }],
      },
      100,
    );
    expect(verdicts).toEqual({ apply: 4, approval: 1, refuse: 0 });
    expect(changes.map(({ name, operation, verdict, rule }) => [name, operation, verdict, rule?.id])).toEqual([
      ['bob', 'delete', 'apply', undefined],
      ['bob', 'patch', 'approval', 'all-agents/deactivate'],
      ['ada', 'patch', 'apply', undefined],
      ['bob', 'create', 'apply', undefined],
      ['ada', 'create', 'apply', undefined],
    ]);
    expect((await directory.policy.dryRun(person, undefined, 2)).changes).toHaveLength(2);
    await expect(directory.policy.dryRun(agent, undefined, 2)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
