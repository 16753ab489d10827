import { createHash, createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createOutsideFetch, isPublicAddress } from '../src/auth/outside.ts';
import { startTestHost, type TestHost } from './host.ts';

/** What is tried over the real wire by who should not get in: refused in the right form, told in the log, and Tandem lives on. */
let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
  await host.app.services.directory.tenants.add({ id: 'other', name: 'Other' });
});
afterAll(() => host.close());
afterEach(async () => {
  expect((await fetch(`${host.origin}/health`)).status).toBeLessThan(500);
  for (const secret of secrets) expect(host.logged()).not.toContain(secret);
});

/** Texts that must be in no log. */
const secrets: string[] = [];
const callback = 'http://127.0.0.1:33999/callback';

const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

async function register(metadata: Record<string, unknown> = {}): Promise<string> {
  const body = { client_name: 'Attacker', redirect_uris: [callback], token_endpoint_auth_method: 'none', ...metadata };
  const answer = await fetch(`${host.origin}/oauth/register`, { method: 'POST', headers: json, body: JSON.stringify(body) });
  return ((await answer.json()) as { client_id: string }).client_id;
}

/** A browser: one jar, redirects within Tandem followed. */
function browser(jar = new Map<string, string>()) {
  const visit = async (address: string | URL, init: RequestInit = {}): Promise<{ url: URL; status: number; text: string }> => {
    const url = new URL(address, host.origin);
    if (url.origin !== host.origin) return { url, status: 0, text: '' };
    const headers = new Headers(init.headers);
    headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    headers.set('accept', 'text/html');
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    const next = response.headers.get('location');
    return next === null ? { url, status: response.status, text: await response.text() } : visit(new URL(next, url));
  };
  const submit = (url: URL, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    visit(url, { method: 'POST', headers: { ...form, ...headers }, body: new URLSearchParams(fields) });
  return { visit, submit, jar };
}

const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');

function authorizationUrl(client: string, over: Record<string, string | undefined> = {}): URL {
  const url = new URL('/oauth/authorize', host.origin);
  const wanted: Record<string, string | undefined> = {
    client_id: client,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid offline_access scim:read scim:write',
    resource: host.app.endpoints.mcp,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 's',
    prompt: 'consent',
    ...over,
  };
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

async function token(client: string, fields: Record<string, string>) {
  const body = new URLSearchParams({ client_id: client, ...fields });
  const answer = await fetch(`${host.origin}/oauth/token`, { method: 'POST', headers: form, body });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

/** A whole sign-in that the administrator allows. */
async function signIn(client: string, tenant = 'default') {
  const user = browser();
  const page = await user.visit(authorizationUrl(client));
  const [request] = host.app.services.approvals.pending();
  await host.app.services.approvals.decide(request?.id ?? '', { approve: true, tenant });
  const { url } = await user.visit(page.url);
  const code = url.searchParams.get('code') ?? '';
  const redeem = () => token(client, { grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: verifier });
  const { body } = await redeem();
  secrets.push(code, body['access_token'] ?? '', body['refresh_token'] ?? '');
  return { access: body['access_token'] ?? '', refresh: body['refresh_token'] ?? '', redeem };
}

const use = (bearer: string) =>
  fetch(host.app.endpoints.mcp, {
    method: 'POST',
    headers: { ...json, accept: 'application/json, text/event-stream', authorization: `Bearer ${bearer}` },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    }),
  });

/** Denies what still waits, so that the next test finds its own. */
async function denyAll(): Promise<void> {
  for (const { id } of host.app.services.approvals.pending())
    await host.app.services.approvals.decide(id, { approve: false, tenant: '' });
}

test('CSRF on consent: a page of another origin or port cannot allow', async () => {
  const user = browser();
  const page = await user.visit(authorizationUrl(await register()));
  const fields = { action: 'sign-in', code: host.app.endpoints.signInCode };
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'http://127.0.0.1:9' },
    { 'sec-fetch-site': 'cross-site' },
  ])
    expect((await user.submit(page.url, fields, headers)).status).toBe(403);
  expect(host.app.services.approvals.pending()).toHaveLength(1);
  await denyAll();
});

test('open redirect: no unregistered or changed address is ever gone to', async () => {
  const client = await register();
  const page = await register({ redirect_uris: ['https://app.example/cb'] });
  for (const [id, redirect] of [
    [client, 'https://evil.example/cb'],
    [client, 'http://127.0.0.1:33999/callback/../evil'],
    [client, 'http://127.0.0.1:33999/callback?x=1'],
    [client, 'http://127.0.0.1.evil.example:33999/callback'],
    [page, 'https://app.example/cb/more'],
    [page, 'https://app.example:8443/cb'],
    [page, 'https://app.example@evil.example/cb'],
  ] as const) {
    const { url, status } = await browser().visit(authorizationUrl(id, { redirect_uri: redirect }));
    expect([url.origin, status], redirect).toEqual([host.origin, 400]);
  }
  expect(host.logged()).toContain('invalid_redirect_uri');
});

