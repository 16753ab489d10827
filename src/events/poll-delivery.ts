import { z } from 'zod';
import { DirectoryError } from '../directory/index.ts';
import { Bell } from './bell.ts';
import { streamLimits } from './limits.ts';
import type { Outbox } from './outbox.ts';
import { shown } from './push-token.ts';

const jti = z.string().max(200);

/** A poll request (RFC 8936 §2.2); further members are ignored. */
const pollRequest = z.object({
  maxEvents: z.int().min(0).optional(),
  returnImmediately: z.boolean().default(false),
  ack: z.array(jti).max(streamLimits.acknowledgedMax).default([]),
  setErrs: z.record(jti, z.object({ err: z.string(), description: z.string().optional() })).default({}),
});

/** A poll's answer (RFC 8936 §2.3): tokens by `jti`. */
export interface PollAnswer {
  sets: Record<string, string>;
  moreAvailable: boolean;
}

/** Delivers a stream to a receiver that asks for it (RFC 8936). */
export class PollDelivery {
  readonly bell = new Bell();
  readonly #outbox: Outbox;
  readonly #tokenOf: (revision: number) => Promise<string | undefined>;
  readonly #closing = new AbortController();
  #turn = new AbortController();

  /** @param tokenOf makes the token of a change; undefined where the change is gone. */
  constructor(outbox: Outbox, tokenOf: (revision: number) => Promise<string | undefined>) {
    this.#outbox = outbox;
    this.#tokenOf = tokenOf;
  }

  /**
   * Takes receipts, and gives what waits. What was given without a receipt is given again: at once to a poll that does not
   * wait, and to one that does after some seconds, so that a receiver which is still at work is not given it over and over.
   * A waiting poll ends without events when another one comes.
   * @param wait.signal ends the waiting. @param wait.until when it ends at the latest, in milliseconds since the epoch.
   * @throws DirectoryError INVALID_ARGUMENT, UNAVAILABLE.
   */
  async poll(body: unknown, wait: { signal: AbortSignal; until: number }): Promise<PollAnswer> {
    const { maxEvents = streamLimits.pollEventsDefault, returnImmediately, ack, setErrs } = parseRequest(body);
    this.#turn.abort();
    this.#turn = new AbortController();
    await this.#outbox.fill();
    await this.#settle(ack, setErrs);
    // There is room for more now.
    await this.#outbox.fill();
    const limit = Math.min(maxEvents, streamLimits.pollEventsMax);
    const signal = AbortSignal.any([wait.signal, this.#turn.signal, this.#closing.signal]);
    if (limit > 0 && !returnImmediately) await this.#untilDue(signal, wait.until);
    if (limit === 0 || signal.aborted) return { sets: {}, moreAvailable: this.#outbox.waiting.count > 0 };
    return this.#take(limit, returnImmediately ? undefined : dueBefore());
  }

  close(): void {
    this.#closing.abort();
  }

  async #settle(ack: readonly string[], setErrs: z.infer<typeof pollRequest>['setErrs']): Promise<void> {
    const received = this.#outbox.settle(ack);
    const [refused] = Object.entries(setErrs).filter(([id]) => this.#outbox.settle([id]) > 0);
    if (refused) {
      const [id, { err, description = '' }] = refused;
      const message = `The receiver refused the event ${id} (${shown(err)})${description && `: ${shown(description)}`}`;
      await this.#outbox.save({ problem: { at: new Date().toISOString(), message } });
    } else if (received > 0) await this.#outbox.save({ problem: undefined });
  }

  async #untilDue(signal: AbortSignal, until: number): Promise<void> {
    for (;;) {
      await this.#outbox.fill();
      const now = Date.now();
      if (signal.aborted || now >= until || this.#outbox.list(1, dueBefore()).length > 0) return;
      const next = (this.#outbox.firstOffered ?? Number.POSITIVE_INFINITY) + streamLimits.offeredAgainMs + 1;
      await this.bell.wait(signal, Math.min(until, next) - now);
    }
  }

  async #take(limit: number, before: number | undefined): Promise<PollAnswer> {
    const sets: PollAnswer['sets'] = {};
    let bytes = 0;
    for (const { jti: id, revision } of this.#outbox.list(limit, before)) {
      const token = await this.#tokenOf(revision);
      if (token === undefined) {
        this.#outbox.settle([id]);
        continue;
      }
      bytes += token.length;
      if (bytes > streamLimits.pollBytesMax && Object.keys(sets).length > 0) break;
      sets[id] = token;
      this.#outbox.offer(id, Date.now());
    }
    const { count, hasMore } = this.#outbox.waiting;
    return { sets, moreAvailable: hasMore || count > Object.keys(sets).length };
  }
}

function dueBefore(): number {
  return Date.now() - streamLimits.offeredAgainMs;
}

function parseRequest(body: unknown): z.infer<typeof pollRequest> {
  const parsed = pollRequest.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.') || 'body', message }));
  const text = issues.map(({ path, message }) => `${path}: ${message}.`).join(' ');
  throw new DirectoryError('INVALID_ARGUMENT', text, { issues });
}
