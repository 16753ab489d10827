import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { TestStep } from '../../api/index.ts';
import type { StdioCommand } from './guides.ts';

/** Where a test goes, as a client would. */
export type TestTarget = { kind: 'http'; url: string; key: string } | { kind: 'stdio'; command: StdioCommand };

const stepMs = 20_000;
const readTool = 'scim_list_users';

/** What the client of a test calls itself, so that it is not taken for one that somebody has connected. */
export const testerName = 'tandem-connection-test';

/**
 * Connects as an AI client does, with a real client over the real wire, lists the tools and makes one call that reads.
 * @param signal ends it, and the program that it started. @returns its steps: each first `running`, then as it ended; after one that failed there are no more.
 */
export async function* testConnection(target: TestTarget, signal: AbortSignal): AsyncGenerator<TestStep> {
  // Programs that start their servers speak a 2025 revision today; to ask for a newer one first would start the program twice.
  const mode = target.kind === 'http' ? 'auto' : 'legacy';
  const client = new Client({ name: testerName, version: '1' }, { versionNegotiation: { mode } });
  const options = { signal, timeout: stepMs };
  const transport = transportOf(target);
  const stopped = new Promise<never>((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true }),
  );
  stopped.catch(() => {});
  let failed = false;
  async function* step(id: TestStep['id'], work: () => Promise<string>): AsyncGenerator<TestStep> {
    if (failed) return;
    yield { id, state: 'running' };
    const began = performance.now();
    const ms = () => Math.max(1, Math.round(performance.now() - began));
    try {
      const says = await Promise.race([work(), stopped]);
      yield { id, state: 'ok', says, ms: ms() };
    } catch (error) {
      failed = true;
      yield { id, state: 'failed', says: signal.aborted ? 'It was stopped.' : whatToDo(error, target), ms: ms() };
    }
  }
  try {
    yield* step('initialize', async () => {
      await client.connect(transport, options);
      const { name = 'the server', version = '' } = client.getServerVersion() ?? {};
      return `${name} ${version}`.trim();
    });
    yield* step('tools', async () => {
      const { tools } = await client.listTools(undefined, options);
      if (!tools.some(({ name }) => name === readTool))
        throw new Error(
          `The tool ${readTool} is turned off here, so people cannot be read. The toolsets in settings.json say what is on.`,
        );
      return `${tools.length} tools`;
    });
    yield* step('call', async () => {
      const { isError, structuredContent } = await client.callTool({ name: readTool, arguments: { count: 0 } }, options);
      if (isError) throw new Error(`The call of ${readTool} was refused.`);
      const { metadata } = (structuredContent ?? {}) as { metadata?: { total_results?: number } };
      return `${metadata?.total_results ?? 0} people can be read`;
    });
  } finally {
    // Also where the client has not taken it yet.
    await Promise.allSettled([client.close(), transport.close()]);
  }
}

function transportOf(target: TestTarget) {
  if (target.kind === 'http')
    return new StreamableHTTPClientTransport(new URL(target.url), {
      requestInit: { headers: { authorization: `Bearer ${target.key}` } },
    });
  const { command, args, env } = target.command;
  return new StdioClientTransport({ command, args, env: { ...getDefaultEnvironment(), ...env }, stderr: 'ignore' });
}

/** A failure in words that say what helps. */
function whatToDo(error: unknown, target: TestTarget): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/ENOENT/.test(message) && target.kind === 'stdio')
    return `The program ${target.command.command} is not there. Install Tandem anew, then add it to the client again.`;
  if (/timed out|timeout/i.test(message)) return 'It did not answer in 20 seconds. Try again; the log says more.';
  if (/fetch failed|ECONNREFUSED/.test(message))
    return 'Nothing answers at the address. A firewall or proxy may be in between: let this computer reach 127.0.0.1.';
  if (/\b40[13]\b|unauthorized|forbidden/i.test(message))
    return 'It was refused. The tenant may be suspended: look under “Manage tenants”.';
  if (/connection closed/i.test(message) && target.kind === 'stdio')
    return 'The program ended at once. Run its command in a terminal to see why.';
  return message.slice(0, 300);
}
