import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Author } from '../src/directory/index.ts';
import { startTestHost, type TestHost } from './host.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
  await host.app.services.directory.tenants.add({ id: 'other', name: 'Other' });
});
afterAll(() => host.close());

const by: Author = { id: 'administrator', name: 'Administrator', kind: 'person', door: 'window' };

async function post(key: string, body: object, session?: string): Promise<Response> {
  return fetch(host.app.endpoints.mcp, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(session !== undefined && { 'mcp-session-id': session }),
    },
    body: JSON.stringify(body),
  });
}

/** A 2025-era client: its session, and the stream on which it hears of changes. */
async function connect(key: string) {
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const answer = await post(key, { jsonrpc: '2.0', id: 1, method: 'initialize', params });
  await answer.text();
  const session = answer.headers.get('mcp-session-id') ?? '';
  const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream', 'mcp-session-id': session };
  const stream = await fetch(host.app.endpoints.mcp, { headers });
  expect(stream.status).toBe(200);
  const list = () => post(key, { jsonrpc: '2.0', id: 2, method: 'tools/list' }, session);
  return { session, list, ended: endOf(stream) };
}

/** A 2026-era client's subscription. */
async function listen(key: string): Promise<{ ended: Promise<boolean> }> {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' },
  };
  const stream = await fetch(host.app.endpoints.mcp, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'subscriptions/listen',
      params: { notifications: { resourcesListChanged: true }, _meta: meta },
    }),
  });
  expect(stream.status).toBe(200);
  return { ended: endOf(stream) };
}

/** Whether by a close or by a break. */
function endOf(stream: Response): Promise<boolean> {
  return stream.text().then(
    () => true,
    () => true,
  );
}

const keyId = (name: string) => host.app.services.clients.list().find((client) => client.name === name)?.id ?? '';

test('a revoked key is refused at every door, and its streams and sessions end', async () => {
  const key = await host.accessKey({ name: 'Doomed' });
  const other = await connect(await host.accessKey({ name: 'Other' }));
  const old = await connect(key);
  const modern = await listen(key);
  await host.app.services.clients.revoke(keyId('Doomed'), by);
  expect(await old.ended).toBe(true);
  expect(await modern.ended).toBe(true);
  expect((await old.list()).status).toBe(401);
  expect((await fetch(`${host.app.endpoints.scim}/Users`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(401);
  expect((await other.list()).status).toBe(200);
});

test('an agent that is turned off over SCIM is cut off at every door at once, until it is turned on', async () => {
  const key = await host.accessKey({ name: 'Turned off' });
  const admin = await host.accessKey({ name: 'Provisioning', scopes: ['scim:admin'] });
  const scim = (method: string, path: string, body?: object) =>
    fetch(host.app.endpoints.scim + path, {
      method,
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/scim+json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  const found = await scim('GET', `/Agents?filter=${encodeURIComponent(`externalId eq "${keyId('Turned off')}"`)}`);
  const { Resources } = (await found.json()) as { Resources: { id: string }[] };
  const turn = (value: boolean) =>
    scim('PATCH', `/Agents/${Resources[0]?.id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value }],
    });
  const other = await connect(await host.accessKey({ name: 'Not turned off' }));
  const old = await connect(key);
  const modern = await listen(key);
  expect((await turn(false)).status).toBe(200);
  expect(await old.ended).toBe(true);
  expect(await modern.ended).toBe(true);
  expect((await old.list()).status).toBe(401);
  const headers = { authorization: `Bearer ${key}` };
  expect((await fetch(`${host.app.endpoints.scim}/Users`, { headers })).status).toBe(401);
  expect((await fetch(`${host.app.endpoints.issuer}/api/v1/mcp/contexts`, { headers })).status).toBe(401);
  // It cannot turn itself on, not even with its own key, and others go on.
  expect((await other.list()).status).toBe(200);
  expect((await turn(true)).status).toBe(200);
  expect((await post(key, { jsonrpc: '2.0', id: 3, method: 'ping' })).status).not.toBe(401);
  expect((await fetch(`${host.app.endpoints.scim}/Users`, { headers })).status).toBe(200);
});

test('the session of a client whose access has ended is nobody’s, also for its next access', async () => {
  const key = await host.accessKey({ name: 'Rotated' });
  const { session } = await connect(key);
  const rotated = await host.app.services.clients.rotate(keyId('Rotated'), 0, by);
  await new Promise((resolve) => setImmediate(resolve));
  expect((await post(rotated.key, { jsonrpc: '2.0', id: 2, method: 'tools/list' }, session)).status).toBe(404);
});

test('a suspended tenant ends its streams, and opens none', async () => {
  const key = await host.accessKey({ tenant: 'other', name: 'Elsewhere' });
  const { ended, session } = await connect(key);
  await host.app.services.directory.tenants.update('other', { state: 'suspended' });
  expect(await ended).toBe(true);
  const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream', 'mcp-session-id': session };
  expect((await fetch(host.app.endpoints.mcp, { headers })).status).toBe(403);
});

test('calls are counted over both doors', async () => {
  const key = await host.accessKey({ name: 'Counted' });
  const { session } = await connect(key);
  const call = { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'scim_list', arguments: {} } };
  await (await post(key, call, session)).text();
  await fetch(`${host.app.endpoints.scim}/Users`, { headers: { authorization: `Bearer ${key}` } });
  expect(host.app.services.clients.list().find(({ name }) => name === 'Counted')).toMatchObject({ calls: 2 });
});

test('a stream of the contexts service ends with its key', async () => {
  const key = await host.accessKey({ name: 'Asking', scopes: ['scim:read', 'scim:write'] });
  const send = (path: string, body: object) =>
    fetch(`${host.app.endpoints.issuer}/api/v1/mcp${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const made = (await (await send('/contexts', { model_id: 'offline-rules' })).json()) as { context_id: string };
  const prompt = `/contexts/${made.context_id}/prompt`;
  expect((await send(prompt, { prompt: 'Create Grace Hopper' })).status).toBe(200);
  // Somebody is asked before anything is deleted, and nobody answers.
  const waiting = await send(prompt, { prompt: 'Delete Grace Hopper', stream: true });
  expect(waiting.status).toBe(200);
  const ended = endOf(waiting);
  await host.app.services.clients.revoke(keyId('Asking'), by);
  expect(await ended).toBe(true);
});
