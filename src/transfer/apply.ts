import {
  applyMergePatch,
  asElements,
  normalise,
  type Complex,
  type Json,
  type Resource,
  type ResourceSchemas,
} from '../directory/index.ts';
import { managerKeys } from './columns.ts';
import { isObject, valueAt } from './records.ts';
import type { ElementWish, Wish } from './row.ts';

/** A record as it shall be. */
export interface Wanted {
  /** Without `id`; of a group, without members. */
  content: { schemas: string[]; [attribute: string]: Json };
  password: string | undefined;
}

/**
 * Makes of a record what a row wants of it: what the row names is changed, the rest stays.
 * @param current absent for a new record.
 * @param manager the id of the manager that the row names; absent where it names none, or nobody has that name (yet).
 * @throws DirectoryError SCHEMA_VIOLATION, TOO_LARGE.
 */
export function applyWish(
  schemas: ResourceSchemas,
  current: Resource | undefined,
  wish: Wish,
  manager: string | undefined,
): Wanted {
  const base: Resource = current ?? { schemas: [schemas.core.id], id: '' };
  let patch = withManager(schemas, wish, manager);
  for (const { keys, wishes } of listsOf(wish.elements)) {
    const before = valueAt(patch, keys) === null ? [] : asList(valueAt(base, keys));
    patch = withValue(patch, keys, withElements(before, wishes));
  }
  return normalise(schemas, applyMergePatch(schemas, base, patch), { coerce: true });
}

function withManager(schemas: ResourceSchemas, { patch, manager: wished }: Wish, manager: string | undefined): Patch {
  const keys = managerKeys(schemas);
  if (!keys || typeof wished !== 'string') return patch;
  const [urn, name] = keys;
  if (manager !== undefined) return withValue(patch, [urn, name, 'value'], manager);
  const extension = patch[urn];
  if (!isObject(extension)) return patch;
  // What else is known of a manager means nothing without who it is.
  const { [name]: _manager, ...rest } = extension;
  return { ...patch, [urn]: rest };
}

type Patch = Wish['patch'];

/** @returns the patch with a value at a path of keys; what is on the way is copied, since rows are read only. */
function withValue(patch: Patch, keys: readonly string[], value: unknown): Patch {
  const [first = '', ...rest] = keys;
  if (rest.length === 0) return { ...patch, [first]: value };
  const inner = patch[first];
  return { ...patch, [first]: withValue(isObject(inner) ? inner : {}, rest, value) };
}

/** @returns the manager that a record has. */
export function managerOf(schemas: ResourceSchemas, resource: Resource | undefined): string | undefined {
  const keys = managerKeys(schemas);
  const value = keys && resource && valueAt(resource, [...keys, 'value']);
  return typeof value === 'string' ? value : undefined;
}

function listsOf(elements: readonly ElementWish[]): { keys: readonly string[]; wishes: ElementWish[] }[] {
  const lists = new Map<string, { keys: readonly string[]; wishes: ElementWish[] }>();
  for (const wish of elements) {
    const name = wish.keys.join(' ');
    const list = lists.get(name) ?? { keys: wish.keys, wishes: [] };
    list.wishes.push(wish);
    lists.set(name, list);
  }
  return [...lists.values()];
}

function asList(value: unknown): readonly Complex[] {
  return asElements(value as Json | undefined) ?? [];
}

function withElements(list: readonly Complex[], wishes: readonly ElementWish[]): Complex[] {
  const elements = list.map((element) => ({ ...element }));
  for (const { type, sub, value } of wishes) {
    const found = elementOf(elements, type);
    if (found) {
      if (value === null) delete found[sub];
      else found[sub] = value;
    } else if (value !== null && value !== false) elements.push({ ...(type !== undefined && { type }), [sub]: value });
  }
  if (wishes.some(({ sub, value }) => sub === 'primary' && value === true)) keepOnePrimary(elements, wishes);
  // An element of which only its label is left says nothing.
  const touched = new Set(wishes.map(({ type }) => elementOf(elements, type)));
  return elements.filter(
    (element) => !touched.has(element) || Object.keys(element).some((key) => key !== 'type' && key !== 'primary'),
  );
}

function elementOf(elements: readonly Complex[], type: string | undefined): Complex | undefined {
  const isPrimary = (element: Complex) => element['primary'] === true;
  if (type === undefined) return elements.find(isPrimary) ?? elements[0];
  const folded = type.toLowerCase();
  const rivals = elements.filter((element) => typeof element['type'] === 'string' && element['type'].toLowerCase() === folded);
  return rivals.find(isPrimary) ?? rivals[0];
}

/** The one that the row calls primary takes it from those of which the row says nothing. */
function keepOnePrimary(elements: readonly Complex[], wishes: readonly ElementWish[]): void {
  const named = wishes.filter(({ sub, value }) => sub === 'primary' && value === true);
  const chosen = new Set(named.map(({ type }) => elementOf(elements, type)));
  for (const element of elements) if (!chosen.has(element)) delete element['primary'];
}
