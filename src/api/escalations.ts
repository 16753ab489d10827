import { z } from 'zod';
import { escalationStates, type Escalation, type Operation } from '../directory/index.ts';
import { record, tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

const id = z.string().min(1).max(128);
const ids = z.array(id).max(10_000);
const fieldsToldMax = 8;

/** What waits for somebody's answer, or has got one: without what the agent sent, which its effect tells. */
export type ShownEscalation = Omit<Escalation, 'operations' | 'lenient' | 'settlement'>;

/** The same in a list: of what it would do, only what a sentence needs. */
export interface ListedEscalation extends Omit<ShownEscalation, 'proposed' | 'outcome'> {
  operation: Operation;
  /** How many people and groups it would change. */
  count: number;
  /** Paths that it would change, the first of them. */
  fields: string[];
}

/** The inbox: what software asks people, and what agents ask each other. News arrive on the events stream. */
export const escalations = router({
  /** Newest first; with `inbox`, only what people are asked. */
  list: procedure
    .input(
      z.object({
        tenant,
        state: z.enum(escalationStates).optional(),
        inbox: z.boolean().default(true),
        cursor: z.string().max(500).nullish(),
        limit: z.int().min(1).max(200).default(50),
      }),
    )
    .query(async ({ ctx, input: { tenant, inbox, cursor, ...query } }) => {
      const { escalations, nextCursor } = await ctx.directory.escalations.list(ctx.administrator(tenant), {
        ...query,
        cursor: cursor ?? undefined,
        to: inbox ? 'people' : undefined,
      });
      return { escalations: escalations.map(listed), ...(nextCursor !== undefined && { nextCursor }) };
    }),

  get: procedure
    .input(z.object({ tenant, id }))
    .query(async ({ ctx, input }) => shown(await ctx.directory.escalations.get(ctx.administrator(input.tenant), input.id))),

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
        edited: z
          .union([
            z.strictObject({ record }),
            z.strictObject({ add: ids, remove: ids }),
            z.strictObject({ choices: z.record(z.string().max(1000), z.enum(['mine', 'theirs'])) }),
          ])
          .optional(),
        /** The `version` of the escalation that was shown. */
        expectedVersion: z.string().max(128).optional(),
      }),
    )
    .mutation(async ({ ctx, input: { tenant, id, ...decision } }) => {
      const { escalation, outdated } = await ctx.directory.escalations.decide(ctx.administrator(tenant), id, decision);
      return { escalation: shown(escalation), outdated: outdated ?? false };
    }),
});

function shown({
  operations: _operations,
  lenient: _lenient,
  settlement: _settlement,
  ...escalation
}: Escalation): ShownEscalation {
  return escalation;
}

function listed({
  operations,
  lenient: _lenient,
  settlement: _settlement,
  proposed,
  outcome: _outcome,
  ...rest
}: Escalation): ListedEscalation {
  const [first] = proposed;
  const fields = first?.changes.slice(0, fieldsToldMax).map(({ path }) => path) ?? [];
  return { ...rest, operation: first?.operation ?? 'patch', count: Math.max(operations.length, 1), fields };
}
