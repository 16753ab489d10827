import { z } from 'zod';
import type { Issue } from './errors.ts';
import { limits } from './limits.ts';
import { findAttribute, resolvePath, type Attribute, type ResourceSchemas, type Schema } from './schema.ts';

/** Names that every object answers to; they would be found where nothing was assigned. */
const isReserved = (name: string): boolean => name in {} || name === 'schemas' || name === 'meta';

const text = z.string().max(2000);
const list = z.array(z.string().min(1).max(200)).min(1).max(limits.extensionAttributesMax);

/** What the directory can keep of an attribute's definition (RFC 7643 §7); what is left out has the defaults of §2.2. */
const definition = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_$-]{0,63}$/, 'Must begin with a letter and have 1 to 64 letters, digits, "-", "_" and "$".'),
  type: z.enum(['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary', 'complex']).default('string'),
  multiValued: z.boolean().default(false),
  description: text.default(''),
  required: z.boolean().default(false),
  caseExact: z.boolean().default(false),
  mutability: z.literal('readWrite', 'Only "readWrite" is supported in an extension.').default('readWrite'),
  returned: z.literal('default', 'Only "default" is supported in an extension.').default('default'),
  uniqueness: z.literal('none', 'Only "none" is supported in an extension.').default('none'),
  canonicalValues: list.optional(),
  referenceTypes: list.optional(),
});

const attributes = z.array(
  definition.extend({ subAttributes: z.array(definition).min(1).max(limits.extensionAttributesMax).optional() }),
);

/** The `schemas` and `meta` of a Schema resource may be sent along, and `version`, which follows from the definition. */
const proposalForm = z.strictObject({
  id: z
    .string()
    .max(200)
    .regex(
      /^urn:[A-Za-z0-9][A-Za-z0-9-]{1,31}:[A-Za-z0-9()+,.:=@;$_!*'-]*[A-Za-z0-9]$/,
      'Must be a URN of your own, for example "urn:example:tandem:badges:2.0:User".',
    ),
  name: z.string().trim().min(1).max(100),
  description: text.default(''),
  attributes: attributes.min(1).max(limits.extensionAttributesMax),
  schemas: z.unknown().optional(),
  meta: z.unknown().optional(),
  version: z.unknown().optional(),
});

/** Where an extension cannot be: what the standards define besides extensions. */
const standardUrn = /^urn:ietf:params:scim:(?:api:|schemas:core:|schemas:extension:enterprise:)/i;

/**
 * Checks the proposal of an extension schema: its form (RFC 7643 §7), its URN, and whether its names can be told apart from
 * those of the other schemas, since attributes of extensions are found without their URN too.
 * @param schemas of the resource type that it would extend; one of the same URN there is the one that it would replace.
 * @param proposal the schema as a caller sent it.
 * @returns the schema in its full form if there are no issues, else all of them.
 */
export function checkExtension(schemas: ResourceSchemas, proposal: unknown): { schema?: Schema; issues: Issue[] } {
  const parsed = proposalForm.safeParse(proposal);
  if (!parsed.success)
    return { issues: parsed.error.issues.map(({ path, message }) => ({ path: toPath(path), message: withStop(message) })) };
  const { id, name, description } = parsed.data;
  const schema: Schema = { id, name, description, attributes: parsed.data.attributes.map(toAttribute) };
  const others = { ...schemas, extensions: schemas.extensions.filter((extension) => extension.id !== id) };
  const issues = [
    ...urnIssues(others, id),
    ...schema.attributes.flatMap((attribute, index) => nameIssues(others, attribute, `attributes[${index}]`)),
    ...listIssues(schema.attributes, 'attributes'),
  ];
  return issues.length > 0 ? { issues } : { schema, issues };
}

function toPath(keys: readonly PropertyKey[]): string {
  return keys.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`)).join('');
}

function withStop(message: string): string {
  return message.endsWith('.') ? message : `${message}.`;
}

/** A definition with the members that were left out left out, as the other schemas have them. */
function toAttribute({ subAttributes, canonicalValues, referenceTypes, ...rest }: z.infer<typeof attributes>[number]): Attribute {
  return {
    ...rest,
    ...(canonicalValues && { canonicalValues }),
    ...(rest.type === 'reference' && { referenceTypes: referenceTypes ?? ['external'] }),
    ...(subAttributes && { subAttributes: subAttributes.map(toAttribute) }),
  };
}

function urnIssues({ core, extensions }: ResourceSchemas, urn: string): Issue[] {
  const folded = urn.toLowerCase();
  if (standardUrn.test(urn)) return [{ path: 'id', message: 'This URN belongs to a standard. Use one of your own.' }];
  return [core, ...extensions].flatMap(({ id }): Issue[] => {
    const other = id.toLowerCase();
    if (other === folded) return [{ path: 'id', message: `Differs from "${id}" only in letter case. Write it like that.` }];
    const isInside = folded.startsWith(`${other}:`) || other.startsWith(`${folded}:`);
    return isInside ? [{ path: 'id', message: `Begins like "${id}", so that paths could mean either. Use another URN.` }] : [];
  });
}

function nameIssues(others: ResourceSchemas, attribute: Attribute, path: string): Issue[] {
  const { name } = attribute;
  if (isReserved(name)) return [{ path: `${path}.name`, message: `"${name}" is reserved. Choose another name.` }];
  const clash = resolvePath(others, name);
  if (!clash) return [];
  const owner = others.extensions.find(({ id }) => id === clash.keys[0]) ?? others.core;
  return [{ path: `${path}.name`, message: `"${name}" is an attribute of "${owner.name}" already. Choose another name.` }];
}

/** Issues of attributes that stand in one list: names that meet, and definitions that contradict themselves. */
function listIssues(list: readonly Attribute[], path: string): Issue[] {
  return list.flatMap((attribute, index): Issue[] => {
    const { name, type, subAttributes, canonicalValues } = attribute;
    const here = `${path}[${index}]`;
    const issues: Issue[] = [];
    if (findAttribute(list.slice(0, index), name))
      issues.push({ path: `${here}.name`, message: `"${name}" is defined twice; names are the same in any letter case.` });
    if (type === 'complex' && path !== 'attributes')
      issues.push({ path: `${here}.type`, message: 'A sub-attribute cannot be complex itself.' });
    else if ((type === 'complex') !== (subAttributes !== undefined))
      issues.push({ path: `${here}.subAttributes`, message: 'Are what a complex attribute has, and no other.' });
    if (canonicalValues && type !== 'string')
      issues.push({ path: `${here}.canonicalValues`, message: 'Only a string has canonical values.' });
    if (name.toLowerCase() === 'primary' && path !== 'attributes' && type !== 'boolean')
      issues.push({ path: `${here}.type`, message: '"primary" marks the preferred value and is boolean (RFC 7643 §2.4).' });
    if (isReserved(name) && path !== 'attributes')
      issues.push({ path: `${here}.name`, message: `"${name}" is reserved. Choose another name.` });
    return [...issues, ...listIssues(subAttributes ?? [], `${here}.subAttributes`)];
  });
}
