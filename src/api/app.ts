import { z } from 'zod';
import { procedure, router } from './trpc.ts';

/** The app itself: what it is, its tenants, its first start. */
export const app = router({
  about: procedure.query(({ ctx }) => ({ ...ctx.about(), setupNeeded: ctx.setup.isNeeded() })),
  tenants: procedure.query(({ ctx }) => ctx.directory.tenants.list()),
  setup: procedure
    .input(z.object({ kind: z.enum(['empty', 'sample']) }))
    .mutation(({ ctx, input }) => ctx.setup.choose(input.kind)),
});
