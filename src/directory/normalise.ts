import { DirectoryError, type Issue } from './errors.ts';
import { limits } from './limits.ts';
import type { Complex, Json } from './resource.ts';
import { findAttribute, type Attribute, type ResourceSchemas } from './schema.ts';

/** A record as a caller sent it, checked and brought into the form in which it is stored. */
export interface Normalised {
  /** Canonical attribute names, assigned attributes only, without `id` and `meta`. */
  content: { schemas: string[]; [attribute: string]: Json };
  /** The new password in clear, if the record carried one; it is never part of the content. */
  password: string | undefined;
}

/** Names that callers get from the directory and may send back; they say nothing new. */
const ignored = new Set(['id', 'meta', '_version']);

/**
 * Checks a whole record against its schemas and normalises it: attribute names get their canonical case, null and empty
 * values count as unassigned (RFC 7643 §2.5), read-only attributes are ignored (RFC 7644 §3.5.1), `primary: false` is the
 * default and left out, and `schemas` lists the extensions that have values.
 * @param options.coerce reads the forms in which provisioning clients write values, see coerceValue.
 * @throws DirectoryError SCHEMA_VIOLATION with every issue found, TOO_LARGE for values over the limits.
 */
export function normalise(
  schemas: ResourceSchemas,
  input: unknown,
  options: { coerce: boolean } = { coerce: false },
): Normalised {
  if (!isObject(input)) violation([{ path: '', message: 'The record must be a JSON object.' }]);
  const issues: Issue[] = [];
  const content: Normalised['content'] = { schemas: [schemas.core.id] };
  let password: string | undefined;

  checkSchemas(schemas, input, issues);
  for (const [key, sent] of Object.entries(input)) {
    if (ignored.has(key) || key.toLowerCase() === 'schemas') continue;
    const extension = schemas.extensions.find((candidate) => candidate.id.toLowerCase() === key.toLowerCase());
    if (extension) {
      if (isUnassigned(sent)) continue;
      const extended = complexValue(
        extension.attributes,
        options.coerce ? coerceMembers(extension.attributes, sent) : sent,
        extension.id,
        issues,
        ':',
      );
      if (!extended) continue;
      content[extension.id] = extended;
      content.schemas.push(extension.id);
      continue;
    }
    const attribute = findAttribute(schemas.core.attributes, key);
    const value = attribute && options.coerce ? coerceValue(attribute, sent) : sent;
    if (!attribute) issues.push({ path: key, message: unknownAttribute(key, schemas.core.attributes, schemas) });
    else if (Object.hasOwn(content, attribute.name)) issues.push({ path: key, message: 'Sent twice, in different case.' });
    else if (attribute.name === 'password') {
      if (typeof value === 'string' && value.length > 0) password = value;
      else if (!isUnassigned(value)) issues.push({ path: key, message: 'Must be a string.' });
    } else {
      const normal = attributeValue(attribute, value, attribute.name, issues);
      if (normal !== undefined) content[attribute.name] = normal;
    }
  }
  for (const attribute of schemas.core.attributes)
    if (attribute.required && content[attribute.name] === undefined && !issues.some((issue) => issue.path === attribute.name))
      issues.push({ path: attribute.name, message: 'Is required and missing. Send the whole record.' });
  for (const extension of schemas.extensions)
    checkRequired(extension.attributes, content[extension.id], extension.id, ':', issues);
  const userName = content['userName'];
  if (typeof userName === 'string') checkUserName(userName, issues);
  if (issues.length > 0) violation(issues);
  content.schemas.sort((a, b) => Number(b === schemas.core.id) - Number(a === schemas.core.id) || (a < b ? -1 : 1));
  return { content, password };
}

/** What an extension requires, each resource of the type must have; what a complex value requires, each of its values. */
function checkRequired(
  attributes: readonly Attribute[],
  value: Json | undefined,
  path: string,
  separator: '.' | ':',
  issues: Issue[],
): void {
  for (const { name, required } of attributes) {
    if (!required || (isObject(value) && value[name] !== undefined)) continue;
    const at = `${path}${separator}${name}`;
    if (!issues.some((issue) => issue.path === at)) issues.push({ path: at, message: 'Is required and missing.' });
  }
}

