import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import * as oauth from 'openid-client';
import { pino } from 'pino';
import { expect } from 'vitest';
import { Directory } from '../directory/index.ts';
import { createAuth, type AuthOptions } from './index.ts';

export const redirect = 'http://127.0.0.1:33999/callback';

/** A running authorization server, for tests. */
export type Host = Awaited<ReturnType<typeof startHost>>;

/** The authorization server on a port of its own, over a data folder that a second start may share. */
export async function startHost(
  folder = mkdtempSync(join(tmpdir(), 'tandem-auth-')),
  port = 0,
  options: Pick<AuthOptions, 'settings' | 'outside'> = {},
) {
  const directory = await Directory.open(join(folder, 'directory.db'));
  await directory.tenants.add({ id: 'demo', name: 'Demo', sample: true });
  await directory.tenants.add({ id: 'hidden', name: 'Hidden <i>Holding</i>' });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const auth = await createAuth({ directory, dataDir: folder, origin, log, secretStorage: 'file', ...options });
  const fastify = Fastify({ serverFactory: (handler) => server.on('request', handler) });
  await fastify.register(auth.routes);
  await fastify.ready();
  return {
    folder,
    origin,
    auth,
    directory,
    /** Lines of the log. */
    logged,
    async stop() {
      await auth.close();
      server.closeAllConnections();
      server.close();
      await fastify.close();
      await directory.close();
    },
  };
}

/** A browser: keeps cookies for the paths they are for, and stops where the client's own address begins. */
export function browser(host: Host) {
  const cookies: { name: string; value: string; path: string }[] = [];
  const visit = async (address: string | URL, init: RequestInit = {}): Promise<{ url: URL; response?: Response }> => {
    const url = new URL(address, host.origin);
    if (url.origin !== host.origin) return { url };
    const sent = cookies.filter(({ path }) => url.pathname.startsWith(path));
    const cookie = sent.map(({ name, value }) => `${name}=${value}`).join('; ');
    const headers = new Headers(init.headers);
    headers.set('cookie', cookie);
    const response = await fetch(url, { ...init, redirect: 'manual', headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const path = /; path=([^;]+)/i.exec(line)?.[1] ?? '/';
      const old = cookies.findIndex((cookie) => cookie.name === name && cookie.path === path);
      cookies.splice(old < 0 ? cookies.length : old, 1, { name, value, path });
    }
    const next = response.headers.get('location');
    return next ? visit(new URL(next, url)) : { url, response };
  };
  const submit = (url: URL, form: Record<string, string>, headers: Record<string, string> = {}) =>
    visit(url, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  return { visit, submit, cookies };
}

const insecure = { execute: [oauth.allowInsecureRequests] };

export async function register(host: Host, metadata: Record<string, unknown> = {}): Promise<oauth.Configuration> {
  return oauth.dynamicClientRegistration(
    new URL(host.origin),
    { client_name: 'Test client', redirect_uris: [redirect], token_endpoint_auth_method: 'none', ...metadata },
    undefined,
    insecure,
  );
}

/** An authorization as far as its page. Parameters that are undefined in `over` are left out. */
export async function begin(
  host: Host,
  client: oauth.Configuration,
  over: Record<string, string | undefined> = {},
  user = browser(host),
) {
  const verifier = oauth.randomPKCECodeVerifier();
  const wanted: Record<string, string | undefined> = {
    redirect_uri: redirect,
    scope: 'openid offline_access scim:read scim:write',
    resource: `${host.origin}/mcp`,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    prompt: 'consent',
    ...over,
  };
  const parameters: Record<string, string> = {};
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) parameters[name] = value;
  const url = oauth.buildAuthorizationUrl(client, parameters);
  const page = await user.visit(url);
  const resource: Record<string, string> = parameters['resource'] === undefined ? {} : { resource: parameters['resource'] };
  const exchange = (callback: URL) => oauth.authorizationCodeGrant(client, callback, { pkceCodeVerifier: verifier }, resource);
  return { user, page, exchange };
}

/** Allows, in the window, the one request that waits. */
export async function allowInWindow(host: Host, tenant = 'default'): Promise<void> {
  const [request, ...others] = host.auth.approvals.pending();
  expect(others).toEqual([]);
  expect(await host.auth.approvals.decide(request?.id ?? '', { approve: true, tenant })).toBe(true);
}

/** A whole sign-in that the administrator allows in the window. */
export async function signIn(host: Host, client: oauth.Configuration, over: Record<string, string | undefined> = {}) {
  const { user, page, exchange } = await begin(host, client, over);
  await allowInWindow(host);
  const { url: callback } = await user.visit(page.url);
  return { callback, exchange, tokens: await exchange(callback) };
}
