import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as oauth from 'openid-client';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Directory } from '../directory/index.ts';
import { createAuth, type Auth } from './index.ts';

const redirect = 'http://127.0.0.1:33999/callback';
let host: Awaited<ReturnType<typeof start>>;

/** The authorization server on a port of its own, over a data folder that a second start may share. */
async function start(folder = mkdtempSync(join(tmpdir(), 'tandem-auth-')), port = 0) {
  const directory = await Directory.open(join(folder, 'directory.db'));
  await directory.addTenant({ id: 'demo', name: 'Demo', sample: true });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const auth: Auth = await createAuth({
    directory,
    dataDir: folder,
    origin,
    log: pino({ level: 'silent' }),
    secretStorage: 'file',
  });
  const fastify = Fastify({ serverFactory: (handler) => server.on('request', handler) });
  await fastify.register(auth.routes);
  await fastify.ready();
  return {
    folder,
    origin,
    auth,
    directory,
    async stop() {
      await auth.close();
      server.closeAllConnections();
      server.close();
      await fastify.close();
      await directory.close();
    },
  };
}

beforeEach(async () => {
  host = await start();
});
afterEach(async () => {
  await host.stop();
  rmSync(host.folder, { recursive: true });
});

/** A browser with cookies that stops where the client's own address begins. */
function browser() {
  const cookies = new Map<string, string>();
  const visit = async (address: string | URL, init: RequestInit = {}): Promise<{ url: URL; response: Response | undefined }> => {
    const url = new URL(address, host.origin);
    if (url.origin !== host.origin) return { url, response: undefined };
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const next = response.headers.get('location');
    return next ? visit(new URL(next, url)) : { url, response };
  };
  const submit = (url: URL, form: Record<string, string>) =>
    visit(url, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  return { visit, submit };
}

const insecure = { execute: [oauth.allowInsecureRequests] };

async function register(metadata: Record<string, unknown> = {}) {
  return oauth.dynamicClientRegistration(
    new URL(host.origin),
    { client_name: 'Test client', redirect_uris: [redirect], token_endpoint_auth_method: 'none', ...metadata },
    oauth.None(),
    insecure,
  );
}

async function begin(client: oauth.Configuration, over: Record<string, string> = {}) {
  const verifier = oauth.randomPKCECodeVerifier();
  const url = oauth.buildAuthorizationUrl(client, {
    redirect_uri: redirect,
    scope: 'openid offline_access scim:read scim:write',
    resource: `${host.origin}/mcp`,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    prompt: 'consent',
    ...over,
  });
  const user = browser();
  const page = await user.visit(url);
  const exchange = (callback: URL) =>
    oauth.authorizationCodeGrant(client, callback, { pkceCodeVerifier: verifier }, { resource: `${host.origin}/mcp` });
  return { user, page, exchange };
}

/** A whole sign-in that the administrator allows in the window. */
async function signIn(client: oauth.Configuration, tenant = 'default') {
  const { user, page, exchange } = await begin(client);
  const [request] = host.auth.approvals.pending();
  expect(await host.auth.approvals.decide(request?.id ?? '', { approve: true, tenant })).toBe(true);
  const { url: callback } = await user.visit(`${page.url.pathname}/finish`);
  return { callback, exchange, tokens: await exchange(callback) };
}

describe('the OAuth flow of an AI client', () => {
  test('registers, waits for the window, and gets a token for one tenant and this server', async () => {
    const client = await register({ client_name: 'Editor <b>\u202e' });
    const { user, page, exchange } = await begin(client);
    expect(await page.response?.text()).toContain('Editor &lt;b&gt;');
    expect(host.auth.approvals.pending()).toMatchObject([
      { clientName: 'Editor <b>', redirectHost: '127.0.0.1', scopes: ['scim:read', 'scim:write'] },
    ]);
    const state = async () => (await user.visit(`${page.url.pathname}/state`)).response?.json();
    expect(await state()).toEqual({ decided: false });
    await host.auth.approvals.decide(host.auth.approvals.pending()[0]?.id ?? '', { approve: true, tenant: 'demo' });
    expect(await state()).toEqual({ decided: true });
    const { url } = await user.visit(`${page.url.pathname}/finish`);
    const tokens = await exchange(url);
    const principal = await host.auth.authenticate(tokens.access_token);
    expect(principal).toMatchObject({
      canStepUp: true,
      actor: { name: 'Editor <b>', kind: 'agent', door: 'mcp', tenant: 'demo', scopes: ['scim:read', 'scim:write'] },
    });
    expect(tokens.claims()?.sub).toBe('administrator');
  });

  test('in a browser, with the sign-in code; wrong codes are counted', async () => {
    const { user, page, exchange } = await begin(await register());
    const form = { action: 'allow', tenant: 'default' };
    for (let attempt = 0; attempt < 4; attempt++) {
      const { response } = await user.submit(page.url, { ...form, code: 'AAAA-AAAA' });
      expect(response?.status).toBe(403);
    }
    const { url } = await user.submit(page.url, { ...form, code: host.auth.signInCode.toLowerCase().replace('-', '') });
    expect(await host.auth.authenticate((await exchange(url)).access_token)).toBeDefined();
    const second = await begin(await register());
    for (let attempt = 0; attempt < 5; attempt++) await second.user.submit(second.page.url, { ...form, code: 'wrong' });
    const { response } = await second.user.submit(second.page.url, { ...form, code: host.auth.signInCode });
    expect(response?.status).toBe(429);
  });

  test('a demo sign-in works in sample tenants only', async () => {
    const actor = { id: 'x', name: 'X', kind: 'system', door: 'cli', scopes: ['scim:admin'] } as const;
    const record = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' };
    await host.directory.createUser({ ...actor, tenant: 'demo' }, record);
    await host.directory.createUser({ ...actor, tenant: 'default' }, record);
    const { user, page, exchange } = await begin(await register());
    const form = { action: 'demo', user: 'ada' };
    expect((await user.submit(page.url, { ...form, tenant: 'default' })).response?.status).toBe(403);
    const { url } = await user.submit(page.url, { ...form, tenant: 'demo' });
    const tokens = await exchange(url);
    expect(await host.auth.authenticate(tokens.access_token)).toMatchObject({ actor: { tenant: 'demo' } });
  });

  test('denied is denied', async () => {
    const { user, page } = await begin(await register());
    const { url } = await user.submit(page.url, { action: 'deny' });
    expect(url.searchParams.get('error')).toBe('access_denied');
  });

  test('refresh tokens rotate; one used twice ends the whole grant', async () => {
    const client = await register();
    const { tokens } = await signIn(client);
    const renewed = await oauth.refreshTokenGrant(client, tokens.refresh_token ?? '');
    expect(await host.auth.authenticate(renewed.access_token)).toMatchObject({ actor: { tenant: 'default' } });
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token);
    await expect(oauth.refreshTokenGrant(client, tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await host.auth.authenticate(renewed.access_token)).toBeUndefined();
  });

  test('a revoked grant ends its access tokens at once', async () => {
    const client = await register();
    const { tokens } = await signIn(client);
    expect(await host.auth.authenticate(tokens.access_token)).toBeDefined();
    await oauth.tokenRevocation(client, tokens.refresh_token ?? '');
    expect(await host.auth.authenticate(tokens.access_token)).toBeUndefined();
  });

  test('a code works once, and its replay ends what it gave', async () => {
    const client = await register();
    const { tokens, exchange, callback } = await signIn(client);
    await expect(exchange(callback)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await host.auth.authenticate(tokens.access_token)).toBeUndefined();
  });

  test('a sign-in survives a restart, and the refresh token is not in the file', async () => {
    const client = await register();
    const { tokens } = await signIn(client);
    const { folder, origin } = host;
    await host.stop();
    host = await start(folder, Number(new URL(origin).port));
    expect(readFileSync(join(folder, 'auth.json'), 'utf8')).not.toContain(tokens.refresh_token);
    expect(await host.auth.authenticate(tokens.access_token)).toBeDefined();
    const renewed = await oauth.refreshTokenGrant(client, tokens.refresh_token ?? '');
    expect(await host.auth.authenticate(renewed.access_token)).toBeDefined();
  });
});

describe('what real clients send', () => {
  test('a registration like VS Code (device grant) and like Cursor (app scheme, no type)', async () => {
    const vscode = await register({
      client_name: 'Visual Studio Code',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      redirect_uris: ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
      application_type: 'native',
    });
    expect(vscode.clientMetadata().grant_types).toEqual(['authorization_code', 'refresh_token']);
    await register({ redirect_uris: ['cursor://anysphere.cursor-mcp/oauth/callback', 'http://localhost:8787/callback'] });
  });

  test('no scope and no resource, and a resource with a slash', async () => {
    const client = await register();
    for (const over of [{ scope: '' }, { resource: `${host.origin}/mcp/` }]) {
      const { page } = await begin(client, over);
      expect(page.url.pathname).toMatch(/^\/oauth\/interaction\//);
    }
  });

  test.each([
    ['a scheme of the system', { redirect_uris: ['ms-msdt:/id'] }],
    ['plain http to elsewhere', { redirect_uris: ['http://evil.example/cb'] }],
    ['too many redirects', { redirect_uris: Array.from({ length: 11 }, (_, index) => `https://a.example/${index}`) }],
  ])('but not %s', async (_name, metadata) => {
    await expect(register(metadata)).rejects.toMatchObject({ error: 'invalid_redirect_uri' });
  });

  test('no PKCE, a foreign resource, and scim:admin are refused', async () => {
    const client = await register();
    for (const over of [
      { code_challenge: '', code_challenge_method: '' },
      { resource: 'https://evil.example' },
      { scope: 'scim:admin' },
    ]) {
      const { page } = await begin(client, over as Record<string, string>);
      expect(page.url.searchParams.get('error')).toMatch(/invalid_(request|target|scope)/);
    }
  });
});

test('discovery says what the specifications ask for', async () => {
  const read = async (path: string) => (await fetch(`${host.origin}${path}`)).json() as Promise<Record<string, unknown>>;
  const metadata = await read('/.well-known/oauth-authorization-server');
  expect(metadata).toMatchObject({
    issuer: host.origin,
    code_challenge_methods_supported: ['S256'],
    registration_endpoint: `${host.origin}/oauth/register`,
    authorization_response_iss_parameter_supported: true,
  });
  expect(await read('/.well-known/openid-configuration')).toMatchObject({ issuer: host.origin });
  for (const path of ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'])
    expect(await read(path)).toMatchObject({ resource: `${host.origin}/mcp`, authorization_servers: [host.origin] });
});

describe('tokens that are not ours', () => {
  test.each<[string, (jwt: SignJWT) => SignJWT, boolean, typ?: string]>([
    ['another audience', (jwt) => jwt.setAudience('http://127.0.0.1:1/mcp'), true],
    ['another issuer', (jwt) => jwt.setIssuer('http://127.0.0.1:1'), true],
    ['expired', (jwt) => jwt.setExpirationTime('-1s'), true],
    ['an ID token', (jwt) => jwt, true, 'JWT'],
    ['another key', (jwt) => jwt, false],
  ])('%s', async (_name, spoil, ownKey, spoiltType = 'at+jwt') => {
    const { tokens } = await signIn(await register());
    const [, body = ''] = tokens.access_token.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const own = JSON.parse(readFileSync(join(host.folder, 'secrets.json'), 'utf8')) as { signingKey: JsonWebKey };
    const key = ownKey ? own.signingKey : await exportJWK(privateKey);
    const sign = (change: (jwt: SignJWT) => SignJWT, typ = 'at+jwt') =>
      change(new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ })).sign(key as Parameters<SignJWT['sign']>[0]);
    if (ownKey) expect(await host.auth.authenticate(await sign((jwt) => jwt))).toBeDefined();
    expect(await host.auth.authenticate(await sign(spoil, spoiltType))).toBeUndefined();
  });

  test.each(['', 'nonsense', 'a.b.c', 'tandem_guess', 'x'.repeat(10_000)])('garbage %#', async (token) => {
    expect(await host.auth.authenticate(token)).toBeUndefined();
  });
});

describe('access keys', () => {
  const request = { tenant: 'default', scopes: ['scim:read' as const], name: 'Nightly' };

  test('work, are listed without their text, survive a restart, and end when revoked', async () => {
    const { key, id } = await host.auth.keys.create(request);
    const { folder } = host;
    await host.stop();
    expect(readFileSync(join(folder, 'auth.json'), 'utf8')).not.toContain(key);
    host = await start(folder);
    expect(await host.auth.authenticate(key)).toMatchObject({
      actor: { name: 'Nightly', tenant: 'default', scopes: ['scim:read'] },
    });
    expect(host.auth.keys.list()).toMatchObject([{ id, name: 'Nightly' }]);
    expect(JSON.stringify(host.auth.keys.list())).not.toContain('hash');
    expect(await host.auth.keys.revoke(id)).toBe(true);
    expect(await host.auth.authenticate(key)).toBeUndefined();
  });

  test('end after their days', async () => {
    const { key } = await host.auth.keys.create({ ...request, days: 1 });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_401_000 });
    expect(await host.auth.authenticate(key)).toBeUndefined();
    vi.useRealTimers();
  });

  test('bad requests name the argument', async () => {
    for (const [over, path] of [
      [{ tenant: 'nowhere' }, 'tenant'],
      [{ scopes: [] }, 'scope'],
      [{ name: ' ' }, 'name'],
      [{ days: 0 }, 'days'],
    ] as const)
      await expect(
        host.auth.keys.create({ ...request, ...over, scopes: [...('scopes' in over ? over.scopes : request.scopes)] }),
      ).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        issues: [{ path }],
      });
  });
});

test('secrets are for their user only, and a damaged auth.json is not replaced', async () => {
  expect(statSync(join(host.folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  expect(host.auth.secrets.place).toBe('file');
  await host.auth.keys.create({ tenant: 'default', scopes: ['scim:read'], name: 'x' });
  expect(statSync(join(host.folder, 'auth.json')).mode & 0o777).toBe(0o600);
  writeFileSync(join(host.folder, 'auth.json'), '{"keys":');
  const damaged = createAuth({
    directory: host.directory,
    dataDir: host.folder,
    origin: host.origin,
    log: pino({ level: 'silent' }),
    secretStorage: 'file',
  });
  await expect(damaged).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('auth.json is damaged') });
  expect(readFileSync(join(host.folder, 'auth.json'), 'utf8')).toBe('{"keys":');
  writeFileSync(join(host.folder, 'auth.json'), JSON.stringify({ keys: [], grants: {}, records: {} }));
});
