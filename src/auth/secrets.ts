import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';
import type { Log } from '../observe/index.ts';
import type { SecretStorage } from './auth.ts';

const secretsSchema = z.object({
  /** Signs access and ID tokens. */
  signingKey: z.looseObject({ kty: z.literal('EC'), crv: z.literal('P-256'), d: z.string(), kid: z.string() }),
  cookieKeys: z.array(z.string().min(20)).min(1),
});
export type Secrets = z.infer<typeof secretsSchema>;

interface Keychain {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
}

const service = 'Tandem';
const keychainMs = 3000;

/**
 * Reads the signing and cookie keys of a data folder, making them on first use: from the system's keychain, or, where there
 * is none, from `secrets.json`, readable by its user only. Keys in the file move to the keychain once there is one.
 * @param storage `file` leaves the keychain alone.
 */
export async function loadSecrets(options: {
  dataDir: string;
  storage: 'auto' | 'file';
  log: Log;
}): Promise<{ secrets: Secrets; storage: SecretStorage }> {
  const file = join(options.dataDir, 'secrets.json');
  const account = createHash('sha256').update(resolve(options.dataDir)).digest('hex').slice(0, 16);
  const fromFile = (): Secrets | undefined =>
    existsSync(file) ? secretsSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
  if (options.storage === 'auto')
    try {
      const keychain = await inTime(loadKeychain());
      const kept = await inTime(keychain.getPassword(service, account));
      const secrets = kept === null ? (fromFile() ?? (await createSecrets())) : secretsSchema.parse(JSON.parse(kept));
      if (kept === null) await inTime(keychain.setPassword(service, account, JSON.stringify(secrets)));
      rmSync(file, { force: true });
      return { secrets, storage: { place: 'keychain', detail: "Signing keys are in this system's keychain." } };
    } catch (error) {
      options.log.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'no keychain: keys are kept in secrets.json',
      );
    }
  const secrets = fromFile() ?? (await createSecrets());
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
  chmodSync(file, 0o600);
  const detail =
    'This system has no keychain that Tandem can use, so signing keys are in secrets.json in the data folder, readable by your user only. ' +
    'They move to the keychain once there is one.';
  return { secrets, storage: { place: 'file', detail } };
}

/** Loaded late: its native part cannot even be loaded where the system's secret library is missing. */
async function loadKeychain(): Promise<Keychain> {
  const { default: keytar } = (await import('keytar')) as unknown as { default: Keychain };
  return keytar;
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => reject(new Error('the keychain does not answer')), keychainMs);
    work.then(resolve, reject).finally(() => clearTimeout(timeout));
  });
}

async function createSecrets(): Promise<Secrets> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const kid = randomBytes(8).toString('base64url');
  const signingKey = { ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' };
  return secretsSchema.parse({ signingKey, cookieKeys: [randomBytes(32).toString('base64url')] });
}
