import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, connectors, startDoor, writer, type ToolClient } from './test-door.ts';

let door: Awaited<ReturnType<typeof startDoor>>;
beforeAll(async () => {
  door = await startDoor();
});
afterAll(() => door.close());

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const admin = { id: 'x', name: 'X', kind: 'agent', door: 'mcp', tenant: 'default', scopes: ['scim:admin'] } as const;
let names = 0;
const name = () => `name${names++}`;

interface Scim {
  id: string;
  members?: { value: string; display: string; type: string }[];
  [more: string]: unknown;
}

describe.each(connectors)('%s', (_name, connectTo) => {
  let client: ToolClient;
  beforeAll(async () => {
    client = await connectTo(door.all);
  });
  afterAll(() => client.close());

  const userCalled = async (userName = name()) =>
    (await call(client, 'scim_create_user', { user_data: { schemas: [userUrn], userName } })).content as unknown as Scim;
  const groupOf = async (...members: string[]) => {
    const group_data = { schemas: [groupUrn], displayName: name(), members: members.map((value) => ({ value })) };
    return (await call(client, 'scim_create_group', { group_data })).content as unknown as Scim;
  };
  const get = async (group_id: string) => (await call(client, 'scim_get_group', { group_id })).content as unknown as Scim;
  const idsOf = ({ members = [] }: Scim) => members.map(({ value }) => value).toSorted();

  test('a group lives: create, get, exists, search, list, update, patch, delete', async () => {
    const ada = await userCalled();
    const created = await call(client, 'scim_create_group', {
      group_data: { schemas: [groupUrn], displayName: name(), members: [{ value: ada.id }] },
    });
    const { id: group_id, _version, displayName } = created.content as unknown as Scim;
    expect(created).toMatchObject({
      content: {
        members: [{ value: ada.id, display: ada['userName'], type: 'User' }],
        meta: { resourceType: 'Group', location: `scim://default/Groups/${group_id}`, version: _version },
      },
      metadata: { operation: 'create_group', resource_id: group_id, version: _version, member_count: 1, tenant_id: 'default' },
    });
    expect((await call(client, 'scim_get_group', { group_id })).content).toEqual(created.content);
    expect((await call(client, 'scim_group_exists', { group_id })).content).toEqual({ exists: true, group_id });
    const found = await call(client, 'scim_search_groups', {
      attribute: 'displayName',
      value: String(displayName).toUpperCase(),
    });
    expect(found.content).toMatchObject({ totalResults: 1, Resources: [{ id: group_id }] });
    expect((found.content['Resources'] as Scim[])[0]?.members).toBeUndefined();
    const listed = await call(client, 'scim_list_groups', { filter: `id eq "${group_id}"`, fields: ['members.value'] });
    expect(listed.content).toEqual([{ schemas: [groupUrn], id: group_id, members: [{ value: ada.id }], _version }]);

    const group_data = { ...created.content, displayName: `${String(displayName)}!` };
    const updated = await call(client, 'scim_update_group', { group_id, group_data, expected_version: _version });
    expect(updated).toMatchObject({
      content: { displayName: group_data.displayName, members: [{ value: ada.id }] },
      metadata: { changed: true, conditional_update: true },
    });
    const stale = await call(client, 'scim_update_group', { group_id, group_data, expected_version: _version });
    expect(stale.content.error_code).toBe('VERSION_MISMATCH');
    expect(stale.content.error).toContain('group_data');
    const operations = [{ op: 'replace', path: 'externalId', value: 'g-1' }];
    const patched = await call(client, 'scim_patch_group', { group_id, operations });
    expect(patched.content).toMatchObject({ externalId: 'g-1', displayName: group_data.displayName });
    const expected_version = updated.metadata['version'];
    const kept = await call(client, 'scim_delete_group', { group_id, expected_version });
    expect(kept.content).toMatchObject({ error_code: 'VERSION_MISMATCH', error: expect.stringContaining('still be deleted') });
    const deleted = await call(client, 'scim_delete_group', { group_id, expected_version: patched.metadata['version'] });
    expect(deleted.content).toEqual({ status: 'deleted', group_id });
    for (const tool of ['scim_get_group', 'scim_delete_group'])
      expect((await call(client, tool, { group_id })).content.error_code).toBe('GROUP_NOT_FOUND');
  });

  test('members come and go as a set, and the answer counts them', async () => {
    const [ada, bob, eve] = await Promise.all([userCalled(), userCalled(), userCalled()]);
    const { id: group_id } = await groupOf(ada.id);
    const modified = await call(client, 'scim_modify_group_members', {
      group_id,
      add: [ada.id, bob.id, bob.id],
      remove: [eve.id],
    });
    expect(modified.content).toMatchObject({ added: 1, already_members: 1, removed: 0, not_members: 1, member_count: 2 });
    expect(modified.content['_version']).toBe((await get(group_id))['_version']);
    const again = await call(client, 'scim_modify_group_members', { group_id, add: [bob.id] });
    expect(again).toMatchObject({ content: { added: 0, already_members: 1 }, metadata: { changed: false } });
    const unknown = await call(client, 'scim_modify_group_members', { group_id, add: [eve.id, 'nobody'] });
    expect(unknown.content).toMatchObject({ error_code: 'SCHEMA_VIOLATION', error: expect.stringContaining('nobody') });
    for (const args of [{}, { add: [] }, { add: [ada.id], remove: [ada.id] }])
      expect((await call(client, 'scim_modify_group_members', { group_id, ...args })).content.error_code).toBe(
        'INVALID_ARGUMENTS',
      );
    expect(idsOf(await get(group_id))).toEqual([ada.id, bob.id].toSorted());
  });

  test('two agents who add different members do not conflict, unless they ask to', async () => {
    const [ada, bob, eve] = await Promise.all([userCalled(), userCalled(), userCalled()]);
    const { id: group_id, _version: expected_version } = await groupOf();
    await Promise.all([
      call(client, 'scim_modify_group_members', { group_id, add: [ada.id] }),
      call(client, 'scim_modify_group_members', { group_id, add: [bob.id] }),
    ]);
    expect(idsOf(await get(group_id))).toEqual([ada.id, bob.id].toSorted());
    const { content } = await call(client, 'scim_modify_group_members', { group_id, add: [eve.id], expected_version });
    expect(content).toMatchObject({
      error_code: 'VERSION_MISMATCH',
      error: expect.stringContaining('without expected_version'),
      conflict: { overlap: false, changes: [{ actor: { name: 'Agent' } }, { actor: { name: 'Agent' } }] },
    });
    expect(content['conflict']).not.toHaveProperty('merged');
  });

  test('a conflict of whole records merges the members of both sides', async () => {
    const [ada, bob] = await Promise.all([userCalled(), userCalled()]);
    const before = await groupOf();
    const group_id = before.id;
    await call(client, 'scim_modify_group_members', { group_id, add: [ada.id] });
    const group_data = { ...before, externalId: 'mine', members: [{ value: bob.id }] };
    const refused = await call(client, 'scim_update_group', { group_id, group_data, expected_version: before['_version'] });
    const conflict = refused.content['conflict'] as { merged: object; current_version: string };
    const sent = { group_id, group_data: conflict.merged, expected_version: conflict.current_version };
    const merged = (await call(client, 'scim_update_group', sent)).content as unknown as Scim;
    expect(merged['externalId']).toBe('mine');
    expect(idsOf(merged)).toEqual([ada.id, bob.id].toSorted());
  });

  test('groups are in groups, users know theirs, and circles are refused', async () => {
    const ada = await userCalled();
    const inner = await groupOf(ada.id);
    const outer = await groupOf(inner.id);
    const user = await call(client, 'scim_get_user', { user_id: ada.id });
    expect(user.content['groups']).toEqual([
      { value: inner.id, display: inner['displayName'], type: 'direct' },
      { value: outer.id, display: outer['displayName'], type: 'indirect' },
    ]);
    const filter = `id eq "${ada.id}"`;
    const plain = await call(client, 'scim_list_users', { filter });
    expect(plain.content).toMatchObject([{ id: ada.id }]);
    expect((plain.content as unknown as Scim[])[0]).not.toHaveProperty('groups');
    const asked = await call(client, 'scim_search_users', { filter, fields: ['groups.display'] });
    expect(asked.content['Resources']).toMatchObject([
      { groups: [{ display: inner['displayName'] }, { display: outer['displayName'] }] },
    ]);
    for (const [group_id, id] of [
      [inner.id, outer.id],
      [inner.id, inner.id],
    ]) {
      const refused = await call(client, 'scim_modify_group_members', { group_id, add: [id] });
      expect(refused.content.error_code).toBe('SCHEMA_VIOLATION');
    }
    const members = await call(client, 'scim_list_users', { filter: `groups.value eq "${outer.id}"` });
    expect(members.content).toMatchObject([{ id: ada.id }]);
  });

  test('whoever is deleted is a member no more', async () => {
    const [ada, bob] = await Promise.all([userCalled(), userCalled()]);
    const group = await groupOf(ada.id, bob.id);
    await call(client, 'scim_delete_user', { user_id: ada.id });
    const after = await get(group.id);
    expect(idsOf(after)).toEqual([bob.id]);
    expect(after['_version']).not.toBe(group['_version']);
  });

  test('a user and a group are patched without a look at the rest', async () => {
    const ada = await userCalled();
    const operations = [
      { op: 'add', path: 'emails', value: [{ type: 'work', value: 'ada@example.com' }] },
      { op: 'replace', value: { title: 'Countess' } },
    ];
    const patched = await call(client, 'scim_patch_user', { user_id: ada.id, operations, expected_version: ada['_version'] });
    expect(patched).toMatchObject({
      content: { title: 'Countess', emails: [{ value: 'ada@example.com' }] },
      metadata: { operation: 'patch_user', changed: true, conditional_update: true },
    });
    const queen = [{ op: 'replace', path: 'title', value: 'Queen' }];
    const stale = await call(client, 'scim_patch_user', {
      user_id: ada.id,
      operations: queen,
      expected_version: ada['_version'],
    });
    expect(stale.content).toMatchObject({ error_code: 'VERSION_MISMATCH', conflict: { overlap: true } });
    const other = [{ op: 'add', path: 'nickName', value: 'A' }];
    const apart = await call(client, 'scim_patch_user', {
      user_id: ada.id,
      operations: other,
      expected_version: ada['_version'],
    });
    expect(apart.content).toMatchObject({ error: expect.stringContaining('the same call again'), conflict: { overlap: false } });
    expect(apart.content['conflict']).not.toHaveProperty('merged');
    const cases: [operation: object, code: string][] = [
      [{ op: 'replace', path: 'shoeSize', value: 44 }, 'INVALID_PATH'],
      [{ op: 'remove' }, 'NO_TARGET'],
      [{ op: 'replace', path: 'emails[type eq]', value: 'x' }, 'INVALID_FILTER'],
      [{ op: 'replace', path: 'groups', value: [] }, 'MUTABILITY'],
      [{ op: 'paint', path: 'title', value: 'x' }, 'SCHEMA_VIOLATION'],
    ];
    for (const [operation, code] of cases) {
      const { content } = await call(client, 'scim_patch_user', { user_id: ada.id, operations: [operation] });
      expect(content.error_code).toBe(code);
    }
    const group = await groupOf(ada.id);
    const removal = [{ op: 'remove', path: `members[value eq "${ada.id}"]` }];
    const emptied = await call(client, 'scim_patch_group', { group_id: group.id, operations: removal });
    expect(emptied.metadata['member_count']).toBe(0);
    expect(emptied.content).not.toHaveProperty('members');
  });

  test('nothing of groups shows in another tenant, and a reader does not write', async () => {
    const ada = await userCalled();
    const group = await groupOf(ada.id);
    const stranger = await connectTo(door.all, 'other:scim:read+scim:write');
    const group_id = group.id;
    const group_data = { schemas: [groupUrn], displayName: 'x' };
    const operations = [{ op: 'replace', path: 'displayName', value: 'x' }];
    const calls: [string, Record<string, unknown>, string][] = [
      ['scim_get_group', { group_id }, 'GROUP_NOT_FOUND'],
      ['scim_update_group', { group_id, group_data }, 'GROUP_NOT_FOUND'],
      ['scim_patch_group', { group_id, operations }, 'GROUP_NOT_FOUND'],
      ['scim_patch_user', { user_id: ada.id, operations }, 'USER_NOT_FOUND'],
      ['scim_modify_group_members', { group_id, add: [ada.id] }, 'GROUP_NOT_FOUND'],
      ['scim_delete_group', { group_id }, 'GROUP_NOT_FOUND'],
      ['scim_create_group', { group_data: { ...group_data, members: [{ value: ada.id }] } }, 'SCHEMA_VIOLATION'],
      ['scim_bulk', { operations: [{ method: 'DELETE', path: `/Groups/${group_id}` }] }, 'BULK_FAILED'],
    ];
    for (const [tool, args, code] of calls) {
      expect((await call(stranger, tool, args)).content.error_code).toBe(code);
      const elsewhere = await call(client, tool, { ...args, tenant_id: 'other' });
      expect(elsewhere.content.error_code).toBe('TENANT_MISMATCH');
    }
    expect((await call(stranger, 'scim_group_exists', { group_id })).content['exists']).toBe(false);
    for (const tool of ['scim_list_groups', 'scim_list_users']) expect((await call(stranger, tool)).content).toEqual([]);
    const filter = `members.value eq "${ada.id}"`;
    expect((await call(stranger, 'scim_search_groups', { filter })).content['totalResults']).toBe(0);
    await stranger.close();
    const reader = await connectTo(door.all, 'default:scim:read');
    for (const [tool, args] of calls.slice(1)) expect((await call(reader, tool, args)).content.error_code).toBe('FORBIDDEN');
    await reader.close();
  });
});

