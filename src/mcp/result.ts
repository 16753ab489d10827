import type { CallToolResult } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { DirectoryError, type Conflict, type ErrorCode } from '../directory/index.ts';
import type { Success } from './tools/tool.ts';

/** Codes that clients get in `content.error_code`: seed 001's where it names one, RFC-like names otherwise. */
export type ToolErrorCode =
  | Exclude<ErrorCode, 'NOT_FOUND' | 'INVALID_ARGUMENT'>
  | 'USER_NOT_FOUND'
  | 'INVALID_ARGUMENTS'
  | 'TENANT_MISMATCH'
  | 'INTERNAL_ERROR';

/**
 * The one form of a result that succeeded: structured, as JSON text for clients that read text only, and the metadata in
 * `_meta`, where clients of the Rust scim-server look for it.
 */
export function succeeded({ content, metadata }: Success): CallToolResult {
  const structuredContent = { success: true, content, metadata };
  return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent, _meta: metadata };
}

/** The one form of a refusal. The text can be read alone: it says what to do next. */
export function refused(
  code: ToolErrorCode,
  error: string,
  metadata: Record<string, unknown>,
  more: object = {},
): CallToolResult {
  const structuredContent = { success: false, content: { error, error_code: code, ...more }, metadata };
  return {
    isError: true,
    content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
    structuredContent,
    _meta: metadata,
  };
}

/** Maps what a tool threw. @returns undefined for what is not the caller's to know. */
export function refusedBecause(error: unknown, metadata: Record<string, unknown>): CallToolResult | undefined {
  if (!(error instanceof DirectoryError)) return undefined;
  const { conflict, issues } = error;
  if (conflict)
    return refused('VERSION_MISMATCH', conflictText(error.message, conflict), metadata, { conflict: toWire(conflict) });
  const code: ToolErrorCode =
    error.code === 'NOT_FOUND' ? 'USER_NOT_FOUND' : error.code === 'INVALID_ARGUMENT' ? 'INVALID_ARGUMENTS' : error.code;
  return refused(code, error.message, metadata, issues.length > 0 ? { issues } : {});
}

/** Arguments that do not fit the tool's schema, each named with what it should be. */
export function invalidArguments(error: z.ZodError, metadata: Record<string, unknown>): CallToolResult {
  const issues = error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? { path: issue.keys.join(', '), message: 'Is not an argument of this tool. Leave it out.' }
      : { path: issue.path.join('.'), message: issue.message },
  );
  const text = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join(' ');
  return refused('INVALID_ARGUMENTS', `Nothing was done. ${text}`, metadata, { issues });
}

function conflictText(message: string, conflict: Conflict): string {
  const changes = conflict.changes.map(({ path, author }) => `${path} (by ${author.name})`).join(', ');
  const since = changes === '' ? 'The version you expected is not in its history.' : `Changed since your version: ${changes}.`;
  const next = conflict.merged
    ? 'Nothing overlaps with your change: to apply both, send conflict.merged as user_data with expected_version = conflict.current_version.'
    : 'Read conflict.current, decide what should stand, and send the whole record with expected_version = conflict.current_version.';
  return `${message}. Nothing was written. ${since} ${next}`;
}

/** A conflict in the wire's spelling. `current` and `merged` carry no meta; their version is beside them. */
function toWire(conflict: Conflict) {
  return {
    expected_version: conflict.expectedVersion,
    current_version: conflict.currentVersion,
    changes: conflict.changes.map(({ author, at, ...change }) => ({ ...change, actor: author, when: at })),
    current: { ...conflict.current, _version: conflict.currentVersion },
    overlap: conflict.overlapping,
    overlapping: conflict.collisions.map(({ path }) => path),
    ...(conflict.merged && { merged: conflict.merged }),
  };
}
