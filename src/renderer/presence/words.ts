import type { Presence } from '../../directory/pure.ts';
import { labelOf, listOf } from '../words.ts';

/** @returns whether it is another window of the administrator, who would not know themselves by name. */
export function isWindow({ who }: Presence): boolean {
  return who.id === 'administrator' && who.door === 'window';
}

export function whoIs(presence: Presence): string {
  return isWindow(presence) ? 'Another window' : presence.who.name;
}

/** What somebody is doing at a user or group, as a sentence without its full stop. */
export function doing(presence: Presence): string {
  const { kind, fields, note } = presence;
  const who = whoIs(presence);
  const names = listOf(fields.map((path) => labelOf(path).toLowerCase()));
  if (kind === 'open') return `${who} has this open`;
  if (kind === 'draft') return `${who} has unsaved changes of ${names}`;
  const what = `${who} is about to change ${names === '' ? 'this' : names}`;
  return note === undefined || note.trim() === '' ? what : `${what}: ${note.trim()}`;
}

const weight: Record<Presence['kind'], number> = { intent: 0, draft: 1, open: 2 };

/** Who matters most comes first: who is about to write, then who has unsaved changes. */
export function inOrder(present: readonly Presence[]): Presence[] {
  return present.toSorted((a, b) => weight[a.kind] - weight[b.kind] || a.since.localeCompare(b.since));
}
