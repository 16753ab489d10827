import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, connectors, startDoor, type ToolClient } from './test-door.ts';

let door: Awaited<ReturnType<typeof startDoor>>;
beforeAll(async () => {
  door = await startDoor();
});
afterAll(() => door.close());

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const kenji = {
  id: 'kenji',
  name: 'Kenji',
  kind: 'person',
  door: 'window',
  tenant: 'default',
  scopes: ['scim:read', 'scim:write'],
} as const;
let names = 0;
const name = () => `past${names++}`;

describe.each(connectors)('%s', (_name, connectTo) => {
  let client: ToolClient;
  beforeAll(async () => {
    client = await connectTo(door.all);
  });
  afterAll(() => client.close());

  test('history tells who changed what, filtered and in pages; two versions are compared; one comes back', async () => {
    const user_data = { schemas: [userUrn], userName: name(), title: 'Analyst' };
    const created = (await call(client, 'scim_create_user', { user_data })).content;
    const about = { resource_type: 'User', resource_id: String(created['id']) };
    await door.directory.patch(kenji, 'User', about.resource_id, [{ op: 'replace', path: 'title', value: 'Countess' }]);
    const now = (
      await call(client, 'scim_patch_user', {
        user_id: about.resource_id,
        operations: [{ op: 'add', path: 'nickName', value: 'Ada' }],
      })
    ).content;

    const { content, metadata } = await call(client, 'scim_get_history', { ...about, count: 2 });
    const first = { version: created['_version'] };
    expect(content).toMatchObject([
      { operation: 'patch', actor: { id: 'agent' }, changes: [{ path: 'nickName', after: 'Ada' }], version: now['_version'] },
      {
        operation: 'patch',
        actor: { name: 'Kenji', door: 'window' },
        previous_version: created['_version'],
        changes: [{ path: 'title', before: 'Analyst', after: 'Countess' }],
      },
    ]);
    const rest = await call(client, 'scim_get_history', { ...about, count: 2, cursor: metadata['next_cursor'] });
    expect(rest.content).toMatchObject([{ operation: 'create', ...first }]);
    expect(rest.metadata).not.toHaveProperty('next_cursor');
    const byKenji = await call(client, 'scim_get_history', { ...about, author: 'kenji', field: 'title' });
    expect(byKenji.content).toHaveLength(1);

    const from_version = created['_version'];
    const compared = await call(client, 'scim_compare_versions', { ...about, from_version });
    expect(compared.content).toMatchObject({
      from: first,
      to: { version: now['_version'] },
      changes: [
        { path: 'title', before: 'Analyst', after: 'Countess' },
        { path: 'nickName', after: 'Ada' },
      ],
    });
    const to_version = from_version;
    const stale = await call(client, 'scim_revert', { ...about, to_version, expected_version: to_version });
    expect(stale.content).toMatchObject({ error_code: 'VERSION_MISMATCH' });
    const partly = await call(client, 'scim_revert', {
      ...about,
      to_version,
      fields: ['title'],
      expected_version: now['_version'],
    });
    expect(partly).toMatchObject({
      content: { title: 'Analyst', nickName: 'Ada' },
      metadata: { operation: 'revert', reverted_to: to_version, changed: true, conditional_update: true },
    });
    const whole = await call(client, 'scim_revert', { ...about, to_version });
    expect(whole.content).toMatchObject({ _version: to_version });
    expect(whole.content).not.toHaveProperty('nickName');
    const [last] = (await call(client, 'scim_get_history', { ...about, count: 1 })).content as unknown as object[];
    expect(last).toMatchObject({ reverted_to: to_version, operation: 'replace' });
  });

  test('a deleted group comes back with its members, but for those who are gone', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 2; n++)
      ids.push(
        String((await call(client, 'scim_create_user', { user_data: { schemas: [userUrn], userName: name() } })).content['id']),
      );
    const group_data = { schemas: [groupUrn], displayName: name(), members: ids.map((value) => ({ value })) };
    const { content } = await call(client, 'scim_create_group', { group_data });
    const group_id = String(content['id']);
    await call(client, 'scim_delete_user', { user_id: ids[0] });
    await call(client, 'scim_delete_group', { group_id });
    const back = await call(client, 'scim_revert', {
      resource_type: 'Group',
      resource_id: group_id,
      to_version: content['_version'],
    });
    expect(back).toMatchObject({
      content: { id: group_id, members: [{ value: ids[1] }] },
      metadata: { left_out: [{ value: ids[0], type: 'User' }] },
    });
  });

  test('says what is not there', async () => {
    const about = { resource_type: 'Group', resource_id: 'nobody' };
    expect((await call(client, 'scim_get_history', about)).content).toMatchObject({ error_code: 'GROUP_NOT_FOUND' });
    const created = (await call(client, 'scim_create_user', { user_data: { schemas: [userUrn], userName: name() } })).content;
    const user = { resource_type: 'User', resource_id: created['id'] };
    const refusals: [tool: string, args: object, code: string][] = [
      ['scim_revert', { ...user, to_version: 'unknown' }, 'VERSION_NOT_FOUND'],
      ['scim_revert', { ...user, to_version: 'W/"abc"' }, 'INVALID_VERSION_FORMAT'],
      ['scim_revert', { ...user, to_version: created['_version'], fields: ['shoeSize'] }, 'INVALID_PATH'],
      ['scim_compare_versions', { ...user, from_version: 'unknown' }, 'VERSION_NOT_FOUND'],
      ['scim_get_history', { ...user, cursor: 'x' }, 'INVALID_CURSOR'],
      ['scim_get_history', { ...user, field: 'shoeSize' }, 'INVALID_PATH'],
    ];
    for (const [tool, args, error_code] of refusals)
      expect((await call(client, tool, args as Record<string, unknown>)).content, tool).toMatchObject({ error_code });
  });
});

test('the changes of a client without a longer break are one run, and so are those that it names', async () => {
  const clients: ToolClient[] = [];
  for (const [, connectTo] of connectors) {
    const client = await connectTo(door.all);
    clients.push(client);
    const { content } = await call(client, 'scim_create_user', { user_data: { schemas: [userUrn], userName: name() } });
    const user_id = String(content['id']);
    await call(client, 'scim_patch_user', { user_id, operations: [{ op: 'add', path: 'title', value: 'Analyst' }] });
    const { revisions } = await door.directory.history.list(kenji, 'User', user_id, { limit: 5 });
    const runs = new Set(revisions.map(({ author }) => author.run));
    expect([...runs]).toEqual([expect.stringMatching(/^[\w-]{8,}$/)]);
    const run = `task-${user_id}`;
    await client.callTool({
      name: 'scim_patch_user',
      arguments: { user_id, operations: [{ op: 'replace', path: 'title', value: 'Boss' }] },
      _meta: { 'tandem/run': run },
    });
    const title = async () => (await door.directory.get(kenji, 'User', user_id)).resource['title'];
    expect(await title()).toBe('Boss');
    const author = revisions[0]?.author.id ?? '';
    expect(await door.directory.history.undo(kenji, { author, run })).toMatchObject({ undone: 1 });
    expect(await title()).toBe('Analyst');
  }
  for (const client of clients) await client.close();
});
