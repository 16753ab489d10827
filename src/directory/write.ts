import { explainConflict, type ChangeSince, type Conflict } from './conflict.ts';
import { diff } from './diff.ts';
import { DirectoryError } from './errors.ts';
import { limits } from './limits.ts';
import { decideMembers, memberPath, netMembers, type DecidedMembers, type MemberWish } from './members.ts';
import type { Author, Operation, Resource, Revision, Versioned } from './resource.ts';
import type { Key, Transaction } from './store.ts';
import { versionOf } from './version.ts';

/** A write's answer: the resource as it is now, and whether anything was written. */
export interface Written extends Versioned {
  /** False where the content was the same already; then nothing was written or announced. */
  changed: boolean;
  /** Of a group: how many members came and went with this write. */
  moved?: { added: number; removed: number };
}

/** A resource as a write wants it, checked against the schemas. Of a group, the members apart. */
export interface Wanted {
  content: Omit<Resource, 'id'> & { schemas: string[] };
  passwordHash?: string | undefined;
  /** Absent: its members stay. */
  members?: MemberWish | undefined;
}

/** Creates a resource. @throws DirectoryError VERSION_MISMATCH if it exists; UNIQUENESS. */
export function createIn(
  transaction: Transaction,
  author: Author,
  key: Key,
  operation: 'create' | 'recreate',
  { content, passwordHash, members: wish }: Wanted,
): Written {
  const existing = transaction.get(key);
  if (existing) throw mismatch(unknownBase('', existing));
  const resource: Resource = { ...content, id: key.id };
  const members = wish && decideMembers(transaction, key, undefined, wish);
  const written = transaction.write(key, {
    operation,
    author,
    resource,
    version: versionOf(resource, members?.decision.digest),
    changes: [...diff(undefined, resource), ...(members?.changes ?? [])],
    ...(members && { members: members.decision }),
    ...(passwordHash === undefined ? {} : { passwordHash }),
  });
  return { ...written, changed: true, ...movedBy(members) };
}

/**
 * Brings a deleted resource back: a group with the members that it had, where the record names none, and both into the groups
 * that the deletion took them out of. Members and groups that are not there any more are passed over.
 * @throws DirectoryError VERSION_MISMATCH if it exists; UNIQUENESS.
 */
export function restoreIn(transaction: Transaction, author: Author, key: Key, wanted: Wanted): Written {
  const { tenant, id } = key;
  const [last] = transaction.history(key, 1, 0);
  const { members: moved, fromGroups = [] } = last?.operation === 'delete' ? last : {};
  const former = (moved?.removed ?? []).filter((member) => transaction.named(tenant, member));
  const members = wanted.members ?? (key.type === 'Group' ? { add: former, remove: [] } : undefined);
  const written = createIn(transaction, author, key, 'recreate', { ...wanted, members });
  for (const group of fromGroups) {
    // Meanwhile a member of this one may have come to contain it; a group in itself would be refused.
    if (transaction.named(tenant, group)?.type !== 'Group' || transaction.reaches(tenant, id, group)) continue;
    moveMembersIn(transaction, author, { tenant, type: 'Group', id: group }, { add: [id], remove: [] });
  }
  return written;
}

/** Changes a group's members alone. */
function moveMembersIn(transaction: Transaction, author: Author, key: Key, members: MemberWish): void {
  updateIn(transaction, author, key, 'patch', undefined, ({ id: _id, ...content }) => ({ content, members }));
}

/**
 * Changes a resource.
 * @param expected the raw version that the caller has seen; absent where the last writer wins, knowingly.
 * @param make the resource as it should be, from the resource as it is (or, to explain a conflict, as the caller saw it).
 * @throws DirectoryError NOT_FOUND, VERSION_MISMATCH, UNIQUENESS; what `make` throws.
 */
export function updateIn(
  transaction: Transaction,
  author: Author,
  key: Key,
  operation: Operation,
  expected: string | undefined,
  make: (current: Resource) => Wanted,
): Written {
  const current = found(transaction, key);
  if (expected !== undefined && current.version !== expected) throw mismatch(explain(transaction, key, expected, current, make));
  const { content, passwordHash, members: wish } = make(current.resource);
  const resource: Resource = { ...content, id: key.id };
  const members = wish && decideMembers(transaction, key, current.members, wish);
  const version = versionOf(resource, members?.decision.digest ?? current.members?.digest);
  if (version === current.version && passwordHash === undefined) return { ...current, changed: false };
  const written = transaction.write(key, {
    operation,
    author,
    current,
    resource,
    version,
    changes: [...diff(current.resource, resource), ...(members?.changes ?? [])],
    ...(members && { members: members.decision }),
    ...(passwordHash === undefined ? {} : { passwordHash }),
  });
  return { ...written, changed: true, ...movedBy(members) };
}

/**
 * Deletes a resource, and takes it out of the groups that have it as a member.
 * @throws DirectoryError NOT_FOUND, VERSION_MISMATCH.
 */
