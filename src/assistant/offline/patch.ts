import { enterpriseUrn, parsePath, valueAt, type UserRecord } from '../record.ts';
import type { FieldSetting } from './intent.ts';
import { managerPath } from './words.ts';

/** One operation of a SCIM patch (RFC 7644 §3.5.2). */
export interface PatchOperation {
  op: 'add' | 'replace' | 'remove';
  path: string;
  value?: unknown;
}

/** @returns those settings that a record does not have already. */
export function newIn(record: UserRecord, set: readonly FieldSetting[]): FieldSetting[] {
  return set.filter(({ path, value }) => valueAt(record, path) !== value);
}

/** The operations that give a record these values; they touch nothing else. */
export function patchOf(record: UserRecord, set: readonly FieldSetting[]): PatchOperation[] {
  const operations: PatchOperation[] = [];
  const added = new Map<string, Record<string, unknown>>();
  for (const { path, value } of set) {
    const { filter, attribute, sub } = parsePath(path) ?? {};
    if (path === managerPath)
      operations.push(
        value === undefined
          ? { op: 'remove', path: `${enterpriseUrn}:manager` }
          : { op: 'replace', path: `${enterpriseUrn}:manager`, value: { value } },
      );
    else if (value === undefined)
      operations.push({ op: 'remove', path: filter && sub === 'value' ? path.slice(0, -'.value'.length) : path });
    else if (
      filter &&
      attribute !== undefined &&
      sub !== undefined &&
      valueAt(record, path.slice(0, path.lastIndexOf('.'))) === undefined
    ) {
      const element = added.get(path.slice(0, path.lastIndexOf('.')));
      if (element) element[sub] = value;
      else {
        const fresh = { [filter.by]: filter.value, [sub]: value };
        added.set(path.slice(0, path.lastIndexOf('.')), fresh);
        operations.push({ op: 'add', path: attribute, value: [fresh] });
      }
    } else operations.push({ op: 'replace', path, value });
  }
  return operations;
}
