import { resolvePath, type Change, type Complex, type Json, type ResourceSchemas } from '../directory/index.ts';
import { streamLimits } from './limits.ts';

/** One operation of a PatchOp message (RFC 7644 §3.5.2). */
export type PatchOperation = { op: 'add' | 'replace'; path: string; value: Json } | { op: 'remove'; path: string };

/**
 * Names what a change has changed, as paths (RFC 7644 §3.5.2): single values by sub-attribute, lists as a whole. A change of
 * nothing else is one of the password, of which the directory keeps no more than that.
 */
export function changedAttributes({ changes }: Change, schemas: ResourceSchemas): string[] {
  const names = new Set(changes.map(({ path }) => attributeOf(path, schemas)?.path ?? plainPath(path)));
  return names.size > 0 ? [...names] : ['password'];
}

/**
 * Writes a change as the operations that make it from the version before: members by who came and who left, other lists whole.
 * @returns undefined for what no operations can tell: the password, too many members, an attribute that no schema has any more.
 */
export function changeOperations(change: Change, schemas: ResourceSchemas): PatchOperation[] | undefined {
  const { added = [], removed = [] } = change.members ?? {};
  if (added.length + removed.length > streamLimits.membersMax) return undefined;
  const operations = new Map<string, PatchOperation>();
  for (const { path } of change.changes) {
    if (change.type === 'Group' && plainPath(path) === 'members') continue;
    const attribute = attributeOf(path, schemas);
    if (!attribute) return undefined;
    const value = valueAt(change.resource, attribute.keys);
    const operation: PatchOperation =
      value === undefined ? { op: 'remove', path: attribute.path } : { op: 'replace', path: attribute.path, value };
    operations.set(attribute.path, operation);
  }
  const moved: PatchOperation[] = removed.map((id) => ({ op: 'remove', path: `members[value eq ${JSON.stringify(id)}]` }));
  if (added.length > 0) moved.push({ op: 'add', path: 'members', value: added.map((value) => ({ value })) });
  const all = [...operations.values(), ...moved];
  return all.length > 0 ? all : undefined;
}

/** The path of a change without its filter, for example `emails[type eq "work"].value`. */
function plainPath(path: string): string {
  return path.split('[', 1)[0] ?? path;
}

function attributeOf(path: string, schemas: ResourceSchemas): { path: string; keys: string[] } | undefined {
  const resolved = resolvePath(schemas, plainPath(path));
  if (!resolved) return undefined;
  const keys = keysOf(resolved);
  const [first = '', ...rest] = keys;
  return { path: first.startsWith('urn:') ? `${first}:${rest.join('.')}` : keys.join('.'), keys };
}

/** A part of a list's element stands for the list. */
function keysOf({ keys, multiValued }: NonNullable<ReturnType<typeof resolvePath>>): string[] {
  return multiValued ? keys.slice(0, keys.indexOf(multiValued.name) + 1) : keys;
}

function valueAt(resource: Complex, keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>(
    (value, key) => (typeof value === 'object' && !Array.isArray(value) ? value[key] : undefined),
    resource,
  );
}
