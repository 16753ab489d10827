import { z } from 'zod';
import { callLimitsSchema, retentionSchema } from '../directory/index.ts';
import { tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

const name = z.string().min(1).max(100);

/** Tenants: made, renamed, suspended, set up, deleted. */
export const tenants = router({
  list: procedure.query(({ ctx }) => ctx.directory.tenants.list()),

  create: procedure
    .input(z.object({ id: tenant, name }))
    .mutation(({ ctx, input }) => ctx.directory.tenants.create(input, ctx.administrator(input.id))),

  update: procedure
    .input(
      z.object({
        id: tenant,
        name: name.optional(),
        state: z.enum(['active', 'suspended']).optional(),
        settings: z
          .object({
            strict: z.boolean().optional(),
            requireVersion: z.boolean().optional(),
            history: retentionSchema.optional(),
            limits: callLimitsSchema.optional(),
          })
          .optional(),
      }),
    )
    .mutation(({ ctx, input: { id, ...changes } }) => ctx.directory.tenants.update(id, changes, ctx.administrator(id))),

  delete: procedure
    .input(z.object({ id: tenant }))
    .mutation(({ ctx, input }) => ctx.directory.tenants.delete(input.id, ctx.administrator(input.id))),

  /** The schemas of a tenant's people and groups, from which forms and columns are made. */
  schemas: procedure.input(z.object({ tenant })).query(({ ctx, input }) => ({
    User: ctx.directory.tenants.schemas(input.tenant, 'User'),
    Group: ctx.directory.tenants.schemas(input.tenant, 'Group'),
  })),
});
