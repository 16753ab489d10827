import { asElements, elementPaths, isComplex, matchElements, primaryOf, same, withoutPrimary } from '../elements.ts';
import type { Complex, Json, Resource } from '../resource.ts';

type Wanted = (path: string) => boolean;

/**
 * A record as it is, with the fields that are wanted as they stand in another version of it. Paths are those of `diff`.
 * @param isWanted whether a path, and all below it, is to be taken.
 */
export function take(current: Resource, other: Resource, isWanted: Wanted): Resource {
  const { schemas: _schemas, id, ...attributes } = current;
  const taken: Omit<Resource, 'id' | 'schemas'> = { ...attributes };
  for (const key of new Set([...Object.keys(current), ...Object.keys(other)])) {
    if (key === 'id' || key === 'meta' || key === 'schemas') continue;
    const value = takeAttribute(key, current[key], other[key], isWanted);
    if (value === undefined) delete taken[key];
    else taken[key] = value;
  }
  const core = current.schemas.filter((urn) => !(urn in current));
  return { ...taken, id, schemas: [...core, ...Object.keys(taken).filter((key) => key.startsWith('urn:'))] };
}

function takeAttribute(path: string, current: Json | undefined, other: Json | undefined, isWanted: Wanted): Json | undefined {
  if (same(current, other)) return current;
  if (isWanted(path)) return other;
  const elements = asElements(current);
  const others = asElements(other);
  if (elements && others) return takeElements(path, elements, others, isWanted);
  if ((current === undefined || isComplex(current)) && (other === undefined || isComplex(other)))
    return takeComplex(path, current, other, path.startsWith('urn:') ? ':' : '.', isWanted);
  return current;
}

function takeComplex(
  path: string,
  current: Complex | undefined,
  other: Complex | undefined,
  separator: string,
  isWanted: Wanted,
): Complex | undefined {
  const taken: Complex = {};
  for (const key of new Set([...Object.keys(current ?? {}), ...Object.keys(other ?? {})])) {
    const inner = `${path}${separator}${key}`;
    const [now, then] = [current?.[key], other?.[key]];
    const nested = separator === ':' && !isWanted(inner) && (isComplex(now) || isComplex(then));
    const value = nested
      ? takeComplex(inner, isComplex(now) ? now : undefined, isComplex(then) ? then : undefined, '.', isWanted)
      : isWanted(inner)
        ? then
        : now;
    if (value !== undefined) taken[key] = value;
  }
  return Object.keys(taken).length > 0 ? taken : undefined;
}

function takeElements(path: string, current: readonly Complex[], other: readonly Complex[], isWanted: Wanted): Json | undefined {
  const isPrimaryTaken = isWanted(`${path}.primary`);
  const primary = primaryOf(isPrimaryTaken ? other : current);
  const taken = matchElements(current, other).flatMap(({ before, after }) => {
    const element = takeElement(path, { before, after, current, other }, isWanted);
    if (!element) return [];
    return [primary !== undefined && primary === (isPrimaryTaken ? after : before) ? { ...element, primary: true } : element];
  });
  return taken.length > 0 ? taken : undefined;
}

function takeElement(
  path: string,
  pair: { before: Complex | undefined; after: Complex | undefined; current: readonly Complex[]; other: readonly Complex[] },
  isWanted: Wanted,
): Complex | undefined {
  const { before, after, current, other } = pair;
  if (before && after)
    return takeComplex(elementPaths(path, current)(before), withoutPrimary(before), withoutPrimary(after), '.', isWanted);
  if (before) return isWanted(elementPaths(path, current)(before)) ? undefined : withoutPrimary(before);
  return after && isWanted(elementPaths(path, other)(after)) ? withoutPrimary(after) : undefined;
}
