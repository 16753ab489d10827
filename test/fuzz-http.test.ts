import { readFileSync } from 'node:fs';
import { subscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { windowRouter } from '../src/api/index.ts';
import { anything, fromSchema, fuzzRuns, internals, nearly, text } from './fuzz-words.ts';
import { openWindow, startTestHost, windowClient, type TestHost, type WindowSession } from './host.ts';

/** Every route that the app has, found by asking Fastify, and every procedure of the window: whatever is sent, never a 500. */

let host: TestHost;
let session: WindowSession;
let key: string;
let controlKey: string;
let known: string[];
const routes: [method: string, url: string][] = [];
const procedures = Object.entries(
  (windowRouter as unknown as { _def: { procedures: Record<string, Procedure> } })['_def'].procedures,
);

interface Procedure {
  _def: { type: 'query' | 'mutation' | 'subscription'; inputs: z.ZodType[] };
}

/** What would start a program of this machine, or play a whole demonstration. */
const leftOut = /^agentSettings\.(?:add|change|test)Server$|^scenarios\.start$/;
const longRunning = /\/control\/scenario$/;

beforeAll(async () => {
  subscribe('fastify.initialization', (message) =>
    (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'TRACE') routes.push([one, url]);
    }),
  );
  host = await startTestHost();
  session = await openWindow(host.app.openAddress());
  await windowClient(host.origin, session).app.setup.mutate({ kind: 'sample' });
  key = await host.accessKey({ tenant: 'northwind', scopes: ['scim:read', 'scim:write', 'scim:admin'] });
  ({ controlKey } = JSON.parse(readFileSync(join(host.dataDir, 'host.json'), 'utf8')) as { controlKey: string });
  const users = await fetch(`${host.app.endpoints.scim}/Users?count=3&attributes=id`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const groups = await fetch(`${host.app.endpoints.scim}/Groups?count=2&attributes=id`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const ids = (await Promise.all([users.json(), groups.json()])) as { Resources: { id: string }[] }[];
  known = ['northwind', 'default', 'User', 'Group', ...ids.flatMap(({ Resources }) => Resources.map(({ id }) => id))];
}, 60_000);
afterAll(() => host.close(), 60_000);

interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** A header that Node sends: what it would itself refuse is tried over a raw socket (attack-wire.test.ts). */
const headerText = text.map((value) => value.replaceAll(/[^\u0020-\u007e]/g, 'x').slice(0, 2000));
const contentType = fc.constantFrom(
  'application/json',
  'application/json',
  'application/scim+json',
  'application/x-www-form-urlencoded',
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'x',
);
const pathText = fc.oneof(text, fc.constantFrom('x', '1', '.search')).map((part) => encodeURIComponent(part.toWellFormed()));

function addressOf(url: string): fc.Arbitrary<string> {
  const names = url.match(/:\w+|\*/g) ?? [];
  const parts = fc.array(fc.oneof(fc.constantFrom(...known), pathText), { minLength: names.length, maxLength: names.length });
  const query = fc.oneof(
    fc.constant(''),
    fc.dictionary(text, text, { maxKeys: 3 }).map((all) => `?${new URLSearchParams(all)}`),
    fc.constantFrom('?filter=', '?%', '?%ff=%ff', '?a[]=1&a[b]=2', '?input=%7B', '?batch=1', '?secret=x'),
  );
  return fc.tuple(parts, query).map(([values, asked]) => {
    let at = 0;
    const path = url.replaceAll(/:\w+|\*/g, () => values[at++] ?? 'x');
    return (path.startsWith('/') ? path : `/${path}`) + asked;
  });
}

function requestOf([method, url]: [string, string]): fc.Arbitrary<Sent> {
  const body = fc.oneof(
    anything.map((value) => JSON.stringify(value)),
    anything.map((value) => JSON.stringify(value).slice(0, -1)),
    fc.dictionary(text, text).map((fields) => String(new URLSearchParams(fields))),
    text,
    fc.constant(undefined),
  );
  const authorization = fc.constantFrom(
    `Bearer ${key}`,
    `Bearer ${key}`,
    `Bearer ${controlKey}`,
    'Bearer x',
    'Basic eDp5',
    undefined,
  );
  return fc
    .record({
      method: fc.oneof(
        { weight: 5, arbitrary: fc.constant(method) },
        fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'),
      ),
      url: addressOf(url),
      authorization,
      type: fc.option(contentType, { nil: undefined }),
      more: fc.dictionary(
        fc.constantFrom(
          'if-match',
          'if-none-match',
          'accept',
          'mcp-session-id',
          'mcp-protocol-version',
          'last-event-id',
          'x-request-id',
          'idempotency-key',
          'x-api-key',
          'range',
          'accept-encoding',
          'x-forwarded-for',
          'content-encoding',
          'sec-fetch-site',
          'prefer',
        ),
        headerText,
        { maxKeys: 3 },
      ),
      body,
    })
    .map(({ authorization: bearer, type, more, body: sent, ...rest }) => ({
      ...rest,
      body: rest.method === 'GET' || rest.method === 'HEAD' ? undefined : sent,
      headers: {
        cookie: session.cookie,
        'x-tandem-page': session.page,
        ...more,
        ...(bearer !== undefined && { authorization: bearer }),
        ...(type !== undefined && { 'content-type': type }),
      },
    }));
}

/** Sends it and holds the answer against what every answer must be. */
async function holds({ method, url, headers, body }: Sent): Promise<void> {
  const what = `${method} ${url} ${JSON.stringify(headers)} ${body}`;
  const gone = new AbortController();
  const answer = await fetch(`${host.origin}${url}`, {
    method,
    headers: { ...headers, connection: 'keep-alive' },
    redirect: 'manual',
    signal: gone.signal,
    ...(body !== undefined && { body: body.toWellFormed() }),
  });
  const media = answer.headers.get('content-type') ?? '';
  // /Me of a caller that is no person (RFC 7644 §3.11), and what cannot be done at the moment.
  if (answer.status >= 500 && answer.status !== 501 && answer.status !== 503) throw new Error(`${answer.status}: ${what}`);
  // A stream has no end; that it began is what it can show.
  if (media.startsWith('text/event-stream') || longRunning.test(url)) return gone.abort();
  const said = await answer.text();
  if (answer.status >= 400 && internals.test(said))
    throw new Error(`an answer tells of the inside: ${what}: ${said.slice(0, 500)}`);
  // What nobody answers to OPTIONS is answered by the route of pages of listed origins, which is of no door.
  if (answer.status >= 400 && said !== '' && method !== 'OPTIONS') hasItsForm(url, answer.status, media, said, what);
}

/** Each door refuses in its own form. */
function hasItsForm(url: string, status: number, media: string, said: string, what: string): void {
  const [path = ''] = url.split('?');
  const refusal = media.includes('json') ? (JSON.parse(said) as unknown) : undefined;
  if (/^\/mcp(?:\/|$)/.test(path)) expect(refusal, what).toMatchObject({ jsonrpc: '2.0' });
  else if (path.startsWith('/scim/v2/'))
    expect(refusal, what).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status) });
  else if (path.startsWith('/api/v1/mcp/')) expect(refusal, what).toMatchObject({ status });
  else if (refusal !== undefined) expect(refusal, what).toEqual(expect.anything());
}

