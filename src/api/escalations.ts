import { z } from 'zod';
import { DirectoryError, escalationStates, type Escalation, type Operation } from '../directory/index.ts';
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

  /** Whether an agent is here, so that it can be asked. */
  canAsk: procedure
    .input(z.object({ tenant, agent: z.string().min(1).max(300) }))
    .query(({ ctx, input }) => ctx.directory.escalations.canAsk(ctx.administrator(input.tenant), input.agent)),

  /**
   * Asks the agent that made a change of a person to make it again, on what was saved since. Accepting it is the agent's write,
   * under its policy.
   */
  askAgain: procedure
    .input(
      z.object({
        tenant,
        id,
        /** Of its change. */
        revision: z.int().min(1),
        /** What it had made of these; without a value, nothing. */
        fields: z
          .array(z.object({ path: z.string().min(1).max(1000), value: z.union([z.string(), z.boolean()]).optional() }))
          .min(1)
          .max(100),
        /** The version that was saved. */
        expectedVersion: z.string().max(128),
      }),
    )
    .mutation(async ({ ctx, input: { tenant, id, revision, fields, expectedVersion } }) => {
      const actor = ctx.administrator(tenant);
      const { author } = await ctx.directory.history.at(actor, 'User', id, { revision });
      const { id: agent, name, kind, door } = author;
      if (kind !== 'agent') throw new DirectoryError('INVALID_ARGUMENT', 'No agent has made this change.');
      const body = fields.map(({ path, value }) =>
        value === undefined ? { op: 'remove', path } : { op: 'replace', path, value },
      );
      const escalation = await ctx.directory.escalations.create(actor, {
        kind: 'negotiation',
        author: { id: agent, name, kind, door },
        to: agent,
        operations: [{ kind: 'patch', type: 'User', id, body, expectedVersion }],
        lenient: true,
        intent: `${actor.name} was editing when you changed ${fields.map(({ path }) => path).join(', ')}, and has saved other values. Accept to make your change again on them, decline to leave it, or counter with a patch.`,
      });
      return shown(escalation);
    }),

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
