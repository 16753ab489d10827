import * as oauth from 'openid-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listenForAnswer } from './listen-for-answer.ts';
import { openStage, type Stage } from './stage.ts';
import { editAsPerson, replace } from './through-conflict.ts';

/** A program of one's own: signs in with openid-client and edits over SCIM. How it signs in otherwise is tested in src/auth. */

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

test('openid-client, and SCIM with ETags', async () => {
  const { origin, app } = stage.host;
  const { redirect, answer, close } = await listenForAnswer();
  const client = await oauth.dynamicClientRegistration(
    new URL(origin),
    { client_name: 'My program', redirect_uris: [redirect], token_endpoint_auth_method: 'none' },
    undefined,
    { execute: [oauth.allowInsecureRequests] },
  );
  const pkceCodeVerifier = oauth.randomPKCECodeVerifier();
  const expectedState = oauth.randomState();
  const authorization = oauth.buildAuthorizationUrl(client, {
    redirect_uri: redirect,
    scope: 'scim:read scim:write',
    resource: app.endpoints.mcp,
    state: expectedState,
    code_challenge: await oauth.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  await stage.open(authorization);
  const callback = new URL(`${redirect}?${(await answer).toString()}`);
  const { access_token: token } = await oauth.authorizationCodeGrant(client, callback, { pkceCodeVerifier, expectedState });
  close();

  const ask = async (method: string, path: string, body?: unknown, etag?: string) => {
    const response = await fetch(`${app.endpoints.scim}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/scim+json',
        ...(etag !== undefined && { 'if-match': etag }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const { id = '', ...record } = (await response.json()) as { id?: string; [name: string]: unknown };
    return { status: response.status, etag: response.headers.get('etag') ?? '', id, record };
  };
  const patch = (values: Record<string, unknown>) => ({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: replace(values),
  });
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
  const created = await ask('POST', '/Users', { schemas, userName: 'ada', title: 'Engineer' });
  expect(created.status).toBe(201);
  await editAsPerson(stage, created.id, { displayName: 'Ada Lovelace' });
  expect((await ask('PATCH', `/Users/${created.id}`, patch({ title: 'Principal engineer' }), created.etag)).status).toBe(412);
  const read = await ask('GET', `/Users/${created.id}`);
  expect((await ask('PATCH', `/Users/${created.id}`, patch({ title: 'Principal engineer' }), read.etag)).status).toBe(200);
  const { resource } = await stage.directory.get(stage.administrator, 'User', created.id);
  expect(resource).toMatchObject({ displayName: 'Ada Lovelace', title: 'Principal engineer' });
  const { revisions } = await stage.directory.history.list(stage.administrator, 'User', created.id, { limit: 9 });
  expect(revisions.map(({ author }) => `${author.name} ${author.door}`)).toEqual([
    'My program scim',
    'Administrator window',
    'My program scim',
  ]);
});
