import { rmSync } from 'node:fs';
import * as oauth from 'openid-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Actor, Author } from '../directory/index.ts';
import { begin, redirect, register, signIn, startHost, type Host } from './test-host.ts';

let host: Host;
beforeEach(async () => {
  host = await startHost();
});
afterEach(async () => {
  vi.useRealTimers();
  await host.stop();
  rmSync(host.folder, { recursive: true });
});

const by: Author = { id: 'administrator', name: 'Administrator', kind: 'person', door: 'window' };
const administrator = (tenant: string): Actor => ({ ...by, tenant, scopes: ['scim:admin'] });

/** A client that was allowed, with its token and what becomes of its access. */
async function connected(name = 'Editor', over: Record<string, string | undefined> = {}) {
  const client = await register(host, { client_name: name });
  const { tokens } = await signIn(host, client, over);
  const principal = await host.auth.authenticate(tokens.access_token);
  const ended = vi.fn<() => void>();
  host.auth.access.watch(principal?.access ?? '', ended);
  return { client, tokens, principal, ended, id: client.clientMetadata().client_id };
}

/** What the log of a tenant tells of access, oldest first. */
async function toldIn(tenant: string): Promise<string[]> {
  const { entries } = await host.directory.audit.list(administrator(tenant), { count: 100 });
  return entries
    .filter(({ kind }) => kind === 'access')
    .map(({ event }) => event)
    .toReversed();
}

const authenticate = (token: string) => host.auth.authenticate(token);

test('the list tells of each client how it came, what it may do, who allowed it and how it is used', async () => {
  const { id, principal } = await connected();
  const { id: keyId } = await host.auth.keys.create({ tenant: 'demo', scopes: ['scim:read'], name: 'Nightly' });
  host.auth.keys.issueTemporary({ tenant: 'default', scopes: ['scim:read'], name: 'Agent', kind: 'built-in' });
  await register(host, { client_name: 'Never allowed' });
  host.auth.access.called(principal?.access ?? '');
  host.auth.access.called(principal?.access ?? '');
  const list = host.auth.clients.list();
  expect(list.map(({ name }) => name).toSorted()).toEqual(['Agent', 'Editor', 'Never allowed', 'Nightly']);
  expect(list[0]).toMatchObject({
    id,
    registration: 'registered',
    calls: 2,
    conflicts: 0,
    scopes: ['scim:read', 'scim:write'],
    narrowed: false,
    tenants: ['default'],
    grants: [{ tenant: 'default', account: 'administrator' }],
  });
  expect(list.find(({ name }) => name === 'Nightly')).toMatchObject({
    id: `key:${keyId}`,
    registration: 'key',
    tenants: ['demo'],
  });
  expect(list.find(({ name }) => name === 'Never allowed')).toMatchObject({ scopes: [], tenants: [], grants: [] });
  expect(JSON.stringify(list)).not.toMatch(/hash|secret/);
});

test('counts survive a restart', async () => {
  const { id, principal } = await connected();
  host.auth.access.called(principal?.access ?? '');
  const { folder, origin } = host;
  await host.stop();
  host = await startHost(folder, Number(new URL(origin).port));
  expect(host.auth.clients.list()).toMatchObject([{ id, calls: 1 }]);
});

test('a conflict is counted once, however often its writer is refused', async () => {
  const { principal, id } = await connected();
  const actor = { ...(principal as { actor: Actor }).actor };
  const record = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' };
  const { resource, version } = await host.directory.create(actor, 'User', record);
  await host.directory.replace(administrator('default'), 'User', resource.id, { ...record, title: 'Countess' });
  const stale = { expectedVersion: version };
  for (let attempt = 0; attempt < 2; attempt++)
    await host.directory.replace(actor, 'User', resource.id, { ...record, title: 'Lady' }, stale).catch(() => {});
  expect(host.auth.clients.list().find((each) => each.id === id)).toMatchObject({ conflicts: 1 });
});

