import type { Projection } from '../directory/index.ts';
import { badRequest } from './errors.ts';
import { doorLimits, urns } from './protocol.ts';

/** What a list is to hold, from query parameters or from a search request. */
export interface Query {
  filter: string | undefined;
  sortBy: string | undefined;
  descending: boolean;
  startIndex: number;
  count: number;
  /** Empty for the first page (RFC 9865 §2). */
  cursor: string | undefined;
  projection: Projection;
}

/** Values as they came: of the query a text or several, of a search request whatever JSON has. */
type Raw = Record<string, unknown>;

/**
 * Reads the parameters of a list (RFC 7644 §3.4.2): `startIndex` below 1 is 1, a negative `count` is 0, and too large a one
 * is the most there is. Unknown parameters are ignored: Entra ID sends flags.
 * @throws ScimError 400.
 */
export function queryFrom(raw: Raw): Query {
  const cursor = text(raw, 'cursor');
  if (cursor !== undefined && raw['startIndex'] !== undefined)
    throw badRequest('invalidValue', 'cursor and startIndex are two ways to page. Send one of them.');
  const sortOrder = text(raw, 'sortOrder')?.toLowerCase() ?? 'ascending';
  if (sortOrder !== 'ascending' && sortOrder !== 'descending')
    throw badRequest('invalidValue', 'sortOrder must be "ascending" or "descending".');
  const startIndex = integer(raw, 'startIndex') ?? 1;
  const count = integer(raw, 'count', cursor === undefined ? 'invalidValue' : 'invalidCount') ?? doorLimits.pageDefault;
  return {
    filter: text(raw, 'filter'),
    sortBy: text(raw, 'sortBy') || undefined,
    descending: sortOrder === 'descending',
    startIndex: Math.max(1, startIndex),
    count: Math.min(Math.max(0, count), doorLimits.pageMax),
    cursor,
    projection: projectionFrom(raw),
  };
}

/**
 * Reads a search request (RFC 7644 §3.4.3), which carries the parameters in its body.
 * @throws ScimError 400.
 */
export function queryFromSearch(body: unknown, { lenient }: { lenient: boolean }): Query {
  const message = messageOf(body, urns.search, { lenient });
  return queryFrom(message);
}

/**
 * Reads `attributes` and `excludedAttributes` (RFC 7644 §3.9).
 * @throws ScimError 400 if both are given, since they exclude each other.
 */
export function projectionFrom(raw: Raw): Projection {
  const attributes = namesIn(raw, 'attributes');
  const excludedAttributes = namesIn(raw, 'excludedAttributes');
  if (attributes && excludedAttributes)
    throw badRequest('invalidValue', 'attributes and excludedAttributes exclude each other. Send one of them.');
  return { attributes, excludedAttributes };
}

/**
 * Checks that a body is a message of a kind and gives its members the canonical names of those it knows (RFC 7643 §2.1).
 * @param options.lenient takes a message without `schemas` too.
 * @throws ScimError 400 invalidSyntax.
 */
export function messageOf(body: unknown, urn: string, { lenient }: { lenient: boolean }): Raw {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('invalidSyntax', `The body must be a JSON object: ${urn}.`);
  const message = Object.fromEntries(
    Object.entries(body).map(([key, value]) => [canonical.get(key.toLowerCase()) ?? key, value]),
  );
  const sent: unknown = message['schemas'];
  const isNamed =
    Array.isArray(sent) && sent.some((item) => typeof item === 'string' && item.toLowerCase() === urn.toLowerCase());
  if (!isNamed && !(lenient && sent === undefined)) throw badRequest('invalidSyntax', `schemas: Must contain "${urn}".`);
  return message;
}

const canonical = new Map(
  [
    'schemas',
    'filter',
    'sortBy',
    'sortOrder',
    'startIndex',
    'count',
    'cursor',
    'attributes',
    'excludedAttributes',
    'failOnErrors',
    'Operations',
  ].map((name) => [name.toLowerCase(), name]),
);

function text(raw: Raw, name: string): string | undefined {
  const value = raw[name];
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  throw badRequest('invalidValue', `${name} must be one text.`);
}

function integer(raw: Raw, name: string, scimType: 'invalidValue' | 'invalidCount' = 'invalidValue'): number | undefined {
  const value = raw[name];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && /^[+-]?\d{1,15}$/.test(value.trim()) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw badRequest(scimType, `${name} must be a whole number.`);
}

/** Reads names of attributes, parted by commas or in a list. @throws ScimError 400. */
export function namesIn(raw: Raw, name: string): string[] | undefined {
  const value = raw[name];
  if (value === undefined || value === null) return undefined;
  const values: unknown[] = Array.isArray(value) ? value : [value];
  const paths = values.flatMap((item) => {
    if (typeof item !== 'string') throw badRequest('invalidValue', `${name} must be names of attributes.`);
    return item.split(',').flatMap((path) => path.trim() || []);
  });
  return paths.length > 0 ? paths : undefined;
}