export function deleteIn(transaction: Transaction, author: Author, key: Key, expected: string | undefined): void {
  const current = found(transaction, key);
  if (expected !== undefined && current.version !== expected) throw mismatch(explain(transaction, key, expected, current));
  const groups = transaction.directGroups(key.tenant, key.id);
  for (const group of groups)
    moveMembersIn(transaction, author, { tenant: key.tenant, type: 'Group', id: group }, { add: [], remove: [key.id] });
  const members = key.type === 'Group' ? decideMembers(transaction, key, current.members, { exactly: [] }) : undefined;
  transaction.write(key, {
    operation: 'delete',
    author,
    current,
    resource: current.resource,
    version: current.version,
    changes: [...diff(current.resource, undefined), ...(members?.changes ?? [])],
    ...(members && { members: members.decision }),
    ...(groups.length > 0 && { fromGroups: groups }),
  });
}

function movedBy(members: DecidedMembers | undefined): Pick<Written, 'moved'> {
  if (!members) return {};
  const { add, remove } = members.decision;
  return { moved: { added: add.length, removed: remove.length } };
}

function found(transaction: Transaction, key: Key): Versioned {
  const current = transaction.get(key);
  if (!current) throw notFound(key);
  return current;
}

/** Says from history what happened since the caller's version, and, where nothing overlaps, what both together are. */
function explain(
  transaction: Transaction,
  key: Key,
  expected: string,
  current: Versioned,
  make?: (base: Resource) => Wanted,
): Conflict {
  const base = transaction.revisionWithVersion(key, expected);
  if (!base) return unknownBase(expected, current);
  const since = transaction.history(key, limits.conflictRevisionsMax, base.revision);
  const mine = make && wantedFrom(make, base.resource);
  const conflict = explainConflict({
    expectedVersion: expected,
    currentVersion: current.version,
    current: current.resource,
    history: since.toReversed(),
    base: base.resource,
    mine: mine && { ...mine.content, id: key.id },
  });
  if (key.type !== 'Group') return conflict;
  const changes = [...conflict.changes, ...memberChanges(transaction, key, since)];
  const { merged } = conflict;
  if (!mine) return { ...conflict, changes, overlapping: changes.length > 0 };
  return { ...conflict, changes, ...(merged && { merged: mergedMembers(transaction, key, merged, mine.members, since) }) };
}

/** What the caller wanted, on the version that it had seen; undefined where that cannot be told. */
function wantedFrom(make: (base: Resource) => Wanted, base: Resource): Wanted | undefined {
  try {
    return make(base);
  } catch (error) {
    if (error instanceof DirectoryError) return undefined;
    throw error;
  }
}

function memberChanges(transaction: Transaction, { tenant }: Key, since: readonly Revision[]): ChangeSince[] {
  const { added, removed } = netMembers(since);
  const toChange = (id: string, { author, at }: Revision, side: 'before' | 'after'): ChangeSince => ({
    path: memberPath(id),
    [side]: { ...(transaction.named(tenant, id) ?? { value: id }) },
    author,
    at,
  });
  const came = [...added].slice(0, limits.memberChangesListedMax).map(([id, revision]) => toChange(id, revision, 'after'));
  const left = [...removed].slice(0, limits.memberChangesListedMax).map(([id, revision]) => toChange(id, revision, 'before'));
  return [...came, ...left];
}

/** Members are a set: what either side added or removed since the base holds, and never collides. */
function mergedMembers(
  transaction: Transaction,
  { tenant, id }: Key,
  merged: Resource,
  wish: MemberWish | undefined,
  since: readonly Revision[],
): Resource {
  if (!wish) return merged;
  const members = new Set(transaction.memberIds(tenant, id).map(({ value }) => value));
  const { added, removed } = netMembers(since);
  const base = new Set([...members].filter((member) => !added.has(member)));
  for (const member of removed.keys()) base.add(member);
  const wanted = new Set('exactly' in wish ? wish.exactly : []);
  const mine =
    'exactly' in wish
      ? {
          add: wish.exactly.filter((member) => !base.has(member)),
          remove: [...base].filter((member) => !wanted.has(member)),
        }
      : wish;
  for (const member of mine.add) members.add(member);
  for (const member of mine.remove) members.delete(member);
  return { ...merged, members: [...members].map((value) => ({ value })) };
}

function unknownBase(expected: string, current: Versioned): Conflict {
  return explainConflict({
    expectedVersion: expected,
    currentVersion: current.version,
    current: current.resource,
    history: [],
    base: undefined,
    mine: undefined,
  });
}

function mismatch(conflict: Conflict): DirectoryError {
  return new DirectoryError('VERSION_MISMATCH', 'Version mismatch: resource was modified', { conflict });
}

export function notFound({ type, id }: Pick<Key, 'type' | 'id'>): DirectoryError {
  return new DirectoryError('NOT_FOUND', `No ${type.toLowerCase()} has the id '${id.slice(0, 64)}'.`);
}
