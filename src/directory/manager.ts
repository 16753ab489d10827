import { isComplex } from './elements.ts';
import type { Complex } from './resource.ts';
import { enterpriseUserUrn } from './schema.ts';

/** @returns the id of the manager whom a user names, whether or not there is such a user. */
export function managerIdOf(user: Complex): string | undefined {
  const extension = user[enterpriseUserUrn];
  const manager = isComplex(extension) ? extension['manager'] : undefined;
  const value = isComplex(manager) ? manager['value'] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/**
 * Writes into a user, in a door's form, what is derived of its manager (RFC 7643 §4.3): the name that the manager has now, and
 * its address. Of a manager who is no user of the tenant there is only the id.
 * @param names of managers, by id (Directory.managerNames).
 * @param refOf the address of a user in the door's form.
 * @returns a new object; the user itself where it has no manager.
 */
export function withManager<R extends Complex>(user: R, names: ReadonlyMap<string, string>, refOf: (id: string) => string): R {
  const value = managerIdOf(user);
  if (value === undefined) return user;
  const name = names.get(value);
  const manager = name === undefined ? { value } : { value, $ref: refOf(value), displayName: name };
  return { ...user, [enterpriseUserUrn]: { ...(user[enterpriseUserUrn] as Complex), manager } };
}
