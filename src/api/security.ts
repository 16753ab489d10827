import { z } from 'zod';
import { callLimitsSchema } from '../directory/index.ts';
import { procedure, router } from './trpc.ts';

/** Who may call, how much, and from when on Tandem raises alarms: the settings that hold for all tenants. */
export const security = router({
  read: procedure.query(({ ctx }) => ctx.security.read()),

  /** Changes what is given, from the next call on. What else must hold of values is checked where the file is (main/settings.ts). */
  update: procedure
    .input(
      z.strictObject({
        keys: callLimitsSchema.optional(),
        clients: callLimitsSchema.optional(),
        tenants: callLimitsSchema.optional(),
        keyHeader: z.string().max(64).optional(),
        pages: z.strictObject({ enabled: z.boolean(), origins: z.array(z.string().max(300)).max(100) }).optional(),
        logLevel: z.string().max(10).optional(),
        alarms: z.record(z.string().max(40), z.number()).optional(),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      await ctx.security.update(input);
      const detail = { changed: Object.keys(input) };
      await ctx.directory.audit.record(ctx.administrator('default'), { kind: 'access', event: 'security_set_up', detail });
    }),
});