test('PKCE missing, plain or wrong', async () => {
  const client = await register();
  for (const over of [{ code_challenge: undefined, code_challenge_method: undefined }, { code_challenge_method: 'plain' }]) {
    const { url } = await browser().visit(authorizationUrl(client, over));
    expect(url.searchParams.get('error')).toBe('invalid_request');
    expect(url.searchParams.get('iss')).toBe(host.origin);
  }
  const user = browser();
  const page = await user.visit(authorizationUrl(client));
  const [request] = host.app.services.approvals.pending();
  await host.app.services.approvals.decide(request?.id ?? '', { approve: true, tenant: 'default' });
  const code = (await user.visit(page.url)).url.searchParams.get('code') ?? '';
  const stolen = { grant_type: 'authorization_code', code, redirect_uri: callback };
  for (const proof of [{}, { code_verifier: randomBytes(32).toString('base64url') }])
    expect((await token(client, { ...stolen, ...proof })).body['error']).toMatch(/^invalid_(grant|request)$/);
});

test('a code is redeemed once; its replay, and that of a refresh token, end what they gave', async () => {
  const first = await signIn(await register());
  expect((await use(first.access)).status).toBe(200);
  expect((await first.redeem()).body['error']).toBe('invalid_grant');
  expect((await use(first.access)).status).toBe(401);
  const client = await register();
  const second = await signIn(client);
  const renew = () => token(client, { grant_type: 'refresh_token', refresh_token: second.refresh });
  const renewed = await renew();
  secrets.push(renewed.body['access_token'] ?? '', renewed.body['refresh_token'] ?? '');
  expect((await renew()).body['error']).toBe('invalid_grant');
  expect((await use(renewed.body['access_token'] ?? '')).status).toBe(401);
  expect(host.logged()).toContain('used twice');
});

test('a refresh token or a code is of no use to another client', async () => {
  const { refresh, access } = await signIn(await register());
  const thief = await token(await register(), { grant_type: 'refresh_token', refresh_token: refresh });
  expect(thief.body['error']).toBe('invalid_grant');
  expect((await use(access)).status).toBe(200);
});

test('forged, altered and foreign tokens', async () => {
  const { access } = await signIn(await register());
  const [, payload = '', signature = ''] = access.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const kept = JSON.parse(readFileSync(join(host.dataDir, 'secrets.json'), 'utf8')) as { signingKey: JWK & { kid: string } };
  const own = await importJWK(kept.signingKey, 'ES256');
  const { keys } = (await (await fetch(`${host.origin}/oauth/jwks`)).json()) as { keys: JWK[] };
  const pem = await exportSPKI((await importJWK(keys[0] ?? {}, 'ES256', { extractable: true })) as CryptoKey);
  const hs = (key: string) => {
    const body = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: kept.signingKey.kid })}.${payload}`;
    return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
  };
  const sign = (changes: Record<string, unknown>, header = {}) =>
    new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...header }).sign(own);
  const now = Math.floor(Date.now() / 1000);
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const foreign = new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', jwk: await exportJWK(publicKey) });
  // The way of making them is right: unchanged, one is taken.
  expect((await use(await sign({}))).status).toBe(200);
  for (const [what, bad] of [
    ['alg none', `${encode({ alg: 'none', typ: 'at+jwt' })}.${payload}.`],
    ['alg none, signed', `${encode({ alg: 'none', typ: 'at+jwt' })}.${payload}.${signature}`],
    ['HS256 with the public key', hs(pem)],
    ['HS256 with the public JWK', hs(JSON.stringify(keys[0]))],
    ['a key of its own', await foreign.sign(privateKey)],
    ['an unknown kid', await sign({}, { kid: '../../secrets.json' })],
    ['altered claims', access.replace(payload, encode({ ...claims, tenant: 'other' }))],
    ['expired', await sign({ exp: now - 1 })],
    ['not yet valid', await sign({ nbf: now + 600 })],
    ['another audience', await sign({ aud: 'http://127.0.0.1:1/mcp' })],
    ['another issuer', await sign({ iss: 'https://evil.example' })],
    ['another kind', await sign({}, { typ: 'secevent+jwt' })],
    ['another tenant than consented to', await sign({ tenant: 'other' })],
    ['no grant', await sign({ grant: 'constructor' })],
    ['a key that is none', await sign({ grant: 'key:x:y' })],
  ] as const) {
    const answer = await use(bad);
    expect(answer.status, what).toBe(401);
    expect(answer.headers.get('www-authenticate'), what).toContain('error="invalid_token"');
  }
});

test('a token of one tenant, and of fewer scopes, reaches no further', async () => {
  const { access } = await signIn(await register(), 'other');
  const scim = (path: string) => fetch(`${host.app.endpoints.scim}${path}`, { headers: { authorization: `Bearer ${access}` } });
  expect((await scim('/t/other/Users')).status).toBe(200);
  expect((await scim('/t/default/Users')).status).toBe(404);
  expect((await scim('/t/nowhere/Users')).status).toBe(404);
});

test('session fixation: a cookie that was planted lets nobody in, and belongs to its own request only', async () => {
  const client = await register();
  const attacker = browser();
  const planted = await attacker.visit(authorizationUrl(client));
  const victim = browser(new Map(attacker.jar));
  const page = await victim.visit(authorizationUrl(client));
  expect(page.url.pathname).not.toBe(planted.url.pathname);
  for (const { id } of host.app.services.approvals.pending())
    if (page.url.pathname.endsWith(id)) await host.app.services.approvals.decide(id, { approve: true, tenant: 'default' });
  expect((await victim.visit(page.url)).url.searchParams.get('code')).not.toBeNull();
  // With all cookies of the one who was let in, the next request asks again.
  const next = await browser(new Map(victim.jar)).visit(authorizationUrl(client));
  expect(next.url.pathname).toContain('/oauth/interaction/');
  expect((await attacker.visit(planted.url)).url.searchParams.get('code')).toBeNull();
  await denyAll();
});

test('the session of another principal looks like none', async () => {
  const mine = await use(await host.accessKey({ name: 'Mine' }));
  const session = mine.headers.get('mcp-session-id') ?? '';
  const key = await host.accessKey({ name: 'Theirs' });
  const answer = await fetch(host.app.endpoints.mcp, {
    method: 'POST',
    headers: {
      ...json,
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${key}`,
      'mcp-session-id': session,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list' }),
  });
  expect(answer.status).toBe(404);
});

