import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Directory } from '../directory.ts';
import type { Actor, Resource, ResourceType } from '../resource.ts';
import { groupUrn, userUrn } from '../schema.ts';

let folder: string;
let directory: Directory;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-history-'));
  directory = await Directory.open(join(folder, 'directory.db'));
});

afterEach(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});

const actor = (over: Partial<Actor> = {}): Actor => ({
  id: 'kenji',
  name: 'Kenji',
  kind: 'person',
  door: 'window',
  tenant: 'default',
  scopes: ['scim:read', 'scim:write'],
  ...over,
});
const agent = (run: string): Actor => actor({ id: 'claude', name: 'Claude', kind: 'agent', door: 'mcp', run });
const refusal = (code: string, text = /./) => expect.objectContaining({ code, message: expect.stringMatching(text) as string });

async function addUser(userName: string, fields: object = {}, by = actor()): Promise<string> {
  return (await directory.create(by, 'User', { schemas: [userUrn], userName, ...fields })).resource.id;
}

async function addGroup(displayName: string, ids: readonly string[], by = actor()): Promise<string> {
  const members = ids.map((value) => ({ value }));
  return (await directory.create(by, 'Group', { schemas: [groupUrn], displayName, members })).resource.id;
}

const set = (by: Actor, id: string, path: string, value: unknown) =>
  directory.patch(by, 'User', id, [{ op: 'replace', path, value }]);

async function read(type: ResourceType, id: string): Promise<Resource> {
  return (await directory.get(actor(), type, id)).resource;
}

async function memberIds(group: string): Promise<string[]> {
  return (await directory.members(actor(), group, { limit: 100 })).map(({ value }) => value);
}

async function versions(type: ResourceType, id: string): Promise<string[]> {
  const { revisions } = await directory.history.list(actor(), type, id, { limit: 100 });
  return revisions.map(({ version }) => version).toReversed();
}

describe('the timeline of a resource', () => {
  test('is filtered by author, door and field, and read in pages', async () => {
    const id = await addUser('ada', { title: 'Analyst' });
    for (let step = 0; step < 5; step++) {
      await set(agent('one'), id, 'title', `Title ${step}`);
      await set(actor(), id, 'department', `Department ${step}`);
    }
    const list = (query: object) => directory.history.list(actor(), 'User', id, { limit: 100, ...query });
    const paths = async (query: object) =>
      (await list(query)).revisions.flatMap(({ changes }) => changes.map(({ path }) => path));
    expect(new Set(await paths({ author: 'Claude' }))).toEqual(new Set(['title']));
    expect((await list({ author: 'kenji' })).revisions).toHaveLength(6);
    expect((await list({ door: 'mcp' })).revisions).toHaveLength(5);
    expect((await list({ field: 'department' })).revisions).toHaveLength(5);
    expect((await list({ field: 'title', author: 'kenji' })).revisions.map(({ operation }) => operation)).toEqual(['create']);
    await expect(list({ field: 'titel' })).rejects.toThrow(refusal('INVALID_PATH', /'titel' is no attribute of a user/));

    const first = await list({ limit: 3, field: 'title' });
    const second = await list({ limit: 3, field: 'title', before: first.next });
    expect(
      [...first.revisions, ...second.revisions].map(({ changes }) => changes.find(({ path }) => path === 'title')?.after),
    ).toEqual(['Title 4', 'Title 3', 'Title 2', 'Title 1', 'Title 0', 'Analyst']);
    expect(second).toMatchObject({ pruned: false });
    expect(second).not.toHaveProperty('next');
  });

  test('tells one element of a list from another', async () => {
    const id = await addUser('ada', { emails: [{ value: 'ada@example.com', type: 'work' }] });
    await set(actor(), id, 'emails', [
      { value: 'ada@example.org', type: 'work' },
      { value: 'ada@home.example', type: 'home' },
    ]);
    const found = async (field: string) =>
      (await directory.history.list(actor(), 'User', id, { limit: 9, field })).revisions.length;
    expect(await found('emails.value')).toBe(2);
    expect(await found('emails[type eq "home"]')).toBe(1);
    expect(await found('emails[type eq "work"].value')).toBe(2);
    expect(await found('phoneNumbers')).toBe(0);
  });
});

