import { randomUUID } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { tenant } from './inputs.ts';
import type { SavedFilter } from './services.ts';
import { procedure, router } from './trpc.ts';

/** Of all tenants together. */
const filtersMax = 100;

const id = z.string().min(1).max(64);
const name = z.string().trim().min(1).max(60);
const filter = z.string().trim().min(1).max(8000);

/** Filters with a name, one list for each tenant; kept with the settings, so that each window and shell has them. */
export const savedFilters = router({
  list: procedure.input(z.object({ tenant })).query(({ ctx, input }) => {
    const { savedFilters = [] } = ctx.preferences.data;
    return savedFilters.filter((saved) => saved.tenant === input.tenant);
  }),

  create: procedure.input(z.object({ tenant, name, filter })).mutation(async ({ ctx, input }): Promise<SavedFilter> => {
    ctx.directory.tenants.get(input.tenant);
    // A deleted tenant's filters go when the next one is saved.
    const tenants = new Set(ctx.directory.tenants.list().map(({ id }) => id));
    const others = (ctx.preferences.data.savedFilters ?? []).filter((saved) => tenants.has(saved.tenant));
    refuseSameName(others, input);
    if (others.length >= filtersMax)
      throw new TRPCError({ code: 'BAD_REQUEST', message: `There are ${filtersMax} saved filters already. Delete one first.` });
    const saved = { id: randomUUID(), ...input };
    await ctx.preferences.update({ savedFilters: [...others, saved] });
    return saved;
  }),

  /** Gives a saved filter another name or content. */
  update: procedure
    .input(z.object({ tenant, id, name: name.optional(), filter: filter.optional() }))
    .mutation(async ({ ctx, input }) => {
      const { savedFilters = [] } = ctx.preferences.data;
      const saved = savedFilters.find((each) => each.id === input.id && each.tenant === input.tenant);
      if (!saved)
        throw new TRPCError({ code: 'NOT_FOUND', message: 'This saved filter is not here any more. Save it under a new name.' });
      const changed = { ...saved, name: input.name ?? saved.name, filter: input.filter ?? saved.filter };
      refuseSameName(
        savedFilters.filter((each) => each !== saved),
        changed,
      );
      await ctx.preferences.update({ savedFilters: savedFilters.map((each) => (each === saved ? changed : each)) });
    }),

  delete: procedure.input(z.object({ tenant, id })).mutation(async ({ ctx, input }) => {
    const { savedFilters = [] } = ctx.preferences.data;
    const left = savedFilters.filter((saved) => saved.id !== input.id || saved.tenant !== input.tenant);
    await ctx.preferences.update({ savedFilters: left });
  }),
});

function refuseSameName(others: readonly SavedFilter[], { tenant, name }: { tenant: string; name: string }): void {
  if (others.some((other) => other.tenant === tenant && other.name.toLowerCase() === name.toLowerCase()))
    throw new TRPCError({ code: 'CONFLICT', message: `There is a filter “${name}” already. Choose another name.` });
}
