import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';

/** The claims of a verified security event token. */
export interface Received extends JWTPayload {
  jti: string;
  txn: string;
  sub_id: { format: string; uri: string; externalId?: string };
  // oxlint-disable-next-line typescript/no-explicit-any -- payloads are held against expectations, not types
  events: Record<string, any>;
}

/** Verifies tokens as a receiver does: against the keys that the issuer shows. */
export function verifier(issuer: string): (token: string, audience: string) => Promise<Received> {
  const keys = createRemoteJWKSet(new URL(`${issuer}/oauth/jwks`));
  return async (token, audience) => {
    const { payload } = await jwtVerify(token, keys, { issuer, audience, typ: 'secevent+jwt', algorithms: ['ES256'] });
    return payload as Received;
  };
}

export interface Receiver {
  url: string;
  /** What came, whatever it was answered. */
  requests: { headers: IncomingHttpHeaders; token: string }[];
  /** What comes next is answered so; 202 once these are used up. */
  answers: { status: number; body?: object; headers?: Record<string, string> }[];
  /** Resolves when so many requests have come in all. */
  came(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A receiver of pushed events (RFC 8935 §2), on this computer. */
export async function startReceiver(): Promise<Receiver> {
  const requests: Receiver['requests'] = [];
  const answers: Receiver['answers'] = [];
  let look = () => {};
  const server: Server = createServer((request, response) => {
    let token = '';
    request.setEncoding('utf8').on('data', (text: string) => (token += text));
    request.on('end', () => {
      requests.push({ headers: request.headers, token });
      const { status, body, headers } = answers.shift() ?? { status: 202 };
      response.writeHead(status, { ...(body && { 'content-type': 'application/json' }), ...headers });
      response.end(body && JSON.stringify(body));
      look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    requests,
    answers,
    came: (count) =>
      new Promise((resolve) => {
        look = () => {
          if (requests.length >= count) resolve();
        };
        look();
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
