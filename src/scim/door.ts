import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { DirectoryError, resourceTypes, type Actor, type Directory, type ResourceType, type Scope } from '../directory/index.ts';
import { abandoned, admitAll, calledBy, isAbandoned, openEnded, type Admit, type Log } from '../observe/index.ts';
import { bodyTooLarge, readBodies } from './body.ts';
import { runBulk } from './bulk.ts';
import { Discovery } from './discovery.ts';
import { badRequest, errorBody, ScimError, toScimError } from './errors.ts';
import { answerPoll, type EventPolls } from './event-poll.ts';
import { listAll, listType } from './list.ts';
import { openPages } from './open-pages.ts';
import { collections, doorLimits, mediaType } from './protocol.ts';
import { namesIn, projectionFrom, queryFrom, queryFromSearch } from './query.ts';
import type { Caller } from './resource.ts';
import { Resources, type Answer, type Target } from './resources.ts';

export interface ScimDoorOptions {
  directory: Directory;
  /** `http://127.0.0.1:PORT`, where the door is reached and its authorization server is found. */
  origin: string;
  version: string;
  log: Log;
  /** @returns whom a bearer token stands for; undefined if it is not valid here. */
  authenticate(token: string): Promise<{ actor: Actor; expiresAt?: number; access: string } | undefined>;
  /** What is told of the access behind a request: that it is used, and what to end when it stands no more. */
  access: { watch(access: string, end: () => void): () => void; called(access: string): void };
  /** Whether a caller may come in just now; everybody, if absent. */
  admit?: Admit | undefined;
  events: EventPolls;
}

/** The door for provisioning clients and scripts. */
export interface ScimDoor {
  /** Fastify plugin with the routes below `/scim/v2`. */
  routes: FastifyPluginAsync;
  close(): Promise<void>;
}

const root = '/scim/v2';
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
type Method = (typeof methods)[number];

/** One request on its way: who asks, and for what. */
interface Exchange {
  caller: Caller;
  request: FastifyRequest;
  reply: FastifyReply;
  /** The last part of the path. */
  id: string;
  query: Record<string, unknown>;
}

type Handler = (exchange: Exchange) => Answer | Promise<Answer>;

/**
 * SCIM 2.0 over HTTP (RFC 7644), below `/scim/v2` for the tenant of the access, and below `/scim/v2/t/TENANT` for clients whose
 * configuration names the tenant. Each write goes through the directory with the version that If-Match expects.
 */
