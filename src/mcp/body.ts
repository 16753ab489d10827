import type { FastifyInstance } from 'fastify';

/** No record and no list of operations comes near it; far beyond it, code that walks a value runs out of stack. */
const depthMax = 200;

/** What `requestErrors` of the door answers to. */
export const tooDeep = 'TANDEM_BODY_TOO_DEEP';

/** Reads JSON bodies as Fastify does, but lets a DELETE have none, and refuses what is nested too deeply to be walked. */
export function readJsonBodies(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '' && request.method === 'DELETE') return done(null, undefined);
    if (depthOf(body) > depthMax)
      return done(Object.assign(new Error('the body is nested too deeply'), { code: tooDeep, statusCode: 400 }));
    return void parse(request, body, done);
  });
}

/** The deepest nesting of a JSON text, without reading it otherwise. */
function depthOf(text: string): number {
  // The shortest text that is too deep is all brackets; nearly every request ends here.
  if (text.length <= depthMax * 2) return 0;
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let place = 0; place < text.length; place++) {
    const letter = text[place];
    if (inString) {
      if (letter === '\\') place++;
      else if (letter === '"') inString = false;
    } else if (letter === '"') inString = true;
    else if (letter === '{' || letter === '[') deepest = Math.max(deepest, ++depth);
    else if (letter === '}' || letter === ']') depth--;
  }
  return deepest;
}
