import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { abandoned, admitAll, calledBy, isAbandoned } from '../../observe/index.ts';
import { bodyTooLarge, readBodies } from './body.ts';
import { callerOf as admittedOf, tokenOf } from './caller.ts';
import { contextRoutes } from './context-routes.ts';
import { restRoot, type AdmittedCaller, type RestDoorOptions, type RestGround } from './ground.ts';
import { openApi } from './openapi.ts';
import { Problem, problemBody, problemType, toProblem } from './problem.ts';
import { promptRoute } from './prompt-route.ts';
import { Streams } from './streams.ts';
import { taskRoutes } from './task-routes.ts';

/** The door for applications: contexts, prompts and tasks over HTTP (seed 004), below `/api/v1/mcp`. */
export function createRestDoor(options: RestDoorOptions): { routes: FastifyPluginAsync; close(): void } {
  const { origin, log, admit = admitAll } = options;
  const streams = new Streams();

  const callerOf = async (request: FastifyRequest, reply: FastifyReply): Promise<AdmittedCaller> => {
    const token = tokenOf(request);
    const caller = token === undefined ? undefined : await options.authenticate(token);
    if (!caller)
      throw new Problem(
        401,
        'UNAUTHORIZED',
        request.headers.authorization === undefined
          ? 'Sign in first: send an access token or access key as Authorization: Bearer.'
          : 'This access token is not valid here: it is unknown, expired, revoked, or for another server.',
      );
    calledBy(caller);
    const admission = admit(caller, reply.raw);
    if (admission.refusal) throw new Problem(429, 'RATE_LIMITED', admission.refusal.message);
    const { bodyBytes, resultBytes } = admission;
    if (Number(request.headers['content-length'] ?? 0) > bodyBytes) throw bodyTooLarge(bodyBytes);
    options.access.called(caller.access);
    const refusal = options.refusal(caller);
    if (refusal) throw new Problem(403, 'FORBIDDEN', refusal.message, { scope: refusal.scope });
    return { ...caller, bodyBytes, resultBytes };
  };

  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const told = toProblem(error);
    if (!told && isAbandoned(error, reply.raw)) log.info(abandoned);
    else if (!told) log.error({ err: error }, 'a request of the contexts service failed');
    const problem = told ?? new Problem(500, 'INTERNAL', 'Something went wrong in Tandem. Its log says what.');
    const { status, scope } = problem;
    if (status === 401 || scope !== undefined) {
      const sent = request.headers.authorization !== undefined;
      const why = scope === undefined ? 'invalid_token' : 'insufficient_scope';
      const parts = `${sent ? `error="${why}", ` : ''}scope="${scope ?? 'scim:read scim:write'}"`;
      reply.header('www-authenticate', `Bearer ${parts}, resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`);
    }
    // Limits have said so themselves, on the raw response.
    if ((status === 429 && problem.code !== 'RATE_LIMITED') || status === 503) reply.header('retry-after', '1');
    return reply
      .code(status)
      .type(problemType)
      .send(JSON.stringify(problemBody(problem)));
  };

  const protect = async (fastify: FastifyInstance): Promise<void> => {
    readBodies(fastify);
    fastify.decorateRequest('caller');
    // Before the body is read: nobody unknown sends megabytes.
    fastify.addHook('onRequest', async (request, reply) => {
      reply.headers({ 'cache-control': 'private, no-store', 'x-content-type-options': 'nosniff' });
      if (!options.enabled)
        throw new Problem(404, 'DISABLED', 'The contexts service is switched off: mcp.enabled in settings.json.');
      request.setDecorator('caller', await callerOf(request, reply));
    });
    fastify.addHook('onSend', async (request, reply, payload) => {
      if (request.method !== 'GET' || typeof payload !== 'string' || reply.statusCode >= 400) return payload;
      const { resultBytes } = admittedOf(request);
      const bytes = Buffer.byteLength(payload);
      if (bytes <= resultBytes) return payload;
      const message = `The answer would have ${bytes} bytes, and this access gets at most ${resultBytes}. Ask for fewer at once.`;
      const problem = new Problem(400, 'TOO_LARGE', message);
      reply.code(problem.status).type(problemType).removeHeader('content-length');
      return JSON.stringify(problemBody(problem));
    });
    fastify.setErrorHandler(refuse);
    fastify.setNotFoundHandler(async () => {
      throw new Problem(404, 'NOT_FOUND', `Nothing is at this address. ${origin}${restRoot}/openapi.json says what there is.`);
    });
    const ground: RestGround = { ...options, streams };
    await fastify.register(contextRoutes(ground));
    await fastify.register(promptRoute(ground));
    await fastify.register(taskRoutes(ground));
  };

  return {
    routes: async (fastify) => {
      const document = JSON.stringify(openApi(options));
      await fastify.register(
        async (open) => open.get('/openapi.json', async (_request, reply) => reply.type('application/json').send(document)),
        { prefix: restRoot },
      );
      await fastify.register(protect, { prefix: restRoot });
    },
    close: () => streams.close(),
  };
}
