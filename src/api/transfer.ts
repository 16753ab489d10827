import { z } from 'zod';
import type { ExportPiece, Job, Problem } from '../transfer/index.ts';
import { tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

/** A file that comes through the window; larger ones go by the command line. */
const fileBytesMax = 50 * 1024 * 1024;
const kind = z.enum(['users', 'groups']);
const format = z.enum(['csv', 'json', 'jsonl', 'ldif']);
const job = z.object({ tenant, id: z.uuid() });
const only = z.union([
  z.object({ filter: z.string().max(8000) }),
  z.object({ ids: z.array(z.string().min(1).max(128)).max(1000) }),
]);
const options = z.object({
  kind,
  format,
  /** Of CSV: column → attribute path, or `ignore`. */
  mapping: z.record(z.string().max(1000), z.string().max(1000)).optional(),
  mode: z.enum(['create', 'update', 'both']).optional(),
  emptyCells: z.enum(['keep', 'clear']).optional(),
  matchExternalId: z.boolean().optional(),
  ignoreVersions: z.boolean().optional(),
});

/**
 * Imports and exports. An import is a job: `begin`, `append` until the file is there, `inspect` for what its columns are,
 * `preview`, then `run`; `progress` tells of each step until it is over.
 */
export const transfer = router({
  begin: procedure
    .input(z.object({ tenant, name: z.string().min(1).max(255), size: z.int().min(0) }))
    .mutation(({ ctx, input: { tenant, name, size } }) =>
      ctx.imports.create(ctx.administrator(tenant), name, { size, sizeMax: fileBytesMax }),
    ),

  append: procedure
    .input(job.extend({ text: z.string().max(256 * 1024), isLast: z.boolean() }))
    .mutation(({ ctx, input: { tenant, id, text, isLast } }) =>
      ctx.imports.append(tenant, id, text, { isLast, sizeMax: fileBytesMax }),
    ),

  inspect: procedure
    .input(job.extend({ kind, format: format.optional() }))
    .query(({ ctx, input: { tenant, id, ...given } }) => ctx.imports.inspect(tenant, id, given)),

  preview: procedure
    .input(job.extend({ options }))
    .mutation(({ ctx, input }) => ctx.imports.preview(ctx.administrator(input.tenant), input.id, input.options)),

  /** Starts it, or goes on with it where it broke off. Without options, with those of the preview. */
  run: procedure
    .input(job.extend({ options: options.optional() }))
    .mutation(({ ctx, input }) => ctx.imports.run(ctx.administrator(input.tenant), input.id, input.options)),

  cancel: procedure.input(job).mutation(({ ctx, input }) => ctx.imports.cancel(input.tenant, input.id)),
  remove: procedure.input(job).mutation(({ ctx, input }) => ctx.imports.remove(input.tenant, input.id)),
  /** The imports of a tenant, newest first, without what their previews found. */
  list: procedure.input(z.object({ tenant })).query(({ ctx, input }) => ctx.imports.list(input.tenant).map(withoutPlan)),
  get: procedure.input(job).query(({ ctx, input }) => ctx.imports.get(input.tenant, input.id)),

  /** The job as it is, and whenever it is further, until nothing is under way. What the preview found comes once, at its end. */
  progress: procedure.input(job).subscription(async function* ({ ctx, input, signal }): AsyncGenerator<Job> {
    for await (const state of ctx.imports.watch(input.tenant, input.id, signal))
      yield state.state === 'previewed' ? state : withoutPlan(state);
  }),

  problems: procedure
    .input(
      job.extend({ only: z.enum(['conflicts', 'errors']).optional(), offset: z.int().min(0), limit: z.int().min(1).max(1000) }),
    )
    .query(async ({ ctx, input: { tenant, id, only, offset, limit } }): Promise<Problem[]> => {
      const page: Problem[] = [];
      let at = 0;
      for await (const problem of ctx.imports.problems(tenant, id)) {
        if (only && (problem.kind === 'conflict') !== (only === 'conflicts')) continue;
        if (at++ >= offset) page.push(problem);
        if (page.length === limit) break;
      }
      return page;
    }),

  /** All problems as CSV, in pieces. */
  problemsText: procedure
    .input(job)
    .subscription(({ ctx, input }): AsyncIterable<string> => ctx.imports.problemsText(input.tenant, input.id)),

  /** The text of people or groups, in pieces. */
  export: procedure
    .input(z.object({ tenant, kind, format: z.enum(['csv', 'json', 'jsonl']), only: only.optional() }))
    .subscription(({ ctx, input: { tenant, ...what } }): AsyncIterable<ExportPiece> =>
      ctx.exportPieces(ctx.administrator(tenant), what),
    ),
});

function withoutPlan({ plan: _plan, ...rest }: Job): Job {
  return rest;
}
