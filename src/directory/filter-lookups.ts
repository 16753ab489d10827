import { isComplex } from './elements.ts';
import type { Json, Resource } from './resource.ts';
import { agentSchemas, enterpriseUserUrn, resolvePath, userSchemas } from './schema.ts';

/** An entry of the table `lookups`: a value by which a resource is found at once. */
export interface Lookup {
  /** The canonical path of the attribute, for example `emails.value`. */
  path: string;
  /** In lower case, unless the attribute is `caseExact`. */
  value: string;
}

const paths = [
  'emails.value',
  'name.familyName',
  `${enterpriseUserUrn}:employeeNumber`,
  `${enterpriseUserUrn}:manager.value`,
  'owners.value',
];

/** The attributes that the table `lookups` holds, beside those that have a column of their own. */
export const lookupPaths: ReadonlySet<string> = new Set(paths);

const places = paths.flatMap((path) => {
  const resolved = resolvePath(userSchemas, path) ?? resolvePath(agentSchemas, path);
  return resolved ? [{ path, keys: resolved.keys, folded: !resolved.attribute.caseExact }] : [];
});

/** @returns what the table `lookups` must hold for a resource, without repetitions. */
export function lookupsOf(resource: Resource): Lookup[] {
  return places.flatMap(({ path, keys, folded }) => {
    const texts = textsAt(resource, keys).map((text) => (folded ? text.toLowerCase() : text));
    return [...new Set(texts)].map((value) => ({ path, value }));
  });
}

function textsAt(value: Json | undefined, keys: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => textsAt(element, keys));
  const [key, ...rest] = keys;
  if (key === undefined) return typeof value === 'string' ? [value] : [];
  return isComplex(value) ? textsAt(value[key], rest) : [];
}
