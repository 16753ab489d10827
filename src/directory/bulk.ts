import { randomUUID } from 'node:crypto';
import { DirectoryError } from './errors.ts';
import type { ApprovalOptions } from './escalations/asking.ts';
import { limits } from './limits.ts';
import type { WriteOperation } from './operation.ts';
import type { ResourceType } from './resource.ts';
import type { Written } from './write.ts';

/** One operation of a bulk request (RFC 7644 §3.7), with the version in raw form. */
export interface BulkOperation {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/Users`, `/Groups/ID` or, for something created in the same request, `/Users/bulkId:NAME`. */
  path: string;
  /** A name for what a POST creates, by which other operations can refer to it: `bulkId:NAME`. */
  bulkId?: string | undefined;
  version?: string | undefined;
  /** The record, or the PatchOp message. */
  data?: unknown;
}

/** What became of one operation. */
export interface BulkResult {
  operation: BulkOperation;
  type: ResourceType | undefined;
  id: string | undefined;
  /** The resource, unless it was deleted. */
  written?: Written | undefined;
  error?: DirectoryError;
}

export interface BulkOptions {
  /** All or nothing, in one transaction. */
  atomic?: boolean | undefined;
  /** Stop after so many errors; the rest is not done. */
  failOnErrors?: number | undefined;
  lenient?: boolean | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** How the caller waits, where it is all or nothing and its tenant's policy lets a person decide. */
  approval?: ApprovalOptions | undefined;
}

const roots = new Map<string, ResourceType>([
  ['users', 'User'],
  ['groups', 'Group'],
  ['agents', 'Agent'],
]);

/** An operation that is ready to run, or why it is not. */
export interface Planned {
  operation: BulkOperation;
  write: WriteOperation | undefined;
  error: DirectoryError | undefined;
  /** The bulkIds that it refers to. */
  needs: readonly string[];
}

/**
 * Plans a bulk request: gives an id to each resource that will be created, so that others can refer to it wherever they stand,
 * and puts what is referred to before what refers to it.
 * @returns the operations in the order in which they are to be run.
 * @throws DirectoryError TOO_LARGE.
 */
export function planBulk(operations: readonly BulkOperation[]): Planned[] {
  if (operations.length > limits.bulkOperationsMax)
    throw new DirectoryError(
      'TOO_LARGE',
      `A bulk request has at most ${limits.bulkOperationsMax} operations; this has ${operations.length}.`,
    );
  const ids = new Map<string, string>();
  for (const { method, bulkId } of operations) if (method === 'POST' && bulkId !== undefined) ids.set(bulkId, randomUUID());
  const seen = new Set<string>();
  const planned = operations.map((operation): Planned => {
    try {
      if (operation.method === 'POST' && operation.bulkId !== undefined) {
        if (seen.has(operation.bulkId)) throw invalid('bulkId', `'${operation.bulkId}' is used twice.`);
        seen.add(operation.bulkId);
      }
      const needs: string[] = [];
      const resolve = (text: string) => resolveReference(text, ids, needs);
      return { operation, write: toWrite(operation, ids, resolve), error: undefined, needs };
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      return { operation, write: undefined, error, needs: [] };
    }
  });
  return inOrder(planned);
}

function toWrite(
  { method, path, bulkId, version, data }: BulkOperation,
  ids: ReadonlyMap<string, string>,
  resolve: (text: string) => string,
): WriteOperation {
  const [, root = '', rawId, ...more] = path.split('/');
  const type = roots.get(root.toLowerCase());
  if (!path.startsWith('/') || !type || more.length > 0 || (method === 'POST') !== (rawId === undefined))
    throw invalid(
      'path',
      `'${path.slice(0, 100)}' does not fit ${method}: send /Users, /Groups or /Agents to create, else with the id after it.`,
    );
  if (rawId === undefined)
    return { kind: 'create', type, id: ids.get(bulkId ?? '') ?? randomUUID(), record: withReferences(data, resolve) };
  const target = { type, id: resolve(decoded(rawId)), expectedVersion: version };
  if (method === 'DELETE') return { ...target, kind: 'delete' };
  if (method === 'PUT') return { ...target, kind: 'replace', record: withReferences(data, resolve) };
  return { ...target, kind: 'patch', body: withReferences(data, resolve) };
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    throw invalid('path', `'${id.slice(0, 100)}' is not URL-encoded text.`);
  }
}

function resolveReference(text: string, ids: ReadonlyMap<string, string>, needs: string[]): string {
  if (!text.startsWith('bulkId:')) return text;
  const name = text.slice('bulkId:'.length);
  const id = ids.get(name);
  if (id === undefined) throw invalid('bulkId', `'${name.slice(0, 100)}' is referred to, but no POST of this request has it.`);
  needs.push(name);
  return id;
}

function withReferences(value: unknown, resolve: (text: string) => string): unknown {
  if (typeof value === 'string') return resolve(value);
  if (Array.isArray(value)) return value.map((item) => withReferences(item, resolve));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withReferences(inner, resolve)]));
}

/** Puts what is referred to first; operations that refer to each other in a circle keep their order. */
function inOrder(planned: readonly Planned[]): Planned[] {
  const creators = new Map(planned.map((item) => [item.operation.method === 'POST' ? item.operation.bulkId : undefined, item]));
  const ordered: Planned[] = [];
  const visited = new Set<Planned>();
  const visit = (start: Planned): void => {
    // A stack of our own: a chain of references may be longer than the call stack is deep.
    const stack: { item: Planned; next: number }[] = [{ item: start, next: 0 }];
    visited.add(start);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const need = top.item.needs[top.next++];
      if (need === undefined) {
        ordered.push(top.item);
        stack.pop();
        continue;
      }
      const creator = creators.get(need);
      if (!creator || visited.has(creator)) continue;
      visited.add(creator);
      stack.push({ item: creator, next: 0 });
    }
  };
  for (const item of planned) if (!visited.has(item)) visit(item);
  return ordered;
}

function invalid(path: string, message: string): DirectoryError {
  return new DirectoryError('INVALID_ARGUMENT', `${path}: ${message}`, { issues: [{ path, message }] });
}
