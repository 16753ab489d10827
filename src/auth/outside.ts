import { lookup as systemLookup } from 'node:dns';
import { request, type Agent, type RequestOptions } from 'node:https';
import { BlockList, isIP, isIPv6 } from 'node:net';

const bytesMax = 16 * 1024;
const timeoutMs = 5000;

/** Addresses that are not of the public internet (IANA special-purpose registries, RFC 6890). */
const special = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(net, prefix, 'ipv4');
/** Of IPv6 only this is given out for the public internet, without what carries other addresses inside. */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  special.addSubnet(net, prefix, 'ipv6');

/** Whether an IP address is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  if (isIPv6(address)) return global6.check(address, 'ipv6') && !special.check(address, 'ipv6');
  return isIP(address) === 4 && !special.check(address, 'ipv4');
}

type Lookup = NonNullable<RequestOptions['lookup']>;

/**
 * Makes the only way in which the authorization server asks another: for a document of a client that names itself by its
 * address. Https only, no redirects, to public addresses only, as they are at the moment of connecting; 16 KB, 5 s.
 * @param options.lookup how names are found; `ca` whom to trust; `agent` what connects: all as in Node's https.
 */
export function createOutsideFetch(options: { lookup?: Lookup; ca?: string; agent?: Agent } = {}) {
  const find = options.lookup ?? systemLookup;
  const lookup: Lookup = (hostname, how, done) => {
    find(hostname, { ...how, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : [];
      if (error) return done(error, '');
      if (addresses.length === 0 || addresses.some(({ address }) => !isPublicAddress(address)))
        return done(new Error('the name leads to no public address'), '');
      if (how.all) return done(null, addresses);
      const [first] = addresses;
      done(null, first?.address ?? '', first?.family);
    });
  };
  return (address: string | URL | Request): Promise<Response> =>
    new Promise((resolve, reject) => {
      const url = new URL(address instanceof Request ? address.url : address);
      if (url.protocol !== 'https:') return reject(new Error('only https is asked'));
      const host = url.hostname.replace(/^\[|\]$/g, '');
      if (isIP(host) && !isPublicAddress(host)) return reject(new Error('the address is not public'));
      const asked = request(
        url,
        {
          lookup,
          ...(options.ca !== undefined && { ca: options.ca }),
          headers: { accept: 'application/json' },
          agent: options.agent ?? false,
          signal: AbortSignal.timeout(timeoutMs),
        },
        (response) => {
          const pieces: Buffer[] = [];
          let size = 0;
          response.on('data', (piece: Buffer) => {
            size += piece.length;
            if (size > bytesMax) asked.destroy(new Error('the document is too large'));
            else pieces.push(piece);
          });
          response.on('error', reject);
          response.on('end', () => {
            const headers = new Headers();
            for (const [name, value] of Object.entries(response.headers)) if (typeof value === 'string') headers.set(name, value);
            const status = response.statusCode ?? 502;
            resolve(new Response(status === 204 || status === 304 ? null : Buffer.concat(pieces), { status, headers }));
          });
        },
      );
      asked.on('error', reject);
      asked.end();
    });
}
