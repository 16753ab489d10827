import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Buckets, Limits, type LimitName, type Quota } from './limits.ts';

const plenty = { concurrent_calls: 1000, body_bytes: 1000, result_bytes: 1000 };
const quota = (rate: number, size: number, more: Partial<Quota> = {}): Quota => ({
  requests_per_minute: rate,
  burst_size: size,
  ...plenty,
  ...more,
});

/** A response as far as limits need one. */
class Response extends EventEmitter {
  readonly headers: Record<string, string> = {};

  setHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
}

/** Limits of one client in one tenant, with a clock that the test moves. */
function start(client: Quota, tenant = quota(1_000_000, 1_000_000)) {
  const state = { now: 0, client, tenant };
  const refused: LimitName[] = [];
  const more = () => 'Ask for more.';
  const limits = new Limits({
    limitedBy: ({ access, tenant: id }) =>
      access === 'own'
        ? undefined
        : {
            client: { key: `client ${access}`, quota: state.client, more },
            tenant: { key: `tenant ${id}`, quota: state.tenant, more },
          },
    refused: (limit) => refused.push(limit),
    clock: () => state.now,
  });
  const call = (access = 'a', count = 1) => {
    const response = new Response();
    const admission = limits.admit({ tenant: 't', access, count }, response as unknown as ServerResponse);
    return { ...admission, headers: response.headers, end: () => response.emit('close') };
  };
  return { state, call, refused };
}

describe('how often', () => {
  test('in no stretch of time are there more than the burst and what comes back meanwhile; below that, nobody is refused', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6000 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 }),
        (rate, size, pauses) => {
          const { state, call } = start(quota(rate, size));
          const admitted: number[] = [];
          for (const pause of pauses) {
            state.now += pause;
            if (!call().refusal) admitted.push(state.now);
            else {
              // Refused, hence there must be a stretch that ends now in which one more would be too much.
              const isFull = admitted.some(
                (from, index) => admitted.length - index + 1 > size + ((state.now - from) * rate) / 60_000 - 1e-3,
              );
              expect(isFull).toBe(true);
            }
          }
          for (const [index, from] of admitted.entries())
            for (const [later, to] of admitted.entries())
              if (later >= index) expect(later - index + 1).toBeLessThanOrEqual(size + ((to - from) * rate) / 60_000 + 1e-3);
        },
      ),
    );
  });

  test('a refusal says when to come back, and then the call is let in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6000 }), fc.integer({ min: 1, max: 50 }), (rate, size) => {
        const { state, call } = start(quota(rate, size));
        for (let calls = 0; calls < size; calls++) expect(call().refusal).toBeUndefined();
        const { refusal, headers } = call();
        expect(refusal?.limit).toBe('client_rate');
        expect(headers['Retry-After']).toBe(String(refusal?.retryAfterSeconds));
        state.now += (refusal?.retryAfterSeconds ?? 0) * 1000;
        expect(call().refusal).toBeUndefined();
      }),
    );
  });

  test('answers say what is left, in the form of the draft', () => {
    const { state, call } = start(quota(60, 3), quota(600, 50));
    expect(call().headers).toEqual({
      'RateLimit-Policy': '"client";q=60;w=60;burst=3, "tenant";q=600;w=60;burst=50',
      RateLimit: '"client";r=2;t=1, "tenant";r=49;t=1',
    });
    call();
    expect(call().headers['RateLimit']).toBe('"client";r=0;t=3, "tenant";r=47;t=1');
    state.now += 1000;
    expect(call().headers['RateLimit']).toBe('"client";r=0;t=3, "tenant";r=49;t=1');
  });

  test('clients are counted one by one, and those of a tenant together; who is refused takes nothing from the tenant', () => {
    const { call, refused } = start(quota(60, 2), quota(60, 3));
    expect([call('a'), call('a'), call('a'), call('b'), call('b')].map(({ refusal }) => refusal?.limit)).toEqual([
      undefined,
      undefined,
      'client_rate',
      undefined,
      'tenant_rate',
    ]);
    expect(refused).toEqual(['client_rate', 'tenant_rate']);
    expect(call('own').refusal).toBeUndefined();
  });

  test('a batch counts as what is in it; one that can never be let in is not told to come back', () => {
    const { call } = start(quota(60, 5));
    expect(call('a', 4).refusal).toBeUndefined();
    expect(call('a', 2).refusal?.retryAfterSeconds).toBe(1);
    const { refusal, headers } = call('a', 6);
    expect(refusal?.message).toContain('send fewer together');
    expect(headers).not.toHaveProperty('Retry-After');
  });

  test('a limit that is raised is true of the next call', () => {
    const { state, call } = start(quota(1, 1));
    call();
    expect(call().refusal?.retryAfterSeconds).toBe(60);
    state.client = quota(6000, 100);
    state.now += 10;
    expect(call().refusal).toBeUndefined();
  });

  test('no more buckets are kept than there is room for', () => {
    const buckets = new Buckets(2);
    for (const key of ['a', 'b', 'c']) buckets.take(key, 5, 1, 0);
    expect(['a', 'b', 'c'].map((key) => buckets.level(key, quota(1, 5), 0))).toEqual([5, 4, 4]);
  });
});

test('so many calls are under way at the same time, of a client and of a tenant; each answer makes room', () => {
  const { call } = start(quota(6000, 100, { concurrent_calls: 2 }), quota(6000, 100, { concurrent_calls: 3 }));
  const first = call('a');
  call('a');
  expect(call('a').refusal).toMatchObject({ limit: 'client_concurrency', retryAfterSeconds: 1 });
  call('b');
  expect(call('b').refusal).toMatchObject({ limit: 'tenant_concurrency' });
  first.end();
  first.end();
  expect(call('b').refusal).toBeUndefined();
  expect(call('b').refusal).toBeDefined();
});

test('the smaller of what client and tenant may send and get is true', () => {
  const { call } = start(quota(60, 5, { body_bytes: 10, result_bytes: 99 }), quota(60, 5, { body_bytes: 20, result_bytes: 50 }));
  expect(call()).toMatchObject({ bodyBytes: 10, resultBytes: 50 });
  expect(call('own')).toMatchObject({ bodyBytes: Infinity, resultBytes: Infinity });
});
