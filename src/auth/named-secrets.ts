import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { DirectoryError } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import type { SecretStorage } from './auth.ts';
import { inTime, keychainService, loadKeychain } from './keychain.ts';
import { readPrivate, systemCode, writePrivate } from './private-file.ts';

/** Secrets of other services that a person gives to Tandem, such as keys of language models, by name. */
export interface NamedSecrets {
  /** @throws DirectoryError UNAVAILABLE if what is kept cannot be read. */
  get(name: string): Promise<string | undefined>;
  /** Resolves when it is kept. @throws DirectoryError UNAVAILABLE. */
  set(name: string, secret: string): Promise<void>;
  delete(name: string): Promise<void>;
}

const fileSchema = z.record(z.string(), z.string());

/**
 * Opens the named secrets of a data folder, where its other secrets are: an entry for each in the system's keychain, or
 * `named-secrets.json`, readable by its user only. Those in the file move to the keychain once there is one.
 */
export async function openNamedSecrets(options: {
  dataDir: string;
  place: SecretStorage['place'];
  log: Log;
}): Promise<NamedSecrets> {
  const path = join(options.dataDir, 'named-secrets.json');
  const inFile = fileSecrets(path);
  if (options.place === 'file') return inFile;
  const inKeychain = keychainSecrets(options.dataDir);
  try {
    for (const name of await inFile.names()) {
      const secret = await inFile.get(name);
      if (secret !== undefined) await inKeychain.set(name, secret);
      await inFile.delete(name);
    }
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    options.log.warn({ reason: error.message }, 'secrets could not be moved to the keychain; they stay in their file');
    return inFile;
  }
  return inKeychain;
}

function fileSecrets(path: string): NamedSecrets & { names(): Promise<string[]> } {
  let last: Promise<unknown> = Promise.resolve();
  const read = async (): Promise<Map<string, string>> => {
    try {
      const text = await readPrivate(path);
      return new Map(Object.entries(text === undefined ? {} : fileSchema.parse(JSON.parse(text))));
    } catch (error) {
      const reason = systemCode(error) ?? 'it is damaged';
      throw new DirectoryError(
        'UNAVAILABLE',
        `${path} cannot be read (${reason}). Restore it, or delete it and enter the keys again.`,
        { cause: error },
      );
    }
  };
  const change = (work: (secrets: Map<string, string>) => void): Promise<void> => {
    const next = last.then(async () => {
      const secrets = await read();
      work(secrets);
      await writePrivate(path, JSON.stringify(Object.fromEntries(secrets))).catch((error: unknown) => {
        throw new DirectoryError('UNAVAILABLE', `${path} cannot be written (${systemCode(error) ?? 'unknown'}).`, {
          cause: error,
        });
      });
    });
    last = next.catch(() => {});
    return next;
  };
  return {
    names: async () => [...(await read()).keys()],
    get: async (name) => {
      await last;
      return (await read()).get(name);
    },
    set: (name, secret) => change((secrets) => secrets.set(name, secret)),
    delete: (name) => change((secrets) => secrets.delete(name)),
  };
}

function keychainSecrets(dataDir: string): NamedSecrets {
  // Several data folders of one user have secrets of their own.
  const folder = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16);
  const accountOf = (name: string) => `${folder} ${name}`;
  const use = async <T>(work: (keychain: Awaited<ReturnType<typeof loadKeychain>>) => Promise<T>): Promise<T> => {
    try {
      return await inTime(loadKeychain().then(work));
    } catch (error) {
      throw new DirectoryError('UNAVAILABLE', "This system's keychain does not answer. Unlock it, then try again.", {
        cause: error,
      });
    }
  };
  return {
    get: async (name) => (await use((keychain) => keychain.getPassword(keychainService, accountOf(name)))) ?? undefined,
    set: (name, secret) => use((keychain) => keychain.setPassword(keychainService, accountOf(name), secret)),
    delete: async (name) => void (await use((keychain) => keychain.deletePassword(keychainService, accountOf(name)))),
  };
}
