import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const many = { requests_per_minute: 1_000_000, burst_size: 1_000_000, concurrent_calls: 10_000 };

/** Settings for a host that tests and benchmarks ask faster than people let their scripts do. */
export const manyCalls = { security: { rate_limiting: { ...many, clients: many, tenants: many } } };

/** Gives a data folder these settings before its host is started for the first time. */
export function allowManyCalls(data: string): void {
  mkdirSync(data, { recursive: true });
  const file = join(data, 'settings.json');
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(manyCalls));
}
