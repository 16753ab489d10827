import * as v2 from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { UnauthorizedError as UnauthorizedV1 } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listenForAnswer } from './listen-for-answer.ts';
import { openStage, type Stage } from './stage.ts';
import { expectBothKept, overSdk, workThroughConflict } from './through-conflict.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

/** What both SDKs want kept: in memory. The browser is the person of the stage. */
function keeping(name: string, redirect: string) {
  const kept = new Map<string, unknown>();
  const keep = (what: string) => (value: unknown) => void kept.set(what, value);
  return {
    redirectUrl: redirect,
    clientMetadata: { client_name: name, redirect_uris: [redirect], token_endpoint_auth_method: 'none' },
    clientInformation: () => kept.get('client'),
    saveClientInformation: keep('client'),
    tokens: () => kept.get('tokens'),
    saveTokens: keep('tokens'),
    codeVerifier: () => kept.get('verifier'),
    saveCodeVerifier: keep('verifier'),
    discoveryState: () => kept.get('discovery'),
    saveDiscoveryState: keep('discovery'),
    redirectToAuthorization: (url: URL) => stage.open(url),
  };
}

test('the SDK of 2025 (v1)', async () => {
  const { redirect, answer, close } = await listenForAnswer();
  const authProvider = keeping('SDK v1', redirect) as never;
  const transport = () => new TransportV1(new URL(stage.host.app.endpoints.mcp), { authProvider });
  const first = transport();
  await expect(new ClientV1({ name: 'v1', version: '1' }).connect(first)).rejects.toThrow(UnauthorizedV1);
  await first.finishAuth((await answer).get('code') ?? '');
  const client = new ClientV1({ name: 'v1', version: '1' });
  await client.connect(transport());
  const id = await workThroughConflict(stage, overSdk(client));
  await client.close();
  close();
  await expectBothKept(stage, id, 'SDK v1');
});

test.each(['legacy', 'auto'] as const)('the SDK of 2026 (v2), protocol %s', async (mode) => {
  const { redirect, answer, close } = await listenForAnswer();
  const authProvider = keeping('SDK v2', redirect) as v2.OAuthClientProvider;
  const transport = () => new v2.StreamableHTTPClientTransport(new URL(stage.host.app.endpoints.mcp), { authProvider });
  const make = () => new v2.Client({ name: 'v2', version: '1' }, { versionNegotiation: { mode } });
  const first = transport();
  await expect(make().connect(first)).rejects.toThrow(v2.UnauthorizedError);
  await first.finishAuth(await answer);
  const client = make();
  await client.connect(transport());
  const id = await workThroughConflict(stage, overSdk(client));
  await client.close();
  close();
  await expectBothKept(stage, id, 'SDK v2');
});
