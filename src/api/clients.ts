import { z } from 'zod';
import type { ConnectedClient } from '../auth/index.ts';
import { callLimitsSchema, ownersOf, toolsets } from '../directory/index.ts';
import { key, tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

const id = z.string().min(1).max(2048);
const name = z.string().min(1).max(100);
/** How many and what they may be, the authorization server says. */
const addresses = z.array(z.string().max(4096)).max(100);
const scopes = z.array(z.enum(['scim:read', 'scim:write', 'scim:admin'])).max(3);

/** As what a client stands in the directory of a tenant. */
export interface ShownAgent {
  /** Whether it may come in there. */
  active: boolean;
  /** Without a name: who is not in the directory any more. */
  owners: { id: string; name: string | undefined }[];
  version: string;
}

/** The OAuth clients and access keys: what they may do, how they are used, and the ways to limit and to end that. */
export const clients = router({
  list: procedure.query(({ ctx }): ConnectedClient[] => ctx.clients.list()),

  /** Registers an app that does not register itself. Its secret is in this answer and nowhere else. */
  register: procedure
    .input(z.object({ name, kind: z.enum(['confidential', 'public']), redirects: addresses, signOutRedirects: addresses }))
    .mutation(({ ctx, input }) => ctx.clients.register(input, ctx.administrator('default'))),

  /** As what a client stands in the directory of a tenant: whether it may come in there, and who answers for it. */
  agent: procedure.input(key).query(async ({ ctx, input }): Promise<ShownAgent> => {
    const actor = ctx.administrator(input.tenant);
    const found = await ctx.directory.get(actor, 'Agent', input.id);
    const names = await ctx.directory.referenceNames(actor, [found]);
    const owners = ownersOf(found.resource).map((value) => ({ id: value, name: names.get(value) }));
    return { active: found.resource['active'] !== false, owners, version: found.version };
  }),

  /** Turns a client on or off in a tenant, or says who answers for it there. */
  setAgent: procedure
    .input(
      key.extend({
        active: z.boolean().optional(),
        owners: z.array(z.string().min(1).max(128)).max(100).optional(),
        expectedVersion: z.string().max(128).optional(),
      }),
    )
    .mutation(async ({ ctx, input: { tenant: of, id: agent, active, owners, expectedVersion } }) => {
      const operations = [
        ...(active === undefined ? [] : [{ op: 'replace', path: 'active', value: active }]),
        ...(owners === undefined ? [] : [{ op: 'replace', path: 'owners', value: owners.map((value) => ({ value })) }]),
      ];
      await ctx.directory.patch(ctx.administrator(of), 'Agent', agent, operations, { expectedVersion });
    }),

  rename: procedure
    .input(z.object({ id, name }))
    .mutation(({ ctx, input }) => ctx.clients.rename(input.id, input.name, ctx.administrator('default'))),

  narrow: procedure
    .input(z.object({ id, scopes }))
    .mutation(({ ctx, input }) => ctx.clients.narrow(input.id, input.scopes, ctx.administrator('default'))),

  /** Without toolsets: those of its tenant and of the server again. */
  chooseToolsets: procedure
    .input(z.object({ id, toolsets: z.array(z.enum(toolsets)).optional() }))
    .mutation(({ ctx, input }) => ctx.clients.chooseToolsets(input.id, input.toolsets, ctx.administrator('default'))),

  /** What is left out is as the settings say. */
  limit: procedure
    .input(z.object({ id, limits: callLimitsSchema }))
    .mutation(({ ctx, input }) => ctx.clients.limit(input.id, input.limits, ctx.administrator('default'))),

  revoke: procedure
    .input(z.object({ id }))
    .mutation(({ ctx, input }) => ctx.clients.revoke(input.id, ctx.administrator('default'))),

  endGrant: procedure
    .input(z.object({ id, grant: z.string().max(128) }))
    .mutation(({ ctx, input }) => ctx.clients.endGrant(input.id, input.grant, ctx.administrator('default'))),

  /** Makes an access key. Its text is in this answer and nowhere else. */
  makeKey: procedure
    .input(z.object({ tenant, name, scopes, days: z.int().min(1).max(3650).optional() }))
    .mutation(({ ctx, input }) => ctx.accessKeys.create(input, ctx.administrator(input.tenant))),

  /** Gives an access key a new text; the old one opens as well for some minutes, or ends at once. */
  rotate: procedure
    .input(z.object({ id, minutes: z.int().min(0).max(1440) }))
    .mutation(({ ctx, input }) => ctx.clients.rotate(input.id, input.minutes, ctx.administrator('default'))),

  /** How people and clients may sign in, and the key that signs. */
  signIn: procedure.query(({ ctx }) => {
    const { demoSignIn = true, metadataDocuments = false } = ctx.authorization.read();
    return { demoSignIn, metadataDocuments, signingKey: ctx.signingKeys.state(), storage: ctx.about().keychain };
  }),

  setSignIn: procedure
    .input(z.object({ demoSignIn: z.boolean().optional(), metadataDocuments: z.boolean().optional() }))
    .mutation(async ({ ctx, input }) => {
      await ctx.authorization.update(input);
      const detail = { ...input };
      await ctx.directory.audit.record(ctx.administrator('default'), { kind: 'access', event: 'sign_in_set_up', detail });
    }),

  rotateSigningKey: procedure.mutation(({ ctx }) => ctx.signingKeys.rotate(ctx.administrator('default'))),
});
