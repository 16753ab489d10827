import type { Asker, Owner } from '../context.ts';

/** The columns that say whose a row is. */
export interface OwnerColumns {
  tenant: string;
  principal: string;
  user_id: string;
}

/** SQL that holds for the rows of an asker, with the parameters of `askerParameters`. */
export const isOfAsker = 'tenant = @tenant and principal = @principal and (@userId is null or user_id = @userId)';

export function askerParameters({ tenant, principal = '', userId }: Asker): Record<string, string | null> {
  return { tenant, principal, userId: userId ?? null };
}

export function toOwner({ tenant, principal, user_id: userId }: OwnerColumns): Owner {
  return { tenant, userId, ...(principal !== '' && { principal }) };
}

/** Whether an asker may know of what an owner has. */
export function mayAsk(asker: Asker, owner: Owner): boolean {
  return (
    asker.tenant === owner.tenant &&
    asker.principal === owner.principal &&
    (asker.userId === undefined || asker.userId === owner.userId)
  );
}

/** RFC 3339, UTC. @param ms since the epoch. */
export function toTime(ms: number): string {
  return new Date(ms).toISOString();
}

export function toObject(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}
