import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Asker, Task } from '../context.ts';
import { hasEnded } from '../tasks/worker.ts';
import { askedOf, askerOf, callerOf, goneSignal, idOf, tokenOf } from './caller.ts';
import { restRoot, type RestGround } from './ground.ts';
import { parse, problemOf } from './problem.ts';
import { promptBody, type Answers } from './schemas.ts';
import { beginEvents } from './streams.ts';
import { TaskStream } from './task-stream.ts';
import { toCompletion, toContext, toTask } from './wire.ts';

/** Prompts: streamed, or waited for as long as `timeout` says. */
export function promptRoute(ground: RestGround): FastifyPluginAsync {
  const { service, waitMs } = ground;
  return async (fastify) => {
    fastify.route({
      method: 'POST',
      url: '/contexts/:contextID/prompt',
      handler: async (request, reply) => {
        const body = parse(promptBody, request.body, 'body');
        const asker = askerOf(request, body.user_id);
        const taken = await service.addPrompt(asker, idOf(request, 'contextID'), {
          ...askedOf(request),
          prompt: body.prompt,
          ...(body.metadata && { metadata: body.metadata }),
          ...(body.priority && { priority: body.priority }),
        });
        const withContext = body.return_context ?? false;
        if (body.stream) return streamTask(ground, { request, reply, asker, task: taken, withContext });

        const wait = preferredWait(request) ?? waitMs;
        const task = await endOf(asker, taken.id, AbortSignal.any([AbortSignal.timeout(wait), goneSignal(reply)]));
        if (!hasEnded(task)) {
          const { nodes } = service.context(asker, idOf(request, 'contextID'));
          reply.code(202).header('location', `${restRoot}/tasks/${task.id}`).header('retry-after', '1');
          return { task: toTask(task, nodes) } satisfies Answers['TaskTaken'];
        }
        if (task.status !== 'completed') throw problemOf(task);
        return toCompletion(task, withContext ? contextOf(asker, task) : undefined);
      },
    });
  };

  async function endOf(asker: Asker, id: string, signal: AbortSignal): Promise<Task> {
    try {
      return await service.ended(asker, id, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return service.task(asker, id);
    }
  }

  function contextOf(asker: Asker, { contextId = '' }: Task): Answers['Context'] {
    const { context, nodes } = service.context(asker, contextId);
    return toContext(context, nodes);
  }
}

/** Answers with a task's events, from the last one that the client has seen. */
export function streamTask(
  ground: RestGround,
  options: { request: FastifyRequest; reply: FastifyReply; asker: Asker; task: Task; withContext: boolean },
): FastifyReply {
  const { request, reply, asker, task, withContext } = options;
  const { raw } = reply.hijack();
  const lastEventId = request.headers['last-event-id'];
  beginEvents(raw);
  const stream = new TaskStream({
    service: ground.service,
    asker,
    task,
    raw,
    withContext,
    lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined,
  });
  ground.streams.add(stream, raw, async () => {
    const caller = await ground.authenticate(tokenOf(request) ?? '');
    return caller !== undefined && ground.refusal(caller) === undefined;
  });
  raw.once(
    'close',
    ground.access.watch(callerOf(request).access, () => stream.end()),
  );
  return reply;
}

/** How long the client wants to wait (RFC 7240), in milliseconds; never longer than the door does. */
function preferredWait(request: FastifyRequest): number | undefined {
  const prefer = String(request.headers['prefer'] ?? '');
  if (/\brespond-async\b/.test(prefer)) return 0;
  const [, seconds] = /\bwait=(\d{1,3})\b/.exec(prefer) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
