import { BlockList, isIP } from 'node:net';

/** Addresses of this machine and of private networks (RFC 1918, RFC 4193, link-local). */
const near = new BlockList();
near.addSubnet('127.0.0.0', 8);
near.addSubnet('10.0.0.0', 8);
near.addSubnet('172.16.0.0', 12);
near.addSubnet('192.168.0.0', 16);
near.addSubnet('169.254.0.0', 16);
near.addAddress('::1', 'ipv6');
near.addSubnet('fc00::', 7, 'ipv6');
near.addSubnet('fe80::', 10, 'ipv6');

/**
 * Says why an address may not be used: what is sent there, keys included, can be read on the way where it is plain http to a
 * host that is not near.
 * @param plainHttp the person has allowed it for this address.
 * @returns undefined if it may be used.
 */
export function refusedAddress(address: string, plainHttp: boolean | undefined): string | undefined {
  if (!URL.canParse(address)) return 'This is not an address.';
  const { protocol, hostname, username, password } = new URL(address);
  if (protocol !== 'https:' && protocol !== 'http:') return 'The address must begin with https:// or http://.';
  if (username !== '' || password !== '')
    return 'Leave the name and the password out of the address; a key has a place of its own.';
  if (protocol === 'https:' || plainHttp || isNear(hostname)) return undefined;
  return `http:// to ${hostname} can be read by others on the way. Use https://, or allow plain http for this address.`;
}

function isNear(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return near.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
  return host === 'localhost' || host.endsWith('.localhost') || host.endsWith('.local');
}

/** Thrown instead of following a redirect. */
export class RedirectRefused extends Error {}

/**
 * A fetch that goes nowhere else: a redirect could carry a key and the conversation to another host, so none is followed.
 * @throws RedirectRefused which names where it would have gone.
 */
export const fetchHere: typeof fetch = async (input, init) => {
  const response = await fetch(input, { ...init, redirect: 'manual' });
  if (response.status < 300 || response.status > 399 || response.status === 304) return response;
  await response.body?.cancel();
  const to = response.headers.get('location') ?? 'an address that it does not name';
  throw new RedirectRefused(`The address redirects to ${to}. If that is right, put it into the settings instead.`);
};
