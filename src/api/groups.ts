import { z } from 'zod';
import type { Author, Member, Versioned, Written } from '../directory/index.ts';
import { key, pageInput, record, tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

/** A group as its screen shows it: the record without members, how many it has, and who changed it last. */
export interface ShownGroup extends Versioned {
  lastChange: { author: Author; at: string };
}

const id = z.string().min(1).max(128);
const membersMax = 10_000;

/** The groups of one tenant: the table, a group with its members, and its changes. */
export const groups = router({
  list: procedure
    .input(
      pageInput.extend({ sort: z.object({ by: z.enum(['displayName', 'lastModified']), descending: z.boolean() }).optional() }),
    )
    .query(({ ctx, input: { tenant, ...query } }) => ctx.directory.groupSummaries(ctx.administrator(tenant), query)),

  get: procedure.input(key).query(async ({ ctx, input }): Promise<ShownGroup> => {
    const actor = ctx.administrator(input.tenant);
    const found = await ctx.directory.get(actor, 'Group', input.id);
    const {
      revisions: [last],
    } = await ctx.directory.history.list(actor, 'Group', input.id, { limit: 1 });
    return { ...found, lastChange: last ? { author: last.author, at: last.at } : { author: actor, at: found.lastModified } };
  }),

  /** Members in the order of their ids, after one of them. */
  members: procedure
    .input(key.extend({ after: id.optional(), limit: z.int().min(1).max(500).default(200) }))
    .query(({ ctx, input: { tenant, id, after, limit } }): Promise<Member[]> =>
      ctx.directory.members(ctx.administrator(tenant), id, { limit, ...(after !== undefined && { after }) }),
    ),

  /** The groups that a person or group belongs to. */
  of: procedure.input(key).query(({ ctx, input }) => ctx.directory.groupsOf(ctx.administrator(input.tenant), input.id)),

  create: procedure
    .input(z.object({ tenant, record }))
    .mutation(({ ctx, input }): Promise<Written> => ctx.directory.create(ctx.administrator(input.tenant), 'Group', input.record)),

  /** Saves the record of a group; its members stay, since they are changed one by one. */
  save: procedure
    .input(key.extend({ record, expectedVersion: z.string().max(128) }))
    .mutation(({ ctx, input: { tenant, id, record, expectedVersion } }): Promise<Written> =>
      ctx.directory.replace(ctx.administrator(tenant), 'Group', id, record, { expectedVersion }),
    ),

  /** Adds and removes members: sets, so that two who add different people do not conflict. */
  modifyMembers: procedure
    .input(key.extend({ add: z.array(id).max(membersMax).default([]), remove: z.array(id).max(membersMax).default([]) }))
    .mutation(({ ctx, input: { tenant, id, add, remove } }): Promise<Written> =>
      ctx.directory.modifyMembers(ctx.administrator(tenant), id, { add, remove }),
    ),

  delete: procedure
    .input(key.extend({ expectedVersion: z.string().max(128) }))
    .mutation(({ ctx, input: { tenant, id, expectedVersion } }) =>
      ctx.directory.delete(ctx.administrator(tenant), 'Group', id, { expectedVersion }),
    ),

  /** Brings a deleted group back, under its old id, with its members and into the groups that it was in. */
  recreate: procedure
    .input(key.extend({ record }))
    .mutation(({ ctx, input: { tenant, id, record } }): Promise<Written> =>
      ctx.directory.recreate(ctx.administrator(tenant), 'Group', id, record, { restoreMemberships: true }),
    ),
});
