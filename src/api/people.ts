import { z } from 'zod';
import type { Versioned, Written, Author } from '../directory/index.ts';
import { procedure, router } from './trpc.ts';

/** A user as the editor shows it: the record, its version, and who made that version. */
export interface Person extends Versioned {
  lastChange: { author: Author; at: string };
}

const tenant = z.string().min(1).max(63);
const key = z.object({ tenant, id: z.string().min(1).max(128) });
const record = z.record(z.string(), z.unknown());
const expectedVersion = z.string().max(128);

const page = z.object({
  tenant,
  search: z.string().max(200).optional(),
  sort: z
    .object({
      by: z.enum(['displayName', 'userName', 'title', 'department', 'active', 'lastModified']),
      descending: z.boolean(),
    })
    .optional(),
  offset: z.int().min(0),
  limit: z.int().min(1).max(500),
});

/** The people of one tenant: the table, the editor, and its saves. */
export const people = router({
  list: procedure.input(page).query(({ ctx, input: { tenant, search, sort, ...rest } }) =>
    ctx.directory.userSummaries(ctx.administrator(tenant), {
      ...rest,
      ...(search && { search }),
      ...(sort && { sort }),
    }),
  ),

  get: procedure.input(key).query(async ({ ctx, input }): Promise<Person> => {
    const actor = ctx.administrator(input.tenant);
    const found = await ctx.directory.get(actor, 'User', input.id);
    const [last] = await ctx.directory.history(actor, 'User', input.id, 1);
    return { ...found, lastChange: last ? { author: last.author, at: last.at } : { author: actor, at: found.lastModified } };
  }),

  history: procedure
    .input(key.extend({ count: z.int().min(1).max(200).default(50) }))
    .query(({ ctx, input }) => ctx.directory.history(ctx.administrator(input.tenant), 'User', input.id, input.count)),

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

  /** Brings a deleted user back, under its old id. */
  recreate: procedure
    .input(key.extend({ record }))
    .mutation(({ ctx, input: { tenant, id, record } }): Promise<Written> =>
      ctx.directory.recreate(ctx.administrator(tenant), 'User', id, record),
    ),
});
