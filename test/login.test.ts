import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CookieBrowser } from './cookie-browser.ts';
import { startTestHost, type TestHost } from './host.ts';

/** The demonstration's login, over the wire: the tool asks, a browser signs in, the tool goes on. */

type Answer = { action: 'accept' | 'decline' | 'cancel' };
type OnUrl = (url: string, message: string) => Promise<Answer>;
interface ToolClient {
  callTool(request: { name: string; arguments?: Record<string, unknown> }): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const tenant = 'northwind';

let host: TestHost;
let key: string;
const clients: ToolClient[] = [];
beforeAll(async () => {
  host = await startTestHost({ sample: true });
  key = await host.accessKey({ tenant, name: 'Claude' });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});
afterAll(() => host.close());

const kept = (client: ToolClient) => {
  clients.push(client);
  return client;
};
const address = () => new URL(`${host.origin}/mcp/x/demo`);
const authorized = () => ({ requestInit: { headers: { authorization: `Bearer ${key}` } } });

const visiting: [name: string, connect: (onUrl: OnUrl) => Promise<ToolClient>][] = [
  ...(['auto', 'legacy'] as const).map((mode): [string, (onUrl: OnUrl) => Promise<ToolClient>] => [
    `current SDK, ${mode}`,
    async (onUrl) => {
      const capabilities = { elicitation: { form: {}, url: {} } };
      const client = new Client({ name: 'test', version: '1' }, { capabilities, versionNegotiation: { mode } });
      client.setRequestHandler('elicitation/create', ({ params }) =>
        onUrl('url' in params ? params.url : 'no url', params.message),
      );
      await client.connect(new StreamableHTTPClientTransport(address(), authorized()));
      return kept(client);
    },
  ]),
  [
    'SDK v1',
    async (onUrl) => {
      const client = new ClientV1({ name: 'v1', version: '1' }, { capabilities: { elicitation: { form: {}, url: {} } } });
      client.setRequestHandler(ElicitRequestSchema, ({ params }) =>
        onUrl('url' in params ? params.url : 'no url', params.message),
      );
      await client.connect(new TransportV1(address(), authorized()));
      return kept(client);
    },
  ],
];

/** A client that cannot send its user to a page. */
async function plain(token = key): Promise<ToolClient> {
  const client = new Client({ name: 'plain', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(address(), { requestInit }));
  return kept(client);
}

async function login(client: ToolClient, args: Record<string, unknown> = {}) {
  const result = await client.callTool({ name: 'login', arguments: args });
  return (result['structuredContent'] as { content: Record<string, unknown> }).content;
}

const userOn = (browser: CookieBrowser) => /name="user" value="([^"]+)"/.exec(browser.html)?.[1] ?? '';

/** Signs in with a link as the first person whom a search finds. */
async function signIn(link: string, search = 'alan+vogel'): Promise<CookieBrowser> {
  const browser = await new CookieBrowser().visit(link);
  await browser.visit(`${browser.url.pathname}?q=${search}`);
  const user = userOn(browser);
  await browser.submit({ action: 'choose', user });
  return browser.submit({ action: 'allow', user });
}

