import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHost, type TestHost } from './host.ts';

let host: TestHost;
let key: string;

beforeAll(async () => {
  host = await startTestHost();
  key = await host.accessKey();
});
afterAll(() => host.close());

const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
const secret = 'tandem_this-is-not-a-key-but-a-secret-all-the-same';

/** What is sent, the status that must come back, and what the log must say of it. */
const cases: [name: string, path: string, init: () => RequestInit, status: number, logged: RegExp][] = [
  ['malformed JSON', '/mcp', () => post('{"jsonrpc":'), 400, /"path":"\/mcp","status":400/],
  [
    'JSON that is nested too deeply',
    '/mcp',
    () => post(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`),
    400,
    /"path":"\/mcp","status":400/,
  ],
  [
    'a method that there is not',
    '/mcp',
    () => ({ ...post(ping), method: 'PUT' }),
    405,
    /"method":"PUT","path":"\/mcp","status":405/,
  ],
  ['a wrong content type', '/mcp', () => post(ping, { 'content-type': 'text/plain' }), 415, /"status":415/],
  ['a body of 5 MB', '/mcp', () => post(`{"x":"${'x'.repeat(5_000_000)}"}`), 413, /"status":413/],
  ['an unknown session', '/mcp', () => post(ping, { 'mcp-session-id': 'nobody' }), 404, /"status":404/],
  ['a token that is none', '/mcp', () => post(ping, { authorization: `Bearer ${secret}` }), 401, /"status":401/],
  [
    'no token',
    '/mcp',
    () => ({ method: 'POST', body: ping, headers: { 'content-type': 'application/json' } }),
    401,
    /"status":401/,
  ],
  ['a foreign origin', '/mcp', () => post(ping, { origin: 'https://evil.example' }), 403, /"caller":"https:\/\/evil.example"/],
  ['a foreign origin at sign-in', '/oauth/token', () => post('', { origin: 'https://evil.example' }), 403, /"status":403/],
  [
    'a code from a client that is unknown',
    '/oauth/token',
    () => form({ grant_type: 'authorization_code', code: secret, client_id: 'nobody' }),
    401,
    /refused/,
  ],
  [
    'a control request without its key',
    '/control/access-key',
    () => post('{}', { authorization: `Bearer ${secret}` }),
    401,
    /"path":"\/control\/access-key"/,
  ],
  ['a window address that is no longer good', `/open?secret=${secret}`, () => ({}), 403, /"path":"\/open"/],
  ['a call of the window without its session', '/trpc/app.about', () => ({}), 401, /without its session/],
  ['malformed JSON over SCIM', '/scim/v2/Users', () => post('{"schemas":'), 400, /"path":"\/scim\/v2\/Users","status":400/],
  ['a SCIM address that cannot be read', '/scim/v2/Users/%ff', () => ({}), 400, /"status":400/],
  ['an address where nothing is', '/admin', () => ({}), 404, /"path":"\/admin"/],
];

function post(body: string, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    body,
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
  };
}

function form(fields: Record<string, string>): RequestInit {
  return { method: 'POST', body: new URLSearchParams(fields) };
}

test.each(cases)(
  '%s is refused, named in the log without secrets, and the server goes on',
  async (_name, path, init, status, logged) => {
    const before = host.logged().length;
    const response = await fetch(`${host.origin}${path}`, init());
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(text).not.toMatch(/node_modules|\bat [\w.]+ \(/);
    expect(text).not.toContain(secret);
    await expect.poll(() => host.logged().slice(before)).toMatch(logged);
    expect(host.logged()).not.toContain(secret);
    expect(host.logged()).not.toContain(key);
    const health = await fetch(`${host.origin}/health`);
    expect(await health.json()).toMatchObject({ status: 'ok' });
  },
);
