import { z } from 'zod';
import { tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

const path = z.string().min(1).max(300);

/** Which columns the table of people has, in each tenant; kept with the settings. */
export const columns = router({
  /** @returns SCIM paths in their order; null where nothing was chosen. */
  get: procedure.input(z.object({ tenant })).query(({ ctx, input }) => ctx.preferences.data.columns?.[input.tenant] ?? null),

  /** @param paths null for the usual columns. */
  set: procedure
    .input(z.object({ tenant, paths: z.array(path).max(30).nullable() }))
    .mutation(async ({ ctx, input: { tenant, paths } }) => {
      ctx.directory.tenants.get(tenant);
      const { [tenant]: _before, ...others } = ctx.preferences.data.columns ?? {};
      await ctx.preferences.update({ columns: paths === null ? others : { ...others, [tenant]: paths } });
    }),
});
