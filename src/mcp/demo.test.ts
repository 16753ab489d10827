import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectors, startDoor, writer, type ToolClient } from './test-door.ts';
import { tools } from './tools/index.ts';

type Answer = { action: 'accept' | 'decline' | 'cancel'; content?: Record<string, string> };
type Ask = (
  question: { message: string; requestedSchema?: { properties: Record<string, unknown>; required?: string[] } },
  signal: AbortSignal,
) => Promise<Answer>;

let door: Awaited<ReturnType<typeof startDoor>>;
const clients: ToolClient[] = [];
beforeEach(async () => {
  door = await startDoor({ toolsets: { settings: () => ({ demo: true }), ofClient: () => undefined, onChange: () => () => {} } });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await door.close();
});

const kept = async (client: ToolClient) => {
  clients.push(client);
  return client;
};

/** Clients whose user can be asked, of both SDKs and both eras. */
const asking: [name: string, connectTo: (ask: Ask, token?: string) => Promise<ToolClient>][] = [
  ...(['2026', '2025'] as const).map((era): [string, (ask: Ask, token?: string) => Promise<ToolClient>] => [
    `current SDK, ${era} era`,
    async (ask, token = writer) => {
      const client = new Client(
        { name: 'test', version: '1' },
        {
          capabilities: { elicitation: { form: {} } },
          versionNegotiation: { mode: era === '2026' ? 'auto' : 'legacy' },
        },
      );
      client.setRequestHandler('elicitation/create', ({ params }, { mcpReq }) =>
        ask(params as Parameters<Ask>[0], mcpReq.signal),
      );
      const requestInit = { headers: { authorization: `Bearer ${token}` } };
      await client.connect(new StreamableHTTPClientTransport(new URL(door.url), { requestInit }));
      return kept(client);
    },
  ]),
  [
    'SDK v1',
    async (ask, token = writer) => {
      const client = new ClientV1({ name: 'v1', version: '1' }, { capabilities: { elicitation: {} } });
      client.setRequestHandler(ElicitRequestSchema, ({ params }, { signal }) => ask(params as Parameters<Ask>[0], signal));
      const requestInit = { headers: { authorization: `Bearer ${token}` } };
      await client.connect(new TransportV1(new URL(door.url), { requestInit }));
      return kept(client);
    },
  ],
];

