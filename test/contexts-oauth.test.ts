import * as oauth from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { userUrn } from '../src/directory/index.ts';
import { CookieBrowser } from './cookie-browser.ts';
import { startTestHost, type TestHost } from './host.ts';
import { caller } from './scim-host.ts';

/** The contexts service as an app uses it in which a person has signed in: with OAuth, where the contract's examples have a key. */

const redirect = 'http://127.0.0.1:33999/callback';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
  const { services } = host.app;
  for (const userName of ['ada', 'grace'])
    await services.directory.create(services.administrator('default'), 'User', { schemas: [userUrn], userName });
});
afterAll(() => host.close());

/** Registers a client, and signs in to it. @returns it, with its tokens. */
async function signIn(name: string, scope: string) {
  const client = await oauth.dynamicClientRegistration(
    new URL(host.origin),
    { client_name: name, redirect_uris: [redirect], token_endpoint_auth_method: 'none' },
    undefined,
    { execute: [oauth.allowInsecureRequests] },
  );
  const pkceCodeVerifier = oauth.randomPKCECodeVerifier();
  const code_challenge = await oauth.calculatePKCECodeChallenge(pkceCodeVerifier);
  const wanted = { redirect_uri: redirect, scope, prompt: 'consent', code_challenge, code_challenge_method: 'S256' };
  const browser = await new CookieBrowser().visit(oauth.buildAuthorizationUrl(client, wanted));
  const { approvals } = host.app.services;
  const [request] = approvals.pending();
  await approvals.decide(request?.id ?? '', { approve: true, tenant: 'default' });
  // Nobody listens at the client's address.
  await browser.visit(browser.url.pathname).catch(() => {});
  const tokens = await oauth.authorizationCodeGrant(client, new URL(browser.seen.at(-1) ?? ''), { pkceCodeVerifier });
  return { client, tokens };
}

const as = (token: string) => {
  const call = caller(`${host.origin}/api/v1/mcp`, token);
  return (method: string, path: string, body?: object) =>
    call(method, path, body, body ? { 'content-type': 'application/json' } : {});
};

test('a token from a sign-in opens contexts of its client, for as long as its grant stands', async () => {
  const { client, tokens } = await signIn('Help desk', 'scim:read scim:write offline_access');
  const call = as(tokens.access_token);
  const made = await call('POST', '/contexts', { user_id: 'user123' });
  expect(made.status).toBe(201);
  const id = String(made.body.context_id);
  const prompted = await call('POST', `/contexts/${id}/prompt`, { prompt: 'How many people are there?', user_id: 'user123' });
  expect(prompted).toMatchObject({ status: 200, body: { completion: 'There are 2 people here.' } });

  const other = await signIn('Another app', 'scim:read');
  expect((await as(other.tokens.access_token)('GET', `/contexts/${id}`)).status).toBe(404);
  const renewed = await oauth.refreshTokenGrant(client, tokens.refresh_token ?? '');
  expect((await as(renewed.access_token)('GET', `/contexts/${id}?user_id=user123`)).status).toBe(200);

  await oauth.tokenRevocation(client, renewed.refresh_token ?? '');
  expect((await as(renewed.access_token)('GET', `/contexts/${id}`)).status).toBe(401);
  expect((await call('GET', `/contexts/${id}`)).status).toBe(401);
});

test.each([
  ['what it may only see, it does not change', 'scim:read', 0],
  ['what it may change, it does', 'scim:read scim:write', 1],
])('a run has the access of the token that asked for it: %s', async (_name, scope, more) => {
  const { tokens } = await signIn('Reader', scope);
  const call = as(tokens.access_token);
  const { body } = await call('POST', '/contexts', {});
  const { directory } = host.app.services;
  const actor = host.app.services.administrator('default');
  const count = async () => (await directory.list(actor, 'User', { count: 1 })).total;
  const before = await count();
  await call('POST', `/contexts/${String(body.context_id)}/prompt`, { prompt: 'Create Ada Newcomer' });
  expect(await count()).toBe(before + more);
});

test('a token that only tells who somebody is opens nothing, and is told what would', async () => {
  const { tokens } = await signIn('Portal', 'openid profile');
  const response = await fetch(`${host.origin}/api/v1/mcp/contexts`, {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*resource_metadata="/);
});
