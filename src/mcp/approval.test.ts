import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { userUrn, type Actor } from '../directory/index.ts';
import { call, connectors, startDoor, writer, type ToolClient } from './test-door.ts';

type Answer = { action: 'accept' | 'decline' | 'cancel'; content?: Record<string, string> };
type Ask = (message: string, signal: AbortSignal) => Promise<Answer>;

const person: Actor = {
  id: 'administrator',
  name: 'Administrator',
  kind: 'person',
  door: 'window',
  tenant: 'default',
  scopes: ['scim:admin'],
};
const second = `${writer}#second`;

let door: Awaited<ReturnType<typeof startDoor>>;
let now: Date;
let id: string;
const clients: ToolClient[] = [];
beforeEach(async () => {
  now = new Date();
  door = await startDoor({ clock: () => now });
  const ada = await door.directory.create(person, 'User', { schemas: [userUrn], userName: 'ada', title: 'Analyst' });
  ({ id } = ada.resource);
  await setPolicy({ allAgents: { approval: { attributes: ['title'], delete: true } }, waitSeconds: 5 });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await door.close();
});

const setPolicy = (policy: object) => {
  const { policy: of } = door.directory;
  return of.update(person, policy, of.get(person).version);
};
const title = async () => (await door.directory.get(person, 'User', id)).resource['title'];
const retitle = (value: string) => ({
  user_id: id,
  operations: [{ op: 'replace', path: 'title', value }],
  reason: 'She was promoted.',
});
const pending = async () => (await door.directory.escalations.list(person, { state: 'pending', limit: 10 })).escalations;
const kept = async (client: ToolClient) => {
  clients.push(client);
  return client;
};

/** Clients whose user can be asked. */
const asking: [name: string, connectTo: (ask: Ask) => Promise<ToolClient>][] = [
  ...(['2026', '2025'] as const).map((era): [string, (ask: Ask) => Promise<ToolClient>] => [
    `current SDK, ${era} era`,
    async (ask) => {
      const client = new Client(
        { name: 'test', version: '1' },
        {
          capabilities: { elicitation: { form: {} } },
          ...(era === '2026' && { versionNegotiation: { mode: { pin: '2026-07-28' } } }),
        },
      );
      client.setRequestHandler('elicitation/create', ({ params }, { mcpReq }) => ask(params.message, mcpReq.signal));
      const requestInit = { headers: { authorization: `Bearer ${writer}` } };
      await client.connect(new StreamableHTTPClientTransport(new URL(door.all), { requestInit }));
      return kept(client);
    },
  ]),
  [
    'SDK v1',
    async (ask) => {
      const client = new ClientV1({ name: 'v1', version: '1' }, { capabilities: { elicitation: {} } });
      client.setRequestHandler(ElicitRequestSchema, ({ params }, { signal }) => ask(params.message, signal));
      const requestInit = { headers: { authorization: `Bearer ${writer}` } };
      await client.connect(new TransportV1(new URL(door.all), { requestInit }));
      return kept(client);
    },
  ],
];
const plain = async (token = writer, [, connectTo] = connectors[0] ?? fail()) => kept(await connectTo(door.all, token));
function fail(): never {
  throw new Error('there are clients');
}

