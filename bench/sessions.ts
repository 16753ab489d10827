/**
 * Many agents that listen: 1,000 open sessions of the 2025 era, each with its stream and a subscription to the same user, and as many
 * subscriptions of the 2026 era; Tandem against the bare SDK (server-subscriptions.ts) in the same run. Measured are the memory that each takes
 * in the server's process, what of it comes back when they have closed, and how long one change takes to reach all of them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessKey, eras, fill, start, startTandem, type Era, type RunningProcess } from './host.ts';
import { median, print } from './measure.ts';

const count = Number(process.env['BENCH_SESSIONS'] ?? 1000);
const changes = 15;
const memoryArgs = ['--expose-gc', '--import', join(import.meta.dirname, 'server-memory.ts')];

interface Memory {
  rss: number;
  heapUsed: number;
  external: number;
}

/** A server with a resource that changes when it is told to. */
interface Subject {
  name: string;
  process: RunningProcess<unknown>;
  url: (era: Era) => string;
  uri: string;
  headers: Record<string, string>;
  change: () => Promise<void>;
}

/** One that listens; `heard` is called at each change. */
interface Listener {
  heard: () => void;
  close(): Promise<void>;
}

const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
const data = join(folder, 'data');
const [user = ''] = await fill(data, 1000);
const tandem = await startTandem(data, memoryArgs);
const plain = await start<{ origin: string }>([...memoryArgs, join(import.meta.dirname, 'server-subscriptions.ts')], true);
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
try {
  const headers = { authorization: `Bearer ${await accessKey(data)}` };
  let stamp = 0;
  const subjects: Subject[] = [
    {
      name: 'bare SDK',
      process: plain,
      url: (era) => `${plain.ready.origin}/${era}`,
      uri: 'bench://one',
      headers: {},
      change: async () => void (await send(`${plain.ready.origin}/changed`, {}, {})),
    },
    {
      name: 'Tandem',
      process: tandem,
      url: () => tandem.ready.mcp,
      uri: `scim://default/Users/${user}`,
      headers,
      async change() {
        const patch = {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
          Operations: [{ op: 'replace', path: 'nickName', value: `n${stamp++}` }],
        };
        const { status } = await send(`${tandem.ready.scim}/Users/${user}`, headers, patch, {
          method: 'PATCH',
          type: 'application/scim+json',
        });
        if (status !== 200) throw new Error(`the change was refused: ${status}`);
      },
    },
  ];
  for (const era of eras) {
    print(
      `\n${count} ${era === '2025-11-25' ? 'sessions with a stream and a subscription' : 'streams of subscriptions/listen'}, ${era}`,
    );
    print(
      `${''.padEnd(12)}${['heap KB each', 'RSS KB each', 'KB each left', 'heard p50 ms', 'p95 ms', 'last ms', 'opened per s'].map((name) => name.padStart(14)).join('')}`,
    );
    for (const subject of subjects) await run(subject, era);
  }
} finally {
  agent.destroy();
  await tandem.close();
  await plain.close();
  rmSync(folder, { recursive: true });
}

async function run(subject: Subject, era: Era): Promise<void> {
  // What a server makes once, whoever comes.
  for (const one of await openMany(subject, era, 20)) await one.close();
  const before = await memoryOf(subject.process);
  const begun = performance.now();
  const listeners = await openMany(subject, era, count);
  const perSecond = (count * 1000) / (performance.now() - begun);
  const open = await memoryOf(subject.process);
  const rounds: { p50: number; p95: number; last: number }[] = [];
  for (let turn = 0; turn < changes; turn++) rounds.push(await fanOut(subject, listeners));
  await Promise.all(listeners.map((one) => one.close()));
  // The server hears of a closed connection in turns to come.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const after = await memoryOf(subject.process);
  const each = (bytes: number) => bytes / 1024 / count;
  const cells = [
    each(open.heapUsed - before.heapUsed),
    each(open.rss - before.rss),
    each(after.heapUsed - before.heapUsed),
    median(rounds.map(({ p50 }) => p50)),
    median(rounds.map(({ p95 }) => p95)),
    median(rounds.map(({ last }) => last)),
    perSecond,
  ];
  print(`${subject.name.padEnd(12)}${cells.map((value) => value.toFixed(1).padStart(14)).join('')}`);
}

