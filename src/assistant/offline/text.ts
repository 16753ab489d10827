import { enterpriseUrn, labelOf, nameOf, valueAt, type UserRecord } from '../record.ts';
import type { FieldSetting } from './intent.ts';
import { uuid } from './words.ts';

/** People or things that one answer names; of more it tells the number. */
export const shownMax = 8;

/** Says why a call was refused. */
export function refusalText({ error_code, error }: { error_code?: string; error?: string }): string {
  if (error_code === 'USER_NOT_FOUND') return 'That person does not exist (any more). Nothing was changed.';
  if (error_code === 'GROUP_NOT_FOUND') return 'That group does not exist (any more). Nothing was changed.';
  // A call that was interrupted, of which nobody knows whether it was done.
  if (error?.startsWith('The outcome is unknown'))
    return 'I was interrupted, and whether it was done is not known. Look before you ask again.';
  if (error?.startsWith('AI_NoSuchToolError')) return 'That needs rights that I do not have here. Nothing was changed.';
  return `That was refused, and nothing was changed: ${error ?? 'no reason was given'}`;
}

/** One person in a sentence. */
export function describe(user: UserRecord): string {
  const facts: [string, unknown][] = [
    ['job title', user['title']],
    ['department', valueAt(user, `${enterpriseUrn}:department`)],
    ['user name', user['userName']],
    ['phone', valueAt(user, 'phoneNumbers[type eq "work"].value')],
    ['status', user['active'] === false ? 'inactive' : undefined],
  ];
  const known = facts.filter(([, value]) => value !== undefined).map(([name, value]) => `${name} ${String(value)}`);
  return `${nameOf(user)}: ${known.join(', ')}.`;
}

/** @param as what they are, after "4 people are". */
export function peopleText(users: readonly UserRecord[], total: number, as: string): string {
  if (total === 0) return `Nobody is ${as === 'here' ? 'here yet' : as}.`;
  const names = users.map((user) => [nameOf(user), user['title']].filter(Boolean).join(', '));
  return `${total === 1 ? 'One person is' : `${total} people are`} ${as}:\n${bullets(names, total)}`;
}

/** A list of lines, and how many more there are. */
export function bullets(lines: readonly string[], total = lines.length): string {
  const shown = lines.slice(0, shownMax);
  const more = total > shown.length ? `\n… and ${total - shown.length} more.` : '';
  return `${shown.map((line) => `• ${line}`).join('\n')}${more}`;
}

/** "Ada, Bo and Cy", or the first of them and how many more. */
export function namesText(users: readonly UserRecord[]): string {
  const names = users.slice(0, shownMax).map(nameOf);
  return list(users.length > names.length ? [...names, `${users.length - names.length} more`] : names);
}

export function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** "1 person", "4 people". */
export function counted(count: number, one = 'person', many = 'people'): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function quoted(value: unknown): string {
  return value === undefined ? 'nothing' : typeof value === 'string' ? `“${value}”` : JSON.stringify(value);
}

/** @param manager the name of the one whose id the manager's is. */
export function fieldText({ path, value }: FieldSetting, manager?: string): string {
  if (path === 'active') return value === true ? 'status to active' : 'status to inactive';
  if (path.endsWith('manager.value') && value !== undefined) return `manager to ${manager}`;
  return value === undefined ? `${labelOf(path)} to nothing` : `${labelOf(path)} to “${String(value)}”`;
}

/** A name from the directory, for a sentence that is understood again: nothing in it can be taken for an id. */
export function plainName(record: UserRecord): string {
  return nameOf(record).replaceAll(new RegExp(uuid, 'gi'), '…').replaceAll(/\s+/g, ' ');
}
