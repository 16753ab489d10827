import { DirectoryError } from './errors.ts';
import type { Actor, Tenant } from './resource.ts';
import type { Tenants, TenantUpdate } from './tenants.ts';

/** The tenant whose administrators manage all tenants. It always exists. */
export const operatorTenant = 'default';

/**
 * The tenants as far as an administrator of one of them may see and change them: all of them for the operator's, its own
 * alone for any other, for which no other exists (docs/decisions/0012).
 */
export class ManagedTenants {
  readonly #tenants: Tenants;
  readonly #by: Actor;

  /** @param by the administrator. */
  constructor(tenants: Tenants, by: Actor) {
    this.#tenants = tenants;
    this.#by = by;
  }

  list(): Tenant[] {
    return this.#isOperator() ? this.#tenants.list() : [this.#tenants.get(this.#by.tenant)];
  }

  /** @throws DirectoryError FORBIDDEN unless the administrator is the operator's; as Tenants.create. */
  async create(tenant: { id: string; name: string }): Promise<Tenant> {
    if (!this.#isOperator())
      throw new DirectoryError('FORBIDDEN', `Only administrators of the tenant ${operatorTenant} can add tenants.`);
    return this.#tenants.create(tenant, this.#by);
  }

  /** @throws DirectoryError NOT_FOUND, of another tenant too; as Tenants.update. */
  async update(id: string, changes: TenantUpdate): Promise<Tenant> {
    return this.#tenants.update(this.#seen(id), changes, this.#by);
  }

  /** @throws DirectoryError NOT_FOUND, of another tenant too; as Tenants.delete. */
  async delete(id: string): Promise<void> {
    return this.#tenants.delete(this.#seen(id), this.#by);
  }

  #isOperator(): boolean {
    return this.#by.tenant === operatorTenant;
  }

  #seen(id: string): string {
    if (this.#isOperator() || id === this.#by.tenant) return id;
    throw noSuchTenant();
  }
}

/** Of a tenant that does not exist, and of one that the caller may not know of: both are told the same. */
export function noSuchTenant(): DirectoryError {
  return new DirectoryError('NOT_FOUND', 'There is no such tenant.');
}
