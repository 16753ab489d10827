import type { Conflict } from './conflict.ts';
import type { Scope } from './resource.ts';

/** One violated rule of a schema: where it is and how to mend it. */
export interface Issue {
  /** SCIM attribute path (RFC 7644 §3.10), for example `name.familyName` or `emails[0].value`. */
  path: string;
  /** What is wrong and what to send instead, in one sentence. */
  message: string;
}

/**
 * Why the directory refused. Each door maps these codes to its own form exactly once. INVALID_FILTER, INVALID_PATH, NO_TARGET
 * and MUTABILITY are the `scimType`s of RFC 7644 §3.12.
 */
export type ErrorCode =
  | 'NOT_FOUND'
  | 'UNIQUENESS'
  | 'SCHEMA_VIOLATION'
  | 'TOO_LARGE'
  | 'VERSION_MISMATCH'
  | 'INVALID_VERSION_FORMAT'
  | 'INVALID_ARGUMENT'
  | 'INVALID_CURSOR'
  | 'INVALID_FILTER'
  | 'INVALID_PATH'
  | 'NO_TARGET'
  | 'MUTABILITY'
  | 'FORBIDDEN'
  | 'UNAVAILABLE';

interface Details {
  issues?: Issue[];
  conflict?: Conflict;
  scope?: Scope;
  cause?: unknown;
}

/** The one error type of the directory. Its message is safe to show to any caller of the same tenant. */
export class DirectoryError extends Error {
  override name = 'DirectoryError';
  readonly code: ErrorCode;
  /** For SCHEMA_VIOLATION, UNIQUENESS and INVALID_ARGUMENT: the attributes at fault. */
  readonly issues: Issue[];
  /** For VERSION_MISMATCH: what changed since the caller's version. */
  readonly conflict: Conflict | undefined;
  /** For FORBIDDEN: the scope that the access would need, if that is why. */
  readonly scope: Scope | undefined;

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.issues = details.issues ?? [];
    this.conflict = details.conflict;
    this.scope = details.scope;
  }
}
