import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, describe, expect, test } from 'vitest';
import { sealing, startDoor, writer } from './test-door.ts';

/** How a call that waits for its client's user ends, when it does not end well. */

let door: Awaited<ReturnType<typeof startDoor>>;
const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await door.close();
});

type Answer = { action: 'accept' | 'decline' | 'cancel'; content?: Record<string, string> };

async function connect(mode: 'auto' | 'legacy', ask?: (signal: AbortSignal) => Promise<Answer>, token = writer) {
  const client = new Client(
    { name: 'test', version: '1' },
    {
      capabilities: { elicitation: { form: {} } },
      versionNegotiation: { mode },
      ...(!ask && { inputRequired: { autoFulfill: false } }),
    },
  );
  if (ask) client.setRequestHandler('elicitation/create', (_request, { mcpReq }) => ask(mcpReq.signal));
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${door.url}/x/demo`), { requestInit }));
  clients.push(client);
  return client;
}

const never = () => new Promise<Answer>(() => {});
const ticket = { name: 'create_ticket_v2', arguments: { initial_description: 'The lift is stuck' } };
const contentOf = ({ structuredContent }: { structuredContent?: unknown }) =>
  (structuredContent as { content: Record<string, unknown> }).content;
const tickets = () => door.demo.tickets.list('default', { limit: 10 }).items;

describe('in the 2025 era, while a call waits', () => {
  test('it is told of, and ends when nobody answers in time, which the client is told too', async () => {
    door = await startDoor({ answerMs: 1500 });
    let withdrawn = false;
    const client = await connect('legacy', (signal) => {
      signal.addEventListener('abort', () => (withdrawn = true));
      return never();
    });
    const progress: string[] = [];
    const result = await client.callTool(ticket, { onprogress: ({ message }) => progress.push(message ?? '') });
    expect(contentOf(result)).toMatchObject({ error_code: 'NO_ANSWER' });
    expect(progress).toContain('Waiting for the person to answer.');
    await expect.poll(() => withdrawn).toBe(true);
    expect(tickets()).toEqual([]);
  });

  test('the client can cancel it', async () => {
    door = await startDoor();
    const abort = new AbortController();
    let withdrawn = false;
    const client = await connect('legacy', (signal) => {
      signal.addEventListener('abort', () => (withdrawn = true));
      abort.abort('not wanted any more');
      return never();
    });
    await expect(client.callTool(ticket, { signal: abort.signal })).rejects.toThrow('not wanted any more');
    await expect.poll(() => withdrawn).toBe(true);
    expect(tickets()).toEqual([]);
  });

  test('a client that is gone leaves nothing behind, and what waits has a bound', async () => {
    door = await startDoor();
    const asked: (() => void)[] = [];
    const client = await connect('legacy', () => new Promise((resolve) => asked.push(() => resolve({ action: 'decline' }))));
    const calls = Array.from({ length: 128 }, () => client.callTool(ticket));
    for (const call of calls) call.catch(() => {});
    await expect.poll(() => asked.length, { timeout: 20_000 }).toBe(128);
    const other = await connect('legacy', async () => ({ action: 'decline' }));
    expect(contentOf(await other.callTool(ticket))).toMatchObject({ error_code: 'TOO_MANY_QUESTIONS' });
    await client.transport?.close();
    await expect.poll(async () => contentOf(await other.callTool(ticket))['error_code'], { timeout: 10_000 }).toBe('DECLINED');
  });

  test('a client that says it can ask, and cannot, is told so', async () => {
    door = await startDoor();
    const client = await connect('legacy', async () => {
      throw new Error('the window is closed');
    });
    expect(contentOf(await client.callTool(ticket))).toMatchObject({ error_code: 'CANNOT_ASK' });
  });
});

describe('in the 2026 era, what comes back', () => {
  interface Asked {
    resultType: string;
    requestState: string;
    inputRequests: Record<string, unknown>;
  }
  /** One round of a call, as it is on the wire. */
  const round = async (client: Client, more: object = {}, call: object = ticket) =>
    (await client.callTool(
      { ...ticket, ...call, ...more },
      {
        allowInputRequired: true,
      },
    )) as unknown as Asked & { structuredContent?: unknown };
  const answer = { ticket: { action: 'accept', content: { reporter_name: 'Ada', priority: 'low' } } };

  test('goes on once: sent again, it gets the same ticket', async () => {
    door = await startDoor();
    const client = await connect('auto');
    const { resultType, requestState, inputRequests } = await round(client);
    expect([resultType, Object.keys(inputRequests)]).toEqual(['input_required', ['ticket']]);
    const done = await round(client, { requestState, inputResponses: answer });
    expect(contentOf(done)).toMatchObject({ ticket_id: 'T-1' });
    expect(contentOf(await round(client, { requestState, inputResponses: answer }))).toEqual(contentOf(done));
    expect(tickets()).toHaveLength(1);
    // An answer to something that was not asked is none.
    const unasked = await round(client, { inputResponses: answer });
    expect(unasked.resultType).toBe('input_required');
  });

  test('goes on in another process with the same key', async () => {
    door = await startDoor();
    const before = await connect('auto');
    const first = await round(before, {}, { name: 'book_appointment_v2', arguments: {} });
    const second = await round(
      before,
      { requestState: first.requestState, inputResponses: { name: { action: 'accept', content: { name: 'Ada' } } } },
      { name: 'book_appointment_v2', arguments: {} },
    );
    const { folder } = door;
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await door.close({ keep: true });
    door = await startDoor({ folder });
    const date = new Date(Date.now() + 30 * 24 * 60 * 60_000).toISOString().slice(0, 10);
    const third = await round(
      await connect('auto'),
      { requestState: second.requestState, inputResponses: { date: { action: 'accept', content: { date } } } },
      { name: 'book_appointment_v2', arguments: {} },
    );
    expect(JSON.stringify(third.inputRequests)).toContain('Book an appointment for Ada on');
  });

  test('is refused in words where it was changed, is of another call or another access, or is too old', async () => {
    door = await startDoor();
    const client = await connect('auto');
    const { requestState } = await round(client);
    const refused = async (state: string, by = client, call: object = ticket) => {
      const { content } = (await round(by, { requestState: state, inputResponses: answer }, call)).structuredContent as {
        content: { error_code: string; error: string };
      };
      expect(content.error_code).toBe('INVALID_STATE');
      return content.error;
    };
    const state = JSON.parse((await sealing.open(requestState)) ?? '') as Record<string, unknown>;
    const forged = `${Buffer.from(JSON.stringify({ ...state, tries: -100 })).toString('base64url')}.${requestState.split('.')[1]}`;
    expect(await refused(forged)).toContain('was changed on its way');
    expect(await refused('nonsense')).toContain('was changed on its way');
    const sealed = (over: object) => sealing.seal(JSON.stringify({ ...state, ...over }));
    expect(await refused(await sealed({ purpose: 'demo-login' }))).toContain('was changed on its way');
    expect(await refused(await sealed({ expires: Date.now() - 1 }))).toContain('longer than a day');
    const elsewhere = 'belongs to another call';
    expect(await refused(requestState, client, { arguments: { initial_description: 'Something else' } })).toContain(elsewhere);
    expect(await refused(requestState, client, { name: 'book_appointment_v2', arguments: {} })).toContain(elsewhere);
    expect(await refused(requestState, await connect('auto', undefined, `${writer}#second`))).toContain(elsewhere);
    expect(await refused(requestState, await connect('auto', undefined, 'other:scim:read+scim:write'))).toContain(elsewhere);
    expect(tickets()).toEqual([]);
  });
});

