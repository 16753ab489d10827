import type { Actor, Directory } from '../directory/index.ts';

/**
 * Whether patches and bulk operations of a tenant are read as Entra ID and Okta write them, as at /scim/v2: an agent may have
 * learnt its operations there.
 */
export function lenientFor({ tenants }: Directory, { tenant }: Actor): boolean {
  return !tenants.get(tenant).settings.strict;
}
