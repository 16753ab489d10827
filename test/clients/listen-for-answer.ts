import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a browser brings the answer of a sign-in back, as an app on this computer listens for it (RFC 8252 §7.3). */
export async function listenForAnswer() {
  let answered: (answer: URLSearchParams) => void;
  const answer = new Promise<URLSearchParams>((resolve) => (answered = resolve));
  const server = createServer((request, response) => {
    response.end('Signed in. You can close this page.');
    answered(new URL(request.url ?? '', 'http://127.0.0.1').searchParams);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const redirect = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { redirect, answer, close };
}
