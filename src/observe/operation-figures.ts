import { countTime, quantile, type Times } from './latency.ts';

interface Counted {
  calls: number;
  results: Record<string, number>;
  times: Times;
}

/** How one operation has done since the start. */
export interface OperationReport {
  operation: string;
  calls: number;
  /** How many ended how: `ok`, or an error code. */
  results: Record<string, number>;
  /** Milliseconds under which half, 95 and 99 of a hundred were. */
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
}

/** Counts the operations of a module for each tenant, in memory, since the start. Whoever counts says few different names. */
export class OperationFigures {
  readonly since = new Date().toISOString();
  readonly #tenants = new Map<string, Map<string, Counted>>();

  count(tenant: string, operation: string, result: string, ms: number): void {
    const ofTenant = this.#tenants.get(tenant) ?? new Map<string, Counted>();
    this.#tenants.set(tenant, ofTenant);
    const counted = ofTenant.get(operation) ?? { calls: 0, results: {}, times: {} };
    ofTenant.set(operation, counted);
    counted.calls++;
    counted.results[result] = (counted.results[result] ?? 0) + 1;
    countTime(counted.times, ms);
  }

  /** Of one tenant, those that were called. */
  read(tenant: string): OperationReport[] {
    const rounded = (times: Times, share: number) => Number((quantile(times, share) ?? 0).toFixed(2));
    return [...(this.#tenants.get(tenant) ?? [])].map(([operation, { calls, results, times }]) => ({
      operation,
      calls,
      results: { ...results },
      p50_ms: rounded(times, 0.5),
      p95_ms: rounded(times, 0.95),
      p99_ms: rounded(times, 0.99),
    }));
  }
}
