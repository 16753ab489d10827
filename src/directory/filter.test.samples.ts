import fc from 'fast-check';
import { parseFilter } from './filter.ts';
import type { Complex, Json, Resource } from './resource.ts';
import { groupSchemas, userSchemas, type Attribute, type ResourceSchemas } from './schema.ts';
import { attribute, complex, frameAttributes, plural } from './schema-parts.ts';

/** Random resources and random filters that the schemas allow, for the tests of filters. */

/** An extension with what the standard schemas do not have. */
const oddUrn = 'urn:example:params:scim:schemas:odd:2.0:User';
const oddities = {
  id: oddUrn,
  name: 'Odd',
  description: 'Attributes of every kind.',
  attributes: [
    attribute('level', 'A whole number.', { type: 'integer' }),
    attribute('share', 'A number.', { type: 'decimal' }),
    attribute('hired', 'A time.', { type: 'dateTime' }),
    attribute('remote', 'A boolean.', { type: 'boolean' }),
    attribute('badge', 'Exact text.', { caseExact: true }),
    attribute('key', 'Bytes.', { type: 'binary', caseExact: true }),
    attribute('tags', 'A list of text.', { multiValued: true }),
    attribute('shares', 'A list of numbers.', { type: 'decimal', multiValued: true }),
    attribute('times', 'A list of times.', { type: 'dateTime', multiValued: true }),
    complex('seat', 'Single, with a value.', [attribute('value', 'A number.', { type: 'integer' }), attribute('floor', 'Text.')]),
    plural('marks', 'Elements with a number.', { type: 'decimal' }, []),
  ],
};
export const oddSchemas: ResourceSchemas = { ...userSchemas, extensions: [...userSchemas.extensions, oddities] };

const words = [
  'bob',
  'Jensen',
  'JENSEN',
  'work',
  'home',
  'İstanbul',
  'straße',
  'STRASSE',
  'ΣΑΣ',
  'σας',
  'éa',
  'e\u0301a',
  '😀 x',
];
const hardWords = [
  '\uffee',
  '\ue000',
  '\u{10ffff}',
  'a"b',
  'a\\b',
  "o'neil",
  '100%',
  'a_c',
  '1',
  'true',
  'x@Example.COM',
  'ann lee',
];
const times = [
  '2026-01-31T12:00:00Z',
  '2026-01-31T13:00:00.000+01:00',
  '2025-12-31T23:59:59.999-05:00',
  '2026-01-31T12:00:00.001Z',
];

export interface Style {
  text: fc.Arbitrary<string>;
  /** Only what scim2-parse-filter reads and means as the standard does. */
  plain: boolean;
}
// oxlint-disable-next-line no-control-regex -- these cannot be stored
const storable = (text: string): boolean => !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text) && text.isWellFormed() && text !== '';

/** A style with few words, so that resources and filters often say the same. */
export const styles: fc.Arbitrary<Style> = fc
  .shuffledSubarray([...words, ...hardWords], { minLength: 2, maxLength: 3 })
  .map((few) => {
    const word = fc.constantFrom(...few);
    const pair = fc.tuple(word, word).map(([a, b]) => `${a} ${b}`);
    const random = fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }).filter(storable);
    const text = fc.oneof({ weight: 8, arbitrary: word }, { weight: 2, arbitrary: pair }, { weight: 1, arbitrary: random });
    return { plain: false, text };
  });
export const plain: Style = {
  plain: true,
  text: fc.constantFrom('bob', 'jensen', 'work', 'home', 'ann lee', 'jen', 'an', 'ork'),
};

function valueOf({ type }: Attribute, style: Style): fc.Arbitrary<Json> {
  switch (type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.oneof(fc.integer({ min: -2, max: 3 }), fc.maxSafeInteger());
    case 'decimal':
      return fc.oneof(
        fc.constantFrom(-1, 0.1, 2, 0.30000000000000004, -64262141428041780),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
      );
    case 'dateTime':
      return fc.constantFrom(...times);
    case 'binary':
      return fc.constantFrom('AAAA', 'aaaa', 'AA==');
    case 'string':
    case 'reference':
    case 'complex':
      return style.text;
  }
}

function assigned(attributes: readonly Attribute[], style: Style): fc.Arbitrary<Complex> {
  const written = attributes.filter(({ mutability, returned }) => mutability !== 'readOnly' && returned !== 'never');
  const record = fc.record(Object.fromEntries(written.map((item) => [item.name, valuesOf(item, style)])), { requiredKeys: [] });
  return record.map((value) => Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Complex);
}

