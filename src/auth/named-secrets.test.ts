import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openNamedSecrets } from './named-secrets.ts';

/** The system's own keychain is not there in every place where tests run. */
const keychain = vi.hoisted(() => ({ entries: new Map<string, string>(), works: true }));
vi.mock('keytar', () => {
  const answer = async <T>(value: () => T): Promise<T> => {
    if (!keychain.works) throw new Error('locked');
    return value();
  };
  return {
    default: {
      getPassword: (service: string, account: string) => answer(() => keychain.entries.get(`${service}/${account}`) ?? null),
      setPassword: (service: string, account: string, text: string) =>
        answer(() => void keychain.entries.set(`${service}/${account}`, text)),
      deletePassword: (service: string, account: string) => answer(() => keychain.entries.delete(`${service}/${account}`)),
    },
  };
});

let dataDir: string;
const log = pino({ level: 'silent' });
const open = (place: 'keychain' | 'file') => openNamedSecrets({ dataDir, place, log });
const file = () => join(dataDir, 'named-secrets.json');

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tandem-named-secrets-'));
  keychain.entries.clear();
  keychain.works = true;
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test.each(['keychain', 'file'] as const)('are kept by name in the %s, replaced and deleted', async (place) => {
  const secrets = await open(place);
  await Promise.all([secrets.set('model/a', 'one'), secrets.set('model/b', 'two')]);
  await secrets.set('model/a', 'three');
  expect(await (await open(place)).get('model/a')).toBe('three');
  expect(await secrets.get('model/b')).toBe('two');
  await secrets.delete('model/a');
  expect(await secrets.get('model/a')).toBeUndefined();
  expect(existsSync(file())).toBe(place === 'file');
});

test('the file is for its user only, and one that is damaged is not replaced', async () => {
  const secrets = await open('file');
  await secrets.set('model/a', 'one');
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  writeFileSync(file(), '{"model/a": 1}');
  await expect(secrets.set('model/b', 'two')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(readFileSync(file(), 'utf8')).toBe('{"model/a": 1}');
});

test('they move from the file to the keychain, and stay where they are if it is locked', async () => {
  await (await open('file')).set('model/a', 'one');
  keychain.works = false;
  expect(await (await open('keychain')).get('model/a')).toBe('one');
  keychain.works = true;
  expect(await (await open('keychain')).get('model/a')).toBe('one');
  expect(readFileSync(file(), 'utf8')).toBe('{}');
});

test('a locked keychain is said, and two folders have two entries', async () => {
  const secrets = await open('keychain');
  await secrets.set('model/a', 'one');
  dataDir = mkdtempSync(join(tmpdir(), 'tandem-named-secrets-'));
  expect(await (await open('keychain')).get('model/a')).toBeUndefined();
  keychain.works = false;
  await expect(secrets.get('model/a')).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('Unlock') });
});
