import type { FastifyPluginAsync } from 'fastify';

/** What anybody may read. */
export function openPages(_options: { origin: string; version: string }): FastifyPluginAsync {
  return async () => {};
}
