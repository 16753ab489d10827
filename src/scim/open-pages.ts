import type { FastifyPluginAsync } from 'fastify';
import { docsPage } from './docs-page.ts';
import { openApi } from './openapi.ts';

/** What anybody may read: the OpenAPI document, and the page that shows it. Neither tells anything of a tenant. */
export function openPages(options: { origin: string; version: string }): FastifyPluginAsync {
  const document = JSON.stringify(openApi(options));
  const { html, policy } = docsPage(options);
  return async (fastify) => {
    fastify.addHook('onRequest', async (_request, reply) => {
      reply.headers({ 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' });
    });
    fastify.get('/openapi.json', async (_request, reply) => reply.type('application/json').send(document));
    fastify.get('/docs', async (_request, reply) =>
      reply.type('text/html; charset=utf-8').header('content-security-policy', policy).send(html),
    );
  };
}
