import type { IncomingMessage } from 'node:http';
import { toNodeHandler, type NodeIncomingMessageLike } from '@modelcontextprotocol/node';
import {
  classifyInboundRequest,
  createMcpHandler,
  isInitializeRequest,
  type McpHttpHandler,
  type McpRequestContext,
} from '@modelcontextprotocol/server';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import {
  isAllowed,
  toolsets,
  type Actor,
  type Change,
  type Directory,
  type Escalation,
  type Toolset,
} from '../directory/index.ts';
import {
  abandoned,
  admitAll,
  calledBy,
  isAbandoned,
  openEnded,
  OperationFigures,
  type Admit,
  type Log,
  type ToolMeter,
} from '../observe/index.ts';
import type { Demo } from '../demo/index.ts';
import { readJsonBodies, tooDeep } from './body.ts';
import { seenRequest, type SeenRequest } from './caller.ts';
import { discover, plainDiscovery } from './plain-discovery.ts';
import { createRequestStates, type Sealing } from './request-state.ts';
import { Runs } from './runs.ts';
import { jsonRpcCodes, rpcCodes, rpcErrorOf, type RpcCode } from './rpc-error.ts';
import { conflictReportUri, escalationUri, resourceUri } from './scim-resource.ts';
import { createServer, type ServerExtension, type ServerServices } from './server.ts';
import { Sessions } from './sessions.ts';
import { tools } from './tools/index.ts';
import type { Tool } from './tools/tool.ts';
import {
  isAddress,
  isSelected,
  selectionOf,
  whereIs,
  type Address,
  type Selection,
  type ToolsetChoices,
  type ToolsetSettings,
} from './toolsets.ts';
import type { UserAuth } from './user-auth.ts';
import { WaitingQuestions } from './waiting-questions.ts';

/** Who a valid token stands for. */
export interface McpPrincipal {
  actor: Actor;
  clientId: string;
  /** Whether its client can ask the authorization server for more (OAuth), or must live with what it has (a key). */
  canStepUp: boolean;
  /** Seconds since the epoch. */
  expiresAt?: number;
  /** Names the access for McpAccess. */
  access: string;
}

/** What the door asks about the access behind a request that runs on, and tells of it. */
export interface McpAccess {
  stands(access: string): boolean;
  /** Calls `end` once, at once, when it stands no more. @returns a function that ends the watch. */
  watch(access: string, end: () => void): () => void;
  /** Counts a call. */
  called(access: string): void;
}

export interface McpDoorOptions {
  directory: Directory;
  demo: Demo;
  userAuth: UserAuth;
  /** `http://127.0.0.1:PORT`, where the door is reached and its authorization server is found. */
  origin: string;
  version: string;
  log: Log;
  /** @returns whom a bearer token stands for; undefined if it is not valid here. */
  authenticate(token: string): Promise<McpPrincipal | undefined>;
  access: McpAccess;
  /** Whether a caller may come in just now; everybody, if absent. */
  admit?: Admit | undefined;
  /** Seals what clients keep for a call that waits for their user. */
  sealing: Sealing;
  /** What was chosen of the toolsets; absent, what is usual is on. */
  toolsets?: ToolsetSource | undefined;
  /** How long a call waits for its client's user, in milliseconds. */
  answerMs?: number | undefined;
  /** How long a call of the 2026 era is held for a page that the person still has open, in milliseconds. */
  holdMs?: number | undefined;
  extension?: ServerExtension | undefined;
  /** Told of each tool call that was answered. */
  meter?: ToolMeter | undefined;
  /** Told of each request of a client that may ask. It must not throw. */
  seen?: ((request: SeenRequest) => void) | undefined;
}

/** What was chosen of the toolsets, beside what tenants' own settings say. */
export interface ToolsetSource {
  settings(): ToolsetSettings;
  ofClient(clientId: string): readonly Toolset[] | undefined;
  /** Calls the listener after any of it may have changed. @returns what ends it. */
  onChange(listener: () => void): () => void;
}

/** The door for AI clients. */
export interface McpDoor {
  /** Fastify plugin with the route `/mcp` and those below it that have some of the tools only. */
  routes: FastifyPluginAsync;
  /** Sessions of 2025-era clients that are open, and the resources that they subscribed to. */
  counts(): { sessions: number; subscriptions: number };
  close(): Promise<void>;
}