describe.each(asking)('a user who is asked by their client (%s)', (name, connectTo) => {
  test('accepts, and the call answers as if it had never been asked', async () => {
    const messages: string[] = [];
    const client = await connectTo(async (message) => {
      messages.push(message);
      return { action: 'accept', content: { reason: 'Yes.' } };
    });
    const { success, content, metadata } = await call(client, 'scim_patch_user', retitle('Engineer'));
    expect(success).toBe(true);
    expect(content).toMatchObject({ id, title: 'Engineer', _version: expect.any(String) as string });
    expect(metadata).toMatchObject({ operation: 'patch_user', changed: true, approved_by: 'User of Agent' });
    expect(messages).toHaveLength(1);
    for (const part of ['Agent wants to change ada', 'She was promoted.', 'changes to title need approval', 'Analyst → Engineer'])
      expect(messages[0]).toContain(part);
    const { revisions } = await door.directory.history.list(person, 'User', id, { limit: 1 });
    expect(revisions[0]?.author).toMatchObject({ id: 'agent', approvedBy: { kind: 'person', door: 'mcp' } });
    const deleted = await call(client, 'scim_delete_user', { user_id: id });
    expect(deleted.content).toEqual({ status: 'deleted', user_id: id });
  });

  test('lets somebody go back to a version, and a conflict be settled as the agent chose', async () => {
    const messages: string[] = [];
    const client = await connectTo(async (message) => {
      messages.push(message);
      return { action: 'accept', content: {} };
    });
    const { version } = await door.directory.get(person, 'User', id);
    await door.directory.mergePatch(person, 'User', id, { title: 'Chief' });
    const about = { resource_type: 'User', resource_id: id, to_version: version, reason: 'It was a mistake.' };
    const reverted = await call(client, 'scim_revert', about);
    expect(reverted.content).toMatchObject({ id, title: 'Analyst' });
    expect(reverted.metadata).toMatchObject({ reverted_to: version, changed: true, approved_by: 'User of Agent' });
    expect(messages.at(-1)).toContain('It was a mistake.');

    await door.directory.mergePatch(person, 'User', id, { title: 'Countess' });
    const refused = await call(client, 'scim_patch_user', { ...retitle('Engineer'), expected_version: version });
    const { conflict_id } = refused.content['conflict'] as { conflict_id: string };
    const choices = { title: { value: 'Chief Engineer' } };
    const settled = await call(client, 'scim_resolve_conflict', { conflict_id, strategy: 'merge', choices });
    expect(messages.at(-1)).toContain('Countess → Chief Engineer');
    expect(settled).toMatchObject({ content: { title: 'Chief Engineer' }, metadata: { approved_by: 'User of Agent' } });
    expect(await title()).toBe('Chief Engineer');
  });

  test('declines, and the agent hears why', async () => {
    const client = await connectTo(async () => ({ action: 'decline', content: { reason: 'Not before May.' } }));
    const { success, content } = await call(client, 'scim_patch_user', retitle('Engineer'));
    expect(success).toBe(false);
    expect(content).toMatchObject({ error_code: 'DECLINED', policy: { rule: 'all-agents/attributes' } });
    expect(await title()).toBe('Analyst');
    expect(await pending()).toEqual([]);
  });

  test('looks away, and somebody at the window approves it', async () => {
    const client = await connectTo(async () => ({ action: 'cancel' }));
    const calling = call(client, 'scim_patch_user', retitle('Engineer'));
    await expect.poll(pending).toHaveLength(1);
    const [escalation] = await pending();
    await door.directory.escalations.decide(person, escalation?.id ?? '', { approve: true });
    const { content, metadata } = await calling;
    expect(content).toMatchObject({ title: 'Engineer' });
    expect(metadata).toMatchObject({ approved_by: 'Administrator', escalation_id: escalation?.id });
  });

  test('is too late: the window was first', async () => {
    let cancelled = false;
    const client = await connectTo(async (_message, signal) => {
      signal.addEventListener('abort', () => (cancelled = true));
      const [escalation] = await pending();
      await door.directory.escalations.decide(person, escalation?.id ?? '', { approve: false, reason: 'No.' });
      // In the 2026 era the question is the client's own affair; it hears of it with its answer.
      if (!name.includes('2026')) await expect.poll(() => cancelled).toBe(true);
      return { action: 'accept', content: {} };
    });
    const { content } = await call(client, 'scim_patch_user', retitle('Engineer'));
    expect(content).toMatchObject({
      error_code: 'DECLINED',
      error: expect.stringContaining('Administrator declined it. They say: No.') as string,
    });
    expect(await title()).toBe('Analyst');
  });

  test('is asked again where it would do something else by then', async () => {
    const messages: string[] = [];
    const client = await connectTo(async (message) => {
      if (messages.push(message) === 1) await door.directory.mergePatch(person, 'User', id, { title: 'Chief' });
      return { action: 'accept', content: {} };
    });
    const { content } = await call(client, 'scim_patch_user', retitle('Engineer'));
    expect(content).toMatchObject({ title: 'Engineer' });
    expect(messages).toHaveLength(2);
    expect(messages[1]).toContain('Chief → Engineer');
  });

  test('is not asked where only people at the window may answer', async () => {
    await setPolicy({ ...door.directory.policy.get(person).policy, askClient: false, waitSeconds: 0 });
    const client = await connectTo(async () => ({ action: 'accept', content: {} }));
    const { content } = await call(client, 'scim_patch_user', retitle('Engineer'));
    expect(content).toMatchObject({ status: 'pending' });
  });
});

