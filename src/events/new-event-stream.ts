import { DirectoryError, type EventStream } from '../directory/index.ts';
import { streamLimits } from './limits.ts';

/** A stream as it is asked for. */
export interface NewEventStream {
  name: string;
  /** Whom its tokens are for; absent for its name. */
  audience?: string | undefined;
  form: EventStream['form'];
  /** Where events are sent; absent for a receiver that asks for them. */
  url?: string | undefined;
  /** The value of the Authorization header with which they are sent. */
  authorization?: string | undefined;
}

/** @throws DirectoryError INVALID_ARGUMENT. */
export function nameFrom(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) return text;
  return refuse('name', 'Give 1 to 63 lower-case letters, digits and hyphens; a letter or digit comes first.');
}

/** @throws DirectoryError INVALID_ARGUMENT. */
export function audienceFrom(text: string): string {
  if (text.length <= streamLimits.audienceLengthMax && !/[\p{Cc}\p{Cf}]/u.test(text) && text.isWellFormed()) return text;
  return refuse('audience', `Give at most ${streamLimits.audienceLengthMax} visible characters.`);
}

/**
 * Checks an address to which events are pushed: https, or http on this computer (RFC 8935 §3 wants TLS), without a sign-in in it.
 * @returns the address as it is used. @throws DirectoryError INVALID_ARGUMENT.
 */
export function pushUrlFrom(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || text.length > streamLimits.urlLengthMax)
    return refuse('url', 'Give a web address, such as https://hr.example.com/events.');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))
    return refuse('url', 'Give an address that begins with https://. Plain http:// is for receivers on this computer only.');
  if (url.username !== '' || url.password !== '')
    return refuse('url', 'Leave the user name and the password out of the address; give them as the Authorization value.');
  url.hash = '';
  return url.href;
}

/** @returns the value of an Authorization header. @throws DirectoryError INVALID_ARGUMENT. */
export function authorizationFrom(text: string): string {
  const value = text.trim();
  if (value.length > streamLimits.authorizationLengthMax || !/^[\x21-\x7e][\x20-\x7e]*$/.test(value))
    return refuse('authorization', 'Give the whole value of the header in one line of ASCII, such as Bearer and a token.');
  return value;
}

export function refuse(path: string, message: string): never {
  throw new DirectoryError('INVALID_ARGUMENT', `${path}: ${message}`, { issues: [{ path, message }] });
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
