import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { askHost } from '../src/main/control.ts';
import { startReceiver, type Receiver } from './events-host.ts';
import { serve } from './killed-host.ts';
import { caller, newUser } from './scim-host.ts';

const program = join(import.meta.dirname, '../src/main/tandem.ts');
let data: string;
let receiver: Receiver;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'tandem-killed-'));
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
  rmSync(data, { recursive: true });
});

const keyFor = async () => {
  const request = { tenant: 'default', scopes: ['scim:read' as const, 'scim:write' as const], name: 'Test' };
  return (await askHost(data, 'access-key', request)).key;
};
const events = async (...args: string[]) => {
  const env = { ...process.env, TANDEM_SECRETS: 'file', LOG_LEVEL: 'error' };
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'events', ...args, '--data', data], { env });
  return stdout;
};

test('a host that is killed repeats nothing that was acknowledged, and loses nothing that was not', async () => {
  let host = await serve(data);
  // Made before the stream, since its agent is a change too.
  const key = await keyFor();
  await events('add', 'polled');
  const poll = async (body: object) => {
    const { status, body: answer } = await caller(host.scim, key)('POST', '/events/polled', { returnImmediately: true, ...body });
    expect(status).toBe(200);
    return Object.keys(answer.sets);
  };
  const create = async () => (await caller(host.scim, key)('POST', '/Users', newUser())).body.id as string;
  for (let index = 0; index < 6; index++) await create();
  const all = await poll({});
  expect(all).toHaveLength(6);
  // With a gap: what is before it and after it must be remembered.
  await poll({ ack: [all[0], all[2], all[5]], maxEvents: 0 });
  await host.kill();
  host = await serve(data);
  const left = [all[1], all[3], all[4]];
  expect(await poll({})).toEqual(left);
  await create();
  // The receipt is answered, and the host killed at once.
  const [last] = await poll({ ack: left });
  await host.kill();
  host = await serve(data);
  expect(await poll({})).toEqual([last]);
  await host.kill();
}, 60_000);

test('a killed host goes on with its pushes, and repeats at most the one that was under way', async () => {
  let host = await serve(data);
  const stream = { tenant: 'default', name: 'pushed', form: 'full' as const, url: receiver.url };
  const key = await keyFor();
  await askHost(data, 'events-add', stream);
  const created: string[] = [];
  for (let kills = 0; kills < 2; kills++) {
    const call = caller(host.scim, key);
    const burst = Array.from({ length: 60 }, async () => (await call('POST', '/Users', newUser())).body.id as string);
    created.push(...(await Promise.all(burst)));
    await receiver.came(created.length - 30);
    await host.kill();
    host = await serve(data);
  }
  await receiver.came(created.length);
  await vi.waitFor(
    async () => expect(await askHost(data, 'events-list', { tenant: 'default' })).toMatchObject([{ state: 'up to date' }]),
    { timeout: 10_000 },
  );
  await host.kill();
  const claims = receiver.requests.map(({ token }) => decodeJwt<{ jti: string; sub_id: { uri: string } }>(token));
  expect(new Set(claims.map(({ sub_id: { uri } }) => uri))).toEqual(new Set(created.map((id) => `/Users/${id}`)));
  expect(new Set(claims.map(({ jti }) => jti)).size).toBe(created.length);
  expect(claims.length - created.length).toBeLessThanOrEqual(2);
}, 60_000);
