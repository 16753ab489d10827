import type { Member } from '../../directory/pure.ts';
import type { Members } from './member-list.ts';

/** One row of the table of members: somebody, or a word about what is not there. */
export type MemberRow =
  | {
      kind: 'member';
      /** The ids from the group's member down to this one: the same person can be in it several times. */
      path: string;
      level: number;
      member: Member;
    }
  | { kind: 'word'; path: string; level: number; word: 'loading' | 'empty' | 'failed' };

/**
 * The rows as they are shown: the members, and below an expanded group its own.
 * @param expanded paths; @param membersOf the members of a group inside, undefined until its reading begins.
 */
export function memberRows(
  shown: readonly Member[],
  expanded: ReadonlySet<string>,
  membersOf: (id: string) => Members | undefined,
): MemberRow[] {
  const rows: MemberRow[] = [];
  const add = (members: readonly Member[], above: string, level: number): void => {
    for (const member of members) {
      const path = above === '' ? member.value : `${above}/${member.value}`;
      rows.push({ kind: 'member', path, level, member });
      if (!expanded.has(path)) continue;
      const inside = membersOf(member.value);
      add(inside?.shown ?? [], path, level + 1);
      const word = inside?.error !== undefined ? 'failed' : (inside?.loading ?? true) ? 'loading' : 'empty';
      if (inside?.error !== undefined || (inside?.shown ?? []).length === 0)
        rows.push({ kind: 'word', path: `${path}/`, level: level + 1, word });
    }
  };
  add(shown, '', 1);
  return rows;
}

/** Members whose name has the words of a search. */
export function findMembers(members: readonly Member[], search: string): readonly Member[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return members;
  return members.filter(({ display }) => {
    const name = display.toLowerCase();
    return words.every((word) => name.includes(word));
  });
}

/** The id at the end of a row's path. */
export function idOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
