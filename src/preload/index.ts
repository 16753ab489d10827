import { contextBridge, ipcRenderer } from 'electron';

/** What the window gets from the desktop shell; in a browser it is not there. */
const shell = {
  /** Calls the listener with the command of each menu item that a person chooses. @returns a function that ends it. */
  onMenu(listener: (command: string) => void): () => void {
    const handler = (_event: unknown, command: string) => listener(command);
    ipcRenderer.on('menu', handler);
    return () => ipcRenderer.off('menu', handler);
  },
};

export type Shell = typeof shell;

contextBridge.exposeInMainWorld('tandem', shell);