describe('comparing', () => {
  test('two versions differ by their fields and members, in either order', async () => {
    const [ada, bob, eve] = [await addUser('ada'), await addUser('bob'), await addUser('eve')];
    const id = await addGroup('Board', [ada, bob]);
    await directory.modifyMembers(actor(), id, { add: [eve], remove: [bob] });
    await directory.modifyMembers(actor(), id, { add: [bob], remove: [ada] });
    await directory.mergePatch(actor(), 'Group', id, { displayName: 'Council' });
    const [first = '', , , last = ''] = await versions('Group', id);
    const forth = await directory.history.compare(actor(), 'Group', id, { version: first }, { version: last });
    expect(forth.members).toEqual({ added: 1, removed: 1 });
    expect(forth.changes).toEqual([
      { path: 'displayName', before: 'Board', after: 'Council' },
      { path: `members[value eq "${eve}"]`, after: { value: eve, type: 'User', display: 'eve' } },
      { path: `members[value eq "${ada}"]`, before: { value: ada, type: 'User', display: 'ada' } },
    ]);
    const back = await directory.history.compare(actor(), 'Group', id, { version: last }, { version: first });
    expect(back.members).toEqual({ added: 1, removed: 1 });
    expect(back.changes[0]).toEqual({ path: 'displayName', before: 'Council', after: 'Board' });
    await expect(directory.history.compare(actor(), 'Group', id, { version: 'unknown' }, { version: last })).rejects.toThrow(
      refusal('VERSION_NOT_FOUND', /No version 'unknown'/),
    );
  });
});

describe('going back to a version', () => {
  test('is a change of its own, conditional, and says what it went back to', async () => {
    const id = await addUser('ada', { title: 'Analyst', emails: [{ value: 'a@x.example', type: 'work', primary: true }] });
    await set(actor(), id, 'title', 'Countess');
    await set(actor(), id, 'nickName', 'Ada');
    const [first = '', second = '', third = ''] = await versions('User', id);
    await expect(
      directory.history.revert(actor(), 'User', id, { to: { version: first }, expectedVersion: second }),
    ).rejects.toThrow(refusal('VERSION_MISMATCH'));
    const back = await directory.history.revert(actor(), 'User', id, { to: { version: first }, expectedVersion: third });
    expect(back).toMatchObject({ changed: true, version: first, leftOut: [], to: { version: first, operation: 'create' } });
    const [newest] = (await directory.history.list(actor(), 'User', id, { limit: 1 })).revisions;
    expect(newest).toMatchObject({ origin: { kind: 'revert', version: first }, previousVersion: third });
    expect(newest?.changes).toHaveLength(2);
    expect(await directory.history.revert(actor(), 'User', id, { to: { version: first } })).toMatchObject({ changed: false });
  });

  test('can be about some fields only', async () => {
    const emails = [
      { value: 'a@x.example', type: 'work', primary: true },
      { value: 'h@x.example', type: 'home' },
    ];
    const id = await addUser('ada', { title: 'Analyst', name: { givenName: 'Ada', familyName: 'Byron' }, emails });
    const [first = ''] = await versions('User', id);
    const changed = [
      { value: 'b@x.example', type: 'work' },
      { value: 'i@x.example', type: 'home', primary: true },
      { value: 'o@x.example', type: 'other' },
    ];
    await directory.mergePatch(actor(), 'User', id, {
      title: 'Countess',
      name: { familyName: 'Lovelace', givenName: 'Augusta' },
      emails: changed,
    });
    const fields = ['name.familyName', 'emails[type eq "work"].value'];
    await directory.history.revert(actor(), 'User', id, { to: { version: first }, fields });
    expect(await read('User', id)).toMatchObject({
      title: 'Countess',
      name: { familyName: 'Byron', givenName: 'Augusta' },
      emails: [
        { value: 'a@x.example', type: 'work' },
        { value: 'i@x.example', type: 'home', primary: true },
        { value: 'o@x.example', type: 'other' },
      ],
    });
    await directory.history.revert(actor(), 'User', id, { to: { version: first }, fields: ['emails'] });
    expect((await read('User', id))['emails']).toEqual(emails);
    await expect(directory.history.revert(actor(), 'User', id, { to: { version: first }, fields: ['nonsense'] })).rejects.toThrow(
      refusal('INVALID_PATH', /fields: 'nonsense'/),
    );
  });

  test('brings a deleted group back with its members of then, but for those who are gone', async () => {
    const [ada, bob, eve] = [await addUser('ada'), await addUser('bob'), await addUser('eve')];
    const id = await addGroup('Board', [ada, bob]);
    const [first = ''] = await versions('Group', id);
    await directory.modifyMembers(actor(), id, { add: [eve], remove: [ada] });
    await directory.delete(actor(), 'User', bob);
    await directory.delete(actor(), 'Group', id);
    const back = await directory.history.revert(actor(), 'Group', id, { to: { version: first } });
    expect(back.leftOut).toEqual([{ value: bob, type: 'User', display: 'bob' }]);
    expect(await memberIds(id)).toEqual([ada]);
    expect(await directory.history.membersAt(actor(), id, back.to.revision, { limit: 10 })).toEqual([ada, bob].toSorted());
  });

  test('never touches a stranger', async () => {
    const there = await addUser('ada', {}, actor());
    await directory.tenants.create({ id: 'other', name: 'Other' });
    const stranger = actor({ tenant: 'other' });
    const [first = ''] = await versions('User', there);
    await expect(directory.history.revert(stranger, 'User', there, { to: { version: first } })).rejects.toThrow(
      refusal('NOT_FOUND'),
    );
    await expect(directory.history.undo(stranger, { author: 'kenji', since: 0 })).rejects.toThrow(refusal('NOT_FOUND'));
    const reader = actor({ scopes: ['scim:read'] });
    await expect(directory.history.revert(reader, 'User', there, { to: { version: first } })).rejects.toThrow(
      refusal('FORBIDDEN'),
    );
  });
});

