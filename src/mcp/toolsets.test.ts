import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { toolsets, type Toolset } from '../directory/index.ts';
import { connect, startDoor, type Era } from './test-door.ts';
import { tools } from './tools/index.ts';
import type { ToolsetSettings } from './toolsets.ts';

let settings: ToolsetSettings = {};
let ofClient: readonly Toolset[] | undefined;
const listeners = new Set<() => void>();
const changed = () => listeners.forEach((listener) => listener());

let door: Awaited<ReturnType<typeof startDoor>>;
beforeAll(async () => {
  door = await startDoor({
    toolsets: {
      settings: () => settings,
      ofClient: () => ofClient,
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  });
});
afterAll(() => door.close());
beforeEach(async () => {
  settings = {};
  ofClient = undefined;
  await door.directory.tenants.update('default', { settings: { toolsets: null } });
});

const administrator = 'default:scim:admin';
const toolsetOf = (name: string) => tools.find((tool) => tool.name === name)?.toolset;

async function at(path: string, era: Era = '2026') {
  const client = await connect(`${door.url}${path}`, era, administrator);
  const names = (await client.listTools()).tools.map(({ name }) => name);
  const instructions = client.getInstructions() ?? '';
  await client.close();
  return { names, on: toolsets.filter((each) => names.some((name) => toolsetOf(name) === each)), instructions };
}

test('at /mcp there are at most 25 tools, those that the seeds name among them, and each of the rest has its address', async () => {
  const { names, on } = await at('');
  expect(names.length).toBeLessThanOrEqual(25);
  expect(on).toEqual(['scim', 'collaboration']);
  // Seed 001's contract.
  const contract = ['scim_create_user', 'scim_get_user', 'scim_update_user', 'scim_delete_user'];
  expect(names).toEqual(expect.arrayContaining(contract));
  for (const { name, toolset } of tools) expect((await at(`/x/${toolset}`)).names).toContain(name);
});

test.each<[string, string, ToolsetSettings, readonly Toolset[] | undefined, readonly Toolset[] | null, Toolset[]]>([
  ['the settings turn one on', '', { demo: true }, undefined, null, ['scim', 'collaboration', 'demo']],
  [
    'the settings turn one off everywhere',
    '/x/all',
    { demo: false },
    undefined,
    null,
    ['scim', 'collaboration', 'administration', 'user-auth'],
  ],
  ['a tenant has its own', '', {}, undefined, ['scim', 'administration'], ['scim', 'administration']],
  ['a client has its own', '', {}, ['demo'], null, ['demo']],
  ['a client has no more than its tenant', '', {}, ['scim', 'demo'], ['scim'], ['scim']],
  ['an address has no more than its client', '/x/all', {}, ['scim'], null, ['scim']],
  ['nor than its tenant', '/x/demo', {}, undefined, ['scim'], []],
  ['the settings stand over all', '', { demo: false }, ['demo'], ['demo'], []],
])('%s', async (_what, path, chosen, client, tenant, expected) => {
  settings = chosen;
  ofClient = client;
  await door.directory.tenants.update('default', { settings: { toolsets: tenant } });
  const { on, instructions } = await at(path);
  expect(on).toEqual(expected);
  expect(instructions.includes('demo tools')).toBe(expected.includes('demo'));
});

test.each<[string, string, RegExp]>([
  ['', 'scim_list_tenants', /It is at \/mcp\/x\/administration/],
  ['', 'scim_user_exists', /It is at \/mcp\/x\/scim/],
  ['/x/scim', 'scim_propose_change', /It is at \/mcp\/x\/collaboration/],
  ['/readonly', 'scim_delete_user', /nothing can be changed/],
  ['/x/demo', 'simple_tool', /turned off for this access/],
])('at %s, %s cannot be called, and the error says where it is', async (path, name, says) => {
  settings = { demo: false };
  for (const era of ['2025', '2026'] as const) {
    const client = await connect(`${door.url}${path}`, era, administrator);
    const calling = client.callTool({ name, arguments: {} });
    await expect(calling).rejects.toMatchObject({ code: -32_602, message: expect.stringMatching(says) });
    await client.close();
  }
});

test('a client that is connected is told when its tools change, and has them at once', async () => {
  const client = await connect(door.url, '2025', administrator);
  let told = 0;
  client.setNotificationHandler('notifications/tools/list_changed', () => void (told += 1));
  const has = async (name: string) => (await client.listTools()).tools.some((tool) => tool.name === name);
  expect(await has('simple_tool')).toBe(false);
  ofClient = ['demo'];
  changed();
  await expect.poll(() => told).toBe(1);
  expect([await has('simple_tool'), await has('scim_get_user')]).toEqual([true, false]);
  expect(await client.callTool({ name: 'simple_tool', arguments: { message: 'hello' } })).not.toHaveProperty('isError', true);
  await expect(client.callTool({ name: 'scim_get_user', arguments: { user_id: 'x' } })).rejects.toMatchObject({ code: -32_602 });
  ofClient = undefined;
  await door.directory.tenants.update('default', { settings: { toolsets: ['scim'] } });
  await expect.poll(() => told).toBe(2);
  expect([await has('simple_tool'), await has('scim_get_user'), await has('scim_begin_edit')]).toEqual([false, true, false]);
  changed();
  expect(await has('scim_get_user')).toBe(true);
  expect(told).toBe(2);
  await client.close();
});

test('so is one of the 2026 era that listens', async () => {
  const client = await connect(door.url, '2026', administrator);
  let told = 0;
  client.setNotificationHandler('notifications/tools/list_changed', () => void (told += 1));
  const listening = await client.listen({ toolsListChanged: true });
  ofClient = ['demo'];
  changed();
  await expect.poll(() => told).toBe(1);
  expect((await client.listTools()).tools.every(({ name }) => toolsetOf(name) === 'demo')).toBe(true);
  await listening.close();
  await client.close();
});
