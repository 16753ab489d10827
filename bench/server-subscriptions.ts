/**
 * What the benchmark of sessions compares with: the SDK's own server whose one resource can be subscribed to, on Node's plain HTTP
 * server, as the SDK's documentation sets it up for each era. A POST to /changed tells all subscribers.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';

const uri = 'bench://one';
const create = () => {
  const server = new McpServer(
    { name: 'plain', version: '1' },
    { capabilities: { resources: { subscribe: true, listChanged: true } } },
  );
  server.registerResource('one', uri, {}, () => ({ contents: [{ uri, text: '' }] }));
  server.server.setRequestHandler('resources/subscribe', () => ({}));
  return server;
};

const handler = createMcpHandler(create, { legacy: 'reject' });
const modern = toNodeHandler(handler);
const sessions = new Map<string, { transport: NodeStreamableHTTPServerTransport; server: McpServer }>();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/changed') {
    for (const { server } of sessions.values()) server.server.sendResourceUpdated({ uri }).catch(() => {});
    handler.notify.resourceUpdated(uri);
    response.end();
    return;
  }
  if (request.url === '/2026-07-28') return modern(request as Parameters<typeof modern>[0], response);
  const known = sessions.get(String(request.headers['mcp-session-id']));
  if (known) return known.transport.handleRequest(request, response);
  const server = create();
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, { transport, server }),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  await server.connect(transport);
  return transport.handleRequest(request, response);
}

const server = createServer((request, response) => void answer(request, response));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`);
});
process.once('SIGTERM', () => process.exit());