/** What all that was sent has left: a service that answers, nothing that it calls its own failure, an Object.prototype as it was. */
async function isUnharmed(): Promise<void> {
  expect(await (await fetch(`${host.origin}/health`)).json()).toMatchObject({ status: 'ok' });
  expect(
    host
      .logged()
      .split('\n')
      .filter((line) => /"level":[56]0/.test(line))
      .slice(0, 3),
  ).toEqual([]);
  expect(Object.keys(Object.prototype)).toEqual([]);
  const still = await fetch(`${host.app.endpoints.scim}/Users?count=1`, { headers: { authorization: `Bearer ${key}` } });
  expect(still.status).toBe(200);
}

test('every route', async () => {
  expect(routes.length).toBeGreaterThan(200);
  const { numRuns, seed } = fuzzRuns(1500);
  const one = fc.constantFrom(...routes).chain(requestOf);
  await fc.assert(fc.asyncProperty(one, holds), { numRuns, seed });
  await isUnharmed();
  expect(process.memoryUsage().heapUsed).toBeLessThan(1e9);
}, 3_600_000);

test('every procedure of the window, with inputs that fit, nearly fit, or are anything', async () => {
  expect(procedures.length).toBeGreaterThan(100);
  const { numRuns, seed } = fuzzRuns(1200);
  const inputs = new Map(
    procedures
      .filter(([name]) => !leftOut.test(name))
      .map(
        ([
          name,
          {
            _def: {
              type,
              inputs: [input],
            },
          },
        ]) => {
          const schema = input ? z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) : {};
          // Without its own tenant, nothing further would be reached.
          const names = /^tenants\.(?:update|delete)$/.test(name) ? ['fabrikam'] : known;
          return [name, { type, value: nearly(fromSchema(schema, names)) }] as const;
        },
      ),
  );
  const call = fc.constantFrom(...inputs).chain(([name, { type, value }]) =>
    value.map((input): Sent => {
      const sent = JSON.stringify(input).toWellFormed();
      const headers = { cookie: session.cookie, 'x-tandem-page': session.page, 'content-type': 'application/json' };
      return type === 'mutation'
        ? { method: 'POST', url: `/trpc/${name}`, headers, body: sent }
        : { method: 'GET', url: `/trpc/${name}?input=${encodeURIComponent(sent).slice(0, 12_000)}`, headers, body: undefined };
    }),
  );
  await fc.assert(fc.asyncProperty(call, holds), { numRuns, seed });
  await isUnharmed();
}, 3_600_000);
