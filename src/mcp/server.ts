import {
  McpServer,
  ResourceNotFoundError,
  ResourceTemplate,
  type ServerContext,
  type ServerOptions,
} from '@modelcontextprotocol/server';
import { DirectoryError, nameOf, type Actor } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { callTool } from './call-tool.ts';
import { toScimUser, userUri } from './scim-user.ts';
import { tools } from './tools/index.ts';
import { advertised, type ToolServices } from './tools/tool.ts';

const listedResourcesMax = 100;

/** Converted once: a server is made for each request of the 2026 era. */
const advertisedTools = tools.map((tool) => ({
  tool,
  config: {
    title: tool.title,
    description: tool.description,
    annotations: { title: tool.title, ...tool.annotations },
    inputSchema: advertised(tool.input, 'input'),
    outputSchema: advertised(tool.output, 'output'),
  },
}));

type AdvertisedTool = (typeof advertisedTools)[number];

const instructions =
  'Tandem keeps a directory of people that administrators and AI agents edit at the same time. Get a user before you change it, send the whole record back ' +
  'with expected_version, and on VERSION_MISMATCH read what changed before you try again.';

export type ServerServices = ToolServices & { log: Log };

/** More on each server than Tandem has; the fixtures of the conformance suite are one. */
export interface ServerExtension {
  /** Checks a state that comes back from a client. Tandem's own tools give none. */
  requestState: NonNullable<ServerOptions['requestState']>;
  register(server: McpServer): void;
}

/**
 * Makes an MCP server for either era: all tools, and each user as a resource.
 * @param called the tool for whose call alone the server is made, if so: the rest is then left out, since in the 2026 era
 *   each call has a server of its own, and registering everything would be a good part of its cost.
 */
export function createServer(services: ServerServices, extension?: ServerExtension, called?: string): McpServer {
  const server = new McpServer(
    { name: 'tandem', title: 'Tandem directory', version: services.version },
    {
      instructions,
      capabilities: { tools: { listChanged: false }, resources: { subscribe: true, listChanged: true } },
      ...(extension && { requestState: extension.requestState }),
    },
  );
  const register = ({ tool, config }: AdvertisedTool) =>
    server.registerTool(tool.name, config, (args: unknown, context: ServerContext) =>
      callTool(services, tool, actorOf(context), args),
    );
  const only = called === undefined ? undefined : advertisedTools.find(({ tool }) => tool.name === called);
  if (only) {
    register(only);
    return server;
  }
  advertisedTools.forEach(register);
  server.registerResource(
    'user',
    new ResourceTemplate('scim://{tenant}/Users/{id}', { list: (context) => listUsers(services, actorOf(context)) }),
    { title: 'User', description: 'A user of the directory, as scim_get_user returns it.', mimeType: 'application/scim+json' },
    (uri, { id }, context) => readUser(services, actorOf(context), uri, String(id)),
  );
  extension?.register(server);
  return server;
}

/** The Actor that the door has put beside the request (door.ts). */
function actorOf(context: ServerContext): Actor {
  const actor = context.http?.authInfo?.extra?.['actor'];
  if (actor === undefined) throw new Error('a request reached a tool without its actor');
  return actor as Actor;
}

async function listUsers({ directory }: ServerServices, actor: Actor) {
  const { rows } = await directory.list(actor, 'User', { startIndex: 1, count: listedResourcesMax });
  return {
    resources: rows.map((user) => ({
      uri: userUri(user.tenant, user.resource.id),
      name: nameOf(user.resource),
      mimeType: 'application/scim+json',
    })),
  };
}

async function readUser({ directory }: ServerServices, actor: Actor, uri: URL, id: string) {
  try {
    if (uri.href !== userUri(actor.tenant, id)) throw new ResourceNotFoundError(uri.href);
    const found = await directory.get(actor, 'User', id);
    return { contents: [{ uri: uri.href, mimeType: 'application/scim+json', text: JSON.stringify(toScimUser(found)) }] };
  } catch (error) {
    if (error instanceof DirectoryError && error.code === 'NOT_FOUND') throw new ResourceNotFoundError(uri.href);
    throw error;
  }
}
