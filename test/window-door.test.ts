import { request } from 'node:http';
import { TRPCClientError } from '@trpc/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWindow, startTestHost, windowClient, type TestHost, type WindowSession } from './host.ts';

let host: TestHost;
let session: WindowSession;

beforeAll(async () => {
  host = await startTestHost();
  session = await openWindow(host.app.openAddress());
});
afterAll(() => host.close());

const list = encodeURIComponent(JSON.stringify({ tenant: 'default', offset: 0, limit: 10 }));
const call = (headers: Record<string, string>) => fetch(`${host.origin}/trpc/people.list?input=${list}`, { headers });
const person = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada@example.com', title: 'Analyst' };

test('an address opens the window once', async () => {
  const address = host.app.openAddress();
  await openWindow(address);
  const again = await fetch(address);
  expect(again.status).toBe(403);
  expect(await again.text()).toContain('opens Tandem once');
  expect((await fetch(`${host.origin}/open?secret=guess`)).status).toBe(403);
});

test('the API wants the cookie and the page, and serves no foreign page or host', async () => {
  const { cookie, page } = session;
  expect((await call({ cookie, 'x-tandem-page': page })).status).toBe(200);
  expect((await call({})).status).toBe(401);
  expect((await call({ cookie })).status).toBe(401);
  expect((await call({ 'x-tandem-page': page })).status).toBe(401);
  expect((await call({ cookie, 'x-tandem-page': 'guess' })).status).toBe(401);
  const key = await host.accessKey();
  expect((await call({ authorization: `Bearer ${key}` })).status).toBe(401);
  expect((await call({ cookie, 'x-tandem-page': page, origin: 'https://evil.example' })).status).toBe(403);
  expect(await statusWithHost('evil.example')).toBe(403);
  expect(await statusWithHost(`localhost:${host.app.endpoints.port}`)).toBe(200);
});

test('the page forbids scripts that are not its own', async () => {
  const response = await fetch(host.origin);
  const nonce = /nonce="([^"]+)"/.exec(await response.text())?.[1];
  expect(response.headers.get('content-security-policy')).toContain(`script-src 'self' 'nonce-${nonce}'`);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('a save on an old version is refused with the conflict, and changes nothing', async () => {
  const window = windowClient(host.origin, session);
  const created = await window.people.create.mutate({ tenant: 'default', record: person });
  const { id } = created.resource;
  const first = { ...person, title: 'Countess' };
  const saved = await window.people.save.mutate({ tenant: 'default', id, record: first, expectedVersion: created.version });
  const late = window.people.save.mutate({
    tenant: 'default',
    id,
    record: { ...person, title: 'Queen' },
    expectedVersion: created.version,
  });
  const error = await late.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(TRPCClientError);
  expect(error).toMatchObject({
    data: {
      code: 'PRECONDITION_FAILED',
      refusal: { code: 'VERSION_MISMATCH', conflict: { currentVersion: saved.version, overlapping: true } },
    },
  });
  expect(JSON.stringify(error)).not.toContain('node_modules');
  const read = await window.people.get.query({ tenant: 'default', id });
  expect(read).toMatchObject({ version: saved.version, lastChange: { author: { name: 'Administrator', door: 'window' } } });
});

test('a bad record names the field, an unknown tenant is not there', async () => {
  const window = windowClient(host.origin, session);
  await expect(window.people.create.mutate({ tenant: 'default', record: { ...person, active: 'yes' } })).rejects.toMatchObject({
    data: { refusal: { code: 'SCHEMA_VIOLATION', issues: [{ path: 'active' }] } },
  });
  await expect(window.people.create.mutate({ tenant: 'nowhere', record: person })).rejects.toMatchObject({
    data: { refusal: { code: 'NOT_FOUND' } },
  });
});

test('the stream tells of a change of another door, and replays what was missed', async () => {
  const window = windowClient(host.origin, session);
  const params = encodeURIComponent(JSON.stringify({ page: session.page }));
  const open = async (lastEventId?: string) => {
    const input = encodeURIComponent(JSON.stringify(lastEventId === undefined ? {} : { lastEventId }));
    const response = await fetch(`${host.origin}/trpc/events.stream?input=${input}&connectionParams=${params}`, {
      headers: { cookie: session.cookie, accept: 'text/event-stream' },
    });
    expect(response.status).toBe(200);
    return new EventReader(response);
  };
  const stream = await open();
  const ready = await stream.until('"ready"');
  const { resource } = await window.people.create.mutate({ tenant: 'default', record: { ...person, userName: 'grace' } });
  expect(await stream.until(resource.id)).toContain('"operation":"create"');
  await stream.close();
  const replayed = await open(/id: (\d+)/.exec(ready)?.[1]);
  expect(await replayed.until(resource.id)).toContain('"operation":"create"');
  await replayed.close();
});

test('the first start asks once, and the sample company has people with managers in two tenants', async () => {
  const fresh = await startTestHost();
  try {
    const window = windowClient(fresh.origin, await openWindow(fresh.app.openAddress()));
    expect(await window.app.about.query()).toMatchObject({ setupNeeded: true, shell: 'browser', keychain: { place: 'file' } });
    await window.app.setup.mutate({ kind: 'sample' });
    expect((await window.app.about.query()).setupNeeded).toBe(false);
    const tenants = await window.tenants.list.query();
    expect(tenants.map(({ id }) => id)).toEqual(expect.arrayContaining(['default', 'northwind', 'fabrikam']));
    const people = await window.people.list.query({ tenant: 'northwind', search: 'sales', offset: 0, limit: 10 });
    expect(people.total).toBeGreaterThan(5);
  } finally {
    await fresh.close();
  }
});

/** fetch() sends its own Host. */
function statusWithHost(name: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(`${host.origin}/health`, { headers: { host: name } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

/** Reads a server-sent event stream as text. */
class EventReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = '';

  constructor(response: Response) {
    if (!response.body) throw new Error('no stream');
    this.#reader = response.body.getReader();
  }

  async until(needle: string): Promise<string> {
    const decoder = new TextDecoder();
    while (!this.#text.includes(needle)) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error(`the stream ended without ${needle}: ${this.#text}`);
      this.#text += decoder.decode(value, { stream: true });
    }
    return this.#text;
  }

  close(): Promise<void> {
    return this.#reader.cancel();
  }
}
