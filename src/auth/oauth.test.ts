import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as oauth from 'openid-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { begin, browser, redirect, register, signIn, startHost, type Host } from './test-host.ts';

let host: Host;
beforeEach(async () => {
  host = await startHost();
});
afterEach(async () => {
  await host.stop();
  rmSync(host.folder, { recursive: true });
});

const post = (path: string, body: string, type = 'application/json') =>
  fetch(`${host.origin}${path}`, { method: 'POST', body, headers: { 'content-type': type } });

describe('tokens', () => {
  test('stand for the client, one tenant, and this server only', async () => {
    const { tokens } = await signIn(host, await register(host, { client_name: 'Editor' }));
    expect(await host.auth.authenticate(tokens.access_token)).toMatchObject({
      canStepUp: true,
      actor: { name: 'Editor', kind: 'agent', door: 'mcp', tenant: 'default', scopes: ['scim:read', 'scim:write'] },
    });
    const [head = '', body = ''] = tokens.access_token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(head)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
    const claims = JSON.parse(body) as { iat: number; exp: number };
    expect(claims).toMatchObject({ iss: host.origin, aud: `${host.origin}/mcp`, tenant: 'default', client_name: 'Editor' });
    expect(claims.exp - claims.iat).toBe(300);
    expect(tokens.claims()).toMatchObject({ sub: 'administrator', name: 'Administrator' });
  });

  test('refresh tokens rotate; one used twice ends the whole grant', async () => {
    const client = await register(host);
    const { tokens } = await signIn(host, client);
    const renewed = await oauth.refreshTokenGrant(client, tokens.refresh_token ?? '');
    expect(await host.auth.authenticate(renewed.access_token)).toMatchObject({ actor: { tenant: 'default' } });
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token);
    await expect(oauth.refreshTokenGrant(client, tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await host.auth.authenticate(renewed.access_token)).toBeUndefined();
  });

  test('a revoked refresh token ends its access tokens at once, those already seen too', async () => {
    const client = await register(host);
    const { tokens } = await signIn(host, client);
    expect(await host.auth.authenticate(tokens.access_token)).toBeDefined();
    await oauth.tokenRevocation(client, tokens.refresh_token ?? '');
    expect(await host.auth.authenticate(tokens.access_token)).toBeUndefined();
  });

  test('a client cannot revoke what another was given', async () => {
    const { tokens } = await signIn(host, await register(host));
    await oauth.tokenRevocation(await register(host), tokens.refresh_token ?? '').catch(() => {});
    expect(await host.auth.authenticate(tokens.access_token)).toBeDefined();
  });

  test('a code works once, and its replay ends what it gave', async () => {
    const { tokens, exchange, callback } = await signIn(host, await register(host));
    await expect(exchange(callback)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await host.auth.authenticate(tokens.access_token)).toBeUndefined();
  });

  test('a sign-in survives a restart, and the refresh token is not in the file', async () => {
    const client = await register(host);
    const { tokens } = await signIn(host, client);
    const { folder, origin } = host;
    await host.stop();
    host = await startHost(folder, Number(new URL(origin).port));
    expect(readFileSync(join(folder, 'auth.json'), 'utf8')).not.toContain(tokens.refresh_token);
    expect(await host.auth.authenticate(tokens.access_token)).toBeDefined();
    const renewed = await oauth.refreshTokenGrant(client, tokens.refresh_token ?? '');
    expect(await host.auth.authenticate(renewed.access_token)).toBeDefined();
  });

  test('secrets of a sign-in are not in the log, and refusals are', async () => {
    const client = await register(host);
    const { tokens, callback } = await signIn(host, client);
    await oauth.refreshTokenGrant(client, 'no such token').catch(() => {});
    const log = host.logged.join('');
    expect(log).toContain('invalid_grant');
    for (const secret of [tokens.access_token, tokens.refresh_token, callback.searchParams.get('code'), host.auth.signInCode])
      expect(log).not.toContain(secret);
  });
});