function violation(issues: Issue[]): never {
  const text = issues.map((issue) => (issue.path ? `${issue.path}: ${issue.message}` : issue.message)).join(' ');
  throw new DirectoryError('SCHEMA_VIOLATION', text, { issues });
}

function checkSchemas(schemas: ResourceSchemas, input: Record<string, unknown>, issues: Issue[]): void {
  const sent = Object.entries(input).find(([key]) => key.toLowerCase() === 'schemas')?.[1];
  const known = [schemas.core, ...schemas.extensions].map((schema) => schema.id);
  if (!Array.isArray(sent) || sent.length === 0)
    issues.push({ path: 'schemas', message: `Is required and missing. Send ["${schemas.core.id}"].` });
  else if (!sent.some((urn) => sameUrn(urn, schemas.core.id)))
    issues.push({ path: 'schemas', message: `Must contain "${schemas.core.id}".` });
  else
    for (const urn of sent)
      if (!known.some((candidate) => sameUrn(urn, candidate)))
        issues.push({ path: 'schemas', message: `"${String(urn).slice(0, 100)}" is unknown here. Known: ${known.join(', ')}.` });
}

function sameUrn(sent: unknown, urn: string): boolean {
  return typeof sent === 'string' && sent.toLowerCase() === urn.toLowerCase();
}

/** @returns what to say of a name that none of these attributes has. */
export function unknownAttribute(key: string, attributes: readonly Attribute[], schemas?: ResourceSchemas): string {
  const extension = schemas?.extensions.find((candidate) => findAttribute(candidate.attributes, key));
  if (extension) return `Belongs inside "${extension.id}".`;
  const names = attributes.filter((attribute) => attribute.mutability !== 'readOnly').map((attribute) => attribute.name);
  return `Is not an attribute here. Known: ${names.join(', ')}.`;
}

function checkUserName(userName: string, issues: Issue[]): void {
  if (userName.trim() !== userName || userName.trim() === '')
    issues.push({ path: 'userName', message: 'Must not be empty or begin or end with white space.' });
  else if (userName.length > limits.userNameLengthMax)
    issues.push({ path: 'userName', message: `Must be at most ${limits.userNameLengthMax} characters long.` });
}

function attributeValue(attribute: Attribute, value: unknown, path: string, issues: Issue[]): Json | undefined {
  if (attribute.mutability === 'readOnly' || isUnassigned(value)) return undefined;
  if (!attribute.multiValued) return singleValue(attribute, value, path, issues);
  if (!Array.isArray(value)) {
    issues.push({ path, message: 'Has several values: send a list.' });
    return undefined;
  }
  const most = attribute.name === 'members' ? limits.membersPerWriteMax : limits.elementsMax;
  if (value.length > most) {
    issues.push({ path, message: `Has ${value.length} values; at most ${most} can be stored.` });
    return undefined;
  }
  const elements: Json[] = [];
  const seen = new Set<string>();
  value.forEach((element, index) => {
    const normal = singleValue(attribute, element, `${path}[${index}]`, issues);
    if (normal === undefined) return;
    if (value.length === 1) {
      elements.push(normal);
      return;
    }
    const key = JSON.stringify(normal, isObject(normal) ? Object.keys(normal).toSorted() : undefined);
    if (!seen.has(key)) elements.push(normal);
    seen.add(key);
  });
  if (elements.filter((element) => isObject(element) && element['primary'] === true).length > 1)
    issues.push({ path, message: 'Only one value may be primary.' });
  return elements.length > 0 ? elements : undefined;
}

function singleValue(attribute: Attribute, value: unknown, path: string, issues: Issue[]): Json | undefined {
  if (isUnassigned(value)) return undefined;
  if (attribute.type === 'complex') {
    const { subAttributes = [] } = attribute;
    const normal = complexValue(subAttributes, value, path, issues, '.');
    if (normal) checkRequired(subAttributes, normal, path, '.', issues);
    return normal;
  }
  const problem = simpleProblem(attribute, value);
  if (problem === undefined) return value as Json;
  issues.push({ path, message: problem });
  return undefined;
}

