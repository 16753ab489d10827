import { explainConflict, type ChangeSince, type Conflict } from './conflict.ts';
import { restoredFields, restoredMembers } from './conflicts/stale-body.ts';
import { diff } from './diff.ts';
import { DirectoryError } from './errors.ts';
import { limits } from './limits.ts';
import {
  changeFrom,
  decideMembers,
  memberPath,
  membersBefore,
  netMembers,
  type DecidedMembers,
  type MemberWish,
} from './members.ts';
import type { Proposal } from './policy/judge.ts';
import type { Author, Operation, Origin, Resource, ResourceType, Revision, Versioned } from './resource.ts';
import type { Decision, Key, Transaction } from './store.ts';
import { versionOf } from './version.ts';

/** A write's answer: the resource as it is now, and whether anything was written. */
export interface Written extends Versioned {
  /** False where the content was the same already; then nothing was written or announced. */
  changed: boolean;
  /** Of a group: how many members came and went with this write. */
  moved?: { added: number; removed: number };
  /** Where the write was merged with what others had changed since its author read: that conflict. */
  merged?: Conflict | undefined;
  /** Paths that it set back to what they were before others changed them, as the policy of the tenant lets it. */
  overwrote?: string[] | undefined;
}

/** A resource as a write wants it, checked against the schemas. Of a group, the members apart. */
export interface Wanted {
  content: Omit<Resource, 'id'> & { schemas: string[] };
  passwordHash?: string | undefined;
  /** Absent: its members stay. */
  members?: MemberWish | undefined;
}

/**
 * What a write makes of a resource.
 * @param current the resource as it is; or as its writer saw it, and then with the revision of that.
 */
export type Make = (current: Resource, seen?: Revision) => Wanted;

/** What every write happens in. */
export interface WriteScope {
  transaction: Transaction;
  author: Author;
  /** What the write goes back on. */
  origin?: Origin | undefined;
  /** Looks at who writes before anything is read. @throws DirectoryError FORBIDDEN where a resource of this type is not the writer's to write. */
  admit?: ((type: ResourceType) => void) | undefined;
  /** Looks at each write before it is done. @throws DirectoryError POLICY_REFUSED, APPROVAL_NEEDED. */
  review?: ((proposal: Proposal) => void) | undefined;
  /**
   * The versions of a resource that the writer was shown lately, newest first: what a whole record is compared with, so that
   * it does not undo what others changed since. Absent where the writer has seen what it overwrites.
   */
  shown?: ((key: Key) => readonly string[]) | undefined;
}