describe('what real clients send', () => {
  test('a registration like VS Code (device grant) and like Cursor (app scheme, no type)', async () => {
    const vscode = await register(host, {
      client_name: 'Visual Studio Code',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      redirect_uris: ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
      application_type: 'native',
    });
    expect(vscode.clientMetadata().grant_types).toEqual([
      'authorization_code',
      'refresh_token',
      'urn:ietf:params:oauth:grant-type:device_code',
    ]);
    const callback = 'cursor://anysphere.cursor-mcp/oauth/callback';
    const cursor = await register(host, { redirect_uris: [callback, 'http://localhost:8787/callback'] });
    const { callback: answer } = await signIn(host, cursor, { redirect_uri: callback });
    expect(answer.protocol).toBe('cursor:');
  });

  test.each([
    ['no scope', { scope: undefined }, ['scim:read']],
    ['no resource', { resource: undefined }, ['scim:read', 'scim:write']],
    ['no scope of ours', { scope: 'openid' }, []],
    ['no prompt', { prompt: undefined }, ['scim:read', 'scim:write']],
  ])('%s', async (_name, over, scopes) => {
    const { tokens } = await signIn(host, await register(host), over);
    expect(await host.auth.authenticate(tokens.access_token)).toMatchObject({ actor: { scopes } });
  });

  test('a resource with a slash, at each step, gives a token for the one without', async () => {
    const client = await register(host);
    const resource = `${host.origin}/mcp/`;
    const { tokens } = await signIn(host, client, { resource });
    expect(await host.auth.authenticate(tokens.access_token)).toBeDefined();
    const renewed = await oauth.refreshTokenGrant(client, tokens.refresh_token ?? '', { resource });
    expect(await host.auth.authenticate(renewed.access_token)).toBeDefined();
  });

  test('a loopback redirect on another port than the registered one (RFC 8252)', async () => {
    const client = await register(host);
    const { callback } = await signIn(host, client, { redirect_uri: redirect.replace('33999', '50123') });
    expect(callback.port).toBe('50123');
  });

  test('a client that keeps a secret', async () => {
    const client = await register(host, { token_endpoint_auth_method: undefined });
    expect(client.clientMetadata()).toMatchObject({ token_endpoint_auth_method: 'client_secret_basic' });
    const secretful = new oauth.Configuration(
      client.serverMetadata(),
      client.clientMetadata().client_id,
      {},
      oauth.ClientSecretBasic(client.clientMetadata().client_secret),
    );
    oauth.allowInsecureRequests(secretful);
    const { tokens } = await signIn(host, secretful);
    expect(await host.auth.authenticate(tokens.access_token)).toBeDefined();
  });

  test('asking for more than before', async () => {
    const client = await register(host, { scope: 'scim:read' });
    await signIn(host, client, { scope: 'scim:read' });
    const { tokens } = await signIn(host, client, { scope: 'scim:read scim:write' });
    expect(await host.auth.authenticate(tokens.access_token)).toMatchObject({ actor: { scopes: ['scim:read', 'scim:write'] } });
  });
});

