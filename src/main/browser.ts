import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A browser that ends sooner could not show the window, or gave it to another process. */
const minimumMs = 2000;

/**
 * Finds a browser of the Chromium family, which can show a page as a window of its own (`--app=`).
 * TANDEM_BROWSER names another one.
 * @returns its program's path, or undefined if there is none.
 */
export function findBrowser(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env['TANDEM_BROWSER'] ?? places(env).find(isProgram);
}

/**
 * Opens a window of its own with its own profile. It ends with this process.
 * @param options.address an address that opens the window once. Other users can read the arguments of a process, so the
 * browser gets it through a file that only this user can read.
 * @param options.profile the browser's folder, made if absent.
 * @returns a promise of the window's end: whether a person closed it, or it did not stay open at all.
 */
export function openBrowser(options: { browser: string; address: string; profile: string }): Promise<'closed' | 'failed'> {
  const { browser, address, profile } = options;
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  const page = join(profile, 'open.html');
  const refresh = `<meta http-equiv="refresh" content="0;url=${address}">`;
  rmSync(page, { force: true });
  writeFileSync(page, `<!doctype html><meta charset="utf-8"><title>Tandem</title>${refresh}`, { mode: 0o600 });
  const args = [
    `--app=${pathToFileURL(page).href}`,
    `--user-data-dir=${profile}`,
    '--no-first-run',
    '--no-default-browser-check',
    '--window-size=1360,860',
    // Chromium's sandbox does not work for root; --test-type hides the bar that says so, which start.mjs has said.
    ...(isRoot() ? ['--no-sandbox', '--test-type'] : []),
  ];
  const started = Date.now();
  const child = spawn(browser, args, { stdio: 'ignore' });
  const kill = () => void child.kill();
  process.once('exit', kill);
  return new Promise((resolve) => {
    const end = (how: 'closed' | 'failed') => {
      process.off('exit', kill);
      rmSync(page, { force: true });
      resolve(how);
    };
    child.once('exit', () => end(Date.now() - started < minimumMs ? 'failed' : 'closed'));
    child.once('error', () => end('failed'));
  });
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function places(env: NodeJS.ProcessEnv): string[] {
  if (process.platform === 'win32') {
    const folders = ['ProgramFiles', 'ProgramFiles(x86)', 'LocalAppData'].flatMap((name) => env[name] ?? []);
    const programs = [
      'Google/Chrome/Application/chrome.exe',
      'Chromium/Application/chrome.exe',
      'Microsoft/Edge/Application/msedge.exe',
    ];
    return programs.flatMap((program) => folders.map((folder) => join(folder, program)));
  }
  if (process.platform === 'darwin')
    return ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  const names = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'microsoft-edge', 'brave-browser'];
  const folders = (env['PATH'] ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
