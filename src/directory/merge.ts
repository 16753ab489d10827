import { asElements, elementPaths, isComplex, matchElements, same, withoutPrimary, type Pair } from './elements.ts';
import type { Complex, Json, Resource } from './resource.ts';

export type Side = 'mine' | 'theirs';

/** A field that both sides changed to different values; an absent value means "not assigned" on that side. */
export interface Collision {
  path: string;
  base?: Json;
  mine?: Json;
  theirs?: Json;
}

/** The outcome of a three-way merge. */
export interface Merge {
  /** The whole merged resource; each collision stands resolved as `choose` said. */
  merged: Resource;
  collisions: Collision[];
}

type Choose = (path: string) => Side;

/**
 * Three-way merge of two edits of one resource, pure and total. Fields that only one side changed take that side; fields
 * that both changed alike agree; the rest are collisions. Multi-valued elements are matched by identity (elements.ts),
 * `primary` is one choice among them, and `id` and `meta` come from theirs.
 * @param base the version that both sides started from.
 * @param choose how to resolve the collision at a path; theirs where not given, so that nothing unseen is overwritten.
 */
export function merge(base: Resource, mine: Resource, theirs: Resource, choose: Choose = () => 'theirs'): Merge {
  const state: State = { collisions: [], choose };
  const merged: Resource = { ...pickSystem(theirs) };
  for (const key of unionOfKeys(theirs, mine, base)) {
    if (key === 'id' || key === 'meta' || key === 'schemas') continue;
    const value = mergeAttribute(key, base[key], mine[key], theirs[key], state);
    if (value !== undefined) merged[key] = value;
  }
  merged.schemas = mergeSchemas(merged, mine, theirs);
  return { merged, collisions: state.collisions };
}

interface State {
  collisions: Collision[];
  choose: Choose;
}

function pickSystem(theirs: Resource): Resource {
  const { schemas, id, meta } = theirs;
  return meta === undefined ? { schemas, id } : { schemas, id, meta };
}

/** `schemas` names the core schema and each extension that has values after the merge. */
function mergeSchemas(merged: Resource, mine: Resource, theirs: Resource): string[] {
  const urns = [...new Set([...theirs.schemas, ...mine.schemas])];
  const isExtension = (urn: string) => urn.includes(':extension:') || [mine, theirs].some((side) => side[urn] !== undefined);
  return urns.filter((urn) => merged[urn] !== undefined || !isExtension(urn));
}

const bothSides = Symbol('both sides changed it, differently');

/** @returns the value, where at most one side changed it or both agree; absent counts as a value. */
function oneSided(base: Json | undefined, mine: Json | undefined, theirs: Json | undefined): Json | undefined | typeof bothSides {
  if (same(mine, theirs) || same(base, mine)) return theirs;
  return same(base, theirs) ? mine : bothSides;
}

function mergeAttribute(
  path: string,
  base: Json | undefined,
  mine: Json | undefined,
  theirs: Json | undefined,
  state: State,
): Json | undefined {
  const settled = oneSided(base, mine, theirs);
  if (settled !== bothSides) return settled;
  const elements = [base, mine, theirs].map(asElements);
  const [baseElements, mineElements, theirsElements] = elements;
  if (baseElements && mineElements && theirsElements)
    return mergeElements(path, baseElements, mineElements, theirsElements, state);
  if ([base, mine, theirs].every((value) => value === undefined || isComplex(value)))
    return mergeComplex(path, base as Complex, mine as Complex, theirs as Complex, path.startsWith('urn:') ? ':' : '.', state);
  return collide(path, base, mine, theirs, state);
}

function mergeComplex(
  path: string,
  base: Complex | undefined,
  mine: Complex | undefined,
  theirs: Complex | undefined,
  separator: string,
  state: State,
): Complex | undefined {
  const merged: Complex = {};
  for (const key of unionOfKeys(theirs, mine, base)) {
    const inner = `${path}${separator}${key}`;
    const [b, m, t] = [base?.[key], mine?.[key], theirs?.[key]];
    const nested = separator === ':' && [b, m, t].some(isComplex);
    const value = nested
      ? mergeComplex(inner, b as Complex, m as Complex, t as Complex, '.', state)
      : mergeSimple(inner, b, m, t, state);
    if (value !== undefined) merged[key] = value;
  }
  return Object.keys(merged).length > 0 ? merged : undefined;
}

