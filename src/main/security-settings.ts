import { z } from 'zod';
import { callLimitsSchema, type CallLimits } from '../directory/index.ts';
import type { Quota } from '../observe/host.ts';

/** Headers that say something else already. */
const taken = new Set(['authorization', 'connection', 'content-length', 'content-type', 'cookie', 'host', 'origin']);

const origin = z.string().refine(isOrigin, {
  error: ({ input }) =>
    input === '*'
      ? 'Every web page of the world could call Tandem with "*". List the origins that may, such as "https://app.example.com".'
      : 'Give an origin such as "https://app.example.com", without a path or a slash at its end; http:// for this computer only.',
});

/** Who may call, and how much. What the seed's production settings have (seed 003) is valid as it is. */
export const securitySchema = z.strictObject({
  authentication: z
    .strictObject({
      type: z.literal('api_key', 'Only "api_key" is known: access keys in a header, beside Authorization: Bearer.').optional(),
      /** The header that carries an access key, beside `Authorization: Bearer`, which is always taken. */
      header: z
        .string()
        .regex(/^[A-Za-z\d-]{1,64}$/, 'Give the name of an HTTP header: letters, digits and "-".')
        .refine(
          (name) => !taken.has(name.toLowerCase()),
          'This header has a meaning of its own. Give another one, such as "X-API-Key".',
        )
        .optional(),
    })
    .optional(),
  /** Of access keys; of clients that a person has signed in; and of all clients of a tenant together. */
  rate_limiting: callLimitsSchema
    .extend({ clients: callLimitsSchema.optional(), tenants: callLimitsSchema.optional() })
    .optional(),
  cors: z
    .strictObject({
      /** Whether web pages of the origins below may call Tandem. */
      enabled: z.boolean().optional(),
      allowed_origins: z.array(origin).max(100).optional(),
    })
    .optional(),
});
export type SecuritySettings = z.infer<typeof securitySchema>;

const bytes = { body_bytes: 8 * 1024 * 1024, result_bytes: 8 * 1024 * 1024 };

/** What bounds calls where nothing else is set; the first as in seed 003. */
export const defaultQuotas: { keys: Quota; clients: Quota; tenants: Quota } = {
  keys: { requests_per_minute: 100, burst_size: 10, concurrent_calls: 20, ...bytes },
  clients: { requests_per_minute: 600, burst_size: 60, concurrent_calls: 50, ...bytes },
  tenants: { requests_per_minute: 6000, burst_size: 600, concurrent_calls: 200, ...bytes },
};

export const defaultKeyHeader = 'X-API-Key';

/** What bounds the calls of each kind, by settings.json. */
export function quotasOf({ rate_limiting: limits = {} }: SecuritySettings): typeof defaultQuotas {
  const { clients, tenants, ...keys } = limits;
  return {
    keys: withLimits(defaultQuotas.keys, keys),
    clients: withLimits(defaultQuotas.clients, clients),
    tenants: withLimits(defaultQuotas.tenants, tenants),
  };
}

/** What is set wins over what there is. */
export function withLimits(quota: Quota, limits: CallLimits | undefined): Quota {
  if (!limits || Object.keys(limits).length === 0) return quota;
  const result = { ...quota };
  for (const name of Object.keys(quota) as (keyof Quota)[]) result[name] = limits[name] ?? quota[name];
  return result;
}

/** Web pages of these origins may call Tandem. */
export function allowedOrigins({ cors }: SecuritySettings): readonly string[] {
  return cors?.enabled === true ? (cors.allowed_origins ?? []) : [];
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.origin !== text) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname));
}
