import { rmSync } from 'node:fs';
import * as oauth from 'openid-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Actor } from '../directory/index.ts';
import { allowInWindow, begin, browser, register, startHost, type Host } from './test-host.ts';

/** What is kept in memory is what a test turned off. */
const off = { demoSignIn: () => false, metadataDocuments: () => false };

let host: Host;
beforeEach(async () => {
  host = await startHost();
});
afterEach(async () => {
  vi.useRealTimers();
  await host.stop();
  rmSync(host.folder, { recursive: true });
});

const administrator = (tenant: string): Actor => ({
  id: 'administrator',
  name: 'Administrator',
  kind: 'person',
  door: 'window',
  tenant,
  scopes: ['scim:admin'],
});
const insecure = { execute: [oauth.allowInsecureRequests] };
const identity = 'openid offline_access profile email phone address groups';

async function addAda(tenant = 'default'): Promise<string> {
  const record = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'ada',
    password: 'correct horse',
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    displayName: 'Ada Lovelace',
    emails: [{ value: 'home@example.com' }, { value: 'ada@example.com', primary: true }],
    phoneNumbers: [{ value: 'tel:+44-20-1' }],
    addresses: [{ locality: 'London', country: 'GB', streetAddress: '12 St James Square' }],
    timezone: 'Europe/London',
  };
  const { resource } = await host.directory.create(administrator(tenant), 'User', record);
  const group = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: 'Mathematicians',
    members: [{ value: resource.id }],
  };
  await host.directory.create(administrator(tenant), 'Group', group);
  return resource.id;
}

const signInForm = { action: 'person', tenant: 'default', user: 'ada', password: 'correct horse' };

/** Signs in as ada with a password, to an app that asks who she is. */
async function signInAda(over: Record<string, string | undefined> = {}, client?: oauth.Configuration) {
  const app = client ?? (await register(host, { client_name: 'Payroll' }));
  const { user, page, exchange } = await begin(host, app, { scope: identity, resource: undefined, prompt: undefined, ...over });
  const { url, response } = await user.submit(page.url, signInForm);
  return { app, callback: url, response, exchange, page };
}