describe('refused', () => {
  test.each([
    ['a scheme of the system', { redirect_uris: ['ms-msdt:/id'] }, 'invalid_redirect_uri'],
    ['a script', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    ['plain http to elsewhere', { redirect_uris: ['http://evil.example/cb'] }, 'invalid_redirect_uri'],
    ['plain http that looks local', { redirect_uris: ['http://127.0.0.1@evil.example/cb'] }, 'invalid_redirect_uri'],
    [
      'too many redirects',
      { redirect_uris: Array.from({ length: 11 }, (_, index) => `https://a.example/${index}`) },
      'invalid_redirect_uri',
    ],
    ['a name that is no text', { client_name: { a: 1 } }, 'invalid_client_metadata'],
    [
      'an address to read from',
      { redirect_uris: ['https://a.example/cb'], sector_identifier_uri: 'https://a.example/x' },
      'invalid_client_metadata',
    ],
    ['keys to read from an address', { token_endpoint_auth_method: 'private_key_jwt' }, 'invalid_client_metadata'],
  ])('a registration with %s', async (_name, metadata, error) => {
    await expect(register(host, metadata)).rejects.toMatchObject({ error });
  });

  test('a registration is told what is wrong with its address', async () => {
    await expect(register(host, { redirect_uris: ['http://evil.example/cb'] })).rejects.toMatchObject({
      error_description: expect.stringContaining('must be https, http to 127.0.0.1'),
    });
  });

  test.each([
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a foreign resource', { resource: 'https://evil.example' }, 'invalid_target'],
    ['no person', { prompt: 'none' }, 'login_required'],
  ])('an authorization with %s, said to the client', async (_name, over, error) => {
    const { page } = await begin(host, await register(host), over);
    expect(page.url.origin).toBe(new URL(redirect).origin);
    expect(page.url.searchParams.get('error')).toBe(error);
    expect(host.auth.approvals.pending()).toEqual([]);
  });

  test('an unregistered redirect and an unknown client, said on a page', async () => {
    const client = await register(host);
    const { page } = await begin(host, client, { redirect_uri: 'https://evil.example/cb' });
    expect(page.url.origin).toBe(host.origin);
    expect(page.response?.status).toBe(400);
    const unknown = await browser(host).visit('/oauth/authorize?client_id=%3Cscript%3E', { headers: { accept: 'text/html' } });
    expect(unknown.response?.status).toBe(400);
    expect(await unknown.response?.text()).toMatch(/<h1>This sign-in cannot go on(?!.*<script>)/s);
    const inherited = await browser(host).visit('/oauth/authorize?client_id=constructor', { headers: { accept: 'text/html' } });
    expect(await inherited.response?.text()).toContain('Tandem does not know this program');
  });

  test.each([
    ['/oauth/register', '{"redirect_uris":', 'application/json', 'invalid_request'],
    ['/oauth/register', 'redirect_uris=x', 'text/plain', 'invalid_request'],
    ['/oauth/register', JSON.stringify({ redirect_uris: ['x'.repeat(100_000)] }), 'application/json', 'invalid_request'],
    ['/oauth/token', '{}', 'application/json', 'invalid_request'],
    ['/oauth/revoke', 'token=a.b.c', 'application/x-www-form-urlencoded', 'invalid_request'],
  ])('%s with %.20s', async (path, body, type, error) => {
    const response = await post(path, body, type);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error });
  });

  test('more registrations than 60 a minute', async () => {
    const body = JSON.stringify({ redirect_uris: [redirect], token_endpoint_auth_method: 'none' });
    const statuses = await Promise.all(Array.from({ length: 61 }, async () => (await post('/oauth/register', body)).status));
    expect(statuses.filter((status) => status === 201)).toHaveLength(60);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  });
});

test('discovery says what the specifications ask for, and names only what is there', async () => {
  const read = async (path: string) => (await fetch(`${host.origin}${path}`)).json() as Promise<Record<string, unknown>>;
  const metadata = await read('/.well-known/oauth-authorization-server');
  expect(metadata).toMatchObject({
    issuer: host.origin,
    code_challenge_methods_supported: ['S256'],
    registration_endpoint: `${host.origin}/oauth/register`,
    authorization_response_iss_parameter_supported: true,
  });
  const endpoints = Object.entries(metadata).filter(([name]) => name.endsWith('_endpoint') || name === 'jwks_uri');
  expect(endpoints.length).toBeGreaterThan(4);
  for (const [name, address] of endpoints) {
    const method = /^(authorization_e|jwks|end_session)/.test(name) ? 'GET' : 'POST';
    expect((await fetch(String(address), { method })).status, name).not.toBe(404);
  }
  // A client that asks for all that is advertised does not get to manage tenants by accident.
  for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'])
    expect(await read(path)).toMatchObject({
      issuer: host.origin,
      scopes_supported: ['openid', 'offline_access', 'scim:read', 'scim:write', 'profile', 'email', 'phone', 'address', 'groups'],
    });
  for (const path of ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'])
    expect(await read(path)).toMatchObject({ resource: `${host.origin}/mcp`, authorization_servers: [host.origin] });
  expect(JSON.stringify(await read('/oauth/jwks'))).not.toContain('"d"');
});
