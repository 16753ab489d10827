import { z } from 'zod';
import { memberTypes } from '../directory/index.ts';
import { key, tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

const type = z.enum(memberTypes);
/** One window, as long as it is open. */
const holder = z.uuid();

/** Who has what open, in the windows and among the agents. */
export const presence = router({
  /** Everybody in the tenant; the live stream tells of changes. */
  list: procedure.input(z.object({ tenant })).query(({ ctx, input }) => {
    ctx.directory.tenants.allow(ctx.administrator(input.tenant), 'scim:read');
    return ctx.directory.presence.all(input.tenant);
  }),

  /** A window has a resource open; it says so again before the lease ends, and whenever its draft is about other fields. */
  open: procedure
    .input(
      key.extend({
        type,
        holder,
        fields: z.array(z.string().min(1).max(300)).max(100),
        baseVersion: z.string().max(128).optional(),
      }),
    )
    .mutation(({ ctx, input: { tenant, type: of, id, ...editor } }) => {
      const actor = ctx.administrator(tenant);
      ctx.directory.tenants.allow(actor, 'scim:read');
      ctx.directory.presence.open(actor, { type: of, id }, editor);
    }),

  /** A window has closed a resource; without one, all of them. */
  leave: procedure
    .input(z.object({ tenant, holder, resource: key.pick({ id: true }).extend({ type }).optional() }))
    .mutation(({ ctx, input }) => {
      ctx.directory.presence.leave(ctx.administrator(input.tenant), input.holder, input.resource);
    }),
});
