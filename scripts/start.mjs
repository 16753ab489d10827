/** `npm start`: the app in Electron, or, where there is no Electron, the same window in a browser. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { become, callersFolder, ensureBuilt, ensureSystemBrowser, root, say, setup } from './setup.mjs';

const connectMs = 4000;
const downloadMs = 600_000;
const folder = join(root, 'node_modules', 'electron');
const linux = process.platform === 'linux';
const isRoot = process.getuid?.() === 0;

/** @returns Electron's program if it is on this machine. */
function findElectron() {
  const { ELECTRON_EXEC_PATH, ELECTRON_OVERRIDE_DIST_PATH } = process.env;
  if (ELECTRON_EXEC_PATH) return ELECTRON_EXEC_PATH;
  const named = join(folder, 'path.txt');
  const program = existsSync(named) ? readFileSync(named, 'utf8') : 'electron';
  const path = join(ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), program);
  return existsSync(path) ? path : undefined;
}

/** @returns why Electron could not be downloaded, or undefined if it was. */
async function downloadElectron(env) {
  const offline = await whyUnreachable();
  if (offline) return `it cannot be downloaded: ${offline}`;
  say('downloading Electron, once (about 110 MB) …');
  const { error, status, stderr } = spawnSync(process.execPath, [join(folder, 'install.js')], {
    cwd: root,
    env,
    encoding: 'utf8',
    timeout: downloadMs,
  });
  if (error?.code === 'ETIMEDOUT') return 'its download took more than ten minutes';
  if (status !== 0) return `its download failed: ${stderr.trim().split('\n')[0]}`;
  return undefined;
}

/** A firewall may let a connection hang. Behind a proxy or with a mirror only the download itself can tell. */
function whyUnreachable() {
  const { ELECTRON_MIRROR, ELECTRON_GET_USE_PROXY, npm_config_electron_mirror } = process.env;
  if (ELECTRON_MIRROR || ELECTRON_GET_USE_PROXY || npm_config_electron_mirror) return undefined;
  return new Promise((resolve) => {
    const socket = connect({ host: 'github.com', port: 443, timeout: connectMs });
    const end = (reason) => {
      socket.destroy();
      resolve(reason);
    };
    socket.once('connect', () => end());
    socket.once('timeout', () => end('no answer'));
    socket.once('error', (error) => end(error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN' ? 'no internet' : error.code));
  });
}

/** Some systems let only installed programs make Chromium's sandbox; a browser of the system is one. */
function sandboxIsBlocked(electron) {
  if (!linux || isRoot || process.env.ELECTRON_DISABLE_SANDBOX) return false;
  const setting = (name) =>
    existsSync(`/proc/sys/kernel/${name}`) ? readFileSync(`/proc/sys/kernel/${name}`, 'utf8').trim() : '';
  const helper = join(electron, '..', 'chrome-sandbox');
  const helps = existsSync(helper) && statSync(helper).uid === 0 && (statSync(helper).mode & 0o4000) !== 0;
  return !helps && (setting('apparmor_restrict_unprivileged_userns') === '1' || setting('unprivileged_userns_clone') === '0');
}

/** @returns Electron's program, or why the window opens without it. */
async function chooseShell(env) {
  if (linux && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return { reason: 'No display here' };
  const problem = findElectron() ? undefined : await downloadElectron(env);
  const electron = findElectron();
  if (!electron) return { reason: `No Electron binary here (${problem ?? 'it did not arrive'})` };
  if (sandboxIsBlocked(electron)) return { reason: "This system does not let Electron use Chromium's sandbox" };
  return { electron };
}

const env = await setup();
ensureBuilt(env);
const options = { env, cwd: callersFolder() };
const args = process.argv.slice(2);
const { electron, reason } = await chooseShell(env);
if (electron) {
  if (linux && isRoot) say("running as root, so the window runs without Chromium's sandbox.");
  await become(electron, [...(linux && isRoot ? ['--no-sandbox'] : []), root, ...args], options);
} else if (reason === 'No display here') {
  say('No display here; the window opens at an address.');
} else {
  await ensureSystemBrowser(env, "the app's window");
  say(`${reason}; opening the same window in a browser.`);
}
await become(process.execPath, [join(root, 'out', 'main', 'headless.js'), ...args], options);
