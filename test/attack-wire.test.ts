import { subscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openWindow, startTestHost, type TestHost, type WindowSession } from './host.ts';
import { openConnection, rawExchange, readAll, type RawAnswer } from './raw-http.ts';

/** Attacks below HTTP and on its head: who may call at all, where a request ends, and who keeps others out. */

let host: TestHost;
let port: number;
let key: string;
let session: WindowSession;
let server: Server;
const routes = new Set<string>();

beforeAll(async () => {
  subscribe('fastify.initialization', (message) => {
    const { fastify } = message as { fastify: FastifyInstance };
    ({ server } = fastify);
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) routes.add(`${one} ${url}`);
    });
  });
  host = await startTestHost();
  ({ port } = host.app.endpoints);
  key = await host.accessKey();
  session = await openWindow(host.app.openAddress());
}, 60_000);
afterAll(() => host.close(), 60_000);
afterEach(async () => {
  const health = await fetch(`${host.origin}/health`);
  expect(await health.json()).toMatchObject({ status: 'ok' });
});

/** All that a caller with every right sends, but for what a test changes. */
const rights = () =>
  `Authorization: Bearer ${key}\r\nCookie: ${session.cookie}\r\nX-Tandem-Page: ${session.page}\r\nConnection: close\r\n`;

test('DNS rebinding: only the names of this computer are answered, however they are said', async () => {
  const own = `127.0.0.1:${port}`;
  const get = (target: string, hosts: readonly string[]) =>
    rawExchange(port, `GET ${target} HTTP/1.1\r\n${hosts.map((name) => `Host: ${name}\r\n`).join('')}${rights()}\r\n`);
  for (const name of [own, `localhost:${port}`]) expect((await get('/scim/v2/Users', [name])).statuses, name).toEqual([200]);
  for (const name of [
    'evil.example',
    `evil.example:${port}`,
    `127.0.0.1.evil.example:${port}`,
    `localhost.evil.example:${port}`,
    `evil.example#@${own}`,
    `user@${own}`,
    '127.0.0.1',
    'localhost',
    '127.0.0.1:80',
    `127.0.0.2:${port}`,
    `0.0.0.0:${port}`,
    `127.1:${port}`,
    `2130706433:${port}`,
    `[::1]:${port}`,
    `[::ffff:127.0.0.1]:${port}`,
    `${own}.`,
    `${own},evil.example`,
    `${own} evil.example`,
    '',
  ])
    for (const target of ['/scim/v2/Users', '/mcp', '/trpc/people.list', '/', '/oauth/jwks', '/health', '/nowhere'])
      expect((await get(target, [name])).statuses, `${name} ${target}`).toEqual([403]);
  // Node refuses one that is not there; of two, no reader may choose.
  expect((await get('/health', [])).statuses).toEqual([400]);
  expect((await get('/health', [own, 'evil.example'])).statuses).toEqual([403]);
  expect((await get('/health', ['evil.example', own])).statuses).toEqual([403]);
  expect((await get('/health', [own, own])).statuses).toEqual([403]);
  expect(host.logged().includes('"host":"evil.example"')).toBe(true);
}, 120_000);

test('an absolute target is answered for this computer only, and belongs to the door of its path', async () => {
  const get = (target: string) => rawExchange(port, `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${rights()}\r\n`);
  expect((await get(`http://127.0.0.1:${port}/health`)).statuses).toEqual([200]);
  expect((await get(`HTTP://LOCALHOST:${port}/scim/v2/Users`)).statuses).toEqual([200]);
  expect((await get(`http://127.0.0.1:${port}/scim/v2/Users/nobody`)).text).toContain(
    'urn:ietf:params:scim:api:messages:2.0:Error',
  );
  for (const target of [
    `http://evil.example:${port}/health`,
    `http://127.0.0.1:${port}@evil.example/health`,
    `http://evil.example?http://127.0.0.1:${port}/health`,
    `https://127.0.0.1:${port}/health`,
    'ftp://127.0.0.1/health',
    '*',
    '?x',
    'health',
  ])
    expect((await get(target)).statuses, target).not.toContain(200);
  // A proxy for others it is not.
  expect((await rawExchange(port, `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n`)).text).toBe('');
});

test('a page of another origin reaches no route, of whatever door', async () => {
  expect(routes.size).toBeGreaterThan(100);
  const foreign = ['https://evil.example', 'null', `http://127.0.0.1:${port + 1}`, `https://127.0.0.1:${port}`, 'file://'];
  for (const route of routes) {
    const [method = '', url = ''] = route.split(' ');
    // What fetch() does not send.
    if (method === 'TRACE') continue;
    const address = url.replace(/^\*$/, '/*').replaceAll(/:\w+/g, 'x').replace('*', 'x');
    for (const origin of foreign) {
      const answer = await fetch(`${host.origin}${address}`, {
        method,
        headers: { origin, authorization: `Bearer ${key}`, cookie: session.cookie, 'x-tandem-page': session.page },
        redirect: 'manual',
      });
      expect(answer.status, `${route} from ${origin}`).toBe(403);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      await answer.body?.cancel();
    }
  }
  expect(host.logged().includes('"caller":"null"')).toBe(true);
}, 120_000);

