import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import fastifyCors from '@fastify/cors';
import fastifyHelmet from '@fastify/helmet';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { abandoned, beginSpan, failSpan, inCall, isAbandoned, type CallContext, type Log } from '../observe/index.ts';
import { Problem, problemBody, problemType } from '../assistant/index.ts';
import type { MeteredRequest } from '../observe/host.ts';
import { corsFor, isForPages, takeKeyHeader } from './browser-callers.ts';
import { rpcCodes, rpcErrorOf } from '../mcp/index.ts';
import { errorBody as scimError, mediaType as scimMediaType } from '../scim/index.ts';
import { refuseUnreadable } from './unreadable.ts';
import type { SecuritySettings } from './security-settings.ts';

const bodyMax = 1024 * 1024;

/** What the one HTTP server carries. Each room's routes have a scope of their own, with its parsers and errors. */
interface Routes {
  mcp: FastifyPluginAsync;
  scim: FastifyPluginAsync;
  contexts: FastifyPluginAsync;
  auth: FastifyPluginAsync;
  /** Pages of the demonstration's login. */
  demo: FastifyPluginAsync;
  control: FastifyPluginAsync;
  /** How Tandem is: health and metrics. */
  health: FastifyPluginAsync;
  /** Absent in Electron, whose window uses no HTTP. */
  window: FastifyPluginAsync | undefined;
}

/** The one HTTP server, once it answers. */
export interface HttpServer {
  /**
   * Refuses what comes from now on, but for questions about health and this user's own commands, and waits until what is being
   * answered is answered, streams and long polls left aside.
   * @param boundMs at most so long. @returns how many were not answered by then.
   */
  drain(boundMs: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * The HTTP server's frame: who may call at all (Host and Origin), limits, the log, and errors that no room has handled.
 * @param server already listening on 127.0.0.1; nothing is answered until this resolves.
 */
export async function serveHttp(options: {
  server: Server;
  origin: string;
  log: Log;
  /** As it is now; asked for each request. */
  security: () => SecuritySettings;
  /** Told of each request that was answered, with who made it as far as that is known. */
  meter: (request: MeteredRequest, call: CallContext) => void;
  routes: Routes;
}): Promise<HttpServer> {
  const { server, origin, routes, meter, security } = options;
  const drain = new Drain();
  const log: FastifyBaseLogger = options.log.child({ part: 'http' });
  const hosts = new Set([new URL(origin).host, `localhost:${new URL(origin).port}`]);
  const origins = new Set([...hosts].map((host) => `http://${host}`));
  const fastify = Fastify({
    serverFactory: (handler) => server.on('request', handler),
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    // Each line says of which request it is, also where a room logs (observe/journal.ts).
    childLoggerFactory: (logger) => logger,
    genReqId: ({ headers }) => givenId(headers['x-request-id']) ?? randomUUID(),
    bodyLimit: bodyMax,
    routerOptions: { maxParamLength: 5000 },
    clientErrorHandler: refuseUnreadable(log),
    // The absolute form names the host a second time (RFC 9112 §3.2.2). One that is ours is taken off, so that whatever looks at the
    // address sees its path; any other is refused below.
    rewriteUrl: ({ url = '/' }) => {
      const [, host, path] = /^http:\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
      if (host === undefined || path === undefined || !hosts.has(host.toLowerCase())) return url;
      return path.startsWith('/') ? path : `/${path}`;
    },
    // An address that no router can read, such as one with a broken escape; no hook sees it, and its message has the address in it.
    frameworkErrors: (_error, request, reply: FastifyReply) => {
      log.info({ method: request.method, path: request.url.split('?', 1)[0], status: 400 }, 'refused');
      refuse(request.url, reply, 400, {
        error: 'invalid_request',
        message: 'The address has a broken escape, or a part of it is too long.',
      });
    },
  });

  fastify.decorateRequest('call');
  fastify.addHook('onRequest', (request, reply, done) => {
    const call: CallContext = { requestId: request.id, door: doorOf(request.url) };
    // A window's stream, and those of MCP.
    if (request.headers.accept === 'text/event-stream') call.isOpenEnded = true;
    const span = beginRequestSpan(request, call.door);
    if (span) call.span = span;
    request.setDecorator('call', call);
    reply.raw.once('close', () => {
      drain.end(call);
      endRequestSpan(call, reply.raw.statusCode);
    });
    // On the raw response, since rooms may answer there.
    reply.raw.setHeader('x-request-id', request.id);
    // Of a room that says nothing of it: an answer may hold a key or a person's data, and is what its type says.
    reply.raw.setHeader('cache-control', 'no-store');
    reply.raw.setHeader('x-content-type-options', 'nosniff');
    if (drain.isClosing && call.door !== 'health' && call.door !== 'control') {
      reply.headers({ 'retry-after': String(retryAfterSeconds), connection: 'close' });
      refuse(request.url, reply, 503, { error: 'unavailable', message: 'Tandem is closing. Try again in some seconds.' });
      return;
    }
    drain.begin(call);
    inCall(call, done);
  });
  // Reading a body leaves the call's context.
  fastify.addHook('preValidation', (request, _reply, done) => inCall(request.getDecorator<CallContext>('call'), done));
  fastify.addHook('onRequest', (request, reply, done) => {
    const { host = '', origin: caller } = request.headers;
    // Node takes the first Host of several, where another reader may take the last (RFC 9112 §3.2 wants them refused).
    const isOwnHost = hosts.has(host) && request.url.startsWith('/') && request.raw.headersDistinct['host']?.length === 1;
    const isOwnPage = caller === undefined || origins.has(caller) || isForPages(request, caller, security());
    if (isOwnHost && isOwnPage) return done();
    const message = !isOwnHost
      ? 'This server answers only under 127.0.0.1 and localhost.'
      : 'Web pages of other origins may not call this server, but for those in security.cors.allowed_origins of settings.json.';
    request.log.warn({ host, caller }, 'a request of a foreign host or origin was refused');
    refuse(request.url, reply, 403, { error: 'forbidden', message });
  });
  await fastify.register(fastifyCors, {
    delegator: (request, done) => done(null, corsFor(request, security())),
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    // On the raw response, since rooms may answer there.
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
    const problem = takeKeyHeader(request, security());
    if (problem === undefined) return done();
    refuse(request.url, reply, 400, { error: 'invalid_request', message: problem });
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const call = request.getDecorator<CallContext>('call');
    const { statusCode: status, elapsedTime } = reply;
    const { method } = request;
    const route = request.routeOptions.url ?? 'none';
    meter({ door: call.door, route, method, status, ms: call.isOpenEnded ? undefined : elapsedTime }, call);
    if (status >= 400)
      inCall(call, () =>
        request.log.info({ method, path: request.url.split('?', 1)[0], status, ms: Math.round(elapsedTime) }, 'refused'),
      );
    done();
  });
  fastify.setErrorHandler((error, request, reply) => {
    const status =
      error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
    if (status < 500 && error instanceof Error)
      return reply.code(status).send({ error: 'invalid_request', message: error.message });
    if (isAbandoned(error, reply.raw)) request.log.info(abandoned);
    else request.log.error({ err: error }, 'a request failed');
    return reply.code(500).send({
      error: 'server_error',
      message: 'Something went wrong in Tandem. The log says what.',
    });
  });
  fastify.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({
      error: 'not_found',
      message: 'Nothing is at this address. AI clients connect to /mcp.',
    }),
  );

  await fastify.register(routes.health);
  await fastify.register(routes.mcp);
  await fastify.register(routes.scim);
  await fastify.register(routes.contexts);
  await fastify.register(routes.control);
  await fastify.register(async (pages) => {
    // `no-referrer`, the default, would make browsers send `Origin: null` with the consent form.
    await pages.register(fastifyHelmet, {
      global: true,
      contentSecurityPolicy: false,
      referrerPolicy: { policy: 'same-origin' },
    });
    await pages.register(routes.auth);
    await pages.register(routes.demo);
  });
  if (routes.window) await fastify.register(routes.window);
  await fastify.ready();
  return { drain: (boundMs) => drain.run(boundMs), close: () => fastify.close() };
}

/** By OpenTelemetry's conventions for HTTP servers, but without the path and the query, which have ids and names in them. */
function beginRequestSpan({ method, routeOptions: { url: route }, headers, raw }: FastifyRequest, door: string) {
  return beginSpan(route === undefined ? method : `${method} ${route}`, {
    kind: 'server',
    remote: headers,
    attributes: {
      'http.request.method': method,
      ...(route !== undefined && { 'http.route': route }),
      'url.scheme': 'http',
      'network.protocol.version': raw.httpVersion,
      'tandem.door': door,
    },
  });
}

function endRequestSpan({ span }: CallContext, status: number): void {
  span?.setAttribute('http.response.status_code', status);
  // What a client has done wrong is no error of a server's span.
  if (status >= 500) failSpan(span, String(status));
  span?.end();
}

/** Seconds after which whoever is refused at the end may come back: a restart takes less. */
const retryAfterSeconds = 5;

/** What is being answered, and the wait until it is. */
class Drain {
  isClosing = false;
  readonly #running = new Set<CallContext>();
  #check: () => void = () => {};

