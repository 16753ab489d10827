import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { _electron, type Browser, type BrowserContext, type ElectronApplication, type Page } from '@playwright/test';
import type { Endpoints } from '../src/main/app.ts';
import { allowManyCalls } from '../test/many-calls.ts';

/** The two shells in which the same tests run: the host with a browser, and Electron with the host inside. */

const root = join(import.meta.dirname, '..');
const { ELECTRON_EXEC_PATH, ELECTRON_OVERRIDE_DIST_PATH, TANDEM_ELECTRON_OUT = 'out' } = process.env;
const asRoot = process.getuid?.() === 0;
const viewport = { width: 1360, height: 860 };
const closeMs = 8000;

export const electronIsHere = Boolean(
  ELECTRON_EXEC_PATH ?? ELECTRON_OVERRIDE_DIST_PATH ?? existsSync(join(root, 'node_modules/electron/path.txt')),
);
/** What Electron is started with. */
export const electronEntry = join(root, TANDEM_ELECTRON_OUT, 'main/electron.js');
export const tandem = [process.execPath, join(root, 'out/main/tandem.js')] as const;
export const env = { ...(process.env as Record<string, string>), TANDEM_SECRETS: 'file', LOG_LEVEL: 'error' };

/** The app's person has a home folder of their own: what the app writes into other programs' settings must not be ours. */
function personOf(data: string): Record<string, string> {
  const home = homeOf(data);
  mkdirSync(home, { recursive: true });
  return { ...env, HOME: home, USERPROFILE: home, XDG_CONFIG_HOME: join(home, '.config'), APPDATA: join(home, 'AppData') };
}

export function homeOf(data: string): string {
  return join(data, 'home');
}

export interface RunningApp {
  endpoints: Pick<Endpoints, 'mcp' | 'issuer'>;
  /** The data folder. */
  data: string;
  window: Page;
  /** What the window complained about so far. */
  faults: string[];
  /** The main process, in Electron. */
  electron?: ElectronApplication;
  close(): Promise<void>;
}

/** Runs `tandem serve`. */
export async function serve(
  data: string,
  sample: boolean,
): Promise<{ ready: Endpoints & { window: string }; host: ChildProcess; exited: Promise<unknown> }> {
  allowManyCalls(data);
  const [node, program] = tandem;
  const args = [program, 'serve', '--data', data, '--port', '0', '--json', ...(sample ? ['--sample'] : [])];
  const host = spawn(node, args, { env: personOf(data), stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => host.once('exit', resolve));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: host.stdout }).once('line', resolve);
    void exited.then((code) => reject(new Error(`tandem serve ended with ${String(code)}`)));
  });
  return { ready: JSON.parse(line) as Endpoints & { window: string }, host, exited };
}

/** Runs `tandem serve` and opens its window in a context of its own. */
export async function startInBrowser(browser: Browser, data: string, sample: boolean): Promise<RunningApp> {
  const { ready, host, exited } = await serve(data, sample);
  const context = await browser.newContext({ viewport });
  const faults = listen(context);
  const window = await context.newPage();
  await window.goto(ready.window);
  return {
    endpoints: ready,
    data,
    window,
    faults,
    async close() {
      await context.close();
      host.kill('SIGTERM');
      const late = setTimeout(() => host.kill('SIGKILL'), closeMs);
      await exited;
      clearTimeout(late);
    },
  };
}

/** Runs the app in Electron. TANDEM_ELECTRON_OUT names the build that this Electron can run. */
export async function startInElectron(data: string, sample: boolean): Promise<RunningApp> {
  allowManyCalls(data);
  const electron = await _electron.launch({
    ...(ELECTRON_EXEC_PATH && { executablePath: ELECTRON_EXEC_PATH }),
    chromiumSandbox: !asRoot && !process.env['ELECTRON_DISABLE_SANDBOX'],
    args: [electronEntry, '--data', data, '--port', '0', ...(sample ? ['--sample'] : [])],
    env: personOf(data),
  });
  const faults = listen(electron.context());
  const window = await electron.firstWindow();
  await window.setViewportSize(viewport);
  const { origin: issuer } = JSON.parse(readFileSync(join(data, 'host.json'), 'utf8')) as { origin: string };
  return { endpoints: { mcp: `${issuer}/mcp`, issuer }, data, window, faults, electron, close: () => electron.close() };
}

/** Collects errors of the page, from its first moment. Refused calls are part of some tests and are shown in the window. */
function listen(context: BrowserContext): string[] {
  const faults: string[] = [];
  context.on('weberror', (error) => faults.push(error.error().message));
  context.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource')) faults.push(message.text());
  });
  return faults;
}

/** Keeps what Electron would hand to the system's browser. @returns a function that tells the last address of it, or none. */
export async function openedOutside(electron: ElectronApplication): Promise<() => Promise<string>> {
  await electron.evaluate(({ shell }) => {
    shell.openExternal = async (url) => void Object.assign(globalThis, { openedAddress: url });
  });
  return () => electron.evaluate(() => (globalThis as { openedAddress?: string }).openedAddress ?? '');
}
