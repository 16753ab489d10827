import { DirectoryError } from '../directory/index.ts';
import { createLog } from '../observe/index.ts';
import { startApp, type App } from './app.ts';
import { findBrowser, isRoot, openBrowser } from './browser.ts';
import { StartError } from './data-folder.ts';
import { builtWindow } from './paths.ts';
import { shellOptions } from './shell-options.ts';
import { untilEnd } from './until-end.ts';
import { join } from 'node:path';

// The app without Electron: the same host, with the window in a browser of the system, or at a printed address.
try {
  const options = shellOptions(process.argv.slice(2));
  const app = await startApp({
    ...options,
    shell: 'browser',
    log: createLog(process.env['LOG_LEVEL'] ?? 'error'),
    windowFiles: builtWindow,
  });
  await untilEnd(app, showWindow(app));
  process.exit(0);
} catch (error) {
  if (!(error instanceof StartError || error instanceof DirectoryError)) throw error;
  process.stderr.write(`tandem: ${error.message}\n`);
  process.exit(1);
}

/** Resolves when a person has closed the window; never where the window is only an address. */
async function showWindow(app: App): Promise<void> {
  const { mcp, data } = app.endpoints;
  const print = (text: string) => process.stdout.write(`${text}\n`);
  const printAddress = () => print(`Open this address once, in a browser on this computer:\n  ${app.openAddress()}`);
  print(`Tandem is running. AI clients connect to ${mcp}. Ctrl-C ends it.`);

  const browser = hasDisplay() ? findBrowser() : undefined;
  if (browser) {
    if (isRoot()) print("Running as root, so the window runs without Chromium's sandbox.");
    const end = await openBrowser({ browser, address: app.openAddress(), profile: join(data, 'browser') });
    if (end === 'closed') return;
    print(`The window could not stay open in ${browser}.`);
  }
  printAddress();
  await new Promise(() => {});
}

function hasDisplay(): boolean {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}
