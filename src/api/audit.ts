import { z } from 'zod';
import { auditFormats, auditKinds, type AuditProgress, type AuditVerdict } from '../directory/index.ts';
import { tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

const text = z.string().trim().max(200);

/** What happened in one tenant, newest first; whether somebody altered it; and all of it as text. */
export const audit = router({
  list: procedure
    .input(
      z.object({
        tenant,
        kind: z.enum(auditKinds).optional(),
        actor: text.optional(),
        subject: text.optional(),
        since: z.iso.datetime().optional(),
        until: z.iso.datetime().optional(),
        text: text.optional(),
        /** `nextCursor` of the page before. */
        cursor: z.string().max(200).nullish(),
        count: z.int().min(1).max(500).default(100),
      }),
    )
    .query(({ ctx, input: { tenant, cursor, ...query } }) =>
      ctx.directory.audit.list(ctx.administrator(tenant), { ...query, cursor: cursor ?? undefined }),
    ),

  /** An entry, with what it changed. */
  entry: procedure
    .input(z.object({ tenant, seq: z.int().min(1) }))
    .query(({ ctx, input }) => ctx.directory.audit.entry(ctx.administrator(input.tenant), input.seq)),

  /** The number of the newest entry, by which a window sees that there are more. */
  latest: procedure
    .input(z.object({ tenant }))
    .query(({ ctx, input }) => ctx.directory.audit.latest(ctx.administrator(input.tenant))),

  /** How far the check is, now and then, and at last what it has found. Ending the subscription cancels it. */
  verify: procedure.input(z.object({ tenant })).subscription(async function* ({
    ctx,
    input,
    signal,
  }): AsyncGenerator<{ progress: AuditProgress } | { verdict: AuditVerdict }> {
    const run = ctx.directory.audit.check(ctx.administrator(input.tenant), signal);
    for (;;) {
      const { done, value } = await run.next();
      yield done ? { verdict: value } : { progress: value };
      if (done) return;
    }
  }),

  /** The whole log as text, in pieces. */
  export: procedure
    .input(z.object({ tenant, format: z.enum(auditFormats) }))
    .subscription(({ ctx, input: { tenant, format } }): AsyncIterable<string> =>
      ctx.directory.audit.export(ctx.administrator(tenant), format),
    ),
});
