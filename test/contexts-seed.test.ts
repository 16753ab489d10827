import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHost, type TestHost } from './host.ts';
import { caller, newUser, type Call } from './scim-host.ts';

let host: TestHost;
let key: string;

beforeAll(async () => {
  host = await startTestHost();
  key = await host.accessKey({ name: 'Build bot' });
});
afterAll(() => host.close());

const root = () => `${host.origin}/api/v1/mcp`;
const as = (token: string): Call => {
  const call = caller(root(), token);
  return (method, path, body) => call(method, path, body, { ...(body !== undefined && { 'content-type': 'application/json' }) });
};

/** Runs a command of the contract as it is written, but for host and port, the token and the context's id. */
// oxlint-disable-next-line typescript/no-explicit-any -- answers are held against expectations, not types
async function run(command: string, contextId = ''): Promise<{ status: number; body: any }> {
  const written = command
    .replace('http://localhost:8080', host.origin)
    .replace('{contextID}', contextId)
    .replace('curl ', `curl -s -w '\\n%{http_code}' -H 'Authorization: Bearer ${key}' `);
  const { stdout } = await promisify(execFile)('bash', ['-c', written]);
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: JSON.parse(stdout.slice(0, end)) };
}

const createContext = `curl -X POST http://localhost:8080/api/v1/mcp/contexts \\
  -H "Content-Type: application/json" \\
  -d '{
    "model_id": "gpt-3.5-turbo",
    "nodes": [
      {
        "content": "You are a helpful assistant.",
        "content_type": "text",
        "metadata": {"role": "system"}
      }
    ],
    "metadata": {"session": "user123"},
    "return_context": true,
    "user_id": "user123",
    "priority": "medium"
  }'`;

const addPrompt = `curl -X POST http://localhost:8080/api/v1/mcp/contexts/{contextID}/prompt \\
  -H "Content-Type: application/json" \\
  -d '{
    "prompt": "What is the capital of France?",
    "metadata": {"conversation_id": "12345"},
    "stream": false,
    "user_id": "user123",
    "priority": "high"
  }'`;

const deleteContext = `curl -X DELETE http://localhost:8080/api/v1/mcp/contexts/{contextID}`;

test('the examples of the contract run as they are written', async () => {
  const made = await run(createContext);
  expect(made).toMatchObject({
    status: 201,
    body: {
      task: { type: 'mcp.create_context', status: 'completed', priority: 'medium', user_id: 'user123', attempts: 1 },
      context: {
        // No endpoint has that model here: `model_aliases` says which one stands for it.
        model_id: 'offline-rules',
        user_id: 'user123',
        metadata: { session: 'user123' },
        nodes: [{ content: 'You are a helpful assistant.', content_type: 'text', metadata: { role: 'system' } }],
      },
    },
  });
  const id = made.body.context_id;
  const answered = await run(addPrompt, id);
  expect(answered).toMatchObject({
    status: 200,
    body: { task: { type: 'mcp.add_prompt', status: 'completed', priority: 'high' }, model_id: 'offline-rules' },
  });
  expect(answered.body.completion).not.toBe('');
  const { body: shown } = await as(key)('GET', `/contexts/${id}`);
  expect(shown.nodes.map(({ metadata }: { metadata: object }) => metadata)).toMatchObject([
    { role: 'system' },
    { role: 'user', conversation_id: '12345' },
    { role: 'assistant' },
  ]);
  expect(await run(deleteContext, id)).toMatchObject({
    status: 200,
    body: { task: { type: 'mcp.delete_context', status: 'completed' } },
  });
  expect((await as(key)('GET', `/contexts/${id}`)).status).toBe(404);
});

test('the model is what the contract calls it where an alias says so, and lists say which', async () => {
  const { body } = await as(key)('GET', '/models');
  expect(body.models[0]).toMatchObject({ id: 'offline-rules', is_default: true, available: true, aliases: ['gpt-3.5-turbo'] });
  expect((await as(key)('GET', '/health')).body).toMatchObject({ status: 'ok', parts: { models: { available: 1 } } });
});

test('a run acts with the rights of its caller, under its name, and ends with its access', async () => {
  const { body: user } = await caller(`${host.origin}/scim/v2`, key)('POST', '/Users', newUser({ displayName: 'Ada Chen' }));
  const reader = await host.app.accessKeys.create({ tenant: 'default', scopes: ['scim:read'], name: 'Reader' });
  const prompt = { prompt: `Set Ada Chen's title to Captain` };
  const ask = async (token: string) => {
    const { body } = await as(token)('POST', '/contexts', {});
    return as(token)('POST', `/contexts/${body.context_id}/prompt`, prompt);
  };
  const title = async () => (await caller(`${host.origin}/scim/v2`, key)('GET', `/Users/${user.id}`)).body.title;
  const before = await title();
  const refused = await ask(reader.key);
  expect(refused).toMatchObject({ status: 200, body: { completion: expect.stringContaining('rights that I do not have') } });
  expect(await title()).toBe(before);
  expect(await ask(key)).toMatchObject({ status: 200 });
  expect(await title()).toBe('Captain');
  const actor = host.app.services.administrator('default');
  const { revisions } = await host.app.services.directory.history.list(actor, 'User', user.id, { limit: 1 });
  expect(revisions[0]?.author).toMatchObject({ kind: 'agent', name: 'Build bot (assistant)' });
  await host.app.accessKeys.revoke(reader.id);
  expect((await as(reader.key)('GET', '/contexts')).status).toBe(401);
});

test('nobody comes in without a token, without the scope, or into a suspended tenant', async () => {
  expect((await fetch(`${root()}/contexts`)).headers.get('www-authenticate')).toMatch(/^Bearer scope="scim:read scim:write"/);
  expect((await as('tandem_wrong')('GET', '/tasks')).status).toBe(401);
  await host.app.services.directory.tenants.create({ id: 'closed', name: 'Closed' });
  const other = await host.accessKey({ tenant: 'closed', name: 'Other' });
  const { body } = await as(other)('POST', '/contexts', {});
  expect((await as(key)('GET', `/contexts/${body.context_id}`)).status).toBe(404);
  const { directory } = host.app.services;
  await directory.tenants.update('closed', { state: 'suspended' });
  expect(await as(other)('GET', '/contexts')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
});
