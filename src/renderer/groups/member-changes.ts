import { isComplex, type Change, type Json, type Member } from '../../directory/pure.ts';

/** What a change did to the members of a group, as far as it says. */
export interface MemberChanges {
  added: Member[];
  /** With the names that they had; a member that was deleted has none any more. */
  removed: { value: string; display: string }[];
  /** Set where so many came or went that the change only tells how many there are now. */
  countNow?: number;
}

const memberPath = /^members\[value eq (".*")\]$/;

/** Reads the changes of members out of an announced change. */
export function memberChangesOf({ changes }: Pick<Change, 'changes'>): MemberChanges {
  const found: MemberChanges = { added: [], removed: [] };
  for (const { path, before, after } of changes) {
    if (path === 'members' && typeof after === 'number') found.countNow = after;
    if (!memberPath.test(path)) continue;
    const added = toMember(after);
    const removed = toMember(before);
    if (added) found.added.push(added);
    else if (removed) found.removed.push({ value: removed.value, display: removed.display });
  }
  return found;
}

function toMember(value: Json | undefined): Member | undefined {
  if (!isComplex(value) || typeof value['value'] !== 'string') return undefined;
  const { value: id, display, type } = value;
  return { value: id, type: type === 'Group' ? 'Group' : 'User', display: typeof display === 'string' ? display : '' };
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Groups first, then people, each by name. */
export function byKindAndName(a: Member, b: Member): number {
  if (a.type !== b.type) return a.type === 'Group' ? -1 : 1;
  return collator.compare(a.display, b.display) || (a.value < b.value ? -1 : 1);
}
