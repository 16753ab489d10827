import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DirectoryError } from '../directory/index.ts';
import { createLog } from '../observe/index.ts';
import { startApp } from './app.ts';
import { StartError } from './data-folder.ts';
import { builtWindow, defaultDataDir } from './paths.ts';
import { untilEnd } from './until-end.ts';

/** The app without Electron: the same host, with the window in a browser of its own, or at a printed address. */
const { values } = parseArgs({ options: { data: { type: 'string' }, port: { type: 'string' } } });
const dataDir = resolve(values.data ?? defaultDataDir());

try {
  const app = await startApp({
    dataDir,
    port: values.port === undefined ? undefined : Number(values.port),
    shell: 'browser',
    log: createLog(process.env['LOG_LEVEL'] ?? 'warn'),
    windowFiles: builtWindow,
  });
  const browser = hasDisplay() ? findBrowser() : undefined;
  const address = app.openAddress();
  process.stdout.write(
    browser
      ? `Tandem is running; its window opens now. AI clients connect to ${app.endpoints.mcp}. Ctrl-C ends it.\n`
      : `Tandem is running. Open this address once, in a browser on this computer:\n  ${address}\nAI clients connect to ${app.endpoints.mcp}. Ctrl-C ends it.\n`,
  );
  const profile = join(dataDir, 'browser');
  await untilEnd(app, browser === undefined ? undefined : openWindow(browser, address, profile));
  process.exit(0);
} catch (error) {
  if (!(error instanceof StartError || error instanceof DirectoryError)) throw error;
  process.stderr.write(`tandem: ${error.message}\n`);
  process.exit(1);
}

function hasDisplay(): boolean {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}

/** Opens a window of its own, with its own profile, and resolves when a person has closed it. */
function openWindow(browser: string, address: string, profile: string): Promise<void> {
  // Chromium refuses to run as root inside its sandbox; --test-type hides the bar that says so.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox', '--test-type'] : [];
  const args = [
    `--app=${address}`,
    `--user-data-dir=${profile}`,
    '--no-first-run',
    '--no-default-browser-check',
    '--window-size=1360,860',
    ...asRoot,
  ];
  const child = spawn(browser, args, { stdio: 'ignore' });
  process.once('exit', () => child.kill());
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      process.stdout.write(`The browser could not be started (${error.message}). Open this address once: ${address}\n`);
    });
  });
}

function findBrowser(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'brave-browser'];
  const programFiles = ['ProgramFiles', 'ProgramFiles(x86)', 'LocalAppData'].flatMap((name) => process.env[name] ?? []);
  const places = [
    ...(process.env['PATH'] ?? '').split(':').flatMap((folder) => names.map((name) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ...programFiles.flatMap((folder) => [
      join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
      join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
    ]),
  ];
  return places.find((place) => existsSync(place));
}
