import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access, Asker, Owner } from '../context.ts';
import type { Asked } from '../service.ts';
import { Problem } from './problem.ts';
import type { AdmittedCaller } from './ground.ts';

const nameMax = 100;
const keyMax = 255;

export function callerOf(request: FastifyRequest): AdmittedCaller {
  return request.getDecorator<AdmittedCaller>('caller');
}

/** Who asks: the application, for one of its users, or for all where it names none. */
export function askerOf(request: FastifyRequest, userId: string | undefined): Asker {
  const { tenant, id } = callerOf(request);
  return { tenant, principal: id, ...(userId !== undefined && { userId }) };
}

/** Whose a new context is. */
export function ownerOf(request: FastifyRequest, userId: string | undefined): Owner {
  return { ...askerOf(request, userId), userId: userId ?? '' };
}

/** What a run may do that a caller asks for, and by which key the request is known when it comes again. */
export function askedOf(request: FastifyRequest): Asked {
  const { scopes, name } = callerOf(request);
  const access: Access = { scopes, name: `${name.slice(0, nameMax - 16)} (assistant)` };
  const key = request.headers['idempotency-key'];
  if (key === undefined) return { access };
  if (typeof key !== 'string' || key === '' || key.length > keyMax)
    throw new Problem(400, 'INVALID', `Idempotency-Key: Give one key of at most ${keyMax} characters.`, {
      errors: [{ field: 'Idempotency-Key', message: `Give one key of at most ${keyMax} characters.` }],
    });
  return { access, idempotencyKey: key };
}

/** Aborted when the client has gone before its answer. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

/** A part of the path. */
export function idOf(request: FastifyRequest, name: string): string {
  return String((request.params as Record<string, unknown>)[name]);
}

export function tokenOf(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}
