import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { exportTraces } from '../src/observe/host.ts';
import { beginSpan, traceHeaders } from '../src/observe/index.ts';
import { startFakeModel, type FakeModel } from './fake-model.ts';
import { startTestHost, type TestHost } from './host.ts';
import { caller, newUser, patchOf } from './scim-host.ts';

/** As OTLP in JSON has it. */
interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
  links?: { spanId: string }[];
  status: { code?: number };
}

const kinds = { internal: 1, server: 2, client: 3 };
let spans: SentSpan[] = [];
let resource: unknown;
let headers: unknown;
const collector = createServer((request, response) => {
  let text = '';
  request.on('data', (piece) => (text += String(piece)));
  request.on('end', () => {
    ({ headers } = request);
    const { resourceSpans } = JSON.parse(text) as {
      resourceSpans: { resource: unknown; scopeSpans: { spans: SentSpan[] }[] }[];
    };
    for (const one of resourceSpans) {
      ({ resource } = one);
      spans.push(...one.scopeSpans.flatMap((scope) => scope.spans));
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});
let url: string;
let host: TestHost;
let model: FakeModel;
const standard = (): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/v1/traces`,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-test=yes',
  OTEL_SERVICE_NAME: 'our-directory',
  OTEL_BSP_SCHEDULE_DELAY: '20',
});

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  Object.assign(process.env, standard());
  host = await startTestHost();
  model = await startFakeModel(({ results }) =>
    results.length > 0
      ? { text: 'Nobody is.' }
      : { calls: [{ name: 'scim_search_users', args: { attribute: 'title', value: 'Sailor' } }] },
  );
});
afterAll(async () => {
  await host.close();
  await model.close();
  for (const name of Object.keys(standard())) delete process.env[name];
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
});

/** Waits for what is sent in batches, on a busy machine too. */
const within = <T>(look: () => T) => vi.waitFor(look, { timeout: 20_000 });

/** What of a trace has come, once all that is asked for has. */
async function sent(traceId: string, ...names: string[]): Promise<Record<string, SentSpan>> {
  return within(() => {
    const found = spans.filter((span) => span.traceId === traceId);
    for (const name of names) expect(found.map((span) => span.name)).toContain(name);
    return Object.fromEntries(found.map((span) => [span.name, span]));
  });
}

function attributesOf(span: SentSpan | undefined): Record<string, unknown> {
  return Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
}

async function callTool(key: string, name: string, args: object, meta: object, more: Record<string, string>): Promise<void> {
  const response = await fetch(host.app.endpoints.mcp, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': name,
      ...more,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: {
        name,
        arguments: args,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': {},
          ...meta,
        },
      },
    }),
  });
  await response.text();
}

const [theirs, another] = ['4bf92f3577b34da6a3ce929d0e0e4736', '5cf92f3577b34da6a3ce929d0e0e4737'];
const traceparent = (trace: string, span = '00f067aa0ba902b7', flags = '01') => `00-${trace}-${span}-${flags}`;

describe('traces', () => {
  test('go on with the caller’s: the request, the write below it, and the commit below that', async () => {
    const call = caller(host.app.endpoints.scim, await host.accessKey({ name: 'Tracy' }));
    const { body: user } = await call('POST', '/Users', newUser({ displayName: 'Unmistakable' }), {
      traceparent: traceparent(theirs),
      'x-request-id': 'traced-1',
    });
    const found = await sent(theirs, 'POST /scim/v2/Users', 'directory.write', 'COMMIT');
    const [request, write, commit] = [found['POST /scim/v2/Users'], found['directory.write'], found['COMMIT']];
    expect(request).toMatchObject({ kind: kinds.server, parentSpanId: '00f067aa0ba902b7' });
    expect(attributesOf(request)).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/scim/v2/Users',
      'http.response.status_code': 201,
      'tandem.door': 'scim',
    });
    expect(write).toMatchObject({ kind: kinds.internal, parentSpanId: request?.spanId });
    expect(commit).toMatchObject({ kind: kinds.client, parentSpanId: write?.spanId });
    expect(attributesOf(commit)).toMatchObject({ 'db.system.name': 'sqlite' });
    expect(resource).toMatchObject({
      attributes: expect.arrayContaining([{ key: 'service.name', value: { stringValue: 'our-directory' } }]),
    });
    expect(headers).toMatchObject({ 'x-test': 'yes' });

    const trace = '11111111111111111111111111111111';
    const stale = { 'if-match': 'W/"stale"', traceparent: traceparent(trace) };
    const patch = patchOf({ op: 'replace', path: 'title', value: 'Two' });
    expect((await call('PATCH', `/Users/${user.id}`, patch, stale)).status).toBe(412);
    const refused = await sent(trace, 'directory.write', 'PATCH /scim/v2/Users/:id');
    // The audit log has a write of its own.
    const failed = spans.filter(({ traceId, status }) => traceId === trace && status.code === 2);
    expect(failed.map((span) => [span.name, attributesOf(span)])).toEqual([
      ['directory.write', { 'error.type': 'VERSION_MISMATCH' }],
    ]);
    // A refusal is the client's error, and none of the server.
    expect(refused['PATCH /scim/v2/Users/:id']?.status.code ?? 0).toBe(0);
    expect(JSON.stringify(spans)).not.toMatch(/Tracy|Unmistakable|tandem_[\w-]{20}/);
    expect(JSON.stringify(spans)).not.toContain(user.id);
  });

  test('of a tool call: below its request, or in the trace that the MCP request names, linked with the request', async () => {
    const key = await host.accessKey();
    await callTool(key, 'scim_get_user', { user_id: 'nobody-at-all' }, {}, { traceparent: traceparent(another) });
    const found = await sent(another, 'POST /mcp', 'tools/call scim_get_user');
    const tool = found['tools/call scim_get_user'];
    expect(tool).toMatchObject({ kind: kinds.server, parentSpanId: found['POST /mcp']?.spanId, status: { code: 2 } });
    expect(attributesOf(tool)).toEqual({
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'scim_get_user',
      'tandem.refusal': 'USER_NOT_FOUND',
      'error.type': 'tool_error',
    });
    const line = host
      .logged()
      .split('\n')
      .find((text) => text.includes(another));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ msg: 'a tool call was refused', trace_id: another, span_id: tool?.spanId });

    const named = '22222222222222222222222222222222';
    const meta = { traceparent: traceparent(named, 'aaaaaaaaaaaaaaaa') };
    const around = '33333333333333333333333333333333';
    await callTool(key, 'scim_get_user', { user_id: 'nobody-at-all' }, meta, { traceparent: traceparent(around) });
    const request = (await sent(around, 'POST /mcp'))['POST /mcp'];
    const inTheirs = (await sent(named, 'tools/call scim_get_user'))['tools/call scim_get_user'];
    expect(inTheirs).toMatchObject({ parentSpanId: 'aaaaaaaaaaaaaaaa', links: [{ spanId: request?.spanId }] });
  });

  test('of the agent: its run, each answer of its model with tokens, and the calls of its tools, in one trace', async () => {
    const { agentSettings, assistant } = host.app.services;
    const models = [{ name: 'fake-1', inputPrice: 1, outputPrice: 2 }];
    await agentSettings.models.add({ provider: 'openai-compatible', name: 'Fake', baseUrl: model.url, models });
    const owner = { tenant: 'default', userId: 'administrator' };
    const { context } = await assistant.createContext(owner, { modelId: 'fake/fake-1' });
    const { id } = await assistant.addPrompt(owner, context.id, { prompt: 'Who is a Sailor?' });
    expect(await assistant.ended(owner, id)).toMatchObject({ status: 'completed' });
    const run = await within(() => {
      const one = spans.find(({ name }) => name === 'invoke_agent tandem');
      expect(one).toBeDefined();
      return one;
    });
    const found = await sent(run?.traceId ?? '', 'chat fake/fake-1', 'POST /mcp/x/:toolset', 'tools/call scim_search_users');
    expect(run?.parentSpanId ?? '').toBe('');
    const chat = found['chat fake/fake-1'];
    expect(chat).toMatchObject({ kind: kinds.client, parentSpanId: run?.spanId });
    expect(attributesOf(chat)).toMatchObject({
      'gen_ai.request.model': 'fake/fake-1',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
    });
    expect(spans.filter(({ name }) => name === 'chat fake/fake-1')).toHaveLength(2);
    expect(spans.map(({ name }) => name)).toContain('mcp.create_context');
    expect(JSON.stringify(spans)).not.toContain('Sailor');

    // The same is counted: for Prometheus, and for the window.
    const admin = await host.accessKey({ scopes: ['scim:admin'] });
    const text = await (await fetch(`${host.origin}/metrics`, { headers: { authorization: `Bearer ${admin}` } })).text();
    for (const line of [
      'tandem_model_calls_total{model="fake/fake-1",result="ok"} 2',
      'tandem_model_tokens_total{model="fake/fake-1",direction="input"} 200',
      'tandem_model_tokens_total{model="fake/fake-1",direction="output"} 40',
      'tandem_model_call_seconds_count{model="fake/fake-1"} 2',
      'tandem_task_run_seconds_count{type="mcp.add_prompt"} 1',
      'tandem_task_wait_seconds_count{type="mcp.add_prompt"} 1',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).toMatch(/^tandem_model_cost_dollars_total\{model="fake\/fake-1"\} 0\.00028/m);
    const { assistant: report } = host.app.services.observe.activity(60);
    expect(report.models).toMatchObject([{ id: 'fake/fake-1', calls: 2, inputTokens: 200, outputTokens: 40 }]);
    expect(report.tasks).toContainEqual(expect.objectContaining({ id: 'mcp.add_prompt', completed: 1, p95: expect.any(Number) }));
    expect(report.clients).toMatchObject([{ name: "Tandem's agent", tenant: 'default', completed: 2, inputTokens: 200 }]);
    expect(host.app.services.observe.activity(60, 'another').assistant).toMatchObject({ models: [], tasks: [], clients: [] });
  });

  test('that nobody can read, or that the caller does not keep, are begun anew, or not kept', async () => {
    const call = caller(host.app.endpoints.scim, await host.accessKey());
    const before = spans.length;
    for (const bad of [
      '00-0-0-01',
      traceparent('0'.repeat(32)),
      `${traceparent(theirs)}-more`,
      `ff${traceparent(theirs).slice(2)}`,
    ])
      await call('GET', '/Schemas', undefined, { traceparent: bad });
    await within(() => expect(spans.slice(before).filter(({ name }) => name === 'GET /scim/v2/Schemas')).toHaveLength(4));
    expect(spans.slice(before).every(({ traceId, parentSpanId = '' }) => traceId !== theirs && parentSpanId === '')).toBe(true);
    const unsampled = '44444444444444444444444444444444';
    await call('GET', '/Schemas', undefined, { traceparent: traceparent(unsampled, undefined, '00') });
    await call('GET', '/ResourceTypes', undefined, { traceparent: traceparent('55555555555555555555555555555555') });
    await sent('55555555555555555555555555555555', 'GET /scim/v2/ResourceTypes');
    expect(spans.some(({ traceId }) => traceId === unsampled)).toBe(false);
  });
});

describe('the standard variables', () => {
  const log = pino({ level: 'silent' });
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };

  test('turn traces off, and say what is not spoken', async () => {
    for (const env of [
      {},
      { OTEL_TRACES_EXPORTER: '' },
      { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' },
      { ...endpoint, OTEL_TRACES_EXPORTER: 'none' },
      { ...endpoint, OTEL_TRACES_EXPORTER: 'zipkin' },
      { ...endpoint, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' },
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'not an address' },
    ])
      expect(await exportTraces({ version: '1', log, env })).toBeUndefined();
  });

  test('say which traces are taken', async () => {
    const taken = async (env: Record<string, string>) => {
      const traces = await exportTraces({ version: '1', log, env: { ...endpoint, ...env } });
      const headersOf = () => {
        const span = beginSpan('x', { kind: 'internal' });
        return span?.isRecording();
      };
      const isTaken = headersOf();
      await traces?.close();
      return isTaken;
    };
    expect(await taken({})).toBe(true);
    expect(await taken({ OTEL_TRACES_SAMPLER: 'always_off' })).toBe(false);
    expect(await taken({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' })).toBe(false);
    expect(await taken({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' })).toBe(false);
    expect(await taken({ OTEL_TRACES_SAMPLER: 'parentbased_always_off' })).toBe(false);
    expect(await taken({ OTEL_TRACES_SAMPLER: 'nonsense' })).toBe(true);
    expect(await taken({ OTEL_TRACES_EXPORTER: 'none' })).toBeUndefined();
    expect(traceHeaders()).toEqual({});
  });
});
