import { z } from 'zod';
import {
  groupSchemas,
  schemaVersionOf,
  userSchemas,
  type ExtensionCheck,
  type ResourceSchemas,
  type Schema,
} from '../directory/index.ts';
import { record, tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

/** An extension of a tenant's own, and the version by which a change of it says what it has seen. */
export interface ShownExtension {
  schema: Schema;
  version: string;
}

const kind = z.object({ tenant, type: z.enum(['User', 'Group']) });
const key = kind.extend({ id: z.string().min(1).max(200) });
const version = z.string().max(128);
const standard = new Set([...userSchemas.extensions, ...groupSchemas.extensions].map(({ id }) => id));

/** The attributes that a tenant gives its people and groups beside those of the standards: extension schemas, RFC 7643 §3.3. */
export const extensions = router({
  list: procedure.input(z.object({ tenant })).query(({ ctx, input }) => {
    const actor = ctx.administrator(input.tenant);
    ctx.directory.tenants.get(input.tenant);
    return { User: ownOf(ctx.directory.schemas(actor, 'User')), Group: ownOf(ctx.directory.schemas(actor, 'Group')) };
  }),

  /** Says what stands against a definition; nothing is written. A mutation only because a definition is too long for an address. */
  validate: procedure
    .input(kind.extend({ schema: record }))
    .mutation(({ ctx, input: { tenant, type, schema }, signal }): Promise<ExtensionCheck> =>
      ctx.directory.validateExtension(ctx.administrator(tenant), type, schema, { signal }),
    ),

  /** @param expectedVersion null for an extension that must not be there yet. */
  put: procedure
    .input(kind.extend({ schema: record, expectedVersion: version.nullable() }))
    .mutation(async ({ ctx, input: { tenant, type, schema, expectedVersion } }): Promise<ShownExtension> =>
      shown(await ctx.directory.putExtension(ctx.administrator(tenant), type, schema, { expectedVersion })),
    ),

  /** How many people or groups have values of an extension. */
  count: procedure
    .input(key)
    .query(({ ctx, input: { tenant, type, id } }) => ctx.directory.countExtensionValues(ctx.administrator(tenant), type, id)),

  /** Takes the values from some of those that have them. @returns how many have values still. */
  clear: procedure
    .input(key)
    .mutation(({ ctx, input: { tenant, type, id } }) => ctx.directory.clearExtensionValues(ctx.administrator(tenant), type, id)),

  remove: procedure
    .input(key.extend({ expectedVersion: version }))
    .mutation(({ ctx, input: { tenant, type, id, expectedVersion } }) =>
      ctx.directory.removeExtension(ctx.administrator(tenant), type, id, { expectedVersion }),
    ),
});

function ownOf({ extensions }: ResourceSchemas): ShownExtension[] {
  return extensions.filter(({ id }) => !standard.has(id)).map(shown);
}

function shown(schema: Schema): ShownExtension {
  return { schema, version: schemaVersionOf(schema) };
}
