import { asElements, elementPaths, isComplex, matchElements, primaryOf, same, withoutPrimary } from './elements.ts';
import type { Complex, FieldChange, Json, Resource } from './resource.ts';

/** Attributes that never count as a change: they are derived or the same for the resource's whole life. */
const derived = new Set(['id', 'meta', 'schemas']);

/**
 * What changed from one version of a resource to another, field by field: complex attributes by sub-attribute,
 * multi-valued ones by element (matched as in elements.ts), `primary` as one choice.
 * @param before absent for a creation; @param after absent for a deletion.
 */
export function diff(before: Resource | undefined, after: Resource | undefined): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const key of unionOfKeys(before, after)) {
    if (derived.has(key)) continue;
    diffAttribute(key, before?.[key], after?.[key], changes);
  }
  return changes;
}

function diffAttribute(path: string, before: Json | undefined, after: Json | undefined, changes: FieldChange[]): void {
  if (same(before, after)) return;
  const beforeElements = asElements(before);
  const afterElements = asElements(after);
  if (beforeElements && afterElements) diffElements(path, beforeElements, afterElements, changes);
  else if ((isComplex(before) || before === undefined) && (isComplex(after) || after === undefined))
    diffComplex(path, before, after, path.startsWith('urn:') ? ':' : '.', changes);
  else changes.push(change(path, before, after));
}

function diffComplex(
  path: string,
  before: Complex | undefined,
  after: Complex | undefined,
  separator: string,
  changes: FieldChange[],
): void {
  for (const key of unionOfKeys(before, after)) {
    const inner = `${path}${separator}${key}`;
    const [b, a] = [before?.[key], after?.[key]];
    if (separator === ':' && (isComplex(b) || isComplex(a)))
      diffComplex(inner, isComplex(b) ? b : undefined, isComplex(a) ? a : undefined, '.', changes);
    else if (!same(b, a)) changes.push(change(inner, b, a));
  }
}

function diffElements(path: string, before: readonly Complex[], after: readonly Complex[], changes: FieldChange[]): void {
  const [pathBefore, pathAfter] = [elementPaths(path, before), elementPaths(path, after)];
  for (const pair of matchElements(before, after)) {
    if (pair.before && pair.after) {
      const [b, a] = [withoutPrimary(pair.before), withoutPrimary(pair.after)];
      if (!same(b, a)) diffComplex(pathBefore(pair.before), b, a, '.', changes);
    } else if (pair.before) changes.push(change(pathBefore(pair.before), withoutPrimary(pair.before), undefined));
    else if (pair.after) changes.push(change(pathAfter(pair.after), undefined, withoutPrimary(pair.after)));
  }
  const [primaryBefore, primaryAfter] = [primaryName(before), primaryName(after)];
  if (primaryBefore !== primaryAfter) changes.push(change(`${path}.primary`, primaryBefore, primaryAfter));
}

/** @returns what a person would call the primary element: its value, else its type. */
function primaryName(elements: readonly Complex[]): string | undefined {
  const primary = primaryOf(elements);
  if (!primary) return undefined;
  const name = primary['value'] ?? primary['type'] ?? primary['formatted'];
  return typeof name === 'string' ? name : JSON.stringify(withoutPrimary(primary));
}

function change(path: string, before: Json | undefined, after: Json | undefined): FieldChange {
  return { path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

function unionOfKeys(a: object | undefined, b: object | undefined): string[] {
  return [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])];
}
