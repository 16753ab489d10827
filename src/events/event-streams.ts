import { DirectoryError, type Directory, type EventStream } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { pushRetries, streamLimits, type PushRetries } from './limits.ts';
import { Outbox } from './outbox.ts';
import { PollDelivery, type PollAnswer } from './poll-delivery.ts';
import { PushDelivery } from './push-delivery.ts';

import { audienceFrom, authorizationFrom, nameFrom, pushUrlFrom, refuse, type NewEventStream } from './new-event-stream.ts';
import { statusOf, type EventStreamStatus } from './status.ts';
import { eventUris, securityEventType, toSecurityEvent } from './security-event.ts';

export interface EventStreamsOptions {
  directory: Directory;
  /** The `iss` of the tokens, whose keys are those of the authorization server. */
  issuer: string;
  log: Log;
  /** Signs claims as a compact JWS with this `typ`. */
  sign: (claims: Record<string, unknown>, type: string) => Promise<string>;
  /** Encrypts what must be kept but not shown. */
  sealing: { seal(text: string): Promise<string>; open(sealed: string): Promise<string | undefined> };
  retries?: PushRetries | undefined;
}

interface Running {
  outbox: Outbox;
  delivery: PollDelivery | PushDelivery;
}

/**
 * Tells receivers outside of the changes in a tenant, as security event tokens (RFC 8417, RFC 9967), by poll (RFC 8936) or push
 * (RFC 8935). Each stream is a position in the directory's history and what follows it, so that nothing is kept twice, and
 * a tenant without streams costs nothing.
 */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  /** By tenant, then by name. */
  readonly #streams = new Map<string, Map<string, Running>>();
  readonly #unsubscribe: (() => void)[];
  #isStarted = false;
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(options: EventStreamsOptions) {
    this.#options = options;
    const { directory } = options;
    this.#unsubscribe = [
      directory.onChange(({ tenant }) => {
        for (const { delivery } of this.#streams.get(tenant)?.values() ?? []) delivery.bell.ring();
      }),
      directory.tenants.onDelete(() => this.#forgetGone()),
    ];
  }

  /** Reads the streams of a directory. None delivers before `start`. */
  static async open(options: EventStreamsOptions): Promise<EventStreams> {
    const streams = new EventStreams(options);
    for (const stream of await options.directory.eventStreams()) streams.#load(stream);
    streams.#forgetGone();
    return streams;
  }

  /** Begins to push. Polls are answered from the beginning. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      this.#isStarted = true;
      for (const running of this.#all()) await this.#begin(running);
    });
  }

  /** The streams of a tenant, oldest first. @throws DirectoryError NOT_FOUND. */
  async list(tenant: string): Promise<EventStreamStatus[]> {
    this.#options.directory.tenants.get(tenant);
    const running = [...(this.#streams.get(tenant)?.values() ?? [])];
    await Promise.all(running.map(({ outbox }) => outbox.fill()));
    return running.map((stream) => this.#status(stream));
  }

  /**
   * Adds a stream, which begins with the next change.
   * @throws DirectoryError NOT_FOUND; INVALID_ARGUMENT, which names the field; UNIQUENESS; UNAVAILABLE.
   */
  add(tenant: string, wish: NewEventStream): Promise<EventStreamStatus> {
    return this.#inTurn(() => this.#add(tenant, wish));
  }

  async #add(tenant: string, wish: NewEventStream): Promise<EventStreamStatus> {
    const { directory } = this.#options;
    directory.tenants.get(tenant);
    const name = nameFrom(wish.name);
    const audience = audienceFrom(wish.audience?.trim() || name);
    if ((this.#streams.get(tenant)?.size ?? 0) >= streamLimits.streamsPerTenantMax)
      refuse('name', `A tenant has at most ${streamLimits.streamsPerTenantMax} event streams. Remove one first.`);
    const delivery = await this.#deliveryFrom(wish);
    const position = await directory.latestRevision();
    const created = new Date().toISOString();
    const stream: EventStream = { tenant, name, created, audience, form: wish.form, delivery, position, received: [] };
    await directory.addEventStream(stream);
    const running = this.#load(stream);
    await this.#begin(running);
    return this.#status(running);
  }

  /**
   * Gives a push stream another address, or another Authorization value, and lets it go on.
   * @throws DirectoryError NOT_FOUND, INVALID_ARGUMENT, UNAVAILABLE.
   */
  update(tenant: string, name: string, change: Pick<NewEventStream, 'url' | 'authorization'>): Promise<EventStreamStatus> {
    return this.#inTurn(() => this.#update(this.#find(tenant, name), change));
  }

  async #update(running: Running, change: Pick<NewEventStream, 'url' | 'authorization'>): Promise<EventStreamStatus> {
    const { outbox, delivery } = running;
    const current = outbox.stream.delivery;
    if (!(delivery instanceof PushDelivery) || current.method !== 'push')
      return refuse('name', `The event stream '${outbox.stream.name}' is polled: nothing is sent to an address.`);
    const url = change.url === undefined ? current.url : pushUrlFrom(change.url);
    const sealed =
      change.authorization === undefined
        ? current.authorization
        : await this.#options.sealing.seal(authorizationFrom(change.authorization));
    // A value is for the receiver that it was given for.
    const isElsewhere = new URL(url).origin !== new URL(current.url).origin && change.authorization === undefined;
    await delivery.close();
    await outbox.save({
      delivery: { method: 'push', url, ...(!isElsewhere && sealed !== undefined && { authorization: sealed }) },
    });
    await this.#begin(running);
    return this.#status(running);
  }

  /**
   * Lets a push stream go on at once that has stopped or makes a pause.
   * @param options.skip passes over the event that its receiver does not take; it is never sent.
   * @throws DirectoryError NOT_FOUND, INVALID_ARGUMENT, UNAVAILABLE.
   */
  resume(tenant: string, name: string, options: { skip: boolean }): Promise<EventStreamStatus> {
    return this.#inTurn(() => this.#resume(this.#find(tenant, name), options));
  }

  async #resume(running: Running, { skip }: { skip: boolean }): Promise<EventStreamStatus> {
    const { outbox, delivery } = running;
    const { tenant, name } = outbox.stream;
    if (!(delivery instanceof PushDelivery)) return refuse('name', `The event stream '${name}' is polled: it never stops.`);
    await delivery.close();
    if (skip) {
      await outbox.fill();
      const { first } = outbox;
      if (first) outbox.settle([first.jti]);
      await outbox.save({ problem: undefined });
      this.#options.log.warn({ tenant, stream: name, jti: first?.jti }, 'an event was passed over');
    }
    await this.#begin(running);
    return this.#status(running);
  }

  /** Ends a stream. @throws DirectoryError NOT_FOUND, UNAVAILABLE. */
  remove(tenant: string, name: string): Promise<void> {
    return this.#inTurn(async () => {
      const { delivery } = this.#find(tenant, name);
      await this.#options.directory.removeEventStream(tenant, name);
      this.#drop(tenant, name);
      await delivery.close();
    });
  }

  /** The events that a tenant's streams may carry (RFC 9967 §4); none where it has no stream. */
  eventUris(tenant: string): string[] {
    const streams = [...(this.#streams.get(tenant)?.values() ?? [])];
    return [...new Set(streams.flatMap(({ outbox }) => eventUris(outbox.stream)))];
  }

  /**
   * Answers a poll (RFC 8936 §2). The caller has seen that whoever polls may read the tenant, and looks again afterwards.
   * @param wait.signal ends the waiting. @param wait.until when it ends at the latest, in milliseconds since the epoch.
   * @throws DirectoryError NOT_FOUND where there is no such stream that is polled; INVALID_ARGUMENT, UNAVAILABLE.
   */
  async poll(tenant: string, name: string, body: unknown, wait: { signal: AbortSignal; until?: number }): Promise<PollAnswer> {
    const { delivery } = this.#find(tenant, name);
    if (!(delivery instanceof PollDelivery)) throw notFound(name);
    const until = Math.min(wait.until ?? Number.POSITIVE_INFINITY, Date.now() + streamLimits.pollWaitMs);
    const answer = await delivery.poll(body, { signal: wait.signal, until });
    if (this.#find(tenant, name).delivery !== delivery) throw notFound(name);
    return answer;
  }

  /** Ends deliveries and waiting polls; what is under way is sent again after the next start. */
  close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    return this.#inTurn(async () => {
      this.#isStarted = false;
      for (const { delivery } of this.#all()) await delivery.close();
    });
  }

  /** One change of the streams after the other: none is begun twice, or after it was ended. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#changing.then(change);
    this.#changing = turn.catch(() => {});
    return turn;
  }

  #all(): Running[] {
    return [...this.#streams.values()].flatMap((streams) => [...streams.values()]);
  }

  /** Not where the tenant was deleted meanwhile. */
  async #begin({ outbox: { stream }, delivery }: Running): Promise<void> {
    const isThere = this.#streams.get(stream.tenant)?.get(stream.name)?.delivery === delivery;
    if (this.#isStarted && isThere && delivery instanceof PushDelivery) await delivery.start();
  }

  #load(stream: EventStream): Running {
    const { directory, issuer, sign, sealing, log, retries = pushRetries } = this.#options;
    const { tenant, name } = stream;
    const outbox = new Outbox(directory, stream);
    const tokenOf = async (revision: number) => {
      const change = await directory.change(revision);
      // A revision's number says nothing of its tenant; what leaves the house must be of this one.
      if (change?.tenant !== tenant) return undefined;
      const schemas = directory.tenants.schemas(tenant, change.type);
      return sign(toSecurityEvent(stream, change, { issuer, schemas }), securityEventType);
    };
    const delivery =
      stream.delivery.method === 'poll'
        ? new PollDelivery(outbox, tokenOf)
        : new PushDelivery({
            outbox,
            tokenOf,
            isActive: () => this.#isActive(tenant),
            retries,
            unseal: (sealed) => sealing.open(sealed),
            log: log.child({ tenant, stream: name }),
          });
    const running = { outbox, delivery };
    const streams = this.#streams.get(tenant) ?? new Map<string, Running>();
    this.#streams.set(tenant, streams.set(name, running));
    return running;
  }

  #isActive(tenant: string): boolean {
    return this.#options.directory.tenants.list().some(({ id, state }) => id === tenant && state === 'active');
  }

  #find(tenant: string, name: string): Running {
    this.#options.directory.tenants.get(tenant);
    const running = this.#streams.get(tenant)?.get(name);
    if (!running) throw notFound(name);
    return running;
  }

  #drop(tenant: string, name: string): void {
    const streams = this.#streams.get(tenant);
    streams?.delete(name);
    if (streams?.size === 0) this.#streams.delete(tenant);
  }

  /** Ends the streams of tenants that were deleted; their rows go with all of the tenant's. */
  #forgetGone(): void {
    const there = new Set(this.#options.directory.tenants.list().map(({ id }) => id));
    for (const [tenant, streams] of this.#streams) {
      if (there.has(tenant)) continue;
      this.#streams.delete(tenant);
      for (const { delivery } of streams.values()) void delivery.close();
    }
  }

  async #deliveryFrom({ url, authorization }: NewEventStream): Promise<EventStream['delivery']> {
    if (url === undefined) {
      if (authorization !== undefined)
        refuse('authorization', 'Is for streams that are sent to an address. Give the address too.');
      return { method: 'poll' };
    }
    const target = pushUrlFrom(url);
    if (authorization === undefined) return { method: 'push', url: target };
    return { method: 'push', url: target, authorization: await this.#options.sealing.seal(authorizationFrom(authorization)) };
  }

  #status({ outbox, delivery }: Running): EventStreamStatus {
    return statusOf(outbox, delivery, this.#isActive(outbox.stream.tenant));
  }
}

function notFound(name: string): DirectoryError {
  return new DirectoryError('NOT_FOUND', `There is no event stream '${name.slice(0, 100)}' of this kind in this tenant.`);
}
