import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Client,
  StreamableHTTPClientTransport,
  UnauthorizedError,
  type OAuthClientInformationMixed,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  type OAuthTokens,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { auth as authV1 } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { decodeJwt } from 'jose';
import * as oauth from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CookieBrowser } from './cookie-browser.ts';
import { startTestHost, type TestHost } from './host.ts';

/** Addresses below /mcp, reached as real clients reach them: signed in with OAuth, and over standard input and output. */

const redirect = 'http://127.0.0.1:33418/callback';

/** What an SDK client keeps for its sign-in; the person allows it in the window. */
class Access implements OAuthClientProvider {
  readonly redirectUrl = redirect;
  readonly clientMetadata = { client_name: 'Demo client', redirect_uris: [redirect], token_endpoint_auth_method: 'none' };
  readonly #host: TestHost;
  #client: OAuthClientInformationMixed | undefined;
  #tokens: OAuthTokens | undefined;
  #verifier = '';
  #discovery: OAuthDiscoveryState | undefined;
  /** What the browser brought back. */
  answer = new URLSearchParams();
  asked: URL | undefined;

  constructor(host: TestHost) {
    this.#host = host;
  }
  clientInformation() {
    return this.#client;
  }
  saveClientInformation(client: OAuthClientInformationMixed) {
    this.#client = client;
  }
  tokens() {
    return this.#tokens;
  }
  saveTokens(tokens: OAuthTokens) {
    this.#tokens = tokens;
  }
  codeVerifier() {
    return this.#verifier;
  }
  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier;
  }
  saveDiscoveryState(state: OAuthDiscoveryState) {
    this.#discovery = state;
  }
  discoveryState() {
    return this.#discovery;
  }
  async redirectToAuthorization(url: URL) {
    this.asked = url;
    const browser = await new CookieBrowser().visit(url);
    const { approvals } = this.#host.app.services;
    const [request] = approvals.pending();
    await approvals.decide(request?.id ?? '', { approve: true, tenant: 'default' });
    await browser.visit(browser.url.pathname).catch(() => {});
    this.answer = new URL(browser.seen.at(-1) ?? '').searchParams;
  }
}

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.close());

describe.each(['/mcp/x/demo', '/mcp/readonly', '/mcp'])('a client that signs in at %s', (path) => {
  const url = () => new URL(path, host.origin);

  test('with the current SDK, and its token is for the one resource', async () => {
    const access = new Access(host);
    const transport = new StreamableHTTPClientTransport(url(), { authProvider: access });
    const client = new Client({ name: 'demo', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await expect(client.connect(transport)).rejects.toBeInstanceOf(UnauthorizedError);
    await transport.finishAuth(access.answer);
    expect(access.asked?.searchParams.get('resource')).toBe(`${host.origin}/mcp`);
    const again = new Client({ name: 'demo', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await again.connect(new StreamableHTTPClientTransport(url(), { authProvider: access }));
    const { tools } = await again.listTools();
    expect(tools.some(({ name }) => name === 'simple_tool')).toBe(path.endsWith('demo'));
    await again.close();
  });

  test('with SDK v1', async () => {
    const access = new Access(host);
    const provider = access as unknown as Parameters<typeof authV1>[0];
    const transport = new TransportV1(url(), { authProvider: provider });
    await expect(new ClientV1({ name: 'v1', version: '1' }).connect(transport)).rejects.toThrow('Unauthorized');
    await transport.finishAuth(access.answer.get('code') ?? '');
    const client = new ClientV1({ name: 'v1', version: '1' });
    await client.connect(new TransportV1(url(), { authProvider: provider }));
    expect((await client.listTools()).tools.length).toBeGreaterThan(5);
    await client.close();
  });

  test('finds the metadata by itself, too, and may ask for a token for the very address', async () => {
    const metadata = await fetch(new URL(`/.well-known/oauth-protected-resource${path}`, host.origin));
    expect(await metadata.json()).toMatchObject({ resource: `${host.origin}/mcp`, authorization_servers: [host.origin] });
    const client = await oauth.dynamicClientRegistration(
      new URL(host.origin),
      { client_name: 'Own way', redirect_uris: [redirect], token_endpoint_auth_method: 'none' },
      oauth.None(),
      { execute: [oauth.allowInsecureRequests] },
    );
    const verifier = oauth.randomPKCECodeVerifier();
    const access = new Access(host);
    await access.redirectToAuthorization(
      oauth.buildAuthorizationUrl(client, {
        redirect_uri: redirect,
        scope: 'scim:read',
        resource: url().href,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }),
    );
    const back = new URL(`${redirect}?${access.answer.toString()}`);
    const tokens = await oauth.authorizationCodeGrant(client, back, { pkceCodeVerifier: verifier }, { resource: url().href });
    expect(decodeJwt(tokens.access_token).aud).toBe(`${host.origin}/mcp`);
    const requestInit = { headers: { authorization: `Bearer ${tokens.access_token}` } };
    const connected = new Client({ name: 'own', version: '1' });
    await connected.connect(new StreamableHTTPClientTransport(url(), { requestInit }));
    await connected.close();
  });
});

test.each(['auto', 'legacy'] as const)('the stdio bridge carries questions and answers (%s)', async (mode) => {
  const data = mkdtempSync(join(tmpdir(), 'tandem-stdio-'));
  writeFileSync(join(data, 'settings.json'), JSON.stringify({ toolsets: { demo: true } }));
  const program = join(import.meta.dirname, '../src/main/tandem.ts');
  const client = new Client(
    { name: 'bridged', version: '1' },
    { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode } },
  );
  const asked: string[] = [];
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    asked.push(params.message);
    return { action: 'accept', content: { reporter_name: 'Ada', priority: 'low' } };
  });
  // lowdb keeps settings in memory where this says that it is a test.
  const env = { ...process.env, NODE_ENV: 'production', TANDEM_SECRETS: 'file', LOG_LEVEL: 'error' } as Record<string, string>;
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [program, 'mcp', '--data', data], env }));
  const { structuredContent } = await client.callTool({
    name: 'create_ticket_v2',
    arguments: { initial_description: 'The lift is stuck' },
  });
  expect(structuredContent).toMatchObject({ success: true, content: { reporter_name: 'Ada', ticket_id: 'T-1' } });
  expect(asked).toHaveLength(1);
  await client.close();
  rmSync(data, { recursive: true });
});
