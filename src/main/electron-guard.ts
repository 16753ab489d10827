import { app, ipcMain, session, shell, type WebContents, type WebFrameMain } from 'electron';
import type { Log } from '../observe/index.ts';
import { windowOrigin } from './electron-scheme.ts';
import { isOpenedOutside } from './outside-links.ts';

/** Everything that comes from outside this computer's disk, or from elsewhere on it. */
const elsewhere = ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'ftp://*/*', 'file://*/*'];

/**
 * Keeps whatever this app shows to the app's own page, in each of its windows and frames, now and later (Electron's security checklist):
 * no other page, no other window, no `<webview>`, no permission and no device but for what the window uses, no request that leaves the app.
 * Each refusal is logged. Must be called when Electron is ready, before anything is shown.
 */
export function guard(log: Log): void {
  app.on('web-contents-created', (_event, contents) => keepToItself(contents, log));
  const ours = session.defaultSession;
  const isAllowed = (permission: string, url: string) =>
    permission === 'clipboard-sanitized-write' || (permission === 'notifications' && isOwn(url));
  ours.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) => {
    const allowed = isAllowed(permission, requestingUrl);
    if (!allowed) log.warn({ permission }, 'a permission was refused');
    answer(allowed);
  });
  ours.setPermissionCheckHandler((_contents, permission, origin) => isAllowed(permission, origin));
  ours.setDevicePermissionHandler(() => false);
  ours.webRequest.onBeforeRequest({ urls: elsewhere }, ({ url, resourceType }, answer) => {
    log.warn({ host: hostOf(url), resourceType }, 'a request of the window to elsewhere was refused');
    answer({ cancel: true });
  });
}

/**
 * Listens to a message of the window's own page. Those of any other page or of a frame inside it are refused.
 * @param listener gets what was sent, of whatever type.
 */
export function listenToWindow(channel: string, log: Log, listener: (sent: unknown) => void): void {
  ipcMain.on(channel, ({ senderFrame }, sent: unknown) => {
    if (isOwnPage(senderFrame)) return listener(sent);
    log.warn({ channel, sender: hostOf(senderFrame?.url ?? '') }, 'a message that is not of the window was refused');
  });
}

/** Shows on the app's icon how much waits for the person, as the window says. */
export function showWaiting(log: Log): void {
  listenToWindow('waiting', log, (count) => {
    if (Number.isSafeInteger(count)) app.setBadgeCount(Math.max(0, Number(count)));
  });
}

function isOwnPage(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && isOwn(frame.url);
}

/** Whether a page, or an origin, is the window's own. */
function isOwn(url: string): boolean {
  return url === windowOrigin || url.startsWith(`${windowOrigin}/`);
}

/** A page shows nothing but the app; a link to the web opens in the person's browser. */
function keepToItself(contents: WebContents, log: Log): void {
  contents.setWindowOpenHandler(({ url }) => {
    // Where there is no such program, the system says so.
    if (isOpenedOutside(url)) shell.openExternal(url).catch(() => {});
    else log.warn({ scheme: url.split(':', 1)[0] }, 'a window was refused');
    return { action: 'deny' };
  });
  const stay = (event: { url: string; preventDefault: () => void }) => {
    if (isOwn(event.url)) return;
    event.preventDefault();
    log.warn({ host: hostOf(event.url) }, 'a page of elsewhere was refused');
  };
  // Of frames too, which the first of them is.
  contents.on('will-frame-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

/** Of an address what may stand in the log: neither its path nor its query, which may hold anything. */
function hostOf(url: string): string {
  return URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}` : 'unknown';
}
