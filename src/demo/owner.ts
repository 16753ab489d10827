/** Who does something, and in which tenant. What one tenant has does not exist for another. */
export interface Owner {
  tenant: string;
  /** Of the client or person. */
  id: string;
  name: string;
}

/** A page of a list, the newest first. */
export interface DemoPage<Item> {
  items: Item[];
  total: number;
  /** Where the next page begins; absent on the last. */
  next?: number;
}

/** How much one tenant may have of a kind. */
export const perTenantMax = 10_000;
