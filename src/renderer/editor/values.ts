import { asElements, isComplex, same, userUrn, type Complex, type Json, type Resource } from '../../directory/pure.ts';

/** @param keys from the resource down, for example `['name', 'familyName']`. */
export function valueAt(resource: Resource, keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>((value, key) => (isComplex(value) ? value[key] : undefined), resource);
}

/** @returns a copy with the value set; an empty value unassigns it, and with it what it leaves empty. */
export function withValue(resource: Resource, keys: readonly string[], value: Json | undefined): Resource {
  const changed = setIn(resource, keys, isEmpty(value) ? undefined : value) as Resource;
  const extensions = Object.keys(changed).filter((key) => key.startsWith('urn:'));
  return { ...changed, schemas: [userUrn, ...extensions.toSorted()] };
}

/**
 * A row that was begun and left empty says nothing: it is not saved.
 * @param base what the directory has; what stands there already is kept, whatever it is.
 */
export function withoutEmptyRows(mine: Resource, base: Resource): Resource {
  const kept = Object.entries(mine).map(([name, value]) => {
    const rows = Array.isArray(value) ? asElements(value) : undefined;
    const known = asElements(base[name]) ?? [];
    const left = rows?.filter((row) => !isEmptyRow(row) || known.some((other) => same(row, other)));
    return [name, left && left.length !== rows?.length ? left : value] as const;
  });
  if (kept.every(([name, value]) => value === mine[name])) return mine;
  return Object.fromEntries(kept.filter(([, value]) => !isEmpty(value))) as Resource;
}

function isEmptyRow(row: Complex): boolean {
  return Object.keys(row).every((name) => name === 'type' || name === 'primary');
}

function setIn(holder: Complex, [key, ...rest]: readonly string[], value: Json | undefined): Complex {
  if (key === undefined) return holder;
  const inner = holder[key];
  const next = rest.length === 0 ? value : setIn(isComplex(inner) ? inner : {}, rest, value);
  const { [key]: _old, ...others } = holder;
  if (isEmpty(next) || next === undefined) return others;
  // Where it stood, so that the form and the record keep their order.
  return key in holder
    ? Object.fromEntries(Object.entries(holder).map(([name, old]) => [name, name === key ? next : old]))
    : { ...holder, [key]: next };
}

function isEmpty(value: Json | undefined): boolean {
  return (
    value === undefined ||
    value === '' ||
    (Array.isArray(value) && value.length === 0) ||
    (isComplex(value) && Object.keys(value).length === 0)
  );
}
