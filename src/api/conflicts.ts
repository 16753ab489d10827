import { z } from 'zod';
import { DirectoryError, nameOf, type Actor, type Directory, type RecordedConflict } from '../directory/index.ts';
import { tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

/** A conflict, and what people call the user or group that it is about; without a name if that is gone. */
export interface ShownConflict extends Omit<RecordedConflict, 'operation'> {
  name?: string;
}

/** How far back. */
const hours = z
  .int()
  .min(1)
  .max(24 * 90);

/** The conflicts of one tenant: what they were about, and how they ended. */
export const conflicts = router({
  /** Newest first, without what was wanted. */
  list: procedure
    .input(
      z.object({
        tenant,
        state: z.enum(['open', 'waiting', 'resolved', 'abandoned']).optional(),
        resourceId: z.string().min(1).max(128).optional(),
        hours: hours.optional(),
        /** The id of the last conflict of the page before. */
        cursor: z.string().max(64).nullish(),
        limit: z.int().min(1).max(200).default(50),
      }),
    )
    .query(async ({ ctx, input: { tenant, cursor, limit, hours: back, ...query } }) => {
      const actor = ctx.administrator(tenant);
      ctx.directory.tenants.allow(actor, 'scim:read');
      const since = back === undefined ? undefined : new Date(Date.now() - back * 3_600_000).toISOString();
      const found = await ctx.directory.conflicts.list(actor, { ...query, since, before: cursor ?? undefined, limit });
      const last = found.length === limit ? found.at(-1)?.id : undefined;
      return { conflicts: await named(ctx.directory, actor, found), ...(last !== undefined && { nextCursor: last }) };
    }),

  report: procedure.input(z.object({ tenant, hours })).query(({ ctx, input: { tenant, hours } }) => {
    const actor = ctx.administrator(tenant);
    ctx.directory.tenants.allow(actor, 'scim:read');
    return ctx.directory.conflicts.report(actor, hours);
  }),
});

async function named(directory: Directory, actor: Actor, found: readonly ShownConflict[]): Promise<ShownConflict[]> {
  const names = new Map<string, string | undefined>();
  for (const { type, resourceId } of found)
    if (!names.has(resourceId)) names.set(resourceId, await nameIn(directory, actor, { type, id: resourceId }));
  return found.map((conflict) => {
    const name = names.get(conflict.resourceId);
    return { ...conflict, ...(name !== undefined && { name }) };
  });
}

async function nameIn(
  directory: Directory,
  actor: Actor,
  { type, id }: { type: RecordedConflict['type']; id: string },
): Promise<string | undefined> {
  try {
    return nameOf((await directory.get(actor, type, id)).resource);
  } catch (error) {
    if (error instanceof DirectoryError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
