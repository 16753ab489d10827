import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, connectors, startDoor, writer, type ToolClient } from './test-door.ts';

let door: Awaited<ReturnType<typeof startDoor>>;
beforeAll(async () => {
  door = await startDoor();
});
afterAll(() => door.close());

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
let made = 0;

describe.each(connectors)('%s', (_name, connectTo) => {
  let admin: ToolClient;
  let agent: ToolClient;
  beforeAll(async () => {
    admin = await connectTo(door.all, 'default:scim:admin#admin');
    agent = await connectTo(door.all, `${writer}#worker`);
  });
  afterAll(() => Promise.all([admin.close(), agent.close()]));

  const get = async (client = admin) =>
    (await call(client, 'scim_get_policy')).content as { policy: Record<string, unknown>; version: string };
  const update = (policy: object, more: Record<string, unknown>) => call(admin, 'scim_update_policy', { policy, ...more });

  test('an administrator reads the policy, tries another, sets it for the version it saw, and it is in the audit log', async () => {
    const before = await get();
    expect(before.policy).toMatchObject({ allAgents: { readOnly: false }, clients: [] });
    const user_data = { schemas: [userUrn], userName: `policy${made++}` };
    const { content: user } = await call(agent, 'scim_create_user', { user_data });
    await call(agent, 'scim_delete_user', { user_id: user['id'] });
    const policy = { allAgents: { approval: { delete: true } } };
    const { content: dryRun, metadata } = await update(policy, { dry_run: true, count: 2 });
    expect(dryRun).toMatchObject({
      verdicts: { apply: 1, approval: 1, refuse: 0 },
      changes: [{ id: user['id'], operation: 'delete', verdict: 'approval', rule: { id: 'all-agents/delete' } }],
    });
    expect(metadata).toMatchObject({ dry_run: true });
    expect(await get()).toEqual(before);

    const { content: changed } = await update(policy, { expected_version: before.version });
    expect(changed).toMatchObject({ policy: { allAgents: { approval: { delete: true } } } });
    expect(await get()).toEqual(changed);
    const entries = await door.directory.audit.list(
      { id: 'x', name: 'X', kind: 'person', door: 'window', tenant: 'default', scopes: ['scim:admin'] },
      { kind: 'policy', count: 1 },
    );
    expect(entries.entries).toMatchObject([
      { event: 'changed', actor: { id: 'admin' }, detail: { changes: [{ path: 'allAgents.approval.delete', after: true }] } },
    ]);

    const late = await update({}, { expected_version: before.version });
    expect(late.content.error_code).toBe('VERSION_MISMATCH');
    expect(await get()).toEqual(changed);
    await update({}, { expected_version: changed['version'] });
  });

  test.each<[Record<string, unknown>, string, string]>([
    [{ policy: {} }, 'INVALID_ARGUMENTS', 'expected_version'],
    [{ policy: { allAgents: { readOnly: 'yes' } }, dry_run: true }, 'INVALID_ARGUMENTS', 'policy.allAgents.readOnly'],
    [
      { policy: { allAgents: { approval: { attributes: ['titel'] } } }, dry_run: true },
      'SCHEMA_VIOLATION',
      'allAgents.approval.attributes.0',
    ],
  ])('%o is refused by name, and changes nothing', async (args, code, path) => {
    const before = await get();
    const { content } = await call(admin, 'scim_update_policy', args);
    expect(content).toMatchObject({ error_code: code, issues: [{ path }] });
    expect(await get()).toEqual(before);
  });

  test('nobody else sees or changes it, and an administrator only that of its own tenant', async () => {
    const { version } = await get();
    for (const [name, args] of [
      ['scim_get_policy', {}],
      ['scim_update_policy', { policy: {}, expected_version: version }],
    ] as const) {
      expect((await agent.listTools()).tools.map((tool) => tool.name)).not.toContain(name);
      expect((await call(agent, name, args)).content.error_code).toBe('FORBIDDEN');
      expect((await call(admin, name, { ...args, tenant_id: 'other' })).content.error_code).toBe('TENANT_MISMATCH');
    }
  });
});
