import { DirectoryError, resolvePath, type ErrorCode, type ResourceSchemas } from '../directory/index.ts';
import { conflictDetail, conflictExtension } from './conflict.ts';
import { urns } from './protocol.ts';

/** The detail error keywords of RFC 7644 §3.12 and RFC 9865 §2.3 that this door answers. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidCursor'
  | 'invalidCount';

/** A refusal in SCIM's terms. Its message is for the caller. */
export class ScimError extends Error {
  override name = 'ScimError';
  readonly status: number;
  readonly scimType: ScimType | undefined;
  /** More members of the body, by the URN of their schema. */
  readonly extensions: Record<string, object>;

  constructor(
    status: number,
    message: string,
    options: { scimType?: ScimType; extensions?: Record<string, object>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.scimType = options.scimType;
    this.extensions = options.extensions ?? {};
  }
}

/** A refusal because of what was sent: 400 with a keyword. */
export function badRequest(scimType: ScimType, message: string): ScimError {
  return new ScimError(400, message, { scimType });
}

/** The body of an error answer (RFC 7644 §3.12): the status is a string. */
export function errorBody(status: number, detail: string, scimType?: ScimType, extensions: Record<string, object> = {}): object {
  return {
    schemas: [urns.error, ...Object.keys(extensions)],
    status: String(status),
    ...(scimType && { scimType }),
    detail,
    ...extensions,
  };
}

const mapped: Record<ErrorCode, [status: number, scimType?: ScimType]> = {
  NOT_FOUND: [404],
  VERSION_NOT_FOUND: [404],
  UNIQUENESS: [409, 'uniqueness'],
  SCHEMA_VIOLATION: [400, 'invalidValue'],
  TOO_LARGE: [413],
  VERSION_MISMATCH: [412],
  // The version was right; RFC 9110 §13.1.1 keeps 412 for one that was not.
  STALE_BODY: [409],
  RETRY_BUDGET_EXHAUSTED: [429],
  INVALID_VERSION_FORMAT: [400, 'invalidValue'],
  INVALID_ARGUMENT: [400, 'invalidValue'],
  INVALID_CURSOR: [400, 'invalidCursor'],
  INVALID_FILTER: [400, 'invalidFilter'],
  INVALID_PATH: [400, 'invalidPath'],
  NO_TARGET: [400, 'noTarget'],
  MUTABILITY: [400, 'mutability'],
  FORBIDDEN: [403],
  POLICY_REFUSED: [403],
  APPROVAL_NEEDED: [403],
  DECLINED: [403],
  ALREADY_DECIDED: [409],
  UNAVAILABLE: [503],
};

/**
 * Maps what a handler threw, once for the whole door.
 * @param schemas of the resource that the request was about, or of all types.
 * @returns undefined for what is not the caller's to know.
 */
export function toScimError(error: unknown, schemas: readonly ResourceSchemas[]): ScimError | undefined {
  if (error instanceof ScimError) return error;
  if (!(error instanceof DirectoryError)) return undefined;
  const [status, scimType] = mapped[error.code];
  if (error.conflict)
    return new ScimError(status, conflictDetail(error.message, error.conflict), {
      extensions: { [urns.conflict]: conflictExtension(error.conflict) },
      cause: error,
    });
  const isForm = error.code === 'SCHEMA_VIOLATION' && error.issues.some(({ path }) => !isKnown(path, schemas));
  const type = isForm ? 'invalidSyntax' : scimType;
  return new ScimError(status, error.message, { ...(type && { scimType: type }), cause: error });
}

/** A path that no schema has tells of the message's form, not of a value: an unknown attribute, or no object at all. */
function isKnown(path: string, schemas: readonly ResourceSchemas[]): boolean {
  const plain = path.replaceAll(/\[[^\]]*\]/g, '');
  return schemas.some((candidate) => resolvePath(candidate, plain) !== undefined);
}
