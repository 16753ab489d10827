import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { dynamicTool, hasToolCall, isStepCount, jsonSchema, ToolLoopAgent, type ModelMessage, type ToolSet } from 'ai';
import type { Log } from '../observe/index.ts';
import { callTool } from './call-tool.ts';
import type { Assistant, Choice, Message, ToolCall } from './conversation.ts';
import { Conversations } from './conversations.ts';

import { askTool, createOfflineModel, withFocus, type Focus } from './offline/index.ts';
import { playConflict } from './show-conflict.ts';

const bounds = { stepsMax: 12, requestMs: 60_000, waitingMax: 10, historyMessages: 20 } as const;

const instructions =
  'You help an administrator with a directory of people. You reach it only through the tools. Read a user before you change it, send expected_version, ' +
  `never overwrite what somebody else changed, and ask with ${askTool} before you delete and when a change collides.`;

export interface AssistantOptions {
  /** Our own MCP server, for example `http://127.0.0.1:4810/mcp`. */
  mcpUrl: string;
  /** @returns the agent's access key for a tenant. */
  keyFor(tenant: string): string;
  log: Log;
  random?: () => number;
}

/** One tenant's side of the agent: its connection, and the requests that wait. */
interface Desk {
  client?: Promise<{ client: Client; tools: Awaited<ReturnType<Client['listTools']>>['tools'] }>;
  waiting: number;
  queue: Promise<void>;
  abort: AbortController;
}

type Work = (message: Message, signal: AbortSignal) => Promise<void>;

/**
 * Makes the agent of the window: an AI SDK tool loop around a model, whose tools are those of our MCP server, reached over
 * HTTP with a key of its own like any other client's.
 */