  begin(call: CallContext): void {
    this.#running.add(call);
  }

  end(call: CallContext): void {
    this.#running.delete(call);
    this.#check();
  }

  async run(boundMs: number): Promise<number> {
    this.isClosing = true;
    const left = () => [...this.#running].filter(({ isOpenEnded }) => isOpenEnded !== true).length;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, boundMs);
      this.#check = () => {
        if (left() > 0) return;
        clearTimeout(timer);
        resolve();
      };
      this.#check();
    });
    return left();
  }
}

/** A client's own id for a request, if it can stand in a log. */
function givenId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w.:-]{1,64}$/.test(header) ? header : undefined;
}

const doors: Record<string, string> = {
  mcp: 'mcp',
  scim: 'scim',
  api: 'assistant',
  trpc: 'window',
  open: 'window',
  assets: 'window',
  '': 'window',
  control: 'control',
  health: 'health',
  metrics: 'health',
};

/** Which door an address belongs to; whatever is left is sign-in's, or nobody's. */
function doorOf(url: string): string {
  const [first = ''] = url.slice(1).split(/[/?]/, 1);
  return Object.hasOwn(doors, first) ? (doors[first] ?? 'auth') : 'auth';
}

/** Answers what no room has seen, in the form that callers of the address expect. */
function refuse(url: string, reply: FastifyReply, status: number, body: { error: string; message: string }): void {
  const [path = ''] = url.split('?', 1);
  reply.code(status);
  if (path === '/mcp' || path.startsWith('/mcp/'))
    void reply.send(rpcErrorOf(undefined, { code: rpcCodeOf(status), message: body.message }));
  else if (path.startsWith('/scim/v2')) void reply.type(scimMediaType).send(JSON.stringify(scimError(status, body.message)));
  else if (path.startsWith('/api/v1/mcp/'))
    void reply.type(problemType).send(JSON.stringify(problemBody(new Problem(status, body.error.toUpperCase(), body.message))));
  else void reply.send(body);
}

function rpcCodeOf(status: number) {
  if (status === 403) return rpcCodes.authorization;
  return status === 503 ? rpcCodes.unavailable : rpcCodes.business;
}
