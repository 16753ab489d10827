import { diff } from '../diff.ts';
import { DirectoryError } from '../errors.ts';
import { limits } from '../limits.ts';
import { memberPath, netMembers } from '../members.ts';
import { nameOf } from '../name.ts';
import type { Author, FieldChange, Member, Operation, Resource, ResourceType, Revision } from '../resource.ts';
import type { Key, Store } from '../store.ts';
import { parseVersion } from '../version.ts';
import { notFound } from '../write.ts';
import type { PastStore } from './past-store.ts';

/** Which version of a resource is meant: by its raw version, its revision, or as it was at a moment (RFC 3339). */
export type Point = { version: string } | { revision: number } | { at: string };

/** What a version is, without its content. */
export interface VersionInfo {
  revision: number;
  version: string;
  at: string;
  author: Author;
  operation: Operation;
}

/** A resource as it was. */
export interface PastVersion extends VersionInfo {
  type: ResourceType;
  id: string;
  /** As of then; of a deletion, as it was before. */
  resource: Resource;
}

/** What differs between two versions; the members of a group as far as they can be listed. */
export interface Comparison {
  from: VersionInfo;
  to: VersionInfo;
  changes: FieldChange[];
  /** Of a group: how many members came and went in all. */
  members?: { added: number; removed: number };
}

/**
 * Finds a version of a resource.
 * @throws DirectoryError NOT_FOUND; VERSION_NOT_FOUND that says whether versions are no longer kept; INVALID_VERSION_FORMAT;
 *   INVALID_ARGUMENT for a moment that is none.
 */
export function findVersion(past: PastStore, key: Key, point: Point): Revision {
  const found =
    'version' in point
      ? past.withVersion(key, parseVersion(point.version))
      : past.revisionAt(key, 'revision' in point ? point.revision : past.latestAt(momentOf(point.at)));
  if (found && (!('revision' in point) || found.revision === point.revision)) return found;
  if (!past.revisionAt(key, Number.MAX_SAFE_INTEGER)) throw notFound(key);
  const what =
    'version' in point ? `version '${point.version}'` : 'revision' in point ? `revision ${point.revision}` : 'version of then';
  const pruned = past.prunedBefore(key) !== undefined ? ' Its oldest versions are no longer kept.' : '';
  throw new DirectoryError('VERSION_NOT_FOUND', `No ${what} is in the history of this ${key.type.toLowerCase()}.${pruned}`);
}

/** @returns the moment in the form in which revisions have theirs. @throws DirectoryError INVALID_ARGUMENT. */
export function momentOf(text: string): string {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(time)) return new Date(time).toISOString();
  const message = `'${text.slice(0, 60)}' is not a moment. Write it as 2026-01-31T09:00:00Z.`;
  throw new DirectoryError('INVALID_ARGUMENT', message, { issues: [{ path: 'at', message }] });
}

export function infoOf({ revision, version, at, author, operation }: Revision): VersionInfo {
  return { revision, version, at, author, operation };
}

/** What has to be undone of a group's members to have those of a moment: who came since, and who left since. */
export function membersSince(past: PastStore, key: Key, revision: number): { came: string[]; left: string[] } {
  const { added, removed } = netMembers(past.moves(key, revision));
  return { came: [...added.keys()], left: [...removed.keys()] };
}

/** Who came into a group and who left it between two of its revisions, in either order. */
export function membersBetween(past: PastStore, key: Key, from: number, to: number): { came: string[]; left: string[] } {
  const [first, last] = from < to ? [from, to] : [to, from];
  const { added, removed } = netMembers(past.moves(key, first).filter(({ revision }) => revision <= last));
  const [came, left] = from < to ? [added, removed] : [removed, added];
  return { came: [...came.keys()], left: [...left.keys()] };
}

/** The ids of a group's members after a revision, in their order, after one of them. */
export async function membersAt(
  store: Store,
  key: Key,
  revision: number,
  page: { limit: number; after?: string },
): Promise<string[]> {
  const { came, left } = membersSince(store.past, key, revision);
  const gone = new Set(came);
  const { after = '', limit } = page;
  const now = await store.members(key.tenant, key.id, limit + came.length, after);
  const ids = [...now.map(({ value }) => value).filter((id) => !gone.has(id)), ...left.filter((id) => id > after)];
  return ids.toSorted((a, b) => (a < b ? -1 : 1)).slice(0, limit);
}

/** What somebody is called, who may be deleted: as now, else as last. */
export function nameInPast(past: PastStore, tenant: string, id: string): Partial<Member> & { value: string } {
  const last = past.last(tenant, id);
  return last ? { value: id, type: last.type === 'Group' ? 'Group' : 'User', display: nameOf(last.resource) } : { value: id };
}

/** Compares two versions of a resource, in either order. */
export function compare(past: PastStore, key: Key, from: Revision, to: Revision): Comparison {
  const content = (revision: Revision) => (revision.operation === 'delete' ? undefined : revision.resource);
  const changes = diff(content(from), content(to));
  const facts = { from: infoOf(from), to: infoOf(to) };
  if (key.type !== 'Group') return { ...facts, changes };
  const { came, left } = membersBetween(past, key, from.revision, to.revision);
  const listed = (ids: readonly string[], side: 'before' | 'after') =>
    ids.slice(0, limits.memberChangesListedMax).map((id): FieldChange => ({
      path: memberPath(id),
      [side]: { ...nameInPast(past, key.tenant, id) },
    }));
  return {
    ...facts,
    changes: [...changes, ...listed(came, 'after'), ...listed(left, 'before')],
    members: { added: came.length, removed: left.length },
  };
}
