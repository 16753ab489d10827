import { z } from 'zod';
import type { TestStep } from './connect-service.ts';
import { tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

const kind = z.enum(['claude-code', 'claude-desktop', 'vs-code', 'cursor', 'other']);
const choice = z.object({ tenant, readOnly: z.boolean() });
const change = choice.extend({ kind, action: z.enum(['add', 'remove']) });

/** Connecting AI clients: what each needs, its configuration file, whether it is there, and a test. */
export const connect = router({
  guides: procedure.input(choice).query(({ ctx, input }) => ctx.connect.guides(input)),

  status: procedure.query(({ ctx }) => ctx.connect.status()),

  previewFile: procedure
    .input(change)
    .query(({ ctx, input: { kind, action, ...wanted } }) => ctx.connect.previewFile(kind, action, wanted)),

  writeFile: procedure
    .input(change.extend({ version: z.string().max(128) }))
    .mutation(({ ctx, input: { kind, action, version, ...wanted } }) => ctx.connect.writeFile(kind, action, wanted, version)),

  undoFile: procedure.input(z.object({ kind })).mutation(({ ctx, input }) => ctx.connect.undoFile(input.kind)),

  test: procedure
    .input(choice.extend({ kind }))
    .subscription(({ ctx, input: { kind, ...wanted }, signal }): AsyncGenerator<TestStep> =>
      ctx.connect.test(kind, wanted, signal),
    ),
});
