import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestHost, type TestHost } from './host.ts';

let host: TestHost;
let key: string;

beforeAll(async () => {
  host = await startTestHost({ sample: true });
  key = await host.accessKey();
});
afterAll(() => host.close());

interface Line {
  level: number;
  part?: string;
  door?: string;
  msg: string;
}

/** Lines from `warn` on, but those that say that somebody may not come in. */
function complaints(): Line[] {
  const lines = host.logged().trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Line).filter(({ level, msg }) => level >= 40 && !msg.endsWith('was refused'));
}

/** Sends half of a request, waits a moment, and goes. */
async function sendHalf(path: string, type: string, by: 'reset' | 'end'): Promise<void> {
  const socket = connect(host.app.endpoints.port, '127.0.0.1');
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${new URL(host.origin).host}`,
    `Authorization: Bearer ${key}`,
    `Content-Type: ${type}`,
    'Accept: application/json, text/event-stream',
    'Content-Length: 500',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n{"a": "b`);
  await sleep(20);
  if (by === 'reset') socket.resetAndDestroy();
  else socket.destroy();
}

test('who goes in the middle of a request is no error, at no door', async () => {
  const console = vi.spyOn(globalThis.console, 'error');
  const doors = [
    '/scim/v2/Users',
    '/scim/v2/Bulk',
    '/mcp',
    '/api/v1/mcp/contexts',
    '/oauth/token',
    '/oauth/register',
    '/trpc/x',
    '/x',
  ];
  const types = ['application/json', 'application/x-www-form-urlencoded'];
  await Promise.all(
    doors.flatMap((path) => types.flatMap((type) => [sendHalf(path, type, 'reset'), sendHalf(path, type, 'end')])),
  );
  await sleep(300);
  expect(complaints()).toEqual([]);
  expect(console).not.toHaveBeenCalled();
  console.mockRestore();
});
