import { afterEach, describe, expect, test } from 'vitest';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { startTestHost, type TestHost } from './host.ts';
import { urns } from './scim-host.ts';

let host: TestHost;
afterEach(() => host.close());

const rpc = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 7, method, params });
const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** One request at each of the three doors. */
const doors = {
  MCP: (headers: Record<string, string>) =>
    fetch(`${host.origin}/mcp`, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(rpc('initialize')) }),
  SCIM: (headers: Record<string, string>) => fetch(`${host.origin}/scim/v2/Users?count=1`, { headers }),
  contexts: (headers: Record<string, string>) => fetch(`${host.origin}/api/v1/mcp/contexts`, { headers }),
};
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const limited = (limits: object) => ({ settings: { security: { rate_limiting: limits } } });

describe('requests a minute', () => {
  test('by default, a key has those of the seed, and a client on this computer more', async () => {
    host = await startTestHost({ settings: {} });
    const policy = async (key: string) => (await doors.SCIM(bearer(key))).headers.get('ratelimit-policy');
    expect(await policy(await host.accessKey())).toBe('"client";q=100;w=60;burst=10, "tenant";q=6000;w=60;burst=600');
    const request = { tenant: 'default', scopes: ['scim:read' as const], name: 'Client' };
    const stdio = host.app.accessKeys.issueTemporary({ ...request, kind: 'stdio' });
    expect(await policy(stdio)).toBe('"client";q=600;w=60;burst=60, "tenant";q=6000;w=60;burst=600');
  });

  test('are counted wherever a key is used; what comes back with it says what is left', async () => {
    host = await startTestHost(limited({ requests_per_minute: 1 }));
    const key = await host.accessKey();
    const answers: Response[] = [];
    for (let turn = 0; turn < 3; turn++) for (const ask of Object.values(doors)) answers.push(await ask(bearer(key)));
    answers.push(await doors.SCIM(bearer(key)));
    expect(answers.map(({ status }) => status)).not.toContain(429);
    expect(answers[0]?.headers.get('ratelimit')).toBe('"client";r=9;t=60, "tenant";r=599;t=1');

    const [mcp, scim, contexts] = await Promise.all(Object.values(doors).map((ask) => ask(bearer(key))));
    for (const refusal of [mcp, scim, contexts]) {
      expect(refusal?.status).toBe(429);
      expect(refusal?.headers.get('retry-after')).toMatch(/^[3-6]\d$/);
      expect(refusal?.headers.get('ratelimit')).toMatch(/^"client";r=0;t=\d+, /);
    }
    expect(await mcp?.json()).toMatchObject({
      id: 7,
      error: {
        code: -32_003,
        message: expect.stringContaining('tandem client limit key:') as string,
        data: {
          operation: 'initialize',
          module: 'UserAuth',
          details: { limit: 'client_rate', retry_after_seconds: expect.any(Number) as number },
        },
      },
    });
    expect(await scim?.json()).toMatchObject({
      schemas: [urns.error],
      status: '429',
      detail: expect.stringContaining('/scim/v2/Bulk') as string,
    });
    expect(contexts?.headers.get('content-type')).toContain('application/problem+json');
    expect(await contexts?.json()).toMatchObject({ status: 429, code: 'RATE_LIMITED' });

    const other = await host.accessKey();
    expect((await doors.SCIM(bearer(other))).status).toBe(200);
    const metrics = await fetch(`${host.origin}/metrics`, { headers: bearer(await host.accessKey({ scopes: ['scim:admin'] })) });
    const text = await metrics.text();
    for (const door of ['mcp', 'scim', 'assistant'])
      expect(text).toContain(`tandem_refused_total{limit="client_rate",door="${door}"} 1`);
    const { totals } = host.app.services.observe.activity(5);
    expect(totals.refused).toBeGreaterThanOrEqual(3);
  });

  test('all keys of a tenant together have a limit, too; those of another tenant do not feel it', async () => {
    host = await startTestHost(limited({ burst_size: 50, tenants: { requests_per_minute: 1, burst_size: 3 } }));
    await host.app.services.directory.tenants.add({ id: 'other', name: 'Other' });
    const keys = [await host.accessKey(), await host.accessKey()];
    for (const key of [...keys, ...keys].slice(0, 3)) expect((await doors.SCIM(bearer(key ?? ''))).status).toBe(200);
    const refused = await doors.SCIM(bearer(keys[1] ?? ''));
    expect(refused.status).toBe(429);
    expect(await refused.text()).toContain('tandem tenant set default');
    expect((await doors.SCIM(bearer(await host.accessKey({ tenant: 'other' })))).status).toBe(200);
  });

  test("Tandem's own keys have no limit, and an AI client on this computer that of signed-in clients", async () => {
    host = await startTestHost(
      limited({ requests_per_minute: 1, burst_size: 1, clients: { requests_per_minute: 1, burst_size: 3 } }),
    );
    const key = { tenant: 'default', scopes: ['scim:read' as const], name: 'Own' };
    const own = host.app.accessKeys.issueTemporary({ ...key, kind: 'built-in' });
    const stdio = host.app.accessKeys.issueTemporary({ ...key, kind: 'stdio' });
    for (let turn = 0; turn < 20; turn++) expect((await doors.SCIM(bearer(own))).status).toBe(200);
    const statuses: number[] = [];
    for (let turn = 0; turn < 4; turn++) statuses.push((await doors.SCIM(bearer(stdio))).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  test('a key and a tenant can have limits of their own, from the next call on', async () => {
    host = await startTestHost({ settings: {} });
    const { services } = host.app;
    const { clients, directory } = services;
    const limits = { requests_per_minute: 5, burst_size: 3 };
    const { key, id } = await host.app.accessKeys.create({ tenant: 'default', scopes: ['scim:read'], name: 'Own', limits });
    const policy = async () => (await doors.SCIM(bearer(key))).headers.get('ratelimit-policy');
    expect(await policy()).toBe('"client";q=5;w=60;burst=3, "tenant";q=6000;w=60;burst=600');
    const by = services.administrator('default');
    await clients.limit(`key:${id}`, { burst_size: 20 }, by);
    await directory.tenants.update('default', { settings: { limits: { requests_per_minute: 50 } } }, by);
    expect(await policy()).toBe('"client";q=100;w=60;burst=20, "tenant";q=50;w=60;burst=600');
    expect(clients.list().find((client) => client.id === `key:${id}`)?.limits).toEqual({ burst_size: 20 });
    await expect(clients.limit(`key:${id}`, { burst_size: 0 }, by)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await clients.limit(`key:${id}`, {}, by);
    await directory.tenants.update('default', { settings: { limits: {} } }, by);
    expect(await policy()).toBe('"client";q=100;w=60;burst=10, "tenant";q=6000;w=60;burst=600');
  });

  test('a batch of MCP messages counts as many', async () => {
    host = await startTestHost({ settings: {} });
    const headers = { ...json, ...bearer(await host.accessKey()) };
    const messages = Array.from({ length: 11 }, () => rpc('ping'));
    const answer = await fetch(`${host.origin}/mcp`, { method: 'POST', headers, body: JSON.stringify(messages) });
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBeNull();
  });
});

test('a stream that stays open holds no place among the calls that are under way', async () => {
  host = await startTestHost(limited({ concurrent_calls: 1 }));
  const client = new Client({ name: 'test', version: '1' });
  const requestInit = { headers: bearer(await host.accessKey()) };
  // It opens a stream of its own after initialize, which stays.
  await client.connect(new StreamableHTTPClientTransport(new URL(`${host.origin}/mcp`), { requestInit }));
  expect((await client.listTools()).tools.length).toBeGreaterThan(3);
  await client.close();
});

describe('sizes', () => {
  test('a body that is too large is refused at each door, with and without a length', async () => {
    host = await startTestHost(limited({ burst_size: 50, body_bytes: 1024 }));
    const key = bearer(await host.accessKey());
    const large = JSON.stringify({ ...rpc('ping'), pad: 'x'.repeat(1024) });
    for (const [path, type] of [
      ['/mcp', 'application/json'],
      ['/scim/v2/Users', 'application/scim+json'],
      ['/api/v1/mcp/contexts', 'application/json'],
    ])
      for (const body of [large, new Blob([large]).stream()]) {
        const headers = { ...json, ...key, 'content-type': type ?? '' };
        // `duplex` is what fetch wants of a body in pieces; its types do not know it.
        const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
        const answer = await fetch(`${host.origin}${path}`, init);
        expect([path, answer.status]).toEqual([path, 413]);
        expect(await answer.text()).toContain('1024 bytes');
      }
  });

  test('an answer to a call that reads is refused where it is too large; what a write has done is told', async () => {
    host = await startTestHost({ ...limited({ burst_size: 50, result_bytes: 1024 }), sample: true });
    const key = await host.accessKey({ tenant: 'northwind' });
    const scim = await fetch(`${host.origin}/scim/v2/Users?count=50`, { headers: bearer(key) });
    expect(scim.status).toBe(400);
    expect(await scim.json()).toMatchObject({ scimType: 'tooMany', detail: expect.stringContaining('fewer') as string });

    const client = new Client({ name: 'test', version: '1' });
    const requestInit = { headers: bearer(key) };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${host.origin}/mcp`), { requestInit }));
    const listed = await client.callTool({ name: 'scim_list_users', arguments: { count: 50 } });
    expect(listed.structuredContent).toMatchObject({ success: false, content: { error_code: 'TOO_LARGE' } });
    const title = 'x'.repeat(2000);
    const made = await client.callTool({
      name: 'scim_create_user',
      arguments: { user_data: { schemas: [urns.user], userName: 'large@example.com', title } },
    });
    expect(made.structuredContent).toMatchObject({ success: true });
    await client.close();
  });
});

describe('X-API-Key', () => {
  test('opens each door as Authorization does; under another name, if the settings say so', async () => {
    host = await startTestHost();
    const key = await host.accessKey();
    const sent = (name: string, more: Record<string, string> = {}) =>
      Promise.all(Object.values(doors).map(async (ask) => (await ask({ [name]: key, ...more })).status));
    expect(await sent('X-API-Key')).not.toContain(401);
    expect(await sent('x-api-key', bearer(key))).not.toContain(401);
    await host.app.settings.update({ security: { authentication: { type: 'api_key', header: 'X-Tandem-Key' } } });
    expect(await sent('X-API-Key')).toEqual([401, 401, 401]);
    expect(await sent('X-Tandem-Key')).not.toContain(401);
  });

  test('is refused where it differs from Authorization, or is not valid', async () => {
    host = await startTestHost();
    const [one, other] = [await host.accessKey(), await host.accessKey()];
    for (const ask of Object.values(doors)) {
      const both = await ask({ 'x-api-key': one, ...bearer(other) });
      expect(both.status).toBe(400);
      expect(await both.text()).toContain('differ');
      expect((await ask({ 'x-api-key': 'tandem_wrong' })).status).toBe(401);
      expect((await ask({ 'x-api-key': '' })).status).toBe(401);
    }
  });
});
