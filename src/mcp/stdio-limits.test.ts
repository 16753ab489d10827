import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { bridgeStdio } from './stdio.ts';

/** The bridge in front of a server that refuses the first calls for a limit. @returns what it writes for one request. */
async function ask(refusals: number, retryAfter: string) {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    if (asked++ >= refusals) return response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { done: true } }));
    response.writeHead(429, { 'retry-after': retryAfter });
    return response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32_003, message: 'Too many.' } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const mcpUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const [input, output] = [new PassThrough(), new PassThrough()];
  const log = pino({ level: 'silent' });
  const done = bridgeStdio({
    connect: async () => ({ mcpUrl, token: 'x' }),
    input,
    output,
    signal: new AbortController().signal,
    log,
  });
  input.end(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })}\n`);
  await done;
  server.close();
  return { asked, answer: JSON.parse(String(output.read())) as object };
}

test('a call that is refused for a limit waits as long as it is told, and is sent again', async () => {
  expect(await ask(1, '1')).toEqual({ asked: 2, answer: { jsonrpc: '2.0', id: 1, result: { done: true } } });
});

test('a wait that is too long is not waited for: the client gets the refusal, for its own request', async () => {
  expect(await ask(9, '60')).toEqual({
    asked: 1,
    answer: { jsonrpc: '2.0', id: 1, error: { code: -32_003, message: 'Too many.' } },
  });
});
