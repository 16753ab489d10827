import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anything, fromSchema, fuzzRuns, internals, nearly, text } from './fuzz-words.ts';
import { openWindow, startTestHost, windowClient, type TestHost } from './host.ts';

/** Every method of MCP, and every tool with arguments made from its own schema, in both protocol eras: always an answer of JSON-RPC. */

let host: TestHost;
let key: string;
let session: string;
let tools: Tool[];
let known: string[];

interface Tool {
  name: string;
  inputSchema: Parameters<typeof fromSchema>[0];
}

interface Answer {
  status: number;
  messages: unknown[];
  text: string;
}

const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'fuzz', version: '1' } };
const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'fuzz', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
/** Longer than any of the tools may wait when it was not asked to; a call that waits for a person is left, which cancels it. */
const patienceMs = 3000;

beforeAll(async () => {
  host = await startTestHost();
  await windowClient(host.origin, await openWindow(host.app.openAddress())).app.setup.mutate({ kind: 'sample' });
  key = await host.accessKey({ tenant: 'northwind', scopes: ['scim:read', 'scim:write', 'scim:admin'] });
  session = await newSession();
  const { messages } = await post('/mcp/x/all', { jsonrpc: '2.0', id: 1, method: 'tools/list' }, { 'mcp-session-id': session });
  ({ tools } = (messages[0] as { result: { tools: Tool[] } }).result);
  const users = await post('/mcp/x/all', callOf('scim_list_users', { count: 3 }), { 'mcp-session-id': session });
  const groups = await post('/mcp/x/all', callOf('scim_list_groups', { count: 2 }), { 'mcp-session-id': session });
  const found = [users, groups].flatMap(({ text: said }) => [...said.matchAll(/"(?:id|_version)\\*":\\*"([^"\\]+)/g)]);
  known = ['northwind', 'User', 'Group', ...new Set(found.map(([, value]) => value ?? ''))];
  expect(known.length).toBeGreaterThan(8);
}, 60_000);
afterAll(() => host.close(), 60_000);

function callOf(name: string, args: unknown) {
  return { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name, arguments: args } };
}

/** A session of the 2025 era. */
async function newSession(): Promise<string> {
  const answer = await fetch(`${host.origin}/mcp/x/all`, {
    method: 'POST',
    headers: headersOf({}),
    body: JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: initialize }),
  });
  await answer.text();
  return answer.headers.get('mcp-session-id') ?? '';
}

function headersOf(more: Record<string, string>): Record<string, string> {
  return {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...more,
  };
}

/** @returns what was answered; no messages where nothing was within the test's patience. */
async function post(path: string, message: unknown, headers: Record<string, string>): Promise<Answer> {
  const body = typeof message === 'string' ? message : JSON.stringify(message);
  try {
    const answer = await fetch(`${host.origin}${path}`, {
      method: 'POST',
      headers: headersOf(headers),
      body: body.toWellFormed(),
      signal: AbortSignal.timeout(patienceMs),
    });
    const said = await answer.text();
    const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream');
    const pieces = isStream ? [...said.matchAll(/^data: (.+)$/gm)].map(([, data]) => data ?? '') : said === '' ? [] : [said];
    return { status: answer.status, messages: pieces.map((piece) => JSON.parse(piece) as unknown), text: said };
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') return { status: 0, messages: [], text: '' };
    throw error;
  }
}

