/** How many times a writer may be refused and try again. */
export interface RetryBudgetRule {
  retries: number;
  /** In so many minutes. */
  perMinutes: number;
}

interface Bucket {
  left: number;
  at: number;
}

const bucketsMax = 10_000;

/** Buckets of retries that fill up again with time, one for each writer. */
export class RetryBudgets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #now: () => number;

  /** @param now milliseconds of a monotonic clock. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Spends one retry.
   * @returns 0 if there was one; else in how many milliseconds there is one again.
   */
  spend(writer: string, rule: RetryBudgetRule): number {
    const bucket = this.#bucket(writer, rule);
    if (bucket.left < 1) return this.#wait(bucket, rule);
    bucket.left -= 1;
    return 0;
  }

  /** @returns 0 if a retry is left; else in how many milliseconds there is one again. Spends none. */
  exhaustedFor(writer: string, rule: RetryBudgetRule): number {
    const bucket = this.#bucket(writer, rule);
    return bucket.left < 1 ? this.#wait(bucket, rule) : 0;
  }

  #wait({ left }: Bucket, rule: RetryBudgetRule): number {
    return Math.ceil((1 - left) * interval(rule));
  }

  #bucket(writer: string, rule: RetryBudgetRule): Bucket {
    const now = this.#now();
    const known = this.#buckets.get(writer);
    this.#buckets.delete(writer);
    const bucket = known
      ? { left: Math.min(rule.retries, known.left + (now - known.at) / interval(rule)), at: now }
      : { left: rule.retries, at: now };
    this.#buckets.set(writer, bucket);
    if (this.#buckets.size > bucketsMax) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return bucket;
  }
}

/** Milliseconds in which one retry comes back. */
function interval({ retries, perMinutes }: RetryBudgetRule): number {
  return (perMinutes * 60_000) / Math.max(retries, 1);
}
