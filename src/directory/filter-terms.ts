import { excerpt, invalidFilter } from './filter-tokens.ts';
import { findAttribute, resolvePath, type Attribute, type ResourceSchemas } from './schema.ts';

/** An attribute of a filter, found in the schemas. */
export interface Place {
  attribute: Attribute;
  /** The canonical path from the resource, for example `emails.value` or `urn:…:User:department`. */
  path: string;
  /** Keys from the resource, or inside a value path from the element, down to the value. */
  keys: string[];
}

export type Operator = 'eq' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

/** What a comparison compares with, ready: text that is `folded` is in lower case, an instant is in epoch milliseconds. */
export type Operand =
  | { as: 'text'; folded: boolean; operand: string }
  | { as: 'number' | 'instant'; operand: number }
  | { as: 'boolean'; operand: boolean };

export type Comparison = { kind: 'comparison'; place: Place; operator: Operator } & Operand;

/**
 * A filter with its attributes resolved and its meaning spelled out: `ne` is `not` around `eq`, `eq null` is `not` around a
 * presence, `emails.value` is a value path over `emails`. A place never leads through a list; if its own attribute is a
 * list of simple values, then any of them may match.
 */
export type Filter =
  | { kind: 'and'; filters: Filter[] }
  | { kind: 'or'; filters: Filter[] }
  | { kind: 'not'; filter: Filter }
  | Comparison
  | { kind: 'presence'; place: Place }
  | { kind: 'valuePath'; place: Place; filter: Filter };

/** Where a path leads: to a place, and if that is inside a multi-valued attribute, then through this one. */
export interface Spot {
  place: Place;
  through?: Place;
}

/** The attributes that a part of a filter can name. */
export interface Scope {
  find(path: string): Spot | undefined;
  /** What they are called, for messages. */
  names: string[];
}

/** The value of a comparison as it is written. */
export type Literal = string | number | boolean | null;

/** Read-only attributes that the directory knows when it searches. The others are worked out when a resource is read. */
const searchable = /^(?:id|groups(?:\.value)?|meta(?:\.(?:resourceType|created|lastModified|version))?)$/;

/** @returns the attributes of a whole resource. */
export function resourceScope(schemas: ResourceSchemas): Scope {
  const names = [...schemas.core.attributes, ...schemas.extensions.flatMap(({ attributes }) => attributes)];
  const pathOf = ([first = '', ...rest]: string[]): string => {
    const extension = schemas.extensions.some(({ id }) => id === first);
    return extension ? `${first}:${rest.join('.')}` : [first, ...rest].join('.');
  };
  return {
    names: [...names.filter(({ returned }) => returned !== 'never').map(({ name }) => name), 'meta', 'schemas'],
    find(path) {
      const resolved = resolvePath(schemas, path);
      if (!resolved) return undefined;
      const { attribute, keys, multiValued } = resolved;
      if (!multiValued || multiValued === attribute) return { place: { attribute, keys, path: pathOf(keys) } };
      const above = keys.slice(0, -1);
      const through = { attribute: multiValued, keys: above, path: pathOf(above) };
      return { through, place: { attribute, keys: keys.slice(-1), path: pathOf(keys) } };
    },
  };
}

/** @returns the sub-attributes of a complex attribute: of one element if it is multi-valued, else from where it stands. */
export function partScope(place: Place): Scope {
  const attributes = place.attribute.subAttributes ?? [];
  const above = place.attribute.multiValued ? [] : place.keys;
  return {
    names: attributes.map(({ name }) => name),
    find(path) {
      const attribute = findAttribute(attributes, path);
      if (!attribute) return undefined;
      return { place: { attribute, keys: [...above, attribute.name], path: `${place.path}.${attribute.name}` } };
    },
  };
}

/**
 * Finds the attribute that a term of a filter names.
 * @param at where in the filter it stands.
 * @throws DirectoryError INVALID_FILTER if it is unknown, never returned, or not known when the directory searches.
 */
export function spotOf(scope: Scope, path: string, at: number): Spot {
  const spot = scope.find(path);
  if (!spot) {
    const written = excerpt(path);
    throw invalidFilter(`There is no attribute "${written}" here. Known: ${scope.names.join(', ')}.`, at, written);
  }
  const { attribute, path: canonical } = spot.place;
  if (attribute.returned === 'never')
    throw invalidFilter(`${canonical} is never shown, so it cannot be searched for. Filter by another attribute.`, at, canonical);
  if (attribute.mutability === 'readOnly' && !searchable.test(canonical)) {
    const derived = 'is worked out when a resource is read, so it cannot be searched for';
    throw invalidFilter(`${canonical} ${derived}. Filter by another attribute, for example by an id.`, at, canonical);
  }
  return spot;
}

/** @returns the filter that finds the resources where the attribute has a value (`pr`). */
export function presenceOf({ place, through }: Spot): Filter {
  return throughList(through, { kind: 'presence', place });
}

