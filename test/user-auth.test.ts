import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Scope } from '../src/directory/index.ts';
import { startTestHost, type TestHost } from './host.ts';

/** The UserAuth module over the real wire: seed 003's discovery and integration flow, and each operation. */

const run = promisify(execFile);
const password = 'correct horse battery staple';
const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';

let host: TestHost;
let ada = '';
beforeAll(async () => {
  host = await startTestHost({ sample: true });
  const { services } = host.app;
  const { directory } = services;
  const made = await directory.create(services.administrator('default'), 'User', {
    schemas: [userUrn],
    userName: 'ada@example.com',
    displayName: 'Ada',
    password,
  });
  ada = made.resource.id;
  await directory.create(services.administrator('default'), 'User', { schemas: [userUrn], userName: 'nopass@example.com' });
  await directory.tenants.add({ id: 'other', name: 'Other' });
});
afterAll(() => host.close());

interface Answer {
  success: boolean;
  content: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

const writer: Scope[] = ['scim:read', 'scim:write'];
const clients: Client[] = [];
afterAll(() => Promise.all(clients.map((client) => client.close())));

async function connect(key: string, { path = '/mcp/x/user-auth', url = false } = {}): Promise<Client> {
  const capabilities = url ? { elicitation: { url: {} } } : {};
  const client = new Client({ name: 'integration', version: '1' }, { capabilities });
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(path, host.origin), { requestInit }));
  clients.push(client);
  return client;
}

const as = async (scopes: Scope[] = writer, tenant = 'default') => connect(await host.accessKey({ scopes, tenant }));

async function execute(client: Client, data: Record<string, unknown>): Promise<Answer> {
  const result = await client.callTool({ name: 'user-auth_execute_primary_operation', arguments: { data } });
  return result.structuredContent as Answer;
}

describe('discovery by plain curl, as the seed writes it', () => {
  const curl = async (method: string, ...more: string[]) => {
    const body = `{"jsonrpc": "2.0", "id": 1, "method": "${method}", "params": {}}`;
    const url = `${host.origin}/mcp`;
    const flags = ['-s', '-X', 'POST', url, '-H', 'Content-Type: application/json', '-d', body, ...more];
    return JSON.parse((await run('curl', flags)).stdout) as {
      result?: { serverInfo?: unknown; tools?: { name: string }[]; instructions?: string };
      error?: { code: number; data: unknown };
    };
  };

  test('without a token it tells what there is, and nothing of anybody', async () => {
    const { result } = await curl('initialize');
    expect(result).toMatchObject({ serverInfo: { name: 'tandem' }, instructions: expect.stringContaining('people and groups') });
    const { result: listed } = await curl('tools/list');
    expect(listed?.tools?.length).toBe(25);
    expect(JSON.stringify(listed)).not.toContain('default:');
    const { error } = await curl('resources/list');
    expect(error).toMatchObject({ code: -32_001, data: { operation: 'resources/list', module: 'UserAuth', details: {} } });
  });

  test('with a key, in either header, it tells what that key may do; with a wrong one, that it is wrong', async () => {
    const key = await host.accessKey({ scopes: ['scim:read'] });
    for (const header of [`Authorization: Bearer ${key}`, `X-API-Key: ${key}`]) {
      const names = (await curl('tools/list', '-H', header)).result?.tools?.map(({ name }) => name);
      expect(names).toContain('scim_get_user');
      expect(names).not.toContain('scim_delete_user');
    }
    expect((await curl('tools/list', '-H', 'Authorization: Bearer tandem_nonsense')).error).toMatchObject({ code: -32_001 });
  });

  test('an MCP client without a token is sent to sign in, as the specification wants', async () => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    for (const method of ['initialize', 'tools/list']) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: {} });
      const response = await fetch(`${host.origin}/mcp`, { method: 'POST', headers, body });
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([
        401,
        expect.stringContaining('resource_metadata'),
      ]);
    }
  });
});

