import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Directory } from './directory.ts';
import { changeDigest } from './member-digest.ts';
import type { Actor, Change } from './resource.ts';
import { groupUrn, userUrn } from './schema.ts';

let folder: string;
let directory: Directory;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-groups-'));
  directory = await Directory.open(join(folder, 'directory.db'));
});

afterEach(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});

const actor: Actor = {
  id: 'kenji',
  name: 'Kenji',
  kind: 'person',
  door: 'window',
  tenant: 'default',
  scopes: ['scim:read', 'scim:write'],
};
const refusal = (code: string, over: object = {}) => expect.objectContaining({ code, ...over });

async function user(name: string): Promise<string> {
  return (await directory.create(actor, 'User', { schemas: [userUrn], userName: name })).resource.id;
}

async function group(displayName: string, members: string[] = []): Promise<{ id: string; version: string }> {
  const record = { schemas: [groupUrn], displayName, members: members.map((value) => ({ value })) };
  const { resource, version } = await directory.create(actor, 'Group', record);
  return { id: resource.id, version };
}

const memberIds = async (id: string) => (await directory.members(actor, id, { limit: 100 })).map(({ value }) => value).toSorted();

describe('members', () => {
  test('are named and typed by the directory, and make the version, whatever their order', async () => {
    const [ada, bob] = [await user('ada'), await user('bob')];
    const inner = await group('Inner', [bob]);
    const outer = await group('Outer', [ada, inner.id]);
    expect(await directory.members(actor, outer.id, { limit: 10 })).toEqual(
      [
        { value: ada, type: 'User', display: 'ada' },
        { value: inner.id, type: 'Group', display: 'Inner' },
      ].toSorted((a, b) => (a.value < b.value ? -1 : 1)),
    );
    const { version } = await directory.modifyMembers(actor, outer.id, { add: [bob], remove: [ada] });
    expect(version).not.toBe(outer.version);
    const back = await directory.modifyMembers(actor, outer.id, { add: [ada], remove: [bob] });
    expect(back.version).toBe(outer.version);
    expect(await directory.groupsOf(actor, bob)).toEqual([
      { value: inner.id, display: 'Inner', type: 'direct' },
      { value: outer.id, display: 'Outer', type: 'indirect' },
    ]);
  });

  test('a digest of them follows any changes', () => {
    const ids = fc.uniqueArray(fc.uuid(), { maxLength: 20 });
    fc.assert(
      fc.property(ids, ids, (before, after) => {
        const whole = changeDigest('', after, []);
        const added = after.filter((id) => !before.includes(id));
        const removed = before.filter((id) => !after.includes(id));
        expect(changeDigest(changeDigest('', before, []), added, removed)).toBe(whole);
        expect(changeDigest('', after.toReversed(), [])).toBe(whole);
      }),
    );
  });

  test('two who add different people do not conflict, unless they ask to', async () => {
    const [ada, bob, eve] = [await user('ada'), await user('bob'), await user('eve')];
    const { id, version } = await group('Team');
    await Promise.all([ada, bob].map((member) => directory.modifyMembers(actor, id, { add: [member], remove: [] })));
    expect(await memberIds(id)).toEqual([ada, bob].toSorted());
    const asked = directory.modifyMembers(actor, id, { add: [eve], remove: [] }, { expectedVersion: version });
    await expect(asked).rejects.toThrow(
      refusal('VERSION_MISMATCH', {
        conflict: expect.objectContaining({
          overlapping: false,
          changes: [ada, bob].map((value) =>
            expect.objectContaining({
              path: `members[value eq "${value}"]`,
              after: expect.objectContaining({ value }) as unknown,
            }),
          ) as unknown,
          merged: expect.objectContaining({
            members: expect.arrayContaining([ada, bob, eve].map((value) => ({ value }))) as unknown,
          }) as unknown,
        }) as unknown,
      }),
    );
    expect(await memberIds(id)).toEqual([ada, bob].toSorted());
  });

  test('a stale replacement is merged: its own additions and removals, and those since', async () => {
    const [ada, bob, eve, joe] = [await user('ada'), await user('bob'), await user('eve'), await user('joe')];
    const { id, version } = await group('Team', [ada, bob]);
    await directory.modifyMembers(actor, id, { add: [eve], remove: [ada] });
    const record = { schemas: [groupUrn], displayName: 'Crew', members: [{ value: ada }, { value: joe }] };
    const error: unknown = await directory
      .replace(actor, 'Group', id, record, { expectedVersion: version })
      .catch((e: unknown) => e);
    const { merged } = (error as { conflict: { merged: { displayName: string; members: { value: string }[] } } }).conflict;
    expect(merged.displayName).toBe('Crew');
    expect(merged.members.map(({ value }) => value).toSorted()).toEqual([eve, joe].toSorted());
  });

  test('a record without members keeps them; an empty list removes them', async () => {
    const ada = await user('ada');
    const { id } = await group('Team', [ada]);
    await directory.replace(actor, 'Group', id, { schemas: [groupUrn], displayName: 'Crew' });
    expect(await memberIds(id)).toEqual([ada]);
    await directory.replace(actor, 'Group', id, { schemas: [groupUrn], displayName: 'Crew', members: [] });
    expect(await memberIds(id)).toEqual([]);
  });

  test('who is deleted leaves every group, and history tells it', async () => {
    const ada = await user('ada');
    const { id, version } = await group('Team', [ada]);
    const heard: Change[] = [];
    directory.onChange((change) => heard.push(change));
    await directory.delete(actor, 'User', ada);
    expect(await memberIds(id)).toEqual([]);
    expect(heard.map(({ type, operation }) => `${type} ${operation}`)).toEqual(['Group patch', 'User delete']);
    expect(heard[0]).toMatchObject({ id, previousVersion: version, members: { added: [], removed: [ada] } });
  });

  test.each([
    ['itself', (id: string) => [id]],
    ['somebody who does not exist', () => ['nobody']],
  ])('%s cannot be a member', async (_name, members) => {
    const { id, version } = await group('Team');
    const refused = directory.modifyMembers(actor, id, { add: members(id), remove: [] });
    await expect(refused).rejects.toThrow(refusal('SCHEMA_VIOLATION'));
    expect((await directory.get(actor, 'Group', id)).version).toBe(version);
  });

  test('a group cannot contain a group that contains it, however deep', async () => {
    const a = await group('A');
    const b = await group('B', [a.id]);
    const c = await group('C', [b.id]);
    await expect(directory.modifyMembers(actor, a.id, { add: [c.id], remove: [] })).rejects.toThrow(
      /contains this group already/,
    );
  });

  test('who is brought back is in the groups that the deletion took them out of, and in no others', async () => {
    const [ada, bob] = [await user('ada'), await user('bob')];
    const board = await group('Board', [ada, bob]);
    const [left, gone] = [await group('Left before', [ada]), await group('Gone since', [ada])];
    await directory.modifyMembers(actor, left.id, { add: [], remove: [ada] });
    await directory.delete(actor, 'User', ada);
    await directory.delete(actor, 'Group', gone.id);
    const announced: Change[] = [];
    const stop = directory.onChange((change) => announced.push(change));
    const record = { schemas: [userUrn], userName: 'ada' };
    await directory.recreate(actor, 'User', ada, record, { restoreMemberships: true });
    stop();
    expect(announced.map(({ operation, id }) => [operation, id])).toEqual([
      ['recreate', ada],
      ['patch', board.id],
    ]);
    expect((await directory.groupsOf(actor, ada)).map(({ value }) => value)).toEqual([board.id]);
    expect((await directory.get(actor, 'Group', board.id)).version).toBe(board.version);
    await directory.delete(actor, 'User', ada);
    await directory.recreate(actor, 'User', ada, record);
    expect(await directory.groupsOf(actor, ada)).toEqual([]);
  });

  test('a group is brought back with the members that are there, into its groups, unless one is in it by now', async () => {
    const [ada, bob] = [await user('ada'), await user('bob')];
    const inner = await group('Inner');
    const team = await group('Team', [ada, bob, inner.id]);
    const [all, loop] = [await group('All', [team.id]), await group('Loop', [team.id])];
    await directory.delete(actor, 'Group', team.id);
    await directory.delete(actor, 'User', bob);
    await directory.modifyMembers(actor, inner.id, { add: [loop.id], remove: [] });
    const record = { schemas: [groupUrn], displayName: 'Team' };
    const back = await directory.recreate(actor, 'Group', team.id, record, { restoreMemberships: true });
    expect(await memberIds(team.id)).toEqual([ada, inner.id].toSorted());
    expect(await memberIds(all.id)).toEqual([team.id]);
    expect(await memberIds(loop.id)).toEqual([]);
    expect(await directory.get(actor, 'Group', team.id)).toMatchObject({ version: back.version, members: { count: 2 } });
    await directory.delete(actor, 'Group', team.id);
    const named = { ...record, members: [{ value: ada }] };
    await directory.recreate(actor, 'Group', team.id, named, { restoreMemberships: true });
    expect(await memberIds(team.id)).toEqual([ada]);
  });

  test('another tenant has none of it', async () => {
    await directory.tenants.add({ id: 'other', name: 'Other' });
    const ada = await user('ada');
    const stranger = { ...actor, tenant: 'other' };
    const record = { schemas: [groupUrn], displayName: 'Team', members: [{ value: ada }] };
    await expect(directory.create(stranger, 'Group', record)).rejects.toThrow(refusal('SCHEMA_VIOLATION'));
  });
});

