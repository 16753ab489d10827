import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { windowRouter, type WindowRouter, type WindowServices } from '../api/index.ts';
import { pageHeaders, windowPage } from './window-files.ts';

const secretLifetimeMs = 10 * 60_000;
const secretsMax = 20;
const sessionsMax = 20;

/** The window over HTTP: its files, its API, and who may use it. */
export interface WindowDoor {
  routes: FastifyPluginAsync;
  /** A new address that opens the window once, within ten minutes. */
  openAddress(): string;
}

/**
 * The window in a browser. Cookies are shared by all ports of a host, so a cookie alone proves little here: the one-time
 * address gives the browser a cookie that no script can read, and the page a token that no other origin can read; the API
 * wants both.
 * @param files the built renderer's folder.
 */
export function createWindowDoor({
  origin,
  files,
  services,
}: {
  origin: string;
  files: string;
  services: WindowServices;
}): WindowDoor {
  const cookieName = `tandem_window_${new URL(origin).port}`;
  const secrets = new Map<string, number>();
  /** Hash of the cookie's value → hash of the page's token. */
  const sessions = new Map<string, Buffer>();
  const page = windowPage(files);

  const openSession = (secret: string): { cookie: string; token: string } | undefined => {
    const expires = secrets.get(secret);
    secrets.delete(secret);
    if (expires === undefined || expires < Date.now()) return undefined;
    const cookie = randomText();
    const token = randomText();
    dropOldest(sessions, sessionsMax);
    sessions.set(hash(cookie).toString('base64'), hash(token));
    return { cookie, token };
  };

  const isOpen = (request: FastifyRequest): boolean => {
    const cookie = cookieOf(request, cookieName);
    const expected = cookie === undefined ? undefined : sessions.get(hash(cookie).toString('base64'));
    const token = pageTokenOf(request);
    return expected !== undefined && token !== undefined && timingSafeEqual(expected, hash(token));
  };

  return {
    openAddress() {
      const secret = randomText();
      dropOldest(secrets, secretsMax);
      secrets.set(secret, Date.now() + secretLifetimeMs);
      return `${origin}/open?secret=${secret}`;
    },
    routes: async (fastify) => {
      fastify.get('/open', async (request, reply) => {
        const { success, data } = z.object({ secret: z.string().max(100) }).safeParse(request.query);
        const session = success ? openSession(data.secret) : undefined;
        const nonce = randomText();
        reply.headers({ ...pageHeaders(nonce), 'cache-control': 'no-store' }).type('text/html');
        if (!session) {
          request.log.warn('a window address was refused: used already, too old or wrong');
          return reply.code(403).send(refusedPage(nonce));
        }
        reply.header('set-cookie', `${cookieName}=${session.cookie}; HttpOnly; SameSite=Strict; Path=/`);
        return openedPage(nonce, session.token);
      });
      fastify.get('/', async (_request, reply) => {
        const { html, headers } = page();
        return reply.headers(headers).type('text/html').send(html);
      });
      await fastify.register(fastifyStatic, {
        root: join(files, 'assets'),
        prefix: '/assets/',
        immutable: true,
        maxAge: '365d',
        setHeaders: (reply) => void reply.headers(pageHeaders('')),
      });
      await fastify.register(async (api) => {
        api.addHook('onRequest', async (request, reply) => {
          if (isOpen(request)) return;
          request.log.warn('a call of the window without its session was refused');
          await reply.code(401).send({
            error: {
              message: "This window's session has ended. Open Tandem again.",
              code: -32_001,
              data: { code: 'UNAUTHORIZED', httpStatus: 401 },
            },
          });
        });
        await api.register(fastifyTRPCPlugin<WindowRouter>, {
          prefix: '/trpc',
          trpcOptions: { router: windowRouter, createContext: () => services },
        } satisfies FastifyTRPCPluginOptions<WindowRouter>);
      });
    },
  };
}

function randomText(): string {
  return randomBytes(32).toString('base64url');
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function dropOldest<T>(map: Map<string, T>, max: number): void {
  for (const key of map.keys()) {
    if (map.size < max) return;
    map.delete(key);
  }
}

function cookieOf(request: FastifyRequest, name: string): string | undefined {
  const pairs = request.headers.cookie?.split(';').map((pair) => pair.trim().split('=', 2)) ?? [];
  return pairs.find(([key]) => key === name)?.[1];
}

/** The page's token: a header, or for the event stream, which can send no header, tRPC's connection parameters. */
function pageTokenOf(request: FastifyRequest): string | undefined {
  const header = request.headers['x-tandem-page'];
  if (typeof header === 'string') return header;
  const query = z.object({ connectionParams: z.string().max(1000) }).safeParse(request.query);
  if (!query.success) return undefined;
  try {
    return z.object({ page: z.string().max(100) }).parse(JSON.parse(query.data.connectionParams)).page;
  } catch {
    return undefined;
  }
}

function openedPage(nonce: string, token: string): string {
  const script = `localStorage.setItem('tandem.page', ${JSON.stringify(token)}); location.replace('/');`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tandem</title><script nonce="${nonce}">${script}</script>`;
}

function refusedPage(nonce: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tandem</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style nonce="${nonce}">body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem}</style>
<h1>This address opens Tandem once</h1>
<p>It was used already, or it is older than ten minutes. Start Tandem again, or run <code>tandem open</code>, for a new one.</p></html>`;
}
