import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHost, type TestHost } from './host.ts';
import { caller, newUser, patchOf } from './scim-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.close());

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${host.origin}${path}`, { headers });

/** Calls a tool as a client of the 2025 revisions would that has no session, so that the server makes none. */
async function callTool(key: string, name: string, args: object): Promise<{ isError?: boolean }> {
  const response = await fetch(`${host.origin}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: {
        name,
        arguments: args,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    }),
  });
  const text = await response.text();
  return (JSON.parse(/\{.*\}/s.exec(text)?.[0] ?? '{}') as { result: { isError?: boolean } }).result;
}

describe('health', () => {
  test('says status and version as ever, and how each part is, and nothing of tenants', async () => {
    await host.app.services.directory.tenants.add({ id: 'secretive', name: 'Secretive' });
    const response = await get('/health');
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({
      status: 'ok',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      live: true,
      ready: true,
      notReady: [],
      parts: { database: { ok: true }, disk: { ok: true }, mcp: { ok: true }, keychain: { ok: true } },
    });
    expect(text).not.toMatch(/secretive|tandem_/i);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await (await get('/health/live')).json()).toEqual({ status: 'ok' });
    expect((await get('/health/ready')).status).toBe(200);
  });
});

describe('metrics', () => {
  test('are for keys that manage all tenants only', async () => {
    await host.app.services.directory.tenants.add({ id: 'other', name: 'Other' });
    const statusFor = async (key: string) => (await get('/metrics', { authorization: `Bearer ${key}` })).status;
    expect((await get('/metrics')).status).toBe(401);
    expect((await get('/metrics')).headers.get('www-authenticate')).toContain('scim:admin');
    expect(await statusFor('tandem_nothing')).toBe(401);
    expect(await statusFor(await host.accessKey())).toBe(403);
    expect(await statusFor(await host.accessKey({ tenant: 'other', scopes: ['scim:admin'] }))).toBe(403);
    expect(await statusFor(await host.accessKey({ scopes: ['scim:admin'] }))).toBe(200);
  });

  test('count requests, tools, writes and conflicts, and no label has what a user wrote', async () => {
    const key = await host.accessKey({ name: 'Metered "agent"' });
    const scim = caller(host.app.endpoints.scim, key);
    const other = caller(host.app.endpoints.scim, await host.accessKey({ name: 'Somebody else' }));
    const { body: user, headers } = await scim('POST', '/Users', newUser({ displayName: 'Unmistakable' }));
    const ifMatch = { 'if-match': headers.get('etag') ?? '' };
    const rename = (title: string) => patchOf({ op: 'replace', path: 'title', value: title });
    expect((await other('PATCH', `/Users/${user.id}`, rename('One'))).status).toBe(200);
    expect((await scim('PATCH', `/Users/${user.id}`, rename('Two'), ifMatch)).status).toBe(412);
    expect((await scim('PATCH', `/Users/${user.id}`, rename('Two'))).status).toBe(200);
    expect((await callTool(key, 'scim_get_user', { user_id: user.id })).isError).not.toBe(true);
    expect((await callTool(key, 'scim_get_user', { user_id: 'nobody' })).isError).toBe(true);
    await get('/nowhere/at/all');
    const admin = await host.accessKey({ scopes: ['scim:admin'] });
    const response = await get('/metrics', { authorization: `Bearer ${admin}` });
    const text = await response.text();
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const value = (line: string) =>
      Number(
        text
          .split('\n')
          .find((one) => one.startsWith(line))
          ?.split(' ')
          .at(-1),
      );
    expect(value('tandem_http_requests_total{door="scim",route="/scim/v2/Users/:id",method="PATCH",status="412"}')).toBe(1);
    expect(value('tandem_http_requests_total{door="auth",route="none",method="GET",status="404"}')).toBe(1);
    expect(value('tandem_tool_calls_total{tool="scim_get_user",result="ok"}')).toBe(1);
    expect(value('tandem_tool_calls_total{tool="scim_get_user",result="USER_NOT_FOUND"}')).toBe(1);
    expect(value('tandem_tool_call_seconds_count{tool="scim_get_user"}')).toBe(2);
    expect(value('tandem_directory_writes_total{type="User",operation="create"}')).toBe(1);
    expect(value('tandem_conflicts_opened_total{kind="VERSION_MISMATCH"}')).toBe(1);
    expect(value('tandem_conflict_retries_per_success_count')).toBe(1);
    expect(value('tandem_directory_commit_writes_count')).toBeGreaterThan(2);
    expect(value('tandem_directory_queue_depth')).toBe(0);
    expect(value('tandem_escalations_waiting')).toBe(0);
    expect(value('tandem_tasks_total{type="mcp.add_prompt",status="completed"}')).toBe(0);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
    expect(text).not.toMatch(/Metered|Unmistakable|nobody|nowhere|secretive/);
  });
});

describe('the log', () => {
  test('says of each line whose call it was, and keeps it in the folder', async () => {
    const name = 'Liar","level":60,"msg":"forged';
    const key = await host.accessKey({ name });
    const scim = caller(host.app.endpoints.scim, key);
    const { status, headers } = await scim('GET', '/Users/nobody', undefined, { 'x-request-id': 'mine-1' });
    expect([status, headers.get('x-request-id')]).toEqual([404, 'mine-1']);
    const { headers: madeUp } = await scim('GET', '/Users/nobody', undefined, { 'x-request-id': 'not an id' });
    expect(madeUp.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    const lines = host.logged().trimEnd().split('\n');
    const line = lines.map((text) => JSON.parse(text) as Record<string, unknown>).find(({ requestId }) => requestId === 'mine-1');
    expect(line).toMatchObject({ part: 'http', door: 'scim', tenant: 'default', clientName: name, status: 404, msg: 'refused' });
    expect(lines.every((text) => text.startsWith('{'))).toBe(true);
    const folder = join(host.dataDir, 'logs');
    expect(readFileSync(join(folder, 'tandem.log'), 'utf8')).toContain('"requestId":"mine-1"');
    expect(readdirSync(folder).map((file) => statSync(join(folder, file)).mode & 0o777)).toEqual([0o600]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test('has no secret, wherever one was sent', async () => {
    const secret = 'tandem_a-secret-that-nobody-may-read';
    await get(`/oauth/authorize?code=${secret}&client_id=x`);
    await get(`/nowhere/${secret}`, { authorization: `Bearer ${secret}` });
    await caller(host.app.endpoints.scim, secret)('GET', `/Users/${secret}`);
    expect(host.logged()).not.toContain('a-secret-that');
    expect(readFileSync(join(host.dataDir, 'logs', 'tandem.log'), 'utf8')).not.toContain('a-secret-that');
  });
});
