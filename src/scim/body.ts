import type { FastifyInstance } from 'fastify';
import { badRequest, ScimError } from './errors.ts';
import { doorLimits, mediaType } from './protocol.ts';
import type { Caller } from './resource.ts';

/** Reads bodies of both media types (RFC 7644 §3.8, §8.1), and no others. An empty one is no body. */
export function readBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser([mediaType, 'application/json'], { parseAs: 'buffer' }, (request, body, done) => {
    try {
      const { bodyBytes } = request.getDecorator<Caller>('caller');
      if (body.length > bodyBytes) throw bodyTooLarge(bodyBytes);
      done(null, parse(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @param max bytes. */
export function bodyTooLarge(max: number): ScimError {
  return new ScimError(413, `The request is too large: at most ${max} bytes are taken from this access.`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parse(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(body));
  } catch {
    throw badRequest('invalidSyntax', 'The body is not valid JSON in UTF-8.');
  }
  if (isTooDeep(value)) throw badRequest('invalidSyntax', `The body is nested in more than ${doorLimits.bodyDepthMax} levels.`);
  return value;
}

/** What reads bodies further on goes into them recursively; not so here, since the stack is what must not overflow. */
function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > doorLimits.bodyDepthMax) return true;
    const next: unknown[] = [];
    for (const item of level)
      if (typeof item === 'object' && item !== null)
        for (const inner of Object.values(item)) if (typeof inner === 'object' && inner !== null) next.push(inner);
    level = next;
  }
  return false;
}