/** Creates a resource. @throws DirectoryError VERSION_MISMATCH if it exists; UNIQUENESS. */
export function createIn(
  scope: WriteScope,
  key: Key,
  operation: 'create' | 'recreate',
  { content, passwordHash, members: wish }: Wanted,
): Written {
  const { transaction } = scope;
  scope.admit?.(key.type);
  const existing = transaction.get(key);
  if (existing) throw mismatch(unknownBase('', existing));
  const resource: Resource = { ...content, id: key.id };
  const members = wish && decideMembers(transaction, key, undefined, wish);
  const written = write(scope, key, {
    operation,
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
export function restoreIn(scope: WriteScope, key: Key, wanted: Wanted): Written {
  const { transaction } = scope;
  const { tenant, id } = key;
  const [last] = transaction.history(key, 1, 0);
  const { members: moved, fromGroups = [] } = last?.operation === 'delete' ? last : {};
  const former = (moved?.removed ?? []).filter((member) => transaction.named(tenant, member));
  const members = wanted.members ?? (key.type === 'Group' ? { add: former, remove: [] } : undefined);
  const written = createIn(scope, key, 'recreate', { ...wanted, members });
  for (const group of fromGroups) {
    // Meanwhile a member of this one may have come to contain it; a group in itself would be refused.
    if (transaction.named(tenant, group)?.type !== 'Group' || transaction.reaches(tenant, id, group)) continue;
    moveMembersIn(scope, { tenant, type: 'Group', id: group }, { add: [id], remove: [] });
  }
  return written;
}

/** Changes a group's members alone. */
function moveMembersIn(scope: WriteScope, key: Key, members: MemberWish): void {
  updateIn(scope, key, 'patch', undefined, ({ id: _id, ...content }) => ({ content, members }));
}

/**
 * Changes a resource.
 * @param expected the raw version that the caller has seen; absent where the last writer wins, knowingly.
 * @param make the resource as it should be, from the resource as it is (or, to explain a conflict, as the caller saw it).
 * @throws DirectoryError NOT_FOUND, VERSION_MISMATCH, UNIQUENESS; what `make` throws.
 */
export function updateIn(scope: WriteScope, key: Key, operation: Operation, expected: string | undefined, make: Make): Written {
  const { transaction } = scope;
  scope.admit?.(key.type);
  const current = found(transaction, key);
  if (expected !== undefined && current.version !== expected) throw collided(transaction, key, expected, current, make);
  const { content, passwordHash, members: wish } = make(current.resource);
  const resource: Resource = { ...content, id: key.id };
  const members = wish && decideMembers(transaction, key, current.members, wish);
  const version = versionOf(resource, members?.decision.digest ?? current.members?.digest);
  if (version === current.version && passwordHash === undefined) return { ...current, changed: false };
  if (operation === 'replace') refuseStaleBody(scope, key, current, { resource, wish, make });
  const written = write(scope, key, {
    operation,
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
export function deleteIn(scope: WriteScope, key: Key, expected: string | undefined): void {
  const { transaction } = scope;
  scope.admit?.(key.type);
  const current = found(transaction, key);
  if (expected !== undefined && current.version !== expected) throw collided(transaction, key, expected, current);
  const groups = transaction.directGroups(key.tenant, key.id);
  for (const group of groups)
    moveMembersIn(scope, { tenant: key.tenant, type: 'Group', id: group }, { add: [], remove: [key.id] });
  const members = key.type === 'Group' ? decideMembers(transaction, key, current.members, { exactly: [] }) : undefined;
  write(scope, key, {
    operation: 'delete',
    current,
    resource: current.resource,
    version: current.version,
    changes: [...diff(current.resource, undefined), ...(members?.changes ?? [])],
    ...(members && { members: members.decision }),
    ...(groups.length > 0 && { fromGroups: groups }),
  });
}

/**
 * Refuses a whole record that would undo what others changed since its writer read it.
 * @param wanted.make what the record is of any version; @param wanted.chosen paths of which the writer has said what stands there.
 * @throws DirectoryError STALE_BODY.
 */
export function refuseStaleBody(
  { transaction, author, shown }: WriteScope,
  key: Key,
  current: Versioned,
  wanted: { resource: Resource; wish: MemberWish | undefined; make: Make; chosen?: Readonly<Record<string, unknown>> },
): void {
  const { resource, wish, make, chosen = {} } = wanted;
  const isWriter = (other: Author) => other.id === author.id && other.run === author.run;
  for (const version of changedSince(transaction, key, shown?.(key) ?? [], isWriter)) {
    const base = transaction.revisionWithVersion(key, version);
    if (!base) continue;
    const since = transaction.history(key, limits.conflictRevisionsMax, base.revision);
    const fields = restoredFields({ base: base.resource, current: current.resource, mine: resource, since, isWriter });
    const members = wish ? restoredMembers({ wish, since, isWriter }) : [];
    const undone = [...fields.filter((path) => !(path in chosen)), ...members].slice(0, limits.memberChangesListedMax);
    if (undone.length === 0) continue;
    const message = `Stale record: it would undo what others changed since you read it (${undone.slice(0, 10).join(', ')})`;
    throw new DirectoryError('STALE_BODY', message, {
      conflict: { ...explain(transaction, key, version, current, make), undone },
    });
  }
}

/** @returns those versions, of the ones that the writer was shown, since which somebody else has changed the resource, as far as is known. */
function changedSince(
  transaction: Transaction,
  key: Key,
  shown: readonly string[],
  isWriter: (author: Author) => boolean,
): string[] {
  const left = new Set(shown);
  const changed: string[] = [];
  let byOthers = false;
  // Who writes the same again and again has been shown what only it has changed since: most often all of it.
  if (left.size > 0)
    for (const { version, operation, author } of transaction.writers(key, limits.conflictRevisionsMax)) {
      if (operation !== 'delete' && left.delete(version) && byOthers) changed.push(version);
      byOthers ||= !isWriter(author);
      if (left.size === 0) break;
    }
  return [...changed, ...left];
}

/** Every write goes through here, with all that is known of it. */
function write({ transaction, author, origin, review }: WriteScope, key: Key, decision: Omit<Decision, 'author'>): Versioned {
  const { operation, current, resource, changes, members, passwordHash } = decision;
  // A password is in no record, but setting it is a change like others.
  const changed = passwordHash === undefined ? changes : [...changes, { path: 'password' }];
  review?.({ key, operation, current, resource, changes: changed, members });
  return transaction.write(key, { ...decision, author, ...(origin && { origin }) });
}

function movedBy(members: DecidedMembers | undefined): Pick<Written, 'moved'> {
  if (!members) return {};
  const { add, remove } = members.decision;
  return { moved: { added: add.length, removed: remove.length } };
}

export function found(transaction: Transaction, key: Key): Versioned {
  const current = transaction.get(key);
  if (!current) throw notFound(key);
  return current;
}

/** Says from history what happened since the caller's version, and, where nothing overlaps, what both together are. */
function explain(transaction: Transaction, key: Key, expected: string, current: Versioned, make?: Make): Conflict {
  const base = transaction.revisionWithVersion(key, expected);
  if (!base) return unknownBase(expected, current);
  const since = transaction.history(key, limits.conflictRevisionsMax, base.revision);
  const mine = make && wantedFrom(make, base);
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
function wantedFrom(make: Make, base: Revision): Wanted | undefined {
  try {
    return make(base.resource, base);
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
  key: Key,
  merged: Resource,
  wish: MemberWish | undefined,
  since: readonly Revision[],
): Resource {
  if (!wish) return merged;
  const members = new Set(transaction.memberIds(key.tenant, key.id).map(({ value }) => value));
  const mine = changeFrom(membersBefore(transaction, key, since), wish);
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

/** The refusal of a write that was made for another version than the current one. */
export function collided(transaction: Transaction, key: Key, expected: string, current: Versioned, make?: Make): DirectoryError {
  return mismatch(explain(transaction, key, expected, current, make));
}

function mismatch(conflict: Conflict): DirectoryError {
  return new DirectoryError('VERSION_MISMATCH', 'Version mismatch: resource was modified', { conflict });
}

export function notFound({ type, id }: Pick<Key, 'type' | 'id'>): DirectoryError {
  return new DirectoryError('NOT_FOUND', `No ${type.toLowerCase()} has the id '${id.slice(0, 64)}'.`);
}
