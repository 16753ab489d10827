import { connect, type Socket } from 'node:net';

/** One raw exchange: what came back until the server closed, or fell silent. */
export interface RawAnswer {
  /** All that was received, as Latin-1. */
  text: string;
  /** The status of each answer in it. */
  statuses: number[];
  /** Whether the server ended the connection. */
  closed: boolean;
}

/**
 * Sends bytes as they are and reads what comes back.
 * @param pieces sent one after the other, Latin-1.
 * @param quietMs after so long without anything new, the server is taken to have said all. It is no time that a test measures.
 */
export async function rawExchange(port: number, pieces: string | readonly string[], quietMs = 400): Promise<RawAnswer> {
  const socket = await openConnection(port);
  for (const piece of [pieces].flat()) socket.write(Buffer.from(piece, 'latin1'));
  return readAll(socket, quietMs);
}

/** Reads until the server closes, or says nothing more for `quietMs`; then the connection is ended. */
export function readAll(socket: Socket, quietMs?: number): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = '';
    let quiet: NodeJS.Timeout | undefined;
    const done = (closed: boolean) => {
      clearTimeout(quiet);
      socket.destroy();
      resolve({ text, statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)), closed });
    };
    const wait = () => {
      clearTimeout(quiet);
      if (quietMs !== undefined) quiet = setTimeout(() => done(false), quietMs);
    };
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => {
      text += piece;
      wait();
    });
    socket.once('close', () => done(true));
    wait();
  });
}

/** Opens a connection that says so much and no more. Whoever opens it destroys it. */
export function openConnection(port: number, said = ''): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    // Whoever is ended by the server hears of it in many ways.
    socket.on('error', () => resolve(socket));
    socket.once('connect', () => {
      socket.write(said, 'latin1');
      resolve(socket);
    });
  });
}