const vogel = {
  sub: expect.stringMatching(/^northwind\//) as string,
  name: 'Alan Vogel',
  email: expect.stringContaining('@') as string,
};

describe.each(visiting)('a client that can send its user to a page (%s)', (_name, connect) => {
  test('learns who signed in', async () => {
    let message = '';
    const client = await connect(async (url, text) => {
      message = text;
      const browser = await signIn(url);
      expect(browser.status).toBe(200);
      expect(browser.text).toContain('You are signed in as Alan Vogel');
      expect(browser.text).toContain('go back to Claude');
      expect(browser.text).not.toContain('Code');
      return { action: 'accept' };
    });
    expect(await login(client)).toEqual(vogel);
    expect(message).toContain('Claude wants to know who you are');
  });

  test('says at once that its user went there, and learns it when they are done', async () => {
    const client = await connect(async (url) => {
      setTimeout(() => void signIn(url), 300);
      return { action: 'accept' };
    });
    expect(await login(client)).toEqual(vogel);
  });

  test('hears that its user did not want to, on the page or before it', async () => {
    const onPage = await connect(async (url) => {
      const browser = await new CookieBrowser().visit(url);
      await browser.submit({ action: 'deny' });
      expect(browser.text).toContain('You did not sign in');
      return { action: 'accept' };
    });
    expect(await login(onPage)).toMatchObject({ error_code: 'DECLINED' });
    let link = '';
    const before = await connect(async (url) => {
      link = url;
      return { action: 'decline' };
    });
    expect(await login(before)).toMatchObject({ error_code: 'DECLINED' });
    expect((await new CookieBrowser().visit(link)).text).toContain('You did not sign in');
  });

  test('hears that it took too long', async () => {
    const client = await connect(async (url) => {
      const browser = await new CookieBrowser().visit(url);
      expire(url);
      expect((await browser.submit({ action: 'deny' })).text).toContain('This took too long');
      expect((await new CookieBrowser().visit(url)).text).toContain('This took too long');
      return { action: 'accept' };
    });
    expect(await login(client)).toMatchObject({ error_code: 'EXPIRED' });
  });
});

const expire = (link: string) => {
  const db = new Database(join(host.dataDir, 'demo.db'));
  db.prepare('update sign_ins set expires = 1 where id = ?').run(link.split('/').at(-1));
  db.close();
};

interface Form {
  url: string;
  call: { tool: string; arguments: Record<string, unknown> };
  fields: { name: string }[];
}

describe('a client that cannot (V1)', () => {
  test('gets a link and a field for a code, and calls again with it, once', async () => {
    const client = await plain();
    const form = (await login(client)) as unknown as Form;
    expect(form).toMatchObject({ type: 'elicitation', fields: [{ name: 'code', required: true }], call: { tool: 'login' } });
    const again = (code: string) => login(client, { ...form.call.arguments, code });
    expect(await again('ABCD-EFGH')).toMatchObject({
      error_code: 'WRONG_CODE',
      error: expect.stringContaining('Nobody has signed in yet'),
    });
    const browser = await signIn(form.url);
    const [code = ''] = /\b[A-Z0-9]{4}-[A-Z0-9]{4}\b/.exec(browser.text) ?? [];
    expect(await again('ABCD-EFGH')).toMatchObject({ error_code: 'WRONG_CODE' });
    const stranger = await plain(await host.accessKey({ tenant, name: 'Other' }));
    expect(await login(stranger, { ...form.call.arguments, code })).toMatchObject({ error_code: 'NOT_FOUND' });
    expect(await again(code.toLowerCase())).toEqual(vogel);
    expect(await again(code)).toMatchObject({ error_code: 'EXPIRED' });
    expect(await login(client, { code })).toMatchObject({ error_code: 'INVALID_ARGUMENTS', issues: [{ path: 'sign_in' }] });
  });

  test('cannot guess the code', async () => {
    const client = await plain();
    const form = (await login(client)) as unknown as Form;
    const browser = await signIn(form.url);
    const [code = ''] = /\b[A-Z0-9]{4}-[A-Z0-9]{4}\b/.exec(browser.text) ?? [];
    for (let attempt = 0; attempt < 5; attempt++) await login(client, { ...form.call.arguments, code: `AAAA-AAA${attempt}` });
    expect(await login(client, { ...form.call.arguments, code })).toMatchObject({ error_code: 'EXPIRED' });
  });
});

describe('the mock provider', () => {
  const link = async () => ((await login(await plain())) as unknown as Form).url;

  test('says that it is one, searches by name, and shows what is shared', async () => {
    const browser = await new CookieBrowser().visit(await link());
    expect(browser.text).toContain('A mock sign-in');
    expect(browser.text).toContain('Claude wants to know who you are');
    await browser.visit(`${browser.url.pathname}?q=nobody%3Cb%3E`);
    expect(browser.text).toContain('Nobody was found');
    expect(browser.html).not.toContain('nobody<b>');
    await browser.visit(`${browser.url.pathname}?q=alan+vogel`);
    await browser.submit({ action: 'choose', user: userOn(browser) });
    expect(browser.text).toMatch(/Alan Vogel .*@.* northwind\//);
    await browser.submit({ action: 'choose', user: 'nobody' });
    expect([browser.status, browser.text]).toEqual([409, expect.stringContaining('not here any more')]);
    await browser.submit({ action: 'allow' });
    expect(browser.status).toBe(400);
  });

  test('gives nothing but who somebody is, to nobody but its client, at one address', async () => {
    const browser = await new CookieBrowser().visit(await link());
    const authorize = new URL(browser.seen.find((url) => url.includes('/oauth/authorize?')) ?? '');
    const tried = async (name: string, value: string) => {
      const url = new URL(authorize);
      url.searchParams.set(name, value);
      return new CookieBrowser().visit(url);
    };
    expect((await tried('redirect_uri', 'https://evil.example/')).status).toBe(400);
    expect((await tried('redirect_uri', `${host.origin}/demo/login/callback/x`)).status).toBe(400);
    const refused = await tried('resource', `${host.origin}/mcp`);
    expect(refused.seen.at(-1)).toContain('error=invalid_target');
    expect((await tried('scope', 'openid scim:read')).seen.at(-1)).toContain('error=');
    const metadata = { client_name: 'Thief', redirect_uris: ['http://127.0.0.1:33999/cb'], token_endpoint_auth_method: 'none' };
    const registered = await fetch(`${host.origin}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(metadata),
    });
    const { client_id: id } = (await registered.json()) as { client_id: string };
    const other = new URL(authorize);
    other.searchParams.set('client_id', id);
    other.searchParams.set('redirect_uri', 'http://127.0.0.1:33999/cb');
    const consent = await new CookieBrowser().visit(other);
    expect(consent.url.pathname).toMatch(/^\/oauth\/interaction\//);
    expect(consent.text).toContain('Sign in to Thief');
    // The consent page's own request is of no use on the mock's page.
    await consent.visit(consent.url.pathname.replace('/oauth/interaction/', '/demo/sign-in/'));
    expect(consent.text).not.toContain('Who is signing in?');
  });

  test('takes no form of another page, and no answer of another browser, and none twice', async () => {
    const url = await link();
    const browser = await new CookieBrowser().visit(url);
    const user = userOn(browser);
    const page = browser.url.pathname;
    await browser.submit({ action: 'allow', user }, { origin: 'http://127.0.0.1:1' });
    expect(browser.status).toBe(403);
    await browser.visit(page);
    await browser.submit({ action: 'allow', user });
    expect(browser.text).toContain('You are signed in');
    const callback = browser.seen.find((address) => address.includes('/callback?')) ?? '';
    const thief = await new CookieBrowser().visit(callback);
    expect([thief.status, thief.text]).toEqual([400, expect.stringContaining('cannot be used')]);
    expect((await thief.visit(url)).text).toContain('This is done already');
    expect(thief.text).not.toMatch(/[A-Z0-9]{4}-[A-Z0-9]{4}/);
    // Sent again by the browser that was there, it changes nothing.
    expect((await browser.visit(callback)).text).toContain('You are signed in');
    expect((await browser.visit(`${host.origin}/demo/login/nonsense`)).status).toBe(404);
  });

  test('does not let somebody be signed in with another’s code', async () => {
    const [mine, theirs] = [await link(), await link()];
    const attacker = await new CookieBrowser().visit(theirs);
    const user = userOn(attacker);
    const stolen = await attacker.submit({ action: 'allow', user });
    const code = new URL(stolen.seen.find((address) => address.includes('/callback?')) ?? '').searchParams.get('code') ?? '';
    const victim = await new CookieBrowser().visit(mine);
    const state =
      new URL(victim.seen.find((address) => address.includes('/oauth/authorize?')) ?? '').searchParams.get('state') ?? '';
    await victim.visit(`/demo/login/callback?${new URLSearchParams({ code, state, iss: host.origin }).toString()}`);
    expect(victim.status).toBe(400);
    expect((await new CookieBrowser().visit(mine)).text).toContain('Who is signing in?');
  });
});
