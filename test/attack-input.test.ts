import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { internals } from './fuzz-words.ts';
import { openWindow, startTestHost, windowClient, type TestHost, type WindowSession } from './host.ts';
import { rawExchange } from './raw-http.ts';

/** Attacks inside well-formed requests: what is too deep, too large, polluted, misleading or elsewhere. */

let host: TestHost;
let key: string;
let session: WindowSession;
let mcpSession: string;
let user: string;

const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
const json = { 'content-type': 'application/json' };

beforeAll(async () => {
  host = await startTestHost();
  key = await host.accessKey();
  session = await openWindow(host.app.openAddress());
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const first = await mcp(JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }));
  mcpSession = first.session;
  const made = await scim('POST', '/Users', { schemas: [userSchema], userName: 'victim' });
  user = (JSON.parse(made.text) as { id: string }).id;
}, 60_000);
afterAll(() => host.close(), 60_000);
afterEach(async () => {
  expect(await (await fetch(`${host.origin}/health`)).json()).toMatchObject({ status: 'ok' });
  // Whoever attacks makes no failure of the service.
  expect(
    host
      .logged()
      .split('\n')
      .filter((line) => /"level":[56]0/.test(line)),
  ).toEqual([]);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

const bearer = () => ({ authorization: `Bearer ${key}` });
const windowHeaders = () => ({ ...json, cookie: session.cookie, 'x-tandem-page': session.page });

async function mcp(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const own = mcpSession === undefined ? {} : { 'mcp-session-id': mcpSession };
  const answer = await fetch(host.app.endpoints.mcp, {
    method: 'POST',
    headers: { ...bearer(), ...json, accept: 'application/json, text/event-stream', ...own, ...headers },
    body,
  });
  return { status: answer.status, text: await answer.text(), session: answer.headers.get('mcp-session-id') ?? '' };
}

const callTool = (name: string, args: string) =>
  mcp(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":${JSON.stringify(name)},"arguments":${args}}}`);

async function scim(method: string, path: string, body: unknown) {
  const answer = await fetch(`${host.app.endpoints.scim}${path}`, {
    method,
    headers: { ...bearer(), ...json },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

async function windowCall(name: string, body: string) {
  const answer = await fetch(`${host.origin}/trpc/${name}`, { method: 'POST', headers: windowHeaders(), body });
  return { status: answer.status, text: await answer.text() };
}

const register = (body: string) => fetch(`${host.origin}/oauth/register`, { method: 'POST', headers: json, body });

/** Each door that takes a body, with a hostile value in a place where it takes anything. */
const doors: Record<string, (value: string) => Promise<{ status: number; text: string }>> = {
  'MCP, a record': (value) =>
    callTool('scim_create_user', `{"user_data":{"schemas":["${userSchema}"],"userName":"x","x":${value}}}`),
  'MCP, parameters': (value) => mcp(`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"x":${value}}}}`),
  'SCIM, a record': (value) => scim('POST', '/Users', `{"schemas":["${userSchema}"],"userName":"x","x":${value}}`),
  'SCIM, a patch': (value) =>
    scim(
      'PATCH',
      `/Users/${user}`,
      `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"name","value":${value}}]}`,
    ),
  'SCIM, a bulk request': (value) =>
    scim('POST', '/Bulk', `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":${value}}`),
  'REST, a context': async (value) => {
    const answer = await fetch(`${host.origin}/api/v1/mcp/contexts`, {
      method: 'POST',
      headers: { ...bearer(), ...json },
      body: `{"name":"x","metadata":${value}}`,
    });
    return { status: answer.status, text: await answer.text() };
  },
  'the window, a record': (value) =>
    windowCall('people.create', `{"tenant":"default","record":{"schemas":["${userSchema}"],"userName":"x","x":${value}}}`),
  'the window, a policy': (value) => windowCall('policy.update', `{"tenant":"default","expectedVersion":"x","policy":${value}}`),
  'the window, a schema': (value) => windowCall('extensions.validate', `{"tenant":"default","type":"User","schema":${value}}`),
  'sign-in, a registration': async (value) => {
    const answer = await register(`{"redirect_uris":["http://127.0.0.1:1/"],"x":1,"contacts":${value}}`);
    return { status: answer.status, text: await answer.text() };
  },
};

test.each(Object.entries(doors))(
  '%s: what is nested 100,000 levels deep, and hundreds of thousands of elements, are refused',
  async (_name, send) => {
    for (const value of [
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
      `[${'0,'.repeat(400_000)}0]`,
      `[${'0,'.repeat(1_000_000)}0]`,
      `[${'{},'.repeat(300_000)}{}]`,
      `{${Array.from({ length: 60_000 }, (_, number) => `"k${number}":0`).join()}}`,
      JSON.stringify('x'.repeat(900_000)),
      JSON.stringify('x'.repeat(2_000_000)),
    ]) {
      const { status, text } = await send(value);
      expect(status, `${value.slice(0, 20)} ${text.slice(0, 300)}`).toBeLessThan(500);
      expect(
        status === 200 ? /"isError":true|"error"|"valid":false/.test(text) || text.includes('"tools"') : status >= 400,
        `${value.slice(0, 20)} ${text.slice(0, 300)}`,
      ).toBe(true);
      expect(text).not.toMatch(internals);
      // Names that are too many may be named back, as long as little makes no more of itself.
      expect(text.length).toBeLessThan(3 * value.length + 10_000);
    }
  },
  120_000,
);

test.each(Object.entries(doors))('%s: names that every object has change none', async (_name, send) => {
  for (const value of [
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"prototype":{"polluted":1}}',
    '[{"__proto__":{"polluted":1}}]',
    '{"\\u005f_proto__":{"polluted":1}}',
  ]) {
    const { status, text } = await send(value);
    expect(status, text.slice(0, 300)).toBeLessThan(500);
    expect(({} as Record<string, unknown>)['polluted'], value).toBeUndefined();
    expect(text).not.toMatch(internals);
  }
});

test('a patch cannot reach the prototype of anything, and nothing of it is kept', async () => {
  const patch = (path: unknown, value: unknown) =>
    scim('PATCH', `/Users/${user}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'add', path, value }],
    });
  for (const path of [
    '__proto__',
    '__proto__.polluted',
    'constructor.prototype.polluted',
    'constructor',
    'prototype',
    'name.__proto__.polluted',
    'emails[__proto__ eq "x"].value',
    `${userSchema}:__proto__`,
    '__proto__:polluted',
    'emails.__proto__',
  ]) {
    expect((await patch(path, { polluted: 1 })).status, path).toBe(400);
    const viaTool = await callTool(
      'scim_patch_user',
      JSON.stringify({ user_id: user, operations: [{ op: 'replace', path, value: 'x' }] }),
    );
    expect(viaTool.text, path).toContain('"isError":true');
  }
  await patch(undefined, JSON.parse('{"__proto__":{"polluted":1},"constructor":{"x":1},"title":"T"}') as unknown);
  const kept = await (await fetch(`${host.app.endpoints.scim}/Users/${user}`, { headers: bearer() })).text();
  expect(kept).not.toMatch(/proto|constructor|polluted/);
  // Ids, attributes and tenants of these names are simply not there.
  for (const name of ['__proto__', 'constructor', 'toString'])
    for (const path of [`/Users/${name}`, `/Schemas/${name}`, `/ResourceTypes/${name}`, `/t/${name}/Users`])
      expect((await fetch(`${host.app.endpoints.scim}${path}`, { headers: bearer() })).status, path).toBe(404);
  const window = windowClient(host.origin, session);
  for (const tenant of ['__proto__', 'constructor'])
    await expect(window.people.list.query({ tenant, offset: 0, limit: 1 })).rejects.toThrow('no such tenant');
  expect((await windowCall('constructor.x', '{}')).status).toBe(404);
  expect((await windowCall('__proto__', '{}')).status).toBe(404);
});

test('filters that are deep, long or slow are refused or answered at once', async () => {
  const filters = [
    `${'('.repeat(100_000)}userName pr${')'.repeat(100_000)}`,
    `${'not ('.repeat(50_000)}userName pr${')'.repeat(50_000)}`,
    Array.from({ length: 20_000 }, () => 'userName eq "a"').join(' or '),
    `userName co "${'%_'.repeat(100_000)}"`,
    `userName co "${'a'.repeat(30_000)}" and userName co "${'a*'.repeat(10_000)}"`,
    `userName eq "${'\\'.repeat(50_000)}`,
    `userName${' '.repeat(100_000)}eq "a"`,
    `emails[${'type eq "a" and '.repeat(5000)}type eq "b"]`,
    'emails['.repeat(10_000),
    `${'a.'.repeat(100_000)}b pr`,
    `${'urn:'.repeat(100_000)}b pr`,
    '"'.repeat(100_001),
  ];
  for (const filter of filters) {
    const searched = await scim('POST', '/Users/.search', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
      filter,
    });
    expect([200, 400], `${filter.slice(0, 30)} ${searched.text.slice(0, 200)}`).toContain(searched.status);
    const found = await callTool('scim_search_users', JSON.stringify({ filter }));
    expect(found.status, filter.slice(0, 30)).toBe(200);
    const patched = await scim('PATCH', `/Users/${user}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'remove', path: filter }],
    });
    expect(patched.status).toBe(400);
  }
}, 120_000);

test('no address leads out of the folder of the window’s files', async () => {
  const { port } = host.app.endpoints;
  for (const path of [
    '../data/secrets.json',
    '../../data/secrets.json',
    '..%2fdata%2fsecrets.json',
    '%2e%2e/data/secrets.json',
    '%2e%2e%2fdata%2fsecrets.json',
    '..%5cdata%5csecrets.json',
    '..\\data\\secrets.json',
    '%252e%252e%252fdata%252fsecrets.json',
    '..%c0%afdata%c0%afsecrets.json',
    '%c0%ae%c0%ae/data/secrets.json',
    '....//data/secrets.json',
    '..;/data/secrets.json',
    '..%00/data/secrets.json',
    'x%00.js',
    '%2fetc%2fpasswd',
    '/etc/passwd',
    'C:/Windows/win.ini',
    '../index.html',
    '.',
    '..',
    '',
    '.env',
    '~root/x',
  ])
    for (const target of [`/assets/${path}`, `/assets/../${path}`, `/${path}`]) {
      const { statuses, text } = await rawExchange(
        port,
        `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`,
        3000,
      );
      // The window's own page is at the root.
      if (target === '/') continue;
      expect([400, 403, 404], `${target} ${text.slice(0, 300)}`).toContain(statuses[0]);
      expect(text).not.toMatch(/signingKey|root:x|\/tandem-test-/);
    }
});

test('what is written into the log by strangers is one line of it, whatever it is', async () => {
  const before = host.logged().length;
  const forged = '\n{"level":30,"msg":"forged"}\r\n\u001b[2J\u001b[31m\u0007\u2028\u009b31m';
  await register(JSON.stringify({ client_name: `Evil${forged}`, redirect_uris: [`https://evil.example/${forged}`] }));
  await scim('POST', '/Users', { schemas: [userSchema], userName: `evil${forged}` });
  await callTool('scim_get_user', JSON.stringify({ user_id: forged }));
  await callTool(`tool${forged}`, '{}');
  await fetch(`${host.origin}/${encodeURIComponent(forged)}?${encodeURIComponent(forged)}`, {
    headers: { 'user-agent': '{"level":60}', 'x-request-id': 'a b"}' },
  });
  await fetch(
    `${host.origin}/oauth/authorize?client_id=${encodeURIComponent(forged)}&redirect_uri=${encodeURIComponent(forged)}`,
  );
  await fetch(`${host.origin}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: forged, client_id: forged }),
  });
  await windowCall(`people.get${encodeURIComponent(forged)}`, '{}');
  await expect.poll(() => host.logged().length).toBeGreaterThan(before);
  const lines = host.logged().slice(before).trimEnd().split('\n');
  for (const line of lines) {
    expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expect(() => JSON.parse(line) as unknown, line).not.toThrow();
    expect((JSON.parse(line) as { msg: string }).msg).not.toBe('forged');
  }
  // The window's own view has as many lines, and none that was made up.
  const { lines: shown } = await windowClient(host.origin, session).observe.log.query({ count: 500 });
  expect(shown.map(({ message }) => message)).not.toContain('forged');
});

test('a key in the address is no key, and what holds one is not kept by anybody on the way', async () => {
  for (const name of ['access_token', 'token', 'api_key', 'key', 'authorization', 'x-api-key'])
    for (const path of ['/mcp', '/scim/v2/Users', '/api/v1/mcp/contexts', '/metrics'])
      expect((await fetch(`${host.origin}${path}?${name}=${key}`)).status, `${path} ${name}`).toBe(401);
  expect(host.logged()).not.toContain(key);
  const answers = [
    await fetch(`${host.origin}/trpc/clients.makeKey`, { method: 'POST', headers: windowHeaders(), body: '{}' }),
    await fetch(`${host.origin}/trpc/app.about`, { headers: windowHeaders() }),
    await fetch(`${host.origin}/oauth/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'x' }) }),
    await fetch(`${host.origin}/control/access-key`, { method: 'POST' }),
    await fetch(host.app.openAddress()),
    await fetch(`${host.origin}/open?secret=x`),
    await fetch(`${host.origin}/`),
    await fetch(host.app.endpoints.mcp, { headers: bearer() }),
    await fetch(`${host.origin}/metrics`, { headers: bearer() }),
    await register(JSON.stringify({ redirect_uris: ['http://127.0.0.1:1/'] })),
  ];
  for (const { url, headers } of answers) {
    expect(headers.get('cache-control'), url).toContain('no-store');
    expect(headers.get('x-content-type-options'), url).toBe('nosniff');
  }
  const people = await fetch(`${host.app.endpoints.scim}/Users`, { headers: bearer() });
  expect(people.headers.get('cache-control')).toMatch(/private|no-store/);
});

test('a body that is packed is not unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip'])
    for (const path of [
      '/mcp',
      '/scim/v2/Users',
      '/api/v1/mcp/contexts',
      '/trpc/people.create',
      '/oauth/register',
      '/oauth/token',
    ]) {
      const answer = await fetch(`${host.origin}${path}`, {
        method: 'POST',
        headers: { ...bearer(), ...windowHeaders(), 'content-encoding': encoding, 'mcp-session-id': mcpSession },
        body: bomb,
      });
      expect([400, 401, 415], `${path} ${encoding} ${await answer.text()}`).toContain(answer.status);
    }
});