interface Result {
  text: string;
  success: boolean;
  content: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

async function call(client: ToolClient, name: string, args: Record<string, unknown> = {}): Promise<Result> {
  const result = await client.callTool({ name, arguments: args });
  const [{ text }] = result['content'] as [{ text: string }];
  const structured = result['structuredContent'] as Result;
  tools.find((tool) => tool.name === name)?.output.parse(structured);
  expect(structured.success).toBe(result['isError'] !== true);
  return { ...structured, text };
}

const day = new Date(Date.now() + 40 * 24 * 60 * 60_000).toISOString().slice(0, 10);
const tickets = () => door.demo.tickets.list('default', { limit: 100 }).items;
const appointments = () => door.demo.appointments.list('default', { limit: 100 }).items;
const accept = (content: Record<string, string>): Answer => ({ action: 'accept', content });
const details = { reporter_name: 'Ada Lovelace', priority: 'high' };

describe.each(connectors)('a client that cannot ask (%s)', (_name, connectTo) => {
  test('calls the simple tool', async () => {
    const client = await kept(await connectTo(door.url));
    expect((await call(client, 'simple_tool', { message: 'Hello' })).text).toBe('Processed: Hello');
    expect((await call(client, 'simple_tool', {})).content).toMatchObject({
      error_code: 'INVALID_ARGUMENTS',
      issues: [{ path: 'message' }],
    });
  });

  test('gets a form for what is missing, and calls again (V1)', async () => {
    const client = await kept(await connectTo(door.url));
    const first = await call(client, 'create_ticket', { initial_description: 'The lift is stuck', priority: 'low' });
    const form = JSON.parse(first.text) as Record<string, unknown>;
    expect(form).toEqual(first.content);
    expect(form).toMatchObject({
      type: 'elicitation',
      elicitation_type: 'form',
      fields: [
        { name: 'reporter_name', label: 'Who reports it', type: 'text', required: true },
        { name: 'reporter_email', type: 'email', required: false },
      ],
      call: { tool: 'create_ticket', arguments: { initial_description: 'The lift is stuck', priority: 'low' } },
    });
    expect(tickets()).toEqual([]);
    const { call: again } = form as { call: { tool: string; arguments: Record<string, unknown> } };
    const done = await call(client, again.tool, { ...again.arguments, reporter_name: 'Ada Lovelace' });
    expect(done.content).toMatchObject({ ticket_id: 'T-1', priority: 'low', reporter_name: 'Ada Lovelace' });
    const wrong = await call(client, 'create_ticket', { initial_description: 'x', ...details, priority: 'urgent' });
    expect(wrong.content).toMatchObject({ error_code: 'INVALID_ARGUMENTS', issues: [{ path: 'priority' }] });
    expect((await call(client, 'list_tickets')).content).toMatchObject([{ ticket_id: 'T-1', created_by: { id: 'agent' } }]);
  });

  test('gets a form from the tools that ask, too', async () => {
    const client = await kept(await connectTo(door.url));
    const { content: form } = await call(client, 'create_ticket_v2', { initial_description: 'The lift is stuck' });
    expect(form).toMatchObject({
      elicitation_type: 'form',
      fields: [{ name: 'reporter_name' }, { name: 'priority', type: 'select', options: ['low', 'medium', 'high'] }, {}],
      call: { tool: 'create_ticket', arguments: { initial_description: 'The lift is stuck' } },
    });
    const { content: booking } = await call(client, 'book_appointment_v2', { name: 'Ada' });
    expect(booking).toMatchObject({
      fields: [
        { name: 'date', type: 'date' },
        { name: 'confirm', type: 'select' },
      ],
    });
    const booked = await call(client, 'book_appointment_v2', { name: 'Ada', date: day, confirm: 'yes' });
    expect(booked.content).toMatchObject({ appointment_id: 'A-1', name: 'Ada', date: day });
    const past = await call(client, 'book_appointment_v2', { name: 'Ada', date: '2020-02-30' });
    expect(past.content).toMatchObject({ error_code: 'INVALID_ARGUMENTS', issues: [{ path: 'date' }] });
  });
});

describe.each(asking)('a client that asks its user (%s)', (_name, connectTo) => {
  test('is asked once, and the tool goes on where it stopped (V2)', async () => {
    const asked: Parameters<Ask>[0][] = [];
    const client = await connectTo(async (question) => {
      asked.push(question);
      return accept(details);
    });
    const { content } = await call(client, 'create_ticket_v2', { initial_description: 'The lift is stuck' });
    expect(content).toMatchObject({ ticket_id: 'T-1', description: 'The lift is stuck', ...details });
    expect(asked).toMatchObject([
      {
        message: expect.stringContaining('The lift is stuck') as string,
        requestedSchema: {
          properties: { priority: { type: 'string', enum: ['low', 'medium', 'high'] }, reporter_email: { format: 'email' } },
          required: ['reporter_name', 'priority'],
        },
      },
    ]);
  });

  test('is asked three things in one call', async () => {
    const messages: string[] = [];
    const client = await connectTo(async ({ message, requestedSchema }) => {
      messages.push(message);
      const [field = ''] = Object.keys(requestedSchema?.properties ?? {});
      return accept({ [field]: { name: 'Ada', date: day, confirm: 'yes' }[field] ?? '' });
    });
    const { content } = await call(client, 'book_appointment_v2');
    expect(content).toMatchObject({ appointment_id: 'A-1', name: 'Ada', date: day });
    expect(messages).toHaveLength(3);
    expect(messages[1]).toContain('Ada');
    expect(messages[2]).toMatch(/^Book an appointment for Ada on \w+day, /);
  });

  test.each([
    ['declines', 'decline', 'DECLINED'],
    ['closes the question', 'cancel', 'CANCELLED'],
  ] as const)('whose user %s does nothing', async (_what, action, code) => {
    const client = await connectTo(async ({ requestedSchema }) =>
      requestedSchema?.properties['name'] ? accept({ name: 'Ada' }) : { action },
    );
    expect((await call(client, 'create_ticket_v2', { initial_description: 'x' })).content).toMatchObject({ error_code: code });
    expect((await call(client, 'book_appointment_v2')).content).toMatchObject({ error_code: code });
    expect([...tickets(), ...appointments()]).toEqual([]);
  });

  test('is asked again, with what is wrong, where an answer does not fit', async () => {
    const messages: string[] = [];
    const client = await connectTo(async ({ message, requestedSchema }) => {
      if (!requestedSchema?.properties['date']) return accept({ name: 'Ada', confirm: 'yes' });
      messages.push(message);
      return accept({ date: messages.length === 1 ? '2020-01-01' : day });
    });
    const { content } = await call(client, 'book_appointment_v2');
    expect(content).toMatchObject({ date: day });
    expect(messages[1]).toContain('Day: This day is over. Choose today or a later one.');
    const stubborn = await connectTo(async () => accept({ reporter_name: ' ', priority: 'urgent' }));
    expect((await call(stubborn, 'create_ticket_v2', { initial_description: 'x' })).content).toMatchObject({
      error_code: 'INVALID_ANSWER',
      issues: [{ path: 'reporter_name' }, { path: 'priority' }],
    });
    expect(tickets()).toEqual([]);
  });

  test('waits with 50 others, and each gets its own', async () => {
    const release: (() => void)[] = [];
    const calls = Array.from({ length: 50 }, async (_none, number) => {
      const client = await connectTo(async ({ requestedSchema }) => {
        const [field = ''] = Object.keys(requestedSchema?.properties ?? {});
        // Nobody's first answer comes before everybody is asked; then they come in the opposite order.
        if (field === 'name') await new Promise<void>((resolve) => release.push(resolve));
        return accept({
          [field]: { name: `Person ${number}`, date: day, confirm: number % 5 === 0 ? 'no' : 'yes' }[field] ?? '',
        });
      });
      return call(client, 'book_appointment_v2');
    });
    await expect.poll(() => release.length, { timeout: 20_000 }).toBe(50);
    for (const go of release.toReversed()) go();
    const results = await Promise.all(calls);
    for (const [number, { content }] of results.entries())
      expect(content).toMatchObject(number % 5 === 0 ? { error_code: 'DECLINED' } : { name: `Person ${number}`, date: day });
    expect(new Set(appointments().map(({ id }) => id)).size).toBe(40);
  }, 60_000);
});
