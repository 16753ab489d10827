/** The fake MCP server on standard input and output; says what its environment and its process are. */
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

void serveStdio(() => {
  const server = new McpServer({ name: 'fake-stdio', version: '1' }, { capabilities: { tools: {} } });
  server.registerTool('who', { description: 'Says who it is.', inputSchema: z.object({}) }, () => ({
    content: [
      {
        type: 'text',
        text: JSON.stringify({ pid: process.pid, secret: process.env['FAKE_SECRET'], path: process.env['LEAK'] ?? null }),
      },
    ],
  }));
  return server;
});