test('texts that are no Unicode are refused, or kept as they are', async () => {
  const overlong = Buffer.concat([
    Buffer.from(`{"schemas":["${userSchema}"],"userName":"a`),
    Buffer.from([0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xff]),
    Buffer.from('"}'),
  ]);
  for (const address of ['/scim/v2/Users', '/api/v1/mcp/contexts']) {
    const answer = await fetch(`${host.origin}${address}`, { method: 'POST', headers: { ...bearer(), ...json }, body: overlong });
    expect(answer.status, address).toBe(400);
  }
  for (const name of ['\\ud800', 'a\\udc00b', '\\u0000'])
    expect((await scim('POST', '/Users', `{"schemas":["${userSchema}"],"userName":"${name}"}`)).status, name).toBe(400);
  // Two ways to write one name are one name.
  expect((await scim('POST', '/Users', { schemas: [userSchema], userName: 'e\u0301cole' })).status).toBe(201);
  expect((await scim('POST', '/Users', { schemas: [userSchema], userName: 'E\u0301COLE' })).status).toBe(409);
});

/** Begins an authorization and reads the page on which somebody is asked. */
async function consentPage(name: string): Promise<{ text: string; headers: Headers }> {
  const registered = await register(
    JSON.stringify({ client_name: name, redirect_uris: ['http://127.0.0.1:33999/cb'], token_endpoint_auth_method: 'none' }),
  );
  const { client_id: client } = (await registered.json()) as { client_id: string };
  const challenge = createHash('sha256').update(randomBytes(32).toString('base64url')).digest('base64url');
  const parameters = new URLSearchParams({
    client_id: client,
    response_type: 'code',
    redirect_uri: 'http://127.0.0.1:33999/cb',
    scope: 'openid scim:read',
    resource: host.app.endpoints.mcp,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: '"><script>alert(1)</script>',
  });
  const first = await fetch(`${host.origin}/oauth/authorize?${parameters}`, { redirect: 'manual' });
  const cookie = first.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const page = await fetch(new URL(first.headers.get('location') ?? '', host.origin), { headers: { cookie } });
  for (const { id } of host.app.services.approvals.pending())
    await host.app.services.approvals.decide(id, { approve: false, tenant: '' });
  return { text: await page.text(), headers: page.headers };
}

