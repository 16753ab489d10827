import { resolvePath, type Attribute, type ResourceSchemas } from '../directory/index.ts';

/** What a CSV column is about. */
export type Target =
  | { kind: 'ignore' }
  | { kind: 'id' }
  | { kind: 'version' }
  /** A simple attribute or sub-attribute. */
  | { kind: 'field'; keys: readonly string[]; attribute: Attribute }
  /** A multi-valued or complex attribute as a whole: JSON, or its one value. */
  | { kind: 'whole'; keys: readonly string[]; attribute: Attribute }
  | { kind: 'element'; keys: readonly string[]; type: string | undefined; sub: Attribute }
  /** An id or a userName. */
  | { kind: 'manager' }
  /** Members by id, by name, or by either, one on a line. */
  | { kind: 'members'; by: 'id' | 'name' | 'either' };

const elementPath = /^(.+)\[type eq "([^"]*)"\](?:\.([\w$-]+))?$/i;
const memberPaths: Record<string, 'id' | 'name' | 'either'> = {
  members: 'either',
  'members.value': 'id',
  'members.username': 'name',
  'members.display': 'name',
};

/**
 * Reads the path that names a column: a SCIM attribute path, also with `[type eq "…"]`, an extension's attribute with or
 * without its URN, `manager` and `members` by id or name, `meta.version`.
 * @returns undefined where no schema has it.
 */
export function parseColumn(schemas: ResourceSchemas, path: string): Target | undefined {
  const folded = path.toLowerCase();
  if (folded === 'id') return { kind: 'id' };
  if (folded === 'meta.version') return { kind: 'version' };
  const by = schemas.type === 'Group' ? memberPaths[folded] : undefined;
  if (by) return { kind: 'members', by };
  const element = elementPath.exec(path);
  if (element) return elementTarget(schemas, element[1] ?? '', element[2] ?? '', element[3] ?? 'value');
  const resolved = resolvePath(schemas, path);
  if (!resolved) return undefined;
  const { attribute, keys, multiValued } = resolved;
  if (isManager(schemas, keys)) return { kind: 'manager' };
  if (attribute.mutability === 'readOnly' || keys[0] === 'meta' || keys[0] === 'schemas') return { kind: 'ignore' };
  if (multiValued && multiValued !== attribute)
    return { kind: 'element', keys: keys.slice(0, -1), type: undefined, sub: attribute };
  return { kind: multiValued || attribute.type === 'complex' ? 'whole' : 'field', keys, attribute };
}

function elementTarget(schemas: ResourceSchemas, base: string, type: string, sub: string): Target | undefined {
  const list = resolvePath(schemas, base);
  if (!list || list.multiValued !== list.attribute) return undefined;
  const found = list.attribute.subAttributes?.find(({ name }) => name.toLowerCase() === sub.toLowerCase());
  return found && { kind: 'element', keys: list.keys, type, sub: found };
}

/** @returns whether keys lead to the manager, or to what a manager is known by. */
export function isManager(schemas: ResourceSchemas, keys: readonly string[]): boolean {
  const manager = managerKeys(schemas);
  if (!manager || manager.some((key, index) => keys[index] !== key)) return false;
  return keys.length === manager.length || keys[manager.length] === 'value';
}

/** @returns where a manager is in a record; undefined where the schemas have none. */
export function managerKeys(schemas: ResourceSchemas): readonly [urn: string, name: string] | undefined {
  const resolved = schemas.type === 'User' ? resolvePath(schemas, 'manager.value') : undefined;
  const [urn, name] = resolved?.keys ?? [];
  return urn !== undefined && name !== undefined && resolved?.keys.length === 3 ? [urn, name] : undefined;
}

/** @returns the shortest path that parseColumn reads as these keys. */
export function columnPath(schemas: ResourceSchemas, keys: readonly string[]): string {
  const [first = '', ...rest] = keys;
  if (!first.startsWith('urn:')) return keys.join('.');
  const bare = rest.join('.');
  const resolved = resolvePath(schemas, bare);
  return resolved && resolved.keys.join(' ') === keys.join(' ') ? bare : `${first}:${bare}`;
}

const memberColumns = { id: 'members.value', name: 'members.userName', either: 'members' };

/** @returns the path of a target as the export writes it. */
export function pathOf(schemas: ResourceSchemas, target: Target): string {
  switch (target.kind) {
    case 'version':
      return 'meta.version';
    case 'field':
    case 'whole':
      return columnPath(schemas, target.keys);
    case 'element': {
      const list = columnPath(schemas, target.keys);
      return `${list}${target.type === undefined ? '' : `[type eq "${target.type}"]`}.${target.sub.name}`;
    }
    case 'members':
      return memberColumns[target.by];
    case 'id':
    case 'manager':
    case 'ignore':
      return target.kind;
  }
}
