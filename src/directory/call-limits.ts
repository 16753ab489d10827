import { z } from 'zod';

/** What bounds the calls of a client, or of all clients of a tenant together; named as in settings.json (seed 003). */
export const callLimitsSchema = z.strictObject({
  /** Calls that come back in each minute. */
  requests_per_minute: z.int().min(1).max(1_000_000).optional(),
  /** Calls that may come at once after a pause. */
  burst_size: z.int().min(1).max(1_000_000).optional(),
  /** Calls that may be under way at the same time; streams are not counted. */
  concurrent_calls: z.int().min(1).max(10_000).optional(),
  /** The largest body that is taken, in bytes; some addresses take less. */
  body_bytes: z
    .int()
    .min(1024)
    .max(8 * 1024 * 1024)
    .optional(),
  /** The largest answer to a call that only reads, in bytes. */
  result_bytes: z
    .int()
    .min(1024)
    .max(64 * 1024 * 1024)
    .optional(),
});
export type CallLimits = z.infer<typeof callLimitsSchema>;

/** All of them, the usual ones where nobody has set any. */
export type WholeCallLimits = Record<keyof CallLimits, number>;