export function createScimDoor(options: ScimDoorOptions): ScimDoor {
  const { directory, origin, log, admit = admitAll } = options;
  const resources = new Resources(directory);
  const discovery = new Discovery(directory, options.events);
  const closing = new AbortController();

  /** @throws ScimError 401, and 404 for a tenant in the path that is not the access's own, whether it exists or not. */
  const callerOf = async (request: FastifyRequest): Promise<Caller> => {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const principal = token === undefined ? undefined : await options.authenticate(token);
    if (!principal)
      throw new ScimError(
        401,
        request.headers.authorization === undefined
          ? 'Sign in first: send an access token or access key as Authorization: Bearer.'
          : 'This access token is not valid here: it is unknown, expired, revoked, or for another server.',
      );
    const actor: Actor = { ...principal.actor, door: 'scim' };
    calledBy(actor);
    const { tenant } = request.params as { tenant?: string };
    if (tenant !== undefined && tenant !== actor.tenant) throw new ScimError(404, 'There is no such tenant.');
    const { strict, requireVersion } = directory.tenants.get(actor.tenant).settings;
    const base = tenant === undefined ? origin + root : `${origin}${root}/t/${tenant}`;
    const { expiresAt, access } = principal;
    return {
      actor,
      access,
      base,
      lenient: !strict,
      requireVersion,
      bodyBytes: Infinity,
      resultBytes: Infinity,
      ...(expiresAt !== undefined && { expiresAt }),
    };
  };

  /** Says where to sign in and what to ask for (RFC 6750 §3, RFC 9728 §5.1). */
  const challenge = (scope: string, error?: 'invalid_token' | 'insufficient_scope'): string =>
    `Bearer ${error ? `error="${error}", ` : ''}scope="${scope}", resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`;

  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = toScimError(error, []) ?? requestError(error);
    if (!refusal && isAbandoned(error, reply.raw)) log.info(abandoned);
    else if (!refusal) log.error({ err: error }, 'a SCIM request failed');
    const { status, message, scimType, extensions } =
      refusal ?? new ScimError(500, 'Something went wrong in Tandem. Its log says what.');
    if (status === 401) {
      const sent = request.headers.authorization !== undefined;
      reply.header('www-authenticate', challenge('scim:read scim:write', sent ? 'invalid_token' : undefined));
    }
    const missing = missingScope(refusal);
    if (missing) {
      // Who asks for what is missing alone would lose what it has.
      const { scopes } = request.getDecorator<Caller>('caller').actor;
      reply.header('www-authenticate', challenge([...scopes, missing].join(' '), 'insufficient_scope'));
    }
    const seconds = status === 503 ? 1 : retryAfterSeconds(refusal);
    if (seconds !== undefined) reply.header('retry-after', String(seconds));
    return send(reply, { status, body: errorBody(status, message, scimType, extensions) });
  };

  /** Runs a handler; what the directory refuses is told in terms of the schemas that the route is about. */
  const run = (handler: Handler, types: readonly ResourceType[]) => async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = request.getDecorator<Caller>('caller');
    try {
      const { id = '' } = request.params as { id?: string };
      const answer = await handler({ caller, request, reply, id, query: request.query as Record<string, unknown> });
      const isRead = request.method === 'GET' || request.routeOptions.url?.endsWith('/.search') === true;
      return send(reply, answer, isRead ? caller.resultBytes : Infinity);
    } catch (error) {
      throw (
        toScimError(
          error,
          types.map((type) => directory.schemas(caller.actor, type)),
        ) ?? error
      );
    }
  };

  const routes: FastifyPluginAsync = async (fastify) => {
    /** A path with what it does for each method; other methods are told which there are. */
    const route = (
      url: string,
      handlers: Partial<Record<Method, Handler>>,
      {
        types = resourceTypes,
        bodyLimit = doorLimits.bodyBytesMax,
      }: { types?: readonly ResourceType[]; bodyLimit?: number } = {},
    ): void => {
      const allowed = methods.filter((method) => handlers[method]);
      for (const method of allowed) {
        const handler = handlers[method];
        if (handler) fastify.route({ method, url, bodyLimit, handler: run(handler, types) });
      }
      const others = methods.filter((method) => !handlers[method]);
      fastify.route({
        method: [...others, 'OPTIONS'],
        url,
        handler: async (_request, reply) => {
          reply.header('allow', allowed.join(', '));
          throw new ScimError(405, `This address takes ${allowed.join(', ')} only.`);
        },
      });
    };
    const isAllowedToRead = ({ caller: { actor }, query }: Exchange) => {
      directory.tenants.allow(actor, 'scim:read');
      if (query['filter'] !== undefined)
        throw new ScimError(403, 'What the server says of itself cannot be filtered (RFC 7644 §4).');
    };
    const discover = (answer: (exchange: Exchange) => Answer) => ({
      GET: (exchange: Exchange) => {
        isAllowedToRead(exchange);
        return answer(exchange);
      },
    });

    for (const type of resourceTypes) {
      const path = `/${collections[type]}`;
      const bodyLimit = type === 'Group' ? doorLimits.largeBodyBytesMax : doorLimits.bodyBytesMax;
      const about = { types: [type], bodyLimit };
      route(
        path,
        {
          GET: ({ caller, query }) => listType(directory, caller, type, queryFrom(query)),
          POST: ({ caller, request, query }) => resources.create(caller, type, request.body, projectionFrom(query)),
        },
        about,
      );
      route(
        `${path}/.search`,
        search((caller, query) => listType(directory, caller, type, query)),
        about,
      );
      route(
        `${path}/:id`,
        {
          GET: (exchange) => resources.get(exchange.caller, target(exchange, type)),
          PUT: (exchange) => resources.replace(exchange.caller, target(exchange, type), exchange.request.body),
          PATCH: (exchange) => resources.patch(exchange.caller, target(exchange, type), exchange.request.body),
          DELETE: (exchange) => resources.delete(exchange.caller, target(exchange, type)),
        },
        about,
      );
    }
    const me = async (exchange: Exchange) => target({ ...exchange, id: await resources.me(exchange.caller) }, 'User');
    route(
      '/Me',
      {
        GET: async (exchange) => resources.get(exchange.caller, await me(exchange)),
        PUT: async (exchange) => resources.replace(exchange.caller, await me(exchange), exchange.request.body),
        PATCH: async (exchange) => resources.patch(exchange.caller, await me(exchange), exchange.request.body),
        DELETE: async (exchange) => resources.delete(exchange.caller, await me(exchange)),
      },
      { types: ['User'] },
    );
    route('/', { GET: ({ caller, query }) => listAll(directory, caller, queryFrom(query)) });
    route(
      '/.search',
      search((caller, query) => listAll(directory, caller, query)),
    );
    route(
      '/Bulk',
      {
        POST: ({ caller, request, reply }) =>
          runBulk(directory, caller, request.body, AbortSignal.any([closing.signal, goneSignal(reply)])),
      },
      { bodyLimit: doorLimits.largeBodyBytesMax },
    );
    route('/events/:id', {
      POST: async ({ caller, request, reply, id }) => {
        directory.tenants.allow(caller.actor, 'scim:read');
        openEnded();
        const signal = AbortSignal.any([closing.signal, goneSignal(reply)]);
        const answer = await answerPoll(options.events, caller, id, request.body, signal);
        // It may have waited for long: the access may have ended meanwhile, and the tenant been suspended.
        directory.tenants.allow((await callerOf(request)).actor, 'scim:read');
        return answer;
      },
    });
    route(
      '/Schemas',
      discover(({ caller, query }) => discovery.schemas(caller, namesIn(query, 'fields') ?? [])),
    );
    route(
      '/Schemas/:id',
      discover(({ caller, id }) => discovery.schema(caller, id)),
    );
    route(
      '/ResourceTypes',
      discover(({ caller }) => discovery.resourceTypes(caller)),
    );
    route(
      '/ResourceTypes/:id',
      discover(({ caller, id }) => discovery.resourceType(caller, id)),
    );
    route(
      '/ServiceProviderConfig',
      discover(({ caller }) => discovery.serviceProviderConfig(caller, origin)),
    );
  };

  const protect = async (fastify: FastifyInstance): Promise<void> => {
    readBodies(fastify);
    fastify.decorateRequest('caller');
    // Before the body is read: nobody unknown sends megabytes.
    fastify.addHook('onRequest', async (request, reply) => {
      reply.headers({ 'cache-control': 'private, no-cache', 'x-content-type-options': 'nosniff' });
      const known = await callerOf(request);
      const admission = admit({ tenant: known.actor.tenant, access: known.access }, reply.raw);
      const { bodyBytes, resultBytes } = admission.refusal ? known : admission;
      const caller: Caller = { ...known, bodyBytes, resultBytes };
      request.setDecorator('caller', caller);
      if (admission.refusal) throw new ScimError(429, admission.refusal.message);
      if (Number(request.headers['content-length'] ?? 0) > bodyBytes) throw bodyTooLarge(bodyBytes);
      options.access.called(caller.access);
      // A poll waits, and a bulk request runs, for long: both are cut off with their access.
      const unwatch = options.access.watch(caller.access, () => reply.raw.destroy());
      reply.raw.once('close', unwatch);
    });
    fastify.setErrorHandler(refuse);
    fastify.setNotFoundHandler(async () => {
      throw new ScimError(404, `Nothing is at this address. ${origin}${root}/docs says what there is.`);
    });
    await fastify.register(routes);
    await fastify.register(routes, { prefix: '/t/:tenant' });
  };

  return {
    routes: async (fastify) => {
      await fastify.register(openPages(options), { prefix: root });
      await fastify.register(protect, { prefix: root });
    },
    async close() {
      closing.abort();
    },
  };
}