function complexValue(
  attributes: readonly Attribute[],
  value: unknown,
  path: string,
  issues: Issue[],
  separator: '.' | ':',
): Complex | undefined {
  if (!isObject(value)) {
    const names = attributes.slice(0, 4).map((attribute) => `"${attribute.name}"`);
    issues.push({ path, message: `Must be an object with ${names.join(', ')}${attributes.length > 4 ? ' …' : ''}.` });
    return undefined;
  }
  const normal: Complex = {};
  for (const [key, inner] of Object.entries(value)) {
    const sub = findAttribute(attributes, key);
    const subPath = `${path}${separator}${sub?.name ?? key}`;
    if (!sub) issues.push({ path: subPath, message: unknownAttribute(key, attributes) });
    else {
      const normalInner = attributeValue(sub, inner, subPath, issues);
      if (normalInner !== undefined && !(sub.name === 'primary' && normalInner === false)) normal[sub.name] = normalInner;
    }
  }
  return Object.keys(normal).length > 0 ? normal : undefined;
}

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** @returns what is wrong with a simple value, or undefined. */
export function simpleProblem(attribute: Attribute, value: unknown): string | undefined {
  switch (attribute.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'Must be true or false.';
    case 'integer':
      return Number.isSafeInteger(value) ? undefined : 'Must be a whole number.';
    case 'decimal':
      return typeof value === 'number' && Number.isFinite(value) ? undefined : 'Must be a number.';
    case 'string':
    case 'dateTime':
    case 'binary':
    case 'reference':
    case 'complex':
      if (typeof value !== 'string') return 'Must be a string.';
      if (value.length > limits.stringLengthMax) return `Must be at most ${limits.stringLengthMax} characters long.`;
      if (control.test(value)) return 'Must not contain control characters.';
      if (!value.isWellFormed()) return 'Must be well-formed Unicode text.';
      if (attribute.type === 'dateTime' && !(dateTime.test(value) && !Number.isNaN(Date.parse(value))))
        return 'Must be a date and time such as 2026-01-31T12:00:00Z.';
      if (attribute.type === 'binary' && !base64.test(value)) return 'Must be base64.';
      return undefined;
  }
}

/**
 * Reads a value as provisioning clients write it where the schema wants another form: Entra ID's "True" and "False" for
 * booleans, numbers in strings, one value where a list is expected and a list of one where one value is, a bare string for
 * a complex attribute that has a `value` (Entra's manager).
 * @returns the value in the schema's form; anything else as it came, to be judged by the schema.
 */
export function coerceValue(attribute: Attribute, value: unknown): unknown {
  if (!attribute.multiValued || isUnassigned(value)) return coerceElement(attribute, value);
  return (Array.isArray(value) ? value : [value]).map((element) => coerceElement(attribute, element));
}

/** As coerceValue, of one element of a multi-valued attribute. */
export function coerceElement(attribute: Attribute, value: unknown): unknown {
  const one: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (attribute.type === 'complex') {
    const subAttributes = attribute.subAttributes ?? [];
    if (typeof one === 'string' && one !== '' && findAttribute(subAttributes, 'value')) return { value: one };
    return coerceMembers(subAttributes, one);
  }
  if (typeof one !== 'string') return one;
  if (attribute.type === 'boolean' && /^(?:true|false)$/i.test(one)) return one.toLowerCase() === 'true';
  if ((attribute.type === 'integer' || attribute.type === 'decimal') && /^-?\d+(?:\.\d+)?$/.test(one)) return Number(one);
  return one;
}

function coerceMembers(attributes: readonly Attribute[], value: unknown): unknown {
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([key, inner]): [string, unknown] => {
    const attribute = findAttribute(attributes, key);
    return [key, attribute ? coerceValue(attribute, inner) : inner];
  });
  // Not by assignment: a key such as `__proto__` stays data, and is refused as an unknown attribute.
  return Object.fromEntries(members);
}

/** @returns whether a value means that the attribute is not assigned (RFC 7643 §2.5). */
export function isUnassigned(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

/** @returns whether it is a JSON object, not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
