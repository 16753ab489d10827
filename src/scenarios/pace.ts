import { setTimeout as sleep } from 'node:timers/promises';
import type { Speed } from './event.ts';

const factors: Record<Speed, number> = { '0.5x': 0.5, '1x': 1, '2x': 2, '4x': 4, fast: Number.POSITIVE_INFINITY };

/** The time of a run: it can be paused, and played slower or faster; also while somebody waits. */
export class Pace {
  readonly #signal: AbortSignal;
  #speed: Speed;
  #pausedAt: number | undefined;
  #pausedMs = 0;
  readonly #startedAt: number;
  #endedAt: number | undefined;
  /** Aborted at each change, so that who waits looks again. */
  #change = new AbortController();

  /**
   * @param signal ends every wait.
   * @param alreadyMs how long the run took before it was stopped, where it goes on.
   */
  constructor(speed: Speed, signal: AbortSignal, alreadyMs = 0) {
    this.#speed = speed;
    this.#signal = signal;
    this.#startedAt = performance.now() - alreadyMs;
  }

  get speed(): Speed {
    return this.#speed;
  }

  set speed(speed: Speed) {
    this.#speed = speed;
    this.#tell();
  }

  get isPaused(): boolean {
    return this.#pausedAt !== undefined;
  }

  pause(): void {
    this.#pausedAt ??= performance.now();
    this.#tell();
  }

  resume(): void {
    if (this.#pausedAt !== undefined) this.#pausedMs += performance.now() - this.#pausedAt;
    this.#pausedAt = undefined;
    this.#tell();
  }

  end(): void {
    this.resume();
    this.#endedAt ??= performance.now();
  }

  /** Milliseconds since the run began, without pauses. */
  elapsed(): number {
    return Math.round((this.#pausedAt ?? this.#endedAt ?? performance.now()) - this.#startedAt - this.#pausedMs);
  }

  /** How long something takes that takes `ms` at normal speed; 0 as fast as possible. */
  scaled(ms: number): number {
    return ms / factors[this.#speed];
  }

  /** Resolves when the run is not paused. @throws the signal's reason when the run is stopped. */
  async gate(): Promise<void> {
    this.#signal.throwIfAborted();
    while (this.isPaused) await this.#until();
  }

  /** Waits as long as `ms` are at the speed of the run, which may change meanwhile. @throws as gate. */
  async sleep(ms: number): Promise<void> {
    for (let left = ms; ;) {
      await this.gate();
      const factor = factors[this.#speed];
      if (left <= 0 || factor === Number.POSITIVE_INFINITY) return;
      const from = performance.now();
      await this.#until(left / factor);
      left -= (performance.now() - from) * factor;
    }
  }

  /** Waits for a change of pace, or for some milliseconds. */
  async #until(ms?: number): Promise<void> {
    const signal = AbortSignal.any([this.#signal, this.#change.signal]);
    const waited = sleep(ms ?? 60_000, undefined, { signal });
    await waited.catch(() => {});
    this.#signal.throwIfAborted();
  }

  #tell(): void {
    this.#change.abort();
    this.#change = new AbortController();
  }
}
