import { z } from 'zod';

/** What the procedures of several screens take. */
export const tenant = z.string().min(1).max(63);
export const key = z.object({ tenant, id: z.string().min(1).max(128) });
export const record = z.record(z.string(), z.unknown());

export const pageInput = z.object({
  tenant,
  search: z.string().max(200).optional(),
  /** SCIM filter. */
  filter: z.string().max(8000).optional(),
  offset: z.int().min(0),
  limit: z.int().min(1).max(500),
});
