import { limits } from './limits.ts';
import { coerceElement, coerceValue, isObject, isUnassigned, simpleProblem, unknownAttribute } from './normalise.ts';
import { parsePatchPath, refusal, type PatchPath } from './patch-path.ts';
import { findAttribute, type Attribute, type ResourceSchemas, type Schema } from './schema.ts';

/** A value of an operation with canonical names; null inside a complex one unassigns that sub-attribute. */
export type PatchValue = string | number | boolean | null | PatchValue[] | { [name: string]: PatchValue };

/** One operation of a PATCH on one attribute, checked against the schemas. */
export type PatchOperation = {
  path: PatchPath;
  /** Whether what Entra ID and Okta mean beyond the RFC is refused. */
  strict: boolean;
} & (
  | { op: 'add' | 'replace'; value: Exclude<PatchValue, null> }
  /** With elements, only these are removed. */
  | { op: 'remove'; elements?: PatchValue[] }
);

type Op = PatchOperation['op'];

const messageUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/**
 * Reads a PATCH request (RFC 7644 §3.5.2): resolves its paths, checks its values and brings them into the schemas' form.
 * Operations without a path, and those on a whole extension, become one operation for each attribute; a replacement by null
 * or an empty value becomes a removal (RFC 7643 §2.5).
 * @param body the PatchOp message, or only its list of operations.
 * @param options.strict refuses what only some clients send: no path, `"True"` for booleans, removal by value and the like.
 * @throws DirectoryError SCHEMA_VIOLATION, INVALID_PATH, INVALID_FILTER, NO_TARGET for a removal without path, MUTABILITY for
 *   read-only attributes.
 */
export function parsePatch(schemas: ResourceSchemas, body: unknown, options: { strict: boolean }): PatchOperation[] {
  const sent = operationsOf(body, options.strict);
  if (sent.length === 0 || sent.length > limits.elementsMax)
    throw refusal('SCHEMA_VIOLATION', 'Operations', `Must have 1 to ${limits.elementsMax} operations, has ${sent.length}.`);
  const parser = new Parser(schemas, options.strict);
  sent.forEach((operation, index) => parser.operation(operation, `Operations[${index}]`));
  return parser.operations;
}

function operationsOf(body: unknown, strict: boolean): unknown[] {
  if (Array.isArray(body)) return body;
  if (!isObject(body)) throw refusal('SCHEMA_VIOLATION', 'PATCH', 'The body must be a JSON object with "Operations".');
  const urns = member(body, 'schemas');
  const isNamed = Array.isArray(urns) && urns.some((urn) => typeof urn === 'string' && fold(urn) === fold(messageUrn));
  if (!isNamed && (strict || urns !== undefined)) throw refusal('SCHEMA_VIOLATION', 'schemas', `Must contain "${messageUrn}".`);
  const operations = member(body, 'Operations');
  if (!Array.isArray(operations)) throw refusal('SCHEMA_VIOLATION', 'Operations', 'Must be a list of operations.');
  return operations;
}

/** Attribute names of messages are caseless, as all in SCIM (RFC 7643 §2.1). */
function member(object: Record<string, unknown>, name: string): unknown {
  return Object.entries(object).find(([key]) => fold(key) === fold(name))?.[1];
}

class Parser {
  readonly operations: PatchOperation[] = [];
  readonly #schemas: ResourceSchemas;
  readonly #strict: boolean;

  constructor(schemas: ResourceSchemas, strict: boolean) {
    this.#schemas = schemas;
    this.#strict = strict;
  }

  operation(sent: unknown, place: string): void {
    if (!isObject(sent)) throw refusal('SCHEMA_VIOLATION', place, 'Must be an object with "op", "path" and "value".');
    const op = opOf(member(sent, 'op'), place);
    const path = member(sent, 'path') ?? '';
    const value = member(sent, 'value');
    if (typeof path !== 'string') throw refusal('INVALID_PATH', place, 'The path must be a string.');
    if (op !== 'remove' && value === undefined)
      throw refusal('SCHEMA_VIOLATION', path || place, `An operation "${op}" needs a "value".`);
    if (path !== '') this.#at(op, path, value);
    else if (op === 'remove') throw refusal('NO_TARGET', place, 'An operation "remove" needs a "path", for example "title".');
    else if (this.#strict)
      throw refusal('SCHEMA_VIOLATION', place, 'An operation needs a "path". Send one operation for each attribute.');
    else this.#members(op, value, '', place);
  }

  #at(op: Op, path: string, value: unknown): void {
    const schema = this.#schema(path);
    if (!schema) this.#one(op, parsePatchPath(this.#schemas, path), value);
    else if (op !== 'remove' && !isUnassigned(value)) this.#members(op, value, `${schema.id}:`, path);
    else if (schema === this.#schemas.core)
      throw refusal('INVALID_PATH', path, 'Names the whole resource. Name the attribute to remove, for example "title".');
    else if (op !== 'add')
      for (const { name, mutability } of schema.attributes)
        if (mutability !== 'readOnly') this.#one('remove', parsePatchPath(this.#schemas, `${schema.id}:${name}`), undefined);
  }

  /** @returns the schema whose URN a path is, if it is one. */
  #schema(path: string): Schema | undefined {
    return [this.#schemas.core, ...this.#schemas.extensions].find(({ id }) => fold(id) === fold(path));
  }

  /** Each member of the object is an operation of its own, with its key as the path. */
  #members(op: Exclude<Op, 'remove'>, value: unknown, prefix: string, place: string): void {
    if (!isObject(value))
      throw refusal('SCHEMA_VIOLATION', place, 'The value must be an object with the attributes to write, or give a "path".');
    for (const [key, inner] of Object.entries(value)) {
      // Clients send `schemas` along. It follows from what the resource has.
      if (inner === undefined || fold(key) === 'schemas') continue;
      if (prefix === '') this.#at(op, key, inner);
      else this.#one(op, parsePatchPath(this.#schemas, prefix + key), inner);
    }
  }

