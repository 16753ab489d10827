import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { TestStep } from '../../api/index.ts';
import { testConnection, type TestTarget } from './test-connection.ts';

async function last(target: TestTarget, signal = new AbortController().signal): Promise<TestStep | undefined> {
  let step: TestStep | undefined;
  for await (step of testConnection(target, signal));
  return step;
}

test('a program that is not there, or ends at once, is said with what to do', async () => {
  const missing = await last({ kind: 'stdio', command: { command: '/nowhere/tandem', args: [] } });
  expect(missing).toMatchObject({ id: 'initialize', state: 'failed', says: expect.stringContaining('is not there') as string });
  const dead = await last({ kind: 'stdio', command: { command: process.execPath, args: ['-e', 'process.exit(1)'] } });
  expect(dead).toMatchObject({ state: 'failed', says: expect.stringContaining('in a terminal') as string });
});

test('an address at which nothing answers is said', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const refused = await last({ kind: 'http', url: `http://127.0.0.1:${port}/mcp`, key: 'tandem_x' });
  expect(refused).toMatchObject({ state: 'failed', says: expect.stringContaining('Nothing answers') as string });
});

test('stopping it ends the program that it started', async () => {
  const stop = new AbortController();
  const steps = testConnection(
    { kind: 'stdio', command: { command: process.execPath, args: ['-e', 'process.stdin.resume()'] } },
    stop.signal,
  );
  expect((await steps.next()).value).toMatchObject({ state: 'running' });
  const ended = steps.next();
  setTimeout(() => stop.abort(), 300);
  expect((await ended).value).toMatchObject({ state: 'failed', says: 'It was stopped.' });
  expect((await steps.next()).done).toBe(true);
  await expect.poll(() => process.getActiveResourcesInfo()).not.toContain('ProcessWrap');
});