/** Holds an answer against what every answer must be. */
function holds(sent: unknown, { status, messages, text: said }: Answer): void {
  const what = `${JSON.stringify(sent)?.slice(0, 2000)} was answered ${status} ${said.slice(0, 1000)}`;
  if (status >= 500) throw new Error(what);
  for (const message of messages.flat()) {
    expect(message, what).toMatchObject({ jsonrpc: '2.0' });
    const { error, result } = message as { error?: { code: number; message: string }; result?: { isError?: boolean } };
    // "Internal error" is what nobody has thought of; but the SDK says so too of parameters that do not fit, and lists what does not.
    if (error?.code === -32_603 && !/^\[\s*\{[^]*"path"/.test(error.message)) throw new Error(what);
    if ((error ?? result?.isError) && internals.test(said)) throw new Error(`an answer tells of the inside: ${what}`);
    if (result?.isError && /INTERNAL|Something went wrong/.test(said)) throw new Error(what);
  }
}

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

/** Sends a request in one of the eras. A session may have been ended by what was sent before. */
async function send(message: unknown, isModern: boolean): Promise<Answer> {
  if (!isModern) {
    const answer = await post('/mcp/x/all', message, { 'mcp-session-id': session });
    if (answer.status === 404) session = await newSession();
    return answer;
  }
  const { method, params, ...rest } = message as { method: string; params: unknown };
  const isObject = typeof params === 'object' && params !== null && !Array.isArray(params);
  const name = isObject && 'name' in params ? params.name : isObject && 'uri' in params ? params.uri : undefined;
  return post(
    '/mcp/x/all',
    { ...rest, method, params: isObject ? { _meta: meta, ...params } : params },
    {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': headerSafe(method),
      ...(typeof name === 'string' && { 'mcp-name': headerSafe(name) }),
    },
  );
}

function headerSafe(value: unknown): string {
  return String(value)
    .replaceAll(/[^\u0020-\u007e]/g, 'x')
    .slice(0, 2000);
}

/** Without its own tenant, nothing further would be reached. */
function namesFor(tool: string): readonly string[] {
  return /^scim_(?:update|delete)_tenant$/.test(tool) ? ['fabrikam'] : known;
}

test('every tool, with arguments that fit, nearly fit, or are anything', async () => {
  expect(tools.length).toBeGreaterThan(40);
  const { numRuns, seed } = fuzzRuns(800);
  const call = fc
    .constantFrom(...tools)
    .chain(({ name, inputSchema }) => fc.tuple(fc.constant(name), nearly(fromSchema(inputSchema, namesFor(name))), fc.boolean()));
  await fc.assert(
    fc.asyncProperty(call, async ([name, args, isModern]) => {
      // Waiting is what it was asked for.
      const given = typeof args === 'object' && args !== null && 'wait_seconds' in args ? { ...args, wait_seconds: 0 } : args;
      holds([name, given], await send(callOf(name, given), isModern));
    }),
    { numRuns, seed },
  );
  await isUnharmed();
}, 3_600_000);

const methods = [
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
  'tasks/list',
  'tasks/get',
  'tasks/cancel',
  'tasks/result',
  'elicitation/create',
  'sampling/createMessage',
  'roots/list',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
  'notifications/message',
  'rpc.discover',
];
const id = fc.oneof(
  fc.integer(),
  text,
  fc.constantFrom<unknown[]>(null, undefined, 2 ** 53, 1e308, 1.5, -1, true, [], {}, 'x'.repeat(100_000)),
);
const params = fc.oneof(
  anything,
  fc.constant(undefined),
  fc.dictionary(
    fc.constantFrom(
      'name',
      'uri',
      'arguments',
      'cursor',
      'ref',
      'argument',
      'level',
      '_meta',
      'requestId',
      'reason',
      'progressToken',
      'protocolVersion',
      'capabilities',
      'clientInfo',
      'taskId',
      'inputResponses',
      'requestState',
    ),
    fc.oneof(
      anything,
      fc.constantFrom(
        'scim_get_user',
        'tandem://northwind/users/x',
        'scim://',
        'ui://',
        'file:///etc/passwd',
        'mcp://user-auth/metrics',
        'debug',
      ),
      fc.constant({ type: 'ref/resource', uri: 'tandem://{tenant}/users/{id}' }),
      fc.constant({ progressToken: {} }),
    ),
    { maxKeys: 4 },
  ),
);
const message = fc
  .record({
    jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant<unknown>('2.0') }, anything),
    id,
    method: fc.oneof({ weight: 6, arbitrary: fc.constantFrom<string>(...methods) }, text),
    params,
  })
  .map(({ id: given, ...rest }) => (given === undefined ? rest : { ...rest, id: given }));

test('every method, with parameters that are anything, and notifications of what never was', async () => {
  const { numRuns, seed } = fuzzRuns(1000);
  await fc.assert(
    fc.asyncProperty(message, fc.boolean(), async (one, isModern) => {
      // A stream that was asked for has no end.
      if (one.method === 'subscriptions/listen') return;
      holds(one, await send(one, isModern));
    }),
    { numRuns, seed },
  );
  await isUnharmed();
}, 3_600_000);

test('batches, bodies that are no message, and headers that say otherwise', async () => {
  const { numRuns, seed } = fuzzRuns(400);
  const body = fc.oneof(
    fc.array(message, { maxLength: 5 }),
    anything,
    fc.constantFrom(
      '',
      '[]',
      '[[]]',
      '[null]',
      '{',
      '{"jsonrpc":"2.0"',
      '\ufeff{}',
      'NaN',
      '{"a":1,"a":2}',
      '{"__proto__":{"x":1}}',
      `[${'1,'.repeat(10_000)}1]`,
    ),
    message.map((one) => JSON.stringify(one).slice(0, -2)),
  );
  const headers = fc.dictionary(
    fc.constantFrom(
      'mcp-session-id',
      'mcp-protocol-version',
      'mcp-method',
      'mcp-name',
      'accept',
      'last-event-id',
      'content-type',
    ),
    fc.oneof(
      text.map(headerSafe),
      fc.constantFrom(
        '2026-07-28',
        '2025-11-25',
        '2024-11-05',
        '9999-01-01',
        'tools/call',
        'application/json',
        'text/event-stream',
      ),
    ),
    { maxKeys: 4 },
  );
  const path = fc.constantFrom('/mcp', '/mcp/readonly', '/mcp/x/all', '/mcp/x/scim', '/mcp/x/demo/readonly', '/mcp/x/__proto__');
  await fc.assert(
    fc.asyncProperty(body, headers, path, async (sent, given, to) => holds(sent, await post(to, sent, given))),
    { numRuns, seed },
  );
  await isUnharmed();
}, 3_600_000);
