import type { ServerResponse } from 'node:http';
import { currentCall } from './call-context.ts';

/** What bounds calls; all of it is known. */
export interface Quota {
  requests_per_minute: number;
  burst_size: number;
  concurrent_calls: number;
  body_bytes: number;
  result_bytes: number;
}

/** Whose calls are counted together. */
export interface Limited {
  /** Unique among all that are counted. */
  key: string;
  quota: Quota;
  /** For a person: how to get more. */
  more: () => string;
}

export type LimitName = 'client_rate' | 'tenant_rate' | 'client_concurrency' | 'tenant_concurrency';

/** Why a call is not let in, for its caller. */
export interface LimitRefusal {
  limit: LimitName;
  message: string;
  /** Whole seconds (RFC 9110 §10.2.3), at least 1; absent where coming again is of no use. */
  retryAfterSeconds?: number;
}

/** A call that was let in, with what it may send and get; or why it was not. */
export type Admission = { refusal: LimitRefusal } | { refusal?: undefined; bodyBytes: number; resultBytes: number };

/**
 * Asked by each door, once for each request that it has authenticated. Tells the caller in headers what is left to it
 * (`RateLimit-Policy` and `RateLimit`, draft-ietf-httpapi-ratelimit-headers-10), and when to come again.
 * @param call.access names what the caller came with (auth/auth.ts).
 * @param call.count how many calls the request brings; 1 if absent.
 * @param response on which the headers are set. The call is under way until it closes, or until it turns out to be a stream.
 */
export type Admit = (call: { tenant: string; access: string; count?: number }, response: ServerResponse) => Admission;

/** Where a door is used without limits, as by tests of the door alone. */
export const admitAll: Admit = () => ({ bodyBytes: Infinity, resultBytes: Infinity });

const bucketsMax = 10_000;
/** What sums of fractions may be wrong by. */
const rounding = 1e-6;

/** Token buckets: each call takes a token; they come back with time, up to the size of the burst. */
export class Buckets {
  /** Those used last at the end. */
  readonly #levels = new Map<string, { tokens: number; at: number }>();
  readonly #max: number;

  /** @param max how many are kept; of more, the one that was not used for the longest time is full again. */
  constructor(max = bucketsMax) {
    this.#max = max;
  }

  /** Tokens that there are. @param now milliseconds of a clock that never goes back. */
  level(
    key: string,
    { requests_per_minute: rate, burst_size: size }: Pick<Quota, 'requests_per_minute' | 'burst_size'>,
    now: number,
  ) {
    const known = this.#levels.get(key);
    return known ? Math.min(size, known.tokens + ((now - known.at) * rate) / 60_000) : size;
  }

  /** Takes tokens that are there. */
  take(key: string, level: number, count: number, now: number): void {
    this.#levels.delete(key);
    this.#levels.set(key, { tokens: level - count, at: now });
    if (this.#levels.size <= this.#max) return;
    const [oldest] = this.#levels.keys();
    if (oldest !== undefined) this.#levels.delete(oldest);
  }
}

/**
 * How often, how many at once, and how much: for each client, and for all of a tenant together. Nothing waits: what is too much is
 * refused at once, and takes nothing away.
 */
export class Limits {
  readonly #options: ConstructorParameters<typeof Limits>[0];
  readonly #buckets = new Buckets();
  /** Calls under way. */
  readonly #running = new Map<string, number>();
  readonly #clock: () => number;

  /**
   * @param options.limitedBy who is counted for an access: its client and its tenant; nobody for Tandem's own. Asked each time, so
   *   that what is changed is true of the next call.
   * @param options.refused told of each refusal.
   * @param options.clock milliseconds; never goes back.
   */
  constructor(options: {
    limitedBy: (call: { tenant: string; access: string }) => { client: Limited; tenant: Limited } | undefined;
    refused: (limit: LimitName, tenant: string) => void;
    clock?: () => number;
  }) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
  }

  readonly admit: Admit = (call, response) => {
    const limited = this.#options.limitedBy(call);
    if (!limited) return { bodyBytes: Infinity, resultBytes: Infinity };
    const { client, tenant } = limited;
    const { count = 1 } = call;
    const now = this.#clock();
    const levels = {
      client: this.#buckets.level(client.key, client.quota, now),
      tenant: this.#buckets.level(tenant.key, tenant.quota, now),
    };
    const refusal = this.#refusal(limited, levels, count);
    if (!refusal) {
      this.#buckets.take(client.key, levels.client, count, now);
      this.#buckets.take(tenant.key, levels.tenant, count, now);
      levels.client -= count;
      levels.tenant -= count;
      this.#begin([client.key, tenant.key], response);
    }
    response.setHeader('RateLimit-Policy', `${policy('client', client.quota)}, ${policy('tenant', tenant.quota)}`);
    response.setHeader(
      'RateLimit',
      `${left('client', client.quota, levels.client)}, ${left('tenant', tenant.quota, levels.tenant)}`,
    );
    if (!refusal)
      return {
        bodyBytes: Math.min(client.quota.body_bytes, tenant.quota.body_bytes),
        resultBytes: Math.min(client.quota.result_bytes, tenant.quota.result_bytes),
      };
    if (refusal.retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(refusal.retryAfterSeconds));
    this.#options.refused(refusal.limit, call.tenant);
    return { refusal };
  };

  #refusal(
    limited: { client: Limited; tenant: Limited },
    levels: { client: number; tenant: number },
    count: number,
  ): LimitRefusal | undefined {
    for (const side of ['client', 'tenant'] as const) {
      const { key, quota, more } = limited[side];
      const who = side === 'client' ? 'This access' : 'All clients of this tenant together';
      if ((this.#running.get(key) ?? 0) >= quota.concurrent_calls)
        return {
          limit: `${side}_concurrency`,
          message: `${who} may have ${quota.concurrent_calls} calls under way at the same time. Wait for an answer, then go on. ${more()}`,
          retryAfterSeconds: 1,
        };
      const { requests_per_minute: rate, burst_size: size } = quota;
      if (levels[side] >= count - rounding) continue;
      const may = `${who} may make ${rate} requests a minute, and ${size} at once after a pause.`;
      if (count > size)
        return { limit: `${side}_rate`, message: `${may} This one has ${count} messages: send fewer together. ${more()}` };
      const retryAfterSeconds = Math.max(1, Math.ceil(((count - levels[side]) * 60) / rate));
      return { limit: `${side}_rate`, message: `${may} Try again in ${retryAfterSeconds} s. ${more()}`, retryAfterSeconds };
    }
    return undefined;
  }

  #begin(keys: readonly string[], response: ServerResponse): void {
    for (const key of keys) this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      for (const key of keys) {
        const others = (this.#running.get(key) ?? 1) - 1;
        if (others > 0) this.#running.set(key, others);
        else this.#running.delete(key);
      }
    };
    response.once('close', end);
    const call = currentCall();
    if (call) call.leave = end;
  }
}

function policy(name: string, { requests_per_minute: rate, burst_size: size }: Quota): string {
  return `"${name}";q=${rate};w=60;burst=${size}`;
}

/** What may still come at once, and the seconds until all of it may again. */
function left(name: string, { requests_per_minute: rate, burst_size: size }: Quota, level: number): string {
  return `"${name}";r=${Math.max(0, Math.floor(level + rounding))};t=${Math.ceil((Math.max(0, size - level) * 60) / rate)}`;
}