describe.each(connectors)('a client that cannot ask (%s)', (_name, connectTo) => {
  test('waits a while, then hears that it is pending, and later what became of it', async () => {
    await setPolicy({ ...door.directory.policy.get(person).policy, waitSeconds: 0 });
    const client = await kept(await connectTo(door.all, writer));
    const { success, content, metadata } = await call(client, 'scim_patch_user', retitle('Engineer'));
    expect(success).toBe(true);
    expect(content).toEqual({
      status: 'pending',
      escalation_id: expect.any(String) as string,
      rule: { id: 'all-agents/attributes', says: 'For all agents: changes to title need approval.' },
      how: expect.stringContaining('scim_get_escalation') as string,
    });
    expect(metadata).toMatchObject({ operation: 'patch_user' });
    const escalation_id = content['escalation_id'] as string;
    expect((await call(client, 'scim_get_escalation', { escalation_id })).content).toMatchObject({
      status: 'pending',
      intent: 'She was promoted.',
      changes: [{ changes: [{ path: 'title', before: 'Analyst', after: 'Engineer' }] }],
    });
    const waiting = call(client, 'scim_get_escalation', { escalation_id, wait_seconds: 20 });
    await door.directory.escalations.decide(person, escalation_id, { approve: true });
    const { version } = await door.directory.get(person, 'User', id);
    expect((await waiting).content).toMatchObject({
      status: 'approved',
      decided_by: { name: 'Administrator' },
      outcome: { written: [{ type: 'User', id, version }] },
    });
  });
});

describe('what waits', () => {
  test('is told of while it waits, stays when the connection is lost, and goes when the client withdraws', async () => {
    const [, connect2025] = connectors[1] ?? fail();
    const client = (await plain(writer, ['', connect2025])) as unknown as Client;
    const progress: string[] = [];
    const abort = new AbortController();
    const calling = client.callTool(
      { name: 'scim_patch_user', arguments: retitle('Engineer') },
      { signal: abort.signal, onprogress: ({ message }) => progress.push(message ?? '') },
    );
    calling.catch(() => {});
    await expect.poll(() => progress, { timeout: 5000 }).toContain('Waiting for somebody to approve it.');
    abort.abort('withdrawn by the user');
    await expect.poll(pending).toEqual([]);
    const again = client.callTool({ name: 'scim_patch_user', arguments: retitle('Engineer') });
    again.catch(() => {});
    await expect.poll(pending).toHaveLength(1);
    await client.transport?.close();
    const [escalation] = await pending();
    await door.directory.escalations.decide(person, escalation?.id ?? '', { approve: true });
    expect(await title()).toBe('Engineer');
  });

  test('outlives a restart, and is done when it is approved then', async () => {
    await setPolicy({ ...door.directory.policy.get(person).policy, waitSeconds: 0 });
    const { content } = await call(await plain(), 'scim_patch_user', retitle('Engineer'));
    const escalation_id = content['escalation_id'] as string;
    const { folder } = door;
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await door.close({ keep: true });
    door = await startDoor({ folder, clock: () => now });
    await door.directory.escalations.decide(person, escalation_id, { approve: true });
    expect((await call(await plain(), 'scim_get_escalation', { escalation_id })).content).toMatchObject({ status: 'approved' });
    expect(await title()).toBe('Engineer');
  });

  test('is listed and withdrawn by its agent, and does not exist for others', async () => {
    await setPolicy({ ...door.directory.policy.get(person).policy, waitSeconds: 0, deadlineMinutes: 1 });
    const client = await plain();
    const { content } = await call(client, 'scim_patch_user', retitle('Engineer'));
    const escalation_id = content['escalation_id'] as string;
    for (const token of [second, 'other:scim:read+scim:write']) {
      const stranger = await plain(token);
      for (const tool of ['scim_get_escalation', 'scim_withdraw_escalation'])
        expect((await call(stranger, tool, { escalation_id })).content).toMatchObject({ error_code: 'NOT_FOUND' });
      const answer = await call(stranger, 'scim_answer_escalation', { escalation_id, answer: 'accept' });
      expect(answer.content).toMatchObject({ error_code: 'NOT_FOUND' });
      expect((await call(stranger, 'scim_list_escalations')).content).toEqual([]);
      expect(JSON.stringify(await (stranger as unknown as Client).listResources())).not.toContain(escalation_id);
      await expect(
        (stranger as unknown as Client).readResource({ uri: `scim://default/Escalations/${escalation_id}` }),
      ).rejects.toThrow(/not found/i);
    }
    const own = await call(client, 'scim_answer_escalation', { escalation_id, answer: 'accept' });
    expect(own.content).toMatchObject({ error_code: 'FORBIDDEN' });
    const list = await call(client, 'scim_list_escalations', { status: 'pending' });
    expect(list.content).toMatchObject([{ escalation_id }]);
    expect((await call(client, 'scim_withdraw_escalation', { escalation_id })).content).toMatchObject({ status: 'withdrawn' });
    const next = await call(client, 'scim_patch_user', retitle('Engineer'));
    now = new Date(now.getTime() + 2 * 60_000);
    await door.directory.escalations.expire();
    const expired = await call(client, 'scim_get_escalation', { escalation_id: next.content['escalation_id'] });
    expect(expired.content).toMatchObject({ status: 'expired' });
  });

  test('of a bulk request is one question', async () => {
    await setPolicy({ ...door.directory.policy.get(person).policy, waitSeconds: 0 });
    const client = await plain();
    const operations = [
      { method: 'PATCH', path: `/Users/${id}`, data: [{ op: 'replace', path: 'title', value: 'Engineer' }] },
      { method: 'PATCH', path: `/Users/${id}`, data: [{ op: 'replace', path: 'nickName', value: 'Ada' }] },
    ];
    const { content } = await call(client, 'scim_bulk', { operations });
    const { results } = content as unknown as { results: { status: string; error?: { escalation_id: string } }[] };
    expect(results.map(({ status }) => status)).toEqual(['202', '200']);
    expect(results[0]?.error?.escalation_id).toEqual(expect.any(String));
    const atomic = await call(client, 'scim_bulk', { operations: operations.toReversed(), atomic: true });
    expect(atomic.content).toMatchObject({ status: 'pending' });
  });

  test('policy refuses by name, with nothing to wait for', async () => {
    await setPolicy({ allAgents: { readOnly: true } });
    const { success, content } = await call(await plain(), 'scim_patch_user', retitle('Engineer'));
    expect(success).toBe(false);
    expect(content).toMatchObject({
      error_code: 'POLICY_REFUSED',
      policy: { rule: 'all-agents/readOnly', says: 'For all agents: nothing may be changed.' },
    });
    expect(await pending()).toEqual([]);
  });
});

