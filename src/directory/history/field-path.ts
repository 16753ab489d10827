import { DirectoryError } from '../errors.ts';
import type { ResourceType } from '../resource.ts';
import { resolvePath, type ResourceSchemas } from '../schema.ts';

const brackets = /\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\]/g;

/** A field that a caller names, to be held against the paths of changes. */
export interface FieldPath {
  /** Without brackets: `emails.value`, `urn:…:User:department`. */
  bare: string;
  /** With brackets, where the caller named one element: `emails[type eq "work"].value`. */
  exact?: string;
}

const examples: Record<ResourceType, string> = {
  User: 'title or emails.value',
  Group: 'displayName or members',
  Agent: 'active or owners',
};

/**
 * Reads a field: an attribute path as elsewhere, with or without the URN of an extension, or a path as changes have it.
 * @param argument what the caller calls it.
 * @throws DirectoryError INVALID_PATH for what no schema has.
 */
export function parseField(schemas: ResourceSchemas, text: string, argument: string): FieldPath {
  const trimmed = text.trim();
  const resolved = resolvePath(schemas, trimmed.replaceAll(brackets, ''));
  if (!resolved || resolved.attribute.name === 'password') {
    const message = `${argument}: '${trimmed.slice(0, 200)}' is no attribute of a ${schemas.type.toLowerCase()}. Name one as in changes, for example ${examples[schemas.type]}.`;
    throw new DirectoryError('INVALID_PATH', message, { issues: [{ path: argument, message }] });
  }
  const [first = '', ...rest] = resolved.keys;
  const bare = first.startsWith('urn:') ? `${first}:${rest.join('.')}` : resolved.keys.join('.');
  return trimmed.includes('[') ? { bare, exact: trimmed } : { bare };
}

/** Whether a change at this path is one of the field, or of a part of it. */
export function covers({ bare, exact }: FieldPath, path: string): boolean {
  return exact === undefined ? isWithin(path.replaceAll(brackets, ''), bare) : isWithin(path, exact);
}

/** Whether a change at this path has to do with the field: is of it, of a part of it, or of what it is a part of. */
export function touches(field: FieldPath, path: string): boolean {
  if (covers(field, path)) return true;
  return field.exact === undefined ? isWithin(field.bare, path.replaceAll(brackets, '')) : isWithin(field.exact, path);
}

function isWithin(path: string, whole: string): boolean {
  return path === whole || (path.startsWith(whole) && /^[.:[]/.test(path.slice(whole.length)));
}
