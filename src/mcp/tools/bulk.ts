import { z } from 'zod';
import { limits, type BulkOperation, type BulkResult, type ResourceType } from '../../directory/index.ts';
import { deleteStill, sendChangeAgain, sendRecord, type AfterConflict } from '../conflict.ts';
import { lenientFor } from '../lenient.ts';
import { contentOf, invalidArgument, Refusal, type RefusalContent, type ToolErrorCode } from '../result.ts';
import { resourceUri } from '../scim-resource.ts';
import { defineTool } from './tool.ts';

const operation = z.strictObject({
  method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().min(1).max(400).describe('"/Users" or "/Groups" to create, else with the id after it: "/Users/ID".'),
  bulk_id: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('With POST: a name by which other operations refer to what this creates, as "bulkId:NAME" in place of its id.'),
  bulkId: z.string().min(1).max(200).optional().describe('The same, as RFC 7644 spells it.'),
  expected_version: z.string().optional().describe('The raw version that you have seen, as in scim_update_user.'),
  version: z.string().optional().describe('The same, as RFC 7644 spells it; W/"…" is taken too.'),
  data: z
    .unknown()
    .optional()
    .describe('POST and PUT: the whole record. PATCH: the list of operations, or {"schemas": […], "Operations": […]}.'),
});

const result = z.looseObject({
  method: z.string(),
  path: z.string(),
  bulk_id: z.string().optional(),
  status: z.string().describe('HTTP status, for example "201".'),
  id: z.string().optional(),
  location: z.string().optional().describe('The resource among the MCP resources.'),
  version: z.string().optional().describe('Raw version of the resource now.'),
  error: z
    .looseObject({ error: z.string(), error_code: z.string() })
    .optional()
    .describe('Where this operation was refused: as the tool for one resource would say it, with conflict for VERSION_MISMATCH.'),
});

/** After one operation of an atomic request, by which all of it is refused. */
const atomicConflict: AfterConflict = {
  apart:
    'Nothing overlaps with that operation: give it expected_version = conflict.current_version (and, where it is a PUT, conflict.merged as its data), and send all operations again.',
  overlapping:
    'Read conflict.current, decide what should stand, give that operation expected_version = conflict.current_version, and send all operations again.',
  takesRecord: true,
};

export const bulk = defineTool({
  name: 'scim_bulk',
  title: 'Make many changes at once',
  description:
    `Makes up to ${limits.bulkOperationsMax} changes of users and groups in one call, each with its own expected version; those that create can be referred to by others as "bulkId:NAME", wherever they stand. ` +
    'With atomic, all are done or none. Without it, each stands alone: read the status of each result, also when the call as a whole succeeded. ' +
    'Progress is told while it runs; when it is cancelled, what is done stays done (atomic: nothing is). Ask the person you work for before you delete.',
  toolset: 'scim',
  scope: 'scim:write',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  afterConflict: atomicConflict,
  input: {
    operations: z.array(operation).min(1).max(limits.bulkOperationsMax),
    fail_on_errors: z
      .int()
      .min(1)
      .optional()
      .describe('Stop after so many errors; what is left is not done. All are tried if left out.'),
    atomic: z.boolean().default(false).describe('All or nothing, in one transaction.'),
  },
  content: z.object({ results: z.array(result).describe('In the order of the operations; those not done are missing.') }),
  async run({ directory }, actor, { operations, fail_on_errors, atomic }, { signal, onProgress, approval }) {
    const results = await directory.bulk(actor, operations.map(toOperation), {
      atomic,
      failOnErrors: fail_on_errors,
      lenient: lenientFor(directory, actor),
      signal,
      onProgress,
      approval,
    });
    const failed = results.filter(({ error }) => error).length;
    const told = results.map((one) => toResult(actor.tenant, one));
    const [first] = results;
    // One question for all of them.
    if (
      first?.error?.escalationId !== undefined &&
      results.every(({ error }) => error?.escalationId === first.error?.escalationId)
    )
      throw first.error;
    if (failed === results.length) throw new Refusal(nothingDone(told, signal.aborted));
    return {
      content: { results: told },
      metadata: {
        operation: 'bulk',
        atomic,
        succeeded: results.length - failed,
        failed,
        not_done: operations.length - results.length,
      },
    };
  },
});

function toOperation(sent: z.infer<typeof operation>, index: number): BulkOperation {
  const { method, path, bulk_id, bulkId = bulk_id, expected_version, version, data } = sent;
  if ((bulk_id !== undefined && bulk_id !== bulkId) || (expected_version !== undefined && version !== undefined))
    throw invalidArgument(`operations.${index}`, 'Send bulk_id or bulkId, and expected_version or version, not both.');
  if (/^\/agents(?:\/|$)/i.test(path))
    throw invalidArgument(
      `operations.${index}.path`,
      'AI clients are no users or groups. People manage them, or a program over SCIM.',
    );
  const raw = expected_version ?? (version && /^(?:W\/)?"(.*)"$/.exec(version)?.[1]) ?? version;
  return { method, path, bulkId, version: raw, data };
}

const statuses: Partial<Record<ToolErrorCode, string>> = {
  USER_NOT_FOUND: '404',
  GROUP_NOT_FOUND: '404',
  UNIQUENESS: '409',
  VERSION_MISMATCH: '412',
  STALE_BODY: '409',
  RETRY_BUDGET_EXHAUSTED: '429',
  TOO_LARGE: '413',
  FORBIDDEN: '403',
  POLICY_REFUSED: '403',
  DECLINED: '403',
  // Accepted, and not done yet.
  APPROVAL_NEEDED: '202',
  UNAVAILABLE: '503',
};
const succeededStatus = { POST: '201', PUT: '200', PATCH: '200', DELETE: '204' } as const;

function toResult(tenant: string, { operation: { method, path, bulkId }, type, id, written, error }: BulkResult) {
  const about = { method, path, ...(bulkId !== undefined && { bulk_id: bulkId }) };
  if (error) {
    const content = contentOf(error, { type, afterConflict: afterConflict(method, type) });
    return {
      ...about,
      status: statuses[content.error_code] ?? '400',
      ...(id !== undefined && method !== 'POST' && { id }),
      error: content,
    };
  }
  return {
    ...about,
    status: succeededStatus[method],
    ...(type !== undefined && id !== undefined && { id, location: resourceUri(tenant, type, id) }),
    ...(written && { version: written.version }),
  };
}

function afterConflict(method: BulkOperation['method'], type: ResourceType | undefined): AfterConflict {
  if (method === 'DELETE') return deleteStill;
  return method === 'PUT' && type !== undefined ? sendRecord('data') : sendChangeAgain;
}

function nothingDone(results: readonly ReturnType<typeof toResult>[], cancelled: boolean): RefusalContent {
  if (cancelled && results.length === 0) return { error: 'Cancelled before anything was done.', error_code: 'CANCELLED' };
  return {
    error: `Nothing was done: ${results.length === 1 ? 'the operation was' : 'all operations were'} refused. Read in results why, correct them, and send them again.`,
    error_code: 'BULK_FAILED',
    results,
  };
}
