/**
 * What every script does first, on the Node that is there (20 or newer) and before any package is installed: packages, a
 * current Node, the built app, a browser. Each step says what it does, on standard error, and does nothing when it is done already.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const windows = process.platform === 'win32';
const wanted = 24;

export function say(text) {
  process.stderr.write(`tandem: ${text}\n`);
}

export function fail(text) {
  say(text);
  process.exit(1);
}

/**
 * Installs packages and, if this Node is too old, runs the calling script again with a current one; then this never resolves.
 * @returns the environment for children, in which `node` is the current one.
 */
export async function setup() {
  if (major(process.version) < 20) fail(`Node 20 or newer is needed to begin; this is ${process.version}.`);
  const install = () => {
    say('installing packages (npm ci); this takes a minute …');
    installPackages();
  };
  if (!packagesAreInstalled()) alone(() => packagesAreInstalled() || install());
  const env = {
    // What is loaded is compiled once: a host and each command start in half the time.
    NODE_COMPILE_CACHE: join(modules, '.cache', 'compiled'),
    ...process.env,
    PATH: [join(modules, '.bin'), ...searchPath()].join(delimiter),
  };
  if (major(process.version) >= wanted) return env;
  say(`this is Node ${process.version}; going on with the Node ${wanted} that npm installed.`);
  return become(packagedNode(), process.argv.slice(1), { env });
}

/**
 * Installs the programs that `npm run test:clients` drives, beside those tests. None of their packages runs a script of its own.
 * @param folder with a package.json and a lockfile.
 */
export function ensureClients(folder) {
  const install = () => {
    say('installing the clients to test with (npm ci); about 200 packages, 300 MB to download and 700 MB on disk …');
    installPackages(folder, ['--ignore-scripts']);
  };
  if (!packagesAreInstalled(folder)) alone(() => packagesAreInstalled(folder) || install());
}

/** Whether node_modules is what the lockfile says. Packages for other systems are optional and not there. */
function packagesAreInstalled(folder = root) {
  const packages = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;
  const installed = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const there = packages(installed);
  return Object.entries(packages(join(folder, 'package-lock.json'))).every(
    ([path, { version, optional }]) => path === '' || (there[path] ? there[path].version === version : optional),
  );
}

function installPackages(folder = root, options = []) {
  const result = spawnSync('npm', ['ci', '--include=dev', '--include=optional', '--loglevel=error', ...options], {
    cwd: folder,
    // npm replaces node_modules, and must not run on a Node that lies in it.
    env: { ...process.env, PATH: searchPath().join(delimiter) },
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: windows,
  });
  if (result.status !== 0) fail('npm ci failed; its message is above. It needs access to the npm registry.');
}

/** PATH without this project's own commands, which npm puts first. */
function searchPath() {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== join(modules, '.bin'));
}

function packagedNode() {
  const system = windows ? 'win' : process.platform;
  const node = join(modules, `node-${system}-${process.arch}`, 'bin', windows ? 'node.exe' : 'node');
  if (existsSync(node)) return node;
  return fail(
    `Node ${wanted} or newer is needed. This is ${process.version}, and npm has none for ${process.platform} ${process.arch}: install it, then try again.`,
  );
}

function major(version) {
  return Number(version.slice(1).split('.')[0]);
}

/**
 * Builds the app if its sources changed since the last build. The old build stays until the new one is complete.
 * @param variant `e2e` builds for an Electron that is too old for better-sqlite3, into out-e2e; it needs the window of `app`.
 */
export function ensureBuilt(env, variant = 'app') {
  const out = join(root, variant === 'e2e' ? 'out-e2e' : 'out');
  const stamp = join(out, 'sources');
  const isFresh = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === sourcesDigest();
  if (!isFresh()) alone(() => isFresh() || build(env, variant, out, stamp));
}

