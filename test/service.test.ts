import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registerWithConsul } from '../src/main/consul.ts';
import { exportMetrics, Metrics } from '../src/observe/host.ts';
import { reader } from './killed-host.ts';
import { newUser } from './scim-host.ts';
import { Directory } from '../src/directory/index.ts';

const program = join(import.meta.dirname, '../src/main/tandem.ts');
const log = pino({ level: 'silent' });
let data: string;
const ends: (() => unknown)[] = [];

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tandem-service-'));
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  rmSync(data, { recursive: true });
});

async function serve(more: Record<string, string> = {}) {
  const env = { ...process.env, TANDEM_SECRETS: 'file', LOG_LEVEL: 'error', ...more };
  const child = spawn(process.execPath, [program, 'serve', '--data', data, '--port', '0', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  ends.push(() => child.kill('SIGKILL') && exited);
  const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  return { child, exited, ready: JSON.parse(line) as { issuer: string; scim: string; health: string } };
}

async function accessKey(): Promise<string> {
  const args = [program, 'token', '--data', data, '--scope', 'scim:read scim:write'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const piece of child.stdout) text += String(piece);
  return text.trim().split('\n').at(-1) ?? '';
}

/** What somebody asked of a server that only listens. */
interface Asked {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

/** A server that stands in for another program: it keeps what it is asked. */
async function listener(answer: (asked: Asked) => number): Promise<{ url: string; asked: Asked[]; server: Server }> {
  const asked: Asked[] = [];
  const server = createServer((incoming, response) => {
    let text = '';
    incoming.on('data', (piece) => (text += String(piece)));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const one = { method, path: url, headers, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
      asked.push(one);
      response.writeHead(answer(one), { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server };
}

/** Opens the stream of a session of the 2025 revisions. */
async function openStream(origin: string, key: string): Promise<{ ended: Promise<unknown> }> {
  const headers = { authorization: `Bearer ${key}`, accept: 'application/json, text/event-stream' };
  const clientInfo = { name: 'x', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  const first = await fetch(`${origin}/mcp`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  });
  const session = { 'mcp-session-id': first.headers.get('mcp-session-id') ?? '', accept: 'text/event-stream' };
  const stream = await fetch(`${origin}/mcp`, { headers: { ...headers, ...session } });
  expect(stream.status).toBe(200);
  return { ended: stream.text().catch(() => 'cut') };
}

describe('SIGTERM', () => {
  test('what is being answered is answered and kept, new requests are refused, and it ends with 0', async () => {
    const { child, exited, ready } = await serve();
    const key = await accessKey();
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' };
    const user = newUser();
    const body = JSON.stringify(user);
    // A call that is under way: half of its body is sent.
    const slow = request(`${ready.scim}/Users`, { method: 'POST', headers: { ...headers, 'content-length': body.length } });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      slow.once('response', (response) => resolve(response.resume().statusCode)).once('error', reject);
    });
    slow.write(body.slice(0, 10));
    // A stream, which has no end.
    const stream = await openStream(ready.issuer, key);
    expect((await fetch(`${ready.health}/ready`)).status).toBe(200);

    child.kill('SIGTERM');
    await expect.poll(async () => (await fetch(`${ready.health}/ready`)).status, { timeout: 20_000 }).toBe(503);
    expect(await (await fetch(`${ready.health}/ready`)).json()).toMatchObject({ status: 'unavailable', notReady: ['closing'] });
    expect((await fetch(`${ready.health}/live`)).status).toBe(200);
    const refused = await fetch(`${ready.scim}/Users`, { headers });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await refused.json()).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '503' });

    slow.end(body.slice(10));
    expect(await answered).toBe(201);
    expect(await exited).toBe(0);
    await stream.ended;
    const directory = await Directory.open(join(data, 'directory.db'));
    const { rows } = await directory.list(reader, 'User', { count: 10 });
    expect(rows.map(({ resource }) => resource['userName'])).toEqual([user.userName]);
    await directory.close();
  });

  test('a call that does not end is cut off after a bounded time', async () => {
    const { child, exited, ready } = await serve();
    const slow = request(`${ready.scim}/Users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await accessKey()}`, 'content-type': 'application/json', 'content-length': 100 },
    });
    const cut = new Promise((resolve) => slow.once('error', resolve));
    slow.write('{');
    await fetch(ready.health);
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(await cut).toBeInstanceOf(Error);
  });
});

