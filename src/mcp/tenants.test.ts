import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, connectors, startDoor, type ToolClient } from './test-door.ts';
import { tools } from './tools/index.ts';

let door: Awaited<ReturnType<typeof startDoor>>;
beforeAll(async () => {
  door = await startDoor();
});
afterAll(() => door.close());

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
let made = 0;

/** Calls of tools about the tenant `id`, each with arguments that are right. */
const callsAbout = (id: string): [name: string, args: Record<string, unknown>][] => [
  ['scim_update_tenant', { tenant_id: id, name: 'Taken over' }],
  ['scim_update_tenant', { tenant_id: id, name: ' ' }],
  ['scim_update_tenant', { tenant_id: id, state: 'suspended' }],
  ['scim_delete_tenant', { tenant_id: id, confirm: id }],
];

describe.each(connectors)('%s', (_name, connectTo) => {
  let operator: ToolClient;
  beforeAll(async () => {
    operator = await connectTo(door.all, 'default:scim:admin');
  });
  afterAll(() => operator.close());

  const as = async <Result>(token: string, work: (client: ToolClient) => Promise<Result>): Promise<Result> => {
    const client = await connectTo(door.all, token);
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  };
  const idsFor = async (client: ToolClient) => {
    const { content } = await call(client, 'scim_list_tenants');
    return (content as unknown as { id: string }[]).map(({ id }) => id);
  };

  test.each([
    ['scim:read', ['scim:read']],
    ['scim:read+scim:write', ['scim:read', 'scim:write']],
    ['scim:admin', ['scim:read', 'scim:write', 'scim:admin']],
  ])('a token for %s is shown the tools that it may call', async (scopes, allowed) => {
    const shown = await as(`default:${scopes}`, async (client) => (await client.listTools()).tools.map(({ name }) => name));
    const there = tools.filter(({ scope }) => allowed.includes(scope));
    expect(shown).toEqual(there.map(({ name }) => name));
  });

  test('a tenant lives: added, renamed, set up, suspended, deleted with everyone in it', async () => {
    const id = `tenant-${made++}`;
    const created = await call(operator, 'scim_create_tenant', { tenant_id: id });
    expect(created.content).toMatchObject({ id, name: id, state: 'active', settings: { strict: false, require_version: false } });
    expect(created.metadata).toMatchObject({ resource_type: 'Tenant', resource_id: id, tenant_id: 'default' });
    const twice = await call(operator, 'scim_create_tenant', { tenant_id: id });
    expect(twice.content.error_code).toBe('UNIQUENESS');
    const agent = { id: 'x', name: 'X', kind: 'agent', door: 'mcp', tenant: id, scopes: ['scim:write', 'scim:read'] } as const;
    await door.directory.create(agent, 'User', { schemas: [userUrn], userName: 'ada' });
    const changes = { name: 'Renamed', settings: { require_version: true } };
    const changed = await call(operator, 'scim_update_tenant', { tenant_id: id, ...changes });
    expect(changed.content).toMatchObject({ id, name: 'Renamed', settings: { strict: false, require_version: true } });
    await call(operator, 'scim_update_tenant', { tenant_id: id, state: 'suspended' });
    await expect(door.directory.list(agent, 'User', { count: 0 })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await call(operator, 'scim_update_tenant', { tenant_id: id, state: 'active' });
    expect((await door.directory.list(agent, 'User', { count: 0 })).total).toBe(1);
    const unsure = await call(operator, 'scim_delete_tenant', { tenant_id: id, confirm: 'default' });
    expect(unsure.content).toMatchObject({ error_code: 'INVALID_ARGUMENTS', issues: [{ path: 'confirm' }] });
    expect(await idsFor(operator)).toContain(id);
    const deleted = await call(operator, 'scim_delete_tenant', { tenant_id: id, confirm: id });
    expect(deleted.content).toEqual({ status: 'deleted', tenant_id: id });
    expect(await idsFor(operator)).not.toContain(id);
    const again = await call(operator, 'scim_delete_tenant', { tenant_id: id, confirm: id });
    expect(again.content.error_code).toBe('TENANT_NOT_FOUND');
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['scim_create_tenant', { tenant_id: 'No Spaces' }, 'INVALID_ARGUMENTS'],
    ['scim_create_tenant', { name: 'Nameless' }, 'INVALID_ARGUMENTS'],
    ['scim_update_tenant', { tenant_id: 'other', state: 'deleted' }, 'INVALID_ARGUMENTS'],
    ['scim_update_tenant', { tenant_id: 'other', settings: { lenient: true } }, 'INVALID_ARGUMENTS'],
    ['scim_delete_tenant', { tenant_id: 'other' }, 'INVALID_ARGUMENTS'],
    ['scim_delete_tenant', { tenant_id: 'default', confirm: 'default' }, 'INVALID_ARGUMENTS'],
    ['scim_list_tenants', { tenant_id: 'other' }, 'TENANT_MISMATCH'],
  ])('%s %o is refused', async (name, args, code) => {
    const before = door.directory.tenants.list();
    expect((await call(operator, name, args)).content.error_code).toBe(code);
    expect(door.directory.tenants.list()).toEqual(before);
  });

  test('an administrator of another tenant manages that one, and detects no other', async () => {
    const own = `tenant-${made++}`;
    const foreign = `tenant-${made++}`;
    for (const id of [own, foreign]) await door.directory.tenants.create({ id, name: id });
    await as(`${own}:scim:admin`, async (client) => {
      expect(await idsFor(client)).toEqual([own]);
      const before = door.directory.tenants.list();
      for (const id of [foreign, 'default'])
        for (const [index, [name, args]] of callsAbout(id).entries()) {
          const nowhere = await call(client, name, callsAbout('nowhere')[index]?.[1]);
          expect(nowhere.content.error_code).toBe('TENANT_NOT_FOUND');
          expect(await call(client, name, args)).toEqual(nowhere);
        }
      const [taken, free] = [foreign, 'nowhere'].map((tenant_id) => call(client, 'scim_create_tenant', { tenant_id }));
      expect((await taken)?.content.error_code).toBe('FORBIDDEN');
      expect(await taken).toEqual(await free);
      expect(door.directory.tenants.list()).toEqual(before);
      const renamed = await call(client, 'scim_update_tenant', { tenant_id: own, name: 'Ours' });
      expect(renamed.content).toMatchObject({ id: own, name: 'Ours' });
      expect((await call(client, 'scim_delete_tenant', { tenant_id: own, confirm: own })).success).toBe(true);
    });
    await door.directory.tenants.delete(foreign);
  });

  test('who is no administrator learns of no tenant', async () => {
    for (const token of ['default:scim:read+scim:write', 'other:scim:read+scim:write'])
      await as(token, async (client) => {
        for (const [name, args] of [
          ...callsAbout('other'),
          ['scim_list_tenants', {}],
          ['scim_create_tenant', { tenant_id: 'x' }],
        ] as [string, Record<string, unknown>][])
          expect([name, (await call(client, name, args)).content.error_code]).toEqual([name, 'FORBIDDEN']);
      });
    expect(door.directory.tenants.get('other')).toMatchObject({ name: 'Other', state: 'active' });
  });
});

test('changes of one tenant at the same time all hold', async () => {
  const { tenants } = door.directory;
  await tenants.create({ id: 'busy', name: 'Busy' });
  await Promise.all([
    tenants.update('busy', { name: 'Busier' }),
    tenants.update('busy', { state: 'suspended' }),
    tenants.update('busy', { settings: { strict: true } }),
  ]);
  expect(tenants.get('busy')).toMatchObject({ name: 'Busier', state: 'suspended', settings: { strict: true } });
  const twins = await Promise.allSettled([1, 2].map((n) => tenants.create({ id: 'twin', name: `Twin ${n}` })));
  expect(twins.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const [, late] = await Promise.allSettled([tenants.delete('busy'), tenants.update('busy', { state: 'active' })]);
  expect(late).toMatchObject({ reason: { code: 'NOT_FOUND' } });
  await tenants.delete('twin');
});