test('names on the pages of sign-in are text, in the order in which they read, and nothing more', async () => {
  const window = windowClient(host.origin, session);
  await window.tenants.create.mutate({ id: 'evil', name: 'E<b>v</b>il" onload="x' });
  for (const name of [
    '<svg onload=alert(1)>',
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    '</title><script>alert(1)</script>',
    '&lt;b&gt;',
  ]) {
    const { text, headers } = await consentPage(name);
    expect(text).toContain('asks for access');
    expect(text).not.toMatch(/<svg onload|<img|<script>alert|<b>v|onload="x/);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|\*/);
    expect(headers.get('cache-control')).toBe('no-store');
  }
  // What reorders, hides or stacks letters would show another name than the one that asks.
  const { text } = await consentPage('Claude\u202Eedualc\u2066\u200b\u200d\ufeff\u0000 \u00ad');
  expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff\u00ad]/);
});

test('cookies that were planted open nothing, and lock out their browser only', async () => {
  const [name = ''] = session.cookie.split('=');
  const list = `${host.origin}/trpc/tenants.list`;
  const read = (cookie: string) => fetch(list, { headers: { cookie, 'x-tandem-page': session.page } });
  expect((await read(session.cookie)).status).toBe(200);
  for (const cookie of [
    `${name}=planted`,
    `${name}=planted; ${session.cookie}`,
    `${name}=; ${session.cookie}`,
    `__proto__=x; ${name}=`,
    'x'.repeat(8000),
  ])
    expect((await read(cookie)).status, cookie.slice(0, 60)).toBe(401);
  // Of another window's two proofs, neither is good with one's own.
  const other = await openWindow(host.app.openAddress());
  const mixed = await fetch(list, { headers: { cookie: other.cookie, 'x-tandem-page': session.page } });
  expect(mixed.status).toBe(401);
});