function mergeSimple(
  path: string,
  base: Json | undefined,
  mine: Json | undefined,
  theirs: Json | undefined,
  state: State,
): Json | undefined {
  const settled = oneSided(base, mine, theirs);
  return settled === bothSides ? collide(path, base, mine, theirs, state) : settled;
}

function collide(
  path: string,
  base: Json | undefined,
  mine: Json | undefined,
  theirs: Json | undefined,
  state: State,
): Json | undefined {
  state.collisions.push({
    path,
    ...(base === undefined ? {} : { base }),
    ...(mine === undefined ? {} : { mine }),
    ...(theirs === undefined ? {} : { theirs }),
  });
  return state.choose(path) === 'mine' ? mine : theirs;
}

/** One element on its way through the merge, with what it was on each side. */
interface Row {
  base?: Complex;
  mine?: Complex;
  theirs?: Complex;
  merged?: Complex | undefined;
}

function mergeElements(
  path: string,
  base: readonly Complex[],
  mine: readonly Complex[],
  theirs: readonly Complex[],
  state: State,
): Json | undefined {
  const rows = align(base, mine, theirs);
  const paths = { base: elementPaths(path, base), mine: elementPaths(path, mine), theirs: elementPaths(path, theirs) };
  for (const row of rows) row.merged = mergeRow(row, paths, state);
  const kept = mergePrimary(path, rows, state);
  return kept.length > 0 ? kept : undefined;
}

/** Brings the three lists together, row by row: theirs' order, then what only mine has. */
function align(base: readonly Complex[], mine: readonly Complex[], theirs: readonly Complex[]): Row[] {
  const ofMine = matchElements(base, mine);
  const ofTheirs = matchElements(base, theirs);
  // The pairs begin with those of the base, in its order.
  const rows = base.map((element, at): Row => {
    const row: Row = { base: element };
    const [mineNow, theirsNow] = [ofMine[at]?.after, ofTheirs[at]?.after];
    if (mineNow) row.mine = mineNow;
    if (theirsNow) row.theirs = theirsNow;
    return row;
  });
  const addedTo = (pairs: readonly Pair[]) => pairs.slice(base.length).flatMap(({ after }) => (after ? [after] : []));
  const added = matchElements(addedTo(ofTheirs), addedTo(ofMine)).map((pair): Row => {
    return { ...(pair.before && { theirs: pair.before }), ...(pair.after && { mine: pair.after }) };
  });
  return [...rows, ...added];
}

function mergeRow(row: Row, paths: Record<'base' | Side, (element: Complex) => string>, state: State): Complex | undefined {
  const base = row.base && withoutPrimary(row.base);
  const mine = row.mine && withoutPrimary(row.mine);
  const theirs = row.theirs && withoutPrimary(row.theirs);
  const settled = oneSided(base, mine, theirs);
  if (settled !== bothSides) return settled as Complex | undefined;
  const path = row.base ? paths.base(row.base) : row.theirs ? paths.theirs(row.theirs) : paths.mine(row.mine ?? {});
  if (mine && theirs) return mergeComplex(path, base, mine, theirs, '.', state);
  if (!base) return mine ?? theirs;
  // Deleted on one side: a collision only if the other side changed it meanwhile.
  return mergeSimple(path, base, mine, theirs, state) as Complex | undefined;
}

/** Which element is primary is one choice, so that a merge never ends with two. */
function mergePrimary(path: string, rows: readonly Row[], state: State): Complex[] {
  const rowOf = (side: 'base' | Side): Row | undefined => rows.find((row) => row[side]?.['primary'] === true);
  const [base, mine, theirs] = [rowOf('base'), rowOf('mine'), rowOf('theirs')];
  let primary = theirs;
  if (mine !== theirs && mine !== base) {
    if (theirs === base) primary = mine;
    else {
      const name = (row: Row | undefined, side: 'base' | Side): Json | undefined =>
        row?.[side]?.['value'] ?? row?.[side]?.['type'];
      collide(`${path}.primary`, name(base, 'base'), name(mine, 'mine'), name(theirs, 'theirs'), state);
      primary = state.choose(`${path}.primary`) === 'mine' ? mine : theirs;
    }
  }
  return rows.flatMap((row) => {
    if (!row.merged) return [];
    return [row === primary ? { ...row.merged, primary: true } : row.merged];
  });
}

function unionOfKeys(...objects: (object | undefined)[]): string[] {
  return [...new Set(objects.flatMap((object) => Object.keys(object ?? {})))];
}
