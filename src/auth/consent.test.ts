import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { allowInWindow, begin, browser, register, startHost, type Host } from './test-host.ts';

let host: Host;
beforeEach(async () => {
  host = await startHost();
});
afterEach(async () => {
  vi.useRealTimers();
  await host.stop();
  rmSync(host.folder, { recursive: true });
});

const textOf = async ({ response }: { response?: Response }) => (await response?.text()) ?? '';

/** What the second page has for those who gave the right code. */
async function ticketOf(page: { response?: Response }): Promise<string> {
  return /name="ticket" value="([^"]+)"/.exec(await textOf(page))?.[1] ?? '';
}

/** What the log of a tenant tells, oldest first. */
async function toldIn(tenant: string): Promise<string[]> {
  const actor = { id: 'x', name: 'X', kind: 'person', door: 'window', tenant, scopes: ['scim:admin'] } as const;
  const { entries } = await host.directory.audit.list(actor, { count: 100 });
  return entries.map(({ kind, event, actor: { id }, subject }) => `${kind} ${event} ${id} ${subject?.name ?? ''}`).toReversed();
}

test('who signs in, with what codes, and what is allowed or denied is in the log', async () => {
  const client = await register(host, { client_name: 'Editor' });
  const first = await begin(host, client);
  await first.user.submit(first.page.url, { action: 'sign-in', code: 'WRONG' });
  const ticket = await ticketOf(await first.user.submit(first.page.url, { action: 'sign-in', code: host.auth.signInCode }));
  await first.user.submit(first.page.url, { action: 'allow', ticket, tenant: 'demo' });
  const second = await begin(host, client);
  await second.user.submit(second.page.url, { action: 'deny' });
  expect(await toldIn('default')).toEqual([
    'tenant created tandem Default',
    'sign_in wrong_code browser ',
    'sign_in signed_in administrator ',
    'access client_denied administrator Editor',
  ]);
  expect(await toldIn('demo')).toEqual([
    'tenant created tandem Demo',
    'access client_allowed administrator Editor',
    'write create administrator Editor',
  ]);
});

describe('the page', () => {
  test('shows who asks, where the answer goes and what for, as text, under a strict policy', async () => {
    const { page } = await begin(host, await register(host, { client_name: 'Editor <b>\u202e & "co"\u0000' }));
    const text = await textOf(page);
    expect(text).toContain('Editor &lt;b&gt; &amp; &quot;co&quot; asks for access');
    expect(text).toContain('127.0.0.1');
    expect(text).toContain('See the people');
    const policy = page.response?.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(host.auth.approvals.pending()).toMatchObject([
      { clientName: 'Editor <b> & "co"', redirectHost: '127.0.0.1', scopes: ['scim:read', 'scim:write'] },
    ]);
  });

  test('shows the scheme of an app, and less for less', async () => {
    const callback = 'cursor://anysphere.cursor-mcp/oauth/callback';
    const client = await register(host, { redirect_uris: [callback] });
    const { page } = await begin(host, client, { redirect_uri: callback, scope: 'scim:read' });
    expect(await textOf(page)).not.toContain('delete people');
    expect(host.auth.approvals.pending()).toMatchObject([{ redirectHost: 'cursor:', scopes: ['scim:read'] }]);
  });

  test('says what administration is, and gives it to whoever asks for it and is allowed', async () => {
    const { user, page, exchange } = await begin(host, await register(host), { scope: 'scim:admin' });
    const text = await textOf(page);
    for (const words of ['See the people', 'Add, change and delete', 'delete the tenant with everyone in it', 'every tenant'])
      expect(text).toContain(words);
    expect(host.auth.approvals.pending()).toMatchObject([{ scopes: ['scim:admin'] }]);
    const signedIn = await user.submit(page.url, { action: 'sign-in', code: host.auth.signInCode });
    const allow = await textOf(signedIn);
    expect(allow).toContain('Default (manages every tenant)');
    const ticket = /name="ticket" value="([^"]+)"/.exec(allow)?.[1] ?? '';
    const { url } = await user.submit(page.url, { action: 'allow', ticket, tenant: 'hidden' });
    const { access_token: token } = await exchange(url);
    expect(await host.auth.authenticate(token)).toMatchObject({ actor: { tenant: 'hidden', scopes: ['scim:admin'] } });
  });

  test('tells nobody which tenants there are who has not signed in', async () => {
    const { user, page } = await begin(host, await register(host));
    expect(await textOf(page)).not.toContain('Holding');
    const signedIn = await user.submit(page.url, { action: 'sign-in', code: host.auth.signInCode });
    expect(await textOf(signedIn)).toContain('<option value="hidden">Hidden &lt;i&gt;Holding&lt;/i&gt;</option>');
  });

  test('belongs to the browser that began', async () => {
    const { page } = await begin(host, await register(host));
    for (const path of [page.url.pathname, `${page.url.pathname}/state`]) {
      const { response } = await browser(host).visit(path);
      expect(response?.status).toBe(410);
    }
  });

  test('is not opened by the cookie of another request', async () => {
    const client = await register(host);
    const mine = await begin(host, client);
    const other = await begin(host, client);
    const jar = other.user.cookies.filter(({ name }) => name.startsWith('tandem_interaction'));
    const cookie = jar.map(({ name, value }) => `${name}=${value}`).join('; ');
    expect((await fetch(other.page.url, { headers: { cookie } })).status).toBe(200);
    expect((await fetch(mine.page.url, { headers: { cookie } })).status).toBe(410);
  });

  test('two at once in one browser do not disturb each other', async () => {
    const first = await begin(host, await register(host, { client_name: 'First' }));
    const second = await begin(host, await register(host, { client_name: 'Second' }), {}, first.user);
    for (const [{ page, user, exchange }, name, tenant] of [
      [first, 'First', 'default'],
      [second, 'Second', 'demo'],
    ] as const) {
      const request = host.auth.approvals.pending().find(({ clientName }) => clientName === name);
      await host.auth.approvals.decide(request?.id ?? '', { approve: true, tenant });
      const tokens = await exchange((await user.visit(page.url)).url);
      expect(await host.auth.authenticate(tokens.access_token)).toMatchObject({ actor: { name, tenant } });
    }
  });
});

