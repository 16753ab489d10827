import {
  McpServer,
  type CallToolResult,
  type RegisteredTool,
  type ServerContext,
  type ServerOptions,
} from '@modelcontextprotocol/server';
import { isAllowed, type Actor } from '../directory/index.ts';
import { failSpan, traced, type Log, type OperationFigures, type ToolMeter } from '../observe/index.ts';
import { approvalOf } from './approval.ts';
import { callTool, type IncomingCall } from './call-tool.ts';
import { Conversation, UserNeeded, type ConversationServices } from './conversation.ts';
import { registerUserAuth } from './register-user-auth.ts';
import { registerResources } from './resources.ts';
import { refused, resultCode } from './result.ts';
import { namedRun } from './runs.ts';
import { tools } from './tools/index.ts';
import { advertised, toJson, type Tool, type ToolServices } from './tools/tool.ts';
import { operationOf } from './tools/user-auth/operations.ts';
import { instructionsFor, isSelected, type Selection } from './toolsets.ts';

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

/** The tools of a selection, as clients see them. @param actor who may be shown not all of them. */
export function listTools(selection: Selection, actor?: Actor) {
  const shown = advertisedTools.filter(({ tool }) => isSelected(tool, selection) && (!actor || isAllowed(actor, tool.scope)));
  return shown.map(({ listed }) => listed);
}

/** What a server says of itself. */
export const serverInfo = (version: string) => ({ name: 'tandem', title: 'Tandem directory', version });

const capabilities = { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true } };

export type ServerServices = ToolServices & {
  log: Log;
  conversations: ConversationServices;
  meter?: ToolMeter | undefined;
  /** Of the UserAuth module. */
  figures: OperationFigures;
};

/** More on each server than Tandem has; the fixtures of the conformance suite are one. */
export interface ServerExtension {
  /** Checks a state that comes back from a client and is not Tandem's own. */
  requestState: NonNullable<ServerOptions['requestState']>;
  register(server: McpServer): void;
}

/** A server with the tools of a selection, which may change while a session of the 2025 era goes on. */
export interface SelectedServer {
  server: McpServer;
  /** Has other tools from now on, and tells the client that its list has changed. */
  select: (selection: Selection) => void;
}

/**
 * Makes an MCP server for either era: the tools that its address has and its caller may call, and each user, group and schema
 * as a resource.
 * @param made.isSession whether it stays while what is on may change.
 * @param made.called the tool for whose call alone the server is made, if so: the rest is then left out, since in the 2026 era
 *   each call has a server of its own, and registering everything would be a good part of its cost.
 */