describe('an app under development', () => {
  test('learns who signs in: ID token, userinfo, renewed tokens, all from the record', async () => {
    const id = await addAda();
    const { app, callback, exchange } = await signInAda();
    const tokens = await exchange(callback);
    const who = {
      sub: `default/${id}`,
      name: 'Ada Lovelace',
      given_name: 'Ada',
      family_name: 'Lovelace',
      preferred_username: 'ada',
      zoneinfo: 'Europe/London',
      email: 'ada@example.com',
      phone_number: 'tel:+44-20-1',
      address: { street_address: '12 St James Square', locality: 'London', country: 'GB' },
      groups: ['Mathematicians'],
    };
    expect(tokens.claims()).toMatchObject(who);
    expect(await oauth.fetchUserInfo(app, tokens.access_token, `default/${id}`)).toMatchObject(who);
    const renewed = await oauth.refreshTokenGrant(app, tokens.refresh_token ?? '');
    expect(await oauth.fetchUserInfo(app, renewed.access_token, `default/${id}`)).toMatchObject({ email: 'ada@example.com' });
    // It opens nothing else.
    expect(await host.auth.authenticate(tokens.access_token)).toBeUndefined();
  });

  test('learns no more than it asked for', async () => {
    await addAda();
    const { app, callback, exchange } = await signInAda({ scope: 'openid email' });
    const tokens = await exchange(callback);
    const told = await oauth.fetchUserInfo(app, tokens.access_token, oauth.skipSubjectCheck);
    expect(told).toMatchObject({ email: 'ada@example.com' });
    for (const claim of ['phone_number', 'address', 'groups', 'zoneinfo']) {
      expect(told).not.toHaveProperty(claim);
      expect(tokens.claims()).not.toHaveProperty(claim);
    }
  });

  test('signs out, back to its own page', async () => {
    const after = 'https://app.example/bye';
    await addAda();
    const client = await register(host, { post_logout_redirect_uris: [after] });
    const { callback, exchange } = await signInAda({}, client);
    const tokens = await exchange(callback);
    const url = oauth.buildEndSessionUrl(client, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: after,
      state: 'x',
    });
    const user = browser(host);
    const page = await user.visit(url);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec((await page.response?.text()) ?? '')?.[1] ?? '';
    const end = await user.submit(new URL('/oauth/logout/confirm', host.origin), { xsrf, logout: 'yes' });
    expect(end.url.href).toBe(`${after}?state=x`);
    const elsewhere = await user.visit(url.href.replace('app.example', 'evil.example'));
    expect(elsewhere.response?.status).toBe(400);
  });

  test('is told nothing more once the person is inactive', async () => {
    const id = await addAda();
    const { app, callback, exchange } = await signInAda();
    const tokens = await exchange(callback);
    await host.directory.patch(administrator('default'), 'User', id, [{ op: 'replace', path: 'active', value: false }]);
    await expect(oauth.fetchUserInfo(app, tokens.access_token, oauth.skipSubjectCheck)).rejects.toThrow();
    await expect(oauth.refreshTokenGrant(app, tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});

describe('with a password', () => {
  test('a person gives no access to the directory, whatever the app asks for', async () => {
    await addAda();
    const client = await register(host);
    const mixed = await begin(host, client, { scope: `${identity} scim:read scim:write scim:admin` });
    const { url } = await mixed.user.submit(mixed.page.url, signInForm);
    const tokens = await mixed.exchange(url);
    expect(tokens.claims()).toMatchObject({ preferred_username: 'ada' });
    expect(await host.auth.authenticate(tokens.access_token)).toMatchObject({ actor: { scopes: [] } });
    const only = await begin(host, client);
    expect((await only.user.submit(only.page.url, signInForm)).response?.status).toBe(403);
  });

  test('what is wrong is not told, and after five tries one must wait, with the right password too', async () => {
    await addAda();
    const { user, page } = await begin(host, await register(host), { scope: identity, resource: undefined });
    const texts = new Set<string>();
    for (const form of [
      { ...signInForm, password: 'wrong' },
      { ...signInForm, user: 'nobody' },
      { ...signInForm, tenant: 'nowhere' },
    ]) {
      const { response } = await user.submit(page.url, form);
      expect(response?.status).toBe(403);
      texts.add(/role="alert">([^<]+)/.exec((await response?.text()) ?? '')?.[1] ?? '');
    }
    expect([...texts]).toEqual(['This organisation, user name and password do not fit together. Try again.']);
    for (let attempt = 0; attempt < 4; attempt++) await user.submit(page.url, { ...signInForm, password: 'wrong' });
    const { response } = await user.submit(page.url, signInForm);
    expect(response?.status).toBe(429);
    expect(Number(response?.headers.get('retry-after'))).toBeGreaterThan(200);
    const { entries } = await host.directory.audit.list(administrator('default'), { count: 100 });
    expect(entries.map(({ event }) => event)).toEqual(expect.arrayContaining(['wrong_password', 'too_many_tries']));
    expect(host.logged.join('')).not.toContain('correct horse');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 301_000 });
    expect((await user.submit(page.url, signInForm)).url.searchParams.get('code')).not.toBeNull();
  });

  test('the demo sign-in is not for who has one, and can be turned off', async () => {
    await addAda('demo');
    const first = await begin(host, await register(host));
    const demo = { action: 'demo', tenant: 'demo', user: 'ada' };
    expect((await first.user.submit(first.page.url, demo)).response?.status).toBe(403);
    await host.directory.create(administrator('demo'), 'User', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'bob',
    });
    const { folder } = host;
    await host.stop();
    host = await startHost(folder, 0, { settings: off });
    const second = await begin(host, await register(host));
    expect(await second.page.response?.text()).not.toContain('Demo');
    expect((await second.user.submit(second.page.url, { ...demo, user: 'bob' })).response?.status).toBe(403);
  });
});

