const entriesMax = 10_000;

/** How many failures are allowed within some seconds. */
export interface AttemptLimit {
  failures: number;
  seconds: number;
}

/** Counts what failed, by whom or from where, and says when it may be tried again. */
export class Attempts {
  readonly #limit: AttemptLimit;
  /** The times of failures, the key with the latest failure at the end. */
  readonly #failures = new Map<string, number[]>();

  constructor(limit: AttemptLimit) {
    this.#limit = limit;
  }

  /** @returns after how many seconds this may be tried again; undefined if now. */
  waitFor(key: string): number | undefined {
    const times = this.#recent(key);
    const [oldest] = times;
    if (oldest === undefined || times.length < this.#limit.failures) return undefined;
    return Math.max(1, Math.ceil((oldest + this.#limit.seconds * 1000 - Date.now()) / 1000));
  }

  failed(key: string): void {
    const times = [...this.#recent(key), Date.now()].slice(-this.#limit.failures);
    this.#failures.delete(key);
    this.#failures.set(key, times);
    if (this.#failures.size > entriesMax) this.#failures.delete(this.#failures.keys().next().value ?? '');
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  #recent(key: string): number[] {
    const since = Date.now() - this.#limit.seconds * 1000;
    return (this.#failures.get(key) ?? []).filter((at) => at > since);
  }
}
