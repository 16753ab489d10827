import { join } from 'node:path';
import { app, BrowserWindow, ipcMain, nativeTheme, screen, session, shell, type Rectangle } from 'electron';
import type { Log } from '../observe/index.ts';
import { windowOrigin } from './electron-scheme.ts';
import { isOpenedOutside } from './outside-links.ts';
import type { Settings } from './settings.ts';

/**
 * Opens the app's window where it was last time.
 * @param saved is given the promise of having remembered where the window was when it closed.
 */
export function openWindow(options: { settings: Settings; log: Log; saved: (saving: Promise<void>) => void }): void {
  const { settings, log } = options;
  const { maximized, ...bounds } = settings.data.window ?? { width: 1360, height: 860, maximized: false };
  const { x, y, width, height } = bounds;
  const window = new BrowserWindow({
    width,
    height,
    ...(x !== undefined && y !== undefined && isOnScreen({ x, y, width, height }) && { x, y }),
    minWidth: 480,
    minHeight: 400,
    show: false,
    title: 'Tandem',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#1a1b1e' : '#ffffff',
    webPreferences: {
      preload: join(import.meta.dirname, '..', 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
    },
  });
  if (maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () =>
    options.saved(settings.update({ window: { ...window.getNormalBounds(), maximized: window.isMaximized() } })),
  );
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || reason === 'killed') return;
    log.error({ reason }, "the window's process ended; the window is loaded again");
    window.webContents.reload();
  });
  keepToItself(window);
  void window.loadURL(`${windowOrigin}/`);
}

/** Everything that a web page could ask for and this window never does. */
export function refusePermissions(): void {
  const isAllowed = (permission: string, url: string) =>
    permission === 'clipboard-sanitized-write' || (permission === 'notifications' && isOwn(url));
  session.defaultSession.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(isAllowed(permission, requestingUrl)),
  );
  session.defaultSession.setPermissionCheckHandler((_contents, permission, origin) => isAllowed(permission, origin));
}

/** Shows on the app's icon how much waits for the person, as the window says. */
export function showWaiting(): void {
  ipcMain.on('waiting', ({ senderFrame }, count: unknown) => {
    if (senderFrame && isOwn(senderFrame.url) && Number.isSafeInteger(count)) app.setBadgeCount(Math.max(0, Number(count)));
  });
}

/** Whether a page, or an origin, is the window's own. */
function isOwn(url: string): boolean {
  return url === windowOrigin || url.startsWith(`${windowOrigin}/`);
}

/** The window shows nothing but the app; a link to the web opens in the person's browser. */
function keepToItself({ webContents }: BrowserWindow): void {
  webContents.setWindowOpenHandler(({ url }) => {
    // Where there is no such program, the system says so.
    if (isOpenedOutside(url)) shell.openExternal(url).catch(() => {});
    return { action: 'deny' };
  });
  webContents.on('will-navigate', (event) => {
    if (!isOwn(event.url)) event.preventDefault();
  });
}

function isOnScreen(window: Rectangle): boolean {
  return screen
    .getAllDisplays()
    .some(
      ({ workArea: area }) =>
        window.x < area.x + area.width &&
        window.x + window.width > area.x &&
        window.y < area.y + area.height &&
        window.y >= area.y,
    );
}