describe('bulk', () => {
  const operations = (version?: string) => [
    {
      method: 'POST' as const,
      path: '/Groups',
      bulkId: 'team',
      data: { schemas: [groupUrn], displayName: 'Team', members: [{ value: 'bulkId:ada' }] },
    },
    { method: 'POST' as const, path: '/Users', bulkId: 'ada', data: { schemas: [userUrn], userName: 'ada' } },
    { method: 'DELETE' as const, path: '/Users/nobody', version },
  ];

  test('each operation stands alone; references reach forward', async () => {
    const [team, ada, nobody] = await directory.bulk(actor, operations());
    expect(await memberIds(team?.id ?? '')).toEqual([ada?.id]);
    expect(nobody?.error).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('atomic, all is done or nothing', async () => {
    await expect(directory.bulk(actor, operations(), { atomic: true })).rejects.toThrow(
      /Nothing was done: DELETE \/Users\/nobody/,
    );
    expect((await directory.list(actor, 'User', { count: 10 })).total).toBe(0);
    await directory.bulk(actor, operations().slice(0, 2), { atomic: true });
    expect((await directory.list(actor, 'Group', { count: 10 })).total).toBe(1);
  });

  test('it stops after as many errors as it was told', async () => {
    const refused = { method: 'DELETE' as const, path: '/Users/nobody' };
    expect(await directory.bulk(actor, [refused, refused, refused], { failOnErrors: 2 })).toHaveLength(2);
  });
});

describe('tenants', () => {
  test('a suspended one lets in only the window; a deleted one is gone with everything', async () => {
    await directory.tenants.add({ id: 'other', name: 'Other' });
    const there = { ...actor, tenant: 'other' };
    const { resource } = await directory.create(there, 'User', { schemas: [userUrn], userName: 'ada' });
    await directory.tenants.update('other', { state: 'suspended' });
    await expect(directory.get({ ...there, door: 'mcp' }, 'User', resource.id)).rejects.toThrow(refusal('FORBIDDEN'));
    await directory.get(there, 'User', resource.id);
    await directory.tenants.delete('other');
    await expect(directory.get(there, 'User', resource.id)).rejects.toThrow(refusal('NOT_FOUND'));
    await directory.tenants.settled();
    await directory.tenants.add({ id: 'other', name: 'Again' });
    expect((await directory.list(there, 'User', { count: 1 })).total).toBe(0);
    await expect(directory.history.list(there, 'User', resource.id, { limit: 1 })).rejects.toThrow(/No user/);
    await expect(directory.tenants.delete('default')).rejects.toThrow(refusal('INVALID_ARGUMENT'));
  });
});

test('pages follow a cursor through any order, while people come', async () => {
  for (let place = 0; place < 25; place++)
    await directory.create(actor, 'User', {
      schemas: [userUrn],
      userName: `u${place}`,
      ...(place % 3 && { title: `t${place % 4}` }),
    });
  for (const query of [
    {},
    { sortBy: 'title' },
    { sortBy: 'title', descending: true },
    { sortBy: 'userName' },
    { filter: 'title pr' },
  ]) {
    const all = await directory.list(actor, 'User', { ...query, count: 100 });
    const seen: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page = await directory.list(actor, 'User', { ...query, count: 4, cursor });
      seen.push(...page.rows.map(({ resource }) => resource.id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(all.rows.map(({ resource }) => resource.id));
  }
  await expect(directory.list(actor, 'User', { count: 4, cursor: 'x' })).rejects.toThrow(refusal('INVALID_CURSOR'));
});
