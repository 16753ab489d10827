import type { FastifyCorsOptions } from '@fastify/cors';
import type { FastifyRequest } from 'fastify';
import { allowedOrigins, defaultKeyHeader, type SecuritySettings } from './security-settings.ts';

/** What programs ask: the three doors, and what a client needs to sign in. Pages, the window and this user's commands are not. */
const forPrograms =
  /^\/(?:mcp|scim\/v2|api\/v1\/mcp|\.well-known|oauth\/(?:jwks|token|revoke|introspect|userinfo|register|device_authorization))(?:[/?]|$)/;
/** Where access keys are taken. */
const forKeys = /^\/(?:mcp|scim\/v2|api\/v1\/mcp|metrics)(?:[/?]|$)/;

/** What a web page may read of an answer, beside its body. */
const exposed = [
  'WWW-Authenticate',
  'Mcp-Session-Id',
  'ETag',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
];
/** What it may send. */
const sent = [
  'Authorization',
  'Content-Type',
  'Accept',
  'Mcp-Session-Id',
  'Mcp-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
  'Last-Event-ID',
  'If-Match',
  'If-None-Match',
  'Idempotency-Key',
  'Prefer',
  'X-Request-Id',
];
const preflightSeconds = 600;

/** Whether a web page of a listed origin may call an address. */
export function isForPages({ url }: Pick<FastifyRequest, 'url'>, origin: string, security: SecuritySettings): boolean {
  return forPrograms.test(url) && allowedOrigins(security).includes(origin);
}

/** How a request is answered to a web page (Fetch Standard, CORS protocol); not at all, where its origin is not listed. */
export function corsFor(request: FastifyRequest, security: SecuritySettings): FastifyCorsOptions {
  const { origin } = request.headers;
  // What is not asked by a page is answered as ever, OPTIONS too.
  if (origin === undefined || !isForPages(request, origin, security)) return { origin: false };
  return {
    origin,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [...sent, keyHeader(security)],
    exposedHeaders: exposed,
    maxAge: preflightSeconds,
    // A page that asks OPTIONS of its own is told which methods there are.
    preflight: request.headers['access-control-request-method'] !== undefined,
  };
}

/**
 * Takes an access key from its header (settings `security.authentication.header`) as if it had come as `Authorization: Bearer`, so
 * that each door knows one way only.
 * @returns what is wrong, for the caller, if both came and differ.
 */
export function takeKeyHeader(request: FastifyRequest, security: SecuritySettings): string | undefined {
  const name = keyHeader(security);
  const key = request.headers[name.toLowerCase()];
  if (key === undefined || !forKeys.test(request.url)) return undefined;
  const { authorization } = request.headers;
  const bearer = `Bearer ${String(key).trim()}`;
  if (authorization !== undefined && authorization !== bearer)
    return `${name} and Authorization are both there and differ. Send one of them.`;
  request.headers.authorization = bearer;
  return undefined;
}

function keyHeader({ authentication }: SecuritySettings): string {
  return authentication?.header ?? defaultKeyHeader;
}
