import { app, BrowserWindow, Menu, type BaseWindow, type MenuItemConstructorOptions } from 'electron';
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
          command('New group', 'new-group', 'Alt+G'),
          command('Save', 'save', 'CmdOrCtrl+S'),
          { type: 'separator' },
          command('Import …', 'import'),
          command('Export …', 'export'),
          { type: 'separator' },
          { role: mac ? 'close' : 'quit' },
        ],
      },
      { role: 'editMenu' },
      {
        role: 'viewMenu',
        submenu: [
          command('Switch between light and dark', 'theme'),
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { role: 'togglefullscreen' },
          ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' as const }]),
        ],
      },
      {
        label: 'Go',
        submenu: [
          command('List of people', 'people', 'Alt+1'),
          command('List of groups', 'groups', 'Alt+2'),
          command('Ask the agent', 'agent', 'CmdOrCtrl+J'),
          command('New conversation', 'new-conversation', 'Alt+J'),
          command('Conversations', 'conversations', 'Alt+3'),
          { type: 'separator' },
          command('Search this list', 'search', 'CmdOrCtrl+F'),
          command('All commands', 'commands', 'CmdOrCtrl+K'),
          { type: 'separator' },
          command('Inbox', 'inbox', 'Alt+I'),
          command('Conflicts', 'conflicts'),
          command('Audit log', 'audit'),
          command('Activity', 'activity'),
          command('Log', 'log'),
          command('Scenarios', 'scenarios'),
          { type: 'separator' },
          command('Manage tenants', 'tenants'),
          command('Extra fields of people and groups', 'extra-fields'),
          command('Policy', 'policy'),
          command('Models', 'models'),
          command('Other MCP servers', 'mcp-servers'),
          command('Permissions of the agent', 'permissions'),
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