test('HTML in a client’s name is text on the page', async () => {
  const name = '<img src=x onerror=alert(1)>"><script>alert(2)</script>';
  const page = await browser().visit(authorizationUrl(await register({ client_name: name })));
  expect(page.text).not.toMatch(/<img|<script>alert/);
  expect(page.text).toContain('&lt;img src=x onerror=alert(1)&gt;');
  await denyAll();
});

test('SSRF: no document of a client is fetched unless that is on, and then none from inside', async () => {
  const ask = (id: string) => browser().visit(authorizationUrl(id));
  const asked: string[] = [];
  const inside = createServer({ key: '', cert: '' }).on('connection', () => asked.push('connection'));
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
  const { port } = inside.address() as AddressInfo;
  try {
    for (const isOn of [false, true]) {
      await host.app.services.authorization.update({ metadataDocuments: isOn });
      for (const id of [
        `https://127.0.0.1:${port}/client.json`,
        `https://localhost:${port}/client.json`,
        `https://[::1]:${port}/client.json`,
        'https://169.254.169.254/latest/meta-data',
        'http://example.com/client.json',
        'file:///etc/passwd',
      ])
        expect((await ask(id)).status, id).toBe(400);
    }
    expect(asked).toEqual([]);
  } finally {
    inside.close();
    await host.app.services.authorization.update({ metadataDocuments: false });
  }
  // A name that leads inside, also only in part, is refused before anything connects.
  for (const address of ['10.0.0.1', '::ffff:127.0.0.1', 'fd00::1', '100.64.0.1', '64:ff9b::7f00:1']) {
    const family = address.includes(':') ? 6 : 4;
    const fetchOutside = createOutsideFetch({
      lookup: (_name, _options, done) =>
        done(null, [
          { address: '93.184.216.34', family: 4 },
          { address, family },
        ]),
    });
    await expect(fetchOutside('https://rebind.example/'), address).rejects.toThrow('no public address');
    expect(isPublicAddress(address)).toBe(false);
  }
  expect(isPublicAddress('93.184.216.34')).toBe(true);
});

test('what is not advertised while it is off: documents of clients', async () => {
  const read = async () =>
    (await (await fetch(`${host.origin}/.well-known/oauth-authorization-server`)).json()) as Record<string, unknown>;
  expect(await read()).not.toHaveProperty('client_id_metadata_document_supported');
  await host.app.services.authorization.update({ metadataDocuments: true });
  expect(await read()).toMatchObject({ client_id_metadata_document_supported: true });
  await host.app.services.authorization.update({ metadataDocuments: false });
});

test('too many registrations', async () => {
  const body = JSON.stringify({ redirect_uris: [callback], token_endpoint_auth_method: 'none' });
  const answers = await Promise.all(
    Array.from({ length: 62 }, () => fetch(`${host.origin}/oauth/register`, { method: 'POST', headers: json, body })),
  );
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.headers.get('retry-after')).toBe('60');
  expect(host.logged()).toContain('too many clients register');
});
