import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agentUrn, Directory, ownersOf, userUrn, type Actor } from './index.ts';

const person: Actor = {
  id: 'administrator',
  name: 'Administrator',
  kind: 'person',
  door: 'window',
  tenant: 'default',
  scopes: ['scim:admin'],
};
const writer: Actor = {
  ...person,
  id: 'key:1',
  name: 'Claude',
  kind: 'agent',
  door: 'scim',
  scopes: ['scim:read', 'scim:write'],
};
const manager: Actor = { ...writer, id: 'key:2', name: 'Provisioning', scopes: ['scim:admin'] };

let folder: string;
let directory: Directory;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-agents-'));
  directory = await Directory.open(join(folder, 'directory.db'));
});
afterEach(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});

const agent = (more: Record<string, unknown> = {}) => ({ schemas: [agentUrn], name: 'Helpdesk bot', ...more });
const turnedOff = [{ op: 'replace', path: 'active', value: false }];

test('an agent is kept, found and versioned as users are', async () => {
  const user = await directory.create(person, 'User', { schemas: [userUrn], userName: 'ada', displayName: 'Ada' });
  const owners = [{ value: user.resource.id, display: 'Not Ada', $ref: 'elsewhere' }];
  const made = await directory.create(
    person,
    'Agent',
    agent({ owners, active: true, protocols: [{ type: 'MCP-Client' }], externalId: 'client-1', id: 'chosen' }),
  );
  expect(made.resource).toMatchObject({ name: 'Helpdesk bot', owners: [{ value: user.resource.id }] });
  expect(made.resource.id).not.toBe('chosen');
  const { id } = made.resource;
  for (const filter of [
    'name eq "helpdesk BOT"',
    'name co "desk"',
    'externalId eq "client-1"',
    `owners.value eq "${user.resource.id}"`,
    'owners[value pr]',
    'protocols.type eq "MCP-Client" and active eq true',
    'meta.resourceType eq "Agent"',
  ])
    expect(
      (await directory.list(person, 'Agent', { filter, count: 10 })).rows.map(({ resource }) => resource.id),
      filter,
    ).toEqual([id]);
  const off = await directory.patch(person, 'Agent', id, turnedOff, { expectedVersion: made.version });
  expect((await directory.list(person, 'Agent', { filter: 'active eq true', count: 10 })).total).toBe(0);
  const late = directory.replace(person, 'Agent', id, agent({ description: 'Mine' }), { expectedVersion: made.version });
  await expect(late).rejects.toMatchObject({
    code: 'VERSION_MISMATCH',
    conflict: { changes: [{ path: 'active', after: false }] },
  });
  const { revisions } = await directory.history.list(person, 'Agent', id, { limit: 10 });
  expect(revisions.map(({ operation, version }) => [operation, version])).toEqual([
    ['patch', off.version],
    ['create', made.version],
  ]);
  const { entries } = await directory.audit.list(person, { kind: 'write', count: 10 });
  expect(entries[0]).toMatchObject({ event: 'patch', subject: { type: 'Agent', id, name: 'Helpdesk bot' } });
});

test('whoever owned it and is gone is an id without a name, and is back with the person', async () => {
  const { resource } = await directory.create(person, 'User', { schemas: [userUrn], userName: 'ada' });
  const made = await directory.create(person, 'Agent', agent({ owners: [{ value: resource.id }] }));
  const names = async () => [
    ...(await directory.referenceNames(person, [await directory.get(person, 'Agent', made.resource.id)])),
  ];
  expect(await names()).toEqual([[resource.id, 'ada']]);
  await directory.delete(person, 'User', resource.id);
  expect(await names()).toEqual([]);
  expect(ownersOf((await directory.get(person, 'Agent', made.resource.id)).resource)).toEqual([resource.id]);
  await directory.recreate(person, 'User', resource.id, { schemas: [userUrn], userName: 'ada' });
  expect(await names()).toEqual([[resource.id, 'ada']]);
});

test('what is needed, and what there is not, is said', async () => {
  await expect(directory.create(person, 'Agent', { schemas: [agentUrn], active: true })).rejects.toMatchObject({
    code: 'SCHEMA_VIOLATION',
    issues: [{ path: 'name' }],
  });
  await expect(
    directory.create(person, 'Agent', agent({ owners: [{ display: 'Ada' }], applications: [] })),
  ).rejects.toMatchObject({
    issues: [{ path: 'applications' }],
  });
  const { resource } = await directory.create(person, 'Agent', agent());
  const group = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'G', members: [{ value: resource.id }] };
  await expect(directory.create(person, 'Group', group)).rejects.toMatchObject({ code: 'SCHEMA_VIOLATION' });
});

describe('who may change an agent', () => {
  test('software only with scim:admin, by every way of writing; it can be read with less', async () => {
    const { resource, version } = await directory.create(person, 'Agent', agent());
    const { id } = resource;
    await directory.patch(person, 'Agent', id, turnedOff);
    const [created] = (await directory.history.list(writer, 'Agent', id, { limit: 10 })).revisions.slice(-1);
    const on = [{ op: 'replace', path: 'active', value: true }];
    const tries = [
      () => directory.create(writer, 'Agent', agent()),
      () => directory.patch(writer, 'Agent', id, on),
      () => directory.patch(writer, 'Agent', id, on, { expectedVersion: version }),
      () => directory.replace(writer, 'Agent', id, agent({ active: true })),
      () => directory.mergePatch(writer, 'Agent', id, { active: true }),
      () => directory.delete(writer, 'Agent', id),
      () => directory.history.revert(writer, 'Agent', id, { to: { revision: created?.revision ?? 0 } }),
    ];
    for (const attempt of tries) await expect(attempt()).rejects.toMatchObject({ code: 'FORBIDDEN', scope: 'scim:admin' });
    const [result] = await directory.bulk(writer, [{ method: 'PATCH', path: `/Agents/${id}`, data: on }]);
    expect(result?.error).toMatchObject({ code: 'FORBIDDEN' });
    expect((await directory.get(writer, 'Agent', id)).resource['active']).toBe(false);
    expect((await directory.patch(manager, 'Agent', id, on)).resource['active']).toBe(true);
  });

  test('undoing what software did to it is for people too', async () => {
    const { resource } = await directory.create(person, 'Agent', agent());
    await directory.patch({ ...manager, run: 'r' }, 'Agent', resource.id, turnedOff);
    expect(await directory.history.undo(writer, { run: 'r', author: manager.id }, {})).toMatchObject({
      undone: 0,
      conflicting: 1,
    });
    await directory.history.undo(person, { run: 'r', author: manager.id }, {});
    expect((await directory.get(person, 'Agent', resource.id)).resource['active']).toBeUndefined();
  });
});
