/**
 * Calls of tools over Streamable HTTP: Tandem's `scim_get_user` and conditional `scim_update_user` against an echo tool of
 * the bare SDK (server-echo.ts). Each server is a process of its own; the callers are in this one. Short rounds of each take
 * turns, so that the machine's mood meets all alike, and what is compared is the median of the rounds.
 *
 * Two kinds of callers: the SDK's client, as agents have it, which works harder than the servers; and plain HTTP requests
 * over connections that stay open, which are next to nothing beside the servers.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { accessKey, connect, eras, fill, start, startTandem, type Era } from './host.ts';
import { heading, measure, median, print, row, type Summary } from './measure.ts';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 15);
const warmUpRounds = 3;
const perRound = { 1: 400, 16: 1600 } as const;
const aim = 0.85;

type Json = Record<string, unknown>;
/** Resolves when the answer is there; reads it only when asked to. */
type Call = (name: string, args: Json) => Promise<() => Json>;

const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
const data = join(folder, 'data');
const ids = await fill(data, 1000);
const tandem = await startTandem(data);
const echo = await start<{ origin: string }>([join(import.meta.dirname, 'server-echo.ts')]);
try {
  const authorization = `Bearer ${await accessKey(data)}`;
  for (const era of eras)
    for (const kind of ['sdk', 'http'] as const)
      for (const workers of [1, 16] as const) await compare(era, kind, workers, authorization);
} finally {
  await tandem.close();
  await echo.close();
  rmSync(folder, { recursive: true });
}

async function compare(era: Era, kind: 'sdk' | 'http', workers: 1 | 16, authorization: string): Promise<void> {
  const clients: Client[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: workers });
  const callers = async (url: string, headers: Record<string, string>): Promise<Call[]> =>
    Promise.all(
      Array.from({ length: workers }, async () => {
        if (kind === 'http') return httpCaller(url, era, headers, agent);
        const client = await connect(url, era, headers);
        clients.push(client);
        return async (name: string, args: Json) => {
          const { isError, structuredContent } = await client.callTool({ name, arguments: args });
          if (isError) throw new Error(`a call was refused: ${JSON.stringify(structuredContent)}`);
          return () => structuredContent as Json;
        };
      }),
    );
  const toEcho = await callers(`${echo.ready.origin}/${era}`, {});
  const toTandem = await callers(tandem.ready.mcp, { authorization });
  const call = (calls: Call[], worker: number): Call => calls[worker] ?? (() => Promise.reject(new Error('no such caller')));

  const users: Json[] = [];
  for (let worker = 0; worker < workers; worker++)
    users.push(contentOf(await call(toTandem, worker)('scim_get_user', { user_id: ids[worker] })));
  const user = JSON.stringify(users[0]);
  let stamp = 0;
  const operations: Record<string, (worker: number) => Promise<unknown>> = {
    'echo of 64 bytes': (worker) => call(toEcho, worker)('echo', { text: 'x'.repeat(64) }),
    [`echo of a user (${user.length} bytes)`]: (worker) => call(toEcho, worker)('echo', { text: user }),
    scim_get_user: async (worker) => {
      const user_id = ids[Math.floor(Math.random() * ids.length)];
      return call(toTandem, worker)('scim_get_user', { user_id });
    },
    'scim_update_user with expected_version': async (worker) => {
      const { _version, ...before } = users[worker] ?? {};
      const user_data = { ...before, nickName: `n${stamp++}` };
      const args = { user_id: ids[worker], user_data, expected_version: _version };
      users[worker] = contentOf(await call(toTandem, worker)('scim_update_user', args));
    },
  };

  const names = Object.keys(operations);
  const results = new Map(names.map((name) => [name, [] as (Summary & { cpu: number })[]]));
  for (let round = 0; round < warmUpRounds + rounds; round++)
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const { process: server } = name.startsWith('echo') ? echo : tandem;
      const cpuBefore = cpuOf(server.pid);
      const result = await measure(
        { workers, perWorker: perRound[workers] / workers },
        (worker) => operations[name]?.(worker) ?? fail(),
      );
      const cpu = (cpuOf(server.pid) - cpuBefore) / result.n;
      if (round >= warmUpRounds) results.get(name)?.push({ ...result, cpu });
    }

  const caller = kind === 'sdk' ? 'SDK client' : 'plain HTTP caller';
  heading(
    `MCP ${era}, ${workers} ${caller}${workers > 1 ? 's' : ''}: the median of ${rounds} rounds of ${perRound[workers]} calls`,
  );
  const summaries = new Map(names.map((name) => [name, overall(results.get(name) ?? [])]));
  for (const [name, summary] of summaries) {
    row(name, summary);
  }
  const cost = [...summaries].map(([name, { cpu }]) => `${name} ${(cpu * 1000).toFixed(0)}`).join(', ');
  if (existsSync('/proc/self/stat')) print(`  processor time of the server, µs a call: ${cost}`);
  const get = results.get('scim_get_user') ?? [];
  for (const name of names.slice(0, 2)) {
    const ratios = get.map(({ perSecond }, round) => perSecond / (results.get(name)?.[round]?.perSecond ?? Number.NaN));
    print(`  scim_get_user ÷ ${name}: ${median(ratios).toFixed(2)} (aim: at least ${aim})`);
  }
  for (const client of clients) await client.close();
  agent.destroy();
}

