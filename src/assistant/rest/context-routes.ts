import type { FastifyPluginAsync } from 'fastify';
import type { Answer, Asker, ContextNode, Task } from '../context.ts';
import { AssistantError } from '../service.ts';
import { askedOf, askerOf, idOf, ownerOf } from './caller.ts';
import { restRoot, type RestGround } from './ground.ts';
import { parse } from './problem.ts';
import { addNodeBody, answerContent, contextsQuery, createContextBody, ownerQuery, type Answers } from './schemas.ts';
import { toContext, toNode, toSummary, toTask } from './wire.ts';

/** Contexts and their nodes. */
export function contextRoutes({ service }: RestGround): FastifyPluginAsync {
  const whole = (asker: Asker, id: string): Answers['Context'] => {
    const { context, nodes } = service.context(asker, id);
    return toContext(context, nodes);
  };

  return async (fastify) => {
    fastify.route({
      method: 'POST',
      url: '/contexts',
      handler: async (request, reply): Promise<Answers['ContextCreated']> => {
        const body = parse(createContextBody, request.body, 'body');
        const owner = ownerOf(request, body.user_id);
        const { task, context } = await service.createContext(owner, {
          ...askedOf(request),
          ...(body.model_id !== undefined && { modelId: body.model_id }),
          ...(body.nodes && { nodes: body.nodes.map(toInput) }),
          ...(body.metadata && { metadata: body.metadata }),
          ...(body.priority && { priority: body.priority }),
        });
        reply.code(201).header('location', `${restRoot}/contexts/${context.id}`);
        return {
          context_id: context.id,
          task: toTask(task),
          ...(body.return_context && { context: whole(owner, context.id) }),
        };
      },
    });

    fastify.route({
      method: 'GET',
      url: '/contexts',
      handler: async (request): Promise<Answers['ContextList']> => {
        const { user_id: userId, search, limit, cursor } = parse(contextsQuery, request.query, 'query');
        const asker = askerOf(request, userId);
        // Where the page before has ended must still be known.
        if (cursor !== undefined) service.context(asker, cursor);
        const found = service.contexts(asker, {
          limit: limit + 1,
          ...(search !== undefined && { search }),
          ...(cursor !== undefined && { before: cursor }),
        });
        const contexts = found.slice(0, limit).map(toSummary);
        const last = found.length > limit ? contexts.at(-1)?.id : undefined;
        return { contexts, ...(last !== undefined && { next_cursor: last }) };
      },
    });

    fastify.route({
      method: 'GET',
      url: '/contexts/:contextID',
      handler: async (request): Promise<Answers['Context']> => {
        const { user_id: userId } = parse(ownerQuery, request.query, 'query');
        return whole(askerOf(request, userId), idOf(request, 'contextID'));
      },
    });

    fastify.route({
      method: 'DELETE',
      url: '/contexts/:contextID',
      handler: async (request): Promise<Answers['TaskTaken']> => {
        const { user_id: userId } = parse(ownerQuery, request.query, 'query');
        const asker = askerOf(request, userId);
        return { task: toTask(await service.deleteContext(asker, idOf(request, 'contextID'), askedOf(request))) };
      },
    });

    fastify.route({
      method: 'POST',
      url: '/contexts/:contextID/nodes',
      handler: async (request, reply): Promise<Answers['NodeAdded']> => {
        const { user_id: userId, return_context: returnContext, priority, ...node } = parse(addNodeBody, request.body, 'body');
        const asker = askerOf(request, userId);
        const id = idOf(request, 'contextID');
        reply.code(201);
        const added: { node: ContextNode; task?: Task } =
          node.content_type === 'answer'
            ? { node: await answer(asker, id, node.content) }
            : await service.addNode(asker, id, { ...toInput(node), ...askedOf(request), ...(priority && { priority }) });
        return {
          node: toNode(added.node),
          ...(added.task && { task: toTask(added.task) }),
          ...(returnContext && { context: whole(asker, id) }),
        };
      },
    });

    fastify.route({
      method: 'DELETE',
      url: '/contexts/:contextID/nodes/:nodeID',
      handler: async (request): Promise<Answers['TaskTaken']> => {
        const { user_id: userId } = parse(ownerQuery, request.query, 'query');
        const asker = askerOf(request, userId);
        const task = await service.deleteNode(asker, idOf(request, 'contextID'), idOf(request, 'nodeID'), askedOf(request));
        return { task: toTask(task) };
      },
    });
  };

  /** Answers what a run asks. The node is the question's own, which has the answer then. */
  function answer(asker: Asker, contextId: string, content: string): Promise<ContextNode> {
    const { question_id: questionId, ...given } = parse(answerContent, jsonOf(content), 'body');
    return service.answer(asker, contextId, questionId, given as Answer);
  }
}

function jsonOf(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw new AssistantError('INVALID', 'An answer is JSON with question_id, action and content.', 'content');
  }
}

function toInput({
  content,
  content_type: contentType,
  metadata,
}: {
  content: string;
  content_type: string;
  metadata?: Record<string, unknown> | undefined;
}) {
  return { content, contentType, ...(metadata && { metadata }) };
}