test('members over a thousand are told by number, and a record that goes round keeps them', async () => {
  const client = (await connectors[0]?.[1](door.all, writer)) as ToolClient;
  const ids: string[] = [];
  for (let part = 0; part < 2; part++) {
    const operations = Array.from({ length: 501 }, () => ({
      method: 'POST' as const,
      path: '/Users',
      data: { schemas: [userUrn], userName: name() },
    }));
    for (const { id = '' } of await door.directory.bulk(admin, operations, { atomic: true })) ids.push(id);
  }
  const group_data = { schemas: [groupUrn], displayName: 'Everybody', members: ids.slice(0, 1000).map((value) => ({ value })) };
  const created = await call(client, 'scim_create_group', { group_data });
  expect(created.content['members']).toHaveLength(1000);
  const group_id = String(created.metadata['resource_id']);
  const modified = await call(client, 'scim_modify_group_members', { group_id, add: ids });
  expect(modified.content).toMatchObject({ added: 2, already_members: 1000, member_count: 1002 });

  const read = await call(client, 'scim_get_group', { group_id });
  expect(read.content).not.toHaveProperty('members');
  expect(read.metadata).toMatchObject({
    member_count: 1002,
    members_omitted: { total: 1002, how: expect.stringContaining('groups.value') },
  });
  const changed = { ...read.content, displayName: 'All' };
  const updated = await call(client, 'scim_update_group', {
    group_id,
    group_data: changed,
    expected_version: read.metadata['version'],
  });
  expect(updated.metadata['member_count']).toBe(1002);
  const page = await call(client, 'scim_list_groups', { fields: ['displayName', 'members'], filter: 'displayName eq "All"' });
  expect(page.content).toEqual([expect.not.objectContaining({ members: expect.anything() })]);
  expect(page.metadata['members_omitted']).toMatchObject({ [group_id]: { total: 1002 } });
  await client.close();
});
