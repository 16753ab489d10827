import { resourceTypes, type BulkOperation, type BulkResult, type Directory } from '../directory/index.ts';
import { badRequest, errorBody, ScimError, toScimError } from './errors.ts';
import { versionOfTag } from './etag.ts';
import { etagOf, locationOf, urns } from './protocol.ts';
import { messageOf } from './query.ts';
import type { Caller } from './resource.ts';
import type { Answer } from './resources.ts';

const methods = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * Runs a bulk request (RFC 7644 §3.7): each operation for itself, in the order that their references to each other need, and
 * answers in the order of the request.
 * @param signal ends it between two operations; what is done stays done.
 * @throws ScimError 400 for a body that is none, 428 where the tenant wants versions and an operation has none: then nothing
 *   was done. DirectoryError TOO_LARGE.
 */
export async function runBulk(directory: Directory, caller: Caller, body: unknown, signal: AbortSignal): Promise<Answer> {
  const { failOnErrors, operations } = requestFrom(body, caller);
  const results = await directory.bulk(caller.actor, operations, { failOnErrors, lenient: caller.lenient, signal });
  return {
    status: 200,
    body: { schemas: [urns.bulkResponse], Operations: results.map((result) => toWire(directory, caller, result)) },
  };
}

function requestFrom(body: unknown, caller: Caller): { failOnErrors: number | undefined; operations: BulkOperation[] } {
  const { failOnErrors, Operations: sent } = messageOf(body, urns.bulkRequest, caller);
  if (!Array.isArray(sent)) throw badRequest('invalidSyntax', 'Operations: Must be a list of operations.');
  if (failOnErrors !== undefined && !(Number.isSafeInteger(failOnErrors) && Number(failOnErrors) >= 1))
    throw badRequest('invalidValue', 'failOnErrors: Must be a whole number from 1.');
  const operations = sent.map((operation: unknown, index) => operationFrom(operation, `Operations[${index}]`));
  if (caller.requireVersion)
    operations.forEach(({ method, path, version }, index) => {
      if (method === 'POST' || version !== undefined || path.includes('/bulkId:')) return;
      throw new ScimError(
        428,
        `Nothing was done. This tenant wants to know which version is meant: Operations[${index}] needs the "version" of its resource.`,
      );
    });
  return { failOnErrors: failOnErrors === undefined ? undefined : Number(failOnErrors), operations };
}

function operationFrom(sent: unknown, place: string): BulkOperation {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent))
    throw badRequest('invalidSyntax', `${place}: Must be an object with "method", "path" and "data".`);
  const members = new Map(Object.entries(sent).map(([key, value]: [string, unknown]) => [key.toLowerCase(), value ?? undefined]));
  const text = (name: string): string | undefined => {
    const value = members.get(name.toLowerCase());
    if (value === undefined || typeof value === 'string') return value;
    throw badRequest('invalidSyntax', `${place}.${name}: Must be a string.`);
  };
  const method = methods.find((name) => name === text('method')?.toUpperCase());
  if (!method) throw badRequest('invalidSyntax', `${place}.method: Must be one of ${methods.join(', ')}.`);
  const path = text('path');
  if (path === undefined) throw badRequest('invalidSyntax', `${place}.path: Is missing.`);
  const version = text('version');
  return {
    method,
    path,
    bulkId: text('bulkId'),
    // `*` is any version, as in If-Match.
    version: version === undefined || version.trim() === '*' ? undefined : versionOfTag(version),
    data: members.get('data'),
  };
}

/** One result. It has a location unless nothing was created; the version is that of what was written. */
function toWire(directory: Directory, caller: Caller, { operation, type, id, written, error }: BulkResult): object {
  const { method, bulkId } = operation;
  const isThere = type !== undefined && id !== undefined && !(method === 'POST' && error);
  const head = {
    method,
    ...(bulkId !== undefined && { bulkId }),
    ...(isThere && { location: locationOf(caller.base, type, id) }),
  };
  if (!error) {
    const status = method === 'POST' ? 201 : method === 'DELETE' ? 204 : 200;
    return { ...head, ...(written && { version: etagOf(written.version) }), status: String(status) };
  }
  const types = type === undefined ? resourceTypes : [type];
  const refusal = toScimError(
    error,
    types.map((one) => directory.schemas(caller.actor, one)),
  );
  if (!refusal) throw error;
  const { status, message, scimType, extensions } = refusal;
  return { ...head, status: String(status), response: errorBody(status, message, scimType, extensions) };
}
