import { z } from 'zod';
import {
  resourceTypes,
  type FieldChange,
  type Member,
  type Resource,
  type Revision,
  type Undone,
  type UndoResult,
} from '../directory/index.ts';
import { key, pageInput, tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

/** One entry of a timeline: a revision without the whole resource, which would be megabytes for a long history. */
export type HistoryEntry = Omit<Revision, 'resource' | 'members' | 'tenant' | 'type' | 'id'>;

/** A user or group as it was. */
export interface PastResource {
  resource: Resource;
  version: string;
  at: string;
  author: Revision['author'];
}

const typed = key.extend({ type: z.enum(resourceTypes) });
const revision = z.int().min(1);
const field = z.string().min(1).max(300);
const id = z.string().min(1).max(128);
/** Of each resource, and of resources, so many are told. */
const told = { changes: 60, resources: 200 };

const moment = z.string().max(40);
const pastKey = key.extend({ moment });
const pastPage = pageInput.extend({
  moment,
  sort: z
    .object({
      by: z.enum(['displayName', 'userName', 'title', 'department', 'active', 'lastModified']),
      descending: z.boolean(),
    })
    .optional(),
});

/** The directory as it was at a moment; nothing can be changed there. */
const past = router({
  people: procedure.input(pastPage).query(async ({ ctx, input: { tenant, moment, ...query } }) => {
    const asOf = await ctx.directory.history.asOf(ctx.administrator(tenant), moment);
    return asOf.users(query);
  }),

  groups: procedure.input(pastPage).query(async ({ ctx, input: { tenant, moment, ...query } }) => {
    const asOf = await ctx.directory.history.asOf(ctx.administrator(tenant), moment);
    return asOf.groups(query);
  }),

  get: procedure.input(typed.extend({ moment })).query(async ({ ctx, input }): Promise<PastResource> => {
    const asOf = await ctx.directory.history.asOf(ctx.administrator(input.tenant), input.moment);
    const { resource, version, at, author } = asOf.get(input.type, input.id);
    return { resource, version, at, author };
  }),

  members: procedure
    .input(pastKey.extend({ after: id.optional(), limit: z.int().min(1).max(500).default(200) }))
    .query(async ({ ctx, input: { tenant, moment, id, ...page } }): Promise<Member[]> => {
      const asOf = await ctx.directory.history.asOf(ctx.administrator(tenant), moment);
      return asOf.members(id, page);
    }),

  groupsOf: procedure.input(pastKey).query(async ({ ctx, input: { tenant, moment, id } }) => {
    const asOf = await ctx.directory.history.asOf(ctx.administrator(tenant), moment);
    return asOf.groupsOf(id);
  }),
});

/** What happened to people and groups, and the way back. */
export const history = router({
  /** One page of a timeline, newest first; the cursor is that of the page before. */
  list: procedure
    .input(
      typed.extend({
        author: z.string().min(1).max(500).optional(),
        door: z.enum(['window', 'mcp', 'scim', 'cli']).optional(),
        field: field.optional(),
        cursor: revision.nullish(),
        limit: z.int().min(1).max(200).default(50),
      }),
    )
    .query(async ({ ctx, input: { tenant, type, id, cursor, ...query } }) => {
      const actor = ctx.administrator(tenant);
      const { revisions, ...page } = await ctx.directory.history.list(actor, type, id, {
        ...query,
        before: cursor ?? undefined,
      });
      return { ...page, entries: revisions.map(toEntry) };
    }),

  /** What differs between two versions; without `to`, from how it is now. */
  compare: procedure.input(typed.extend({ from: revision, to: revision.optional() })).query(async ({ ctx, input }) => {
    const { tenant, type, id, from, to } = input;
    const actor = ctx.administrator(tenant);
    const { revisions } = await ctx.directory.history.list(actor, type, id, { limit: 1 });
    const latest = revisions[0]?.revision ?? from;
    return ctx.directory.history.compare(actor, type, id, { revision: from }, { revision: to ?? latest });
  }),

  /** Brings a user or group back to a version; a window always says which one it has seen, if there is one. */
  revert: procedure
    .input(
      typed.extend({
        revision,
        expectedVersion: z.string().max(128).optional(),
        fields: z.array(field).min(1).max(200).optional(),
      }),
    )
    .mutation(({ ctx, input: { tenant, type, id, revision: to, ...options } }) =>
      ctx.directory.history.revert(ctx.administrator(tenant), type, id, { ...options, to: { revision: to } }),
    ),

  /** Undoes one change or a run of an agent, or says what that would do. */
  undo: procedure
    .input(
      z.object({
        tenant,
        author: z.string().min(1).max(300).optional(),
        run: z.string().min(1).max(128).optional(),
        revision: revision.optional(),
        preview: z.boolean(),
        insist: z
          .array(
            z.object({
              type: z.enum(resourceTypes),
              id,
              paths: z.array(z.string().max(1000)).max(500),
              expectedVersion: z.string().max(128),
            }),
          )
          .max(500)
          .optional(),
      }),
    )
    .mutation(async ({ ctx, input: { tenant, author, run, revision: one, preview, insist } }): Promise<UndoResult> => {
      const selection = { author, run, revision: one };
      const result = await ctx.directory.history.undo(ctx.administrator(tenant), selection, { preview, insist });
      return { ...result, resources: shown(result.resources) };
    }),

  past,
});

function toEntry(revision: Revision): HistoryEntry {
  const { resource: _resource, members: _members, tenant: _tenant, type: _type, id: _id, ...entry } = revision;
  return entry;
}

/** Those with conflicts first, since they are what there is to decide. */
function shown(resources: readonly Undone[]): Undone[] {
  const ordered = resources.toSorted((a, b) => Number(b.conflicts.length > 0) - Number(a.conflicts.length > 0));
  const shorten = (changes: readonly FieldChange[]) => changes.slice(0, told.changes);
  return ordered.slice(0, told.resources).map((one) => ({ ...one, changes: shorten(one.changes) }));
}
