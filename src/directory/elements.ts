import type { Complex, Json } from './resource.ts';

/** One element of a multi-valued attribute, before and after; an absent side means that it did not exist there. */
export interface Pair {
  before?: Complex;
  after?: Complex;
}

/**
 * Matches the elements of two versions of a multi-valued attribute by identity: first by `value`, then, among those left,
 * by a `type` (or, for addresses without one, the formatted text) that occurs once on each side. Order is ignored.
 * @returns the matched pairs in the order of `before`, then the added elements in the order of `after`.
 */
export function matchElements(before: readonly Complex[], after: readonly Complex[]): Pair[] {
  const matched = new Map<Complex, Complex>();
  const left = new Set(after);
  const pair = (one: Complex, other: Complex): void => {
    matched.set(one, other);
    left.delete(other);
  };
  // By tables instead of one by one: a list may have thousands of elements. Who alone has a value is the same by any identity.
  const others = byOwnValue(after);
  for (const [value, element] of byOwnValue(before)) {
    const found = element && others.get(value);
    if (found) pair(element, found);
  }
  const unmatched = before.filter((element) => !matched.has(element));
  for (const keyOf of [contentKey, valueKey]) {
    const candidates = byKey(left, keyOf);
    for (const element of unmatched) {
      const key = matched.has(element) ? undefined : keyOf(element);
      const found = key === undefined ? undefined : candidates.get(key)?.shift();
      if (found) pair(element, found);
    }
  }
  const candidates = byKey(left, typeKey);
  const rivals = byKey(
    unmatched.filter((element) => !matched.has(element)),
    typeKey,
  );
  for (const [key, [element, ...rest]] of rivals) {
    const [found, ...more] = candidates.get(key) ?? [];
    if (element && found && rest.length === 0 && more.length === 0) pair(element, found);
  }
  const pairs: Pair[] = before.map((element) => {
    const partner = matched.get(element);
    return partner ? { before: element, after: partner } : { before: element };
  });
  return [...pairs, ...[...left].map((element): Pair => ({ after: element }))];
}

/** @returns the elements by their value; undefined where several have the same. */
function byOwnValue(elements: readonly Complex[]): Map<string, Complex | undefined> {
  const table = new Map<string, Complex | undefined>();
  for (const element of elements) {
    const key = valueKey(element);
    if (key !== undefined) table.set(key, table.has(key) ? undefined : element);
  }
  return table;
}

function byKey(elements: Iterable<Complex>, keyOf: (element: Complex) => string | undefined): Map<string, Complex[]> {
  const table = new Map<string, Complex[]>();
  for (const element of elements) {
    const key = keyOf(element);
    if (key === undefined) continue;
    const known = table.get(key);
    if (known) known.push(element);
    else table.set(key, [element]);
  }
  return table;
}

/** The same for elements of the same content, whatever the order of their keys. */
function contentKey(element: Complex): string {
  let text = '';
  for (const key of Object.keys(element).toSorted()) {
    const value = element[key];
    const written = isComplex(value) ? contentKey(value) : JSON.stringify(value);
    text += `${key} ${written}\n`;
  }
  return text;
}

function valueKey({ value }: Complex): string | undefined {
  if (value === undefined) return undefined;
  // Strings, which nearly all are, as they are: building a new one for each of 10,000 members is a good part of the work.
  return typeof value === 'string' ? value.toLowerCase() : `\0${JSON.stringify(value)}`;
}

function typeKey({ type }: Complex): string {
  return type === undefined ? '' : JSON.stringify(type);
}

/**
 * Names the elements of a multi-valued attribute the way a SCIM value path does (RFC 7644 §3.5.2): by its type where only
 * one has that type among its siblings, else by its value, else by its place.
 * @returns a function that names one of the siblings.
 */
export function elementPaths(attribute: string, siblings: readonly Complex[]): (element: Complex) => string {
  const counts = new Map<Json, number>();
  for (const { type } of siblings) if (typeof type === 'string') counts.set(type, (counts.get(type) ?? 0) + 1);
  return (element) => {
    const { type, value } = element;
    if (typeof type === 'string' && counts.get(type) === 1) return `${attribute}[type eq ${JSON.stringify(type)}]`;
    if (value !== undefined) return `${attribute}[value eq ${JSON.stringify(value)}]`;
    return `${attribute}[${siblings.indexOf(element)}]`;
  };
}

/** Whether two JSON values are equal; the order of an object's keys does not matter, that of a list does. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (!isComplex(a) || !isComplex(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

/** Whether a value is a complex attribute's value. */
export function isComplex(value: Json | undefined): value is Complex {
  return typeof value === 'object' && !Array.isArray(value);
}

/** @returns the value as a list of complex elements, or undefined if it is anything else. Absent means empty. */
export function asElements(value: Json | undefined): Complex[] | undefined {
  if (value === undefined) return [];
  return Array.isArray(value) && value.every(isComplex) ? value : undefined;
}

/** @returns the element without `primary`, which is compared as a choice among the elements (see merge.ts). */
export function withoutPrimary(element: Complex): Complex {
  if (element['primary'] === undefined) return element;
  const { primary: _primary, ...rest } = element;
  return rest;
}

/** @returns the primary element, if there is one. */
export function primaryOf(elements: readonly Complex[]): Complex | undefined {
  return elements.find((element) => element['primary'] === true);
}
