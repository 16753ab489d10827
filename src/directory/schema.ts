import type { ResourceType } from './resource.ts';
import { agentAttributes } from './schema-agent.ts';
import { groupAttributes } from './schema-group.ts';
import { frameAttributes } from './schema-parts.ts';
import { enterpriseUserAttributes, userAttributes } from './schema-user.ts';

/** A SCIM attribute definition (RFC 7643 §7). */
export interface Attribute {
  name: string;
  type: 'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'reference' | 'binary' | 'complex';
  multiValued: boolean;
  description: string;
  required: boolean;
  caseExact: boolean;
  mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  returned: 'always' | 'never' | 'default' | 'request';
  uniqueness: 'none' | 'server' | 'global';
  canonicalValues?: string[];
  referenceTypes?: string[];
  subAttributes?: Attribute[];
}

/** A SCIM schema (RFC 7643 §7). */
export interface Schema {
  id: string;
  name: string;
  description: string;
  attributes: Attribute[];
}

export const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const enterpriseUserUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

export const userSchema: Schema = {
  id: userUrn,
  name: 'User',
  description: 'User Account',
  attributes: userAttributes,
};

export const enterpriseUserSchema: Schema = {
  id: enterpriseUserUrn,
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  attributes: enterpriseUserAttributes,
};

export const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';

export const groupSchema: Schema = {
  id: groupUrn,
  name: 'Group',
  description: 'Group',
  attributes: groupAttributes,
};

export const agentUrn = 'urn:ietf:params:scim:schemas:core:2.0:Agent';

export const agentSchema: Schema = {
  id: agentUrn,
  name: 'Agent',
  description: 'AI client or other agent',
  attributes: agentAttributes,
};

/** The schemas of a resource type: its core schema and the extensions that its resources may carry. */
export interface ResourceSchemas {
  type: ResourceType;
  core: Schema;
  extensions: Schema[];
}

export const userSchemas: ResourceSchemas = { type: 'User', core: userSchema, extensions: [enterpriseUserSchema] };
export const groupSchemas: ResourceSchemas = { type: 'Group', core: groupSchema, extensions: [] };
export const agentSchemas: ResourceSchemas = { type: 'Agent', core: agentSchema, extensions: [] };

/**
 * @returns the schemas with another extension, or another definition of one that they have. Those of a tenant come after those
 *   of the standard, in the order of their URNs.
 */
export function withExtension({ extensions, ...schemas }: ResourceSchemas, schema: Schema): ResourceSchemas {
  const isOwn = ({ id }: Schema): number => Number(id !== enterpriseUserUrn);
  const all = [...extensions.filter(({ id }) => id !== schema.id), schema];
  return { ...schemas, extensions: all.toSorted((a, b) => isOwn(a) - isOwn(b) || (a.id < b.id ? -1 : 1)) };
}

/** Finds an attribute by name; attribute names are caseless (RFC 7643 §2.1). */
export function findAttribute(attributes: readonly Attribute[], name: string): Attribute | undefined {
  const exact = attributes.find((attribute) => attribute.name === name);
  if (exact) return exact;
  const folded = name.toLowerCase();
  return attributes.find((attribute) => attribute.name.toLowerCase() === folded);
}

/** A path through the schemas, resolved: the attribute it names, and how to reach its value in a resource. */
export interface ResolvedPath {
  attribute: Attribute;
  /** Keys from the resource down, for example `['name', 'familyName']` or `['urn:…:User', 'department']`. */
  keys: string[];
  /** The multi-valued attribute on the way, if the path goes through one. */
  multiValued?: Attribute;
}

/**
 * Resolves an attribute path without filters (RFC 7644 §3.10): `userName`, `name.familyName`, `emails.value`,
 * `meta.lastModified`, the same with the core URN before it, or an extension's attribute with or without its URN.
 * @returns undefined where no schema has it.
 */
export function resolvePath(schemas: ResourceSchemas, path: string): ResolvedPath | undefined {
  const folded = path.toLowerCase();
  for (const extension of schemas.extensions) {
    const urn = extension.id.toLowerCase();
    if (folded.startsWith(`${urn}:`)) return resolveIn(extension.attributes, path.slice(urn.length + 1), [extension.id]);
  }
  const core = schemas.core.id.toLowerCase();
  const name = folded.startsWith(`${core}:`) ? path.slice(core.length + 1) : path;
  const resolved = resolveIn([...frameAttributes, ...schemas.core.attributes], name, []);
  if (resolved || name !== path) return resolved;
  for (const extension of schemas.extensions) {
    const found = resolveIn(extension.attributes, path, [extension.id]);
    if (found) return found;
  }
  return undefined;
}

function resolveIn(attributes: readonly Attribute[], path: string, keys: string[]): ResolvedPath | undefined {
  const [first = '', second, ...rest] = path.split('.');
  const attribute = findAttribute(attributes, first);
  if (!attribute || rest.length > 0) return undefined;
  const here = [...keys, attribute.name];
  if (second === undefined) return withMultiValued({ attribute, keys: here }, attribute);
  const sub = findAttribute(attribute.subAttributes ?? [], second);
  return sub && withMultiValued({ attribute: sub, keys: [...here, sub.name] }, attribute);
}

function withMultiValued(resolved: ResolvedPath, parent: Attribute): ResolvedPath {
  return parent.multiValued ? { ...resolved, multiValued: parent } : resolved;
}
