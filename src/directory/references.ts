import { isComplex } from './elements.ts';
import type { Complex, Json, Resource, ResourceType } from './resource.ts';
import { enterpriseUserUrn } from './schema.ts';

/** One thing that a resource refers to by its id. */
export interface Reference {
  /** Of what is referred to. */
  type: 'User' | 'Agent';
  /** The id, whether or not there is such a resource. */
  value: string;
}

/** The attributes with references whose names are derived, by the type of the resource that has them. */
export const referringAttributes: Record<ResourceType, readonly string[]> = {
  User: ['manager'],
  Group: [],
  Agent: ['owners', 'parent'],
};

/** @returns what a resource refers to: a user to the manager (RFC 7643 §4.3), an agent to its owners and its parent. */
export function referencesOf(type: ResourceType, resource: Resource): Reference[] {
  if (type === 'User') {
    const value = valueOf(managerOf(resource));
    return value === undefined ? [] : [{ type: 'User', value }];
  }
  if (type !== 'Agent') return [];
  const found = (of: 'User' | 'Agent', value: string | undefined): Reference[] =>
    value === undefined ? [] : [{ type: of, value }];
  return [...ownersOf(resource).flatMap((owner) => found('User', owner)), ...found('Agent', valueOf(resource['parent']))];
}

/** @returns the ids of the users who own an agent, whether or not there are such users. */
export function ownersOf({ owners }: Complex): string[] {
  return (Array.isArray(owners) ? owners : []).flatMap((owner) => valueOf(owner) ?? []);
}

/**
 * Writes into a resource, in a door's form, what is derived of those it refers to: the names that they have now, and their
 * addresses. Of somebody who is not there any more there is only the id.
 * @param names of those, by id (Directory.referenceNames).
 * @param refOf the address of a resource in the door's form.
 * @returns a new object; the resource itself where it refers to nobody.
 */
export function withReferences<R extends Resource>(
  type: ResourceType,
  resource: R,
  names: ReadonlyMap<string, string>,
  refOf: (type: 'User' | 'Agent', id: string) => string,
): R {
  if (names.size === 0 || type === 'Group') return resource;
  const derived = (of: 'User' | 'Agent', sent: Json | undefined, nameAttribute: string): Json => {
    const value = valueOf(sent) ?? '';
    const name = names.get(value);
    return name === undefined ? { value } : { value, $ref: refOf(of, value), [nameAttribute]: name };
  };
  if (type === 'User') {
    const manager = managerOf(resource);
    if (valueOf(manager) === undefined) return resource;
    const extension = resource[enterpriseUserUrn] as Complex;
    return { ...resource, [enterpriseUserUrn]: { ...extension, manager: derived('User', manager, 'displayName') } };
  }
  const { owners, parent } = resource;
  return {
    ...resource,
    ...(Array.isArray(owners) && { owners: owners.map((owner) => derived('User', owner, 'display')) }),
    ...(parent !== undefined && { parent: derived('Agent', parent, 'display') }),
  };
}

function managerOf(user: Complex): Json | undefined {
  const extension = user[enterpriseUserUrn];
  return isComplex(extension) ? extension['manager'] : undefined;
}

function valueOf(reference: Json | undefined): string | undefined {
  const value = isComplex(reference) ? reference['value'] : undefined;
  return typeof value === 'string' ? value : undefined;
}
