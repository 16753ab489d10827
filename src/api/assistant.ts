import { z } from 'zod';
import type { Answer, AssistantEvent, AssistantService, Context, ContextNode, Model, Owner, Task } from '../assistant/index.ts';
import { record, tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

const id = z.string().min(1).max(128);
const context = z.object({ tenant, id });
const title = z.string().trim().min(1).max(200);
const text = z.string().trim().min(1).max(20_000);

/** What goes along with a prompt: who is open, or that a conflict is to be played on a person. */
const metadata = z.union([
  z.strictObject({
    scenario: z.literal('conflict'),
    userId: id,
    fields: z.array(z.string().max(200)).min(1).max(20),
  }),
  z.strictObject({ focus: z.object({ id, name: z.string().max(500) }) }),
]);

const listMax = 500;

const administrator = 'administrator';

/** The contexts of the assistant at this window belong to its one person. */
export function ownerOf(tenantId: string): Owner {
  return { tenant: tenantId, userId: administrator };
}

/** Conversations of other users and of applications are none of the window's. */
export function isForWindow(event: AssistantEvent): boolean {
  return event.kind === 'models' || (event.owner.userId === administrator && event.owner.principal === undefined);
}

/** A conversation as the window opens it. */
export interface OpenedContext {
  context: Context;
  nodes: ContextNode[];
  tasks: Task[];
}

/** The pane of the assistant. What happens in it arrives on the events stream (docs/contexts.md). */
export const assistant = router({
  models: procedure.query(({ ctx }): Model[] => [...ctx.assistant.models()]),

  list: procedure
    .input(z.object({ tenant, search: z.string().max(200).optional() }))
    .query(({ ctx, input: { search, ...input } }): Context[] =>
      ctx.assistant.contexts(ownerOf(input.tenant), { limit: listMax, ...(search && { search }) }),
    ),

  get: procedure.input(context).query(({ ctx, input }): OpenedContext => ctx.assistant.context(ownerOf(input.tenant), input.id)),

  /** A context without its nodes: its title, model and usage. */
  head: procedure
    .input(context)
    .query(({ ctx, input }): Context => ctx.assistant.context(ownerOf(input.tenant), input.id).context),

  /** Adds a prompt to a context, or to a new one. It is answered in the background. */
  prompt: procedure
    .input(
      z.object({
        tenant,
        id: id.optional(),
        text,
        modelId: z.string().min(1).max(200).optional(),
        metadata: metadata.optional(),
      }),
    )
    .mutation(async ({ ctx, input }): Promise<{ id: string; task: Task }> => {
      const owner = ownerOf(input.tenant);
      const contextId = input.id ?? (await newContext(ctx.assistant, owner, input.modelId));
      const task = await ctx.assistant.addPrompt(owner, contextId, {
        prompt: input.text,
        priority: 'high',
        ...(input.metadata && { metadata: input.metadata }),
      });
      return { id: contextId, task };
    }),

  rename: procedure
    .input(context.extend({ title }))
    .mutation(({ ctx, input }) => ctx.assistant.renameContext(ownerOf(input.tenant), input.id, input.title)),

  setModel: procedure
    .input(context.extend({ modelId: z.string().min(1).max(200) }))
    .mutation(({ ctx, input }) => ctx.assistant.setModel(ownerOf(input.tenant), input.id, input.modelId)),

  remove: procedure
    .input(context)
    .mutation(async ({ ctx, input }): Promise<void> => void (await ctx.assistant.deleteContext(ownerOf(input.tenant), input.id))),

  /** What is at work or waits, over all contexts. */
  running: procedure.input(z.object({ tenant })).query(({ ctx, input }): Task[] => {
    const owner = ownerOf(input.tenant);
    return (['running', 'scheduled'] as const)
      .flatMap((status) => ctx.assistant.tasks(owner, { status, limit: listMax }))
      .filter(({ type }) => type === 'mcp.add_prompt');
  }),

  cancel: procedure
    .input(z.object({ tenant, taskId: id }))
    .mutation(async ({ ctx, input }): Promise<void> => void (await ctx.assistant.cancel(ownerOf(input.tenant), input.taskId))),

  retry: procedure
    .input(z.object({ tenant, taskId: id }))
    .mutation(async ({ ctx, input }): Promise<void> => void (await ctx.assistant.retry(ownerOf(input.tenant), input.taskId))),

  answer: procedure
    .input(
      context.extend({
        questionId: id,
        action: z.enum(['accept', 'decline', 'cancel']),
        content: record.optional(),
        scope: z.enum(['once', 'conversation', 'always']).optional(),
      }),
    )
    .mutation(({ ctx, input: { tenant: tenantId, id: contextId, questionId, action, content, scope } }) => {
      const answer: Answer = { action, ...(content && { content }), ...(scope && { scope }) };
      return ctx.assistant.answer(ownerOf(tenantId), contextId, questionId, answer);
    }),

  keepDraft: procedure
    .input(context.extend({ questionId: id, draft: record }))
    .mutation(({ ctx, input }) => ctx.assistant.keepDraft(ownerOf(input.tenant), input.id, input.questionId, input.draft)),
});

async function newContext(service: AssistantService, owner: Owner, modelId: string | undefined): Promise<string> {
  const { context: made } = await service.createContext(owner, { priority: 'high', ...(modelId && { modelId }) });
  return made.id;
}
