import { hash } from 'node:crypto';

const modulus = 1n << 256n;

/**
 * A digest of a set of ids that follows its changes: the sum, modulo 2^256, of the SHA-256 of each id. So the version of a
 * group of 50,000 is known after one more member without reading the others (docs/decisions/0008). The same members have the
 * same digest, in whatever order they came.
 * @param digest of the set before, in hexadecimal; empty for the empty set.
 * @param added ids that were not in it; @param removed ids that were.
 */
export function changeDigest(digest: string, added: readonly string[], removed: readonly string[]): string {
  let sum = digest === '' ? 0n : BigInt(`0x${digest}`);
  for (const id of added) sum += digestOf(id);
  for (const id of removed) sum -= digestOf(id);
  const rest = ((sum % modulus) + modulus) % modulus;
  return rest === 0n ? '' : rest.toString(16).padStart(64, '0');
}

function digestOf(id: string): bigint {
  return BigInt(`0x${hash('sha256', id, 'hex')}`);
}