/** Rarely a value, so that most attributes are absent. */
function valuesOf(item: Attribute, style: Style): fc.Arbitrary<Json | undefined> {
  const single: fc.Arbitrary<Json> = item.type === 'complex' ? assigned(item.subAttributes ?? [], style) : valueOf(item, style);
  const some = item.multiValued ? fc.array(single, { minLength: 1, maxLength: 3 }).map(onePrimary) : single;
  return fc.option(
    some.map((value) => (typeof value === 'object' && Object.keys(value).length === 0 ? undefined : value)),
    { nil: undefined, freq: 2 },
  );
}

/** As it is stored: no empty elements, `primary` at most once and never false. */
function onePrimary(elements: Json[]): Json[] {
  let found = false;
  return elements.flatMap((element): Json[] => {
    if (typeof element !== 'object' || Array.isArray(element)) return [element];
    const { primary, ...rest } = element;
    const isFirst = primary === true && !found;
    found ||= isFirst;
    const normal = isFirst ? { ...rest, primary: true } : rest;
    return Object.keys(normal).length === 0 ? [] : [normal];
  });
}

/** Users as they are stored; the place in the list makes ids and user names differ. */
export function users(style: Style): fc.Arbitrary<Resource[]> {
  const core = assigned(oddSchemas.core.attributes, style);
  const extensions = fc.tuple(
    ...oddSchemas.extensions.map(({ attributes }) => fc.option(assigned(attributes, style), { nil: {} })),
  );
  const user = fc.tuple(core, extensions, style.text);
  return fc.array(user, { minLength: 1, maxLength: 8 }).map((list) =>
    list.map(([content, extended, name], index) => {
      const present = oddSchemas.extensions.flatMap(({ id }, at) =>
        Object.keys(extended[at] ?? {}).length > 0 ? [[id, extended[at]] as const] : [],
      );
      const urns = [oddSchemas.core.id, ...present.map(([id]) => id)];
      const parts = Object.fromEntries(present) as Complex;
      return { ...content, ...parts, schemas: urns, id: `u${index}`, userName: `${name}${index}` };
    }),
  );
}

interface Place {
  path: string;
  attribute: Attribute;
}

function places(schemas: ResourceSchemas): Place[] {
  const all = [
    ...[...frameAttributes, ...schemas.core.attributes].map((attribute) => ({ path: attribute.name, attribute })),
    ...schemas.extensions.flatMap(({ id, attributes }) =>
      attributes.map((attribute) => ({ path: `${id}:${attribute.name}`, attribute })),
    ),
  ];
  return all.flatMap((place) => [place, ...parts(place)]).filter(({ path }) => isSearchable(schemas, path));
}

function parts({ path, attribute: { subAttributes = [] } }: Place): Place[] {
  return subAttributes.map((attribute) => ({ path: `${path}.${attribute.name}`, attribute }));
}

/** scim2-parse-filter cannot read `$ref`. */
function isReadable({ path }: Place, style: Style): boolean {
  return !style.plain || !path.includes('$');
}

function isSearchable(schemas: ResourceSchemas, path: string): boolean {
  try {
    return Boolean(parseFilter(schemas, `${path} pr`));
  } catch {
    return false;
  }
}

function term({ path, attribute }: Place, style: Style): fc.Arbitrary<string> {
  const presence = fc.constant(`${path} pr`);
  if (attribute.type === 'complex') {
    const value = (attribute.subAttributes ?? []).find(({ name }) => name === 'value');
    return value && !style.plain ? fc.oneof(presence, comparison({ path, attribute: value }, style)) : presence;
  }
  const isPlain =
    ['string', 'reference', 'boolean'].includes(attribute.type) && !attribute.multiValued && !/^meta|primary$/.test(path);
  if (style.plain && !isPlain) return presence;
  return fc.oneof({ weight: 1, arbitrary: presence }, { weight: 5, arbitrary: comparison({ path, attribute }, style) });
}

