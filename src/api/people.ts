import { z } from 'zod';
import { DirectoryError, type Author, type Versioned, type Written } from '../directory/index.ts';
import { key, pageInput, record, tenant } from './inputs.ts';
import { procedure, router, toRefusal, type Refusal } from './trpc.ts';

/** A user as the editor shows it: the record, its version, and who made that version. */
export interface Person extends Versioned {
  lastChange: { author: Author; at: string };
}

const expectedVersion = z.string().max(128);

const page = pageInput.extend({
  /** By a SortKey of the directory, which is fast at any size, or a SCIM path. */
  sort: z.object({ by: z.string().min(1).max(300), descending: z.boolean() }).optional(),
  /** SCIM paths of what else to show of each person, as text. */
  columns: z.array(z.string().min(1).max(300)).max(30).optional(),
});

/** The people of one tenant: the table, the editor, and its saves. */
export const people = router({
  list: procedure
    .input(page)
    .query(({ ctx, input: { tenant, ...query } }) => ctx.directory.userSummaries(ctx.administrator(tenant), query)),

  get: procedure.input(key).query(async ({ ctx, input }): Promise<Person> => {
    const actor = ctx.administrator(input.tenant);
    const found = await ctx.directory.get(actor, 'User', input.id);
    const {
      revisions: [last],
    } = await ctx.directory.history.list(actor, 'User', input.id, { limit: 1 });
    return { ...found, lastChange: last ? { author: last.author, at: last.at } : { author: actor, at: found.lastModified } };
  }),

  /** The records of several people, with their versions; those who are not here any more are left out. */
  many: procedure
    .input(z.object({ tenant, ids: z.array(z.string().min(1).max(128)).max(100) }))
    .query(async ({ ctx, input }): Promise<Versioned[]> => {
      const actor = ctx.administrator(input.tenant);
      const found: Versioned[] = [];
      for (const id of input.ids)
        if (await ctx.directory.exists(actor, 'User', id)) found.push(await ctx.directory.get(actor, 'User', id));
      return found;
    }),

  create: procedure
    .input(z.object({ tenant, record }))
    .mutation(({ ctx, input }): Promise<Written> => ctx.directory.create(ctx.administrator(input.tenant), 'User', input.record)),

  /** Saves a whole record; a window always says which version it has seen. */
  save: procedure
    .input(key.extend({ record, expectedVersion }))
    .mutation(({ ctx, input: { tenant, id, record, expectedVersion } }): Promise<Written> =>
      ctx.directory.replace(ctx.administrator(tenant), 'User', id, record, { expectedVersion }),
    ),

  delete: procedure
    .input(key.extend({ expectedVersion }))
    .mutation(({ ctx, input: { tenant, id, expectedVersion } }) =>
      ctx.directory.delete(ctx.administrator(tenant), 'User', id, { expectedVersion }),
    ),

  /** Brings a deleted user back, under its old id and into its groups. */
  recreate: procedure
    .input(key.extend({ record }))
    .mutation(({ ctx, input: { tenant, id, record } }): Promise<Written> =>
      ctx.directory.recreate(ctx.administrator(tenant), 'User', id, record, { restoreMemberships: true }),
    ),

  /** Does the same to many people, each with the version that was seen; what became of each is told. */
  bulk: procedure
    .input(
      z.object({
        tenant,
        operations: z
          .array(
            z.object({
              id: z.string().min(1).max(128),
              expectedVersion,
              /** SCIM patch operations; absent to delete. */
              patch: z.array(z.record(z.string(), z.unknown())).max(50).optional(),
            }),
          )
          .min(1)
          .max(1000),
      }),
    )
    .mutation(({ ctx, input }): Promise<BulkOutcome[]> => {
      const actor = ctx.administrator(input.tenant);
      // All at once, so that they share commits; each still stands alone.
      return Promise.all(
        input.operations.map(async ({ id, expectedVersion, patch }): Promise<BulkOutcome> => {
          try {
            if (patch) return { id, version: (await ctx.directory.patch(actor, 'User', id, patch, { expectedVersion })).version };
            await ctx.directory.delete(actor, 'User', id, { expectedVersion });
            return { id };
          } catch (error) {
            if (!(error instanceof DirectoryError)) throw error;
            return { id, refusal: toRefusal(error), message: error.message };
          }
        }),
      );
    }),
});

/** What became of one person in a bulk change. */
export interface BulkOutcome {
  id: string;
  version?: string;
  refusal?: Refusal;
  message?: string;
}
