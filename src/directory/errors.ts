import type { Conflict } from './conflict.ts';
import type { Rule } from './policy/judge.ts';
import type { WriteOperation } from './operation.ts';
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
  | 'VERSION_NOT_FOUND'
  | 'UNIQUENESS'
  | 'SCHEMA_VIOLATION'
  | 'TOO_LARGE'
  | 'VERSION_MISMATCH'
  | 'STALE_BODY'
  | 'RETRY_BUDGET_EXHAUSTED'
  | 'INVALID_VERSION_FORMAT'
  | 'INVALID_ARGUMENT'
  | 'INVALID_CURSOR'
  | 'INVALID_FILTER'
  | 'INVALID_PATH'
  | 'NO_TARGET'
  | 'MUTABILITY'
  | 'FORBIDDEN'
  /** The tenant's policy does not allow it. */
  | 'POLICY_REFUSED'
  /** The tenant's policy lets a person decide; nothing was written yet. */
  | 'APPROVAL_NEEDED'
  /** Who was asked has declined it, or nobody answered in time. */
  | 'DECLINED'
  /** Somebody else has answered the same question before. */
  | 'ALREADY_DECIDED'
  | 'UNAVAILABLE';

interface Details {
  issues?: Issue[];
  conflict?: Conflict;
  rule?: Rule;
  escalationId?: string;
  attempted?: WriteOperation;
  retryAfterMs?: number;
  scope?: Scope;
  cause?: unknown;
}

/** The one error type of the directory. Its message is safe to show to any caller of the same tenant. */
export class DirectoryError extends Error {
  override name = 'DirectoryError';
  readonly code: ErrorCode;
  /** For SCHEMA_VIOLATION, UNIQUENESS and INVALID_ARGUMENT: the attributes at fault. */
  readonly issues: Issue[];
  /** For VERSION_MISMATCH and STALE_BODY: what changed since the caller's version. */
  readonly conflict: Conflict | undefined;
  /** For POLICY_REFUSED and APPROVAL_NEEDED: the rule of the tenant's policy. */
  readonly rule: Rule | undefined;
  /** For APPROVAL_NEEDED and DECLINED: where the write waits, or has waited, for its answer. */
  readonly escalationId: string | undefined;
  /** Of these, of POLICY_REFUSED and APPROVAL_NEEDED: what was refused. No door shows it. */
  readonly attempted: WriteOperation | undefined;
  /** For RETRY_BUDGET_EXHAUSTED, and POLICY_REFUSED and APPROVAL_NEEDED in quiet hours: in how many milliseconds the caller may come back. */
  readonly retryAfterMs: number | undefined;
  /** For FORBIDDEN: the scope that the access would need, if that is why. */
  readonly scope: Scope | undefined;

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.issues = details.issues ?? [];
    this.conflict = details.conflict;
    this.scope = details.scope;
    this.rule = details.rule;
    this.escalationId = details.escalationId;
    this.attempted = details.attempted;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** @returns the same refusal, with what it refused. */
  attempting(attempted: WriteOperation): DirectoryError {
    return this.#with({ attempted });
  }

  /** @returns the same refusal, in other words. */
  saying(message: string): DirectoryError {
    return this.#with({}, message);
  }

  /** @returns the same refusal, with when the caller may come back. */
  retryAfter(retryAfterMs: number): DirectoryError {
    return this.#with({ retryAfterMs });
  }

  /** @returns the same refusal, with more about its conflict. */
  about(conflict: Conflict): DirectoryError {
    return this.#with({ conflict });
  }

  #with(details: Details, message = this.message): DirectoryError {
    const { code, issues, conflict, rule, escalationId, attempted, retryAfterMs, scope } = this;
    return new DirectoryError(code, message, {
      issues,
      ...(conflict && { conflict }),
      ...(rule && { rule }),
      ...(escalationId !== undefined && { escalationId }),
      ...(attempted && { attempted }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(scope !== undefined && { scope }),
      cause: this.cause,
      ...details,
    });
  }
}
