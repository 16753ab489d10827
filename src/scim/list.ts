import {
  DirectoryError,
  resourceTypes,
  type Complex,
  type Directory,
  type ListPage,
  type ResourceType,
} from '../directory/index.ts';
import { badRequest } from './errors.ts';
import { urns } from './protocol.ts';
import type { Query } from './query.ts';
import { toWirePage, type Caller } from './resource.ts';
import type { Answer } from './resources.ts';

/** Answers a list of all that there is, for discovery (RFC 7644 §4). */
export function listOf(resources: readonly object[]): Answer {
  const total = resources.length;
  return {
    status: 200,
    body: { schemas: [urns.list], totalResults: total, itemsPerPage: total, startIndex: 1, Resources: resources },
  };
}

/**
 * One page of users, groups or agents (RFC 7644 §3.4.2). The next page's cursor is told to those who page by cursors (RFC 9865).
 * @throws as Directory.list and toWirePage.
 */
export async function listType(directory: Directory, caller: Caller, type: ResourceType, query: Query): Promise<Answer> {
  const page = await directory.list(caller.actor, type, query);
  const resources = await toWirePage(directory, caller, page.rows, query.projection);
  return answer(query, page.total, resources, page.nextCursor);
}

/**
 * One page of all types together, for a query of the SCIM root (RFC 7644 §3.4.3): users, groups, agents, each in the order
 * that is asked for. A type that does not have an attribute of the filter, or to sort by, has no match.
 * @throws as listType, if that is so for all types.
 */
export async function listAll(directory: Directory, caller: Caller, query: Query): Promise<Answer> {
  const [from, cursor] = typeOfCursor(query.cursor);
  const resources: Complex[] = [];
  const refusals: DirectoryError[] = [];
  let total = 0;
  let next: string | undefined;
  for (const [index, type] of resourceTypes.entries()) {
    const following = resourceTypes[index + 1];
    const isPast = query.cursor !== undefined && index < resourceTypes.indexOf(from);
    const left = next !== undefined || isPast ? 0 : query.count - resources.length;
    const place =
      query.cursor === undefined
        ? { startIndex: Math.max(1, query.startIndex - total) }
        : { cursor: type === from ? cursor : '' };
    const page = await pageOrRefusal(directory, caller, type, {
      ...query,
      startIndex: undefined,
      cursor: undefined,
      ...place,
      count: left,
    });
    if (page instanceof DirectoryError) {
      refusals.push(page);
      continue;
    }
    total += page.total;
    resources.push(...(await toWirePage(directory, caller, page.rows, query.projection)));
    if (isPast || next !== undefined) continue;
    if (page.nextCursor !== undefined) next = `${type}.${page.nextCursor}`;
    else if (following !== undefined && resources.length >= query.count && query.count > 0) next = `${following}.`;
  }
  const [refusal] = refusals;
  if (refusal && refusals.length === resourceTypes.length) throw refusal;
  return answer(query, total, resources, next);
}

async function pageOrRefusal(
  directory: Directory,
  caller: Caller,
  type: ResourceType,
  query: Parameters<Directory['list']>[2],
): Promise<ListPage | DirectoryError> {
  try {
    return await directory.list(caller.actor, type, query);
  } catch (error) {
    if (error instanceof DirectoryError && (error.code === 'INVALID_FILTER' || error.code === 'INVALID_PATH')) return error;
    throw error;
  }
}

function typeOfCursor(cursor: string | undefined): [ResourceType, string] {
  if (cursor === undefined || cursor === '') return ['User', ''];
  const dot = cursor.indexOf('.');
  const type = resourceTypes.find((each) => each === cursor.slice(0, dot));
  if (dot < 0 || type === undefined)
    throw badRequest('invalidCursor', 'This is not a cursor that was given out here. Begin again without one.');
  return [type, cursor.slice(dot + 1)];
}

function answer(query: Query, total: number, resources: readonly Complex[], nextCursor: string | undefined): Answer {
  const place = query.cursor === undefined ? { startIndex: query.startIndex } : nextCursor !== undefined && { nextCursor };
  return {
    status: 200,
    body: { schemas: [urns.list], totalResults: total, itemsPerPage: resources.length, ...place, Resources: resources },
  };
}
