import { readFile } from 'node:fs/promises';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { app, BrowserWindow, dialog, protocol, session, shell } from 'electron';
import { windowRouter } from '../api/index.ts';
import { createLog } from '../observe/index.ts';
import { startApp, type App } from './app.ts';
import { createMenu } from './electron-menu.ts';
import { builtWindow, defaultDataDir } from './paths.ts';
import { pageHeaders, windowPage } from './window-files.ts';

const origin = 'app://tandem';
const closeMs = 5000;
const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

protocol.registerSchemesAsPrivileged([
  { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
]);

const { values } = parseArgs({
  args: process.argv.slice(1),
  options: { data: { type: 'string' }, port: { type: 'string' } },
  strict: false,
});
const dataDir = resolve(typeof values['data'] === 'string' ? values['data'] : defaultDataDir());
// The browser engine's own files stand apart from the directory, and apart for each data folder.
app.setPath('userData', join(dataDir, 'browser'));

if (app.requestSingleInstanceLock()) await run();
else app.quit();

async function run(): Promise<void> {
  await app.whenReady();
  let host: App;
  try {
    host = await startApp({
      dataDir,
      port: typeof values['port'] === 'string' ? Number(values['port']) : undefined,
      shell: 'electron',
      log: createLog(process.env['LOG_LEVEL'] ?? 'warn'),
    });
  } catch (error) {
    dialog.showErrorBox('Tandem cannot start', error instanceof Error ? error.message : String(error));
    app.exit(1);
    return;
  }
  serveWindow(host);
  session.defaultSession.setPermissionRequestHandler((_contents, permission, done) =>
    done(permission === 'clipboard-sanitized-write'),
  );
  createMenu();
  openWindow(host);
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) openWindow(host);
  });
  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows();
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('will-quit', (event) => {
    event.preventDefault();
    const late = setTimeout(() => app.exit(1), closeMs);
    void host.close().finally(() => {
      clearTimeout(late);
      app.exit(0);
    });
  });
}

/** Answers app://tandem: the window's files and its API, without a port that others could reach. */
function serveWindow({ services }: App): void {
  const page = windowPage(builtWindow);
  protocol.handle('app', async (request) => {
    const url = new URL(request.url);
    if (url.host !== 'tandem') return new Response('Not found', { status: 404 });
    if (url.pathname.startsWith('/trpc/'))
      return fetchRequestHandler({ endpoint: '/trpc', req: request, router: windowRouter, createContext: () => services });
    if (url.pathname === '/') {
      const { html, headers } = page();
      return new Response(html, { headers: { ...headers, 'content-type': 'text/html; charset=utf-8' } });
    }
    const path = normalize(join(builtWindow, decodeURIComponent(url.pathname)));
    if (!path.startsWith(builtWindow + sep)) return new Response('Not found', { status: 404 });
    try {
      const type = types[extname(path)] ?? 'application/octet-stream';
      return new Response(await readFile(path), { headers: { ...pageHeaders(''), 'content-type': type } });
    } catch {
      return new Response('Not found', { status: 404 });
    }
  });
}

function openWindow({ settings }: App): void {
  const { maximized, ...bounds } = settings.data.window ?? { width: 1360, height: 860, maximized: false };
  const window = new BrowserWindow({
    ...(bounds as Electron.Rectangle),
    minWidth: 480,
    minHeight: 400,
    show: false,
    title: 'Tandem',
    webPreferences: {
      preload: join(import.meta.dirname, '..', 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
    },
  });
  if (maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => {
    void settings.update({ window: { ...window.getNormalBounds(), maximized: window.isMaximized() } });
  });
  window.webContents.setWindowOpenHandler(({ url }) => {
    if (url.startsWith('https://')) void shell.openExternal(url);
    return { action: 'deny' };
  });
  window.webContents.on('will-navigate', (event, url) => {
    if (!url.startsWith(`${origin}/`)) event.preventDefault();
  });
  void window.loadURL(`${origin}/`);
}
