import { z } from 'zod';
import { procedure, router } from './trpc.ts';

const tenant = z.string().min(1).max(63);
const id = z.string().min(1).max(128);

/** The agent pane: one conversation for each tenant. Its answers arrive on the events stream. */
export const agent = router({
  conversation: procedure
    .input(z.object({ tenant }))
    .query(({ ctx, input }) => ({ label: ctx.assistant.label, messages: ctx.assistant.messages(input.tenant) })),
  send: procedure
    .input(
      z.object({
        tenant,
        text: z.string().trim().min(1).max(4000),
        focus: z.object({ id, name: z.string().max(500) }).optional(),
      }),
    )
    .mutation(({ ctx, input }) => ctx.assistant.send(input)),
  showConflict: procedure
    .input(z.object({ tenant, userId: id, fields: z.array(z.string().max(200)).min(1).max(20) }))
    .mutation(({ ctx, input }) => ctx.assistant.showConflict(input)),
  stop: procedure.input(z.object({ tenant })).mutation(({ ctx, input }) => ctx.assistant.stop(input.tenant)),
  clear: procedure.input(z.object({ tenant })).mutation(({ ctx, input }) => ctx.assistant.clear(input.tenant)),
});