test('the streams of the window and of AI clients are for no other origin', async () => {
  const params = encodeURIComponent(JSON.stringify({ page: session.page }));
  for (const address of [`/trpc/events.stream?input=%7B%7D&connectionParams=${params}`, '/mcp'])
    for (const origin of ['https://evil.example', 'null']) {
      const answer = await fetch(`${host.origin}${address}`, {
        headers: { accept: 'text/event-stream', origin, cookie: session.cookie, authorization: `Bearer ${key}` },
      });
      expect(answer.status).toBe(403);
      await answer.body?.cancel();
    }
});

test('a request that two readers could cut differently is none, and what hides in it is never carried out', async () => {
  const people = async () =>
    (
      (await (await fetch(`${host.app.endpoints.scim}/Users`, { headers: { authorization: `Bearer ${key}` } })).json()) as {
        totalResults: number;
      }
    ).totalResults;
  const before = await people();
  const head = `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\n`;
  const user = JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'smuggled' });
  const hidden = `POST /scim/v2/Users HTTP/1.1\r\n${head}Content-Length: ${user.length}\r\n\r\n${user}`;
  const post = `POST /scim/v2/.search HTTP/1.1\r\n${head}`;
  const cases: Record<string, string> = {
    'Content-Length and chunked': `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    'chunked and Content-Length': `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${hidden}`,
    'two lengths': `${post}Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    'a list of lengths': `${post}Content-Length: 0, ${hidden.length}\r\n\r\n${hidden}`,
    'a length with a sign': `${post}Content-Length: +0\r\n\r\n${hidden}`,
    'a hexadecimal length': `${post}Content-Length: 0x0\r\n\r\n${hidden}`,
    'an endless length': `${post}Content-Length: 99999999999999999999\r\n\r\n${hidden}`,
    'a negative length': `${post}Content-Length: -1\r\n\r\n${hidden}`,
    'an unknown encoding': `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
    'chunked that is not last': `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
    'chunked twice': `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${hidden}`,
    'an encoding with a hidden letter': `${post}Transfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n${hidden}`,
    'a space before the colon': `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
    'a folded line': `${post}X-Folded: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    'a line that ends in LF alone': `${post}X-A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    'a line that ends in CR alone': `${post}X-A: b\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    'a NUL in a name': `${post}X\u0000A: b\r\n\r\n${hidden}`,
    'a chunk whose size is no number': `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n${hidden}`,
    'a chunk whose size has no end': `${post}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(40)}\r\n${hidden}`,
    'a negative chunk': `${post}Transfer-Encoding: chunked\r\n\r\n-1\r\n${hidden}`,
    'a chunk that is longer than it says': `${post}Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n${hidden}`,
    'a chunk size that ends in LF alone': `${post}Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n${hidden}`,
    'HTTP/0.9': `GET /scim/v2/Users\r\n\r\n${hidden}`,
    'HTTP/1.2': `GET /health HTTP/1.2\r\nHost: 127.0.0.1:${port}\r\n\r\n${hidden}`,
    'a line before the first': `\u0000\r\n${hidden}`,
    'HTTP/2 without a handshake': `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${hidden}`,
    'a TLS greeting': `\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003${hidden}`,
  };
  for (const [name, bytes] of Object.entries(cases)) {
    const { statuses, closed, text } = await rawExchange(port, bytes);
    expect(closed, name).toBe(true);
    expect(
      statuses.filter((status) => status < 400 || status >= 500),
      `${name}: ${text}`,
    ).toEqual([]);
    expect(text, name).not.toMatch(/node_modules|\bat [\w.]+ \(/);
  }
  expect(await people()).toBe(before);
  await expect.poll(() => host.logged().includes('"reason":"HPE_'), { timeout: 5000 }).toBe(true);
  // Whoever is wrong, or has gone, is no failure of the server.
  expect(host.logged().includes('"level":50')).toBe(false);
}, 60_000);

test('what is no smuggling still works: several requests at once, pieces, and a body that was asked for', async () => {
  const head = `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer ${key}\r\n`;
  const get = `GET /scim/v2/Users?count=0 HTTP/1.1\r\n${head}\r\n`;
  expect((await rawExchange(port, get + get + get)).statuses).toEqual([200, 200, 200]);
  const body = '{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"count":0}';
  const post = `POST /scim/v2/.search HTTP/1.1\r\n${head}Content-Type: application/json\r\n`;
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  expect((await rawExchange(port, [`${post}Transfer-Encoding: chunked\r\n\r\n`, chunk])).statuses).toEqual([200]);
  const expecting = `${post}Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`;
  expect((await rawExchange(port, [expecting, body])).statuses).toEqual([100, 200]);
});

