/** `npm start`: the app in Electron, or, where there is no Electron, in a browser's own window. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { become, ensureBuilt, root, say, setup } from './setup.mjs';

const installMs = 180_000;

/** @returns Electron's program, fetching it if needed and possible; or the reason why there is none. */
function findElectron(env) {
  const { ELECTRON_EXEC_PATH, ELECTRON_OVERRIDE_DIST_PATH } = process.env;
  if (ELECTRON_EXEC_PATH) return { path: ELECTRON_EXEC_PATH };
  const folder = join(root, 'node_modules', 'electron');
  const pathFile = join(folder, 'path.txt');
  const installed = () => {
    const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : 'electron';
    const path = join(ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), name);
    return existsSync(path) ? { path } : undefined;
  };
  const found = installed();
  if (found) return found;
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return { reason: 'there is no display' };
  say('fetching Electron (once) …');
  const result = spawnSync(process.execPath, [join(folder, 'install.js')], {
    cwd: root,
    env,
    encoding: 'utf8',
    timeout: installMs,
  });
  const reason = result.error?.code === 'ETIMEDOUT' ? 'the download took too long' : 'it could not be downloaded';
  return installed() ?? { reason };
}

const env = setup();
if (env) {
  ensureBuilt(env);
  const electron = findElectron(env);
  const args = process.argv.slice(2);
  if (electron.path) {
    const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
    become(electron.path, [...(asRoot ? ['--no-sandbox'] : []), root, ...args], env);
  } else {
    say(`no Electron here (${electron.reason}); opening the same app in a browser.`);
    become(process.execPath, [join(root, 'out', 'main', 'headless.js'), ...args], env);
  }
}
