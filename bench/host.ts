/** What benchmarks of the whole app share: a directory of a size, the built app as a process of its own, and a browser. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { chromium, type Browser } from '@playwright/test';
import { Directory, type Actor } from '../src/directory/index.ts';
import { samplePeople } from '../src/directory/sample.ts';
import type { Endpoints } from '../src/main/app.ts';
import { allowManyCalls } from '../test/many-calls.ts';

const program = join(import.meta.dirname, '../out/main/tandem.js');
const env = { ...process.env, TANDEM_SECRETS: 'file', LOG_LEVEL: 'error' };

export const actor: Actor = {
  id: 'bench',
  name: 'Bench',
  kind: 'system',
  door: 'cli',
  tenant: 'default',
  scopes: ['scim:admin'],
};

/** Makes a data folder whose tenant `default` has so many generated people. @returns their ids. */
export async function fill(data: string, people: number): Promise<string[]> {
  mkdirSync(data, { recursive: true });
  const directory = await Directory.open(join(data, 'directory.db'));
  const ids = await addPeople(directory, people);
  await directory.close();
  return ids;
}

export async function addPeople(directory: Directory, count: number): Promise<string[]> {
  const ids: string[] = [];
  const people = samplePeople(count, 'bench.example');
  for (let from = 0; from < count; from += 1000)
    ids.push(
      ...(await Promise.all(
        people.slice(from, from + 1000).map(async ({ record }) => (await directory.create(actor, 'User', record)).resource.id),
      )),
    );
  return ids;
}

export interface RunningProcess<Ready> {
  process: ChildProcess;
  /** The line of JSON that it printed when it was ready. */
  ready: Ready;
  close(): Promise<void>;
}

/** Starts a Node program that prints one line of JSON when it is ready. @param isAsked with a channel for messages. */
export async function start<Ready>(args: string[], isAsked = false): Promise<RunningProcess<Ready>> {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit', isAsked ? 'ipc' : 'ignore'] });
  const { stdout } = child;
  if (!stdout) throw new Error('a process has no output');
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: stdout }).once('line', resolve);
    void exited.then((code) => reject(new Error(`${args[0]} ended with ${String(code)}`)));
  });
  return {
    process: child,
    ready: JSON.parse(line) as Ready,
    async close() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Starts the built app without a window of its own. @param nodeArgs for Node; with a channel for messages, if there are any. */
export function startTandem(data: string, nodeArgs: string[] = []): Promise<RunningProcess<Endpoints & { window: string }>> {
  allowManyCalls(data);
  return start([...nodeArgs, program, 'serve', '--data', data, '--port', '0', '--json'], nodeArgs.length > 0);
}

/** Makes an access key for the tenant `default`. */
export async function accessKey(data: string): Promise<string> {
  const args = [program, 'token', '--data', data, '--scope', 'scim:read scim:write', '--name', 'Bench agent'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return stdout.trim().split('\n').at(-1) ?? '';
}

export const eras = ['2025-11-25', '2026-07-28'] as const;
export type Era = (typeof eras)[number];

/** Connects the SDK's own client. */
export async function connect(url: string, era: Era, headers: Record<string, string>): Promise<Client> {
  const client = new Client(
    { name: 'bench', version: '1' },
    era === '2026-07-28' ? { versionNegotiation: { mode: { pin: era } } } : {},
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

export function launchBrowser(): Promise<Browser> {
  const { TANDEM_TEST_BROWSER } = process.env;
  return chromium.launch({
    ...(TANDEM_TEST_BROWSER && { executablePath: TANDEM_TEST_BROWSER }),
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--disable-gpu'],
  });
}
