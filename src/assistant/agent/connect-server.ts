import { Client, StreamableHTTPClientTransport, type Tool } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { traceHeaders } from '../../observe/index.ts';
import { fetchHere, refusedAddress } from '../address.ts';
import type { McpServer } from '../agent-settings-data.ts';
import type { ConnectionTest } from '../agent-settings.ts';

/** Where an MCP server is, with everything that is needed to reach it. */
export type Target =
  | { kind: 'url'; url: string; headers: Record<string, string>; plainHttp?: boolean | undefined }
  | { kind: 'command'; command: string; args: string[]; env: Record<string, string> };

const connectMs = 20_000;

/** @param secret goes into the header or the variable that the settings name. */
export function targetOf({ connection }: McpServer, secret: string | undefined): Target {
  const { secretName } = connection;
  const secrets = secretName === undefined || secret === undefined ? {} : { [secretName]: secret };
  if (connection.kind === 'url') return { kind: 'url', url: connection.url, headers: secrets, plainHttp: connection.plainHttp };
  const { command, args, env } = connection;
  return { kind: 'command', command, args, env: { ...env, ...secrets } };
}

/**
 * Connects to an MCP server of either era. Questions that it asks while a call waits (2025 era) go to the handler of
 * `elicitation/create`, which the caller sets; those of the 2026 era come back as the call's result.
 * @throws if it cannot be reached, refuses, or is not an MCP server.
 */
export async function connectServer(target: Target, options: { signal?: AbortSignal; prepare?: (client: Client) => void } = {}) {
  const client = new Client(
    { name: 'tandem-agent', title: "Tandem's agent", version: '1' },
    {
      capabilities: { elicitation: { form: {}, url: {} } },
      versionNegotiation: { mode: 'auto' },
      inputRequired: { autoFulfill: false },
    },
  );
  options.prepare?.(client);
  const signal = AbortSignal.any([AbortSignal.timeout(connectMs), ...(options.signal ? [options.signal] : [])]);
  try {
    await client.connect(transportOf(target), { signal, timeout: connectMs });
  } catch (error) {
    await client.close().catch(() => {});
    throw error;
  }
  return client;
}

function transportOf(target: Target) {
  if (target.kind === 'command') {
    const { command, args, env } = target;
    return new StdioClientTransport({ command, args, env: { ...getDefaultEnvironment(), ...env }, stderr: 'ignore' });
  }
  const { url, headers, plainHttp } = target;
  const refused = refusedAddress(url, plainHttp);
  if (refused !== undefined) throw new Error(refused);
  return new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers }, fetch: fetchInTrace });
}

/** Says of which trace a request is, where traces are exported. */
const fetchInTrace: typeof fetch = (input, init) => {
  const { traceparent } = traceHeaders();
  if (traceparent === undefined) return fetchHere(input, init);
  const headers = new Headers(init?.headers);
  headers.set('traceparent', traceparent);
  return fetchHere(input, { ...init, headers });
};

const toolsMax = 200;

/** The tools of a server, as many as an agent can be given. */
export async function toolsOf(client: Client, signal?: AbortSignal): Promise<Tool[]> {
  const { tools } = await client.listTools(undefined, { timeout: connectMs, ...(signal && { signal }) });
  return tools.slice(0, toolsMax);
}

/** Connects, lists the tools, and ends the connection. */
export async function testServer(server: McpServer, secret: string | undefined, signal: AbortSignal): Promise<ConnectionTest> {
  const started = performance.now();
  const took = () => Math.round(performance.now() - started);
  let client: Client | undefined;
  try {
    client = await connectServer(targetOf(server, secret), { signal });
    const found = (await toolsOf(client, signal)).map(({ name }) => name);
    const name = client.getServerVersion()?.name ?? server.name;
    return { ok: true, says: `${name} answers, with ${found.length} tools.`, ms: took(), found };
  } catch (error) {
    const reason = signal.aborted ? 'It does not answer in time.' : reasonOf(error, server);
    return { ok: false, says: withoutSecret(reason, secret), ms: took(), found: [] };
  } finally {
    await client?.close().catch(() => {});
  }
}

function reasonOf(error: unknown, { connection }: McpServer): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/\b401\b|unauthorized/i.test(message))
    return 'It wants a sign-in. Give its secret and the header that carries it; signing in with OAuth is not supported here.';
  if (/\b403\b|forbidden/i.test(message)) return 'The secret was refused.';
  if (/ENOENT/.test(message) && connection.kind === 'command') return `There is no command '${connection.command}'.`;
  if (/fetch failed|ECONNREFUSED|ENOTFOUND/.test(message)) return 'Nothing answers at this address.';
  return message.slice(0, 300);
}

/** Other sides like to repeat what they were sent. */
function withoutSecret(text: string, secret: string | undefined): string {
  return secret === undefined || secret === '' ? text : text.replaceAll(secret, '[secret]');
}
