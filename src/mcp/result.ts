import type { CallToolResult } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { DemoError } from '../demo/index.ts';
import { DirectoryError, type ErrorCode, type ResourceType } from '../directory/index.ts';
import { conflictText, conflictToWire, sendChangeAgain, type AfterConflict } from './conflict.ts';
import type { Success } from './tools/tool.ts';

/** Codes that clients get in `content.error_code`: seed 001's where it names one, RFC-like names otherwise. */
export type ToolErrorCode =
  | Exclude<ErrorCode, 'INVALID_ARGUMENT'>
  | 'USER_NOT_FOUND'
  | 'GROUP_NOT_FOUND'
  | 'AGENT_NOT_FOUND'
  | 'TENANT_NOT_FOUND'
  | 'INVALID_ARGUMENTS'
  | 'BULK_FAILED'
  | 'CANNOT_ASK'
  | 'TOO_MANY'
  | 'EXPIRED'
  | 'INVALID_ANSWER'
  | 'INVALID_STATE'
  | 'NO_ANSWER'
  | 'TOO_MANY_QUESTIONS'
  | 'WRONG_CODE'
  | 'AUTHENTICATION_FAILED'
  | 'CODE_NEEDED'
  | 'RATE_LIMITED'
  | 'CANCELLED'
  | 'TENANT_MISMATCH'
  | 'INTERNAL_ERROR';

/** What a refusal says of itself; the text can be read alone: it says what to do next. */
export interface RefusalContent {
  error: string;
  error_code: ToolErrorCode;
  [more: string]: unknown;
}

/** What a refusal is about, as far as its form depends on it. */
export interface RefusedTarget {
  type?: ResourceType | 'Tenant' | undefined;
  afterConflict?: AfterConflict | undefined;
}

/** A tool throws this where it refuses in words of its own. */
export class Refusal extends Error {
  readonly content: RefusalContent;

  constructor(content: RefusalContent) {
    super(content.error);
    this.content = content;
  }
}

/**
 * The one form of a result that succeeded: structured, as JSON text for clients that read text only, and the metadata in
 * `_meta`, where clients of the Rust scim-server look for it.
 */
export function succeeded({ content, metadata, text }: Success): CallToolResult {
  const structuredContent = { success: true, content, metadata };
  return { content: [{ type: 'text', text: text ?? JSON.stringify(structuredContent) }], structuredContent, _meta: metadata };
}

/** The one form of a refusal. */
export function refused(content: RefusalContent, metadata: Record<string, unknown>): CallToolResult {
  const structuredContent = { success: false, content, metadata };
  return {
    isError: true,
    content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
    structuredContent,
    _meta: metadata,
  };
}

/** `ok`, or the error code of a refusal. */
export function resultCode({ isError, structuredContent }: CallToolResult): string {
  if (isError !== true) return 'ok';
  return (structuredContent as { content?: RefusalContent } | undefined)?.content?.error_code ?? 'INTERNAL_ERROR';
}

/** Maps what a tool threw. @returns undefined for what is not the caller's to know. */
export function refusalOf(error: unknown, target: RefusedTarget): RefusalContent | undefined {
  if (error instanceof Refusal) return error.content;
  if (error instanceof DemoError) return { error: error.message, error_code: demoCodes[error.code] };
  return error instanceof DirectoryError ? contentOf(error, target) : undefined;
}

/** Says in the wire's form why the directory refused. */
export function contentOf(
  { code, message, conflict, issues, retryAfterMs, rule, escalationId }: DirectoryError,
  { type, afterConflict = sendChangeAgain }: RefusedTarget,
): RefusalContent {
  if (conflict)
    return {
      error: conflictText(message, conflict, afterConflict),
      error_code: wireCode(code, type),
      conflict: conflictToWire(conflict, afterConflict),
    };
  return {
    error: message,
    error_code: wireCode(code, type),
    ...(issues.length > 0 && { issues }),
    ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }),
    ...(rule && { policy: { rule: rule.id, says: rule.says } }),
    ...(escalationId !== undefined && { escalation_id: escalationId }),
  };
}

const demoCodes = {
  NOT_FOUND: 'NOT_FOUND',
  TOO_MANY: 'TOO_MANY',
  EXPIRED: 'EXPIRED',
  DECLINED: 'DECLINED',
  WRONG_CODE: 'WRONG_CODE',
  UNAVAILABLE: 'UNAVAILABLE',
} as const satisfies Record<DemoError['code'], ToolErrorCode>;

const notFoundCodes = {
  User: 'USER_NOT_FOUND',
  Group: 'GROUP_NOT_FOUND',
  Agent: 'AGENT_NOT_FOUND',
  Tenant: 'TENANT_NOT_FOUND',
} as const;

function wireCode(code: ErrorCode, type: RefusedTarget['type']): ToolErrorCode {
  if (code === 'INVALID_ARGUMENT') return 'INVALID_ARGUMENTS';
  return code !== 'NOT_FOUND' || type === undefined ? code : notFoundCodes[type];
}

/** An argument that fits the tool's schema, but not the others that came with it. */
export function invalidArgument(argument: string, message: string): DirectoryError {
  const issues = [{ path: argument, message }];
  return new DirectoryError('INVALID_ARGUMENT', `Nothing was done. ${argument}: ${message}`, { issues });
}

/** Arguments that do not fit the tool's schema, each named with what it should be. */
export function invalidArguments(error: z.ZodError): RefusalContent {
  const issues = error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? {
          path: [...issue.path, issue.keys.join(', ')].join('.'),
          message: `Is not an argument ${issue.path.length > 0 ? 'here' : 'of this tool'}. Leave it out.`,
        }
      : { path: issue.path.join('.'), message: issue.message },
  );
  const text = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join(' ');
  return { error: `Nothing was done. ${text}`, error_code: 'INVALID_ARGUMENTS', issues };
}
