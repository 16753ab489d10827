import { z } from 'zod';
import { priorities, taskTypes } from '../context.ts';

/** The bodies of the REST door, once: they are checked with these schemas, and the OpenAPI document is made of them. */

const data = z.record(z.string(), z.unknown());
const userId = z
  .string()
  .min(1)
  .max(200)
  .describe('The person on whose behalf the caller acts. Contexts of one person are not found under another.');
const priority = z
  .enum(priorities)
  .describe('How soon it is taken; `medium` if absent. What waits becomes more urgent with time.');
const returnContext = z.boolean().describe('Whether the answer has the whole context.');
const content = z.string();
const contentType = z.string().min(1).max(100);

const newNode = z.strictObject({
  content,
  content_type: contentType.default('text'),
  metadata: data.optional().describe('`role` may be `system`, `user`, `assistant` or `tool`; all else is the caller’s own.'),
});

const common = { user_id: userId.optional(), priority: priority.optional() };

export const createContextBody = z.strictObject({
  model_id: z.string().min(1).max(200).optional().describe('One of `GET /models`; the default model if absent.'),
  nodes: z.array(newNode).max(2000).optional(),
  metadata: data.optional(),
  return_context: returnContext.optional(),
  ...common,
});

export const promptBody = z.strictObject({
  prompt: z.string().min(1),
  metadata: data.optional(),
  stream: z.boolean().optional().describe('Whether the answer is a stream of server-sent events.'),
  return_context: returnContext.optional(),
  ...common,
});

export const addNodeBody = z.strictObject({
  ...newNode.shape,
  content_type: contentType
    .default('text')
    .describe('`answer` answers a question of a run: `content` is JSON with `action` and `content`.'),
  return_context: returnContext.optional(),
  ...common,
});

/** The content of a node of the type `answer`. */
export const answerContent = z.strictObject({
  question_id: z.string().min(1).max(200),
  action: z.enum(['accept', 'decline', 'cancel']),
  content: data.optional(),
  scope: z.enum(['once', 'conversation']).optional().describe('How far a permission goes; `once` if absent.'),
});

const statuses = ['scheduled', 'running', 'completed', 'failed', 'cancelled'] as const;
const limit = z.coerce.number().int().min(1).max(500).default(100);
const cursor = z.string().min(1).max(200).describe('`next_cursor` of the page before.');

export const ownerQuery = z.strictObject({ user_id: userId.optional() });
export const contextsQuery = z.strictObject({
  user_id: userId.optional(),
  search: z.string().max(200).optional().describe('Text in titles and nodes.'),
  limit,
  cursor: cursor.optional(),
});
export const tasksQuery = z.strictObject({
  user_id: userId.optional(),
  status: z.enum(statuses).optional(),
  type: z.enum(taskTypes).optional(),
  context_id: z.string().max(200).optional(),
  limit,
  cursor: cursor.optional(),
});

const time = z.iso.datetime();
const node = z.object({ id: z.string(), content, content_type: z.string(), metadata: data, created_at: time });
const usage = z.object({
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost: z.number().optional().describe('US dollars, where the prices of the model are known.'),
});
const contextSummary = z.object({
  id: z.string(),
  title: z.string(),
  model_id: z.string(),
  user_id: z.string().optional(),
  metadata: data,
  usage,
  created_at: time,
  updated_at: time,
  expires_at: time,
});
const context = contextSummary.extend({ nodes: z.array(node) });
const task = z.object({
  id: z.string(),
  type: z.enum(taskTypes),
  context_id: z.string().optional(),
  user_id: z.string().optional(),
  priority: z.enum(priorities),
  status: z.enum(statuses),
  input: data,
  output: data.optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  attempts: z.int(),
  created_at: time,
  started_at: time.optional(),
  ended_at: time.optional(),
  questions: z.array(data).optional().describe('What the run asks and waits for. Answer with a node of the type `answer`.'),
});

/** What the door answers, by the name of the schema in the OpenAPI document. */
export const answers = {
  Node: node,
  ContextSummary: contextSummary,
  Context: context,
  Task: task,
  ContextCreated: z.object({ context_id: z.string(), task, context: context.optional() }),
  ContextList: z.object({ contexts: z.array(contextSummary), next_cursor: z.string().optional() }),
  Completion: z.object({
    task,
    completion: z.string(),
    model_id: z.string(),
    finish: z.enum(['answered', 'steps', 'asked']).describe('`steps`: ended by the bound of steps; `asked`: with a question.'),
    usage,
    context: context.optional(),
  }),
  TaskTaken: z.object({ task }),
  NodeAdded: z.object({ node, task: task.optional(), context: context.optional() }),
  TaskList: z.object({ tasks: z.array(task), next_cursor: z.string().optional() }),
  Health: z.object({
    status: z.enum(['ok', 'degraded']),
    version: z.string(),
    parts: z.object({
      database: z.object({ status: z.enum(['ok', 'failed']) }),
      worker: z.object({ status: z.enum(['ok', 'failed']), running: z.int(), waiting_for_answer: z.int() }),
      models: z.object({ status: z.enum(['ok', 'failed']), available: z.int(), total: z.int() }),
      queue: z.object({ low: z.int(), medium: z.int(), high: z.int() }),
    }),
    tasks: z.object({ completed: z.int(), failed: z.int(), cancelled: z.int() }).describe('Since Tandem was started.'),
  }),
  ModelList: z.object({
    models: z.array(
      z.object({
        id: z.string(),
        label: z.string(),
        provider: z.string(),
        available: z.boolean(),
        detail: z.string().optional().describe('Why it is not available.'),
        context_tokens: z.int(),
        is_default: z.boolean(),
        aliases: z.array(z.string()).describe('Other names that contexts may give it.'),
      }),
    ),
  }),
  Problem: z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What is wrong, and how to mend it.'),
    code: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    task_id: z.string().optional(),
  }),
};
export type Answers = { [Name in keyof typeof answers]: z.infer<(typeof answers)[Name]> };