describe.each(connectors)('agents negotiate (%s)', (name, connectTo) => {
  test('one proposes, the other is told, answers, and it is done', async () => {
    const client = await kept(await connectTo(door.all, writer));
    const asked = await kept(await connectTo(door.all, second));
    const proposal = {
      resource_type: 'User',
      resource_id: id,
      operations: [{ op: 'replace', path: 'nickName', value: 'Ada' }],
      to: 'second',
      reason: 'We call her so.',
    };
    expect((await call(client, 'scim_propose_change', proposal)).content).toMatchObject({ error_code: 'INVALID_ARGUMENTS' });
    await call(asked, 'scim_server_info');
    let told = 0;
    if (name !== 'SDK v1') {
      const listening = asked as unknown as Client;
      listening.setNotificationHandler('notifications/resources/list_changed', () => void told++);
      if (name.includes('2026')) await listening.listen({ resourcesListChanged: true });
    }
    const { content } = await call(client, 'scim_propose_change', proposal);
    const escalation_id = content['escalation_id'] as string;
    if (name !== 'SDK v1') await expect.poll(() => told).toBeGreaterThan(0);
    const { contents } = await (asked as unknown as Client).readResource({ uri: `scim://default/Escalations/${escalation_id}` });
    expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject({ escalation_id, intent: 'We call her so.' });
    const mine = await call(asked, 'scim_list_escalations', { asked_of_me: true, status: 'pending' });
    expect(mine.content).toMatchObject([{ escalation_id, from: { id: 'agent' } }]);
    const answer = await call(asked, 'scim_answer_escalation', { escalation_id, answer: 'accept' });
    expect(answer.content).toMatchObject({ status: 'approved', decided_by: { id: 'second' } });
    expect((await door.directory.get(person, 'User', id)).resource['nickName']).toBe('Ada');
    // What policy lets a person decide, no agent decides.
    const titled = await call(client, 'scim_propose_change', { ...proposal, operations: retitle('Engineer').operations });
    const handed = await call(asked, 'scim_answer_escalation', {
      escalation_id: titled.content['escalation_id'],
      answer: 'accept',
    });
    expect(handed.content).toMatchObject({ status: 'pending', to: 'people', rule: { id: 'all-agents/attributes' } });
    expect(await title()).toBe('Analyst');
  });
});
