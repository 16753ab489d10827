import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { DirectoryError } from './errors.ts';
import { findAttribute, type Attribute, type Schema } from './schema.ts';

const versions = new WeakMap<Schema, string>();

/** The version of a schema's content, made as that of a resource is (version.ts): the same definition, the same version. */
export function schemaVersionOf(schema: Schema): string {
  const known = versions.get(schema);
  if (known !== undefined) return known;
  const version = Buffer.from(hash('sha256', canonicalize(schema) ?? '', 'buffer').subarray(0, 8)).toString('base64');
  versions.set(schema, version);
  return version;
}

/**
 * Schemas with only the attributes that are asked for.
 * @param paths names of attributes or sub-attributes, with or without the URN before them, or the URN of a whole schema.
 * @returns those schemas that have any of them; all as they are where nothing is asked for.
 * @throws DirectoryError INVALID_PATH for a path that none of them has.
 */
export function selectFromSchemas(schemas: readonly Schema[], paths: readonly string[]): Schema[] {
  if (paths.length === 0) return [...schemas];
  const unknown = paths.find((path) => !schemas.some((schema) => choose(schema, path)));
  if (unknown !== undefined) {
    const message = `'${unknown.slice(0, 200)}' is no attribute of these schemas. Name attributes such as userName or emails.type, or a schema's URN.`;
    throw new DirectoryError('INVALID_PATH', message, { issues: [{ path: unknown.slice(0, 200), message }] });
  }
  return schemas.flatMap((schema) => {
    const chosen = paths.flatMap((path) => choose(schema, path) ?? []);
    return chosen.length > 0 ? [{ ...schema, attributes: joined(schema, chosen) }] : [];
  });
}

/** An attribute that is asked for, and which part of it, if not the whole. */
interface Choice {
  attribute: Attribute;
  sub?: Attribute;
}

function choose({ id, attributes }: Schema, path: string): Choice[] | undefined {
  const folded = path.toLowerCase();
  const urn = id.toLowerCase();
  if (folded === urn) return attributes.map((attribute) => ({ attribute }));
  const name = folded.startsWith(`${urn}:`) ? path.slice(urn.length + 1) : path;
  const [first = '', second, ...rest] = name.split('.');
  const attribute = findAttribute(attributes, first);
  if (!attribute || rest.length > 0) return undefined;
  if (second === undefined) return [{ attribute }];
  const sub = findAttribute(attribute.subAttributes ?? [], second);
  return sub && [{ attribute, sub }];
}

function joined({ attributes }: Schema, chosen: readonly Choice[]): Attribute[] {
  return attributes.flatMap((attribute) => {
    const mine = chosen.filter((choice) => choice.attribute === attribute);
    if (mine.length === 0) return [];
    if (mine.some(({ sub }) => sub === undefined)) return [attribute];
    const parts = new Set(mine.map(({ sub }) => sub));
    return [{ ...attribute, subAttributes: (attribute.subAttributes ?? []).filter((sub) => parts.has(sub)) }];
  });
}