describe('in the window', () => {
  test('the page learns of the decision and goes on', async () => {
    const changed = vi.fn<() => void>();
    const { user, page, exchange } = await begin(host, await register(host));
    const end = host.auth.approvals.onChange(changed);
    const state = async () => (await user.visit(`${page.url.pathname}/state`)).response?.json();
    expect(await state()).toEqual({ decided: false });
    await allowInWindow(host, 'demo');
    expect(changed).toHaveBeenCalledOnce();
    end();
    expect(await state()).toEqual({ decided: true });
    const tokens = await exchange((await user.visit(page.url)).url);
    expect(await host.auth.authenticate(tokens.access_token)).toMatchObject({ actor: { tenant: 'demo' } });
    expect(host.auth.approvals.pending()).toEqual([]);
  });

  test('denied there, the right code does not help', async () => {
    const { user, page } = await begin(host, await register(host));
    const [request] = host.auth.approvals.pending();
    const decide = () => host.auth.approvals.decide(request?.id ?? '', { approve: false, tenant: '' });
    expect(await decide()).toBe(true);
    expect(await decide()).toBe(false);
    const { url } = await user.submit(page.url, { action: 'sign-in', code: host.auth.signInCode });
    expect(url.searchParams.get('error')).toBe('access_denied');
  });

  test('a tenant that does not exist is refused, and the request still waits', async () => {
    await begin(host, await register(host));
    const [request] = host.auth.approvals.pending();
    await expect(host.auth.approvals.decide(request?.id ?? '', { approve: true, tenant: 'no' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      issues: [{ path: 'tenant' }],
    });
    expect(host.auth.approvals.pending()).toHaveLength(1);
  });

  test('a request ends after ten minutes', async () => {
    const { user, page } = await begin(host, await register(host));
    const [request] = host.auth.approvals.pending();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 });
    expect(host.auth.approvals.pending()).toEqual([]);
    expect(await host.auth.approvals.decide(request?.id ?? '', { approve: true, tenant: 'default' })).toBe(false);
    expect((await user.visit(`${page.url.pathname}/state`)).response?.status).toBe(410);
  });

  test('the fifty-first request is told to wait', async () => {
    const client = await register(host);
    const pages = await Promise.all(Array.from({ length: 51 }, async () => (await begin(host, client)).page));
    expect(host.auth.approvals.pending()).toHaveLength(50);
    expect(pages.filter(({ response }) => response?.status === 503)).toHaveLength(1);
  });
});

