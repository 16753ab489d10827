import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app, BrowserWindow, dialog } from 'electron';
import { DirectoryError } from '../directory/index.ts';
import { createLog } from '../observe/index.ts';
import { startApp } from './app.ts';
import { codeOf, StartError } from './data-folder.ts';
import { guard, showWaiting } from './electron-guard.ts';
import { createMenu } from './electron-menu.ts';
import { registerScheme, serveWindow } from './electron-scheme.ts';
import { openWindow } from './electron-window.ts';
import { shellOptions } from './shell-options.ts';

const closeMs = 5000;
const log = createLog(process.env['LOG_LEVEL'] ?? 'error');

registerScheme();
// Every renderer, whatever its window says.
app.enableSandbox();
try {
  const options = shellOptions(process.argv.slice(1));
  useFolder(join(options.dataDir, 'electron'));
  if (app.requestSingleInstanceLock())
    app
      .whenReady()
      .then(() => run(options))
      .catch(giveUp);
  else {
    process.stderr.write('tandem: Tandem is open already; its window is in front now.\n');
    app.quit();
  }
} catch (error) {
  app.whenReady().then(() => giveUp(error), giveUp);
}

async function run(options: ReturnType<typeof shellOptions>): Promise<void> {
  const host = await startApp({ ...options, shell: 'electron', log });
  let saved: Promise<void> = Promise.resolve();
  const open = () =>
    openWindow({
      settings: host.settings,
      log,
      saved: (saving) => {
        saved = saving.catch((error: unknown) => log.error({ err: error }, "the window's place was not saved"));
      },
    });

  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) open();
  });
  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows();
    if (!window) return open();
    if (window.isMinimized()) window.restore();
    window.focus();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('will-quit', (event) => {
    event.preventDefault();
    setTimeout(() => app.exit(1), closeMs);
    void saved.then(() => host.close()).then(() => app.exit(0));
  });
  guard(host.services.log);
  showWaiting(host.services.log);
  serveWindow(host.services);
  createMenu();
  open();
}

/** Chromium's own files: apart from the directory's, and of their own for each data folder, with the lock on it. */
function useFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartError(`Cannot use the data folder ${path}: ${codeOf(error)}.`, { cause: error });
  }
  app.setPath('userData', path);
}

function giveUp(error: unknown): void {
  const expected = error instanceof StartError || error instanceof DirectoryError;
  if (!expected) log.fatal({ err: error }, 'the app could not start');
  const message = expected ? error.message : 'Something unexpected happened. The log on standard error says what.';
  process.stderr.write(`tandem: ${message}\n`);
  dialog.showErrorBox('Tandem cannot start', message);
  app.exit(1);
}