export function createAssistant(options: AssistantOptions): Assistant {
  const { log, random = Math.random } = options;
  const conversations = new Conversations();
  const model = createOfflineModel();
  const desks = new Map<string, Desk>();
  let closed = false;

  const deskOf = (tenant: string): Desk => {
    const existing = desks.get(tenant);
    if (existing) return existing;
    const desk: Desk = { waiting: 0, queue: Promise.resolve(), abort: new AbortController() };
    desks.set(tenant, desk);
    return desk;
  };

  const connect = (tenant: string, desk: Desk) => {
    desk.client ??= (async () => {
      const client = new Client(
        { name: 'tandem-agent', title: "Tandem's agent", version: '1' },
        { versionNegotiation: { mode: 'auto' } },
      );
      client.onclose = () => delete desk.client;
      const headers = { authorization: `Bearer ${options.keyFor(tenant)}` };
      await client.connect(new StreamableHTTPClientTransport(new URL(options.mcpUrl), { requestInit: { headers } }));
      return { client, tools: (await client.listTools()).tools };
    })().catch((error: unknown) => {
      delete desk.client;
      throw error;
    });
    return desk.client;
  };

  /** Does one piece of work after those that wait, in a message of its own; its end and its failure are told there. */
  const enqueue = (tenant: string, work: Work): void => {
    const desk = deskOf(tenant);
    if (closed || desk.waiting >= bounds.waitingMax) {
      conversations.add(tenant, 'agent', [
        { kind: 'text', text: 'I have too much to do already. Wait for the answers, or press Stop.' },
      ]);
      return;
    }
    desk.waiting++;
    const { signal: stopped } = desk.abort;
    // Added at once, so that it stands below the request that it answers.
    const message = conversations.add(tenant, 'agent', [], true);
    desk.queue = desk.queue.then(async () => {
      const signal = AbortSignal.any([stopped, AbortSignal.timeout(bounds.requestMs)]);
      try {
        signal.throwIfAborted();
        await work(message, signal);
      } catch (error) {
        if (!stopped.aborted) log.warn({ err: error }, 'the agent could not finish');
        conversations.addText(tenant, message, failureText(stopped, signal));
      } finally {
        message.open = false;
        conversations.changed(tenant, message);
        desk.waiting--;
      }
    });
  };

  const answer = async (tenant: string, message: Message, signal: AbortSignal): Promise<void> => {
    const { client, tools } = await connect(tenant, deskOf(tenant));
    const show = (card: ToolCall) => conversations.setCall(tenant, message, card);
    const set: ToolSet = {};
    for (const { name, description, inputSchema } of tools)
      set[name] = dynamicTool({
        description: description ?? name,
        inputSchema: jsonSchema(inputSchema as Parameters<typeof jsonSchema>[0]),
        execute: (args, { toolCallId, abortSignal = signal }) =>
          callTool({
            client,
            id: toolCallId,
            tool: name,
            args: args as Record<string, unknown>,
            run: message.id,
            signal: abortSignal,
            show,
          }),
      });
    set[askTool] = dynamicTool({
      description: 'Asks the person to choose. Ends your turn; the answer comes as their next message.',
      inputSchema: jsonSchema(askSchema),
      execute: async (args) => {
        conversations.addChoice(tenant, message, { kind: 'choice', ...(args as Omit<Choice, 'kind'>) });
        return { asked: true };
      },
    });
    const agent = new ToolLoopAgent({
      model,
      instructions,
      tools: set,
      stopWhen: [isStepCount(bounds.stepsMax), hasToolCall(askTool)],
    });
    const { stream } = await agent.stream({ messages: historyOf(conversations.of(tenant), message), abortSignal: signal });
    for await (const part of stream) {
      if (part.type === 'text-delta') conversations.addText(tenant, message, part.text);
      if (part.type === 'error') throw part.error;
      if (part.type === 'abort') signal.throwIfAborted();
    }
  };

  const focused = new WeakMap<Message, Focus>();
  const historyOf = (messages: readonly Message[], until: Message): ModelMessage[] =>
    messages
      .slice(0, messages.indexOf(until))
      .slice(-bounds.historyMessages)
      .flatMap((message): ModelMessage[] => {
        const text = message.parts.flatMap((part) => (part.kind === 'text' ? part.text : [])).join('\n');
        if (text === '') return [];
        return [{ role: message.from === 'person' ? 'user' : 'assistant', content: withFocus(text, focused.get(message)) }];
      });

  return {
    label: 'Offline demo agent (rules, no AI)',
    messages: (tenant) => conversations.of(tenant),
    async send({ tenant, text, focus }) {
      const said = conversations.add(tenant, 'person', [{ kind: 'text', text }]);
      if (focus) focused.set(said, focus);
      enqueue(tenant, (message, signal) => answer(tenant, message, signal));
    },
    async showConflict({ tenant, userId, fields }) {
      conversations.add(tenant, 'person', [{ kind: 'text', text: 'Show me a conflict.' }]);
      enqueue(tenant, async (message, signal) => {
        const { client } = await connect(tenant, deskOf(tenant));
        const show = (card: ToolCall) => conversations.setCall(tenant, message, card);
        await playConflict({
          userId,
          fields,
          random,
          call: (tool, args) => callTool({ client, id: crypto.randomUUID(), tool, args, run: message.id, signal, show }),
          say: (text) => conversations.addText(tenant, message, text),
        });
      });
    },
    stop(tenant) {
      const desk = deskOf(tenant);
      desk.abort.abort();
      desk.abort = new AbortController();
    },
    clear(tenant) {
      this.stop(tenant);
      conversations.clear(tenant);
    },
    onEvent: (listener) => conversations.onEvent(listener),
    async close() {
      closed = true;
      for (const desk of desks.values()) {
        desk.abort.abort();
        await desk.queue;
        const connection = await desk.client?.catch(() => undefined);
        await connection?.client.close();
      }
    },
  };
}

const askSchema = {
  type: 'object',
  properties: {
    question: { type: 'string' },
    options: {
      type: 'array',
      items: {
        type: 'object',
        properties: { label: { type: 'string' }, send: { type: 'string' } },
        required: ['label', 'send'],
      },
    },
  },
  required: ['question', 'options'],
} as const;

function failureText(stopped: AbortSignal, signal: AbortSignal): string {
  if (stopped.aborted) return 'Stopped.';
  if (signal.aborted)
    return `That took longer than ${bounds.requestMs / 1000} seconds, so I stopped. Look at the person before you try again.`;
  return 'I could not reach the directory, or it answered in a way that I do not understand. Please try again; the log says more.';
}
