import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { Directory, type Actor } from '../src/directory/index.ts';
import { EventStreams } from '../src/events/index.ts';
import { startReceiver, verifier, type Receiver } from './events-host.ts';
import { newUser, startScim, type ScimHost } from './scim-host.ts';

const prov = 'urn:ietf:params:scim:event:prov';
let scim: ScimHost;
let receiver: Receiver;
let verify: ReturnType<typeof verifier>;
let streams: EventStreams;

beforeAll(async () => {
  scim = await startScim();
  verify = verifier(scim.host.origin);
  streams = scim.host.app.services.eventStreams;
});
afterAll(() => scim.close());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  for (const { name } of await streams.list('default')) await streams.remove('default', name);
  await receiver.close();
});

const create = async () => (await scim.call('POST', '/Users', newUser())).body.id as string;
const statusOf = async (name: string) => (await streams.list('default')).find((stream) => stream.name === name);
const subjects = async (audience: string) =>
  Promise.all(receiver.requests.map(async ({ token }) => (await verify(token, audience)).sub_id.uri.slice('/Users/'.length)));

test('each event is sent by itself, signed, in order, with the Authorization value, which nobody else sees', async () => {
  const authorization = 'Bearer receiver-s3cret-value';
  const added = await streams.add('default', {
    name: 'hr',
    form: 'full',
    url: receiver.url,
    audience: 'https://hr',
    authorization,
  });
  expect(added).toMatchObject({ method: 'push', url: receiver.url, hasAuthorization: true, state: 'up to date' });
  const ids = [await create(), await create(), await create()];
  await receiver.came(3);
  expect(await subjects('https://hr')).toEqual(ids);
  for (const { headers } of receiver.requests)
    expect(headers).toMatchObject({ 'content-type': 'application/secevent+jwt', accept: 'application/json', authorization });
  await vi.waitFor(async () => expect(await statusOf('hr')).toMatchObject({ state: 'up to date', waiting: { count: 0 } }));
  const kept = ['directory.db', 'directory.db-wal', 'auth.json'].map((file) =>
    readFileSync(join(scim.host.dataDir, file), 'latin1'),
  );
  for (const text of [...kept, scim.host.logged(), JSON.stringify(await streams.list('default'))])
    expect(text).not.toContain('s3cret');
  // Not taken along to another host.
  expect(await streams.update('default', 'hr', { url: 'https://elsewhere.example/' })).toMatchObject({ hasAuthorization: false });
});

test('an event that is not taken is sent again, the same, and those after it wait', async () => {
  await streams.add('default', { name: 'hr', form: 'notice', url: receiver.url });
  receiver.answers.push({ status: 500 }, { status: 503 });
  const ids = [await create(), await create()];
  await receiver.came(1);
  await vi.waitFor(async () =>
    expect(await statusOf('hr')).toMatchObject({
      state: 'retrying',
      problem: { message: expect.stringMatching(/status 50[03]/) },
    }),
  );
  await receiver.came(4);
  expect(await subjects('hr')).toEqual([ids[0], ids[0], ids[0], ids[1]]);
  expect(new Set(receiver.requests.map(({ token }) => token)).size).toBe(2);
  await vi.waitFor(async () => expect(await statusOf('hr')).not.toHaveProperty('problem'));
});

test('a refusal stops the stream, says why, and loses nothing', async () => {
  await streams.add('default', { name: 'hr', form: 'notice', url: receiver.url });
  const refusal = { status: 400, body: { err: 'invalid_key', description: 'Unknown\nkey.' } };
  receiver.answers.push(refusal, refusal);
  const ids = [await create(), await create(), await create()];
  const isStopped = () =>
    vi.waitFor(async () =>
      expect(await statusOf('hr')).toMatchObject({
        state: 'stopped',
        problem: { message: 'The receiver refused the event (invalid_key): Unknown key.' },
      }),
    );
  await isStopped();
  expect(receiver.requests).toHaveLength(1);
  await streams.resume('default', 'hr', { skip: false });
  await receiver.came(2);
  await isStopped();
  await streams.resume('default', 'hr', { skip: true });
  await receiver.came(4);
  expect(await subjects('hr')).toEqual([ids[0], ids[0], ids[1], ids[2]]);
  await vi.waitFor(async () => expect(await statusOf('hr')).toMatchObject({ state: 'up to date' }));
});

test('a redirect is not followed', async () => {
  const elsewhere = await startReceiver();
  try {
    await streams.add('default', { name: 'hr', form: 'notice', url: receiver.url, authorization: 'Bearer x' });
    receiver.answers.push({ status: 307, headers: { location: elsewhere.url } });
    await create();
    await vi.waitFor(async () => expect((await statusOf('hr'))?.problem?.message).toContain('redirect'));
    expect([receiver.requests.length, elsewhere.requests.length]).toEqual([1, 0]);
  } finally {
    await elsewhere.close();
  }
});

