/**
 * SCIM over HTTP: Tandem, which writes each change to disk with its history before it answers, against scimmy-routers on
 * express 4 with a Map in memory (server-scimmy.ts). Each server is a process of its own with the same people; the callers are
 * in this one, over connections that stay open. Short rounds of each take turns, so that the machine's mood meets both alike.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessKey, fill, start, startTandem } from './host.ts';
import { heading, measureFor, median, print, row, type Summary } from './measure.ts';

const sizes = (process.env['BENCH_SIZES'] ?? '1000,10000').split(',').map(Number);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const roundMs = Number(process.env['BENCH_ROUND_MS'] ?? 400);
const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

type Json = Record<string, unknown>;
type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<{ etag: string; body: Json }>;

/** An operation, by how many callers at once, and how many times as fast Tandem must be at each size. */
interface Operation {
  name: string;
  workers: number;
  aims: Record<number, number>;
  run(server: Server, worker: number, turn: number): Promise<unknown>;
}

/** One of the two, and what its callers remember: a user each, whom nobody else changes. */
interface Server {
  send: Send;
  ids: string[];
  own: { id: string; record: Json; etag: string }[];
  isConditional: boolean;
}

let stamp = 0;
const path = (id: string) => `/Users/${id}`;
const some = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] ?? fail();
const operations: Operation[] = [
  {
    name: 'get by id',
    workers: 8,
    aims: { 1000: 1, 10_000: 1 },
    run: ({ send, ids }) => send('GET', path(some(ids))),
  },
  {
    name: 'create',
    workers: 8,
    aims: { 1000: 1, 10_000: 2 },
    run: ({ send, own }) => {
      const userName = `new-${++stamp}@bench.example`;
      return send('POST', '/Users', { ...own[0]?.record, id: undefined, meta: undefined, userName, externalId: userName });
    },
  },
  {
    name: 'replace (Tandem: with If-Match)',
    workers: 8,
    aims: { 1000: 1, 10_000: 3 },
    async run({ send, own, isConditional }, worker) {
      const mine = own[worker] ?? fail();
      const record = { ...mine.record, nickName: `n${++stamp}` };
      const { etag } = await send('PUT', path(mine.id), record, isConditional ? { 'if-match': mine.etag } : {});
      mine.etag = etag;
    },
  },
  {
    name: 'PATCH (Tandem: with If-Match)',
    workers: 8,
    aims: { 1000: 1, 10_000: 3 },
    async run({ send, own, isConditional }, worker) {
      const mine = own[worker] ?? fail();
      const patch = { schemas: [patchUrn], Operations: [{ op: 'replace', path: 'nickName', value: `n${++stamp}` }] };
      const { etag } = await send('PATCH', path(mine.id), patch, isConditional ? { 'if-match': mine.etag } : {});
      mine.etag = etag;
    },
  },
  {
    name: 'userName eq',
    workers: 1,
    aims: { 1000: 1, 10_000: 5 },
    run: ({ send, own }) =>
      send('GET', `/Users?filter=${encodeURIComponent(`userName eq "${String(some(own).record['userName'])}"`)}`),
  },
  {
    name: 'page of 100',
    workers: 1,
    aims: { 1000: 1, 10_000: 50 },
    run: ({ send }) => send('GET', `/Users?startIndex=${1 + Math.floor(Math.random() * 800)}&count=100`),
  },
  {
    name: 'sorted page of 100',
    workers: 1,
    aims: { 1000: 1, 10_000: 50 },
    run: ({ send }) => send('GET', `/Users?sortBy=userName&startIndex=${1 + Math.floor(Math.random() * 800)}&count=100`),
  },
];

for (const size of sizes) await compare(size);

async function compare(size: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const data = join(folder, 'data');
  const ids = await fill(data, size);
  const tandem = await startTandem(data);
  const scimmy = await start<{ scim: string; ids: string[] }>([join(import.meta.dirname, 'server-scimmy.ts'), String(size)]);
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  try {
    const authorization = `Bearer ${await accessKey(data)}`;
    const servers = {
      Tandem: await prepare(sender(tandem.ready.scim, authorization, agent), ids, true),
      'scimmy-routers': await prepare(sender(scimmy.ready.scim, authorization, agent), scimmy.ready.ids, false),
    };
    heading(`${size} users: the median of ${rounds} rounds of ${roundMs} ms each`);
    for (const operation of operations) {
      const results: Record<string, Summary[]> = {};
      // One round of each first, which is not counted.
      for (let round = -1; round < rounds; round++)
        for (const [name, server] of Object.entries(servers)) {
          const run = (worker: number, turn: number) => operation.run(server, worker, turn);
          const result = await measureFor({ workers: operation.workers, ms: round < 0 ? roundMs / 2 : roundMs }, run);
          if (round >= 0) (results[name] ??= []).push(result);
        }
      const [ours = [], theirs = []] = Object.values(results);
      for (const [name, all] of Object.entries(results)) row(`${operation.name}, ${name}`, overall(all));
      const ratio = median(ours.map(({ perSecond }, round) => perSecond / (theirs[round]?.perSecond ?? Number.NaN)));
      print(`  Tandem is ${ratio.toFixed(1)} times as fast (aim: ${operation.aims[size] ?? '-'})`);
    }
  } finally {
    agent.destroy();
    await tandem.close();
    await scimmy.close();
    rmSync(folder, { recursive: true });
  }
}

async function prepare(send: Send, ids: string[], isConditional: boolean): Promise<Server> {
  const own: Server['own'] = [];
  for (const id of ids.slice(0, 8)) {
    const { etag, body } = await send('GET', path(id));
    const { meta: _meta, ...record } = body;
    own.push({ id, record: { ...record, schemas: body['schemas'] ?? [userUrn] }, etag });
  }
  return { send, ids, own, isConditional };
}

function overall(all: readonly Summary[]): Summary {
  const of = (key: keyof Summary) => median(all.map((result) => result[key]));
  return {
    n: all.reduce((sum, { n }) => sum + n, 0),
    p50: of('p50'),
    p95: of('p95'),
    mean: of('mean'),
    perSecond: of('perSecond'),
  };
}

function fail(): never {
  throw new Error('there is none');
}

function sender(root: string, authorization: string, agent: Agent): Send {
  return (method, to, body, more = {}) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const length =
        text === undefined ? {} : { 'content-type': 'application/scim+json', 'content-length': Buffer.byteLength(text) };
      const sent = request(`${root}${to}`, { method, agent, headers: { authorization, ...length, ...more } }, (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (answer += chunk));
        response.on('end', () => {
          if ((response.statusCode ?? 500) >= 300)
            reject(new Error(`${method} ${to}: ${response.statusCode} ${answer.slice(0, 500)}`));
          else
            resolve({
              etag: response.headers.etag ?? '',
              // Read only where it is looked at: parsing pages would be work of the caller, not of the server.
              get body() {
                return JSON.parse(answer) as Json;
              },
            });
        });
      });
      sent.on('error', reject);
      sent.end(text);
    });
}