test('a form of another page does nothing in the window: neither its type, nor its cookie, nor a link', async () => {
  const body = JSON.stringify({ id: 'forged', name: 'Forged' });
  for (const headers of [
    { 'content-type': 'text/plain', cookie: session.cookie },
    { 'content-type': 'application/x-www-form-urlencoded', cookie: session.cookie },
    { 'content-type': 'application/json', cookie: session.cookie, origin: 'https://evil.example', 'x-tandem-page': session.page },
    { 'content-type': 'application/json', cookie: session.cookie, origin: 'null', 'x-tandem-page': session.page },
  ]) {
    const answer = await fetch(`${host.origin}/trpc/tenants.create`, { method: 'POST', headers, body });
    expect([401, 403]).toContain(answer.status);
  }
  // With every right, a link still changes nothing.
  const input = encodeURIComponent(body);
  const link = await fetch(`${host.origin}/trpc/tenants.create?input=${input}`, { headers: windowHeaders() });
  expect(link.status).toBe(405);
  expect((await windowClient(host.origin, session).tenants.list.query()).map(({ id }) => id)).not.toContain('forged');
});

test('who is no administrator of this window adds no address that is called: only its door has ways to', async () => {
  const admin = await host.accessKey({ scopes: ['scim:read', 'scim:write', 'scim:admin'] });
  for (const [method, path] of [
    ['POST', '/trpc/eventStreams.add'],
    ['POST', '/trpc/agentSettings.addServer'],
    ['POST', '/trpc/agentSettings.testServer'],
    ['POST', '/trpc/agentSettings.addModel'],
    ['POST', '/trpc/agentSettings.testModel'],
    ['POST', '/control/event-stream-add'],
    ['POST', '/control/access-key'],
  ] as const) {
    const answer = await fetch(`${host.origin}${path}`, {
      method,
      headers: { ...json, authorization: `Bearer ${admin}` },
      body: JSON.stringify({
        tenant: 'default',
        name: 'x',
        url: 'http://127.0.0.1:9/',
        connection: { kind: 'command', command: 'x' },
      }),
    });
    expect([401, 404], path).toContain(answer.status);
  }
  const listed = await fetch(`${host.origin}/mcp/x/all`, {
    method: 'POST',
    headers: {
      ...json,
      authorization: `Bearer ${admin}`,
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/list',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/list',
      params: {
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    }),
  });
  const { result } = (await listed.json()) as { result: { tools: { name: string; inputSchema: { properties?: object } }[] } };
  expect(result.tools.map(({ name }) => name)).toContain('scim_create_tenant');
  // No tool takes an address; people's attributes may be addresses, which nothing calls.
  const taken = new Set(result.tools.flatMap(({ inputSchema }) => Object.keys(inputSchema.properties ?? {})));
  expect([...taken].filter((name) => /url|uri|callback|webhook|endpoint|address|command/.test(name))).toEqual([]);
});
