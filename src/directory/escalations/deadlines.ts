import type { Store } from '../store.ts';
import type { Escalation } from './escalation.ts';
import { settleIn } from './settling.ts';

const atOnceMax = 500;
/** Timers hold no more than 24 days, and a computer that slept is behind: look from time to time. */
const lookMs = 60_000;
/** What was settled is kept for half a year; the audit log keeps what was decided. */
const keptMs = 183 * 24 * 60 * 60_000;

/** Settles escalations that nobody answered in time, and forgets those that were settled long ago. */
export class Deadlines {
  readonly #store: Store;
  readonly #clock: () => Date;
  readonly #announce: (expired: Escalation) => void;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ store, clock }: { store: Store; clock: () => Date }, announce: (expired: Escalation) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#announce = announce;
    this.plan();
  }

  /** Sets the timer to the next deadline; to be called whenever that may be another one. */
  plan(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const next = this.#store.escalations.nextDeadline();
    if (next === undefined) return;
    const waitMs = Math.max(0, Date.parse(next) - this.#clock().getTime());
    // A full disk or a queue that is full passes; then it is tried again.
    this.#timer = setTimeout(() => void this.expire().catch(() => this.#again()), Math.min(waitMs, lookMs));
    this.#timer.unref();
  }

  #again(): void {
    if (!this.#closed) this.#timer = setTimeout(() => this.plan(), lookMs).unref();
  }

  /** Settles what is due. */
  async expire(): Promise<void> {
    const now = this.#clock();
    const expired = await this.#store.write((transaction) => {
      transaction.escalations.forget(new Date(now.getTime() - keptMs).toISOString(), atOnceMax);
      return transaction.escalations
        .due(now.toISOString(), atOnceMax)
        .map((escalation) => settleIn(transaction, escalation, { state: 'expired', now }));
    });
    for (const escalation of expired) this.#announce(escalation);
    if (expired.length === 0) this.plan();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