describe('the device flow', () => {
  const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

  async function start(scope = 'openid scim:read') {
    const client = await register(host, { client_name: 'Terminal', grant_types: [deviceGrant], redirect_uris: [] });
    const device = await oauth.initiateDeviceAuthorization(client, { scope });
    const user = browser(host);
    const input = await user.visit('/oauth/device');
    let text = (await input.response?.text()) ?? '';
    /** Sends the form of the page that was shown last. */
    const type = async (form: Record<string, string>) => {
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
      const page = await user.submit(new URL('/oauth/device', host.origin), { xsrf, ...form });
      text = (await page.response?.text()) ?? '';
      return { ...page, text };
    };
    return { client, device, user, type };
  }

  test('a device gets what the administrator allows in the window', async () => {
    const { client, device, user, type } = await start();
    expect(device.verification_uri).toBe(`${host.origin}/oauth/device`);
    expect(device.user_code).toMatch(/^[B-Z]{4}-[B-Z]{4}$/);
    const wrong = await type({ user_code: 'BBBB-BBBB' });
    expect(wrong.text).toContain('No device waits with this code');
    const { text: confirm } = await type({ user_code: device.user_code.toLowerCase() });
    expect(confirm).toContain('Is this your device?');
    expect(confirm).toContain('Terminal');
    const page = await type({ user_code: device.user_code, confirm: 'yes' });
    expect(page.text).toContain('another device');
    expect(host.auth.approvals.pending()).toMatchObject([{ clientName: 'Terminal', onDevice: true, scopes: ['scim:read'] }]);
    await allowInWindow(host);
    const end = await user.visit(page.url);
    expect(await end.response?.text()).toContain('Terminal is connected');
    const tokens = await oauth.pollDeviceAuthorizationGrant(client, { ...device, interval: 0.1 });
    expect(await host.auth.authenticate(tokens.access_token)).toMatchObject({
      actor: { name: 'Terminal', scopes: ['scim:read'] },
    });
  });

  test('one that is denied, or stopped, gets nothing', async () => {
    const { client, device, user, type } = await start();
    const page = await type({ user_code: device.user_code, confirm: 'yes' });
    await user.submit(page.url, { action: 'deny' });
    await expect(oauth.pollDeviceAuthorizationGrant(client, { ...device, interval: 0.1 })).rejects.toMatchObject({
      error: 'access_denied',
    });
    const other = await start();
    expect((await other.type({ user_code: other.device.user_code, abort: 'yes' })).text).toContain('was stopped');
    await expect(oauth.pollDeviceAuthorizationGrant(other.client, { ...other.device, interval: 0.1 })).rejects.toMatchObject({
      error: 'access_denied',
    });
  });

  test('codes cannot be guessed at speed, nor sent by another page', async () => {
    const { type, user } = await start();
    const foreign = await user.submit(
      new URL('/oauth/device', host.origin),
      { user_code: 'X' },
      { origin: 'http://127.0.0.1:1' },
    );
    expect(foreign.response?.status).toBe(403);
    const statuses: (number | undefined)[] = [];
    for (let attempt = 0; attempt < 21; attempt++) statuses.push((await type({ user_code: 'BBBB-BBBB' })).response?.status);
    expect(statuses.at(0)).toBe(200);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('client credentials', () => {
  const made = () => host.auth.keys.create({ tenant: 'demo', scopes: ['scim:read', 'scim:write'], name: 'Nightly' });
  const clientOf = (id: string, key: string) =>
    oauth.discovery(new URL(host.origin), id, {}, oauth.ClientSecretBasic(key), insecure);

  test('an access key gets short-lived tokens, which stand for it and end with it', async () => {
    const { id, key } = await made();
    const client = await clientOf(id, key);
    const tokens = await oauth.clientCredentialsGrant(client, { scope: 'scim:read' });
    expect(tokens.expires_in).toBe(300);
    expect(await host.auth.authenticate(tokens.access_token)).toMatchObject({
      clientId: `key:${id}`,
      actor: { name: 'Nightly', tenant: 'demo', scopes: ['scim:read'] },
    });
    const all = await oauth.clientCredentialsGrant(client);
    expect(await host.auth.authenticate(all.access_token)).toMatchObject({ actor: { scopes: ['scim:read', 'scim:write'] } });
    await expect(oauth.clientCredentialsGrant(client, { scope: 'scim:admin' })).rejects.toMatchObject({ error: 'invalid_scope' });
    await host.auth.keys.revoke(id);
    expect(await host.auth.authenticate(tokens.access_token)).toBeUndefined();
    await expect(oauth.clientCredentialsGrant(client)).rejects.toThrow();
  });

  test('not with another secret, nor for a client that registered itself', async () => {
    const [{ id }, { key }] = await Promise.all([made(), made()]);
    await expect(oauth.clientCredentialsGrant(await clientOf(id, key))).rejects.toMatchObject({ status: 401 });
    await expect(oauth.clientCredentialsGrant(await register(host))).rejects.toThrow();
  });
});

describe('introspection and revocation', () => {
  test('a client learns of its own tokens, of both kinds, and of no other’s', async () => {
    const client = await register(host);
    const other = await register(host);
    const { user, page, exchange } = await begin(host, client);
    await allowInWindow(host);
    const { access_token: token, refresh_token: refresh = '' } = await exchange((await user.visit(page.url)).url);
    expect(await oauth.tokenIntrospection(client, token)).toMatchObject({
      active: true,
      scope: 'scim:read scim:write',
      client_id: client.clientMetadata().client_id,
      tenant: 'default',
    });
    expect(await oauth.tokenIntrospection(client, refresh)).toMatchObject({ active: true });
    for (const each of [token, refresh]) expect(await oauth.tokenIntrospection(other, each)).toEqual({ active: false });
    expect(await oauth.tokenIntrospection(client, `${token}x`)).toEqual({ active: false });
    await oauth.tokenRevocation(other, token);
    expect(await host.auth.authenticate(token)).toBeDefined();
    await oauth.tokenRevocation(client, token);
    expect(await host.auth.authenticate(token)).toBeUndefined();
    expect(await oauth.tokenIntrospection(client, refresh)).toEqual({ active: false });
  });

  test('of a suspended tenant nothing is active', async () => {
    const client = await register(host);
    const { user, page, exchange } = await begin(host, client);
    await allowInWindow(host, 'demo');
    const { access_token: token } = await exchange((await user.visit(page.url)).url);
    await host.directory.tenants.update('demo', { state: 'suspended' });
    expect(await oauth.tokenIntrospection(client, token)).toEqual({ active: false });
  });
});

test('what was allowed before is remembered, and asked again', async () => {
  const client = await register(host);
  const first = await begin(host, client);
  await allowInWindow(host, 'demo');
  await first.exchange((await first.user.visit(first.page.url)).url);
  const again = await begin(host, client, {}, first.user);
  expect(host.auth.approvals.pending()).toMatchObject([{ remembered: { tenant: 'demo' } }]);
  await again.user.submit(again.page.url, { action: 'deny' });
  await begin(host, client, { scope: 'scim:admin' });
  expect(host.auth.approvals.pending()[0]?.remembered).toBeUndefined();
});

describe('signing keys', () => {
  test('a new one signs, the old one verifies until its tokens have ended, and what was sealed stays open', async () => {
    const client = await register(host);
    const { user, page, exchange } = await begin(host, client);
    await allowInWindow(host);
    const tokens = await exchange((await user.visit(page.url)).url);
    const sealed = await host.auth.sealing.seal('secret');
    const before = host.auth.signingKeys.state();
    for (let turn = 0; turn < 3; turn++) await host.auth.signingKeys.rotate(administrator('default'));
    const after = host.auth.signingKeys.state();
    expect(after.id).not.toBe(before.id);
    expect(after.retired).toBe(3);
    expect(await host.auth.authenticate(tokens.access_token)).toBeDefined();
    const renewed = await oauth.refreshTokenGrant(client, tokens.refresh_token ?? '');
    const [head = ''] = renewed.access_token.split('.');
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toMatchObject({ kid: after.id });
    const shown = (await (await fetch(`${host.origin}/oauth/jwks`)).json()) as { keys: { kid: string }[] };
    expect(shown.keys.map(({ kid }) => kid)).toEqual(expect.arrayContaining([before.id, after.id]));
    expect(JSON.stringify(shown)).not.toContain('"d"');
    const { folder, origin } = host;
    await host.stop();
    host = await startHost(folder, Number(new URL(origin).port));
    expect(await host.auth.authenticate(renewed.access_token)).toBeDefined();
    expect(await host.auth.sealing.open(sealed)).toBe('secret');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 });
    expect(host.auth.signingKeys.state().retired).toBe(0);
  });

  test('a page that was open before goes on after', async () => {
    const { user, page, exchange } = await begin(host, await register(host));
    await host.auth.signingKeys.rotate(administrator('default'));
    await allowInWindow(host);
    const tokens = await exchange((await user.visit(page.url)).url);
    expect(await host.auth.authenticate(tokens.access_token)).toBeDefined();
  });
});
