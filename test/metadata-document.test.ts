import { Agent, createServer, type RequestOptions, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { PassThrough, type Duplex } from 'node:stream';
import { connect, type ConnectionOptions } from 'node:tls';
import { Client, StreamableHTTPClientTransport, UnauthorizedError, type OAuthClientProvider } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createOutsideFetch } from '../src/auth/outside.ts';
import { selfSigned } from './certificate.ts';
import { CookieBrowser } from './cookie-browser.ts';
import { startTestHost, type TestHost } from './host.ts';

/**
 * A client that names itself by the address of a document (CIMD, draft-ietf-oauth-client-id-metadata-document-02), fetched over real
 * TLS with all checks of Tandem. Only two things are of the test: the name is found at a public address, and what is sent there
 * reaches a server on this computer.
 */
const host = 'client.example';
const publicAddress = '93.184.216.34';
const id = `https://${host}/oauth/client.json`;
const redirect = 'http://127.0.0.1:33999/callback';

let tandem: TestHost;
let server: Server;
/** What the server answers. */
let answer: { status?: number; headers?: Record<string, string>; body: string };
/** The paths that were asked for. */
const asked: string[] = [];
/** Where names were found when a connection was made. */
const reached: string[] = [];

beforeAll(async () => {
  const { cert, key } = selfSigned(host);
  server = createServer({ cert, key }, (request, response) => {
    asked.push(`${request.headers.host} ${request.url}`);
    const { status = 200, headers = { 'content-type': 'application/json' }, body } = answer;
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  /** Connects as Node does, after the name was found, but to this computer. */
  class Here extends Agent {
    override createConnection(options: RequestOptions, done?: (error: Error | null, stream: Duplex) => void): undefined {
      const { lookup, ...rest } = options;
      const name = options.host ?? '';
      lookup?.(name, { all: true }, (error, found) => {
        if (error) return done?.(error, new PassThrough());
        if (typeof found !== 'string') reached.push(...found.map(({ address }) => address));
        done?.(null, connect({ ...(rest as ConnectionOptions), servername: name, host: '127.0.0.1', port }));
      });
    }
  }
  tandem = await startTestHost({
    outside: createOutsideFetch({
      lookup: (name, _options, done) =>
        name === host ? done(null, [{ address: publicAddress, family: 4 }]) : done(new Error(`${name} is unknown`), []),
      ca: cert,
      agent: new Here(),
    }),
  });
});
afterEach(() => {
  asked.splice(0);
  reached.splice(0);
});
afterAll(async () => {
  await tandem.close();
  server.close();
  server.closeAllConnections();
});

const turn = (on: boolean) => tandem.app.services.authorization.update({ metadataDocuments: on });
const document = (over: Record<string, unknown> = {}) =>
  JSON.stringify({
    client_id: id,
    client_name: 'Documented client',
    redirect_uris: [redirect],
    token_endpoint_auth_method: 'none',
    ...over,
  });

/** What the SDK keeps of a client with a document; the person signs in with the code of the window. */
function provider() {
  const kept = new Map<string, unknown>();
  const keep = (name: string) => (value: unknown) => void kept.set(name, value);
  const authProvider = {
    redirectUrl: redirect,
    clientMetadataUrl: id,
    clientMetadata: { client_name: 'Not this', redirect_uris: [redirect], token_endpoint_auth_method: 'none' },
    clientInformation: () => kept.get('client'),
    saveClientInformation: keep('client'),
    tokens: () => kept.get('tokens'),
    saveTokens: keep('tokens'),
    codeVerifier: () => kept.get('verifier'),
    saveCodeVerifier: keep('verifier'),
    discoveryState: () => kept.get('discovery'),
    saveDiscoveryState: keep('discovery'),
    redirectToAuthorization: async (url: URL) => {
      const browser = await new CookieBrowser().visit(url);
      kept.set('page', browser.text);
      await browser.submit({ action: 'sign-in', code: tandem.app.endpoints.signInCode });
      const ticket = /name="ticket" value="([^"]+)"/.exec(browser.html)?.[1] ?? '';
      // Nobody listens at the client's address.
      await browser.submit({ action: 'allow', ticket, tenant: 'default' }).catch(() => {});
      kept.set('answer', new URL(browser.seen.at(-1) ?? '').searchParams);
    },
  } as OAuthClientProvider;
  return { authProvider, kept };
}

