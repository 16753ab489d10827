import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { boundConnections } from './connections.ts';
import { codeOf, StartError } from './data-folder.ts';

/** The port that clients are told unless another was chosen or remembered. */
const defaultPort = 4810;
const connectionsMax = 2048;

/**
 * Opens a server on 127.0.0.1, before anything answers on it: its port is part of what the rooms are made with.
 * Who is slow with a request has 10 s for its head and a minute for all of it.
 * @param port a port, 0 for any free one, or undefined for the remembered one, or a free one if that is in use.
 * @param onEvicted told how many connections were ended so far to make room for others.
 * @throws StartError if the port cannot be had.
 */
export async function listen(
  port: number | undefined,
  onEvicted: (count: number) => void,
  remembered = defaultPort,
): Promise<{ server: Server; port: number }> {
  const server = createServer({
    requestTimeout: 60_000,
    headersTimeout: 10_000,
    keepAliveTimeout: 75_000,
    // How often these are looked at; Node's own half a minute would let who is slow be so for long.
    connectionsCheckingInterval: 2000,
  });
  boundConnections(server, connectionsMax, onEvicted);
  const attempt = (candidate: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port: candidate }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  try {
    await attempt(port ?? remembered).catch(async (error: unknown) => {
      if (port !== undefined || codeOf(error) !== 'EADDRINUSE') throw error;
      await attempt(0);
    });
  } catch (error) {
    const reason = { EADDRINUSE: 'another program uses it', EACCES: 'no permission' }[codeOf(error)] ?? codeOf(error);
    throw new StartError(
      `Cannot listen on port ${port ?? remembered} of 127.0.0.1: ${reason}. Choose another port, or 0 for a free one.`,
      {
        cause: error,
      },
    );
  }
  return { server, port: (server.address() as AddressInfo).port };
}