function overall(all: (Summary & { cpu: number })[]): Summary & { cpu: number } {
  const of = (key: keyof Summary | 'cpu') => median(all.map((result) => result[key]));
  const cpu = all.reduce((sum, result) => sum + result.cpu, 0) / all.length;
  return {
    n: all.reduce((sum, { n }) => sum + n, 0),
    p50: of('p50'),
    p95: of('p95'),
    mean: of('mean'),
    perSecond: of('perSecond'),
    cpu,
  };
}

function contentOf(answer: () => Json): Json {
  return answer()['content'] as Json;
}

function fail(): never {
  throw new Error('no such operation');
}

/** Milliseconds of processor time that a process has used; in steps of 10. Zero where the system does not tell. */
function cpuOf(pid: number | undefined): number {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return 0;
  const fields = readFileSync(path, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Calls tools with as little as the protocol needs: one POST a call, written and read by hand. */
async function httpCaller(url: string, era: Era, headers: Record<string, string>, agent: Agent): Promise<Call> {
  const fixed: Record<string, string> = {
    ...headers,
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
  };
  const post = (message: object, more: Record<string, string> = {}): Promise<{ text: string; session: string | undefined }> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ jsonrpc: '2.0', ...message });
      const length = String(Buffer.byteLength(body));
      const options = { method: 'POST', agent, headers: { ...fixed, ...more, 'content-length': length } };
      const sent = request(url, options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          if ((response.statusCode ?? 500) < 300) resolve({ text, session: response.headers['mcp-session-id']?.toString() });
          else reject(new Error(`${response.statusCode}: ${text}`));
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  let meta: Json = {};
  let routed = (_name: string): Record<string, string> => ({});
  if (era === '2026-07-28') {
    fixed['mcp-protocol-version'] = era;
    fixed['mcp-method'] = 'tools/call';
    const prefix = 'io.modelcontextprotocol/';
    routed = (name) => ({ 'mcp-name': name });
    meta = {
      _meta: {
        [`${prefix}protocolVersion`]: era,
        [`${prefix}clientInfo`]: { name: 'bench', version: '1' },
        [`${prefix}clientCapabilities`]: {},
      },
    };
  } else {
    const params = { protocolVersion: era, capabilities: {}, clientInfo: { name: 'bench', version: '1' } };
    const { session } = await post({ id: 0, method: 'initialize', params });
    fixed['mcp-session-id'] = session ?? '';
    fixed['mcp-protocol-version'] = era;
    await post({ method: 'notifications/initialized' });
  }
  let id = 1;
  return async (name, args) => {
    const message = { id: id++, method: 'tools/call', params: { name, arguments: args, ...meta } };
    const { text } = await post(message, routed(name));
    if (text.includes('"isError":true')) throw new Error(`a call was refused: ${text}`);
    return () => {
      const json = text.startsWith('{') ? text : (/^data: (\{.*)$/m.exec(text)?.[1] ?? '');
      return (JSON.parse(json) as { result: { structuredContent: Json } }).result.structuredContent;
    };
  };
}