/** How long a call may go on whose access has ended. */
const lastAnswerMs = 500;
const methods = ['POST', 'GET', 'DELETE'] as const;
const recheckMs = 30_000;
const listChangedMs = 250;
/** Under contention there are hundreds of conflicts a second. */
const reportChangedMs = 1000;

/**
 * MCP over Streamable HTTP for both protocol eras: 2026-07-28, where each request stands alone, and the 2025 revisions with
 * their sessions. Subscriptions of both are fed by the directory's changes, each tenant by its own only.
 */
export function createMcpDoor(options: McpDoorOptions): McpDoor {
  const { directory, log, admit = admitAll } = options;
  const runs = new Runs();
  const { answerMs, holdMs, version } = options;
  const states = createRequestStates(options.sealing);
  const conversations = { states, waiting: new WaitingQuestions(), answerMs, holdMs };
  const services: ServerServices = { ...options, conversations, figures: new OperationFigures() };
  const sessions = new Sessions((selection) => createServer(services, selection, options.extension, { isSession: true }));
  const choicesOf = ({ tenant, client }: { tenant: string; client: string }): ToolsetChoices => ({
    settings: options.toolsets?.settings() ?? {},
    tenant: directory.tenants.exists(tenant) ? directory.tenants.get(tenant).settings.toolsets : undefined,
    client: options.toolsets?.ofClient(client),
  });
  /** For each tenant, since a handler tells all its subscribers of a change, one for each selection of tools. */
  const handlers = new Map<string, Map<string, Handler>>();
  const listChanged = new Map<string, NodeJS.Timeout>();
  const reportChanged = new Map<string, NodeJS.Timeout>();

  const handlerOf = (tenant: string, selection: Selection): Handler => {
    const ofTenant = handlers.get(tenant) ?? new Map<string, Handler>();
    handlers.set(tenant, ofTenant);
    const existing = ofTenant.get(selection.key);
    if (existing) return existing;
    const onerror = (error: Error) => log.debug({ err: error }, 'an MCP exchange failed');
    const handler = createMcpHandler(
      (context) => createServer(services, selection, options.extension, { isSession: false, called: calledTool(context) }).server,
      { legacy: 'reject', onerror },
    );
    const made = { ...handler, serve: toNodeHandler(handler, { onerror }) };
    ofTenant.set(selection.key, made);
    return made;
  };
  const handlersOf = (tenant: string) => [...(handlers.get(tenant)?.values() ?? [])];

  const unsubscribe = directory.onChange(({ tenant, type, id, operation }: Change) => {
    // Agents are no resources here.
    if (type === 'Agent') return;
    const uri = resourceUri(tenant, type, id);
    sessions.notifyUpdated(tenant, uri);
    for (const { notify } of handlersOf(tenant)) notify.resourceUpdated(uri);
    if (operation !== 'create' && operation !== 'delete' && operation !== 'recreate') return;
    // Many at once, such as an import, are one change of the list.
    if (listChanged.has(tenant)) return;
    const tell = () => {
      listChanged.delete(tenant);
      sessions.notifyListChanged(tenant);
      for (const { notify } of handlersOf(tenant)) notify.resourcesChanged();
    };
    listChanged.set(tenant, setTimeout(tell, listChangedMs));
  });

  const forget = directory.escalations.onChange(({ tenant, id, from, to }: Escalation) => {
    const uri = escalationUri(tenant, id);
    sessions.notifyOwners([ownerOf(tenant, from.id), ownerOf(tenant, to)], uri);
    for (const { notify } of handlersOf(tenant)) {
      // Who else has subscribed to it hears that something changed which it cannot read.
      notify.resourceUpdated(uri);
      notify.resourcesChanged();
    }
  });

  const endReports = directory.conflicts.onChange(({ tenant }) => {
    if (reportChanged.has(tenant)) return;
    const tell = () => {
      reportChanged.delete(tenant);
      sessions.notifyUpdated(tenant, conflictReportUri(tenant));
      for (const { notify } of handlersOf(tenant)) notify.resourceUpdated(conflictReportUri(tenant));
    };
    reportChanged.set(tenant, setTimeout(tell, reportChangedMs));
  });

  const chosen = () => {
    sessions.select(({ address, ...of }) => selectionOf(address, choicesOf(of)));
    // Of the 2026 era it is not known which of those who listen it concerns; they list again and find it the same.
    for (const tenant of handlers.keys()) for (const { notify } of handlersOf(tenant)) notify.toolsChanged();
  };
  const endChoices = [directory.tenants.onSettings(chosen), options.toolsets?.onChange(chosen)];

  const serve = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { principal, token }: Authenticated,
    address: Address,
    selection: Selection,
    resultBytes: number,
  ): Promise<void> => {
    const { actor, access } = principal;
    const owner = ownerOf(actor.tenant, actor.id);
    const sessionId = request.headers['mcp-session-id'];
    const run = runs.of(owner, typeof sessionId === 'string' ? sessionId : undefined);
    // The SDK's own type for Node's request leaves `undefined` out where Node's has it.
    const raw = request.raw as IncomingMessage & NodeIncomingMessageLike;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    raw.auth = {
      token,
      clientId: principal.clientId,
      scopes: [...actor.scopes],
      extra: { actor: { ...actor, run } satisfies Actor, access, gone: gone.signal, resultBytes },
      ...(principal.expiresAt === undefined ? {} : { expiresAt: principal.expiresAt }),
    };
    const body = request.method === 'POST' ? request.body : undefined;
    const legacy = sessionId !== undefined || body === undefined || isLegacy(request);
    if (!legacy) return forward(reply, () => handlerOf(actor.tenant, selection).serve(raw, reply.raw, body));

    if (typeof sessionId === 'string') {
      const session = sessions.find(sessionId, owner, address);
      if (!session)
        return refuse(
          request,
          reply,
          404,
          rpcCodes.unavailable,
          'There is no such session. Initialize again, without Mcp-Session-Id.',
        );
      sessions.keepFor(session, access, options.access);
      return forward(reply, () => sessions.handle(session, raw, reply.raw, body));
    }
    const first = Array.isArray(body) ? body[0] : body;
    if (!isInitializeRequest(first))
      return refuse(
        request,
        reply,
        400,
        rpcCodes.business,
        'This needs a session: send initialize first, then Mcp-Session-Id with each request.',
      );
    const session = await sessions.create({ owner, tenant: actor.tenant, client: principal.clientId, address }, selection);
    return forward(reply, () => sessions.handle(session, raw, reply.raw, body));
  };

  const authenticate = async (request: FastifyRequest): Promise<Authenticated | undefined> => {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const principal = token === undefined ? undefined : await options.authenticate(token);
    return token === undefined || principal === undefined ? undefined : { token, principal };
  };

  const challenge = (parts: string) =>
    `Bearer ${parts}resource_metadata="${options.origin}/.well-known/oauth-protected-resource/mcp"`;

  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { toolset } = request.params as { toolset?: string };
    const readOnly = request.routeOptions.url?.endsWith('/readonly') === true;
    const address: Address = { toolset, readOnly };
    if (!isAddress(address))
      return refuse(
        request,
        reply,
        404,
        rpcCodes.unavailable,
        `There is no such toolset. There are: ${toolsets.join(', ')}, all.`,
      );
    const known = await authenticate(request);
    const discovery = plainDiscovery(request);
    const sent = request.headers.authorization !== undefined;
    // What is told of the tools stands in the documentation too; who asks with a wrong token is told that it is wrong.
    if (discovery && !known && !sent)
      return void reply.send(
        discover(discovery, selectionOf(address, { settings: options.toolsets?.settings() ?? {} }), version),
      );
    if (!known) {
      // Whoever wants what changes nothing should not ask for more.
      const scope = readOnly ? 'scim:read' : 'scim:read scim:write';
      reply.header('www-authenticate', challenge(`${sent ? 'error="invalid_token", ' : ''}scope="${scope}", `));
      const message = sent
        ? 'This access token is not valid here: it is unknown, expired, revoked, or for another server. Sign in again.'
        : 'Sign in first: send an access token as Authorization: Bearer. The WWW-Authenticate header says where to get one.';
      return refuse(request, reply, 401, rpcCodes.authentication, message);
    }
    const { actor, canStepUp, clientId } = known.principal;
    calledBy(actor);
    const { access } = known.principal;
    const count = Array.isArray(request.body) ? Math.max(1, request.body.length) : 1;
    const admission = admit({ tenant: actor.tenant, access, count }, reply.raw);
    if (admission.refusal) {
      const { limit, message, retryAfterSeconds } = admission.refusal;
      const details = { limit, ...(retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds }) };
      return refuse(request, reply, 429, rpcCodes.rateLimit, message, details);
    }
    if (bytesOf(request) > admission.bodyBytes)
      return refuse(
        request,
        reply,
        413,
        jsonRpcCodes.invalidRequest,
        `The request is too large: at most ${admission.bodyBytes} bytes are taken from this access.`,
      );
    const choices = choicesOf({ tenant: actor.tenant, client: clientId });
    const selection = selectionOf(address, choices);
    if (discovery) return void reply.send(discover(discovery, selection, version, actor));
    const called = calledOf(request.body);
    if (called && !isSelected(called, selection))
      return refuse(request, reply, 200, jsonRpcCodes.invalidParams, whereIs(called, choices, address));
    const needed = called?.scopeFor?.(argumentsOf(request.body)) ?? called?.scope;
    const missing = canStepUp && needed && !isAllowed(actor, needed) ? needed : undefined;
    if (missing) {
      reply.header(
        'www-authenticate',
        challenge(`error="insufficient_scope", scope="${[...actor.scopes, missing].join(' ')}", `),
      );
      const message = `This needs the scope ${missing}, which this access does not have. Ask for it.`;
      void directory.audit.record(actor, { kind: 'refusal', event: 'FORBIDDEN', detail: { message } });
      return refuse(request, reply, 403, rpcCodes.authorization, message, { required_scope: missing });
    }
    if (request.method === 'GET' || isListen(request.body)) {
      if (!options.access.stands(access))
        return refuse(request, reply, 403, rpcCodes.authorization, 'This tenant is suspended. Ask its administrator.');
      openEnded();
      endWithToken(reply, () => options.authenticate(known.token));
    }
    if (isCall(request.body)) options.access.called(access);
    const seen = options.seen && seenRequest(actor.id, request.body);
    if (seen) options.seen?.(seen);
    // Whatever runs on, a stream or a long call, is cut off with its access; what is being answered just now still is.
    const unwatch = options.access.watch(access, () => setTimeout(() => reply.raw.destroy(), lastAnswerMs).unref());
    reply.raw.once('close', unwatch);
    return serve(request, reply, known, address, selection, admission.resultBytes);
  };

  return {
    routes: async (fastify) => {
      fastify.setErrorHandler((error, request, reply) => {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        const [status, rpc, message] = requestErrors[String(code)] ?? [
          500,
          jsonRpcCodes.internal,
          'Something went wrong in Tandem. Its log says what.',
        ];
        if (status === 500 && isAbandoned(error, reply.raw)) request.log.info(abandoned);
        else if (status === 500) request.log.error({ err: error }, 'an MCP request failed');
        return refuse(request, reply, status, rpc, message);
      });
      readJsonBodies(fastify);
      // Before a body is read, which says nothing about a method that there is not.
      const onRequest = async (request: FastifyRequest, reply: FastifyReply) =>
        refuse(
          request,
          reply.header('allow', methods.join(', ')),
          405,
          jsonRpcCodes.invalidRequest,
          `Use one of ${methods.join(', ')}.`,
        );
      for (const url of ['/mcp', '/mcp/readonly', '/mcp/x/:toolset', '/mcp/x/:toolset/readonly']) {
        fastify.route({ method: [...methods], url, handler: handle });
        fastify.route({ method: ['PUT', 'PATCH', 'OPTIONS'], url, onRequest, handler: handle });
      }
    },
    counts: () => sessions.counts(),
    async close() {
      unsubscribe();
      forget();
      endReports();
      for (const end of endChoices) end?.();
      for (const timer of [...listChanged.values(), ...reportChanged.values()]) clearTimeout(timer);
      await sessions.close();
      await Promise.all([...handlers.keys()].flatMap(handlersOf).map((handler) => handler.close()));
    },
  };
}

