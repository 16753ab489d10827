import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { mcpDoor, type Tool } from './linear/doors.ts';
import { newGroup, newUser, startScim, urns, type Call, type ScimHost } from './scim-host.ts';

let scim: ScimHost;
let ada: { tool: Tool; close(): Promise<void> };
let bob: { tool: Tool; close(): Promise<void> };
let rest: Call;
/** Eight people. */
let people: string[];
/** A group of the first two. */
let group: string;

beforeAll(async () => {
  scim = await startScim();
  const door = async (name: string, era: '2025' | '2026') =>
    mcpDoor(scim.host.app.endpoints.mcp, await scim.host.accessKey({ name }), era);
  ada = await door('Ada', '2026');
  bob = await door('Bob', '2025');
  rest = await scim.callAs({ name: 'Rest' });
  people = [];
  for (let count = 0; count < 8; count++) people.push((await rest('POST', '/Users', newUser())).body.id);
});
afterAll(async () => {
  await ada.close();
  await bob.close();
  await scim.close();
});
beforeEach(async () => {
  group = (await scim.call('POST', '/Groups', newGroup({ members: people.slice(0, 2).map((value) => ({ value })) }))).body.id;
});

const person = (index: number) => people[index] ?? '';
const listOf = (...indexes: number[]) => indexes.map((index) => ({ value: person(index) }));

/** Who is in the group, by number. */
async function members(): Promise<number[]> {
  const { body } = await scim.call('GET', `/Groups/${group}`);
  return ((body.members ?? []) as { value: string }[]).map(({ value }) => people.indexOf(value)).toSorted((a, b) => a - b);
}

const added = (...indexes: number[]) => ({
  schemas: [urns.patch],
  Operations: [{ op: 'add', path: 'members', value: listOf(...indexes) }],
});
const removed = (index: number) => ({
  schemas: [urns.patch],
  Operations: [{ op: 'remove', path: `members[value eq "${person(index)}"]` }],
});

test('members that come and go by set never conflict, whichever door they come by', async () => {
  const moved = await Promise.all([
    ada.tool('scim_modify_group_members', { group_id: group, add: [person(2)], remove: [person(0)] }),
    bob.tool('scim_modify_group_members', { group_id: group, add: [person(3), person(2)] }),
    ada.tool('scim_patch_group', { group_id: group, operations: added(4).Operations }),
  ]);
  expect(moved.map(({ success }) => success)).toEqual([true, true, true]);
  const patched = await Promise.all([
    rest('PATCH', `/Groups/${group}`, added(5)),
    rest('PATCH', `/Groups/${group}`, removed(1)),
    bob.tool('scim_modify_group_members', { group_id: group, add: [person(6)] }),
    rest('PATCH', `/Groups/${group}`, added(7, 5)),
  ]);
  expect(patched.map((answer) => ('status' in answer ? answer.status : answer.success))).toEqual([200, 200, true, 200]);
  expect(await members()).toEqual([2, 3, 4, 5, 6, 7]);
});

test('over MCP a whole list of members by who has not seen the others is refused, and settled with all of them', async () => {
  const { content: seen } = await ada.tool('scim_get_group', { group_id: group });
  await bob.tool('scim_modify_group_members', { group_id: group, add: [person(2)], remove: [person(1)] });
  const group_data = { schemas: [urns.group], displayName: `${String(seen['displayName'])}, renamed`, members: listOf(0, 1, 3) };
  const update = (expected_version?: unknown) => ada.tool('scim_update_group', { group_id: group, group_data, expected_version });
  const conditional = await update(seen['_version']);
  expect(conditional.content).toMatchObject({ error_code: 'VERSION_MISMATCH', conflict: { overlap: false } });
  expect(conditional.content.conflict?.['merged']).toMatchObject({ members: expect.toSatisfy(isSetOf(0, 2, 3)) });
  const { content: now } = await ada.tool('scim_get_group', { group_id: group });
  for (const blind of [await update(now['_version']), await update()])
    expect(blind.content).toMatchObject({
      error_code: 'STALE_BODY',
      conflict: {
        would_undo: expect.toSatisfy(
          (paths: string[]) => paths.length === 2 && paths.every((path) => path.startsWith('members[')),
        ),
        merged: { members: expect.toSatisfy(isSetOf(0, 2, 3)) },
      },
    });
  expect(await members()).toEqual([0, 2]);

  await rest('PATCH', `/Groups/${group}`, added(4));
  const last = await update(now['_version']);
  const settle = { conflict_id: last.content.conflict?.['conflict_id'], strategy: 'merge' };
  // It was sent for a version whose members it does not have: to settle that would undo what the others did before it.
  expect((await ada.tool('scim_resolve_conflict', settle)).content.error_code).toBe('STALE_BODY');
  expect(await members()).toEqual([0, 2, 4]);
  expect(await ada.tool('scim_resolve_conflict', settle)).toMatchObject({
    success: true,
    content: { displayName: group_data.displayName },
  });
  expect(await members()).toEqual([0, 2, 3, 4]);
});