test('the integration guide, step by step: list, capabilities, execute, resource, prompt', async () => {
  const session = await as();
  const { tools } = await session.listTools();
  expect(tools.map(({ name }) => name)).toEqual(['user-auth_get_capabilities', 'user-auth_execute_primary_operation']);
  expect(session.getInstructions()).toContain('user-auth_get_capabilities');

  const got = await session.callTool({ name: 'user-auth_get_capabilities', arguments: {} });
  const { content } = got.structuredContent as Answer;
  expect(content).toMatchObject({ module: 'UserAuth', context: { tenant_id: 'default', scopes: writer } });
  const operations = content['operations'] as { operation: string; allowed: boolean; input_schema: { properties: object } }[];
  expect(operations.map(({ operation }) => operation)).toEqual([
    'authenticate',
    'check_permission',
    'start_sign_in',
    'finish_sign_in',
    'list_sessions',
    'revoke_session',
    'introspect_token',
  ]);
  expect(operations[0]?.input_schema.properties).toHaveProperty('password');

  const checked = await execute(session, { operation: 'check_permission', action: 'scim_delete_user' });
  expect(checked).toMatchObject({
    success: true,
    content: { operation: 'check_permission', allowed: true, requires: 'scim:write', tenant_id: 'default' },
    metadata: { operation: 'execute_primary_operation' },
  });
  const { resources } = await session.listResources();
  const uris = resources.map(({ uri }) => uri).filter((uri) => uri.startsWith('mcp://'));
  expect(uris).toEqual(['mcp://user-auth/capabilities', 'mcp://user-auth/metrics', 'mcp://user-auth/sessions']);
  const read = async (uri: string) => {
    const [found] = (await session.readResource({ uri })).contents;
    return JSON.parse(found && 'text' in found ? found.text : '') as Record<string, unknown>;
  };
  expect(await read('mcp://user-auth/metrics')).toMatchObject({
    module: 'UserAuth',
    tenant_id: 'default',
    operations: expect.arrayContaining([
      expect.objectContaining({ operation: 'check_permission', calls: 1, results: { ok: 1 }, p95_ms: expect.any(Number) }),
    ]),
  });
  expect(await read('mcp://user-auth/sessions')).toMatchObject({ total: 1, sessions: [{ current: true }] });
  expect(await read('mcp://user-auth/capabilities')).toEqual(content);

  expect((await session.listPrompts()).prompts.map(({ name }) => name)).toEqual([
    'user-auth_onboarding',
    'user-auth_offboarding',
    'user-auth_access_review',
  ]);
  const { messages } = await session.getPrompt({ name: 'user-auth_offboarding', arguments: { user_name: 'a"b' } });
  expect(messages).toMatchObject([
    { role: 'user', content: { type: 'text', text: expect.stringContaining(String.raw`"a\"b"`) } },
  ]);

  const elsewhere = await connect(await host.accessKey(), { path: '/mcp' });
  expect((await elsewhere.listPrompts().catch(() => ({ prompts: [] }))).prompts).toEqual([]);
  expect((await elsewhere.listResources()).resources.some(({ uri }) => uri.startsWith('mcp://'))).toBe(false);
  await expect(elsewhere.readResource({ uri: 'mcp://user-auth/sessions' })).rejects.toThrow();
});

