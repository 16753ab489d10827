import { z } from 'zod';
import { tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

const stream = z.object({ tenant, name: z.string().max(100) });
const url = z.string().max(4000).optional();
const authorization = z.string().max(4000).optional();

/** Receivers outside that are told of each change of a tenant: added, looked after, removed. */
export const eventStreams = router({
  list: procedure.input(z.object({ tenant })).query(({ ctx, input }) => ctx.eventStreams.list(input.tenant)),

  add: procedure
    .input(stream.extend({ audience: z.string().max(1000).optional(), form: z.enum(['notice', 'full']), url, authorization }))
    .mutation(({ ctx, input: { tenant: inTenant, ...wish } }) => ctx.eventStreams.add(inTenant, wish)),

  resume: procedure
    .input(stream.extend({ skip: z.boolean() }))
    .mutation(({ ctx, input }) => ctx.eventStreams.resume(input.tenant, input.name, { skip: input.skip })),

  remove: procedure.input(stream).mutation(({ ctx, input }) => ctx.eventStreams.remove(input.tenant, input.name)),
});
