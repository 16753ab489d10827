import { z } from 'zod';
import { procedure, router } from './trpc.ts';

/** The app itself: what it is, its first start. */
export const app = router({
  about: procedure.query(({ ctx }) => ({ ...ctx.about(), setupNeeded: ctx.setup.isNeeded() })),
  setup: procedure
    .input(z.object({ kind: z.enum(['empty', 'sample']) }))
    .mutation(({ ctx, input }) => ctx.setup.choose(input.kind)),
});
