import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import type { Secrets } from './secrets.ts';

/** Encrypts texts that others keep, with a key that only this data folder's secrets give. */
export interface Sealing {
  seal(text: string): Promise<string>;
  /** @returns undefined for what was not sealed with the secrets that this data folder has now. */
  open(sealed: string): Promise<string | undefined>;
}

/** Seals with AES-256-GCM (RFC 7516, `dir`), with a key derived from the newest cookie key (HKDF, RFC 5869). */
export function createSealing(secrets: () => Secrets): Sealing {
  const keysNow = () => {
    const { cookieKeys, sealingKeys = cookieKeys } = secrets();
    return sealingKeys.map((key) => new Uint8Array(hkdfSync('sha256', key, '', 'tandem sealing', 32)));
  };
  return {
    async seal(text) {
      const [newest] = keysNow();
      if (!newest) throw new Error('there is always a cookie key');
      const header = { alg: 'dir', enc: 'A256GCM' };
      return new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(header).encrypt(newest);
    },
    async open(sealed) {
      for (const key of keysNow())
        try {
          return new TextDecoder().decode((await compactDecrypt(sealed, key)).plaintext);
        } catch {
          // Another key may fit.
        }
      return undefined;
    },
  };
}
