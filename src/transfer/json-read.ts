import { parseVersion, resolvePath, type ResourceSchemas } from '../directory/index.ts';
import { managerKeys } from './columns.ts';
import { JsonItems } from './json-items.ts';
import { isObject, put, valueAt } from './records.ts';
import { unreadable, type MemberWish, type Row, type Wish } from './row.ts';
import { lines } from './text.ts';

/** Reads a JSON list of records, a SCIM ListResponse, or one record. @throws FileError where the document breaks off. */
export async function* readJson(text: AsyncIterable<string>, schemas: ResourceSchemas): AsyncGenerator<Row> {
  const items = new JsonItems();
  for await (const chunk of text) for (const item of items.push(chunk)) yield rowFromJson(schemas, item);
  for (const item of items.end()) yield rowFromJson(schemas, item);
}

/** Reads JSON Lines: one record on each line. */
export async function* readJsonLines(text: AsyncIterable<string>, schemas: ResourceSchemas): AsyncGenerator<Row> {
  for await (const line of lines(text)) if (line.text.trim() !== '') yield rowFromJson(schemas, line);
}

function rowFromJson(schemas: ResourceSchemas, { line, text }: { line: number; text: string }): Row {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (error) {
    return unreadable(line, `Is not JSON: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300));
  }
  if (!isObject(record)) return unreadable(line, 'Must be a JSON object.');
  return { line, wish: wishFromRecord(schemas, record) };
}

/** Makes of a SCIM record what it wants: what it has, shall be so, `null` takes away; what it does not name, stays. */
export function wishFromRecord(schemas: ResourceSchemas, record: Record<string, unknown>): Wish {
  const wish: Wish = { patch: {}, elements: [] };
  for (const [key, value] of Object.entries(record)) {
    const folded = key.toLowerCase();
    if (folded === 'id') {
      if (typeof value === 'string') wish.id = value;
    } else if (folded === 'meta') {
      const version = isObject(value) ? value['version'] : undefined;
      if (typeof version === 'string') wish.version = version;
    } else if (folded === 'members' && schemas.type === 'Group' && (value === null || Array.isArray(value)))
      wish.members = (value ?? []).map(memberFrom);
    else if (folded !== 'schemas') define(wish.patch, keysOf(schemas, key), value);
  }
  takeManager(schemas, wish);
  return wish;
}

/** An attribute of an extension that stands beside the core ones, as many exports have it, goes where it belongs. */
function keysOf(schemas: ResourceSchemas, key: string): readonly string[] {
  const extension = schemas.extensions.find(({ id }) => id.toLowerCase() === key.toLowerCase());
  if (extension) return [extension.id];
  return resolvePath(schemas, key)?.keys ?? [key];
}

function define(patch: Record<string, unknown>, keys: readonly string[], value: unknown): void {
  const [first = ''] = keys;
  const existing = Object.hasOwn(patch, first) ? patch[first] : undefined;
  if (keys.length === 1 && !(isObject(existing) && isObject(value)))
    // As own property: a key such as `__proto__` stays data, and is refused by the schemas.
    Object.defineProperty(patch, first, { value, enumerable: true, configurable: true, writable: true });
  else if (keys.length === 1) patch[first] = { ...(existing as object), ...(value as object) };
  else put(patch, keys, value);
}

function takeManager(schemas: ResourceSchemas, wish: Wish): void {
  const keys = managerKeys(schemas);
  if (!keys) return;
  const [urn, name] = keys;
  const extension = valueAt(wish.patch, [urn]);
  if (!isObject(extension)) return;
  const found = Object.keys(extension).find((key) => key.toLowerCase() === name.toLowerCase());
  if (found === undefined) return;
  const { [found]: manager, ...rest } = extension;
  // A copy, so that what was read is not changed by what is done with it.
  const { value, ...others } = isObject(manager) ? manager : { value: manager };
  if (value === null && Object.keys(others).length === 0) wish.manager = null;
  else if (typeof value === 'string' && value !== '') wish.manager = value;
  const stays = wish.manager === null ? null : Object.keys(others).length > 0 ? others : undefined;
  wish.patch[urn] = stays === undefined ? rest : { ...rest, [name]: stays };
}

function memberFrom(member: unknown): MemberWish {
  if (typeof member === 'string') return { id: member, name: member };
  if (!isObject(member)) return {};
  const { value, userName, display, type } = member;
  const name = userName ?? (type === 'Group' ? display : undefined);
  return { ...(typeof value === 'string' && { id: value }), ...(typeof name === 'string' && { name }) };
}

/** @returns the raw version of a wish, whether it stood as such or as an ETag; undefined where it is none. */
export function versionOfWish({ version }: Wish): string | undefined {
  if (version === undefined) return undefined;
  try {
    return parseVersion(/^W\/"(.*)"$/.exec(version)?.[1] ?? version);
  } catch {
    return undefined;
  }
}
