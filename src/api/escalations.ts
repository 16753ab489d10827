import { z } from 'zod';
import { escalationStates, type Decided, type Escalation, type EscalationPage } from '../directory/index.ts';
import { record, tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

const id = z.string().min(1).max(128);
const ids = z.array(id).max(10_000);

/** The inbox: what software asks people, and what agents ask each other. News arrive on the events stream. */
export const escalations = router({
  /** Newest first; with `inbox`, only what people are asked. */
  list: procedure
    .input(
      z.object({
        tenant,
        state: z.enum(escalationStates).optional(),
        inbox: z.boolean().default(true),
        cursor: z.string().max(500).optional(),
        limit: z.int().min(1).max(200).default(50),
      }),
    )
    .query(({ ctx, input: { tenant, inbox, ...query } }): Promise<EscalationPage> =>
      ctx.directory.escalations.list(ctx.administrator(tenant), { ...query, to: inbox ? 'people' : undefined }),
    ),

  get: procedure
    .input(z.object({ tenant, id }))
    .query(({ ctx, input }): Promise<Escalation> => ctx.directory.escalations.get(ctx.administrator(input.tenant), input.id)),

  /** How many wait for people, by tenant; those without any are left out. */
  counts: procedure.query(({ ctx }) =>
    ctx.directory.tenants.list().flatMap(({ id: tenant }) => {
      const { pending } = ctx.directory.escalations.counts(ctx.administrator(tenant));
      return pending > 0 ? [{ tenant, pending }] : [];
    }),
  ),

  /**
   * Approves, with `edited` what the person made of it, or declines with a reason that the agent receives. Where it would do
   * something else by now, the answer is `outdated`, with what it would do, and it is still pending.
   */
  decide: procedure
    .input(
      z.object({
        tenant,
        id,
        approve: z.boolean(),
        reason: z.string().max(500).optional(),
        edited: z.union([z.strictObject({ record }), z.strictObject({ add: ids, remove: ids })]).optional(),
        /** The `version` of the escalation that was shown. */
        expectedVersion: z.string().max(128).optional(),
      }),
    )
    .mutation(({ ctx, input: { tenant, id, ...decision } }): Promise<Decided> =>
      ctx.directory.escalations.decide(ctx.administrator(tenant), id, decision),
    ),
});
