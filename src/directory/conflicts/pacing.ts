import type { Key } from '../store.ts';

/** Milliseconds. A slot is as long as writers take from re-reading to writing, within these bounds. */
const slotMin = 4;
const slotMax = 250;
const slotFirst = 8;
/** A resource on which nobody was refused for so long is idle: its next writer waits for nobody. */
const idleAfter = 1000;
/** A writer that does not come back within this many milliseconds of its slot is not waited for any more. */
const comesBackWithin = 400;
const resourcesMax = 10_000;
const writersMax = 1000;

/** The contention of one resource. */
interface Contention {
  /** The beginning of the next free slot. */
  next: number;
  lastConflict: number;
  /** Smoothed time from re-reading to writing. */
  slot: number;
  /** Who was given a slot and has not come back yet, and when the slot begins. */
  waiting: Map<string, number>;
}

/**
 * Tells each writer that was refused when to come back, so that they come one after another instead of all at once: a slot
 * of time on the resource that they contend for ("Adaptive Retry Strategies", seed 000). The slot is as wide as writers
 * really take, the queue no longer than the writers that really come back, and forgotten when the resource is idle.
 */
export class Pacing {
  readonly #contentions = new Map<string, Contention>();
  readonly #now: () => number;

  /** @param now milliseconds of a monotonic clock. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * A writer was refused.
   * @returns in how many milliseconds it should read again and write at once.
   */
  refused(writer: string, key: Key): number {
    const now = this.#now();
    const contention = this.#contention(key, now);
    const { waiting } = contention;
    for (const [other, slot] of waiting) if (slot + comesBackWithin < now) waiting.delete(other);
    waiting.delete(writer);
    const horizon = now + contention.slot * waiting.size;
    const slot = Math.min(Math.max(contention.next, now), horizon);
    if (waiting.size < writersMax) waiting.set(writer, slot);
    contention.next = slot + contention.slot;
    contention.lastConflict = now;
    return Math.ceil(slot - now);
  }

  /**
   * A writer has written.
   * @param sinceRead how long ago it had read the resource, in milliseconds.
   */
  written(writer: string, key: Key, sinceRead: number | undefined): void {
    const contention = this.#contentions.get(nameOf(key));
    if (!contention?.waiting.delete(writer) || sinceRead === undefined) return;
    const observed = Math.min(Math.max(sinceRead, slotMin), slotMax);
    contention.slot += (observed - contention.slot) / 8;
  }

  #contention(key: Key, now: number): Contention {
    const name = nameOf(key);
    const known = this.#contentions.get(name);
    this.#contentions.delete(name);
    const contention =
      known && now - known.lastConflict < idleAfter
        ? known
        : { next: now, lastConflict: now, slot: known?.slot ?? slotFirst, waiting: new Map<string, number>() };
    this.#contentions.set(name, contention);
    if (this.#contentions.size > resourcesMax) {
      const [oldest] = this.#contentions.keys();
      if (oldest !== undefined) this.#contentions.delete(oldest);
    }
    return contention;
  }
}

function nameOf({ tenant, type, id }: Key): string {
  return `${tenant} ${type} ${id}`;
}
