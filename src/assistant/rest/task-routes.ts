import type { FastifyPluginAsync } from 'fastify';
import { askerOf, idOf } from './caller.ts';
import type { RestGround } from './ground.ts';
import { parse } from './problem.ts';
import { streamTask } from './prompt-route.ts';
import { ownerQuery, tasksQuery, type Answers } from './schemas.ts';
import { toTask } from './wire.ts';

/** Tasks, and how the service is. */
export function taskRoutes(ground: RestGround): FastifyPluginAsync {
  const { service, version } = ground;
  return async (fastify) => {
    fastify.route({
      method: 'GET',
      url: '/tasks',
      handler: async (request): Promise<Answers['TaskList']> => {
        const { user_id: userId, context_id: contextId, limit, cursor, status, type } = parse(tasksQuery, request.query, 'query');
        const asker = askerOf(request, userId);
        // Where the page before has ended must still be known.
        if (cursor !== undefined) service.task(asker, cursor);
        const found = service.tasks(asker, {
          limit: limit + 1,
          ...(contextId !== undefined && { contextId }),
          ...(status && { status }),
          ...(type && { type }),
          ...(cursor !== undefined && { before: cursor }),
        });
        const tasks = found.slice(0, limit).map((task) => toTask(task));
        const last = found.length > limit ? tasks.at(-1)?.id : undefined;
        return { tasks, ...(last !== undefined && { next_cursor: last }) };
      },
    });

    fastify.route({
      method: 'GET',
      url: '/tasks/:taskID',
      handler: async (request, reply) => {
        const { user_id: userId } = parse(ownerQuery, request.query, 'query');
        const asker = askerOf(request, userId);
        const id = idOf(request, 'taskID');
        const task = service.task(asker, id);
        if (/\btext\/event-stream\b/.test(request.headers.accept ?? ''))
          return streamTask(ground, { request, reply, asker, task, withContext: false });
        const nodes = task.status === 'running' ? service.nodesOfTask(asker, id).map(({ node }) => node) : [];
        return toTask(task, nodes) satisfies Answers['Task'];
      },
    });

    fastify.route({
      method: 'GET',
      url: '/health',
      handler: async (_request, reply): Promise<Answers['Health']> => {
        const stats = service.health();
        const isWell = stats !== undefined && stats.models.available > 0;
        if (!isWell) reply.code(503);
        return {
          status: isWell ? 'ok' : 'degraded',
          version,
          parts: {
            database: { status: stats ? 'ok' : 'failed' },
            worker: {
              status: stats ? 'ok' : 'failed',
              running: stats?.running ?? 0,
              waiting_for_answer: stats?.waitingForAnswer ?? 0,
            },
            models: {
              status: (stats?.models.available ?? 0) > 0 ? 'ok' : 'failed',
              available: stats?.models.available ?? 0,
              total: stats?.models.total ?? 0,
            },
            queue: stats?.queue ?? { low: 0, medium: 0, high: 0 },
          },
          tasks: stats?.tasks ?? { completed: 0, failed: 0, cancelled: 0 },
        };
      },
    });

    fastify.route({
      method: 'GET',
      url: '/models',
      handler: async (): Promise<Answers['ModelList']> => {
        const standard = service.defaultModel();
        return {
          models: service.models().map(({ id, label, provider, available, detail, contextTokens }) => ({
            id,
            label,
            provider,
            available,
            ...(detail !== undefined && { detail }),
            context_tokens: contextTokens,
            is_default: id === standard,
            aliases: service.aliasesOf(id),
          })),
        };
      },
    });
  };
}
