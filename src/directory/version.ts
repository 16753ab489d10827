import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { DirectoryError } from './errors.ts';
import { limits } from './limits.ts';
import type { Resource } from './resource.ts';

/**
 * The version of a resource's content (seed 001, "Technical Details"; DESIGN.md decision 1): standard base64 of the first
 * 8 bytes of SHA-256 over its canonical JSON (RFC 8785), without `meta`. The same content has the same version, whatever
 * the order of its keys. The members of a group count by their digest (member-digest.ts).
 * @throws DirectoryError TOO_LARGE above `limits.resourceBytesMax`.
 */
export function versionOf(resource: Resource, memberDigest = ''): string {
  const { meta: _meta, ...content } = resource;
  const text = canonicalize(memberDigest === '' ? content : { ...content, members: memberDigest }) ?? '';
  if (text.length > limits.resourceBytesMax)
    throw new DirectoryError(
      'TOO_LARGE',
      `The record is ${text.length} characters long; at most ${limits.resourceBytesMax} can be stored.`,
    );
  return createHash('sha256').update(text).digest().subarray(0, 8).toString('base64');
}

const raw = /^[A-Za-z0-9+/=_.-]{1,128}$/;
/** What versionOf makes. One in 4096 of these begins with `W/`, as an ETag does. */
const served = /^[A-Za-z0-9+/]{11}=$/;

/**
 * Checks that a caller's expected version has the raw form of seed 001: an identifier without quotes. A raw string that
 * the directory never served is well-formed; it is a mismatch, not a format error.
 * @throws DirectoryError INVALID_VERSION_FORMAT for anything else, the ETag form `W/"…"` included.
 */
export function parseVersion(version: string): string {
  if (served.test(version) || (raw.test(version) && !version.startsWith('W/'))) return version;
  throw new DirectoryError(
    'INVALID_VERSION_FORMAT',
    `Invalid expected_version format: '${version.slice(0, 64)}'. Use raw version (e.g., 'abc123def').`,
  );
}
