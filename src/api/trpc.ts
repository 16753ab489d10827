import { initTRPC, TRPCError } from '@trpc/server';
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server';
import { abandoned } from '../observe/index.ts';
import { DirectoryError, type Conflict, type ErrorCode, type Issue } from '../directory/index.ts';
import type { AssistantError } from '../assistant/index.ts';
import type { WindowServices } from './services.ts';

/** What the window learns of a refusal beside its message. */
export interface Refusal {
  code: ErrorCode;
  issues: Issue[];
  conflict?: Conflict;
}

const httpCodes: Record<ErrorCode, TRPC_ERROR_CODE_KEY> = {
  NOT_FOUND: 'NOT_FOUND',
  VERSION_NOT_FOUND: 'NOT_FOUND',
  UNIQUENESS: 'CONFLICT',
  SCHEMA_VIOLATION: 'BAD_REQUEST',
  TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  VERSION_MISMATCH: 'PRECONDITION_FAILED',
  STALE_BODY: 'CONFLICT',
  RETRY_BUDGET_EXHAUSTED: 'TOO_MANY_REQUESTS',
  INVALID_VERSION_FORMAT: 'BAD_REQUEST',
  INVALID_ARGUMENT: 'BAD_REQUEST',
  INVALID_CURSOR: 'BAD_REQUEST',
  INVALID_FILTER: 'BAD_REQUEST',
  INVALID_PATH: 'BAD_REQUEST',
  NO_TARGET: 'BAD_REQUEST',
  MUTABILITY: 'BAD_REQUEST',
  FORBIDDEN: 'FORBIDDEN',
  POLICY_REFUSED: 'FORBIDDEN',
  APPROVAL_NEEDED: 'FORBIDDEN',
  DECLINED: 'FORBIDDEN',
  ALREADY_DECIDED: 'CONFLICT',
  UNAVAILABLE: 'SERVICE_UNAVAILABLE',
};

/** What the window learns of a refusal by the assistant. */
export interface AssistantFault {
  code: AssistantError['code'];
  /** The field of the input that is wrong. */
  field?: string;
}

const assistantHttpCodes: Record<AssistantError['code'], TRPC_ERROR_CODE_KEY> = {
  CONTEXT_NOT_FOUND: 'NOT_FOUND',
  NODE_NOT_FOUND: 'NOT_FOUND',
  TASK_NOT_FOUND: 'NOT_FOUND',
  QUESTION_NOT_FOUND: 'NOT_FOUND',
  ALREADY_ANSWERED: 'CONFLICT',
  MODEL_NOT_FOUND: 'NOT_FOUND',
  TOO_MANY_CONTEXTS: 'TOO_MANY_REQUESTS',
  TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  BUSY: 'TOO_MANY_REQUESTS',
  CONTEXT_IN_USE: 'CONFLICT',
  KEY_REUSED: 'CONFLICT',
  INVALID: 'BAD_REQUEST',
  UNAVAILABLE: 'SERVICE_UNAVAILABLE',
};

const t = initTRPC.context<WindowServices>().create({
  isDev: false,
  sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 45_000 } },
  errorFormatter({ shape, error }) {
    const refusal = error.cause instanceof DirectoryError ? toRefusal(error.cause) : undefined;
    const fault = isAssistantError(error.cause) ? toFault(error.cause) : undefined;
    const unexpected = error.code === 'INTERNAL_SERVER_ERROR';
    return {
      ...shape,
      message: unexpected ? 'Something went wrong in Tandem. The log says what; please try again.' : shape.message,
      data: { ...shape.data, ...(refusal && { refusal }), ...(fault && { fault }) },
    };
  },
});

export function toRefusal(error: DirectoryError): Refusal {
  return { code: error.code, issues: error.issues, ...(error.conflict && { conflict: error.conflict }) };
}

/** The code of the assistant is not known here, only its types (docs/decisions/0001). */
function isAssistantError(error: unknown): error is AssistantError {
  return error instanceof Error && 'field' in error && 'code' in error && String(error.code) in assistantHttpCodes;
}

function toFault({ code, field }: AssistantError): AssistantFault {
  return { code, ...(field !== undefined && { field }) };
}

export const router = t.router;

/** Every procedure of the window; maps the errors of the directory and the assistant to tRPC's, once. */
export const procedure = t.procedure.use(async ({ next, path, ctx, signal }) => {
  const result = await next();
  if (result.ok) return result;
  const { cause } = result.error;
  if (cause instanceof DirectoryError) {
    const error = new TRPCError({ code: httpCodes[cause.code], message: cause.message, cause });
    return { ...result, error };
  }
  if (isAssistantError(cause)) {
    const error = new TRPCError({ code: assistantHttpCodes[cause.code], message: cause.message, cause });
    return { ...result, error };
  }
  // A window that has gone, or has asked for something else, ends its calls.
  if (signal?.aborted && cause?.name === 'AbortError') ctx.log.info({ path }, abandoned);
  else if (result.error.code === 'INTERNAL_SERVER_ERROR') ctx.log.error({ err: cause, path }, 'a window call failed');
  return result;
});