test('each address has its tools, and read-only wins', async () => {
  door = await startDoor();
  const namesAt = async (path: string, token = 'default:scim:admin') => {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${door.url}${path}`), { requestInit }));
    clients.push(client);
    const { tools } = await client.listTools();
    return {
      client,
      names: tools.map(({ name }) => name),
      readOnly: tools.every(({ annotations }) => annotations?.readOnlyHint),
    };
  };
  const usual = await namesAt('');
  expect(usual.names).toContain('scim_propose_change');
  expect(usual.names).not.toContain('simple_tool');
  const demo = await namesAt('/x/demo');
  expect(demo.names).toContain('create_ticket_v2');
  expect(demo.names.filter((name) => name.startsWith('scim_'))).toEqual([]);
  expect(demo.client.getInstructions()).toContain('demo tools');
  expect(usual.client.getInstructions()).not.toContain('demo tools');
  const all = await namesAt('/x/all');
  expect(all.names).toEqual(expect.arrayContaining([...usual.names, ...demo.names]));
  expect((await namesAt('/x/scim')).names).not.toContain('scim_propose_change');
  for (const path of ['/readonly', '/x/all/readonly']) {
    const { client, names, readOnly } = await namesAt(path);
    expect([names.length > 5, readOnly]).toEqual([true, true]);
    const call = client.callTool({ name: 'scim_delete_user', arguments: { user_id: 'x' } });
    await expect(call).rejects.toMatchObject({ code: -32_602 });
  }
  const headers = { authorization: `Bearer ${writer}`, 'content-type': 'application/json' };
  const unknown = await fetch(`${door.url}/x/nonsense`, { method: 'POST', headers, body: '{}' });
  expect([unknown.status, await unknown.text()]).toEqual([
    404,
    expect.stringContaining('There are: scim, collaboration, administration, user-auth, demo, all'),
  ]);
  // A session is of the address at which it began.
  const legacy = await connect('legacy');
  const session = (legacy.transport as StreamableHTTPClientTransport).sessionId ?? '';
  const moved = { ...headers, 'mcp-session-id': session, accept: 'application/json, text/event-stream' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  expect((await fetch(door.url, { method: 'POST', headers: moved, body })).status).toBe(404);
  expect((await fetch(`${door.url}/x/demo`, { method: 'POST', headers: moved, body })).status).toBe(200);
});
