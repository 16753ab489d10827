import { DirectoryError, type Issue } from './errors.ts';
import { limits } from './limits.ts';
import { changeDigest } from './member-digest.ts';
import type { FieldChange, Member, Revision, Versioned } from './resource.ts';
import type { Key, MemberDecision, Transaction } from './store.ts';

/** What a write wants of a group's members: a difference, or exactly these. Ids. */
export type MemberWish = { add: readonly string[]; remove: readonly string[] } | { exactly: readonly string[] };

/** What changes, and how history tells it. */
export interface DecidedMembers {
  decision: MemberDecision;
  changes: FieldChange[];
}

/**
 * Decides which members come and go: those that are there already do not come, and those that are not do not go.
 * @param current of the group; absent where it is being created.
 * @returns undefined where nothing changes.
 * @throws DirectoryError SCHEMA_VIOLATION for an id that no user or group of the tenant has, or a group that would contain
 *   itself; TOO_LARGE.
 */
export function decideMembers(
  transaction: Transaction,
  key: Key,
  current: Versioned['members'],
  wish: MemberWish,
): DecidedMembers | undefined {
  const { coming, going } = difference(transaction, key, current, wish);
  if (coming.length === 0 && going.length === 0) return undefined;
  if (coming.length > limits.membersPerWriteMax)
    throw new DirectoryError('TOO_LARGE', `At most ${limits.membersPerWriteMax} members can be added at once.`);
  const count = (current?.count ?? 0) + coming.length - going.length;
  if (count > limits.membersMax) throw new DirectoryError('TOO_LARGE', `A group has at most ${limits.membersMax} members.`);
  const issues: Issue[] = [];
  const add = coming.flatMap((id) => {
    const member = transaction.named(key.tenant, id);
    const problem = member ? loopProblem(transaction, key, member) : 'No user or group of this tenant has this id.';
    if (problem !== undefined) issues.push({ path: memberPath(id), message: problem });
    return member ? [member] : [];
  });
  if (issues.length > 0) {
    const shown = issues.slice(0, 20);
    const text = shown.map(({ path, message }) => `${path}: ${message}`).join(' ');
    throw new DirectoryError('SCHEMA_VIOLATION', text, { issues: shown });
  }
  const named = (id: string) => transaction.named(key.tenant, id) ?? { value: id };
  const changes =
    add.length + going.length > limits.memberChangesListedMax
      ? [{ path: 'members', before: current?.count ?? 0, after: count }]
      : [
          ...add.map((member): FieldChange => ({ path: memberPath(member.value), after: { ...member } })),
          ...going.map((id): FieldChange => ({ path: memberPath(id), before: { ...named(id) } })),
        ];
  return { decision: { add, remove: going, count, digest: changeDigest(current?.digest ?? '', coming, going) }, changes };
}

function difference(
  transaction: Transaction,
  { tenant, id: group }: Key,
  current: Versioned['members'],
  wish: MemberWish,
): { coming: string[]; going: string[] } {
  if ('exactly' in wish) {
    const wanted = new Set(wish.exactly);
    const there = new Set(current ? transaction.memberIds(tenant, group).map(({ value }) => value) : []);
    return { coming: [...wanted].filter((id) => !there.has(id)), going: [...there].filter((id) => !wanted.has(id)) };
  }
  const isThere = (id: string) => current !== undefined && transaction.isMember(tenant, group, id);
  const leaving = new Set(wish.remove);
  return {
    coming: [...new Set(wish.add)].filter((id) => !leaving.has(id) && !isThere(id)),
    going: [...leaving].filter((id) => isThere(id)),
  };
}

function loopProblem(transaction: Transaction, { tenant, id: group }: Key, member: Member): string | undefined {
  if (member.type !== 'Group') return undefined;
  if (member.value === group) return 'A group cannot be a member of itself.';
  return transaction.reaches(tenant, member.value, group)
    ? `The group '${member.display}' contains this group already; groups cannot contain each other.`
    : undefined;
}

/** A member in a path of history and of errors. */
export function memberPath(id: string): string {
  return `members[value eq ${JSON.stringify(id)}]`;
}

/** What a run of revisions did to a group's members in all: for each id that came or went, the last revision that moved it. */
export function netMembers<R extends Pick<Revision, 'members'>>(
  newestFirst: readonly R[],
): { added: Map<string, R>; removed: Map<string, R> } {
  const last = new Map<string, { revision: R; isIn: boolean }>();
  const wasIn = new Map<string, boolean>();
  for (const revision of newestFirst.toReversed()) {
    for (const id of revision.members?.added ?? []) {
      if (!wasIn.has(id)) wasIn.set(id, false);
      last.set(id, { revision, isIn: true });
    }
    for (const id of revision.members?.removed ?? []) {
      if (!wasIn.has(id)) wasIn.set(id, true);
      last.set(id, { revision, isIn: false });
    }
  }
  const moved = [...last].filter(([id, { isIn }]) => wasIn.get(id) !== isIn);
  return {
    added: new Map(moved.filter(([, { isIn }]) => isIn).map(([id, { revision }]) => [id, revision])),
    removed: new Map(moved.filter(([, { isIn }]) => !isIn).map(([id, { revision }]) => [id, revision])),
  };
}

/** Who the members of a group were before its latest revisions. @param since those, newest first. */
export function membersBefore(transaction: Transaction, { tenant, id }: Key, since: readonly Revision[]): Set<string> {
  const { added, removed } = netMembers(since);
  const members = new Set(transaction.memberIds(tenant, id).map(({ value }) => value));
  for (const member of added.keys()) members.delete(member);
  for (const member of removed.keys()) members.add(member);
  return members;
}

/** What a wish changes of the members that its writer had seen. */
export function changeFrom(seen: ReadonlySet<string>, wish: MemberWish): { add: readonly string[]; remove: readonly string[] } {
  if (!('exactly' in wish)) return wish;
  const wanted = new Set(wish.exactly);
  return { add: wish.exactly.filter((id) => !seen.has(id)), remove: [...seen].filter((id) => !wanted.has(id)) };
}
