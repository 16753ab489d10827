import type { FastifyInstance } from 'fastify';
import { callerOf } from './caller.ts';
import { Problem } from './problem.ts';

const depthMax = 50;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads JSON bodies. An empty one is no body. */
export function readBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      const { bodyBytes } = callerOf(request);
      if (body.length > bodyBytes) throw bodyTooLarge(bodyBytes);
      done(null, parse(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @param max bytes. */
export function bodyTooLarge(max: number): Problem {
  return new Problem(413, 'TOO_LARGE', `The request is too large: at most ${max} bytes are taken from this access.`);
}

function parse(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(body));
  } catch {
    throw new Problem(400, 'INVALID_JSON', 'The body is not valid JSON in UTF-8.');
  }
  if (isTooDeep(value)) throw new Problem(400, 'INVALID_JSON', `The body is nested in more than ${depthMax} levels.`);
  return value;
}

/** What writes values further on goes into them recursively; not so here, since the stack is what must not overflow. */
function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > depthMax) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}
