import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Json } from './record.ts';
import { ScenarioFailure, type ToolAnswer } from './wire.ts';

const callMs = 90_000;

/** A real MCP client of our own server. */
export interface Connection {
  call: (name: string, args: Json) => Promise<ToolAnswer>;
  close: () => Promise<void>;
}

/**
 * Connects an MCP client over HTTP.
 * @param options.name under which it introduces itself.
 * @param options.key its access key.
 * @param options.run what the server is told that its calls belong to, so that all of them can be undone together.
 */
export async function connect(options: {
  url: string;
  name: string;
  key: string;
  run: string;
  signal: AbortSignal;
}): Promise<Connection> {
  const { url, name, key, run, signal } = options;
  const client = new Client({ name: 'tandem-scenario', title: name, version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return {
    async call(tool, args) {
      const answer = await client.callTool(
        { name: tool, arguments: args, _meta: { 'tandem/run': run } },
        { signal, timeout: callMs },
      );
      const { structuredContent } = answer;
      if (!structuredContent) throw new ScenarioFailure(`${tool} was answered without a structured result.`);
      return structuredContent as unknown as ToolAnswer;
    },
    close: () => client.close(),
  };
}
