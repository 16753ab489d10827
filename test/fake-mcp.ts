import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { NodeStreamableHTTPServerTransport, toNodeHandler, type NodeIncomingMessageLike } from '@modelcontextprotocol/node';
import { createMcpHandler, inputRequired, inputResponse, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

/** What happened in a fake MCP server. */
export interface FakeMcp {
  url: string;
  /** The arguments of the calls of each tool, in their order. */
  calls: { tool: string; args: Record<string, unknown>; session?: string | undefined }[];
  /** When calls of `slow` were aborted, by performance.now(). */
  aborts: number[];
  /** Headers of the last request. */
  headers: Record<string, string | string[] | undefined>;
  /** The description of `echo`; a server may change what it says of itself. */
  description: string;
  close(): Promise<void>;
}

/** An MCP server of one era with tools that ask, take long, tell progress and fail. */
export async function startFakeMcp(era: '2025' | '2026'): Promise<FakeMcp> {
  const fake: FakeMcp = { url: '', calls: [], aborts: [], headers: {}, description: 'Says it again.', close: async () => {} };
  const sessions = new Map<string, NodeStreamableHTTPServerTransport>();
  const handler = createMcpHandler(() => serverOf(fake), { legacy: 'reject' });
  const modern = toNodeHandler(handler);
  const server = createServer((request, response) => {
    fake.headers = request.headers;
    const serve = async () => {
      if (era === '2026') return modern(request as IncomingMessage & NodeIncomingMessageLike, response);
      const id = request.headers['mcp-session-id'];
      const known = typeof id === 'string' ? sessions.get(id) : undefined;
      if (known) return known.handleRequest(request, response);
      if (id !== undefined) return void response.writeHead(404).end();
      const transport = new NodeStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (made) => void sessions.set(made, transport),
      });
      await serverOf(fake).connect(transport);
      return transport.handleRequest(request, response);
    };
    serve().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  fake.close = async () => {
    await handler.close();
    for (const transport of sessions.values()) await transport.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return fake;
}

function serverOf(fake: FakeMcp): McpServer {
  const server = new McpServer({ name: 'fake', version: '1' }, { capabilities: { tools: {} } });
  const note = (tool: string, args: object, session?: string) =>
    fake.calls.push({ tool, args: args as Record<string, unknown>, session });
  const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] });
  server.registerTool('echo', { description: fake.description, inputSchema: z.object({ text: z.string() }) }, (args) => {
    note('echo', args);
    return text(args.text);
  });
  server.registerTool(
    'slow',
    { description: 'Takes long, and tells how far it is.', inputSchema: z.object({}) },
    async (args, { mcpReq }) => {
      note('slow', args);
      mcpReq.signal.addEventListener('abort', () => fake.aborts.push(performance.now()));
      const { _meta: meta } = mcpReq;
      const progressToken = meta?.progressToken;
      for (let step = 1; step <= 200 && !mcpReq.signal.aborted; step++) {
        if (progressToken !== undefined)
          await mcpReq.notify({
            method: 'notifications/progress',
            params: { progressToken, progress: step, total: 200, message: `Step ${step}.` },
          });
        await sleep(50, undefined, { signal: mcpReq.signal }).catch(() => {});
      }
      return text('done');
    },
  );
  server.registerTool(
    'ask_name',
    { description: 'Asks for a name.', inputSchema: z.object({}) },
    (args, { mcpReq, sessionId }) => {
      note('ask_name', args, sessionId);
      const response = inputResponse(mcpReq.inputResponses, 'name');
      if (response.kind === 'missing') {
        const requestedSchema = z.object({ name: z.string().min(2), age: z.int().min(1).optional() });
        return inputRequired({
          inputRequests: { name: inputRequired.elicit({ message: 'What is your name?', requestedSchema }) },
          requestState: 'state-1',
        });
      }
      if (response.kind !== 'elicit' || response.action !== 'accept')
        return text(`Not told: ${response.kind === 'elicit' ? response.action : ''}`);
      return text(`Hello ${JSON.stringify(response.content)}`);
    },
  );
  server.registerTool('visit', { description: 'Wants a page visited.', inputSchema: z.object({}) }, (args, { mcpReq }) => {
    note('visit', args);
    const response = inputResponse(mcpReq.inputResponses, 'page');
    if (response.kind === 'missing')
      return inputRequired({
        inputRequests: { page: inputRequired.elicitUrl({ message: 'Sign in there.', url: 'https://id.example.com/sign-in' }) },
      });
    return text(response.kind === 'elicit' ? response.action : response.kind);
  });
  server.registerTool(
    'form',
    {
      description: 'Needs more.',
      inputSchema: z.object({ about: z.string(), name: z.string().optional(), level: z.string().optional() }),
    },
    (args) => {
      note('form', args);
      if (args.name !== undefined && args.level !== undefined) return text(`Made for ${args.name}: ${args.about}, ${args.level}`);
      const fields = [
        { name: 'name', label: 'Your name' },
        { name: 'level', type: 'select', options: ['low', 'high'] },
      ];
      return text(JSON.stringify({ type: 'elicitation', elicitation_type: 'form', fields }));
    },
  );
  return server;
}
