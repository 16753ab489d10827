import { z } from 'zod';
import { tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

/** The conflicts of one tenant: what they were about, and how they ended. */
export const conflicts = router({
  /** Newest first. */
  list: procedure
    .input(
      z.object({
        tenant,
        state: z.enum(['open', 'waiting', 'resolved', 'abandoned']).optional(),
        resourceId: z.string().min(1).max(128).optional(),
        /** The id of the last conflict of the page before. */
        before: z.string().max(64).optional(),
        limit: z.int().min(1).max(200).default(50),
      }),
    )
    .query(({ ctx, input: { tenant, ...query } }) => {
      const actor = ctx.administrator(tenant);
      ctx.directory.tenants.allow(actor, 'scim:read');
      return ctx.directory.conflicts.list(actor, query);
    }),

  report: procedure
    .input(
      z.object({
        tenant,
        hours: z
          .int()
          .min(1)
          .max(24 * 90),
      }),
    )
    .query(({ ctx, input: { tenant, hours } }) => {
      const actor = ctx.administrator(tenant);
      ctx.directory.tenants.allow(actor, 'scim:read');
      return ctx.directory.conflicts.report(actor, hours);
    }),
});
