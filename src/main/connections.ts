import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How far a connection is: has it ever said something whole, and does somebody wait for an answer on it? */
interface Use {
  /** The request that is being received or answered. */
  request: IncomingMessage | undefined;
  hasAsked: boolean;
}

/**
 * Bounds the connections of a server, so that whoever opens thousands and says nothing, or says it slowly, locks nobody out: one more
 * than `max` ends the oldest that has not sent a whole request yet, else the oldest that is idle, else itself. Node's own `maxConnections` would refuse whoever comes last, who is
 * the one that has done nothing wrong.
 * @param onEvicted told how many were ended so far, at most once a second.
 */
export function boundConnections(server: Server, max: number, onEvicted: (count: number) => void): void {
  /** Oldest first. */
  const uses = new Map<Socket, Use>();
  let evicted = 0;
  let telling: NodeJS.Timeout | undefined;

  const evict = (socket: Socket) => {
    uses.delete(socket);
    socket.destroy();
    evicted++;
    telling ??= setTimeout(() => {
      telling = undefined;
      onEvicted(evicted);
    }, 1000).unref();
  };
  const first = (matches: (use: Use) => boolean) => {
    for (const [socket, use] of uses) if (matches(use)) return socket;
    return undefined;
  };

  server.on('connection', (socket: Socket) => {
    if (uses.size >= max) {
      const victim =
        first(({ request, hasAsked }) => (request ? !request.complete : !hasAsked)) ??
        first(({ request }) => request === undefined);
      evict(victim ?? socket);
      if (!victim) return;
    }
    uses.set(socket, { request: undefined, hasAsked: false });
    socket.once('close', () => uses.delete(socket));
  });
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const use = uses.get(request.socket);
    if (!use) return;
    use.request = request;
    response.once('close', () => {
      // With several requests on their way, the connection is that of the newest.
      if (use.request !== request) return;
      use.request = undefined;
      use.hasAsked = request.complete;
    });
  });
}
