import { diff, merge, overlaps, type FieldChange, type Resource, type Side } from '../../directory/pure.ts';

/** A field that the merge changes, and who has changed it; nobody while it is not decided. */
export interface PreviewRow extends FieldChange {
  from: Side | 'both' | undefined;
}

/**
 * What a record will be after a merge, field by field, of the fields that either side has changed. Pure.
 * @param sideOf the decision about a collision; undefined while there is none.
 */
export function previewOf(
  {
    base,
    mine,
    theirs,
    collisions,
  }: { base: Resource; mine: Resource; theirs: Resource; collisions: readonly { path: string }[] },
  sideOf: (path: string) => Side | undefined,
): PreviewRow[] {
  const { merged } = merge(base, mine, theirs, (path) => sideOf(path) ?? 'theirs');
  const [byMe, byThem] = [mine, theirs].map((side) => diff(base, side).map(({ path }) => path));
  const isIn = (paths: readonly string[] | undefined, path: string) => paths?.some((one) => overlaps(one, path)) === true;
  return diff(base, merged).map((change) => {
    const collision = collisions.find(({ path }) => overlaps(path, change.path));
    if (collision) return { ...change, from: sideOf(collision.path) };
    const mineToo = isIn(byMe, change.path);
    return { ...change, from: mineToo && isIn(byThem, change.path) ? 'both' : mineToo ? 'mine' : 'theirs' };
  });
}
