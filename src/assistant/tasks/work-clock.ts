/** Counts the time that a run works, and not that in which it waits for a person. */
export class WorkClock {
  readonly #onUp: () => void;
  #leftMs: number;
  #since = 0;
  #pauses = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onUp is called once, when a run has worked for so many milliseconds. */
  constructor(leftMs: number, onUp: () => void) {
    this.#leftMs = leftMs;
    this.#onUp = onUp;
    this.#go();
  }

  #go(): void {
    this.#since = performance.now();
    this.#timer = setTimeout(this.#onUp, this.#leftMs);
  }

  pause(): void {
    if (this.#pauses++ > 0) return;
    clearTimeout(this.#timer);
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#since));
  }

  resume(): void {
    if (--this.#pauses === 0) this.#go();
  }

  stop(): void {
    this.#pauses = Number.POSITIVE_INFINITY;
    clearTimeout(this.#timer);
  }
}
