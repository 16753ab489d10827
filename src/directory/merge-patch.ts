import { DirectoryError } from './errors.ts';
import { isObject } from './normalise.ts';
import type { Resource } from './resource.ts';
import { findAttribute, type ResourceSchemas } from './schema.ts';

/**
 * Applies a JSON merge patch (RFC 7396) to a resource. Attribute names of the patch are matched caselessly, as SCIM's are.
 * @returns a new record, not yet validated.
 * @throws DirectoryError SCHEMA_VIOLATION if the patch is not an object.
 */
export function applyMergePatch(schemas: ResourceSchemas, resource: Resource, patch: unknown): unknown {
  if (!isObject(patch)) {
    const message = 'The patch must be a JSON object.';
    throw new DirectoryError('SCHEMA_VIOLATION', message, { issues: [{ path: '', message }] });
  }
  const named: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(patch)) {
    const extension = schemas.extensions.find((candidate) => candidate.id.toLowerCase() === key.toLowerCase());
    const attributes = extension?.attributes ?? findAttribute(schemas.core.attributes, key)?.subAttributes ?? [];
    const name = extension?.id ?? findAttribute(schemas.core.attributes, key)?.name ?? key;
    if (name === 'schemas') continue;
    define(named, name, isObject(value) ? canonicalKeys(value, (inner) => findAttribute(attributes, inner)?.name) : value);
  }
  const patched = mergePatch(resource, named);
  return patched;
}

function canonicalKeys(object: Record<string, unknown>, nameOf: (key: string) => string | undefined): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) define(result, nameOf(key) ?? key, value);
  return result;
}

function mergePatch(target: unknown, patch: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else define(result, key, isObject(value) ? mergePatch(result[key], value) : value);
  }
  return result;
}

/** Assigns as own property, so that a key such as `__proto__` stays data and is refused by validation. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