describe('Consul', () => {
  const register = '/v1/agent/service/register?replace-existing-checks=true';

  test('is told where Tandem is, again when it has forgotten, and when Tandem goes', async () => {
    let isKnown = false;
    const agent = await listener(({ method, path }) => {
      if (path.startsWith('/v1/agent/service/register')) isKnown = true;
      return method === 'GET' && !isKnown ? 404 : 200;
    });
    const registrations = () => agent.asked.filter(({ path }) => path === register);
    const registration = registerWithConsul({
      settings: { address: agent.url, id: 'user-auth-instance-1', serviceAddress: '10.0.0.5', servicePort: 8000 },
      port: 4810,
      version: '1.2.3',
      log,
      env: { CONSUL_HTTP_TOKEN: 'secret' },
      everyMs: 20,
    });
    await expect.poll(() => registrations().length).toBe(1);
    expect(registrations()[0]).toMatchObject({
      method: 'PUT',
      headers: { 'x-consul-token': 'secret' },
      body: {
        ID: 'user-auth-instance-1',
        Name: 'user-auth-mcp-server',
        Address: '10.0.0.5',
        Port: 8000,
        Tags: ['mcp', 'ai-discoverable', 'authentication'],
        Meta: { protocol: 'mcp-2024-11-05', domain: 'authentication', type: 'core-business-logic' },
        Check: { HTTP: 'http://10.0.0.5:8000/health/ready', Interval: '10s' },
      },
    });
    // The agent was started anew.
    isKnown = false;
    await expect.poll(() => registrations().length).toBe(2);
    await registration?.close();
    expect(agent.asked.at(-1)).toMatchObject({ method: 'PUT', path: '/v1/agent/service/deregister/user-auth-instance-1' });
  });

  test('that does not answer, or is none, holds nothing up', async () => {
    const off = registerWithConsul({ settings: {}, port: 1, version: '1', log, env: {} });
    expect(off).toBeUndefined();
    expect(registerWithConsul({ settings: { address: 'http://' }, port: 1, version: '1', log, env: {} })).toBeUndefined();
    const agent = await listener(() => 200);
    agent.server.close().closeAllConnections();
    const gone = registerWithConsul({ settings: { address: agent.url }, port: 1, version: '1', log, env: {} });
    await gone?.close();
  });

  test('is configured by its own variables, and the check that it is given works', async () => {
    const agent = await listener(({ method }) => (method === 'GET' ? 404 : 200));
    const { child, exited, ready } = await serve({ CONSUL_HTTP_ADDR: agent.url.replace('http://', '') });
    await expect.poll(() => agent.asked.some(({ path }) => path === register), { timeout: 10_000 }).toBe(true);
    const { body } = agent.asked.find(({ path }) => path === register) ?? {};
    const { Check } = body as { Check: { HTTP: string } };
    expect(Check.HTTP).toBe(`${ready.issuer}/health/ready`);
    expect((await fetch(Check.HTTP)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(agent.asked.at(-1)?.path).toMatch(/^\/v1\/agent\/service\/deregister\/user-auth-\d+$/);
  });
});

describe('OpenTelemetry', () => {
  test('gets the metrics as OTLP in JSON, where the standard variables say', async () => {
    const collector = await listener(() => 200);
    const { child, exited, ready } = await serve({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-test=yes',
      OTEL_SERVICE_NAME: 'our-directory',
      OTEL_METRIC_EXPORT_INTERVAL: '60000',
    });
    await fetch(ready.health);
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    // Traces go to the same collector.
    const sent = collector.asked.findLast(({ path }) => path === '/v1/metrics');
    expect(sent).toMatchObject({ method: 'POST', headers: { 'x-test': 'yes' } });
    interface Sent {
      resourceMetrics: {
        resource: { attributes: { key: string; value: { stringValue?: string } }[] };
        scopeMetrics: { metrics: { name: string; sum?: { dataPoints: { asDouble: number }[] }; histogram?: object }[] }[];
      }[];
    }
    const [found] = (sent?.body as Sent | undefined)?.resourceMetrics ?? [];
    expect(found?.resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'our-directory' } });
    const metrics = found?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
    const named = (name: string) => metrics.find((metric) => metric.name === name);
    expect(named('tandem_http_requests_total')?.sum).toMatchObject({
      isMonotonic: true,
      dataPoints: [{ asDouble: 1, attributes: expect.arrayContaining([{ key: 'route', value: { stringValue: '/health' } }]) }],
    });
    expect(named('tandem_http_request_seconds')?.histogram).toMatchObject({ dataPoints: [{ count: 1 }] });
    expect(named('tandem_directory_queue_depth')).toHaveProperty('gauge');
  });

  test('is off unless it is asked for, and says what it does not speak', async () => {
    const metrics = new Metrics([]);
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
    for (const env of [
      {},
      { ...endpoint, OTEL_SDK_DISABLED: 'true' },
      { ...endpoint, OTEL_METRICS_EXPORTER: 'none' },
      { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    ])
      expect(await exportMetrics(metrics, { version: '1', log, env })).toBeUndefined();
  });
});
