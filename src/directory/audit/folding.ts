import type { Author } from '../resource.ts';
import type { AuditNote, AuditTold } from './entry.ts';

/** Of the same by the same actor in a minute, so many are told one by one. */
const toldMax = 20;
const windowMs = 60_000;
/** Different ones that are counted at the same time; more are counted together for each tenant. */
const countedMax = 1000;

interface Count {
  tenant: string;
  by: Author;
  note: AuditNote;
  since: number;
  told: number;
  folded: number;
}

/**
 * Keeps a flood out of the log: of what the same actor is refused again and again, the first ones are told one by one, and the
 * rest of the minute as a number.
 */
export class Folding {
  readonly #counts = new Map<string, Count>();
  readonly #write: (told: AuditTold) => void;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  /** @param write is given the numbers, when their minute is over. */
  constructor(write: (told: AuditTold) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  /** @returns whether it is to be told by itself; else it was counted. */
  admits({ tenant, by, note }: AuditTold): boolean {
    const { kind, event } = note;
    let key = `${tenant} ${kind} ${event} ${by.id}`;
    if (!this.#counts.has(key) && this.#counts.size >= countedMax) key = `${tenant} ${kind}`;
    const count = this.#counts.get(key);
    if (!count) {
      this.#counts.set(key, { tenant, by, note, since: this.#now(), told: 1, folded: 0 });
      this.#timer ??= setInterval(() => this.#end(this.#now() - windowMs), windowMs / 4).unref();
      return true;
    }
    if (count.told < toldMax) {
      count.told++;
      return true;
    }
    count.folded++;
    return false;
  }

  /** Tells all numbers now. */
  close(): void {
    this.#end(Number.POSITIVE_INFINITY);
  }

  #end(before: number): void {
    for (const [key, { tenant, by, note, since, folded }] of this.#counts) {
      if (since > before) continue;
      this.#counts.delete(key);
      if (folded === 0) continue;
      const { kind, event } = note;
      const detail = { times: folded, since: new Date(since).toISOString() };
      this.#write({ tenant, by, note: { kind, event, detail } });
    }
    if (this.#counts.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