type Handler = McpHttpHandler & { serve: ReturnType<typeof toNodeHandler> };

/** Whose a session is. */
function ownerOf(tenant: string, actor: string): string {
  return `${tenant} ${actor}`;
}

/** The tool that a 2026-era request calls; the SDK has held this header against the body. */
function calledTool({ requestInfo }: McpRequestContext): string | undefined {
  const headers = requestInfo?.headers;
  return headers?.get('mcp-method') === 'tools/call' ? (headers.get('mcp-name') ?? undefined) : undefined;
}

/** As the SDK's own entry decides; asked here, since building a Request only to ask would cost a tenth of a call. */
function isLegacy({ method, headers, body }: FastifyRequest): boolean {
  const { 'mcp-protocol-version': version, 'mcp-method': called, 'mcp-name': name } = headers;
  const { kind } = classifyInboundRequest({
    httpMethod: method,
    ...(typeof version === 'string' && { protocolVersionHeader: version }),
    ...(typeof called === 'string' && { mcpMethodHeader: called }),
    ...(typeof name === 'string' && { mcpNameHeader: name }),
    body,
  });
  return kind === 'legacy';
}

interface Authenticated {
  token: string;
  principal: McpPrincipal;
}

const requestErrors: Record<string, [status: number, rpc: RpcCode, message: string]> = {
  FST_ERR_CTP_INVALID_JSON_BODY: [
    400,
    jsonRpcCodes.parse,
    'Parse error: the body is not valid JSON, or has a key such as __proto__ that is not taken.',
  ],
  [tooDeep]: [400, jsonRpcCodes.invalidRequest, 'Invalid request: the body is nested too deeply.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, jsonRpcCodes.parse, 'Parse error: the body is empty.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, jsonRpcCodes.invalidRequest, 'Send Content-Type: application/json.'],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, jsonRpcCodes.invalidRequest, 'The request is too large; at most 1 MB is taken.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, jsonRpcCodes.parse, 'Parse error: the body is not as long as Content-Length says.'],
  // Whoever sends half a body and goes is no failure of this server.
  ECONNRESET: [400, jsonRpcCodes.parse, 'Parse error: the body did not arrive.'],
};

