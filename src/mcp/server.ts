import { McpServer, type ServerContext, type ServerOptions } from '@modelcontextprotocol/server';
import { isAllowed, type Actor } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { approvalOf, UserNeeded, verifyState } from './approval.ts';
import { callTool, type IncomingCall } from './call-tool.ts';
import { registerResources } from './resources.ts';
import { namedRun } from './runs.ts';
import { tools } from './tools/index.ts';
import { advertised, toJson, type ToolServices } from './tools/tool.ts';

/** Converted once: a server is made for each request of the 2026 era. */
const advertisedTools = tools.map((tool) => {
  const { name, title, description } = tool;
  const annotations = { title, ...tool.annotations };
  const inputSchema = toJson(tool.input, 'input');
  const outputSchema = toJson(tool.output, 'output');
  return {
    tool,
    listed: { name, title, description, inputSchema, annotations, outputSchema },
    config: { title, description, annotations, inputSchema: advertised(inputSchema), outputSchema: advertised(outputSchema) },
  };
});

type AdvertisedTool = (typeof advertisedTools)[number];

const instructions =
  'Tandem keeps a directory of people and groups that administrators and AI agents edit at the same time. To change a few fields, patch (scim_patch_user, scim_patch_group, scim_modify_group_members). ' +
  'To replace a record, get it first and send the whole of it back with expected_version. On VERSION_MISMATCH read what changed before you try again. ' +
  'To find somebody, search or list with a filter, and ask with fields for no more than you need; metadata says what was left out and how to get it.';

export type ServerServices = ToolServices & { log: Log };

/** More on each server than Tandem has; the fixtures of the conformance suite are one. */
export interface ServerExtension {
  /** Checks a state that comes back from a client and is not Tandem's own. */
  requestState: NonNullable<ServerOptions['requestState']>;
  register(server: McpServer): void;
}

/**
 * Makes an MCP server for either era: the tools that its caller may call, and each user, group and schema as a resource.
 * @param called the tool for whose call alone the server is made, if so: the rest is then left out, since in the 2026 era
 *   each call has a server of its own, and registering everything would be a good part of its cost.
 */
export function createServer(services: ServerServices, extension?: ServerExtension, called?: string): McpServer {
  const server = new McpServer(
    { name: 'tandem', title: 'Tandem directory', version: services.version },
    {
      instructions,
      capabilities: { tools: { listChanged: false }, resources: { subscribe: true, listChanged: true } },
      requestState: { verify: verifyState(extension?.requestState.verify) },
      // Questions of the 2025 era are asked while the call waits, so that the window may answer first (approval.ts).
    },
  );
  const register = ({ tool, config }: AdvertisedTool) =>
    server.registerTool(tool.name, config, async (args: unknown, context: ServerContext) => {
      const actor = actorOf(context);
      const incoming: IncomingCall = {
        ...callOf(context),
        approvalOf: (call) => approvalOf(services.directory, server, actor, context, call),
      };
      try {
        return await callTool(services, tool, actor, args, incoming);
      } catch (error) {
        if (error instanceof UserNeeded) return error.toResult(context);
        throw error;
      }
    });
  const only = called === undefined ? undefined : advertisedTools.find(({ tool }) => tool.name === called);
  if (only) {
    register(only);
    return server;
  }
  advertisedTools.forEach(register);
  registerResources(server, services.directory, actorOf);
  // Fixtures bring tools of their own, which only the SDK's list has.
  if (extension) extension.register(server);
  else
    server.server.setRequestHandler('tools/list', (_request, context) => {
      const actor = actorOf(context);
      return { tools: advertisedTools.filter(({ tool }) => isAllowed(actor, tool.scope)).map(({ listed }) => listed) };
    });
  return server;
}

/** The Actor that the door has put beside the request (door.ts), with the run that the call names, if it does. */
function actorOf(context: ServerContext): Actor {
  const { http, mcpReq } = context;
  const actor = http?.authInfo?.extra?.['actor'];
  if (actor === undefined) throw new Error('a request reached a tool without its actor');
  const { _meta: meta } = mcpReq;
  const run = namedRun(meta);
  return run === undefined ? (actor as Actor) : { ...(actor as Actor), run };
}

const progressSteps = 100;

/** What a tool needs of the request that calls it. Progress is told in at most a hundred steps, each larger than the last. */
function callOf({ mcpReq: { _meta, notify, signal } }: ServerContext): Omit<IncomingCall, 'approvalOf'> {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return { signal };
  let told = 0;
  return {
    signal,
    onProgress(progress, total, message) {
      if (progress <= told || (progress < total && progress - told < total / progressSteps)) return;
      told = progress;
      // A client that has gone hears nothing, and is no reason to stop.
      notify({
        method: 'notifications/progress',
        params: { progressToken, progress, total, ...(message !== undefined && { message }) },
      }).catch(() => {});
    },
  };
}
