import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askHost } from '../src/main/control.ts';
import { CookieBrowser } from './cookie-browser.ts';
import { serve, type KilledHost } from './killed-host.ts';

let data: string;
let host: KilledHost | undefined;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tandem-killed-'));
});
afterEach(async () => {
  await host?.kill();
  rmSync(data, { recursive: true });
});

interface Round {
  requestState: string;
  inputRequests: Record<string, { params: { url?: string } }>;
  structuredContent?: { content: Record<string, unknown> };
}

test('kill -9 between question and answer: the call goes on with what comes back, and so does a sign-in', async () => {
  let { mcp } = (host = await serve(data));
  const asked = { tenant: 'default', scopes: ['scim:read', 'scim:write'] as const, name: 'Killed' };
  const { key } = await askHost(data, 'access-key', { ...asked, scopes: [...asked.scopes] });
  const connect = async () => {
    const client = new Client(
      { name: 'Killed', version: '1' },
      {
        capabilities: { elicitation: { form: {}, url: {} } },
        versionNegotiation: { mode: 'auto' },
        inputRequired: { autoFulfill: false },
      },
    );
    const headers = { authorization: `Bearer ${key}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${mcp}/x/all`), { requestInit: { headers } }));
    return async (name: string, args: object, more: object = {}) =>
      (await client.callTool({ name, arguments: args, ...more } as Parameters<Client['callTool']>[0], {
        allowInputRequired: true,
      })) as unknown as Round;
  };
  let call = await connect();
  const ada = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada', displayName: 'Ada Lovelace' };
  await call('scim_create_user', { user_data: ada });
  const ticket = await call('create_ticket_v2', { initial_description: 'The lift is stuck' });
  const login = await call('login', {});
  const { pathname } = new URL(login.inputRequests['login']?.params.url ?? '');
  const browser = await new CookieBrowser().visit(new URL(pathname, mcp));
  await host.kill();

  ({ mcp } = host = await serve(data));
  call = await connect();
  const answers = { ticket: { action: 'accept', content: { reporter_name: 'Ada', priority: 'low' } } };
  const again = { requestState: ticket.requestState, inputResponses: answers };
  const done = await call('create_ticket_v2', { initial_description: 'The lift is stuck' }, again);
  expect(done.structuredContent?.content).toMatchObject({ ticket_id: 'T-1', reporter_name: 'Ada' });

  const waiting = call('login', {}, { requestState: login.requestState, inputResponses: { login: { action: 'accept' } } });
  await browser.visit(new URL(pathname, mcp));
  const user = /name="user" value="([^"]+)"/.exec(browser.html)?.[1] ?? '';
  await browser.submit({ action: 'choose', user });
  await browser.submit({ action: 'allow', user });
  expect(browser.text).toContain('You are signed in as Ada Lovelace');
  expect((await waiting).structuredContent?.content).toMatchObject({ name: 'Ada Lovelace' });
});
