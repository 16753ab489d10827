import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Sees each tool call before it reaches the server, and may hold it back until something else is done. */
export type OnCall = (tool: string) => Promise<void>;

/** Stands between agents and the MCP server, one address for each task. */
export interface Proxy {
  /** @returns the address of the MCP server for one agent. */
  address(key: string, onCall: OnCall): string;
  forget(key: string): void;
  close(): Promise<void>;
}

const idleMs = 120_000;

/** @param target the MCP server's address, for example `http://127.0.0.1:4810/mcp`. */
export async function startProxy(target: string): Promise<Proxy> {
  const watching = new Map<string, OnCall>();
  const to = new URL(target);
  // A connection that is kept could be closed by the server at the moment in which it is used again.
  const agent = new Agent({ keepAlive: false });
  const server = createServer((incoming, answer) => {
    forward(incoming, answer).catch(() => answer.destroy());
  });

  const forward = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const key = incoming.url?.slice(1) ?? '';
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    for (const tool of toolsOf(body)) await watching.get(key)?.(tool);
    const headers = { ...incoming.headers, host: to.host, connection: 'close' };
    const outgoing = request(to, { agent, method: incoming.method, headers }, (response) => {
      const { connection: _closes, ...kept } = response.headers;
      answer.writeHead(response.statusCode ?? 502, kept);
      response.pipe(answer);
    });
    answer.on('close', () => outgoing.destroy());
    outgoing.on('error', () => answer.destroy());
    outgoing.end(body);
  };

  server.keepAliveTimeout = idleMs;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address(key, onCall) {
      watching.set(key, onCall);
      return `http://127.0.0.1:${port}/${key}`;
    },
    forget: (key) => void watching.delete(key),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The names of the tools that a JSON-RPC message calls. */
function toolsOf(body: Buffer): string[] {
  if (body.length === 0) return [];
  const message = JSON.parse(body.toString()) as unknown;
  return (Array.isArray(message) ? message : [message]).flatMap((one) => {
    const { method, params } = one as { method?: string; params?: { name?: string } };
    return method === 'tools/call' && params?.name !== undefined ? [params.name] : [];
  });
}