const isSetOf =
  (...indexes: number[]) =>
  (list: { value: string }[]) =>
    JSON.stringify(list.map(({ value }) => people.indexOf(value)).toSorted((a, b) => a - b)) === JSON.stringify(indexes);

test('over REST a whole list of members by who has not seen the others is refused, and names who would go', async () => {
  const { body: seen, headers } = await rest('GET', `/Groups/${group}`);
  await bob.tool('scim_modify_group_members', { group_id: group, add: [person(2)] });
  const record = { schemas: [urns.group], displayName: seen.displayName, members: listOf(0, 1, 3) };
  const put = (match?: string) => rest('PUT', `/Groups/${group}`, record, match === undefined ? {} : { 'if-match': match });
  expect((await put(headers.get('etag') ?? '')).status).toBe(412);
  const { headers: now } = await rest('GET', `/Groups/${group}?attributes=id`);
  for (const blind of [await put(now.get('etag') ?? ''), await put()]) {
    expect(blind.status).toBe(409);
    expect(blind.body[urns.conflict]).toMatchObject({
      wouldUndo: [`members[value eq "${person(2)}"]`],
      merged: { members: expect.toSatisfy(isSetOf(0, 1, 2, 3)) },
    });
  }
  expect(await members()).toEqual([0, 1, 2]);
  const { headers: read } = await rest('GET', `/Groups/${group}`);
  const without = { ...record };
  Reflect.deleteProperty(without, 'members');
  expect((await rest('PUT', `/Groups/${group}`, without, { 'if-match': read.get('etag') ?? '' })).status).toBe(200);
  expect(await members()).toEqual([0, 1, 2]);
});

test('going back to a version, put together with what others did since, leaves their members alone', async () => {
  const { content: first } = await ada.tool('scim_get_group', { group_id: group });
  const { content: moved } = await ada.tool('scim_modify_group_members', { group_id: group, remove: [person(0)] });
  await bob.tool('scim_modify_group_members', { group_id: group, add: [person(2)] });
  const refused = await ada.tool('scim_revert', {
    resource_type: 'Group',
    resource_id: group,
    to_version: first['_version'],
    expected_version: moved['_version'],
  });
  expect(refused.content.error_code).toBe('VERSION_MISMATCH');
  const conflict_id = refused.content.conflict?.['conflict_id'];
  expect(await ada.tool('scim_resolve_conflict', { conflict_id, strategy: 'merge' })).toMatchObject({ success: true });
  expect(await members()).toEqual([0, 1, 2]);
});

test('a conflict is about the version that its writer has read, though the group was deleted and is back', async () => {
  const { content: seen } = await ada.tool('scim_get_group', { group_id: group });
  await bob.tool('scim_delete_group', { group_id: group });
  const back = { resource_type: 'Group', resource_id: group, to_version: seen['_version'] };
  await bob.tool('scim_revert', back);
  await bob.tool('scim_modify_group_members', { group_id: group, remove: [person(1)] });
  const group_data = { schemas: [urns.group], displayName: seen['displayName'], members: listOf(0, 1, 2) };
  const refused = await ada.tool('scim_update_group', { group_id: group, group_data, expected_version: seen['_version'] });
  const conflict_id = refused.content.conflict?.['conflict_id'];
  await ada.tool('scim_resolve_conflict', { conflict_id, strategy: 'merge' });
  expect(await members()).toEqual([0, 2]);
});

test('an old record is refused as often as it is sent with the version of the moment', async () => {
  const { body: created } = await scim.call('POST', '/Users', newUser({ title: 'Engineer' }));
  const user_id = created.id as string;
  const { content: old } = await ada.tool('scim_get_user', { user_id });
  const patch = (path: string, value: string) =>
    bob.tool('scim_patch_user', { user_id, operations: [{ op: 'replace', path, value }] });
  await patch('title', 'Architect');
  for (let round = 0; round < 12; round++) {
    await patch('nickName', `Jo ${round}`);
    const { content: now } = await ada.tool('scim_get_user', { user_id });
    const user_data = { schemas: [urns.user], userName: old['userName'], title: old['title'], locale: 'de' };
    const sent = await ada.tool('scim_update_user', { user_id, user_data, expected_version: now['_version'] });
    expect(sent.content.error_code, `round ${round}`).toBe('STALE_BODY');
  }
  expect((await scim.call('GET', `/Users/${user_id}`)).body).toMatchObject({ title: 'Architect', nickName: 'Jo 11' });
});
