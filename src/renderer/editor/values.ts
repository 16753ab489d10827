import { asElements, groupUrn, isComplex, same, userUrn, type Complex, type Json, type Resource } from '../../directory/pure.ts';

/** @param keys from the resource down, for example `['name', 'familyName']`. */
export function valueAt(resource: Resource, keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>((value, key) => (isComplex(value) ? value[key] : undefined), resource);
}

/** @returns a copy with the value set; an empty value unassigns it, and with it what it leaves empty. */
export function withValue(resource: Resource, keys: readonly string[], value: Json | undefined): Resource {
  const changed = setIn(resource, keys, isEmpty(value) ? undefined : value) as Resource;
  const extensions = Object.keys(changed).filter((key) => key.startsWith('urn:'));
  const core = resource.schemas.includes(groupUrn) ? groupUrn : userUrn;
  return { ...changed, schemas: [core, ...extensions.toSorted()] };
}

/**
 * A row that was begun and left empty says nothing: it is not saved.
 * @param base what the directory has; what stands there already is kept, whatever it is.
 */
export function withoutEmptyRows(mine: Resource, base: Resource): Resource {
  return withoutEmptyRowsIn(mine, base) as Resource;
}

function withoutEmptyRowsIn(mine: Complex, base: Complex): Complex {
  const kept = Object.entries(mine).map(([name, value]) => {
    const before = base[name];
    if (name.startsWith('urn:') && isComplex(value))
      return [name, withoutEmptyRowsIn(value, isComplex(before) ? before : {})] as const;
    const rows = Array.isArray(value) ? asElements(value) : undefined;
    const known = asElements(before) ?? [];
    const left = rows?.filter((row) => !isEmptyRow(row) || known.some((other) => same(row, other)));
    return [name, left && left.length !== rows?.length ? left : value] as const;
  });
  if (kept.every(([name, value]) => value === mine[name])) return mine;
  return Object.fromEntries(kept.filter(([, value]) => !isEmpty(value)));
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
