import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A way to the server for a client that can send no token of its own. */
export interface Proxy {
  url: string;
  close(): Promise<void>;
}

/**
 * Adds to each request what the suite has no option for: the access token. Host and Origin that name the proxy become those
 * of the server; foreign ones pass unchanged, so that the server has to refuse them. The suite's name for the resource it
 * watches becomes that of a user, since a server without such a resource rightly refuses it.
 */
export async function startProxy(options: { target: string; token: string; watched: string }): Promise<Proxy> {
  const target = new URL(options.target);
  const server = createServer((incoming, answer) => {
    forward(incoming, answer).catch((error: unknown) => answer.destroy(error instanceof Error ? error : undefined));
  });
  const address = await new Promise<AddressInfo>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve(server.address() as AddressInfo)),
  );

  async function forward(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString().replaceAll('test://watched-resource', options.watched);
    const toTarget = (value: string) =>
      value.replace(new RegExp(`^(http://)?(127\\.0\\.0\\.1|localhost):${address.port}$`), `$1${target.host}`);
    const { 'transfer-encoding': _, origin, ...headers } = incoming.headers;
    const outgoing = send(target, {
      method: incoming.method,
      headers: {
        ...headers,
        host: toTarget(incoming.headers.host ?? ''),
        ...(origin !== undefined && { origin: toTarget(origin) }),
        authorization: `Bearer ${options.token}`,
        ...(body !== '' && { 'content-length': Buffer.byteLength(body) }),
      },
    });
    outgoing.on('error', (error) => answer.destroy(error));
    outgoing.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
      // A stream's first bytes are to be seen before its end.
      answer.flushHeaders();
      response.pipe(answer);
      response.on('error', (error) => answer.destroy(error));
    });
    answer.on('close', () => outgoing.destroy());
    outgoing.end(body);
  }

  return {
    url: `http://127.0.0.1:${address.port}${target.pathname}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
