import { BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron';

/** The application's menu. Commands that the window carries out are sent to it by name (src/preload). */
export function createMenu(): void {
  const command = (label: string, name: string, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    ...(accelerator === undefined ? {} : { accelerator }),
    // The window has these keys itself; the menu only shows them.
    registerAccelerator: false,
    click: (_item, window) => {
      if (window instanceof BrowserWindow) window.webContents.send('menu', name);
    },
  });
  const mac: MenuItemConstructorOptions[] = process.platform === 'darwin' ? [{ role: 'appMenu' }] : [];
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...mac,
      {
        label: 'File',
        submenu: [
          command('New person', 'new-person', 'CmdOrCtrl+Shift+N'),
          command('Save', 'save', 'CmdOrCtrl+S'),
          { type: 'separator' },
          process.platform === 'darwin' ? { role: 'close' } : { role: 'quit' },
        ],
      },
      { role: 'editMenu' },
      {
        label: 'View',
        submenu: [
          command('Search people', 'search', 'CmdOrCtrl+F'),
          command('Commands', 'commands', 'CmdOrCtrl+K'),
          { type: 'separator' },
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { role: 'togglefullscreen' },
          { role: 'toggleDevTools' },
        ],
      },
      { role: 'windowMenu' },
      { label: 'Help', submenu: [command('Connect an AI client', 'connect')] },
    ]),
  );
}
