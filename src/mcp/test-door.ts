import { mkdtempSync, rmSync } from 'node:fs';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import Fastify from 'fastify';
import { pino } from 'pino';
import { expect } from 'vitest';
import { Demo } from '../demo/index.ts';
import { Directory, type Scope } from '../directory/index.ts';
import { createMcpDoor, type McpDoorOptions, type McpPrincipal } from './index.ts';
import { tools } from './tools/index.ts';

/** Tokens of the test's callers: `tenant:scopes`, for example `default:scim:read+scim:write`. */
function principalOf(token: string): McpPrincipal | undefined {
  const match = /^([\w-]+):([\w:+]+)(?:#(\w+))?$/.exec(token);
  if (!match) return undefined;
  const [, tenant = '', scopes = '', id = 'agent'] = match;
  return {
    clientId: id,
    access: id,
    canStepUp: id === 'oauth',
    actor: { id, name: 'Agent', kind: 'agent', door: 'mcp', tenant, scopes: scopes.split('+') as Scope[] },
  };
}

export const writer = 'default:scim:read+scim:write';

/** Signs, as far as tests need it, where the app encrypts. */
export const sealing: McpDoorOptions['sealing'] = {
  seal: async (text) => `${Buffer.from(text).toString('base64url')}.${signature(text)}`,
  async open(sealed) {
    const [body = '', signed] = sealed.split('.');
    const text = Buffer.from(body, 'base64url').toString();
    return signed === signature(text) ? text : undefined;
  },
};
const signature = (text: string) => createHmac('sha256', 'a key of the tests').update(text).digest('base64url');

const absentPart = () => {
  throw new Error('the tests of this room have no authorization server');
};
const absent: McpDoorOptions['userAuth'] = {
  authenticate: absentPart,
  checkPermission: absentPart,
  startSignIn: absentPart,
  signInPage: absentPart,
  signedIn: absentPart,
  finishSignIn: absentPart,
  sessions: absentPart,
  revokeSession: absentPart,
  introspect: absentPart,
};

/** The door on a port of its own, with a directory of the tenants `default` and `other`. */
export async function startDoor({
  folder = mkdtempSync(join(tmpdir(), 'tandem-mcp-')),
  clock = () => new Date(),
  ...more
}: { folder?: string; clock?: () => Date } & Pick<Partial<McpDoorOptions>, 'answerMs' | 'holdMs' | 'toolsets'> = {}) {
  const directory = await Directory.open(join(folder, 'directory.db'), { clock });
  await directory.tenants.add({ id: 'other', name: 'Other' });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const demo = Demo.open(join(folder, 'demo.db'), { clock });
  const door = createMcpDoor({
    ...more,
    directory,
    demo,
    userAuth: absent,
    sealing,
    origin,
    version: '0.0.0',
    log: pino({ level: 'silent' }),
    authenticate: async (token) => principalOf(token),
    access: { stands: () => true, watch: () => () => {}, called: () => {} },
  });
  const fastify = Fastify({ serverFactory: (handler) => server.on('request', handler) });
  await fastify.register(door.routes);
  await fastify.ready();
  return {
    directory,
    demo,
    url: `${origin}/mcp`,
    /** Where every tool is, also those that are left out at `/mcp`. */
    all: `${origin}/mcp/x/all`,
    folder,
    /** Ends it; what it has stored goes unless another one is to be started on it. */
    async close({ keep = false } = {}) {
      await door.close();
      server.closeAllConnections();
      server.close();
      await fastify.close();
      await directory.close();
      demo.close();
      if (!keep) rmSync(folder, { recursive: true });
    },
  };
}

export type Era = '2025' | '2026';

/** A client of the current SDK, of either era. */
export async function connect(url: string, era: Era, token = writer): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1' },
    era === '2026' ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {},
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { authorization: `Bearer ${token}` } } }),
  );
  return client;
}

/** What the tests need of a client, of whichever SDK. */
export interface ToolClient {
  callTool(request: {
    name: string;
    arguments?: Record<string, unknown>;
    _meta?: Record<string, unknown>;
  }): Promise<Record<string, unknown>>;
  listTools(): Promise<{ tools: { name: string }[] }>;
  close(): Promise<void>;
}

const ofEra =
  (era: Era) =>
  (url: string, token?: string): Promise<ToolClient> =>
    connect(url, era, token) as Promise<unknown> as Promise<ToolClient>;

/** Clients of both SDKs and both eras. */
export const connectors: [name: string, connectTo: (url: string, token?: string) => Promise<ToolClient>][] = [
  ['current SDK, 2026 era', ofEra('2026')],
  ['current SDK, 2025 era', ofEra('2025')],
  [
    'SDK v1',
    async (url, token = writer) => {
      const client = new ClientV1({ name: 'v1', version: '1' });
      const requestInit = { headers: { authorization: `Bearer ${token}` } };
      await client.connect(new TransportV1(new URL(url), { requestInit }));
      return client;
    },
  ],
];

/** Calls a tool and checks what holds for every result: both forms say the same, and it fits the tool's output schema. */
export async function call(client: ToolClient, name: string, args: Record<string, unknown> = {}) {
  const result = await client.callTool({ name, arguments: args });
  const [{ text }] = result['content'] as [{ text: string }];
  expect(JSON.parse(text)).toEqual(result['structuredContent']);
  const structured = result['structuredContent'] as {
    success: boolean;
    content: Record<string, unknown> & { error_code?: string; error?: string };
    metadata: Record<string, unknown>;
  };
  expect(result['_meta']).toMatchObject(structured.metadata);
  expect(structured.success).toBe(result['isError'] !== true);
  tools.find((tool) => tool.name === name)?.output.parse(structured);
  return structured;
}
