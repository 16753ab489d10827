import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errors } from 'oidc-provider';
import { z } from 'zod';
import { DirectoryError } from '../directory/index.ts';
import type { HtmlPage } from './page-frame.ts';

/** Reads the forms of pages, as objects of texts. */
export function readForms(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 10_000 },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
}

class Forbidden extends Error {}

/** @throws Forbidden for a form that was sent by a page of another origin or port of this host. */
export function refuseForeign({ headers }: FastifyRequest): void {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const isOwn = (origin === undefined || origin === `http://${host}`) && (site === undefined || site === 'same-origin');
  if (!isOwn) throw new Forbidden();
}

/** What a page says of an error: the status, a code for who mends it, and words. */
export function pageError(error: unknown): { status: number; code: string; text: string } {
  if (error instanceof errors.SessionNotFound)
    return {
      status: 410,
      code: 'session_not_found',
      text: 'It took too long, is done already, or was begun in another browser.',
    };
  if (error instanceof Forbidden)
    return { status: 403, code: 'forbidden', text: 'The form was sent by a page that is not of Tandem.' };
  if (error instanceof DirectoryError) return { status: 503, code: 'unavailable', text: error.message };
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (error instanceof z.ZodError || (status >= 400 && status < 500))
    return { status: 400, code: 'invalid_request', text: 'The form was not complete.' };
  return { status: 500, code: 'server_error', text: 'Something went wrong in Tandem. The log says what.' };
}

export function send(reply: FastifyReply, { html, headers }: HtmlPage): FastifyReply {
  return reply.headers(headers).send(html);
}
