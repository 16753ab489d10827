import { Readable } from 'node:stream';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { z } from 'zod';
import { auditFormats, DirectoryError, type AuditProgress, type AuditVerdict, type Directory } from '../directory/index.ts';
import { administrator } from './policy-control.ts';

const exportInput = z.object({ tenant: z.string(), format: z.enum(auditFormats) });
export type WantedAuditExport = z.infer<typeof exportInput>;

/** @param tenant absent for all of them. */
const verifyInput = z.object({ tenant: z.string().optional() });
export type WantedAuditCheck = z.infer<typeof verifyInput>;

/** One line of what a check tells: how far it is in a tenant, or what it has found there. */
export type AuditCheckLine = { tenant: string } & ({ progress: AuditProgress } | { verdict: AuditVerdict });

/** @throws DirectoryError NOT_FOUND before anything is written. */
export function auditText({ audit, tenants }: Directory, { tenant, format }: WantedAuditExport): AsyncIterable<string> {
  tenants.get(tenant);
  return audit.export(administrator(tenant), format);
}

/** Checks the logs of one tenant or of all, in lines of JSON. @throws DirectoryError NOT_FOUND before anything is written. */
export function auditCheckText({ audit, tenants }: Directory, { tenant }: WantedAuditCheck): AsyncIterable<string> {
  const wanted = tenant === undefined ? tenants.list() : [tenants.get(tenant)];
  const line = (text: AuditCheckLine) => `${JSON.stringify(text)}\n`;
  return (async function* () {
    for (const { id } of wanted) {
      const run = audit.check(administrator(id));
      for (;;) {
        const { done, value } = await run.next();
        yield line({ tenant: id, ...(done ? { verdict: value } : { progress: value }) });
        if (done) break;
      }
    }
  })();
}

/** `tandem audit` of a running host: text as a stream. */
export function auditRoutes(directory: Directory): FastifyPluginAsync {
  const stream = (reply: FastifyReply, make: () => AsyncIterable<string>) => {
    try {
      const text = make();
      return reply.type('text/plain; charset=utf-8').send(Readable.from(text));
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      return reply.code(400).send({ message: error.message });
    }
  };
  return async (fastify) => {
    fastify.post('/control/audit-export', async (request, reply) => {
      const { success, data, error } = exportInput.safeParse(request.body);
      return success
        ? stream(reply, () => auditText(directory, data))
        : reply.code(400).send({ message: z.prettifyError(error) });
    });
    fastify.post('/control/audit-verify', async (request, reply) => {
      const { success, data, error } = verifyInput.safeParse(request.body);
      if (!success) return reply.code(400).send({ message: z.prettifyError(error) });
      return stream(reply, () => auditCheckText(directory, data));
    });
  };
}
