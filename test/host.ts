import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createTRPCClient, httpBatchLink } from '@trpc/client';
import { pino } from 'pino';
import type { WindowRouter } from '../src/api/index.ts';
import type { Scope } from '../src/directory/index.ts';
import { startApp, type App, type AppOptions } from '../src/main/app.ts';
import { manyCalls } from './many-calls.ts';

export interface TestHost {
  app: App;
  origin: string;
  dataDir: string;
  /** Everything that was logged so far, as text. */
  logged(): string;
  accessKey(options?: { tenant?: string; scopes?: Scope[]; name?: string; days?: number }): Promise<string>;
  close(): Promise<void>;
}

/** Starts the whole app, without a shell, on a folder and a port of its own. */
export async function startTestHost({
  settings = manyCalls,
  ...options
}: Partial<Pick<AppOptions, 'sample' | 'mcpExtension' | 'dataDir' | 'outside'>> & { settings?: object } = {}): Promise<TestHost> {
  process.env['TANDEM_SECRETS'] = 'file';
  const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'));
  const windowFiles = join(folder, 'window');
  mkdirSync(join(windowFiles, 'assets'), { recursive: true });
  writeFileSync(join(windowFiles, 'index.html'), '<!doctype html><title>Tandem</title><script nonce="__CSP_NONCE__"></script>');
  const { dataDir = join(folder, 'data') } = options;
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, 'settings.json'), JSON.stringify(settings));
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const app = await startApp({
    port: 0,
    shell: 'browser',
    log: pino({}, sink),
    drainMs: 500,
    windowFiles,
    home: folder,
    ...options,
    dataDir,
  });
  return {
    app,
    origin: app.endpoints.issuer,
    dataDir,
    logged: () => lines.join(''),
    async accessKey(key = {}) {
      const usual = { tenant: 'default', scopes: ['scim:read', 'scim:write'] as Scope[], name: 'Test agent' };
      return (await app.accessKeys.create({ ...usual, ...key })).key;
    },
    async close() {
      await app.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a browser that has opened the window sends with each call. */
export interface WindowSession {
  cookie: string;
  page: string;
}

/** Opens the window as a browser does: follows the one-time address. */
export async function openWindow(address: string): Promise<WindowSession> {
  const response = await fetch(address);
  const [cookie] = response.headers.getSetCookie();
  const page = /'tandem\.page', "([^"]+)"/.exec(await response.text())?.[1];
  if (!cookie || !page) throw new Error(`the address ${address} opened no window: ${response.status}`);
  return { cookie: cookie.split(';')[0] ?? '', page };
}

/** The window's own client, as in the renderer. */
export function windowClient(origin: string, session: WindowSession) {
  return createTRPCClient<WindowRouter>({
    links: [httpBatchLink({ url: `${origin}/trpc`, headers: { cookie: session.cookie, 'x-tandem-page': session.page } })],
  });
}
