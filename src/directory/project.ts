import { isComplex } from './elements.ts';
import { DirectoryError } from './errors.ts';
import type { Complex, Json } from './resource.ts';
import { resolvePath, type ResourceSchemas } from './schema.ts';

/** Which attributes a caller wants to see (RFC 7644 §3.9): SCIM paths; unknown ones are ignored. */
export interface Projection {
  attributes?: readonly string[] | undefined;
  excludedAttributes?: readonly string[] | undefined;
}

/** Returned whatever is asked for (RFC 7643 §7, `returned: always`), `_version` because a write needs it. */
const always = new Set(['id', 'schemas', '_version']);

/**
 * Leaves out of a resource, in a door's form, what its caller does not want.
 * @returns a new object; the resource itself where nothing is asked for.
 */
export function project<R extends Complex>(schemas: ResourceSchemas, resource: R, wanted: Projection): R {
  const { attributes = [], excludedAttributes = [] } = wanted;
  if (attributes.length > 0) return pick(resource, toTree(schemas, attributes)) as R;
  if (excludedAttributes.length > 0) return omit(resource, toTree(schemas, excludedAttributes)) as R;
  return resource;
}

/** Whether a projection leaves an attribute in, or a part of it, so that what is costly to read is read only then. */
export function isWanted(
  schemas: ResourceSchemas,
  name: string,
  { attributes = [], excludedAttributes = [] }: Projection,
): boolean {
  if (attributes.length === 0 && excludedAttributes.length === 0) return true;
  const named = resolvePath(schemas, name)?.keys ?? [];
  const leads = (from: readonly string[], to: readonly string[]) =>
    from.length > 0 && from.length <= to.length && from.every((key, index) => to[index] === key);
  const paths = (attributes.length > 0 ? attributes : excludedAttributes).map((path) => keysOf(schemas, path));
  return attributes.length > 0
    ? paths.some((path) => leads(path, named) || leads(named, path))
    : !paths.some((path) => leads(path, named));
}

/** The keys from the resource down to what a path names, of a whole extension too. Empty where nothing has this name. */
function keysOf(schemas: ResourceSchemas, path: string): readonly string[] {
  const name = path.trim();
  const extension = schemas.extensions.find(({ id }) => id.toLowerCase() === name.toLowerCase());
  return extension ? [extension.id] : (resolvePath(schemas, name)?.keys ?? []);
}

/**
 * Checks attribute paths of a caller that should hear of a misspelt one.
 * @param place what the caller calls them, for example `fields`.
 * @throws DirectoryError INVALID_PATH that names the first unknown one, and what there is.
 */
export function checkPaths(schemas: ResourceSchemas, paths: readonly string[], place: string): void {
  const unknown = paths.find((path) => !isExtension(schemas, path) && path !== '_version' && !resolvePath(schemas, path.trim()));
  if (unknown === undefined) return;
  const { core, extensions } = schemas;
  const names = [core, ...extensions].flatMap(({ attributes }) => attributes.filter(({ returned }) => returned !== 'never'));
  const known = names.map(({ name }) => name).join(', ');
  const message = `${place}: '${unknown.slice(0, 200)}' is no attribute of a ${schemas.type.toLowerCase()}. Known: ${known}, meta; parts of them as emails.value.`;
  throw new DirectoryError('INVALID_PATH', message, { issues: [{ path: place, message }] });
}

function isExtension({ extensions }: ResourceSchemas, path: string): boolean {
  return extensions.some(({ id }) => id.toLowerCase() === path.trim().toLowerCase());
}

/** Keys to the parts that are meant; `true` where the whole is. */
interface Tree {
  [key: string]: Tree | true;
}

function toTree(schemas: ResourceSchemas, paths: readonly string[]): Tree {
  const tree: Tree = Object.create(null) as Tree;
  for (const path of paths) {
    const keys = keysOf(schemas, path);
    let here = tree;
    keys.forEach((key, index) => {
      const inner = here[key];
      if (inner === true) return;
      if (index === keys.length - 1) here[key] = true;
      else here = here[key] = inner ?? (Object.create(null) as Tree);
    });
  }
  return tree;
}

function pick(resource: Complex, tree: Tree): Complex {
  const kept: Complex = {};
  for (const [key, value] of Object.entries(resource)) {
    const wanted = always.has(key) ? true : tree[key];
    const inner = wanted === undefined ? undefined : wanted === true ? value : inside(value, (part) => pick(part, wanted));
    if (inner !== undefined) kept[key] = inner;
  }
  return kept;
}

function omit(resource: Complex, tree: Tree): Complex {
  const kept: Complex = {};
  for (const [key, value] of Object.entries(resource)) {
    const unwanted = always.has(key) ? undefined : tree[key];
    const inner = unwanted === undefined ? value : unwanted === true ? undefined : inside(value, (part) => omit(part, unwanted));
    if (inner !== undefined) kept[key] = inner;
  }
  return kept;
}

/** Applies to a complex value, or to each element of a list; what is left empty is left out. */
function inside(value: Json, change: (part: Complex) => Complex): Json | undefined {
  if (Array.isArray(value)) {
    const parts = value.flatMap((item) => (isComplex(item) ? [change(item)] : [])).filter((part) => Object.keys(part).length > 0);
    return parts.length > 0 ? parts : undefined;
  }
  if (!isComplex(value)) return undefined;
  const part = change(value);
  return Object.keys(part).length > 0 ? part : undefined;
}
