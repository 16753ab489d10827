import { z } from 'zod';
import type { Task } from '../context.ts';
import { AssistantError } from '../service.ts';
import type { Answers } from './schemas.ts';

/** The media type of refusals (RFC 9457). */
export const problemType = 'application/problem+json';

/** A refusal of the REST door. Its message is for the caller. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: { field: string; message: string }[];
  readonly taskId: string | undefined;
  /** The scope for want of which the request was refused. */
  readonly scope: string | undefined;

  constructor(
    status: number,
    code: string,
    detail: string,
    more: { errors?: { field: string; message: string }[]; taskId?: string; scope?: string | undefined } = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.errors = more.errors ?? [];
    this.taskId = more.taskId;
    this.scope = more.scope;
  }
}

const statuses: Record<AssistantError['code'], number> = {
  CONTEXT_NOT_FOUND: 404,
  NODE_NOT_FOUND: 404,
  TASK_NOT_FOUND: 404,
  QUESTION_NOT_FOUND: 404,
  ALREADY_ANSWERED: 409,
  MODEL_NOT_FOUND: 400,
  TOO_MANY_CONTEXTS: 409,
  TOO_LARGE: 413,
  BUSY: 429,
  CONTEXT_IN_USE: 409,
  KEY_REUSED: 422,
  INVALID: 400,
  UNAVAILABLE: 503,
};

/** Maps what a handler threw, once for the whole door. @returns undefined for what is not the caller's to know. */
export function toProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof AssistantError) {
    const { code, message, field } = error;
    const errors = field === undefined ? [] : [{ field, message }];
    return new Problem(statuses[code], code, field === undefined ? message : `${field}: ${message}`, { errors });
  }
  return requestProblem(error);
}

/** What the HTTP server refused before a handler saw it. */
function requestProblem(error: unknown): Problem | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new Problem(415, 'INVALID_MEDIA_TYPE', 'Send JSON, with Content-Type: application/json.');
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new Problem(413, 'TOO_LARGE', 'The request is larger than this address takes, which is 1 MiB.');
  if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH')
    return new Problem(400, 'INVALID_JSON', 'The body is not as long as Content-Length says.');
  // Whoever sends half a body and goes is no failure of this server.
  if (code === 'ECONNRESET') return new Problem(400, 'INVALID_JSON', 'The body did not arrive.');
  return undefined;
}

/** @throws Problem INVALID, which names each field that is wrong. */
export function parse<S extends z.ZodType>(schema: S, value: unknown, what: 'body' | 'query'): z.output<S> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const errors = result.error.issues.slice(0, 20).flatMap(({ path, message, ...issue }) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    return unknown.map((key) => ({ field: [...path, ...(key === undefined ? [] : [key])].join('.') || what, message }));
  });
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  throw new Problem(400, 'INVALID', detail, { errors });
}

/** The refusal that a prompt is answered with that did not come to its end. */
export function problemOf(task: Task): Problem {
  const { code, message } = task.error ?? { code: 'CANCELLED', message: 'It was stopped.' };
  const known: Record<string, number> = { CANCELLED: 409, TIMEOUT: 504, MODEL_UNAVAILABLE: 503, INTERNAL: 500 };
  return new Problem(known[code] ?? 502, code, message, { taskId: task.id });
}

export function problemBody({ status, code, message, errors, taskId }: Problem): Answers['Problem'] {
  return {
    type: `urn:tandem:assistant:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' '),
    status,
    detail: message,
    code,
    ...(errors.length > 0 && { errors }),
    ...(taskId !== undefined && { task_id: taskId }),
  };
}
