import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { protocol } from 'electron';
import { windowRouter, type WindowServices } from '../api/index.ts';
import { builtWindow } from './paths.ts';
import { pageHeaders, windowPage } from './window-files.ts';

/** Where the window lives in Electron. Only this app's own pages can reach it: it is no port. */
export const windowOrigin = 'app://tandem';

const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Tells Chromium what kind of scheme `app:` is. Must be called before Electron is ready. */
export function registerScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true };
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges }]);
}

/** Answers `app://tandem`: the window's page, its files and its API. */
export function serveWindow(services: WindowServices): void {
  const page = windowPage(builtWindow);
  protocol.handle('app', async (request) => {
    const { host, pathname } = new URL(request.url);
    const caller = request.headers.get('origin');
    if (`app://${host}` !== windowOrigin || (caller !== null && caller !== windowOrigin)) return notFound();
    if (pathname.startsWith('/trpc/'))
      return fetchRequestHandler({ endpoint: '/trpc', req: request, router: windowRouter, createContext: () => services });
    if (pathname !== '/') return windowFile(pathname);
    const { html, headers } = page();
    return new Response(html, { headers: { ...headers, 'content-type': 'text/html; charset=utf-8' } });
  });
}

async function windowFile(pathname: string): Promise<Response> {
  const assets = join(builtWindow, 'assets') + sep;
  try {
    const path = join(builtWindow, decodeURIComponent(pathname));
    if (!path.startsWith(assets)) return notFound();
    const headers = {
      ...pageHeaders(''),
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      'cache-control': 'max-age=31536000, immutable',
    };
    return new Response(await readFile(path), { headers });
  } catch {
    return notFound();
  }
}

function notFound(): Response {
  return new Response('Not found', { status: 404, headers: { 'content-type': 'text/plain' } });
}
