import { setTimeout as sleep } from 'node:timers/promises';
import { ExponentialBackoff, halfJitterGenerator, type IBackoff } from 'cockatiel';
import { DirectoryError } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { Bell } from './bell.ts';
import { streamLimits, type PushRetries } from './limits.ts';
import type { Outbox } from './outbox.ts';
import { PushError, pushToken } from './push-token.ts';

export interface PushContext {
  outbox: Outbox;
  log: Log;
  retries: PushRetries;
  /** Makes the token of a change; undefined where the change is gone. */
  tokenOf: (revision: number) => Promise<string | undefined>;
  /** Decrypts the Authorization value; undefined where this data folder cannot. */
  unseal: (sealed: string) => Promise<string | undefined>;
  /** Whether the stream's tenant lets anything out. */
  isActive: () => boolean;
}

/** Delivers a stream by sending each event, one after the other, to its receiver (RFC 8935). */
export class PushDelivery {
  readonly bell = new Bell();
  readonly #context: PushContext;
  #ending = new AbortController();
  #running: Promise<void> | undefined;
  #stopped = false;
  #problem: string | undefined;

  constructor(context: PushContext) {
    this.#context = context;
  }

  /** Whether it has given up until somebody tells it to go on. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Why the event that is being sent was not taken so far. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Begins to deliver, or begins anew where it has stopped or makes a pause between two attempts. */
  async start(): Promise<void> {
    await this.close();
    this.#ending = new AbortController();
    this.#stopped = false;
    this.#running = this.#run(this.#ending.signal);
  }

  /** Stops, in the middle of a delivery too: the receiver is sent that event again later. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { log } = this.#context;
    try {
      while (!signal.aborted) await this.#deliverNext(signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#stopped = true;
      const message = error instanceof PushError ? error.message : 'Something failed in Tandem; its log says what.';
      if (error instanceof PushError) log.warn({ reason: message }, 'an event stream has stopped');
      else log.error({ err: error }, 'an event stream has stopped');
      await this.#save(message).catch((failure: unknown) => log.error({ err: failure }, 'why a stream stopped is not on disk'));
    } finally {
      this.#problem = undefined;
    }
  }

  async #deliverNext(signal: AbortSignal): Promise<void> {
    const { outbox, tokenOf, isActive } = this.#context;
    await outbox.fill();
    const next = outbox.first;
    if (!next || !isActive()) return this.bell.wait(signal, next && streamLimits.suspendedMs);
    const token = await tokenOf(next.revision);
    if (token !== undefined && !(await this.#push(token, signal))) return;
    outbox.settle([next.jti]);
    this.#problem = undefined;
    await this.#saved(signal);
  }

  /** @returns whether it was taken; not so where the tenant was suspended meanwhile. @throws PushError. */
  async #push(token: string, signal: AbortSignal): Promise<boolean> {
    const { retries, isActive } = this.#context;
    const target = await this.#target();
    const pauses = pausesOf(retries);
    for (let attempt = 1; isActive(); attempt++)
      try {
        await pushToken(target, token, signal);
        return true;
      } catch (error) {
        if (!(error instanceof PushError) || !error.mayPass || attempt >= retries.attemptsMax) throw error;
        this.#problem = error.message;
        await sleep(pauses(), undefined, { signal });
      }
    return false;
  }

  async #target(): Promise<{ url: string; authorization: string | undefined }> {
    const { delivery } = this.#context.outbox.stream;
    if (delivery.method !== 'push') throw new Error('only a push stream is pushed');
    const { url, authorization } = delivery;
    if (authorization === undefined) return { url, authorization };
    const opened = await this.#context.unseal(authorization);
    if (opened === undefined)
      throw new PushError('The Authorization value cannot be read with the keys of this data folder. Set it again.', false);
    return { url, authorization: opened };
  }

  /** The disk may refuse for a while; what was delivered is remembered meanwhile, so that it is not sent twice. */
  async #saved(signal: AbortSignal): Promise<void> {
    const pauses = pausesOf(this.#context.retries);
    for (;;)
      try {
        return await this.#save();
      } catch (error) {
        if (!(error instanceof DirectoryError && error.code === 'UNAVAILABLE')) throw error;
        this.#problem = error.message;
        await sleep(pauses(), undefined, { signal });
      }
  }

  async #save(message?: string): Promise<void> {
    await this.#context.outbox.save({ problem: message === undefined ? undefined : { at: new Date().toISOString(), message } });
  }
}

/** @returns a function that gives the next pause in milliseconds, each about twice as long as the one before. */
function pausesOf({ firstDelayMs, delayMaxMs }: PushRetries): () => number {
  const backoff = new ExponentialBackoff({ initialDelay: firstDelayMs, maxDelay: delayMaxMs, generator: halfJitterGenerator });
  let pause: IBackoff<unknown> | undefined;
  return () => (pause = pause ? pause.next(undefined) : backoff.next()).duration;
}
