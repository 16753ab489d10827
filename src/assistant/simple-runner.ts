import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { dynamicTool, hasToolCall, isStepCount, jsonSchema, ToolLoopAgent, type ModelMessage, type ToolSet } from 'ai';
import { callTool } from './call-tool.ts';
import type { Access, Owner } from './context.ts';
import { askTool, createOfflineModel } from './offline/index.ts';
import { RunError, type Model, type Run, type Runner } from './run.ts';

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
        execute: (args, { toolCallId, abortSignal = run.signal }) =>
          callTool({
            client,
            id: `${run.id}-${toolCallId}`,
            tool: name,
            args: args as Record<string, unknown>,
            run: run.id,
            signal: abortSignal,
            show: ({ kind: _kind, ...card }) =>
              // A failure to write is told by the end of the run.
              void run
                .put({ id: card.id, contentType: 'tool_call', content: JSON.stringify({ server: 'tandem', ...card }) })
                .catch(() => {}),
          }),
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

function historyOf(run: Run): ModelMessage[] {
  return run
    .nodes()
    .filter(({ contentType }) => contentType === 'text')
    .slice(-bounds.historyMessages)
    .flatMap(({ content, metadata: { role } }): ModelMessage[] =>
      role === 'user' || role === 'assistant' ? [{ role, content }] : [],
    );
}
