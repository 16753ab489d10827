import { importJWK, SignJWT, type CryptoKey, type JWTHeaderParameters } from 'jose';
import type { Log } from '../observe/index.ts';
import { loadSecrets, newCookieKey, newSigningKey, type Secrets } from './secrets.ts';
import type { SecretStorage } from './auth.ts';

/** Longer than any token that a signing key has signed lives, and than receivers of change events keep what they have read. */
export const retiredKeySeconds = 3600;
/** The newest signs cookies; the one before still opens what browsers have. */
const cookieKeysMax = 2;

/** The signing and cookie keys of a data folder, and their rotation. */
export class Keyring {
  #secrets: Secrets;
  readonly storage: SecretStorage;
  readonly #save: (secrets: Secrets) => Promise<void>;
  readonly #imported = new Map<string, Promise<CryptoKey | Uint8Array>>();
  #expiry: NodeJS.Timeout | undefined;
  /** Told when which keys there are has changed. */
  onChanged: (() => void) | undefined;

  private constructor(secrets: Secrets, storage: SecretStorage, save: (secrets: Secrets) => Promise<void>) {
    this.#secrets = secrets;
    this.storage = storage;
    this.#save = save;
    this.#expire();
  }

  /** @throws DirectoryError UNAVAILABLE, see loadSecrets. */
  static async open(options: { dataDir: string; storage: 'auto' | 'file'; log: Log }): Promise<Keyring> {
    const { secrets, storage, save } = await loadSecrets(options);
    return new Keyring(secrets, storage, save);
  }

  get secrets(): Secrets {
    return this.#secrets;
  }

  /** The key that signs, and those before it whose tokens may still live. */
  get signingKeys(): Secrets['signingKey'][] {
    return [this.#secrets.signingKey, ...this.#retired().map(({ key }) => key)];
  }

  #retired() {
    return this.#secrets.retiredKeys.filter(({ until }) => until > Date.now());
  }

  /** When the key that signs was made; undefined for one from before that was noted. */
  get since(): string | undefined {
    return this.#secrets.since;
  }

  /**
   * Makes a new signing key and a new cookie key. What the old ones have signed is good for another hour; what was sealed
   * with them can always be opened.
   * @throws DirectoryError UNAVAILABLE if they cannot be kept; then the old ones stay.
   */
  async rotate(): Promise<void> {
    const { signingKey, cookieKeys, sealingKeys = cookieKeys } = this.#secrets;
    const cookieKey = newCookieKey();
    const until = Date.now() + retiredKeySeconds * 1000;
    const next: Secrets = {
      signingKey: await newSigningKey(),
      since: new Date().toISOString(),
      retiredKeys: [{ key: signingKey, until }, ...this.#retired()],
      cookieKeys: [cookieKey, ...cookieKeys].slice(0, cookieKeysMax),
      sealingKeys: [cookieKey, ...sealingKeys],
    };
    await this.#save(next);
    this.#secrets = next;
    this.#expire();
    this.onChanged?.();
  }

  /** What is not verified with any more is not shown any more. */
  #expire(): void {
    clearTimeout(this.#expiry);
    const ends = this.#retired().map(({ until }) => until);
    if (ends.length === 0) return;
    const expire = () => {
      this.#expire();
      this.onChanged?.();
    };
    this.#expiry = setTimeout(expire, Math.min(...ends) - Date.now() + 1).unref();
  }

  /** Finds the public key that a token names; the one that signs now where it names none. @throws if there is none. */
  async verifyingKey({ kid }: JWTHeaderParameters): Promise<CryptoKey | Uint8Array> {
    const key = kid === undefined ? this.#secrets.signingKey : this.signingKeys.find((each) => each.kid === kid);
    if (!key) throw new Error('unknown key');
    const { d: _private, ...publicKey } = key;
    return this.#import(`public ${key.kid}`, publicKey);
  }

  async sign(claims: Record<string, unknown>, typ: string): Promise<string> {
    const { signingKey } = this.#secrets;
    const key = await this.#import(`private ${signingKey.kid}`, signingKey);
    return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: signingKey.kid, typ }).sign(key);
  }

  #import(name: string, key: Record<string, unknown>): Promise<CryptoKey | Uint8Array> {
    const known = this.#imported.get(name);
    if (known) return known;
    const imported = importJWK(key, 'ES256');
    this.#imported.set(name, imported);
    return imported;
  }

  close(): void {
    clearTimeout(this.#expiry);
  }
}