/** An error before any MCP server has seen the request: HTTP status and JSON-RPC error. */
function refuse(
  { body }: FastifyRequest,
  reply: FastifyReply,
  status: number,
  code: RpcCode,
  message: string,
  details: Record<string, unknown> = {},
): void {
  void reply.code(status).send(rpcErrorOf(body, { code, message, details }));
}

/** Lets the SDK answer on the raw response; what it throws must not become a second answer. */
async function forward(reply: FastifyReply, answer: () => Promise<void>): Promise<void> {
  reply.hijack();
  try {
    await answer();
  } catch (error) {
    if (isAbandoned(error, reply.raw)) reply.log.info(abandoned);
    else reply.log.error({ err: error }, 'an MCP exchange failed');
    if (!reply.raw.headersSent) reply.raw.writeHead(500);
    reply.raw.end();
  }
}

function argumentsOf(body: unknown): unknown {
  return (body as { params?: { arguments?: unknown } | null } | null | undefined)?.params?.arguments;
}

/** The size of the body; where it came in pieces without a length, about that. */
function bytesOf({ headers, body }: FastifyRequest): number {
  const told = headers['content-length'];
  if (told !== undefined) return Number(told);
  return body === undefined ? 0 : Buffer.byteLength(JSON.stringify(body));
}

/** The tool that a request calls, if there is one of that name anywhere. */
function calledOf(body: unknown): Tool | undefined {
  const request = body as { method?: unknown; params?: { name?: unknown } | null } | null | undefined;
  return request?.method === 'tools/call' ? tools.find(({ name }) => name === request.params?.name) : undefined;
}

function isListen(body: unknown): boolean {
  return (body as { method?: unknown } | null | undefined)?.method === 'subscriptions/listen';
}

function isCall(body: unknown): boolean {
  return (body as { method?: unknown } | null | undefined)?.method === 'tools/call';
}

/** A stream has no next request at which its token would be checked; it ends when the token does. */
function endWithToken(reply: FastifyReply, check: () => Promise<unknown>): void {
  const timer = setInterval(() => {
    check().then(
      (valid) => valid ?? reply.raw.destroy(),
      () => reply.raw.destroy(),
    );
  }, recheckMs);
  reply.raw.once('close', () => clearInterval(timer));
}