  #one(op: Op, path: PatchPath, value: unknown): void {
    const { attribute, sub, text } = path;
    const target = sub ?? attribute;
    // Okta sends the id along with a group's new name; applyPatch finds out whether it is the same.
    const mayBeSame = attribute.name === 'id' && op !== 'remove';
    if ((attribute.mutability === 'readOnly' || target.mutability === 'readOnly') && !mayBeSame)
      throw refusal('MUTABILITY', text, 'Is read-only: the directory writes it. Leave it out.');
    if (op === 'remove') return this.#remove(path, value);
    const isElement = path.filter !== undefined && sub === undefined;
    const coerced = this.#strict ? value : isElement ? coerceElement(attribute, value) : coerceValue(target, value);
    const checked = isElement ? elementValue(attribute, coerced, text) : patchValue(target, coerced, text);
    if (checked !== null) this.operations.push({ op, path, value: checked, strict: this.#strict });
    else if (op === 'replace') this.#remove(path, undefined);
  }

  #remove(path: PatchPath, value: unknown): void {
    const { attribute, filter, sub, text } = path;
    if ((sub ?? attribute).mutability === 'writeOnly')
      throw refusal('MUTABILITY', text, 'Can be replaced, but not removed: nobody can see whether it is there.');
    const operation: PatchOperation = { op: 'remove', path, strict: this.#strict };
    if (isUnassigned(value) && !Array.isArray(value)) this.operations.push(operation);
    else if (this.#strict)
      throw refusal('SCHEMA_VIOLATION', text, 'An operation "remove" has no "value". Choose by a filter: members[value eq "…"].');
    else if (!attribute.multiValued || filter || sub) this.operations.push(operation);
    else {
      const elements = Array.isArray(value) ? value : [value];
      const coerced = elements.map((element) => coerceElement(attribute, element));
      this.operations.push({ ...operation, elements: listValue(attribute, coerced, text) });
    }
  }
}

function opOf(sent: unknown, place: string): Op {
  const op = typeof sent === 'string' ? fold(sent) : undefined;
  if (op === 'add' || op === 'replace' || op === 'remove') return op;
  throw refusal('SCHEMA_VIOLATION', `${place}.op`, 'Must be "add", "replace" or "remove".');
}

/** Checks a value and gives it canonical names. @returns null for one that means "not assigned". */
function patchValue(attribute: Attribute, value: unknown, path: string): PatchValue {
  if (isUnassigned(value)) return null;
  if (!attribute.multiValued) return elementValue(attribute, value, path);
  if (!Array.isArray(value)) throw refusal('SCHEMA_VIOLATION', path, 'Has several values: send a list.');
  const elements = listValue(attribute, value, path);
  return elements.length > 0 ? elements : null;
}

function listValue(attribute: Attribute, value: unknown[], path: string): PatchValue[] {
  const elements = value.map((element, index) => elementValue(attribute, element, `${path}[${index}]`));
  // An element of which only read-only parts were sent would stand for any element.
  const nothing = elements.findIndex((element) => isObject(element) && Object.values(element).every((inner) => inner === null));
  if (nothing >= 0) throw refusal('SCHEMA_VIOLATION', `${path}[${nothing}]`, 'Has nothing that can be written.');
  return elements.filter((element) => element !== null);
}

function elementValue(attribute: Attribute, value: unknown, path: string): PatchValue {
  if (isUnassigned(value)) return null;
  if (attribute.type === 'complex') return complexValue(attribute, value, path);
  const problem = simpleProblem(attribute, value);
  if (problem !== undefined) throw refusal('SCHEMA_VIOLATION', path, problem);
  return value as string | number | boolean;
}

function complexValue({ subAttributes = [] }: Attribute, value: unknown, path: string): PatchValue {
  if (!isObject(value)) {
    const names = subAttributes.map(({ name }) => name).join(', ');
    throw refusal('SCHEMA_VIOLATION', path, `Must be an object with some of ${names}.`);
  }
  const members: [string, PatchValue][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const sub = findAttribute(subAttributes, key);
    if (!sub) throw refusal('SCHEMA_VIOLATION', `${path}.${key}`, unknownAttribute(key, subAttributes));
    // As in a whole record, what is read-only is ignored inside a value (RFC 7644 §3.5.1).
    if (sub.mutability !== 'readOnly') members.push([sub.name, patchValue(sub, inner, `${path}.${sub.name}`)]);
  }
  return Object.fromEntries(members);
}

function fold(text: string): string {
  return text.toLowerCase();
}