/** Changes the resource once. @returns how long it took until half, 95 of 100, and all had heard, from the beginning of the change on. */
async function fanOut({ name, change }: Subject, listeners: readonly Listener[]) {
  const times: number[] = [];
  const begun = performance.now();
  const all = Promise.all(
    listeners.map(
      (one) => new Promise<void>((resolve) => (one.heard = () => times.push(performance.now() - begun) && resolve())),
    ),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${name}: only ${times.length} of ${listeners.length} have heard of a change`)),
      30_000,
    );
  });
  await change();
  await Promise.race([all, late]);
  clearTimeout(timer);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), last: times.at(-1) ?? Number.NaN };
}

/** Some at a time, as clients come. */
async function openMany(subject: Subject, era: Era, wanted: number): Promise<Listener[]> {
  const listeners: Listener[] = [];
  await Promise.all(
    Array.from({ length: 16 }, async (_, first) => {
      for (let index = first; index < wanted; index += 16)
        listeners.push(await (era === '2025-11-25' ? openSession : openListen)(subject));
    }),
  );
  return listeners;
}

async function openSession({ url, headers: own, uri }: Subject): Promise<Listener> {
  const address = url('2025-11-25');
  const clientInfo = { name: 'bench', version: '1' };
  const { session } = await send(
    address,
    own,
    rpc('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }),
  );
  const headers = { ...own, 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' };
  await send(address, headers, { jsonrpc: '2.0', method: 'notifications/initialized' });
  await send(address, headers, rpc('resources/subscribe', { uri }));
  const { listener, response } = await openStream(address, { ...headers, accept: 'text/event-stream' });
  return Object.assign(listener, {
    async close() {
      response.destroy();
      await send(address, headers, undefined, { method: 'DELETE' });
    },
  });
}

async function openListen({ url, headers: own, uri }: Subject): Promise<Listener> {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const headers = {
    ...own,
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'subscriptions/listen',
  };
  const body = rpc('subscriptions/listen', { notifications: { resourceSubscriptions: [uri] }, _meta: meta });
  const { listener, response } = await openStream(url('2026-07-28'), headers, JSON.stringify(body));
  return Object.assign(listener, { close: async () => void response.destroy() });
}

function rpc(method: string, params: object): object {
  return { jsonrpc: '2.0', id: 1, method, params };
}

/** Opens a stream on a connection of its own, and hears each change that comes on it. */
async function openStream(url: string, headers: Record<string, string>, body?: string) {
  const listener: Listener = { heard: () => {}, close: async () => {} };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method: body === undefined ? 'GET' : 'POST', headers, agent: false }, resolve)
      .once('error', reject)
      .end(body);
  });
  if (response.statusCode !== 200) throw new Error(`a stream was refused: ${String(response.statusCode)}`);
  response.on('error', () => {});
  response.on('data', (piece: Buffer) => {
    if (piece.includes('notifications/resources/updated')) listener.heard();
  });
  return { listener, response };
}

function send(
  url: string,
  headers: Record<string, string>,
  body: object | undefined,
  { method = 'POST', type = 'application/json' } = {},
): Promise<{ status: number; session: string }> {
  return new Promise((resolve, reject) => {
    const all = { accept: 'application/json, text/event-stream', ...(body && { 'content-type': type }), ...headers };
    const sent = request(url, { method, agent, headers: all }, (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      response.resume().once('end', () => resolve({ status, session: String(answered['mcp-session-id']) }));
    });
    sent.once('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}

function memoryOf({ process }: RunningProcess<unknown>): Promise<Memory> {
  return new Promise((resolve) => {
    process.once('message', (memory) => resolve(memory as Memory));
    process.send({});
  });
}
