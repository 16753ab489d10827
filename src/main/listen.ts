import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { codeOf, StartError } from './data-folder.ts';

/** The port that clients are told unless another was chosen or remembered. */
const defaultPort = 4810;

/**
 * Opens a server on 127.0.0.1, before anything answers on it: its port is part of what the rooms are made with.
 * @param port a port, 0 for any free one, or undefined for the remembered one, or a free one if that is in use.
 * @throws StartError if the port cannot be had.
 */
export async function listen(port: number | undefined, remembered = defaultPort): Promise<{ server: Server; port: number }> {
  const server = createServer({
    requestTimeout: 60_000,
    headersTimeout: 15_000,
    keepAliveTimeout: 75_000,
  });
  server.maxConnections = 2048;
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