describe('revoked', () => {
  test('a client is refused, forgotten, and what it runs ends', async () => {
    const { id, client, tokens, ended } = await connected();
    await host.auth.clients.revoke(id, by);
    expect(await authenticate(tokens.access_token)).toBeUndefined();
    await expect(oauth.refreshTokenGrant(client, tokens.refresh_token ?? '')).rejects.toThrow();
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
    expect(host.auth.clients.list()).toEqual([]);
    expect(await toldIn('default')).toEqual(['client_allowed', 'client_revoked']);
    await expect(host.auth.clients.revoke(id, by)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('one grant, the client keeps the other', async () => {
    const first = await connected();
    const { tokens } = await signIn(host, first.client);
    const [, other] = host.auth.clients.list()[0]?.grants ?? [];
    await host.auth.clients.endGrant(first.id, other?.id ?? '', by);
    expect(await authenticate(tokens.access_token)).toBeUndefined();
    expect(await authenticate(first.tokens.access_token)).toBeDefined();
    expect(first.ended).not.toHaveBeenCalled();
  });

  test('a key, and what runs with it', async () => {
    const { key, id } = await host.auth.keys.create({ tenant: 'demo', scopes: ['scim:read'], name: 'Nightly' });
    const ended = vi.fn<() => void>();
    host.auth.access.watch((await authenticate(key))?.access ?? '', ended);
    await host.auth.clients.revoke(`key:${id}`, by);
    expect(await authenticate(key)).toBeUndefined();
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
    expect(await toldIn('demo')).toEqual(['key_made', 'key_revoked']);
  });

  test('a part of Tandem itself cannot be', async () => {
    host.auth.keys.issueTemporary({ tenant: 'default', scopes: ['scim:read'], name: 'Agent', kind: 'built-in' });
    const [agent] = host.auth.clients.list();
    await expect(host.auth.clients.revoke(agent?.id ?? '', by)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('limited', () => {
  test('a client that was narrowed has less at once, with the tokens that it has and with those to come', async () => {
    const { id, client, tokens } = await connected();
    await host.auth.clients.narrow(id, ['scim:read'], by);
    expect(await authenticate(tokens.access_token)).toMatchObject({ actor: { scopes: ['scim:read'] } });
    const renewed = await oauth.refreshTokenGrant(client, tokens.refresh_token ?? '');
    expect(await authenticate(renewed.access_token)).toMatchObject({ actor: { scopes: ['scim:read'] } });
    expect(host.auth.clients.list()).toMatchObject([{ scopes: ['scim:read'], narrowed: true }]);
    for (const scopes of [[], ['scim:write' as const], ['scim:admin' as const]])
      await expect(host.auth.clients.narrow(id, scopes, by)).rejects.toMatchObject({ issues: [{ path: 'scopes' }] });
  });

  test('a narrowed client has more again when the administrator allows it anew', async () => {
    const { id, client } = await connected();
    await host.auth.clients.narrow(id, ['scim:read'], by);
    const { tokens } = await signIn(host, client);
    expect(await authenticate(tokens.access_token)).toMatchObject({ actor: { scopes: ['scim:read', 'scim:write'] } });
  });

  test('a new name is the one under which it changes things', async () => {
    const { id, tokens } = await connected();
    await host.auth.clients.rename(id, 'Desk of Ada', by);
    expect(await authenticate(tokens.access_token)).toMatchObject({ actor: { name: 'Desk of Ada' } });
    expect(host.auth.clients.list()).toMatchObject([{ name: 'Desk of Ada', ownName: 'Editor' }]);
    await expect(host.auth.clients.rename(id, ' \u202e', by)).rejects.toMatchObject({ issues: [{ path: 'name' }] });
  });
});

describe('a key that is rotated', () => {
  const made = () => host.auth.keys.create({ tenant: 'default', scopes: ['scim:read'], name: 'Nightly' });

  test('opens with the new secret, and for a stated time with the old one', async () => {
    const { key, id } = await made();
    const ended = vi.fn<() => void>();
    host.auth.access.watch((await authenticate(key))?.access ?? '', ended);
    const rotated = await host.auth.clients.rotate(`key:${id}`, 10, by);
    expect(rotated.previousUntil).toBeDefined();
    for (const each of [key, rotated.key]) expect(await authenticate(each)).toMatchObject({ clientId: `key:${id}` });
    const { folder } = host;
    await host.stop();
    host = await startHost(folder);
    expect(await authenticate(key)).toBeDefined();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 });
    expect(await authenticate(key)).toBeUndefined();
    expect(await authenticate(rotated.key)).toBeDefined();
  });

  test('ends the old one at once, and what runs with it, where that is asked for', async () => {
    const { key, id } = await made();
    const ended = vi.fn<() => void>();
    host.auth.access.watch((await authenticate(key))?.access ?? '', ended);
    const rotated = await host.auth.clients.rotate(`key:${id}`, 0, by);
    expect(await authenticate(key)).toBeUndefined();
    expect(await authenticate(rotated.key)).toBeDefined();
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
    await expect(host.auth.clients.rotate(`key:${id}`, -1, by)).rejects.toMatchObject({ issues: [{ path: 'minutes' }] });
  });
});

test('a refresh token that is used twice ends the grant, and that is told', async () => {
  const { id, client, tokens, ended } = await connected();
  const renewed = await oauth.refreshTokenGrant(client, tokens.refresh_token ?? '');
  await oauth.refreshTokenGrant(client, tokens.refresh_token ?? '').catch(() => {});
  expect(await authenticate(renewed.access_token)).toBeUndefined();
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
  const [client1] = host.auth.clients.list();
  expect(client1).toMatchObject({ id, grants: [] });
  expect(client1?.reusedAt).toBeDefined();
  await vi.waitFor(async () => expect(await toldIn('default')).toEqual(['client_allowed', 'refresh_token_reused']));
  expect(host.logged.join('')).toContain('used twice');
});

describe('the person who consented', () => {
  async function consentedBy(userName: string) {
    const record = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName };
    const { resource } = await host.directory.create(administrator('demo'), 'User', record);
    const { user, page, exchange } = await begin(host, await register(host));
    const { url } = await user.submit(page.url, { action: 'demo', tenant: 'demo', user: userName });
    const tokens = await exchange(url);
    const ended = vi.fn<() => void>();
    host.auth.access.watch((await authenticate(tokens.access_token))?.access ?? '', ended);
    return { token: tokens.access_token, id: resource.id, record, ended };
  }

  test('is made inactive: nothing works until they are active again', async () => {
    const { token, id, record, ended } = await consentedBy('ada');
    await host.directory.replace(administrator('demo'), 'User', id, { ...record, active: false });
    await vi.waitFor(async () => expect(await authenticate(token)).toBeUndefined());
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
    const { folder, origin } = host;
    await host.stop();
    host = await startHost(folder, Number(new URL(origin).port));
    expect(await authenticate(token)).toBeUndefined();
    await host.directory.replace(administrator('demo'), 'User', id, { ...record, active: true });
    await vi.waitFor(async () => expect(await authenticate(token)).toBeDefined());
  });

  test('is deleted: the grant ends for good', async () => {
    const { token, id, ended } = await consentedBy('ada');
    await host.directory.delete(administrator('demo'), 'User', id);
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
    expect(await authenticate(token)).toBeUndefined();
    expect(host.auth.clients.list()).toMatchObject([{ grants: [] }]);
  });
});

test('a tenant that is suspended or deleted ends what runs there, and nothing else', async () => {
  const { ended } = await connected();
  const { key } = await host.auth.keys.create({ tenant: 'demo', scopes: ['scim:read'], name: 'Nightly' });
  const access = (await authenticate(key))?.access ?? '';
  const keyEnded = vi.fn<() => void>();
  host.auth.access.watch(access, keyEnded);
  await host.directory.tenants.update('demo', { state: 'suspended' });
  await vi.waitFor(() => expect(keyEnded).toHaveBeenCalledOnce());
  expect(host.auth.access.stands(access)).toBe(false);
  await host.directory.tenants.update('demo', { state: 'active' });
  expect(host.auth.access.stands(access)).toBe(true);
  await host.directory.tenants.delete('demo');
  expect(host.auth.access.stands(access)).toBe(false);
  expect(ended).not.toHaveBeenCalled();
});

describe('an app that the administrator registers', () => {
  const payroll = { name: 'Payroll', kind: 'confidential', redirects: [redirect] } as const;
  const configured = (id: string, authentication: oauth.ClientAuth) =>
    oauth.discovery(new URL(host.origin), id, {}, authentication, { execute: [oauth.allowInsecureRequests] });

  test('signs people in with its secret, until that is rotated and the time of the old one is over', async () => {
    const { id, secret = '' } = await host.auth.clients.register({ ...payroll, redirects: [redirect] }, by);
    expect(host.auth.clients.list()).toMatchObject([
      { id, name: 'Payroll', registration: 'administrator', hasSecret: true, scopes: [], redirects: [redirect] },
    ]);
    const basic = await configured(id, oauth.ClientSecretBasic(secret));
    const { tokens } = await signIn(host, basic);
    expect(await authenticate(tokens.access_token)).toMatchObject({ actor: { name: 'Payroll' } });
    const { key: fresh, previousUntil } = await host.auth.clients.rotate(id, 10, by);
    expect(previousUntil).toBeDefined();
    const refresh = async (given: string, token: string) =>
      (await oauth.refreshTokenGrant(await configured(id, oauth.ClientSecretPost(given)), token)).refresh_token ?? '';
    const second = await refresh(secret, tokens.refresh_token ?? '');
    const third = await refresh(fresh, second);
    vi.useFakeTimers({ now: Date.now() + 11 * 60_000, toFake: ['Date'] });
    await expect(refresh(secret, third)).rejects.toMatchObject({ error: 'invalid_client' });
    vi.useRealTimers();
    await host.auth.clients.rotate(id, 0, by);
    await expect(refresh(fresh, third)).rejects.toMatchObject({ error: 'invalid_client' });
    await host.auth.clients.revoke(id, by);
    expect(await toldIn('default')).toEqual([
      'client_registered',
      'client_allowed',
      'secret_rotated',
      'secret_rotated',
      'client_revoked',
    ]);
  });

  test('without a secret it signs in with PKCE alone', async () => {
    const { id, secret } = await host.auth.clients.register(
      { name: 'Page', kind: 'public', redirects: ['https://a.example/cb'] },
      by,
    );
    expect(secret).toBeUndefined();
    const { tokens } = await signIn(host, await configured(id, oauth.None()), { redirect_uri: 'https://a.example/cb' });
    expect(await authenticate(tokens.access_token)).toMatchObject({ actor: { name: 'Page' } });
    await expect(host.auth.clients.rotate(id, 0, by)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test.each([
    ['no address', { redirects: [] }, /^redirects: Give at least one address/],
    ['plain http to elsewhere', { redirects: ['http://evil.example/cb'] }, /^redirects: Addresses must be https/],
    ['a fragment', { redirects: ['https://a.example/cb#x'] }, /^redirects: Addresses/],
    ['a program of the system', { redirects: ['ms-msdt:/id'] }, /^redirects: /],
    ['no name', { name: ' ' }, /^name: /],
    ['plain http after signing out', { signOutRedirects: ['http://evil.example/'] }, /^signOutRedirects: /],
  ])('with %s it is refused, and nothing is kept', async (_what, over, message) => {
    const app = { ...payroll, redirects: [redirect], ...over };
    await expect(host.auth.clients.register(app, by)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(message),
    });
    expect(host.auth.clients.list()).toEqual([]);
  });

  test('survives a restart, and outlives clients that registered themselves and were never allowed', async () => {
    const { id } = await host.auth.clients.register({ ...payroll, redirects: [redirect] }, by);
    const { folder, origin } = host;
    await host.stop();
    host = await startHost(folder, Number(new URL(origin).port));
    expect(host.auth.clients.list()).toMatchObject([{ id, registration: 'administrator', hasSecret: true }]);
  });
});