describe('in a browser', () => {
  test('with the sign-in code, in any case and without the hyphen', async () => {
    const { user, page, exchange } = await begin(host, await register(host));
    for (let attempt = 0; attempt < 4; attempt++) {
      const { response } = await user.submit(page.url, { action: 'sign-in', code: 'AAAA-AAAA' });
      expect(response?.status).toBe(403);
    }
    const code = host.auth.signInCode.toLowerCase().replace('-', ' ');
    const ticket = await ticketOf(await user.submit(page.url, { action: 'sign-in', code }));
    expect((await user.submit(page.url, { action: 'allow', ticket, tenant: 'no' })).response?.status).toBe(400);
    const { url } = await user.submit(page.url, { action: 'allow', ticket, tenant: 'default' });
    expect(await host.auth.authenticate((await exchange(url)).access_token)).toBeDefined();
  });

  test('not without it', async () => {
    const { user, page } = await begin(host, await register(host));
    for (const ticket of ['', 'guess'])
      expect((await user.submit(page.url, { action: 'allow', ticket, tenant: 'default' })).response?.status).toBe(403);
    expect((await user.submit(page.url, { action: 'allow', tenant: 'default' })).response?.status).toBe(400);
    expect((await user.submit(page.url, { action: 'other' })).response?.status).toBe(400);
    expect(host.auth.approvals.pending()).toHaveLength(1);
  });

  test('five wrong codes lock a request, twenty a minute all of them', async () => {
    const client = await register(host);
    for (let request = 0; request < 4; request++) {
      const { user, page } = await begin(host, client);
      for (let attempt = 0; attempt < 5; attempt++)
        expect((await user.submit(page.url, { action: 'sign-in', code: 'wrong' })).response?.status).toBe(403);
      expect((await user.submit(page.url, { action: 'sign-in', code: host.auth.signInCode })).response?.status).toBe(429);
    }
    const { user, page } = await begin(host, client);
    expect((await user.submit(page.url, { action: 'sign-in', code: host.auth.signInCode })).response?.status).toBe(429);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    expect((await user.submit(page.url, { action: 'sign-in', code: host.auth.signInCode })).response?.status).toBe(200);
  });

  test('a form that another page sends is refused', async () => {
    const { user, page } = await begin(host, await register(host));
    for (const headers of [{ origin: 'http://127.0.0.1:1' }, { origin: 'null' }, { 'sec-fetch-site': 'same-site' }])
      expect((await user.submit(page.url, { action: 'deny' }, headers)).response?.status).toBe(403);
    expect(host.auth.approvals.pending()).toHaveLength(1);
    const own = { origin: host.origin, 'sec-fetch-site': 'same-origin' };
    const { url } = await user.submit(page.url, { action: 'deny' }, own);
    expect(url.searchParams.get('error')).toBe('access_denied');
  });
});

describe('the demo sign-in', () => {
  const actor = { id: 'x', name: 'X', kind: 'system', door: 'cli', scopes: ['scim:admin'] } as const;
  const record = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'ada',
    displayName: 'Ada',
    emails: [{ value: 'home@example.com' }, { value: 'ada@example.com', primary: true }],
  };

  test('works for active people of sample tenants only, and never for administration', async () => {
    const created = await host.directory.create({ ...actor, tenant: 'demo' }, 'User', record);
    await host.directory.create({ ...actor, tenant: 'demo' }, 'User', { ...record, userName: 'gone', active: false });
    await host.directory.create({ ...actor, tenant: 'default' }, 'User', record);
    const scope = 'openid offline_access scim:read scim:write scim:admin';
    const { user, page, exchange } = await begin(host, await register(host), { scope });
    for (const form of [
      { tenant: 'default', user: 'ada' },
      { tenant: 'demo', user: 'gone' },
      { tenant: 'demo', user: 'nobody' },
      { tenant: 'no', user: 'ada' },
    ])
      expect((await user.submit(page.url, { action: 'demo', ...form })).response?.status).toBe(403);
    const { url } = await user.submit(page.url, { action: 'demo', tenant: 'demo', user: 'ada' });
    const tokens = await exchange(url);
    expect(await host.auth.authenticate(tokens.access_token)).toMatchObject({
      actor: { kind: 'agent', name: 'Test client', tenant: 'demo', scopes: ['scim:read', 'scim:write'] },
    });
    expect(tokens.claims()).toMatchObject({
      sub: `demo/${created.resource.id}`,
      name: 'Ada',
      preferred_username: 'ada',
      email: 'ada@example.com',
    });
  });

  test('works in a browser in which the administrator has just allowed another client', async () => {
    await host.directory.create({ ...actor, tenant: 'demo' }, 'User', record);
    const first = await begin(host, await register(host));
    await allowInWindow(host);
    await first.exchange((await first.user.visit(first.page.url)).url);
    const { user, page, exchange } = await begin(host, await register(host), {}, first.user);
    const { url } = await user.submit(page.url, { action: 'demo', tenant: 'demo', user: 'ada' });
    expect((await exchange(url)).claims()).toMatchObject({ preferred_username: 'ada' });
  });
});
