import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Directory } from '../directory/index.ts';
import { AccessKeys } from './access-keys.ts';
import { Agents } from './agents.ts';
import { AuthStore, storeLimits } from './store.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-auth-store-'));
  path = join(folder, 'auth.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const grant = { tenant: 'default', clientId: 'c', clientName: 'C', account: 'administrator', scopes: ['scim:read' as const] };

async function addGrant(store: AuthStore, id: string, clientId = 'c'): Promise<void> {
  await store.adapter('Grant').upsert(id, { jti: id, clientId }, 1000);
  await store.addGrant(id, { ...grant, clientId });
}

test('what was acknowledged is in the file, for its user only', async () => {
  writeFileSync(path, JSON.stringify({ keys: [], grants: {}, records: {} }), { mode: 0o644 });
  const store = await AuthStore.open(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await Promise.all(Array.from({ length: 50 }, (_, index) => addGrant(store, `g${index}`)));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const again = await AuthStore.open(path);
  for (let index = 0; index < 50; index++) expect(again.grant(`g${index}`)).toMatchObject(grant);
});

test.each([
  ['half a file', '{"keys":'],
  ['something else', '{"keys":[1],"grants":{},"records":{}}'],
  ['nothing', ''],
])('%s is refused with its name, and stays as it is', async (_name, text) => {
  writeFileSync(path, text);
  await expect(AuthStore.open(path)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining(path) });
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('a write that fails is said, changes no key, and the next one works', async () => {
  const directory = await Directory.open(join(folder, 'directory.db'));
  const store = await AuthStore.open(path);
  const keys = new AccessKeys(store, directory, new Agents(directory, pino({ enabled: false })));
  const request = { tenant: 'default', scopes: ['scim:read' as const], name: 'Nightly' };
  const { key, id } = await keys.api.create(request);
  // A folder in the place of the file that is written first: the disk refuses.
  mkdirSync(`${path}.new`);
  await expect(keys.api.create(request)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(keys.api.revoke(id)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(keys.find(key)).toBeUndefined();
  expect(keys.api.list()).toMatchObject([{ id }]);
  rmSync(`${path}.new`, { recursive: true });
  expect(await keys.api.revoke(id)).toBe(true);
  await keys.api.create(request);
  expect((await AuthStore.open(path)).keys).toHaveLength(1);
  await directory.close();
});

describe('what grows is bounded', () => {
  test('clients: the oldest without access go first', async () => {
    const store = await AuthStore.open(path);
    const clients = store.adapter('Client');
    const add = (id: string) => clients.upsert(id, { clientId: id }, 0);
    await add('used');
    await addGrant(store, 'g', 'used');
    await Promise.all(Array.from({ length: storeLimits.clients }, (_, index) => add(`client-${index}`)));
    expect(await clients.find('used')).toBeDefined();
    expect(await clients.find('client-0')).toBeUndefined();
    expect(await clients.find('client-1')).toBeDefined();
  });

  test('grants: the oldest ends, with its refresh tokens', async () => {
    const store = await AuthStore.open(path);
    await addGrant(store, 'first');
    const tokens = store.adapter('RefreshToken');
    await tokens.upsert('token', { jti: 'token', grantId: 'first' }, 1000);
    await Promise.all(Array.from({ length: storeLimits.grants }, (_, index) => addGrant(store, `g${index}`)));
    await store.adapter('Grant').upsert('last', { jti: 'last' }, 1000);
    expect(store.grant('first')).toBeUndefined();
    expect(await tokens.find('token')).toBeUndefined();
    expect(store.grant(`g${storeLimits.grants - 1}`)).toBeDefined();
  });

  test('used refresh tokens: the last ones are known, to see their reuse', async () => {
    const store = await AuthStore.open(path);
    const tokens = store.adapter('RefreshToken');
    for (let index = 0; index < storeLimits.usedRefreshTokens + 5; index++) {
      await tokens.upsert(`t${index}`, { jti: `t${index}`, grantId: 'g' }, 1000);
      await tokens.consume(`t${index}`);
    }
    await tokens.upsert('now', { jti: 'now', grantId: 'g' }, 1000);
    expect(await tokens.find('t4')).toBeUndefined();
    expect(await tokens.find('t5')).toMatchObject({ consumed: expect.any(Number) });
    expect(await tokens.find('now')).toMatchObject({ jti: 'now' });
  });

  test('an expired grant ends by itself', async () => {
    const store = await AuthStore.open(path);
    await store.adapter('Grant').upsert('g', { jti: 'g' }, 0.001);
    await store.addGrant('g', grant);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await AuthStore.open(path)).grant('g')).toBeUndefined();
  });
});

test.skipIf(process.getuid?.() === 0)('a file that cannot be read is not called damaged', async () => {
  mkdirSync(join(folder, 'locked'));
  writeFileSync(join(folder, 'locked', 'auth.json'), '{}');
  chmodSync(join(folder, 'locked'), 0);
  const opened = AuthStore.open(join(folder, 'locked', 'auth.json'));
  await expect(opened).rejects.toMatchObject({ message: expect.stringContaining('EACCES') });
  chmodSync(join(folder, 'locked'), 0o700);
});
