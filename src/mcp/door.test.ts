import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, connect, connectors, startDoor, writer, type ToolClient } from './test-door.ts';

type Door = Awaited<ReturnType<typeof startDoor>>;
let door: Door;
beforeAll(async () => {
  door = await startDoor();
});
afterAll(() => door.close());

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
let names = 0;
const record = () => ({ schemas: [userUrn], userName: `user${names++}@example.com`, title: 'Analyst' });

describe.each(connectors)('%s', (_name, connectTo) => {
  const open = (token?: string) => connectTo(door.all, token);
  let client: ToolClient;
  beforeAll(async () => {
    client = await open();
  });
  afterAll(() => client.close());

  test('a user lives: create, get, exists, search, list, update as in seed 001, delete', async () => {
    const created = await call(client, 'scim_create_user', { user_data: record() });
    const { id, _version, userName } = created.content as { id: string; _version: string; userName: string };
    expect(created.metadata).toMatchObject({ resource_id: id, version: _version, tenant_id: 'default' });
    const read = await call(client, 'scim_get_user', { user_id: id });
    expect(read.content).toEqual(created.content);
    expect((await call(client, 'scim_user_exists', { user_id: id })).content).toEqual({ exists: true, user_id: id });
    const found = await call(client, 'scim_search_users', { attribute: 'userName', value: userName.toUpperCase() });
    expect(found.content).toMatchObject({ totalResults: 1, Resources: [{ id }] });
    const list = await call(client, 'scim_list_users', { start_index: 1, count: 1 });
    expect(list.content).toHaveLength(1);
    const updated = await call(client, 'scim_update_user', {
      user_id: id,
      user_data: { ...read.content, active: false },
      expected_version: _version,
    });
    expect(updated.content).toMatchObject({
      id,
      active: false,
      meta: { created: (read.content['meta'] as { created: string }).created },
    });
    expect(updated.metadata['version']).not.toBe(_version);
    const stale = await call(client, 'scim_delete_user', { user_id: id, expected_version: _version });
    expect(stale.content.error_code).toBe('VERSION_MISMATCH');
    const deleted = await call(client, 'scim_delete_user', { user_id: id, expected_version: updated.metadata['version'] });
    expect(deleted.content).toEqual({ status: 'deleted', user_id: id });
    expect((await call(client, 'scim_get_user', { user_id: id })).content.error_code).toBe('USER_NOT_FOUND');
  });

  test('a mismatch explains itself, and its merge can be sent', async () => {
    const created = await call(client, 'scim_create_user', { user_data: record() });
    const { id, _version } = created.content as { id: string; _version: string };
    const other = await call(client, 'scim_update_user', { user_id: id, user_data: { ...created.content, title: 'Countess' } });
    const args = { user_id: id, user_data: { ...created.content, nickName: 'Ada' }, expected_version: _version };
    const refused = await call(client, 'scim_update_user', args);
    const { conflict } = refused.content as unknown as { conflict: Record<string, unknown> };
    expect(conflict).toMatchObject({
      expected_version: _version,
      current_version: other.metadata['version'],
      overlap: false,
      changes: [{ path: 'title', before: 'Analyst', after: 'Countess', actor: { name: 'Agent' }, when: expect.any(String) }],
      current: { title: 'Countess', _version: other.metadata['version'] },
    });
    const merged = await call(client, 'scim_update_user', {
      user_id: id,
      user_data: conflict['merged'],
      expected_version: conflict['current_version'],
    });
    expect(merged.content).toMatchObject({ title: 'Countess', nickName: 'Ada' });
    const overlapping = await call(client, 'scim_update_user', {
      ...args,
      user_data: { ...created.content, title: 'Queen' },
    });
    expect(overlapping.content['conflict']).toMatchObject({ overlap: true, overlapping: ['title'] });
  });

  test('bad arguments name the field and change nothing', async () => {
    const created = await call(client, 'scim_create_user', { user_data: record() });
    const { id, _version } = created.content as { id: string; _version: string };
    const cases: [string, Record<string, unknown>, string, RegExp][] = [
      ['scim_get_user', {}, 'INVALID_ARGUMENTS', /user_id/],
      ['scim_get_user', { user_id: 7 }, 'INVALID_ARGUMENTS', /user_id/],
      ['scim_get_user', { user_id: id, verbose: true }, 'INVALID_ARGUMENTS', /verbose: Is not an argument/],
      ['scim_list_users', { start_index: 0 }, 'INVALID_ARGUMENTS', /start_index/],
      ['scim_search_users', { attribute: 'shoeSize', value: '1' }, 'INVALID_ARGUMENTS', /shoeSize/],
      ['scim_update_user', { user_id: id, user_data: { active: false } }, 'SCHEMA_VIOLATION', /userName: Is required/],
      [
        'scim_update_user',
        { user_id: id, user_data: created.content, expected_version: `W/"${_version}"` },
        'INVALID_VERSION_FORMAT',
        /raw version/,
      ],
      ['scim_get_user', { user_id: id, tenant_id: 'other' }, 'TENANT_MISMATCH', /tenant/],
      [
        'scim_create_user',
        { user_data: { schemas: [userUrn], userName: (created.content['userName'] as string).toUpperCase() } },
        'UNIQUENESS',
        /userName/,
      ],
    ];
    for (const [name, args, code, text] of cases) {
      const { content } = await call(client, name, args);
      expect(content.error_code).toBe(code);
      expect(content.error).toMatch(text);
    }
    const elsewhere = await call(client, 'scim_get_user', { user_id: id, tenant_id: 'other' });
    const nowhere = await call(client, 'scim_get_user', { user_id: id, tenant_id: 'nowhere' });
    expect(elsewhere).toEqual(nowhere);
    expect((await call(client, 'scim_get_user', { user_id: id })).metadata['version']).toBe(_version);
    await expect(client.callTool({ name: 'scim_paint_user', arguments: {} })).rejects.toMatchObject({ code: -32_602 });
  });

  test('another tenant neither reads nor detects, and a reader does not write', async () => {
    const created = await call(client, 'scim_create_user', { user_data: record() });
    const { id } = created.content as { id: string };
    const stranger = await open('other:scim:read+scim:write');
    const unknown = await call(stranger, 'scim_get_user', { user_id: id });
    expect(unknown.content.error_code).toBe('USER_NOT_FOUND');
    expect((await call(stranger, 'scim_user_exists', { user_id: id })).content['exists']).toBe(false);
    await stranger.close();
    const reader = await open('default:scim:read');
    expect((await call(reader, 'scim_delete_user', { user_id: id })).content.error_code).toBe('FORBIDDEN');
    await reader.close();
  });
});

