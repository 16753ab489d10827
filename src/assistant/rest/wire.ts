import type { Context, ContextNode, Question, Task, Usage } from '../context.ts';
import type { Answers } from './schemas.ts';

/** How contexts, nodes and tasks are written in bodies. */

export function toNode({ id, content, contentType, metadata, created }: ContextNode): Answers['Node'] {
  return { id, content, content_type: contentType, metadata, created_at: created };
}

function toUsage({ inputTokens, outputTokens, cost }: Usage): Answers['Context']['usage'] {
  return { input_tokens: inputTokens, output_tokens: outputTokens, ...(cost !== undefined && { cost }) };
}

export function toSummary(context: Context): Answers['ContextSummary'] {
  const { id, title, modelId, owner, metadata, usage, created, updated, expires } = context;
  return {
    id,
    title,
    model_id: modelId,
    ...(owner.userId !== '' && { user_id: owner.userId }),
    metadata,
    usage: toUsage(usage),
    created_at: created,
    updated_at: updated,
    expires_at: expires,
  };
}

export function toContext(context: Context, nodes: readonly ContextNode[]): Answers['Context'] {
  return { ...toSummary(context), nodes: nodes.map(toNode) };
}

/** @param nodes of the task's context, where the questions are to be shown that wait. */
export function toTask(task: Task, nodes: readonly ContextNode[] = []): Answers['Task'] {
  const { id, type, contextId, owner, priority, status, input, output, error, attempts, created, started, ended } = task;
  const questions = status === 'running' ? pending(id, nodes) : [];
  return {
    id,
    type,
    ...(contextId !== undefined && { context_id: contextId }),
    ...(owner.userId !== '' && { user_id: owner.userId }),
    priority,
    status,
    input,
    ...(output && { output }),
    ...(error && { error }),
    attempts,
    created_at: created,
    ...(started !== undefined && { started_at: started }),
    ...(ended !== undefined && { ended_at: ended }),
    ...(questions.length > 0 && { questions }),
  };
}

function pending(task: string, nodes: readonly ContextNode[]): Record<string, unknown>[] {
  return nodes
    .filter(({ contentType, metadata }) => contentType === 'question' && metadata.task === task)
    .map(({ content }) => JSON.parse(content) as Question)
    .filter(({ state }) => state === 'pending')
    .map(({ draft: _draft, state: _state, ...question }) => question);
}

/** The end of a prompt that has come to it. */
export function toCompletion(task: Task, context: Answers['Context'] | undefined): Answers['Completion'] {
  const {
    completion = '',
    model_id: modelId = '',
    finish = 'answered',
    usage,
  } = (task.output ?? {}) as Partial<Answers['Completion']>;
  return {
    task: toTask(task),
    completion,
    model_id: modelId,
    finish,
    usage: usage ?? { input_tokens: 0, output_tokens: 0 },
    ...(context && { context }),
  };
}
