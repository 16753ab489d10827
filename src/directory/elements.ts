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
  for (const identity of [sameContent, sameValue, sameType]) {
    for (const element of before) {
      if (matched.has(element)) continue;
      const found = [...left].filter((candidate) => identity(element, candidate));
      const rivals = before.filter((rival) => !matched.has(rival) && identity(rival, element));
      const [only] = found;
      if (!only || (identity === sameType && (found.length > 1 || rivals.length > 1))) continue;
      matched.set(element, only);
      left.delete(only);
    }
  }
  const pairs: Pair[] = before.map((element) => {
    const partner = matched.get(element);
    return partner ? { before: element, after: partner } : { before: element };
  });
  return [...pairs, ...[...left].map((element): Pair => ({ after: element }))];
}

function sameContent(a: Complex, b: Complex): boolean {
  return same(a, b);
}

function sameValue(a: Complex, b: Complex): boolean {
  return a['value'] !== undefined && foldValue(a['value']) === foldValue(b['value']);
}

function sameType(a: Complex, b: Complex): boolean {
  return a['type'] === b['type'];
}

function foldValue(value: Json | undefined): Json | undefined {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

/**
 * Names an element of a multi-valued attribute the way a SCIM value path does (RFC 7644 §3.5.2): by its type where only
 * it has that type among its siblings, else by its value, else by its place.
 */
export function elementPath(attribute: string, element: Complex, siblings: readonly Complex[]): string {
  const type = element['type'];
  if (typeof type === 'string' && siblings.filter((sibling) => sibling['type'] === type).length === 1)
    return `${attribute}[type eq ${JSON.stringify(type)}]`;
  const value = element['value'];
  if (value !== undefined) return `${attribute}[value eq ${JSON.stringify(value)}]`;
  return `${attribute}[${siblings.indexOf(element)}]`;
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
  const { primary: _primary, ...rest } = element;
  return rest;
}

/** @returns the primary element, if there is one. */
export function primaryOf(elements: readonly Complex[]): Complex | undefined {
  return elements.find((element) => element['primary'] === true);
}