test('heads that are too large, too many headers and long addresses are refused', async () => {
  const get = (target: string, more: string) =>
    rawExchange(port, `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${rights()}${more}\r\n`, 3000);
  expect((await get('/health', `X-Long: ${'x'.repeat(20_000)}\r\n`)).statuses).toEqual([431]);
  expect((await get(`/${'x'.repeat(20_000)}`, '')).statuses).toEqual([431]);
  expect((await get('/health', `X-A: b\r\n`.repeat(3000))).statuses).toEqual([431]);
  expect((await get(`/scim/v2/Users/${'x'.repeat(12_000)}`, '')).statuses).toEqual([400]);
  const many = Array.from({ length: 2500 }, (_, number) => `a${number}`).join('&');
  for (const path of ['/scim/v2/Users', '/trpc/people.list', '/open', '/oauth/authorize', '/api/v1/mcp/contexts', '/mcp'])
    expect((await get(`${path}?${many}`, '')).statuses, path).not.toEqual([500]);
  // Names that mean something to whoever merges objects.
  for (const name of ['__proto__', 'constructor', '__proto__[x]', 'constructor[prototype][x]', 'toString', 'filter[$ne]'])
    expect((await get(`/scim/v2/Users?${encodeURIComponent(name)}=1&filter=1&filter=2`, '')).statuses, name).toEqual([400]);
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});

test('an upgrade, a trace and an overridden method are nothing but what their request line says', async () => {
  const head = `Host: 127.0.0.1:${port}\r\n${rights()}`;
  const made = await fetch(`${host.app.endpoints.scim}/Users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'overridden' }),
  });
  const { id } = (await made.json()) as { id: string };
  for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override']) {
    const path = `/scim/v2/Users/${id}?_method=DELETE`;
    expect((await rawExchange(port, `GET ${path} HTTP/1.1\r\n${name}: DELETE\r\n${head}\r\n`)).statuses).toEqual([200]);
  }
  const trace = await rawExchange(port, `TRACE /health HTTP/1.1\r\n${head}\r\n`);
  expect(trace.statuses).toEqual([404]);
  expect(trace.text).not.toContain(key);
  const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n`;
  const asked = await rawExchange(port, `GET /trpc/events.stream HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${upgrade}\r\n`);
  expect(asked.statuses).toEqual([401]);
});

test('whoever is slow with a head or a body is ended', async () => {
  expect(server.headersTimeout).toBe(10_000);
  expect(server.requestTimeout).toBe(60_000);
  // Node looks at these each time; waiting a minute would show no more.
  server.headersTimeout = 1000;
  server.requestTimeout = 1500;
  try {
    const post = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`;
    const slow = await Promise.all(['', 'GET /hea', `GET /health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-A`, post].map(dribble));
    for (const { statuses, closed } of slow) {
      expect(closed).toBe(true);
      expect([[408], [401]]).toContainEqual(statuses);
    }
  } finally {
    Object.assign(server, { headersTimeout: 10_000, requestTimeout: 60_000 });
  }
  await expect.poll(() => host.logged().includes('ERR_HTTP_REQUEST_TIMEOUT'), { timeout: 5000 }).toBe(true);
});

/** Says a letter more every now and then, as slowloris does, until the server has had enough. */
async function dribble(said: string): Promise<RawAnswer> {
  const socket = await openConnection(port, said);
  const timer = said === '' ? undefined : setInterval(() => socket.write('a'), 200);
  try {
    return await readAll(socket);
  } finally {
    clearInterval(timer);
  }
}

/** As many as this process may open beside those that the server keeps; it has both ends of each. */
const { userLimits } = process.report.getReport() as unknown as { userLimits?: { open_files: { soft: number | 'unlimited' } } };
const filesMax = Number(userLimits?.open_files.soft ?? Number.NaN);
const halfOpen = Number.isNaN(filesMax) ? 10_000 : Math.min(10_000, Math.max(500, filesMax - 3000));

test(`${halfOpen} connections that say nothing, or half of something, lock nobody out`, async () => {
  const before = process.memoryUsage.rss();
  const sockets: Socket[] = [];
  const kept = await openConnection(port, `GET /health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  try {
    for (let at = 0; at < halfOpen; at += 100) {
      const said = ['', 'GET /health HT', `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 10\r\n\r\n{`][
        (at / 100) % 3
      ];
      sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => openConnection(port, said)))));
      // A client of its own each time: one that it has would not show that new ones are still let in.
      if (at % 500 === 0)
        expect(
          (await rawExchange(port, `GET /health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`, 10_000))
            .statuses,
        ).toEqual([200]);
    }
    expect(sockets.length).toBe(halfOpen);
    // Some hundred MB is both ends of them, in this one process.
    expect((process.memoryUsage.rss() - before) / halfOpen).toBeLessThan(100_000);
    await expect.poll(() => host.logged().includes('connections that asked nothing were ended'), { timeout: 5000 }).toBe(true);
    expect((await fetch(`${host.app.endpoints.scim}/Users`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
    expect(kept.destroyed).toBe(false);
  } finally {
    for (const socket of [kept, ...sockets]) socket.destroy();
  }
}, 120_000);
