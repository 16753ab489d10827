import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadSecrets } from './secrets.ts';

/** The system's own keychain is not there in every place where tests run; this one can also misbehave. */
const keychain = vi.hoisted(() => ({
  entries: new Map<string, string>(),
  mode: 'works' as 'works' | 'absent' | 'silent' | 'forgets',
}));
vi.mock('keytar', () => {
  const answer = <T>(value: () => T): Promise<T> => {
    if (keychain.mode === 'silent') return new Promise(() => {});
    if (keychain.mode === 'absent') return Promise.reject(new Error('no secret service'));
    return Promise.resolve(value());
  };
  return {
    default: {
      getPassword: (service: string, account: string) => answer(() => keychain.entries.get(`${service}/${account}`) ?? null),
      setPassword: (service: string, account: string, text: string) =>
        answer(() => void (keychain.mode === 'works' && keychain.entries.set(`${service}/${account}`, text))),
    },
  };
});

let dataDir: string;
const log = pino({ level: 'silent' });
const load = (storage: 'auto' | 'file' = 'auto') => loadSecrets({ dataDir, storage, log });
const file = () => join(dataDir, 'secrets.json');

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tandem-auth-secrets-'));
  keychain.entries.clear();
  keychain.mode = 'works';
});
afterEach(() => {
  rmSync(dataDir, { recursive: true });
});

describe('with a keychain', () => {
  test('keys are in it, the same at each start, and in no file', async () => {
    const first = await load();
    expect(first.storage.place).toBe('keychain');
    expect((await load()).secrets).toEqual(first.secrets);
    expect(existsSync(file())).toBe(false);
  });

  test('two data folders have two entries', async () => {
    const first = await load();
    const other = dataDir;
    dataDir = mkdtempSync(join(tmpdir(), 'tandem-auth-secrets-'));
    expect((await load()).secrets).not.toEqual(first.secrets);
    expect([...keychain.entries.keys()].filter((name) => name.startsWith('Tandem/'))).toHaveLength(2);
    rmSync(other, { recursive: true });
  });

  test('keys move to it from the file, which goes', async () => {
    const before = await load('file');
    expect((await load()).secrets).toEqual(before.secrets);
    expect(existsSync(file())).toBe(false);
    expect((await load()).secrets).toEqual(before.secrets);
  });

  test('one that forgets does not get the only copy', async () => {
    const before = await load('file');
    keychain.mode = 'forgets';
    expect(await load()).toMatchObject({ secrets: before.secrets, storage: { place: 'file' } });
    expect(existsSync(file())).toBe(true);
  });

  test('a damaged entry is not replaced', async () => {
    await load();
    for (const name of keychain.entries.keys()) keychain.entries.set(name, '{"signingKey":');
    await expect(load()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('keychain is damaged') });
    expect([...keychain.entries.values()]).toEqual(['{"signingKey":']);
  });
});

describe('without one', () => {
  test.each(['absent', 'silent'] as const)('(%s) keys are in a file for its user only, which is said', async (mode) => {
    keychain.mode = mode;
    const first = await load();
    expect(first.storage).toMatchObject({ place: 'file', detail: expect.stringContaining('secrets.json') });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    keychain.mode = 'absent';
    expect((await load()).secrets).toEqual(first.secrets);
  });

  test('a file open to others is closed', async () => {
    await load('file');
    chmodSync(file(), 0o644);
    await load('file');
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test('a damaged file is not replaced', async () => {
    writeFileSync(file(), '{}');
    for (const storage of ['file', 'auto'] as const)
      await expect(load(storage)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining(file()) });
    expect(readFileSync(file(), 'utf8')).toBe('{}');
  });
});