test('signs in, is known by what its document says, and its changes are recorded under that', async () => {
  await turn(true);
  answer = { body: document() };
  const { authProvider, kept } = provider();
  const transport = () => new StreamableHTTPClientTransport(new URL(tandem.app.endpoints.mcp), { authProvider });
  const first = transport();
  await expect(new Client({ name: 't', version: '1' }).connect(first)).rejects.toThrow(UnauthorizedError);
  expect(kept.get('page')).toContain('Documented client asks for access');
  expect(asked).toContain(`${host} /oauth/client.json`);
  expect(new Set(reached)).toEqual(new Set([publicAddress]));
  await first.finishAuth(kept.get('answer') as URLSearchParams);
  expect(kept.get('client')).toMatchObject({ client_id: id });
  const client = new Client({ name: 't', version: '1' });
  await client.connect(transport());
  const record = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' };
  const made = await client.callTool({ name: 'scim_create_user', arguments: { user_data: record } });
  const { content } = made.structuredContent as { content: { id: string } };
  await client.close();
  const { services } = tandem.app;
  const { revisions } = await services.directory.history.list(services.administrator('default'), 'User', content.id, {
    limit: 1,
  });
  expect(revisions[0]?.author).toMatchObject({ id, name: 'Documented client' });
  const listed = services.clients.list().find((each) => each.id === id);
  expect(listed).toMatchObject({ registration: 'document', tenants: ['default'], scopes: ['scim:read', 'scim:write'] });
});

/** Begins a sign-in with an id. @returns the status and the text of the page. */
async function begin(client: string) {
  const url = new URL('/oauth/authorize', tandem.origin);
  const wanted = {
    client_id: client,
    redirect_uri: redirect,
    response_type: 'code',
    scope: 'scim:read',
    resource: tandem.app.endpoints.mcp,
  };
  const pkce = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };
  url.search = new URLSearchParams({ ...wanted, ...pkce }).toString();
  const browser = await new CookieBrowser().visit(url);
  return { status: browser.status, text: browser.text };
}

/** Its documents are remembered for a while, so each has an address of its own. */
const addressOf = (name: string) => `https://${host}/${encodeURIComponent(name)}.json`;

test('a document like those below, in which nothing is wrong, is let in', async () => {
  await turn(true);
  answer = { body: document({ client_id: addressOf('good') }) };
  expect(await begin(addressOf('good'))).toMatchObject({ status: 200, text: expect.stringContaining('asks for access') });
});

test.each([
  ['is of another client', () => ({ body: document() })],
  [
    'wants a secret',
    (client_id: string) => ({ body: document({ client_id, token_endpoint_auth_method: 'client_secret_basic' }) }),
  ],
  [
    'does not name the address',
    (client_id: string) => ({ body: document({ client_id, redirect_uris: ['https://a.example/cb'] }) }),
  ],
  [
    'names a program of the system',
    (client_id: string) => ({ body: document({ client_id, redirect_uris: [redirect, 'ms-msdt:/id'] }) }),
  ],
  ['is no JSON', () => ({ body: 'hello' })],
  ['is too large', (client_id: string) => ({ body: document({ client_id, x: 'x'.repeat(17_000) }) })],
  ['is elsewhere', () => ({ status: 302, headers: { location: `https://${host}/good.json` }, body: '' })],
  ['is gone', () => ({ status: 404, body: '' })],
])('whose document %s is not let in', async (name, answerFor) => {
  await turn(true);
  answer = answerFor(addressOf(name));
  const { status, text } = await begin(addressOf(name));
  expect(status).toBe(400);
  expect(text).toContain('cannot go on');
  expect(new Set(asked)).toEqual(new Set([`${host} ${new URL(addressOf(name)).pathname}`]));
});

test('whose name is found at no public address, or nowhere, is not asked', async () => {
  await turn(true);
  expect((await begin('https://nowhere.example/client.json')).status).toBe(400);
  expect(asked).toEqual([]);
});

test('is not asked, nor let in, while the administrator has it off', async () => {
  await turn(false);
  answer = { body: document() };
  expect((await begin(`https://${host}/off.json`)).status).toBe(400);
  expect(asked).toEqual([]);
});
