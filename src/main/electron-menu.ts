import { BrowserWindow, Menu, type BaseWindow, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../preload/index.ts';

const mac = process.platform === 'darwin';

/** The application's menu. Commands that the window carries out are sent to it by name (src/preload). */
export function createMenu(): void {
  const appMenu: MenuItemConstructorOptions[] = mac ? [{ role: 'appMenu' }] : [];
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...appMenu,
      {
        role: 'fileMenu',
        submenu: [
          command('New person', 'new-person', 'Alt+N'),
          command('Save', 'save', 'CmdOrCtrl+S'),
          { type: 'separator' },
          { role: mac ? 'close' : 'quit' },
        ],
      },
      { role: 'editMenu' },
      {
        role: 'viewMenu',
        submenu: [
          command('Search people', 'search', 'CmdOrCtrl+F'),
          command('Ask the agent', 'agent', 'CmdOrCtrl+J'),
          command('All commands', 'commands', 'CmdOrCtrl+K'),
          command('Inbox', 'inbox', 'Alt+I'),
          command('Policy', 'policy'),
          command('Audit log', 'audit'),
          command('Scenarios', 'scenarios'),
          { type: 'separator' },
          command('Switch between light and dark', 'theme'),
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { role: 'togglefullscreen' },
          { role: 'toggleDevTools' },
        ],
      },
      { role: 'windowMenu' },
      { role: 'help', submenu: [command('Connect an AI client', 'connect'), ...(mac ? [] : [{ role: 'about' as const }])] },
    ]),
  );
}

function command(label: string, name: MenuCommand, accelerator?: string): MenuItemConstructorOptions {
  return {
    label,
    ...(accelerator !== undefined && { accelerator }),
    // The window handles these keys itself, in both shells; the menu shows them.
    registerAccelerator: false,
    click: (_item, window: BaseWindow | undefined) => {
      if (window instanceof BrowserWindow) window.webContents.send('menu', name);
    },
  };
}
