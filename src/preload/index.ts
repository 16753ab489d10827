import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';

/** What the desktop's menu asks the window to do. */
export type MenuCommand =
  | 'new-person'
  | 'new-group'
  | 'save'
  | 'import'
  | 'export'
  | 'people'
  | 'groups'
  | 'agent'
  | 'new-conversation'
  | 'conversations'
  | 'models'
  | 'mcp-servers'
  | 'permissions'
  | 'search'
  | 'commands'
  | 'tenants'
  | 'extra-fields'
  | 'conflicts'
  | 'audit'
  | 'activity'
  | 'log'
  | 'scenarios'
  | 'inbox'
  | 'policy'
  | 'theme'
  | 'connect';

/** What the window gets from the desktop shell, as `window.tandem`; in a browser it is not there. */
const shell = {
  /** Shows on the app's icon how much waits for the person, where the desktop has a place for it. */
  showWaiting(count: number): void {
    ipcRenderer.send('waiting', count);
  },

  /** Calls the listener with the command of each menu item that a person chooses. @returns a function that ends it. */
  onMenu(listener: (command: MenuCommand) => void): () => void {
    const handler = (_event: IpcRendererEvent, command: MenuCommand) => listener(command);
    ipcRenderer.on('menu', handler);
    return () => void ipcRenderer.off('menu', handler);
  },
};

export type Shell = typeof shell;

contextBridge.exposeInMainWorld('tandem', shell);