describe('authenticate', () => {
  test('tells who has this password, and otherwise nothing', async () => {
    const client = await as();
    const right = await execute(client, { operation: 'authenticate', user_name: 'ADA@example.com', password });
    expect(right.content).toMatchObject({ authenticated: true, user: { sub: `default/${ada}`, user_name: 'ada@example.com' } });
    const refusals = await Promise.all(
      [
        { user_name: 'ada@example.com', password: 'wrong' },
        { user_name: 'nobody@example.com', password: 'wrong' },
        { user_name: 'nopass@example.com', password: ' ' },
      ].map((who) => execute(client, { operation: 'authenticate', ...who })),
    );
    for (const { success, content } of refusals) {
      expect([success, content['error_code'], content['code']]).toEqual([false, 'AUTHENTICATION_FAILED', -32_001]);
      expect(content['error']).toBe(refusals[0]?.content['error']);
    }
    const empty = await execute(client, { operation: 'authenticate', user_name: 'nopass@example.com', password: '' });
    expect(empty.content).toMatchObject({ error_code: 'INVALID_ARGUMENTS', code: -32_000, issues: [{ path: 'data.password' }] });
    const stranger = await as(writer, 'other');
    const foreign = await execute(stranger, { operation: 'authenticate', user_name: 'ada@example.com', password });
    expect(foreign.content).toMatchObject({ error_code: 'AUTHENTICATION_FAILED' });
    expect(host.logged()).not.toContain(password);
  });

  test('a reader may not, and too many tries must wait, also with the right password', async () => {
    const reader = await as(['scim:read']);
    const refused = await execute(reader, { operation: 'authenticate', user_name: 'ada@example.com', password });
    expect(refused.content).toMatchObject({ error_code: 'FORBIDDEN', code: -32_002, data: { module: 'UserAuth' } });
    const client = await as();
    const tryWith = (text: string) =>
      execute(client, { operation: 'authenticate', user_name: 'grace@example.com', password: text });
    for (let tries = 0; tries < 5; tries++) await tryWith('wrong');
    expect((await tryWith('right')).content).toMatchObject({
      error_code: 'RATE_LIMITED',
      code: -32_003,
      data: { operation: 'execute_primary_operation', details: { retry_after_ms: expect.any(Number) } },
    });
  });
});

describe('tokens and permissions', () => {
  test('a token of the own tenant is told of, any other is inactive and nothing more', async () => {
    const client = await as(['scim:read']);
    const key = await host.accessKey({ scopes: ['scim:read'], name: 'Looked at' });
    const known = await execute(client, { operation: 'introspect_token', token: key });
    expect(known.content).toMatchObject({ active: true, scope: 'scim:read', token_type: 'Bearer', tenant_id: 'default' });
    expect(JSON.stringify(known)).not.toContain(key);
    const foreign = await host.accessKey({ tenant: 'other' });
    for (const token of [foreign, 'tandem_nonsense', 'a.b.c']) {
      const { content } = await execute(client, { operation: 'introspect_token', token });
      expect(content).toEqual({ operation: 'introspect_token', active: false });
    }
    expect(host.logged()).not.toContain(key);
  });

  test('a permission is of the caller, a token or a person, in this tenant only', async () => {
    const client = await as(['scim:read']);
    const ask = async (more: object) => (await execute(client, { operation: 'check_permission', ...more })).content;
    const writersKey = await host.accessKey();
    expect(await ask({ action: 'scim:write' })).toMatchObject({ allowed: false });
    expect(await ask({ action: 'scim:write', subject: { token: writersKey } })).toMatchObject({ allowed: true });
    expect(await ask({ action: 'scim:admin', subject: { token: writersKey } })).toMatchObject({ allowed: false });
    const foreign = await host.accessKey({ tenant: 'other' });
    expect(await ask({ action: 'scim:read', subject: { token: foreign } })).toMatchObject({ allowed: false });
    expect(await ask({ action: 'scim:read', subject: { user_name: 'ada@example.com' } })).toMatchObject({ allowed: false });
    expect(await ask({ action: 'scim:read', tenant_id: 'other' })).toMatchObject({
      error_code: 'TENANT_MISMATCH',
      code: -32_002,
    });
    expect(await ask({ action: 'scim_fly' })).toMatchObject({
      error_code: 'INVALID_ARGUMENTS',
      issues: [{ path: 'data.action' }],
    });
  });
});

