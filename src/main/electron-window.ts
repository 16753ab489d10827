import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme, screen, type Rectangle } from 'electron';
import type { Log } from '../observe/index.ts';
import { windowOrigin } from './electron-scheme.ts';
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
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      // Who has the app installed has no use for them, and could be talked into pasting something there.
      devTools: !app.isPackaged,
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
  void window.loadURL(`${windowOrigin}/`);
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
