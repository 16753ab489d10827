import type { RefusalContent, ToolErrorCode } from './result.ts';

/**
 * The codes of seed 003 for errors at the level of the protocol. JSON-RPC leaves −32000 to −32099 to servers, of which MCP's
 * revision 2026-07-28 keeps −32020 to −32099 for itself: these do not collide with it. Its −32002 (resource not found, 2025 era)
 * stands only in answers to `resources/read`, which the SDK writes; ours stands with HTTP 403 (decision 0027).
 */
export const rpcCodes = {
  /** An application error: what was asked cannot be done as it was asked. */
  business: -32_000,
  authentication: -32_001,
  authorization: -32_002,
  /** `details.retry_after_seconds` says when to come back. */
  rateLimit: -32_003,
  /** What is named is not there, or cannot be reached at the moment. */
  unavailable: -32_004,
} as const;

/** JSON-RPC's own codes (JSON-RPC 2.0 §5.1). */
export const jsonRpcCodes = { parse: -32_700, invalidRequest: -32_600, invalidParams: -32_602, internal: -32_603 } as const;

export type RpcCode = (typeof rpcCodes)[keyof typeof rpcCodes] | (typeof jsonRpcCodes)[keyof typeof jsonRpcCodes];

/** A JSON-RPC error as clients get it (seed 003, “Standard Error Response”). */
export interface RpcError {
  jsonrpc: '2.0';
  id: string | number | null;
  error: {
    code: RpcCode;
    message: string;
    data: ErrorData;
  };
}

/** What stands beside a failure of the module, at the level of the protocol or inside a tool's result. */
interface ErrorData {
  operation: string;
  module: string;
  /** RFC 3339, UTC. */
  timestamp: string;
  details: Record<string, unknown>;
}

/** What the module's codes mean, for who reads its capabilities. */
export const moduleCodes = [
  { code: rpcCodes.business, meaning: 'What was asked cannot be done as it was asked.' },
  { code: rpcCodes.authentication, meaning: 'Who it is was not shown: a wrong password, code or token.' },
  { code: rpcCodes.authorization, meaning: 'This access may not do it.' },
  { code: rpcCodes.rateLimit, meaning: 'Too many tries; details says when to come back.' },
  { code: rpcCodes.unavailable, meaning: 'What is named is not there, or cannot be reached at the moment.' },
];

const toolCodes: Partial<Record<ToolErrorCode, RpcCode>> = {
  AUTHENTICATION_FAILED: rpcCodes.authentication,
  FORBIDDEN: rpcCodes.authorization,
  TENANT_MISMATCH: rpcCodes.authorization,
  RATE_LIMITED: rpcCodes.rateLimit,
  NOT_FOUND: rpcCodes.unavailable,
  UNAVAILABLE: rpcCodes.unavailable,
  INTERNAL_ERROR: jsonRpcCodes.internal,
};

/** A refusal of the module's tools: the same code and data as an error of the protocol has (seed 003). */
export function moduleRefusal(content: RefusalContent, operation: string): RefusalContent {
  const { error, error_code, ...details } = content;
  const code = toolCodes[error_code] ?? rpcCodes.business;
  const data: ErrorData = { operation, module: 'UserAuth', timestamp: new Date().toISOString(), details };
  return { ...content, error, error_code, code, data };
}

const userAuthCodes: ReadonlySet<RpcCode> = new Set([rpcCodes.authentication, rpcCodes.authorization, rpcCodes.rateLimit]);
const modulePrefix = 'user-auth_';
const lengthMax = 128;

/**
 * Makes the error that answers a request which no tool has seen.
 * @param request the body that was sent, as far as it was read: its id comes back, and `operation` says what it wanted.
 * @param error.details for programs; whatever stands there is shown to the caller.
 */
export function rpcErrorOf(
  request: unknown,
  error: { code: RpcCode; message: string; details?: Record<string, unknown> },
): RpcError {
  const { code, message, details = {} } = error;
  // Who may come in, what they may do and how often, is what the UserAuth module decides.
  const operation = operationOf(request);
  const isOurs = userAuthCodes.has(code) || operation.startsWith(modulePrefix);
  const data: ErrorData = {
    operation: operation.replace(modulePrefix, ''),
    module: isOurs ? 'UserAuth' : 'MCP',
    timestamp: new Date().toISOString(),
    details,
  };
  return { jsonrpc: '2.0', id: idOf(request), error: { code, message, data } };
}

/** The tool that a request calls, or its method; `request` if it is none. */
function operationOf(request: unknown): string {
  const { method, params } = (request ?? {}) as { method?: unknown; params?: { name?: unknown } | null };
  const name = method === 'tools/call' ? params?.name : method;
  return typeof name === 'string' && name.length <= lengthMax ? name : 'request';
}

/** What cannot be the id of a request is answered with null (JSON-RPC 2.0 §5). */
function idOf(request: unknown): string | number | null {
  const { id } = (request ?? {}) as { id?: unknown };
  return typeof id === 'number' || (typeof id === 'string' && id.length <= lengthMax) ? id : null;
}
