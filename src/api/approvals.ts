import { z } from 'zod';
import { procedure, router } from './trpc.ts';

/** AI clients that ask for access and wait for the administrator. */
export const approvals = router({
  pending: procedure.query(({ ctx }) => ctx.approvals.pending()),
  decide: procedure
    .input(z.object({ id: z.string().max(128), approve: z.boolean(), tenant: z.string().min(1).max(63) }))
    .mutation(({ ctx, input: { id, ...decision } }) => ctx.approvals.decide(id, decision)),
});
