import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';

const answers: Record<string, [status: number, message: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large; at most 16 KB are taken.'],
};
const tellMs = 1000;

/**
 * Answers what Node could not read as HTTP/1.1 (RFC 9112), or not in time, and ends its connection: no request comes of it, so that nothing is
 * read two ways (§11.2, request smuggling).
 * @returns a handler for the server's `clientError`. It logs a line a second at most, with how many there were of each kind.
 */
export function refuseUnreadable(log: FastifyBaseLogger): (error: Error & { code?: string }, socket: Socket) => void {
  const counts = new Map<string, number>();
  let telling: NodeJS.Timeout | undefined;
  const tell = () => {
    telling = undefined;
    for (const [reason, count] of counts) log.warn({ reason, count }, 'what could not be read as HTTP was refused');
    counts.clear();
  };
  return ({ code = 'unknown' }, socket) => {
    // Whoever has gone needs no answer.
    if (code === 'ECONNRESET' || code === 'EPIPE' || socket.destroyed) return;
    // The client has closed in the middle of a request; it may still listen.
    if (code !== 'HPE_INVALID_EOF_STATE') counts.set(code, (counts.get(code) ?? 0) + 1);
    telling ??= setTimeout(tell, tellMs).unref();
    const [status, message] = answers[code] ?? [400, 'This is not a request of HTTP/1.1.'];
    const body = JSON.stringify({ error: 'invalid_request', message });
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n`;
    // As Node's own handler looks at it: what is being answered on this connection just now would be cut in two.
    const answering = Reflect.get(socket, '_httpMessage') as { headersSent: boolean } | undefined;
    if (socket.writable && answering?.headersSent !== true) socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    socket.destroySoon();
  };
}
