import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHost, type TestHost } from './host.ts';

const page = 'https://app.example.com';
let host: TestHost;
let key: string;
beforeAll(async () => {
  const settings = { security: { cors: { enabled: true, allowed_origins: [page] } } };
  host = await startTestHost({ settings });
  key = await host.accessKey();
});
afterAll(() => host.close());

const ask = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) => fetch(`${host.origin}${path}`, init);
const preflight = (path: string, origin = page, method = 'POST') =>
  ask(path, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'authorization,x-api-key' },
  });

const forPrograms: [path: string, method: string][] = [
  ['/mcp', 'POST'],
  ['/mcp/readonly', 'POST'],
  ['/scim/v2/Users/1', 'PATCH'],
  ['/api/v1/mcp/contexts', 'POST'],
  ['/.well-known/oauth-protected-resource/mcp', 'GET'],
  ['/.well-known/oauth-authorization-server', 'GET'],
  ['/.well-known/openid-configuration', 'GET'],
  ['/oauth/token', 'POST'],
  ['/oauth/register', 'POST'],
  ['/oauth/jwks', 'GET'],
];
const forPersons = [
  '/',
  '/trpc/app.about',
  '/control/access-key',
  '/oauth/authorize',
  '/health',
  '/metrics',
  '/demo/login/again',
];

describe('a page of a listed origin', () => {
  test.each(forPrograms)('may ask %s', async (path, method) => {
    const { status, headers } = await preflight(path, page, method);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(page);
    expect(headers.get('access-control-allow-methods')).toContain(method);
    expect(headers.get('access-control-allow-headers')?.toLowerCase()).toMatch(/authorization.*x-api-key/);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('vary')?.toLowerCase()).toContain('origin');
  });

  test('reads the answers of all doors, refusals too, with the headers that it needs', async () => {
    const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'page', version: '1' } },
    });
    const answers = await Promise.all([
      ask('/mcp', { method: 'POST', headers: { ...json, origin: page, 'x-api-key': key }, body }),
      ask('/mcp', { method: 'POST', headers: { ...json, origin: page }, body }),
      ask('/scim/v2/Users?count=1', { headers: { origin: page, 'x-api-key': key } }),
      ask('/scim/v2/Users?count=1', { headers: { origin: page } }),
      ask('/api/v1/mcp/contexts', { headers: { origin: page, 'x-api-key': key } }),
      ask('/.well-known/oauth-authorization-server', { headers: { origin: page } }),
      ask('/oauth/jwks', { headers: { origin: page } }),
      ask('/oauth/token', { method: 'POST', headers: { origin: page, 'content-type': 'application/x-www-form-urlencoded' } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200, 401, 200, 200, 200, expect.any(Number)]);
    for (const { url, headers } of answers) {
      expect([url, headers.get('access-control-allow-origin')]).toEqual([url, page]);
      const exposed = headers.get('access-control-expose-headers') ?? '';
      for (const name of [
        'WWW-Authenticate',
        'Mcp-Session-Id',
        'ETag',
        'Location',
        'RateLimit',
        'RateLimit-Policy',
        'Retry-After',
      ])
        expect([url, exposed.split(', ').includes(name), name]).toEqual([url, true, name]);
    }
    expect(answers[0]?.headers.get('mcp-session-id')).toBeTruthy();
  });

  test.each(forPersons)('may not ask %s', async (path) => {
    for (const answer of [await preflight(path), await ask(path, { headers: { origin: page } })]) {
      expect(answer.status).toBe(403);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});

test('a page of another origin may not ask anything, however like a listed one it looks', async () => {
  for (const origin of ['https://evil.example', `${page}.evil.example`, 'http://app.example.com', `${page}:8443`, 'null'])
    for (const [path, method] of forPrograms) {
      const { status, headers } = await preflight(path, origin, method);
      expect([origin, path, status, headers.get('access-control-allow-origin')]).toEqual([origin, path, 403, null]);
    }
});

test('what is listed is true from the next call on', async () => {
  const other = 'http://localhost:5173';
  expect((await preflight('/mcp', other)).status).toBe(403);
  const { security } = host.app.settings.data;
  await host.app.settings.update({ security: { ...security, cors: { enabled: true, allowed_origins: [page, other] } } });
  expect((await preflight('/mcp', other)).status).toBe(204);
  await host.app.settings.update({ security: { ...security, cors: { enabled: false, allowed_origins: [page, other] } } });
  expect((await preflight('/mcp', page)).status).toBe(403);
  await host.app.settings.update({ security: security ?? {} });
});
