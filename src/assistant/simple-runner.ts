import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { dynamicTool, hasToolCall, isStepCount, jsonSchema, ToolLoopAgent, type ModelMessage, type ToolSet } from 'ai';
import { callTool } from './call-tool.ts';
import type { Access, Owner } from './context.ts';
import { askTool, createOfflineModel, withFocus, type Focus } from './offline/index.ts';
import { RunError, type Model, type Run, type Runner } from './run.ts';
import { playConflict } from './show-conflict.ts';

const bounds = { stepsMax: 12, historyMessages: 20, answerMs: 24 * 3_600_000 } as const;
const noUsage = { inputTokens: 0, outputTokens: 0 };

interface Choice {
  question: string;
  options: { label: string; send: string }[];
}

const instructions =
  'You help an administrator with a directory of people. You reach it only through the tools. Read a user before you change it, send expected_version, ' +
  `never overwrite what somebody else changed, and ask with ${askTool} before you delete and when a change collides.`;

const offline: Model = {
  id: 'offline-rules',
  label: 'Offline demo agent (rules, no AI)',
  provider: 'offline',
  available: true,
  contextTokens: 32_000,
};

/** A runner with the offline model alone, around one loop of model and tools. */
export function createSimpleRunner(options: {
  /** Our own MCP server, for example `http://127.0.0.1:4810/mcp`. */
  mcpUrl: string;
  /** @returns an access key for an owner's runs, limited to what they may do. */
  keyFor(owner: Owner, access: Access): string;
}): Runner {
  const model = createOfflineModel();

  const connect = async (run: Run): Promise<Client> => {
    const client = new Client(
      { name: 'tandem-agent', title: "Tandem's agent", version: '1' },
      { versionNegotiation: { mode: 'auto' } },
    );
    const headers = { authorization: `Bearer ${options.keyFor(run.owner, run.access)}` };
    try {
      await client.connect(new StreamableHTTPClientTransport(new URL(options.mcpUrl), { requestInit: { headers } }));
    } catch (error) {
      throw new RunError('TOOLS_UNREACHABLE', 'I could not reach the directory.', { transient: true, cause: error });
    }
    return client;
  };

  const toolsOf = async (run: Run, client: Client): Promise<ToolSet> => {
    const set: ToolSet = {};
    for (const { name, description, inputSchema } of (await client.listTools()).tools)
      set[name] = dynamicTool({
        description: description ?? name,
        inputSchema: jsonSchema(inputSchema as Parameters<typeof jsonSchema>[0]),
        execute: (args, { toolCallId }) => callOwn(run, client, toolCallId, name, args as Record<string, unknown>),
      });
    set[askTool] = dynamicTool({
      description: 'Asks the person to choose. Ends your turn; the answer comes as their next message.',
      inputSchema: jsonSchema({ type: 'object', properties: {} }),
      execute: async () => ({ asked: true }),
    });
    return set;
  };

  return {
    models: () => [offline],
    async run(run) {
      const client = await connect(run);
      try {
        const { metadata = {} } = run.nodes().findLast(({ metadata: { role } }) => role === 'user') ?? {};
        const { scenario, userId, fields } = metadata as { scenario?: string; userId?: string; fields?: string[] };
        if (scenario === 'conflict' && userId !== undefined && fields) {
          const call = (tool: string, args: Record<string, unknown>) => callOwn(run, client, crypto.randomUUID(), tool, args);
          await playConflict({ userId, fields, random: Math.random, call, say: (text) => run.say(text) });
          return { finish: 'answered', model: offline.id, usage: noUsage };
        }
        const agent = new ToolLoopAgent({
          model,
          instructions,
          tools: await toolsOf(run, client),
          stopWhen: [isStepCount(bounds.stepsMax), hasToolCall(askTool)],
        });
        const messages = historyOf(run);
        for (let questions = 0; ; questions++) {
          let choice: Choice | undefined;
          const { stream } = await agent.stream({ messages, abortSignal: run.signal });
          for await (const part of stream) {
            if (part.type === 'text-delta') run.say(part.text);
            if (part.type === 'tool-call' && part.toolName === askTool) choice = part.input as Choice;
            if (part.type === 'error') throw part.error;
            if (part.type === 'abort') run.signal.throwIfAborted();
          }
          if (!choice) break;
          const answer = await run.ask({
            id: `${run.id}-question-${questions}`,
            kind: 'choice',
            from: 'agent',
            message: choice.question,
            options: choice.options.map(({ label, send }) => ({ label, value: send })),
            deadline: new Date(Date.now() + bounds.answerMs).toISOString(),
          });
          const chosen = Object.values(answer.content ?? {})[0];
          if (answer.action !== 'accept' || typeof chosen !== 'string') break;
          messages.push({ role: 'user', content: chosen });
        }
        return { finish: 'answered', model: offline.id, usage: noUsage };
      } finally {
        await client.close();
      }
    },
    async close() {},
  };
}

const callOwn = (run: Run, client: Client, id: string, tool: string, args: Record<string, unknown>) =>
  callTool({
    client,
    id: `${run.id}-${id}`,
    tool,
    args,
    run: run.id,
    signal: run.signal,
    show: ({ kind: _kind, ...card }) =>
      // A failure to write is told by the end of the run.
      void run
        .put({ id: card.id, contentType: 'tool_call', content: JSON.stringify({ server: 'tandem', ...card }) })
        .catch(() => {}),
  });

function historyOf(run: Run): ModelMessage[] {
  return run
    .nodes()
    .filter(({ contentType }) => contentType === 'text')
    .slice(-bounds.historyMessages)
    .flatMap(({ content, metadata: { role, focus } }): ModelMessage[] => {
      if (role === 'user') return [{ role, content: withFocus(content, focus as Focus | undefined) }];
      return role === 'assistant' ? [{ role, content }] : [];
    });
}
