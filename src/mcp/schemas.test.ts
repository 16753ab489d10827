import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, connectors, startDoor, type ToolClient } from './test-door.ts';

let door: Awaited<ReturnType<typeof startDoor>>;
beforeAll(async () => {
  door = await startDoor();
});
afterAll(() => door.close());

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const admin = { id: 'x', name: 'X', kind: 'person', door: 'window', tenant: 'default', scopes: ['scim:admin'] } as const;

interface Schema {
  id: string;
  version: string;
  attributes: { name: string; subAttributes?: { name: string }[] }[];
}

describe.each(connectors)('%s', (label, connectTo) => {
  let client: ToolClient;
  beforeAll(async () => {
    client = await connectTo(door.all);
  });
  afterAll(() => client.close());

  const urn = `urn:example:${label.replaceAll(/\W/g, '')}:2.0:User`;
  const proposal = (attributes: object[], over: object = {}) => ({ id: urn, name: 'Badges', attributes, ...over });
  const validate = async (schema: object) =>
    (await call(client, 'scim_validate_schema_extension', { resource_type: 'User', schema })).content;
  const schemas = async (fields?: string[]) =>
    (await call(client, 'scim_get_schemas', fields && { fields })).content['schemas'] as Schema[];

  test('schemas have versions, and fields choose', async () => {
    const all = await schemas();
    expect(all.map(({ id }) => id).slice(0, 2)).toEqual([userUrn, enterpriseUrn]);
    for (const { version } of all) expect(version).toMatch(/^[A-Za-z0-9+/]{11}=$/);
    const chosen = await schemas(['userName', 'emails.type', 'members.value']);
    expect(chosen.map(({ id, attributes }) => [id, attributes.map(({ name }) => name)])).toEqual([
      [userUrn, ['userName', 'emails']],
      [groupUrn, ['members']],
    ]);
    expect(chosen[0]?.version).toBe(all[0]?.version);
    const { content } = await call(client, 'scim_get_schemas', { fields: ['shoeSize'] });
    expect(content).toMatchObject({ error_code: 'INVALID_PATH', error: expect.stringContaining('shoeSize') });
  });

  test('a proposed extension is checked by itself and against the users that there are', async () => {
    expect(await validate(proposal([{ name: 'badge' }]))).toEqual({
      valid: true,
      issues: [],
      affected: { count: 0, examples: [] },
    });
    const clash = await validate(proposal([{ name: 'department' }, { name: 'two words' }], { id: 'none' }));
    expect(clash).toMatchObject({ valid: false, affected: { count: 0 } });
    expect((clash['issues'] as { path: string }[]).map(({ path }) => path)).toEqual(['id', 'attributes[1].name']);
    const { content: user } = await call(client, 'scim_create_user', { user_data: { schemas: [userUrn], userName: urn } });
    const { metadata } = await call(client, 'scim_list_users', { count: 0 });
    expect(await validate(proposal([{ name: 'badge', required: true }]))).toMatchObject({
      valid: false,
      issues: [{ path: `${urn}:badge`, message: expect.stringContaining('Is required') }],
      affected: { count: metadata['total_results'], examples: expect.arrayContaining([{ id: user['id'], name: urn }]) },
    });
    expect((await schemas()).map(({ id }) => id)).not.toContain(urn);
  });

  test('once in force, it is shown, written, filtered by and patched', async () => {
    await door.directory.putExtension(admin, 'User', proposal([{ name: 'badge' }, { name: 'level', type: 'integer' }]));
    const [mine] = await schemas([urn]);
    expect(mine).toMatchObject({ id: urn, version: expect.any(String) });
    const user_data = { schemas: [userUrn], userName: `${urn}2`, [urn]: { badge: 'gold', level: 3 } };
    const created = await call(client, 'scim_create_user', { user_data });
    expect(created.content[urn]).toEqual({ badge: 'gold', level: 3 });
    const filter = `${urn}:level ge 3 and badge eq "GOLD"`;
    const found = await call(client, 'scim_search_users', { filter, fields: [`${urn}:badge`] });
    expect(found.content).toMatchObject({ totalResults: 1, Resources: [{ [urn]: { badge: 'gold' } }] });
    const byValue = await call(client, 'scim_search_users', { attribute: `${urn}:level`, value: '3' });
    expect(byValue.content).toMatchObject({ totalResults: 1 });
    const operations = [{ op: 'replace', path: `${urn}:level`, value: 4 }];
    const patched = await call(client, 'scim_patch_user', { user_id: created.content['id'], operations });
    expect(patched.content[urn]).toEqual({ badge: 'gold', level: 4 });
    expect(await validate(proposal([{ name: 'badge', type: 'boolean' }]))).toMatchObject({
      valid: false,
      affected: { count: 1 },
    });
    const stranger = await connectTo(door.all, 'other:scim:read+scim:write');
    const theirs = (await call(stranger, 'scim_get_schemas')).content['schemas'] as Schema[];
    expect(theirs.map(({ id }) => id)).toEqual([userUrn, enterpriseUrn, groupUrn]);
    await stranger.close();
    const removed = [{ op: 'remove', path: urn }];
    await call(client, 'scim_patch_user', { user_id: created.content['id'], operations: removed });
    await door.directory.removeExtension(admin, 'User', urn);
  });
});
