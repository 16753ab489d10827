/**
 * What every script does first, on the Node that is there (20 or newer) and before any package is installed: packages, a
 * current Node, the built app, a browser. Each step says what it does, on standard error, and does nothing when it is done already.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';
const wanted = 24;
const bin = join(root, 'node_modules', '.bin');
const stamps = join(root, 'node_modules', '.cache', 'tandem');

export function say(text) {
  process.stderr.write(`tandem: ${text}\n`);
}

export function fail(text) {
  say(text);
  process.exit(1);
}

function major(version) {
  return Number(/^v?(\d+)/.exec(version)?.[1] ?? 0);
}

/** Installs the packages that the lockfile names, if they are not there or not the ones it names. */
function ensurePackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(stamps, 'packages');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs) {
    say('installing packages (npm ci), a minute the first time …');
    const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: windows,
    });
    if (result.status !== 0) fail('npm ci failed; its message is above.');
  }
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, lock);
}

/** @returns a Node of the wanted line: the running one, or the one that npm installed as a package. */
function currentNode() {
  if (major(process.version) >= wanted) return process.execPath;
  const packaged = join(bin, windows ? 'node.cmd' : 'node');
  const version = existsSync(packaged) ? spawnSync(packaged, ['--version'], { encoding: 'utf8', shell: windows }).stdout : '';
  if (major(version ?? '') >= wanted) return packaged;
  return fail(
    `Node ${wanted} or newer is needed; this is ${process.version}, and npm has none for ${process.platform} ${process.arch}. Install it from nodejs.org.`,
  );
}

/**
 * Installs packages and, if this Node is too old, runs the calling script again with a current one.
 * @returns the environment for children, in which `node` is the current one.
 */
export function setup() {
  if (major(process.version) < 20) fail(`Node 20 or newer is needed to begin; this is ${process.version}.`);
  ensurePackages();
  const node = currentNode();
  const env = { ...process.env, PATH: `${bin}${windows ? ';' : ':'}${process.env.PATH}` };
  if (node === process.execPath) return env;
  say(`this is Node ${process.version}; going on with the Node ${wanted} that npm installed.`);
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit', env, shell: windows });
  forwardSignals(child);
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
  return undefined;
}

export function forwardSignals(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
}

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (!entry.name.includes('.test.')) yield path;
  }
}

/**
 * Builds the app if its sources changed since the last build.
 * @param variant `e2e` builds for the Electron of tools/with-electron, into out-e2e.
 */
export function ensureBuilt(env, variant = 'app') {
  const hash = createHash('sha256').update(variant);
  for (const path of [...sources(join(root, 'src')), join(root, 'electron.vite.config.ts'), join(root, 'package-lock.json')])
    hash.update(path.slice(root.length)).update(readFileSync(path));
  const digest = hash.digest('hex');
  const out = join(root, variant === 'e2e' ? 'out-e2e' : 'out');
  const stamp = join(stamps, `built-${variant}`);
  if (existsSync(join(out, 'main', 'tandem.js')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  say(`building the ${variant === 'e2e' ? 'app for the end-to-end tests in Electron' : 'app'} …`);
  const result = spawnSync(join(bin, 'electron-vite'), ['build', '--logLevel', 'error'], {
    cwd: root,
    env: { ...env, ...(variant === 'e2e' && { TANDEM_BUILD: 'e2e' }) },
    encoding: 'utf8',
    shell: windows,
  });
  if (result.status !== 0) fail(`the build failed:\n${result.stdout}${result.stderr}`);
  writeFileSync(stamp, digest);
}

/** @returns a Chromium-like browser of the system, or undefined. */
export function findBrowser() {
  const names = windows
    ? []
    : ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'brave-browser'];
  const places = [
    ...names.flatMap((name) => (process.env.PATH ?? '').split(':').map((folder) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ...['ProgramFiles', 'ProgramFiles(x86)', 'LocalAppData'].flatMap((name) =>
      process.env[name]
        ? [
            join(process.env[name], 'Google/Chrome/Application/chrome.exe'),
            join(process.env[name], 'Microsoft/Edge/Application/msedge.exe'),
          ]
        : [],
    ),
  ];
  return places.find((place) => existsSync(place));
}

/** @returns the browser for the tests, installing one if there is none: Debian's where this is root, else Playwright's. */
export function ensureTestBrowser(env) {
  const require = createRequire(join(root, 'package.json'));
  const { chromium } = require('@playwright/test');
  if (existsSync(chromium.executablePath())) return undefined;
  const found = findBrowser();
  if (found) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say("installing Debian's chromium for the end-to-end tests …");
    const apt = (...args) =>
      execFileSync('apt-get', args, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    try {
      apt('update', '-qq');
      apt('install', '-y', '-qq', '--no-install-recommends', 'chromium');
    } catch {
      fail('apt-get could not install chromium; its message is above.');
    }
    return findBrowser();
  }
  say("downloading Playwright's browser for the end-to-end tests …");
  const result = spawnSync(join(bin, 'playwright'), ['install', 'chromium-headless-shell'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: windows,
  });
  if (result.status !== 0) fail('no browser for the end-to-end tests: install Chromium or Chrome and try again.');
  return undefined;
}

/** Runs a command to its end. @returns its exit status. */
export function run(command, args, env) {
  return spawnSync(join(bin, command), args, { cwd: root, env, stdio: 'inherit', shell: windows }).status ?? 1;
}

/** Runs a command with the terminal's input and output, passing signals on, and exits as it does. */
export function become(command, args, env) {
  const child = spawn(command, args, { cwd: process.cwd(), env, stdio: 'inherit' });
  forwardSignals(child);
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