function build(env, variant, out, stamp) {
  say(variant === 'e2e' ? 'building the app for tests in an old Electron …' : 'building the app …');
  const digest = sourcesDigest();
  const fresh = `${out}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const result = spawnSync(process.execPath, [command('electron-vite'), 'build', '--logLevel', 'error'], {
    cwd: root,
    env: { ...env, TANDEM_OUT: relative(root, fresh), TANDEM_BUILD: variant },
    encoding: 'utf8',
  });
  if (result.status !== 0) fail(`the build failed:\n${result.stdout}${result.stderr}`);
  writeFileSync(join(fresh, relative(out, stamp)), digest);
  rmSync(out, { recursive: true, force: true });
  renameSync(fresh, out);
}

function sourcesDigest() {
  const hash = createHash('sha256');
  const others = ['electron.vite.config.ts', 'package.json', 'package-lock.json'].map((name) => join(root, name));
  for (const path of [...sources(join(root, 'src')), ...others]) hash.update(relative(root, path)).update(readFileSync(path));
  return hash.digest('hex');
}

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (!entry.name.includes('.test.')) yield path;
  }
}

/** Runs work that changes this folder while no other script does; AI clients may start several at once. */
function alone(work) {
  const lock = join(root, '.tandem', 'setup.lock');
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = Number(readIfThere(lock));
      if (owner && !isRunning(owner)) rmSync(lock, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  process.once('exit', () => rmSync(lock, { force: true }));
  work();
  rmSync(lock, { force: true });
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Finds a browser for the tests, and installs one if there is none.
 * @returns its path, or undefined for the one that Playwright finds itself.
 */
export async function ensureTestBrowser(env) {
  const { chromium } = createRequire(join(root, 'package.json'))('@playwright/test');
  if (existsSync(chromium.executablePath())) return undefined;
  const found = await ensureSystemBrowser(env, 'the end-to-end tests');
  if (found) return found;
  say("looking for Playwright's own browser for the end-to-end tests, and downloading it if it is not there …");
  const status = await run('@playwright/test', ['install', 'chromium-headless-shell'], env, ['ignore', 'ignore', 'inherit']);
  if (status !== 0) fail('there is no browser for the end-to-end tests. Install Chromium or Chrome, then try again.');
  return undefined;
}

/** @returns a browser of the system; on Debian, root installs one if there is none. Undefined if there is still none. */
export async function ensureSystemBrowser(env, purpose) {
  const { findBrowser } = await import('../src/main/browser.ts');
  const found = findBrowser();
  if (found || process.platform !== 'linux' || process.getuid() !== 0 || !existsSync('/usr/bin/apt-get')) return found;
  say(`installing chromium with apt-get, for ${purpose} …`);
  const apt = (...args) =>
    spawnSync('apt-get', [...args, '-qq'], {
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  apt('update');
  apt('install', '--yes', '--no-install-recommends', 'chromium');
  return findBrowser();
}

/** @returns the file of an installed package's command. */
export function command(packageName) {
  const folder = join(modules, packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : Object.values(bin)[0]);
}

/** Runs the command of a package to its end. @returns its exit status. */
export function run(packageName, args, env, stdio = 'inherit') {
  return finished(spawn(process.execPath, [command(packageName), ...args], { cwd: root, env, stdio }));
}

/** Runs a program in place of this one, with this terminal and in the folder where the person is. Never resolves. */
export async function become(program, args, { env, cwd = process.cwd() }) {
  process.exit(await finished(spawn(program, args, { cwd, env, stdio: 'inherit' })));
}

/** The folder in which a person called npm, which itself goes to the project's folder. */
export function callersFolder() {
  return process.env.npm_lifecycle_event ? (process.env.INIT_CWD ?? process.cwd()) : process.cwd();
}

function finished(child) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  // A terminal gives Ctrl-C to the child itself.
  const forward = (signal) => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal));
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      for (const signal of signals) process.off(signal, forward);
      resolve(code ?? 1);
    });
    child.once('error', (error) => {
      say(`${child.spawnfile} could not be started: ${error.message}`);
      resolve(1);
    });
  });
}
