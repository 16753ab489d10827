import { DirectoryError, type ErrorCode } from './errors.ts';
import { parseValueFilter, type Filter } from './filter.ts';
import { tokenize } from './filter-tokens.ts';
import { coerceElement, simpleProblem } from './normalise.ts';
import type { Complex, Json } from './resource.ts';
import { findAttribute, resolvePath, type Attribute, type ResourceSchemas } from './schema.ts';

/** Where a PATCH operation works, resolved against the schemas (RFC 7644 §3.5.2, figure 7). */
export interface PatchPath {
  /** As the caller wrote it, for messages. */
  text: string;
  /** The URN of the extension that the attribute is of; undefined for the core schema. */
  extension: string | undefined;
  attribute: Attribute;
  /** Which elements of a multi-valued attribute are meant; undefined: all. */
  filter: Filter | undefined;
  /** What the filter says an element is, if it says nothing but `eq` joined by `and`: of this, one can be made. */
  described: Complex | undefined;
  sub: Attribute | undefined;
}

/**
 * Parses the path of a PATCH operation: `attr`, `attr.sub`, `attr[filter]`, `attr[filter].sub`, each with or without its
 * schema's URN, names caselessly.
 * @throws DirectoryError INVALID_PATH, with what could be meant; INVALID_FILTER from the filter.
 */
export function parsePatchPath(schemas: ResourceSchemas, text: string): PatchPath {
  const open = text.indexOf('[');
  const head = open < 0 ? text : text.slice(0, open);
  const resolved = resolvePath(schemas, head);
  if (!resolved) throw refusal('INVALID_PATH', text, unknownPath(schemas, head));
  const extension = schemas.extensions.find((candidate) => candidate.id === resolved.keys[0])?.id;
  const depth = resolved.keys.length - (extension === undefined ? 0 : 1);
  // Sub-attribute names have no dot, URNs may: what follows the last dot is the sub-attribute.
  const parent = depth > 1 ? resolvePath(schemas, head.slice(0, head.lastIndexOf('.')))?.attribute : undefined;
  const path: PatchPath = {
    text,
    extension,
    attribute: parent ?? resolved.attribute,
    filter: undefined,
    described: undefined,
    sub: parent && resolved.attribute,
  };
  if (open < 0) return path;

  const close = closingBracket(text, open);
  if (close < 0) throw refusal('INVALID_PATH', text, 'The "[" has no "]".');
  if (!path.attribute.multiValued || parent)
    throw refusal('INVALID_PATH', text, `${head} has no elements to choose from. Leave out the filter in brackets.`);
  const filter = text.slice(open + 1, close);
  path.filter = parseValueFilter(path.attribute, filter);
  path.described = elementDescribedBy(path.attribute, filter);
  const rest = text.slice(close + 1);
  if (rest === '') return path;
  path.sub = findAttribute(path.attribute.subAttributes ?? [], rest.slice(1));
  if (!rest.startsWith('.') || !path.sub) {
    const names = (path.attribute.subAttributes ?? []).map(({ name }) => `.${name}`);
    const choice = names.length > 0 ? `one of ${names.join(', ')}, or nothing` : 'nothing';
    throw refusal('INVALID_PATH', text, `After "]" comes ${choice}.`);
  }
  return path;
}

/** A refusal of one operation, with the place that it is about. */
export function refusal(code: ErrorCode, path: string, problem: string): DirectoryError {
  const shown = path.length > 120 ? `${path.slice(0, 120)}…` : path;
  return new DirectoryError(code, `${shown}: ${problem}`, { issues: [{ path: shown, message: problem }] });
}

/** @returns the place of the bracket that ends the filter; those within its strings do not. */
function closingBracket(text: string, open: number): number {
  let quoted = false;
  for (let place = open + 1; place < text.length; place++) {
    const character = text[place];
    if (quoted && character === '\\') place++;
    else if (character === '"') quoted = !quoted;
    else if (character === ']' && !quoted) return place;
  }
  return -1;
}

/**
 * Reads the text of a filter again, which parseValueFilter has found good: the parsed one has its texts in lower case, and an
 * element made of it must have them as they were written.
 */
function elementDescribedBy(attribute: Attribute, filter: string): Complex | undefined {
  const tokens = tokenize(filter);
  const described: [string, Json][] = [];
  for (let next = 0; next < tokens.length; next += 4) {
    const [name, operator, literal, joint] = tokens.slice(next, next + 4);
    const sub = name && findAttribute(attribute.subAttributes ?? [], name.source);
    const isJoined = joint && (joint.kind === 'end' || joint.source.toLowerCase() === 'and');
    if (!sub || operator?.source.toLowerCase() !== 'eq' || !literal || !isJoined) return undefined;
    const value = coerceElement(sub, literal.kind === 'text' ? literal.text : literal.source);
    const isNull = literal.kind === 'word' && literal.source.toLowerCase() === 'null';
    if (isNull || sub.multiValued || simpleProblem(sub, value) !== undefined) return undefined;
    described.push([sub.name, value as Json]);
  }
  return Object.fromEntries(described);
}

function unknownPath(schemas: ResourceSchemas, head: string): string {
  const written = head.slice(head.lastIndexOf(':') + 1).slice(0, 64);
  const meant = writablePaths(schemas).filter(({ names }) => names.some((name) => isNear(written, name)));
  const known = schemas.core.attributes.filter(({ mutability }) => mutability !== 'readOnly').map(({ name }) => name);
  const hint =
    meant.length > 0
      ? `Did you mean ${meant
          .slice(0, 3)
          .map(({ path }) => path)
          .join(' or ')}?`
      : `Known: ${known.join(', ')}${schemas.extensions.map(({ id }) => `, ${id}:…`).join('')}.`;
  return `Is not an attribute of a ${schemas.type}. ${hint}`;
}

/** Every path that could be meant, with the names by which somebody could have meant it. */
function writablePaths(schemas: ResourceSchemas): { path: string; names: string[] }[] {
  return [schemas.core, ...schemas.extensions].flatMap((schema) => {
    const prefix = schema === schemas.core ? '' : `${schema.id}:`;
    return schema.attributes
      .filter(({ mutability }) => mutability !== 'readOnly')
      .flatMap((attribute) => {
        const subs = (attribute.subAttributes ?? []).filter(({ mutability }) => mutability !== 'readOnly');
        return [
          { path: prefix + attribute.name, names: [attribute.name] },
          ...subs.map(({ name }) => ({
            path: `${prefix}${attribute.name}.${name}`,
            // `familyName` can only mean name.familyName, but `value` could be of anything.
            names: attribute.multiValued ? [`${attribute.name}.${name}`] : [`${attribute.name}.${name}`, name],
          })),
        ];
      });
  });
}

/** Whether one was probably meant as the other: the same letters but for one slip for every three of them. */
function isNear(written: string, name: string): boolean {
  const [a, b] = [written.toLowerCase(), name.toLowerCase()];
  const slips = Math.floor(Math.max(a.length, b.length) / 3);
  if (Math.abs(a.length - b.length) > slips) return false;
  let row = Array.from({ length: b.length + 1 }, (_, place) => place);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(same, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
  }
  return (row[b.length] ?? 0) <= slips;
}
