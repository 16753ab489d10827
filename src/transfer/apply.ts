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
import { put, valueAt } from './csv-wish.ts';
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
  const patch = structuredClone(wish.patch);
  applyManager(schemas, patch, wish, manager);
  for (const { keys, wishes } of listsOf(wish.elements)) {
    const before = valueAt(patch, keys) === null ? [] : asList(valueAt(base, keys));
    put(patch, keys, withElements(before, wishes));
  }
  return normalise(schemas, applyMergePatch(schemas, base, patch), { coerce: true });
}

function applyManager(schemas: ResourceSchemas, patch: Record<string, unknown>, wish: Wish, manager: string | undefined): void {
  const keys = managerKeys(schemas);
  if (!keys || typeof wish.manager !== 'string') return;
  const [urn, name] = keys;
  if (manager !== undefined) put(patch, [urn, name, 'value'], manager);
  else {
    // What else is known of a manager means nothing without who it is.
    const extension = patch[urn];
    if (typeof extension === 'object' && extension !== null) delete (extension as Record<string, unknown>)[name];
  }
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
