import { z } from 'zod';
import { tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

/** What Tandem tells about itself, of all tenants: whoever can open the window manages them all. */
export const observe = router({
  /** What was called, how fast it was answered, what the assistant has done, and what it has to do now. */
  activity: procedure
    .input(z.object({ minutes: z.int().min(1).max(1440), tenant: tenant.optional() }))
    .query(({ ctx, input: { minutes, tenant } }) => ({
      ...ctx.observe.activity(minutes, tenant),
      now: ctx.observe.now(tenant),
    })),
  health: procedure.query(({ ctx }) => ctx.observe.health()),
  alarms: procedure.query(({ ctx }) => ctx.observe.alarms()),
  /** The newest lines of the log that are still in memory, oldest first. */
  log: procedure
    .input(
      z.object({
        level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).optional(),
        part: z.string().max(64).optional(),
        text: z.string().max(200).optional(),
        count: z.int().min(1).max(5000),
      }),
    )
    .query(({ ctx, input }) => ({ ...ctx.observe.log(input), folder: ctx.observe.logFolder })),
});
