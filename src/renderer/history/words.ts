import type { HistoryEntry } from '../../api/index.ts';
import { isComplex, type Door, type FieldChange, type Json, type ResourceType } from '../../directory/pure.ts';
import { authorName, byName, labelOf, typeWords } from '../words.ts';

const moment = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** A moment as people write it: "12 Nov 2026, 14:03". */
export function momentText(at: string): string {
  return moment.format(new Date(at));
}

export const doors: Record<Door, string> = {
  window: 'This window',
  mcp: 'AI clients',
  scim: 'Provisioning',
  cli: 'Command line',
};

/** What somebody did, in the words of a timeline: "Claude made changes". */
export function deed(type: ResourceType, { author, operation, origin }: HistoryEntry): string {
  const who = authorName(author);
  const what = typeWords[type].this;
  if (origin?.kind === 'revert') {
    if (operation === 'recreate') return `${who} brought ${what} back as of ${momentText(origin.at)}`;
    const part = origin.fields ? 'some fields' : 'everything';
    return `${who} went back with ${part} to ${momentText(origin.at)}`;
  }
  if (origin?.kind === 'undo') {
    const whose = authorName(origin.author) === 'You' ? 'your changes' : `what ${byName(origin.author)} did`;
    return `${who} undid ${whose}`;
  }
  switch (operation) {
    case 'create':
      return `${who} added ${what}`;
    case 'delete':
      return `${who} deleted ${what}`;
    case 'recreate':
      return `${who} brought ${what} back`;
    case 'replace':
    case 'patch':
      return `${who} made changes`;
  }
}

/** What a path is called; a member by the name that the change tells. */
export function changeLabel({ path }: Pick<FieldChange, 'path'>): string {
  return path === 'members' ? 'Members' : path.startsWith('members[') ? 'Member' : labelOf(path);
}

/** The name of a member, which a change of members has as its value. */
export function memberName(value: Json | undefined): string | undefined {
  if (!isComplex(value)) return undefined;
  const { display } = value;
  return typeof display === 'string' && display !== '' ? display : 'somebody who is not here any more';
}