function search(list: (caller: Caller, query: ReturnType<typeof queryFromSearch>) => Promise<Answer>) {
  return { POST: ({ caller, request }: Exchange) => list(caller, queryFromSearch(request.body, caller)) };
}

function target({ request, id, query }: Exchange, type: ResourceType): Target {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
  return { type, id, conditions: { ifMatch, ifNoneMatch }, projection: projectionFrom(query) };
}

/** Aborted when the client has gone before its answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

/** @throws ScimError `tooMany` where the answer is larger than its caller may get. */
function send(reply: FastifyReply, { status, body, headers = {} }: Answer, bytesMax = Infinity): FastifyReply {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const bytes = text === undefined || text.length * 3 <= bytesMax ? 0 : Buffer.byteLength(text);
  if (bytes > bytesMax)
    throw badRequest(
      'tooMany',
      `The answer would have ${bytes} bytes, and this access gets at most ${bytesMax}. Ask for fewer with count, or for fewer attributes.`,
    );
  reply.code(status).headers(headers);
  return text === undefined ? reply.send() : reply.type(headers['content-type'] ?? mediaType).send(text);
}

/** The scope for want of which a request was refused. */
function missingScope(refusal: ScimError | undefined): Scope | undefined {
  return refusal?.cause instanceof DirectoryError ? refusal.cause.scope : undefined;
}

/** When whoever was refused may come back, in seconds, as RFC 9110 §10.2.3 wants them: whole ones; 0 is at once. */
function retryAfterSeconds(refusal: ScimError | undefined): number | undefined {
  const { cause } = refusal ?? {};
  if (!(cause instanceof DirectoryError)) return undefined;
  const ms = cause.conflict?.recorded?.retryAfterMs ?? cause.retryAfterMs;
  return ms === undefined ? undefined : Math.ceil(ms / 1000);
}

/** What the HTTP server refused before a handler saw it. */
function requestError(error: unknown): ScimError | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new ScimError(415, `Send Content-Type: ${mediaType}, or application/json.`);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new ScimError(413, 'The request is larger than this address takes.');
  if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH')
    return badRequest('invalidSyntax', 'The body is not as long as Content-Length says.');
  // Whoever sends half a body and goes is no failure of this server.
  if (code === 'ECONNRESET') return badRequest('invalidSyntax', 'The body did not arrive.');
  return undefined;
}
