import { isComplex } from './elements.ts';
import type { Comparison, Filter, Operator, Place } from './filter-terms.ts';
import type { Complex, Json, Versioned } from './resource.ts';

/** What a filter is held against. `groups` and `members` count as far as the resource itself carries them. */
export type Target = Pick<Versioned, 'type' | 'resource' | 'version' | 'created' | 'lastModified'>;

/** Whether a resource meets a filter of parseFilter, in memory (RFC 7644 §3.4.2.2). */
export function matches(filter: Filter, target: Target): boolean {
  const { type, resource, version, created, lastModified } = target;
  return holds(filter, { ...resource, meta: { resourceType: type, created, lastModified, version } });
}

/** Whether one element of a multi-valued attribute, or a complex value, meets a filter of parseValueFilter. */
export function matchesElement(filter: Filter, element: Complex): boolean {
  return holds(filter, element);
}

function holds(filter: Filter, root: Complex): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((part) => holds(part, root));
    case 'or':
      return filter.filters.some((part) => holds(part, root));
    case 'not':
      return !holds(filter.filter, root);
    case 'presence':
      return isPresent(valueAt(filter.place, root));
    case 'valuePath':
      return listOf(valueAt(filter.place, root)).some((element) => isComplex(element) && holds(filter.filter, element));
    case 'comparison':
      return listOf(valueAt(filter.place, root)).some((value) => compares(filter, value));
  }
}

function valueAt({ keys }: Place, root: Complex): Json | undefined {
  let value: Json | undefined = root;
  for (const key of keys) {
    if (!isComplex(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function listOf(value: Json | undefined): Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** Null, an empty text, an empty list and an object of such count as unassigned (RFC 7643 §2.5). */
function isPresent(value: Json | null | undefined): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (typeof value === 'object') return Object.values(value).some(isPresent);
  return true;
}

function compares(comparison: Comparison, value: Json): boolean {
  const { operator, operand } = comparison;
  switch (comparison.as) {
    case 'boolean':
      return value === operand;
    case 'number':
      return typeof value === 'number' && inOrder(operator, value - comparison.operand);
    case 'instant':
      return typeof value === 'string' && inOrder(operator, Date.parse(value) - comparison.operand);
    case 'text':
      return (
        typeof value === 'string' && textCompares(operator, comparison.folded ? value.toLowerCase() : value, comparison.operand)
      );
  }
}

function textCompares(operator: Operator, value: string, operand: string): boolean {
  switch (operator) {
    case 'co':
      return value.includes(operand);
    case 'sw':
      return value.startsWith(operand);
    case 'ew':
      return value.endsWith(operand);
    case 'eq':
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return inOrder(operator, byCodePoint(value, operand));
  }
}

function inOrder(operator: Operator, order: number): boolean {
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'le':
      return order <= 0;
    case 'co':
    case 'sw':
    case 'ew':
      return false;
  }
}

/**
 * Orders two texts by their code points, as SQLite does with UTF-8. JavaScript's own order differs only for characters
 * beyond U+FFFF, whose surrogates it sorts before U+E000.
 */
function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    const surrogates = Number(isSurrogate(left)) - Number(isSurrogate(right));
    return surrogates === 0 ? left - right : surrogates;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