describe('undoing a run', () => {
  test('puts everything back that nobody changed since, and tells the rest with its three values', async () => {
    const ada = await addUser('ada', { title: 'Analyst', nickName: 'A' });
    const bob = await addUser('bob', { title: 'Clerk' });
    const group = await addGroup('Board', [ada]);
    await set(agent('one'), ada, 'title', 'Boss');
    await set(agent('one'), ada, 'nickName', 'Z');
    await set(agent('two'), ada, 'locale', 'en-GB');
    const eve = await addUser('eve', {}, agent('one'));
    await directory.modifyMembers(agent('one'), group, { add: [eve], remove: [ada] });
    await directory.delete(agent('one'), 'User', bob);
    await set(actor(), ada, 'title', 'Countess');

    const preview = await directory.history.undo(actor(), { author: 'claude', run: 'one' }, { preview: true });
    expect(await read('User', ada)).toMatchObject({ title: 'Countess', nickName: 'Z' });
    const result = await directory.history.undo(actor(), { author: 'claude', run: 'one' });
    expect(result).toMatchObject({ undone: 4, conflicting: 1 });
    const told = ({ resources }: typeof result) => resources.map(({ id, action, conflicts }) => ({ id, action, conflicts }));
    expect(told(result)).toEqual(told(preview));
    expect(result.resources.find(({ id }) => id === ada)).toMatchObject({
      action: 'changed',
      changes: [{ path: 'nickName', before: 'Z', after: 'A' }],
      conflicts: [
        {
          path: 'title',
          before: 'Analyst',
          done: 'Boss',
          now: 'Countess',
          reason: 'Kenji changed it since.',
          author: { id: 'kenji' },
        },
      ],
    });
    expect(await read('User', ada)).toMatchObject({ title: 'Countess', nickName: 'A', locale: 'en-GB' });
    expect(await read('User', bob)).toMatchObject({ userName: 'bob', title: 'Clerk' });
    expect(await directory.exists(actor(), 'User', eve)).toBe(false);
    expect(await memberIds(group)).toEqual([ada]);

    // What is left is a decision about a version that was seen.
    const { version } = await directory.get(actor(), 'User', ada);
    const insist = { type: 'User', id: ada, paths: ['title'] } as const;
    const stale = await directory.history.undo(
      actor(),
      { author: 'claude', run: 'one' },
      { insist: [{ ...insist, expectedVersion: 'old' }] },
    );
    expect(stale).toMatchObject({ undone: 0, conflicting: 1 });
    await directory.history.undo(
      actor(),
      { author: 'claude', run: 'one' },
      { insist: [{ ...insist, expectedVersion: version }] },
    );
    expect(await read('User', ada)).toMatchObject({ title: 'Analyst' });
    const [newest] = (await directory.history.list(actor(), 'User', ada, { limit: 1 })).revisions;
    expect(newest).toMatchObject({ origin: { kind: 'undo', author: { id: 'claude', run: 'one' } } });
  });

  test('never deletes who was changed, or put into a group, by somebody else', async () => {
    const group = await addGroup('Board', []);
    const ada = await addUser('ada', {}, agent('one'));
    const bob = await addUser('bob', {}, agent('one'));
    await set(actor(), ada, 'title', 'Countess');
    await directory.modifyMembers(actor(), group, { add: [bob], remove: [] });
    const { undone, resources } = await directory.history.undo(actor(), { author: 'claude', run: 'one' });
    expect(undone).toBe(0);
    expect(resources.map(({ name, conflicts }) => [name, conflicts[0]?.reason])).toEqual([
      ['bob', 'Kenji put it into a group since, so it stays.'],
      ['ada', 'Kenji changed it since, so it stays.'],
    ]);
  });

  test('tells what somebody else deleted or brought back', async () => {
    const [ada, bob] = [await addUser('ada', { title: 'Analyst' }), await addUser('bob')];
    await set(agent('one'), ada, 'title', 'Boss');
    await directory.delete(agent('one'), 'User', bob);
    await directory.delete(actor(), 'User', ada);
    await directory.recreate(actor(), 'User', bob, { schemas: [userUrn], userName: 'bobby' });
    const { undone, resources } = await directory.history.undo(actor(), { author: 'claude', run: 'one' });
    expect(undone).toBe(0);
    expect(resources.flatMap(({ conflicts }) => conflicts.map(({ reason }) => reason)).toSorted()).toEqual([
      'Kenji brought it back since.',
      'Kenji deleted it since.',
    ]);
  });

  test('can be atomic: then one refusal undoes nothing', async () => {
    const [ada, bob] = [await addUser('ada', { title: 'Analyst' }), await addUser('bob')];
    await set(agent('one'), ada, 'title', 'Boss');
    await set(agent('one'), bob, 'userName', 'robert');
    await addUser('bob', {}, actor());
    const selection = { author: 'claude', run: 'one' };
    await expect(directory.history.undo(actor(), selection, { atomic: true })).rejects.toThrow(refusal('UNIQUENESS'));
    expect(await read('User', ada)).toMatchObject({ title: 'Boss' });
    const { undone, resources } = await directory.history.undo(actor(), selection);
    expect(undone).toBe(1);
    expect(resources.find(({ id }) => id === bob)?.conflicts[0]?.reason).toMatch(/has this userName/);
  });

  test('undoes one change, also one in the middle, and the last one of oneself', async () => {
    const id = await addUser('ada', { title: 'Analyst' });
    await set(actor(), id, 'title', 'Countess');
    await set(agent('one'), id, 'nickName', 'Z');
    const last = await directory.history.lastBy(actor(), 'kenji');
    expect(last?.changes).toEqual([{ path: 'title', before: 'Analyst', after: 'Countess' }]);
    await directory.history.undo(actor(), { author: 'kenji', revision: last?.revision });
    expect(await read('User', id)).toMatchObject({ title: 'Analyst', nickName: 'Z' });
    await expect(directory.history.undo(actor(), { author: 'kenji' })).rejects.toThrow(refusal('INVALID_ARGUMENT'));
  });
});