export function createServer(
  services: ServerServices,
  selection: Selection,
  extension: ServerExtension | undefined,
  { isSession, called }: { isSession: boolean; called?: string | undefined },
): SelectedServer {
  const { states } = services.conversations;
  let selected = advertisedTools.filter(({ tool }) => isSelected(tool, selection));
  const registered = new Map<string, RegisteredTool>();
  let userAuth: ReturnType<typeof registerUserAuth> = [];
  const server = new McpServer(serverInfo(services.version), {
    instructions: instructionsFor(selection),
    capabilities,
    // Each tool that comes or goes would be told of alone.
    debouncedNotificationMethods: ['notifications/tools/list_changed'],
    requestState: { verify: states.verify(extension?.requestState.verify) },
    // Questions of the 2025 era are asked while the call waits (conversation.ts), so that the window may answer first.
  });
  const register = ({ tool, config }: AdvertisedTool) => {
    const handle = server.registerTool(tool.name, config, async (args: unknown, context: ServerContext) => {
      const actor = actorOf(context);
      const request = { ...callOf(context), access: accessOf(context) };
      const tell = request.onProgress;
      const conversation = new Conversation(services.conversations, { server, context, actor, tool: tool.name, args, tell });
      const incoming: IncomingCall = {
        ...request,
        conversation,
        approvalOf: (call) => approvalOf(services.directory, conversation, actor, call),
      };
      const begun = performance.now();
      let result = 'INTERNAL_ERROR';
      try {
        return await traced(`tools/call ${tool.name}`, spanOf(tool.name, context), async (span) => {
          try {
            const answer = fitting(await callTool(services, tool, actor, args, incoming), tool, context);
            result = resultCode(answer);
            if (answer.isError) failSpan(span?.setAttribute('tandem.refusal', result), 'tool_error');
            return answer;
          } catch (error) {
            if (!(error instanceof UserNeeded)) throw error;
            result = 'INPUT_REQUIRED';
            return conversation.toResult(error);
          }
        });
      } finally {
        const { tenant } = actor;
        const ms = performance.now() - begun;
        services.meter?.({ tool: tool.name, result, ms, tenant, client: actor });
        if (tool.toolset === 'user-auth')
          services.figures.count(tenant, operationOf(args) ?? tool.name.replace('user-auth_', ''), result, ms);
      }
    });
    registered.set(tool.name, handle);
  };
  const select = (next: Selection) => {
    selected = advertisedTools.filter(({ tool }) => isSelected(tool, next));
    const names = new Set(selected.map(({ tool }) => tool.name));
    for (const [name, handle] of registered) handle.enabled = names.has(name);
    for (const each of selected) if (!registered.has(each.tool.name)) register(each);
    server.sendToolListChanged();
    const hasUserAuth = next.toolsets.has('user-auth');
    if (userAuth.every(({ enabled }) => enabled === hasUserAuth)) return;
    for (const part of userAuth) part.enabled = hasUserAuth;
    server.sendPromptListChanged();
    server.sendResourceListChanged();
  };
  const only = called === undefined ? undefined : selected.find(({ tool }) => tool.name === called);
  if (only) {
    register(only);
    return { server, select };
  }
  selected.forEach(register);
  registerResources(server, services.directory, actorOf);
  // A session can get them later only if it has them from its start.
  if (isSession || selection.toolsets.has('user-auth')) userAuth = registerUserAuth(server, { ...services, actorOf, accessOf });
  for (const part of userAuth) part.enabled = selection.toolsets.has('user-auth');
  // Fixtures bring tools of their own, which only the SDK's list has.
  if (extension) extension.register(server);
  else
    server.server.setRequestHandler('tools/list', (_request, context) => {
      const actor = actorOf(context);
      return { tools: selected.filter(({ tool }) => isAllowed(actor, tool.scope)).map(({ listed }) => listed) };
    });
  return { server, select };
}

/** What is read is refused where it is larger than its caller may get; what was done is told in any case. */
function fitting(answer: CallToolResult, { scope }: Tool, { http }: ServerContext): CallToolResult {
  const max = http?.authInfo?.extra?.['resultBytes'];
  if (scope !== 'scim:read' || typeof max !== 'number') return answer;
  const { content, _meta: meta } = answer;
  const bytes = content.reduce((sum, part) => sum + (part.type === 'text' ? Buffer.byteLength(part.text) : 0), 0);
  if (bytes <= max) return answer;
  const error = `The answer would have ${bytes} bytes, and this access gets at most ${max}. Ask for fewer at once, or for fewer attributes.`;
  return refused({ error, error_code: 'TOO_LARGE' }, meta ?? {});
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

/** By OpenTelemetry's conventions for MCP servers. The id of the session is a secret, and that of the request the client's own. */
function spanOf(tool: string, { mcpReq: { _meta } }: ServerContext) {
  return {
    kind: 'server' as const,
    remote: _meta,
    attributes: { 'mcp.method.name': 'tools/call', 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': tool },
  };
}

/** The access behind the request; the door has put it there. */
function accessOf({ http }: ServerContext): string {
  const access = http?.authInfo?.extra?.['access'];
  return typeof access === 'string' ? access : '';
}

const progressSteps = 100;

/** What a tool needs of the request that calls it. Progress is told in at most a hundred steps, each larger than the last. */
function callOf({ mcpReq: { _meta, notify, signal } }: ServerContext): Pick<IncomingCall, 'signal' | 'onProgress'> {
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
