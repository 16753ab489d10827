import type { About } from '../../api/index.ts';

/** @returns where a key that is entered is kept. */
export function keptWhere(about: About | undefined): string {
  if (!about) return 'It is never shown again.';
  return about.keychain.place === 'keychain'
    ? 'It is kept in this system’s keychain, and never shown again.'
    : 'It is kept in the file named-secrets.json in the data folder, readable by your user only, and never shown again.';
}