test('a suspended tenant sends nothing, and later what it has kept; a deleted one nothing any more', async () => {
  const { tenants } = scim.directory;
  await tenants.add({ id: 'short', name: 'Short' });
  await streams.add('short', { name: 'hr', form: 'notice', url: receiver.url });
  const administrator = scim.host.app.services.administrator('short');
  const add = async () => (await scim.directory.create(administrator, 'User', newUser())).resource.id;
  await tenants.update('short', { state: 'suspended' });
  const ids = [await add()];
  expect((await streams.list('short'))[0]).toMatchObject({ state: 'suspended', waiting: { count: 1 } });
  await tenants.update('short', { state: 'active' });
  expect(receiver.requests).toEqual([]);
  ids.push(await add());
  await receiver.came(2);
  expect(await subjects('hr')).toEqual(ids);
  const last = add();
  await tenants.delete('short');
  await last;
  await tenants.settled();
  expect(receiver.requests.length).toBeLessThanOrEqual(3);
  await expect(streams.resume('short', 'hr', { skip: false })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('what cannot be a stream is refused, with the field that is wrong', async () => {
  const refused = async (wish: object) => {
    const answer = await streams.add('default', { name: 'x', form: 'notice', ...wish }).then(
      () => undefined,
      ({ issues }: { issues: { path: string }[] }) => issues[0]?.path,
    );
    return [wish, answer];
  };
  for (const url of [
    'http://hr.example.com/',
    'ftp://127.0.0.1/',
    'events',
    'https://user:pass@hr.example.com/',
    'http://127.0.0.1.example.com/',
  ])
    expect(await refused({ url })).toEqual([{ url }, 'url']);
  for (const name of ['', 'Payroll', 'a/b', 'x'.repeat(64)]) expect(await refused({ name })).toEqual([{ name }, 'name']);
  expect((await refused({ authorization: 'Bearer x' }))[1]).toBe('authorization');
  expect((await refused({ url: receiver.url, authorization: 'a\r\nb: c' }))[1]).toBe('authorization');
  expect((await refused({ audience: 'a\u0007' }))[1]).toBe('audience');
  for (const url of ['https://hr.example.com/events', 'http://localhost:1/', 'http://[::1]:1/', 'http://127.1.2.3:1/']) {
    expect(await streams.add('default', { name: 'good', form: 'notice', url })).toMatchObject({ url });
    await streams.remove('default', 'good');
  }
  await streams.add('default', { name: 'twice', form: 'notice' });
  expect((await refused({ name: 'twice' }))[1]).toBe('name');
  await expect(streams.resume('default', 'twice', { skip: false })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  await expect(streams.add('nowhere', { name: 'x', form: 'notice' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('a room of its own', () => {
  let folder: string;
  let directory: Directory;
  const actor: Actor = {
    id: 'x',
    name: 'X',
    kind: 'person',
    door: 'cli',
    tenant: 'default',
    scopes: ['scim:write', 'scim:read'],
  };
  const open = (key: string) =>
    EventStreams.open({
      directory,
      issuer: 'http://127.0.0.1',
      log: pino({ level: 'silent' }),
      sign: async (claims) => JSON.stringify(claims),
      sealing: {
        seal: async (text) => `${key}:${text}`,
        open: async (text) => (text.startsWith(`${key}:`) ? text.slice(key.length + 1) : undefined),
      },
      retries: { attemptsMax: 3, firstDelayMs: 1, delayMaxMs: 2 },
    });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-events-'));
    directory = await Directory.open(join(folder, 'directory.db'));
  });
  afterEach(async () => {
    await directory.close();
    rmSync(folder, { recursive: true });
  });

  test('gives up after so many attempts, and begins anew when it is opened again', async () => {
    const first = await open('k');
    await first.start();
    await first.add('default', { name: 'hr', form: 'notice', url: receiver.url });
    receiver.answers.push({ status: 500 }, { status: 500 }, { status: 502 });
    await directory.create(actor, 'User', newUser());
    await vi.waitFor(async () =>
      expect(await first.list('default')).toMatchObject([
        { state: 'stopped', problem: { message: expect.stringContaining('502') } },
      ]),
    );
    await first.close();
    const second = await open('k');
    expect(await second.list('default')).toMatchObject([
      { waiting: { count: 1 }, problem: { message: expect.stringContaining('502') } },
    ]);
    await second.start();
    await receiver.came(4);
    await vi.waitFor(async () => expect((await second.list('default'))[0]).toMatchObject({ state: 'up to date' }));
    await second.close();
    expect(new Set(receiver.requests.map(({ token }) => token)).size).toBe(1);
    expect(Object.keys(JSON.parse(receiver.requests[0]?.token ?? '{}').events)).toEqual([`${prov}:create:notice`]);
  });

  test('says that a secret which was sealed elsewhere must be set again', async () => {
    const first = await open('k');
    await first.add('default', { name: 'hr', form: 'notice', url: receiver.url, authorization: 'Bearer x' });
    await first.close();
    const second = await open('other');
    await second.start();
    await directory.create(actor, 'User', newUser());
    await vi.waitFor(async () => expect((await second.list('default'))[0]?.problem?.message).toContain('Set it again'));
    expect(receiver.requests).toEqual([]);
    await second.update('default', 'hr', { authorization: 'Bearer y' });
    await receiver.came(1);
    expect(receiver.requests[0]?.headers.authorization).toBe('Bearer y');
    await second.close();
  });
});
