/**
 * What Tandem's telling about itself costs a tool call: the whole call over HTTP as a client sees it, and in the same run, what each
 * call adds for the check of its key, for its limits, and for the call's context, metrics and activity. Aim: together under 10 % of the call.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, IncomingMessage, request, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createAuth } from '../src/auth/index.ts';
import { startApp } from '../src/main/app.ts';
import { Limits, Metrics, openActivity } from '../src/observe/host.ts';
import { calledBy, currentCall, inCall } from '../src/observe/index.ts';
import { allowManyCalls } from '../test/many-calls.ts';
import { heading, measure, print, row } from './measure.ts';

const calls = Number(process.env['BENCH_CALLS'] ?? 3000);
const turns = 100_000;
process.env['TANDEM_SECRETS'] = 'file';
const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
const log = pino({ level: 'silent' });
allowManyCalls(join(folder, 'data'));
const app = await startApp({ dataDir: join(folder, 'data'), port: 0, shell: 'browser', log, sample: true });
try {
  const { key } = await app.accessKeys.create({ tenant: 'northwind', scopes: ['scim:read', 'scim:write'], name: 'Bench' });
  const { services } = app;
  const { directory } = services;
  const page = await directory.list(services.administrator('northwind'), 'User', { count: 1 });
  const userId = page.rows[0]?.resource.id ?? '';
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const call = () => callTool(app.endpoints.mcp, key, agent, userId);
  await measure({ workers: 1, perWorker: 500 }, call);
  heading('a call of scim_get_user, one after the other');
  const whole = await measure({ workers: 1, perWorker: calls }, call);
  row('over HTTP, with all of it', whole);
  agent.destroy();

  const metrics = new Metrics([]);
  const activity = openActivity(join(folder, 'activity.jsonl'), () => {});
  const observed = () =>
    inCall({ requestId: 'r', door: 'mcp' }, () => {
      const client = { id: 'key:1', name: 'Bench' };
      calledBy({ tenant: 'northwind', ...client });
      metrics.toolCall({ tool: 'scim_get_user', result: 'ok', ms: 1 });
      activity.call({ outcome: 'ok', ms: 1, tenant: 'northwind', client });
      metrics.request({ door: currentCall()?.door ?? '', route: '/mcp', method: 'POST', status: 200, ms: 1 });
    });
  const watching = await each(observed);
  const dataDir = mkdtempSync(join(folder, 'auth-'));
  const auth = await createAuth({ directory, dataDir, origin: 'http://127.0.0.1:1', log, secretStorage: 'file' });
  const own = await auth.keys.create({ tenant: 'northwind', scopes: ['scim:read'], name: 'Bench' });
  const checking = await each(() => auth.authenticate(own.key));
  const many = 1_000_000_000;
  const quota = { requests_per_minute: many, burst_size: many, concurrent_calls: 1, body_bytes: many, result_bytes: many };
  const limits = new Limits({
    limitedBy: ({ tenant, access }) => {
      const { client } = auth.limitsOf(access);
      const more = () => '';
      return { client: { key: client, quota, more }, tenant: { key: tenant, quota, more } };
    },
    refused: () => {
      throw new Error('a call was refused');
    },
  });
  const access = (await auth.authenticate(own.key))?.access ?? '';
  const asked = new IncomingMessage(new Socket());
  const answered = await each(() => new ServerResponse(asked).emit('close'));
  const admitted = await each(() => {
    const response = new ServerResponse(asked);
    limits.admit({ tenant: 'northwind', access }, response);
    response.emit('close');
  });
  const admitting = admitted - answered;
  await auth.close();
  activity.close();
  print('\nadded to each call, in µs');
  const line = (name: string, us: number) =>
    print(
      `${name.padEnd(40)}${us.toFixed(2).padStart(9)}${((us / (whole.p50 * 1000)) * 100).toFixed(2).padStart(9)} % of the call`,
    );
  line('check of the access key', checking);
  line('context, metrics and activity', watching);
  line('limits, with their headers', admitting);
  line('together', checking + watching + admitting);
} finally {
  await app.close();
  rmSync(folder, { recursive: true });
}

/** A client of the 2026 revision, without an SDK whose own work would be measured too. */
function callTool(url: string, key: string, agent: Agent, userId: string): Promise<void> {
  const name = 'scim_get_user';
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: {
      name,
      arguments: { user_id: userId },
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    },
  });
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': name,
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`answered ${String(response.statusCode)}`));
      response.resume().once('end', resolve);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** @returns µs of one. */
async function each(work: () => unknown): Promise<number> {
  for (let turn = 0; turn < turns / 10; turn++) await work();
  const begun = performance.now();
  for (let turn = 0; turn < turns; turn++) await work();
  return ((performance.now() - begun) * 1000) / turns;
}
