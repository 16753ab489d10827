import type { Inspection, Job } from '../../api/index.ts';
import type { Field } from '../people/fields.ts';
import { labelIn } from '../people/bulk/preview.tsx';
import { labelOf } from '../words.ts';

export type Kind = NonNullable<Job['options']>['kind'];
export type Format = Inspection['format'];

export const formatNames: Record<Format, string> = { csv: 'CSV', json: 'JSON', jsonl: 'JSON Lines', ldif: 'LDIF' };

export function things(count: number, kind: Kind): string {
  return `${count.toLocaleString('en')} ${kind === 'groups' ? (count === 1 ? 'group' : 'groups') : count === 1 ? 'person' : 'people'}`;
}

export function rows(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}`;
}

export function bytes(count: number): string {
  if (count < 1024) return `${count} bytes`;
  const [value, unit] = count < 1024 * 1024 ? [count / 1024, 'KB'] : [count / 1024 / 1024, 'MB'];
  return `${value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`;
}

const columnNames: Record<string, string> = {
  ignore: 'Leave out',
  id: 'ID, as exported',
  'meta.version': 'Version, as exported',
  manager: 'Manager, by user name or ID',
  members: 'Members, by user name or ID',
  'members.userName': 'Members, by user name',
  'members.value': 'Members, by ID',
};

/** @returns the field of people that a CSV column is about: columns leave out what a path can do without. */
export function fieldOfColumn(path: string, fields: readonly Field[]): Field | undefined {
  const [name = path] = path.split('[');
  const isMeant = (full: string) => full === name || full.endsWith(`:${name}`);
  return fields.find(
    ({ path: full, list }) => isMeant(full) || isMeant(full.replace(/\.value$/, '')) || isMeant(list?.path ?? ''),
  );
}

/** What the path of a CSV column is called. */
export function columnName(path: string, kind: Kind, fields: readonly Field[]): string {
  if (kind === 'groups' && path === 'displayName') return 'Name';
  const own = path.includes('[') ? undefined : fields.find((field) => field.path.endsWith(`:${path}`));
  return columnNames[path] ?? own?.label ?? labelOf(path);
}

/** What a path of a difference is called. */
export function changeName(path: string, kind: Kind, fields: readonly Field[]): string {
  if (path.startsWith('members')) return 'Member';
  if (kind === 'groups' && path === 'displayName') return 'Name';
  return path === 'manager' ? 'Manager' : labelIn(fields, path);
}