/**
 * Makes a comparison of an attribute with a value; both must suit the operator. A complex attribute stands for its `value`.
 * @param at where in the filter the value stands.
 * @throws DirectoryError INVALID_FILTER where the attribute, the operator and the value do not fit together.
 */
export function comparisonOf(spot: Spot, operator: Operator, literal: Exclude<Literal, null>, at: number): Filter {
  const { place, through } = withValue(spot, at);
  const { attribute, path } = place;
  const { type, name } = attribute;
  if (type === 'boolean' && name === 'primary' && operator === 'eq' && booleanOf(literal) === false) {
    // `primary` is stored only where it is true (RFC 7643 §2.4: "not specified" is assumed to be false).
    const isPrimary: Filter = { kind: 'comparison', place, operator, as: 'boolean', operand: true };
    return throughList(through, { kind: 'not', filter: isPrimary });
  }
  const problem = operatorProblem(attribute, operator);
  if (problem !== undefined) throw invalidFilter(`${path} ${problem}`, at, path);
  const operand = operandOf(place, operator, literal);
  if (!operand)
    throw invalidFilter(`${path} must be compared with ${wanted[type]}, not with ${excerpt(JSON.stringify(literal))}.`, at, path);
  return throughList(through, { kind: 'comparison', place, operator, ...operand });
}

function throughList(through: Place | undefined, filter: Filter): Filter {
  return through ? { kind: 'valuePath', place: through, filter } : filter;
}

function withValue(spot: Spot, at: number): Spot {
  const { place } = spot;
  if (place.attribute.type !== 'complex') return spot;
  const parts = partScope(place);
  const value = parts.find('value');
  if (!value) {
    const example = `${place.path}.${parts.names[0] ?? ''}`;
    const message = `${place.path} has no single value to compare. Compare a part of it, for example ${example}, or write ${place.path} pr.`;
    throw invalidFilter(message, at, place.path);
  }
  return place.attribute.multiValued ? { ...value, through: place } : value;
}

const wanted: Record<Attribute['type'], string> = {
  string: 'a text in double quotes',
  reference: 'a text in double quotes',
  binary: 'base64 text in double quotes',
  boolean: 'true or false',
  integer: 'a number',
  decimal: 'a number',
  dateTime: 'a date and time with its offset, for example "2026-01-31T12:00:00Z"',
  complex: 'nothing',
};

/** @returns why the operator cannot be used on such an attribute, or undefined. */
function operatorProblem({ type }: Attribute, operator: Operator): string | undefined {
  if (operator === 'eq') return undefined;
  if (type === 'boolean' || type === 'binary')
    return `is ${type}: it has no order and no parts. Use eq, ne or pr instead of ${operator}.`;
  const inText = operator === 'co' || operator === 'sw' || operator === 'ew';
  if (inText && type !== 'string' && type !== 'reference')
    return `is no text. Use eq, ne, gt, ge, lt, le or pr instead of ${operator}.`;
  return undefined;
}

function operandOf({ attribute, path }: Place, operator: Operator, literal: Exclude<Literal, null>): Operand | undefined {
  switch (attribute.type) {
    case 'boolean': {
      const operand = booleanOf(literal);
      return operand === undefined ? undefined : { as: 'boolean', operand };
    }
    case 'integer':
    case 'decimal':
      return typeof literal === 'number' ? { as: 'number', operand: literal } : undefined;
    case 'dateTime': {
      const operand = typeof literal === 'string' ? instantOf(literal) : undefined;
      return operand === undefined ? undefined : { as: 'instant', operand };
    }
    case 'string':
    case 'reference':
    case 'binary': {
      if (typeof literal !== 'string') return undefined;
      // Ids are exact wherever they stand, although RFC 7643 §8.7.1 has groups.value as caseless.
      const folded = !attribute.caseExact && attribute.type !== 'binary' && path !== 'groups.value';
      const operand = path === 'meta.version' && operator === 'eq' ? rawVersion(literal) : literal;
      return { as: 'text', folded, operand: folded ? operand.toLowerCase() : operand };
    }
    case 'complex':
      return undefined;
  }
}

/** Entra ID writes booleans as strings. */
function booleanOf(literal: Literal): boolean | undefined {
  if (literal === true || literal === 'true' || literal === 'True') return true;
  if (literal === false || literal === 'false' || literal === 'False') return false;
  return undefined;
}

/** @returns the version inside an ETag (`W/"…"` or `"…"`), or the text as it is. */
function rawVersion(text: string): string {
  return /^(?:W\/)?"([^"]*)"$/.exec(text)?.[1] ?? text;
}

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/i;
const firstInstant = Date.parse('0000-01-01T00:00:00Z');
const lastInstant = Date.parse('9999-12-31T23:59:59.999Z');

/** @returns epoch milliseconds of a date and time with offset, or undefined if it is none (of four digits' years in UTC). */
function instantOf(text: string): number | undefined {
  const instant = dateTime.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN;
  return instant >= firstInstant && instant <= lastInstant ? instant : undefined;
}