test('each tool has its schema in git', async () => {
  const client = await connect(`${door.url}/x/all`, '2026', 'default:scim:admin');
  for (const tool of (await client.listTools()).tools)
    await expect(`${JSON.stringify(tool, null, 2)}\n`).toMatchFileSnapshot(`__snapshots__/${tool.name}.json`);
  await client.close();
});

describe('refused before any server sees it', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(door.url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${writer}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body,
    });
  const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

  test.each<[string, string, Record<string, string>, number, number]>([
    ['malformed JSON', '{"jsonrpc":', {}, 400, -32_700],
    ['a wrong content type', ping, { 'content-type': 'text/plain' }, 415, -32_000],
    ['no content type that is known', ping, { 'content-type': 'application/x-www-form-urlencoded' }, 415, -32_600],
    [
      'a body of 5 MB',
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { x: 'x'.repeat(5_000_000) } }),
      {},
      413,
      -32_600,
    ],
    ['an unknown session', ping, { 'mcp-session-id': 'nobody' }, 404, -32_004],
    ['no session', ping, {}, 400, -32_000],
    ['no valid token', ping, { authorization: 'Bearer nonsense' }, 401, -32_001],
  ])('%s', async (_name, body, headers, status, code) => {
    const response = await post(body, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', error: { code } });
  });

  test('without a token it says where to get one', async () => {
    const response = await fetch(door.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: ping });
    expect(response.status).toBe(401);
    const challenge = response.headers.get('www-authenticate');
    expect(challenge).toContain(`resource_metadata="${new URL(door.url).origin}/.well-known/oauth-protected-resource/mcp"`);
    expect(challenge).toContain('scope="scim:read scim:write"');
    const readOnly = await fetch(`${door.url}/readonly`, { method: 'POST' });
    expect(readOnly.headers.get('www-authenticate')).toContain('scope="scim:read", ');
  });

  test('an OAuth client that lacks a scope is told which to ask for', async () => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'scim_delete_user', arguments: {} },
    });
    const response = await post(body, { authorization: 'Bearer default:scim:read#oauth' });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="scim:read scim:write"');
  });

  test("a session is its owner's only", async () => {
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
    };
    const id = (await post(JSON.stringify(initialize))).headers.get('mcp-session-id') ?? '';
    const headers = { 'mcp-session-id': id };
    expect((await post(ping, headers)).status).toBe(200);
    expect((await post(ping, { ...headers, authorization: 'Bearer other:scim:read' })).status).toBe(404);
  });
});