test('sessions: own ones, all with administration, revoked at once, none of another tenant', async () => {
  const name = 'To be ended';
  const key = await host.accessKey({ name });
  const client = await connect(key);
  const own = (await execute(client, { operation: 'list_sessions' })).content;
  expect(own).toMatchObject({ total: 1, sessions: [{ client_name: name, current: true, scopes: writer }] });
  expect(JSON.stringify(own)).not.toMatch(/hash|tandem_/);
  const [{ session_id: id } = { session_id: '' }] = own['sessions'] as { session_id: string }[];
  const neighbour = await as();
  const refused = await execute(neighbour, { operation: 'revoke_session', session_id: id });
  expect(refused.content).toMatchObject({ error_code: 'NOT_FOUND', code: -32_004 });
  const foreign = await as(['scim:admin'], 'other');
  expect((await execute(foreign, { operation: 'revoke_session', session_id: id })).content).toMatchObject({ code: -32_004 });
  const administrator = await as(['scim:admin']);
  const { content: all } = await execute(administrator, { operation: 'list_sessions' });
  expect((all['sessions'] as { session_id: string }[]).map(({ session_id }) => session_id)).toContain(id);
  const ended = await execute(administrator, { operation: 'revoke_session', session_id: id });
  expect(ended.content).toMatchObject({ revoked: true, session: { session_id: id } });
  await expect(execute(client, { operation: 'list_sessions' })).rejects.toThrow();
});

describe('a sign-in of a person', () => {
  const post = (url: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(url, { method: 'POST', headers: { origin: host.origin, ...headers }, body: new URLSearchParams(fields) });
  const begin = async (client: Client) => {
    const { content } = await execute(client, { operation: 'start_sign_in' });
    return content as { state: string; url: string };
  };

  test('by a client that opens no pages: the code that the person reads finishes it, once', async () => {
    const client = await as(['scim:read']);
    const { state, url } = await begin(client);
    const page = await (await fetch(url)).text();
    expect(page).toContain('Test agent wants to know who you are');
    const finish = async (code?: string, by = client) =>
      (await execute(by, { operation: 'finish_sign_in', state, ...(code !== undefined && { code }) })).content;
    expect(await finish()).toMatchObject({ error_code: 'CODE_NEEDED', url });
    expect(await finish('ABCD-EFGH')).toMatchObject({ error_code: 'NO_ANSWER' });
    expect((await post(url, { action: 'person', user: 'ada@example.com', password: 'wrong' })).status).toBe(403);
    expect(
      (await post(url, { action: 'person', user: 'ada@example.com', password }, { origin: 'http://evil.example' })).status,
    ).toBe(403);
    const done = await post(url, { action: 'person', user: 'ada@example.com', password });
    const code = /([A-Z2-9]{4}-[A-Z2-9]{4})/.exec(await done.text())?.[1] ?? '';
    expect((await fetch(url)).status).toBe(410);
    expect(await finish('ABCD-EFGH')).toMatchObject({ error_code: 'AUTHENTICATION_FAILED', code: -32_001 });
    expect(await finish(code, await as())).toMatchObject({ error_code: 'NOT_FOUND' });
    expect(await finish(code.toLowerCase())).toEqual({
      operation: 'finish_sign_in',
      signed_in: true,
      user: { sub: `default/${ada}`, user_name: 'ada@example.com', name: 'Ada' },
    });
    expect(await finish(code)).toMatchObject({ error_code: 'NOT_FOUND' });
  });

  test('by a client that opens pages: it waits until the person is done, or declines', async () => {
    const client = await connect(await host.accessKey(), { url: true });
    let fields: Record<string, string> = { action: 'person', user: 'ada@example.com', password };
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      if (params.mode === 'url') await post(params.url, fields);
      return { action: 'accept' };
    });
    const { state } = await begin(client);
    const { content } = await execute(client, { operation: 'finish_sign_in', state });
    expect(content).toMatchObject({ signed_in: true, user: { sub: `default/${ada}` } });
    fields = { action: 'deny' };
    const second = await begin(client);
    const declined = await execute(client, { operation: 'finish_sign_in', state: second.state });
    expect(declined.content).toMatchObject({ error_code: 'DECLINED' });
  });
});

test('every decision and change stands in the audit log, without a secret', async () => {
  const { services } = host.app;
  const { directory } = services;
  const { entries } = await directory.audit.list(services.administrator('default'), { count: 500 });
  const events = new Set(entries.map(({ event }) => event));
  for (const event of [
    'password_checked',
    'wrong_password',
    'permission_checked',
    'token_introspected',
    'sign_in_told',
    'key_revoked',
  ])
    expect(events).toContain(event);
  expect(JSON.stringify(entries)).not.toContain(password);
});
