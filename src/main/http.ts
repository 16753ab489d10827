import type { Server } from 'node:http';
import fastifyHelmet from '@fastify/helmet';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
} from 'fastify';
import type { Log } from '../observe/index.ts';
import { errorBody as scimError, mediaType as scimMediaType } from '../scim/index.ts';

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
  /** Absent in Electron, whose window uses no HTTP. */
  window: FastifyPluginAsync | undefined;
}

/**
 * The HTTP server's frame: who may call at all (Host and Origin), limits, the log, and errors that no room has handled.
 * @param server already listening on 127.0.0.1; nothing is answered until this resolves.
 */
export async function serveHttp(options: {
  server: Server;
  origin: string;
  version: string;
  log: Log;
  routes: Routes;
}): Promise<FastifyInstance> {
  const { server, origin, routes } = options;
  const log: FastifyBaseLogger = options.log.child({ part: 'http' });
  const hosts = new Set([new URL(origin).host, `localhost:${new URL(origin).port}`]);
  const origins = new Set([...hosts].map((host) => `http://${host}`));
  const fastify = Fastify({
    serverFactory: (handler) => server.on('request', handler),
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyMax,
    routerOptions: { maxParamLength: 5000 },
    // An address that no router can read, such as one with a broken escape; no hook sees it.
    frameworkErrors: (error, request, reply: FastifyReply) => {
      log.info({ method: request.method, path: request.url.split('?', 1)[0], status: 400 }, 'refused');
      refuse(request.url, reply, 400, { error: 'invalid_request', message: error.message });
    },
  });

  fastify.addHook('onRequest', (request, reply, done) => {
    const { host, origin: caller } = request.headers;
    if (host !== undefined && hosts.has(host) && (caller === undefined || origins.has(caller))) return done();
    const message =
      host === undefined || !hosts.has(host)
        ? 'This server answers only under 127.0.0.1 and localhost.'
        : 'Web pages of other origins may not call this server.';
    request.log.warn({ host, caller }, 'a request of a foreign host or origin was refused');
    refuse(request.url, reply, 403, { error: 'forbidden', message });
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    if (reply.statusCode >= 400)
      request.log.info(
        {
          method: request.method,
          path: request.url.split('?', 1)[0],
          status: reply.statusCode,
          ms: Math.round(reply.elapsedTime),
        },
        'refused',
      );
    done();
  });
  fastify.setErrorHandler((error, request, reply) => {
    const status =
      error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
    if (status < 500 && error instanceof Error)
      return reply.code(status).send({ error: 'invalid_request', message: error.message });
    request.log.error({ err: error }, 'a request failed');
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

  fastify.get('/health', async () => ({ status: 'ok', version: options.version }));
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
  return fastify;
}

/** Answers what no room has seen, in the form that callers of the address expect. */
function refuse(url: string, reply: FastifyReply, status: number, body: { error: string; message: string }): void {
  const [path = ''] = url.split('?', 1);
  reply.code(status);
  if (path === '/mcp' || path.startsWith('/mcp/'))
    void reply.send({ jsonrpc: '2.0', error: { code: -32_000, message: body.message }, id: null });
  else if (path.startsWith('/scim/v2')) void reply.type(scimMediaType).send(JSON.stringify(scimError(status, body.message)));
  else void reply.send(body);
}
