import { diff } from '../diff.ts';
import { same } from '../elements.ts';
import { memberPath, netMembers, type MemberWish } from '../members.ts';
import type { Resource, Revision } from '../resource.ts';

/**
 * Finds what a whole record would silently undo: fields that somebody else changed since the writer last read them, and that
 * the record has exactly as the writer saw them then. A client that re-reads only the version and sends its old record
 * back does this to every change made meanwhile, with a version that is right.
 * @param base the resource as the writer was shown it; @param current as it is; @param mine as the writer sends it.
 * @param since the revisions after the base, newest first.
 * @param isWriter whether an author is the writer, whose own changes it may take back.
 * @returns the paths, as diff gives them; empty where nothing is undone.
 */
export function restoredFields(options: {
  base: Resource;
  current: Resource;
  mine: Resource;
  since: readonly Revision[];
  isWriter: (author: Revision['author']) => boolean;
}): string[] {
  const { base, current, mine, since, isWriter } = options;
  const wanted = new Map(diff(current, mine).map((change) => [change.path, change]));
  return diff(base, current).flatMap(({ path, before }) => {
    const wish = wanted.get(path);
    if (!wish || !same(wish.after, before)) return [];
    const last = since.find(({ changes }) => changes.some((change) => change.path === path));
    return last && !isWriter(last.author) ? [path] : [];
  });
}

/**
 * The same of a group's members: who others added and the writer leaves out or removes, or others removed and it has or adds.
 */
export function restoredMembers(options: {
  wish: MemberWish;
  since: readonly Revision[];
  isWriter: (author: Revision['author']) => boolean;
}): string[] {
  const { wish, since, isWriter } = options;
  const [there, gone] = 'exactly' in wish ? [new Set(wish.exactly)] : [new Set(wish.add), new Set(wish.remove)];
  const { added, removed } = netMembers(since);
  const byOthers = (moves: Map<string, Revision>, isUndone: (id: string) => boolean) =>
    [...moves].filter(([id, { author }]) => isUndone(id) && !isWriter(author)).map(([id]) => memberPath(id));
  return [...byOthers(added, (id) => (gone ? gone.has(id) : !there.has(id))), ...byOthers(removed, (id) => there.has(id))];
}
