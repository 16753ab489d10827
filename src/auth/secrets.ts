import { createHash, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';
import { DirectoryError } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import type { SecretStorage } from './auth.ts';
import { inTime, keychainService, loadKeychain } from './keychain.ts';
import { readPrivate, systemCode, writePrivate } from './private-file.ts';

const signingKeySchema = z.looseObject({ kty: z.literal('EC'), crv: z.literal('P-256'), d: z.string(), kid: z.string() });

const secretsSchema = z.object({
  /** Signs access and ID tokens. */
  signingKey: signingKeySchema,
  /** When it was made (RFC 3339); absent for one that was made before this was kept. */
  since: z.string().optional(),
  /** Those before it, until their tokens have ended, in milliseconds since the epoch. */
  retiredKeys: z.array(z.object({ key: signingKeySchema, until: z.number() })).default([]),
  cookieKeys: z.array(z.string().min(20)).min(1),
  /** Where cookie keys were rotated: all that ever sealed something, the newest first. */
  sealingKeys: z.array(z.string().min(20)).min(1).optional(),
});
export type Secrets = z.infer<typeof secretsSchema>;

/**
 * Reads the signing and cookie keys of a data folder, making them on first use: from the system's keychain, or, where there
 * is none, from `secrets.json`, readable by its user only. Keys in the file move to the keychain once there is one.
 * @param storage `file` leaves the keychain alone.
 * @throws DirectoryError UNAVAILABLE if what is kept is damaged; it is never replaced silently.
 */
export async function loadSecrets(options: {
  dataDir: string;
  storage: 'auto' | 'file';
  log: Log;
}): Promise<{ secrets: Secrets; storage: SecretStorage; save: (secrets: Secrets) => Promise<void> }> {
  const path = join(options.dataDir, 'secrets.json');
  const inFile = await readFile(path);
  const fresh = inFile ?? (await createSecrets());
  const inKeychain = options.storage === 'auto' ? await useKeychain(options, inFile, fresh) : undefined;
  if (inKeychain) {
    await rm(path, { force: true });
    return {
      secrets: inKeychain,
      storage: { place: 'keychain', detail: "Signing keys are in this system's keychain." },
      save: (secrets) => saveInKeychain(options.dataDir, secrets),
    };
  }
  if (!inFile) await writePrivate(path, JSON.stringify(fresh));
  const where = 'signing keys are in the file secrets.json in the data folder, readable by your user only';
  const detail =
    options.storage === 'file'
      ? `Tandem was told to leave the keychain alone: ${where}.`
      : `Tandem can use no keychain on this system: ${where}. They move to the keychain when Tandem starts and finds one.`;
  const save = (secrets: Secrets) =>
    writePrivate(path, JSON.stringify(secrets)).catch((error: unknown) => {
      throw new DirectoryError('UNAVAILABLE', `${path} cannot be written (${systemCode(error) ?? 'unknown reason'}).`, {
        cause: error,
      });
    });
  return { secrets: fresh, storage: { place: 'file', detail }, save };
}

async function readFile(path: string): Promise<Secrets | undefined> {
  try {
    const text = await readPrivate(path);
    return text === undefined ? undefined : secretsSchema.parse(JSON.parse(text));
  } catch (error) {
    const code = systemCode(error);
    const message =
      code === undefined
        ? `${path} is damaged. Restore it from a backup, or delete it: then Tandem makes new signing keys.`
        : `${path} cannot be read (${code}). Make it readable for this user, then start again.`;
    throw new DirectoryError('UNAVAILABLE', message, { cause: error });
  }
}

/**
 * @param inFile what a start without keychain has left behind; newer than what the keychain may have.
 * @param fresh what to put into an empty keychain.
 * @returns undefined if there is no keychain that works.
 */
async function useKeychain(
  { dataDir, log }: { dataDir: string; log: Log },
  inFile: Secrets | undefined,
  fresh: Secrets,
): Promise<Secrets | undefined> {
  const account = accountOf(dataDir);
  let kept: string | null;
  try {
    const keychain = await inTime(loadKeychain());
    kept = inFile ? null : await inTime(keychain.getPassword(keychainService, account));
    if (kept === null) {
      await inTime(keychain.setPassword(keychainService, account, JSON.stringify(fresh)));
      // The file is deleted next, so what the keychain says it has taken is read back.
      kept = await inTime(keychain.getPassword(keychainService, account));
    }
    if (kept === null) throw new Error('the keychain did not keep what was put into it');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.warn({ reason }, 'the keychain cannot be used, so keys are kept in secrets.json');
    return undefined;
  }
  try {
    return secretsSchema.parse(JSON.parse(kept));
  } catch (error) {
    const message = `The entry '${keychainService}' (account ${account}) of this system's keychain is damaged. Delete it: then Tandem makes new signing keys.`;
    throw new DirectoryError('UNAVAILABLE', message, { cause: error });
  }
}

/** Several data folders of one user must not share, or overwrite, each other's keys. */
function accountOf(dataDir: string): string {
  return createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16);
}

async function saveInKeychain(dataDir: string, secrets: Secrets): Promise<void> {
  try {
    const keychain = await inTime(loadKeychain());
    await inTime(keychain.setPassword(keychainService, accountOf(dataDir), JSON.stringify(secrets)));
  } catch (error) {
    throw new DirectoryError('UNAVAILABLE', "This system's keychain did not take the new keys. Unlock it, then try again.", {
      cause: error,
    });
  }
}

async function createSecrets(): Promise<Secrets> {
  return {
    signingKey: await newSigningKey(),
    since: new Date().toISOString(),
    retiredKeys: [],
    cookieKeys: [newCookieKey()],
  };
}

export async function newSigningKey(): Promise<Secrets['signingKey']> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const kid = randomBytes(8).toString('base64url');
  return signingKeySchema.parse({ ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' });
}

export function newCookieKey(): string {
  return randomBytes(32).toString('base64url');
}
