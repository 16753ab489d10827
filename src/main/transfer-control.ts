import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import { commandLine as commandLineAuthor, DirectoryError, type Actor, type Directory } from '../directory/index.ts';
import {
  exportResources,
  formats,
  kinds,
  type ImportJobs,
  type ImportOptions,
  type Job,
  type Problem,
} from '../transfer/index.ts';
import { codeOf, StartError } from './data-folder.ts';

const tenant = z.string();
const job = z.object({ tenant, id: z.string() });
const options = z.object({
  kind: z.enum(kinds),
  format: z.enum(formats).optional(),
  mapping: z.record(z.string(), z.string()).optional(),
  mode: z.enum(['create', 'update', 'both']).optional(),
  emptyCells: z.enum(['keep', 'clear']).optional(),
  matchExternalId: z.boolean().optional(),
  ignoreVersions: z.boolean().optional(),
});
export type WantedImport = z.infer<typeof options>;

/** What the command line may ask of the host about imports (control.ts). */
export const transferRequests = {
  'import-start': { input: z.object({ tenant, path: z.string(), options, preview: z.boolean() }), output: z.custom<Job>() },
  'import-status': { input: job, output: z.custom<Job>() },
  'import-resume': { input: job.partial({ id: true }), output: z.custom<Job>() },
  'import-cancel': { input: job, output: z.custom<Job>() },
  'import-problems': { input: job.extend({ count: z.int().max(1000) }), output: z.custom<Problem[]>() },
  'import-remove': { input: job, output: z.object({}) },
};
type Requests = typeof transferRequests;
export type TransferHandlers = {
  [N in keyof Requests]: (input: z.infer<Requests[N]['input']>) => Promise<z.infer<Requests[N]['output']>>;
};

/** Who the command line is, in the history of what it imports. */
function commandLine(inTenant: string): Actor {
  return {
    ...commandLineAuthor,
    tenant: inTenant,
    scopes: ['scim:read', 'scim:write'],
  };
}

/** What a host does for `tandem import`, and what that does itself where no host runs. */
export function transferHandlers(jobs: ImportJobs): TransferHandlers {
  return {
    async 'import-start'({ tenant: inTenant, path, options: wanted, preview }) {
      const actor = commandLine(inTenant);
      const { id } = await jobs.create(actor, basename(path), { path }).catch((error: unknown) => {
        if (error instanceof DirectoryError) throw error;
        throw new StartError(`Cannot read ${path}: ${reasons[codeOf(error)] ?? codeOf(error)}.`);
      });
      try {
        const { format } = await jobs.inspect(inTenant, id, wanted);
        const how: ImportOptions = { ...wanted, format };
        return await (preview ? jobs.preview(actor, id, how) : jobs.run(actor, id, how));
      } catch (error) {
        await jobs.remove(inTenant, id);
        throw error;
      }
    },
    'import-status': async (input) => jobs.get(input.tenant, input.id),
    async 'import-resume'(input) {
      const id = input.id ?? jobs.list(input.tenant).find(({ state }) => resumable.has(state))?.id;
      if (id === undefined) throw new StartError('No import of this tenant waits to be gone on with.');
      return jobs.run(commandLine(input.tenant), id);
    },
    'import-cancel': (input) => jobs.cancel(input.tenant, input.id),
    async 'import-problems'(input) {
      const problems: Problem[] = [];
      for await (const problem of jobs.problems(input.tenant, input.id)) {
        if (problems.length >= input.count) break;
        problems.push(problem);
      }
      return problems;
    },
    async 'import-remove'(input) {
      await jobs.remove(input.tenant, input.id);
      return {};
    },
  };
}

const resumable = new Set<Job['state']>(['interrupted', 'cancelled', 'failed']);
const reasons: Record<string, string> = { ENOENT: 'there is no such file', EACCES: 'no permission', EISDIR: 'that is a folder' };

const exportInput = z.object({ tenant, kind: z.enum(kinds), format: z.enum(['csv', 'json', 'jsonl']) });
export type WantedExport = z.infer<typeof exportInput>;

/** @throws DirectoryError NOT_FOUND, FORBIDDEN before anything is written. */
export function exportText(directory: Directory, { tenant: inTenant, ...what }: WantedExport): AsyncIterable<string> {
  const actor = commandLine(inTenant);
  directory.tenants.allow(actor, 'scim:read');
  return exportResources(directory, actor, what);
}

/** `tandem export` of a running host: the text as a stream. */
export function exportRoute(directory: Directory): FastifyPluginAsync {
  return async (fastify) => {
    fastify.post('/control/export', async (request, reply) => {
      const input = exportInput.safeParse(request.body);
      if (!input.success) return reply.code(400).send({ message: z.prettifyError(input.error) });
      try {
        const text = exportText(directory, input.data);
        return await reply.type('text/plain; charset=utf-8').send(Readable.from(text));
      } catch (error) {
        if (!(error instanceof DirectoryError)) throw error;
        return reply.code(400).send({ message: error.message });
      }
    });
  };
}