function comparison({ path, attribute }: Place, style: Style): fc.Arbitrary<string> {
  const { type } = attribute;
  const isText = type === 'string' || type === 'reference';
  const ordered = type === 'boolean' || type === 'binary' ? [] : ['gt', 'ge', 'lt', 'le'];
  const operators = ['eq', ...(style.plain ? [] : ['ne', 'EQ']), ...(isText ? ['co', 'sw', 'ew'] : []), ...ordered];
  const sample = valueOf(attribute, style).chain((value) => {
    if (typeof value === 'boolean' && !style.plain) return fc.constantFrom<Json>(value, value ? 'True' : 'False');
    return typeof value === 'string' && isText && !style.plain ? pieceOf(value) : fc.constant(value);
  });
  const known: Record<string, string[]> = {
    id: ['u0', 'u1', 'U1', 'g1'],
    'groups.value': ['g0', 'g1', 'g2', 'g3'],
    groups: ['g0', 'g1', 'g3'],
    'members.value': ['u0', 'u1', 'u2', 'g2', 'g3'],
    members: ['u0', 'u1', 'g3'],
    'meta.resourceType': ['User', 'Group'],
    'meta.version': ['v1', 'W/"v1"', '"v2"'],
    schemas: [oddUrn],
  };
  const special = known[path];
  const values = special ? fc.oneof(sample, fc.constantFrom(...special)) : sample;
  return fc
    .tuple(fc.constantFrom(...operators), isText ? values : sample)
    .map(([operator, value]) => `${path} ${operator} ${JSON.stringify(value)}`);
}

/** A part of a text, in another case: so that comparisons often hold. */
function pieceOf(text: string): fc.Arbitrary<string> {
  const letters = Array.from(text);
  const ends = fc.tuple(fc.nat(letters.length), fc.nat(letters.length));
  const changes = fc.constantFrom<(text: string) => string>(
    (same) => same,
    (same) => same.toUpperCase(),
    (same) => same.toLowerCase(),
  );
  return fc
    .tuple(ends, changes, fc.boolean())
    .map(([[a, b], change, whole]) => change(whole ? text : letters.slice(Math.min(a, b), Math.max(a, b)).join('')));
}

function inner(place: Place, style: Style): fc.Arbitrary<string> {
  const own = parts({ ...place, path: '' }).map(({ path, attribute }) => ({ path: path.slice(1), attribute }));
  const usable = own.filter(({ path }) =>
    isSearchable(place.path === 'members' ? groupSchemas : oddSchemas, `${place.path}.${path}`),
  );
  const single = fc.oneof(...usable.filter((part) => isReadable(part, style)).map((part) => term(part, style)));
  // scim2-parse-filter lets different elements meet the terms in brackets.
  return combined(single, style, style.plain ? 0 : 1);
}

function valuePath(place: Place, style: Style): fc.Arbitrary<string> {
  const path = inner(place, style).map((text) => `${place.path}[${text}]`);
  const after = parts({ ...place, path: '' }).filter((part) => isSearchable(oddSchemas, place.path + part.path));
  if (style.plain || after.length === 0) return path;
  const further = fc.oneof(...after.map((part) => term(part, style)));
  return fc.oneof(
    path,
    fc.tuple(path, further).map(([before, text]) => before + text),
  );
}

function combined(single: fc.Arbitrary<string>, style: Style, depth: number): fc.Arbitrary<string> {
  if (depth === 0) return single;
  const below = combined(single, style, depth - 1);
  const and = style.plain ? fc.constant('and') : fc.constantFrom('and', 'AND');
  return fc.oneof(
    { weight: 3, arbitrary: single },
    { weight: 2, arbitrary: fc.tuple(below, and, below).map(([a, word, b]) => `${a} ${word} ${b}`) },
    { weight: 2, arbitrary: fc.tuple(below, below).map(([a, b]) => `${a} or ${b}`) },
    { weight: 1, arbitrary: below.map((text) => `(${text})`) },
    { weight: 2, arbitrary: below.map((text) => `not (${text})`) },
  );
}

/** What has columns and indexes of its own, and so more ways to be wrong. */
const indexed =
  /^(?:id|userName|externalId|displayName|title|name.formatted|active|.*:department|emails(?:.value)?|groups|members)$/;

/** Filters that are valid for the schemas. */
export function filters(schemas: ResourceSchemas, style: Style): fc.Arbitrary<string> {
  const all = places(schemas).filter((place) => isReadable(place, style));
  const isPath = ({ path, attribute }: Place): boolean =>
    attribute.type === 'complex' && path !== 'meta' && (attribute.multiValued || !style.plain);
  const terms = (some: Place[]): fc.Arbitrary<string> => fc.oneof(...some.map((place) => term(place, style)));
  const paths = (some: Place[]): fc.Arbitrary<string> => fc.oneof(...some.filter(isPath).map((place) => valuePath(place, style)));
  const ours = all.filter(({ path }) => indexed.test(path));
  const single = fc.oneof(
    { weight: 3, arbitrary: terms(all) },
    { weight: 3, arbitrary: terms(ours) },
    { weight: 1, arbitrary: paths(all) },
    { weight: 1, arbitrary: paths(ours) },
  );
  return combined(single, style, 3);
}
