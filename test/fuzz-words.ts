import fc from 'fast-check';

/** What the fuzzing tests make requests of. */

/** How many runs each property has: few in CI, as many as somebody wants with TANDEM_FUZZ_RUNS; TANDEM_FUZZ_SEED repeats one. */
export function fuzzRuns(usual: number): { numRuns: number; seed: number } {
  const { TANDEM_FUZZ_RUNS: runs, TANDEM_FUZZ_SEED: given } = process.env;
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  console.log(`fuzzing with TANDEM_FUZZ_SEED=${seed}`);
  return { numRuns: runs === undefined ? usual : Number(runs), seed };
}

/** Names that mean something to JavaScript, to SQL, to a file system, to a terminal or to a log. */
const nasty = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '../../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '%ff',
  '%',
  '\u0000',
  "' OR 1=1 --",
  '"; DROP TABLE resources; --',
  '<script>alert(1)</script>',
  '${7*7}',
  '{{7*7}}',
  '\r\nSet-Cookie: a=b',
  '\u001b[31mred',
  '\u202Egnp.exe',
  '\ud800',
  '🦜'.repeat(50),
  'a'.repeat(5000),
  '1e999',
  'NaN',
  '-0',
  'null',
  'http://127.0.0.1:9/',
  'W/"x"',
  'urn:ietf:params:scim:schemas:core:2.0:User',
  'userName eq "a"',
  'emails[type eq "work"].value',
  '2026-01-01T00:00:00Z',
  '((((((((((',
  '*',
];

export const text = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

export const anything: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 6 }),
  fc.constantFrom<unknown[]>(null, [], {}, 0, -1, 1e308, 2 ** 53, true, [[[[[[[[[[[[]]]]]]]]]]]]),
);

interface JsonSchema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  prefixItems?: JsonSchema[];
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  format?: string;
}

const formats: Record<string, fc.Arbitrary<string>> = {
  uuid: fc.uuid(),
  'date-time': fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  uri: fc.constant('http://127.0.0.1:9/'),
  email: fc.emailAddress(),
};

/**
 * Values that a JSON Schema allows, as far as the schema's simple keywords say: enough to come past the parser and into the code behind it.
 * @param known texts that lead further than made-up ones, such as ids of what there is.
 */
export function fromSchema(schema: JsonSchema | boolean, known: readonly string[], depth = 0): fc.Arbitrary<unknown> {
  if (typeof schema === 'boolean' || depth > 6) return fc.jsonValue({ maxDepth: 1 });
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const some = schema.anyOf ?? schema.oneOf;
  if (some && some.length > 0) return fc.oneof(...some.map((one) => fromSchema(one, known, depth + 1)));
  const [first] = schema.allOf ?? [];
  if (first) return fromSchema(first, known, depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  const { minimum = -10, maximum = 1000, minLength = 0, maxLength = 100, minItems = 0, maxItems = 4 } = schema;
  const min = Math.max(Math.ceil(minimum), -(2 ** 31));
  const max = Math.max(Math.min(maximum, 2 ** 31), min);
  switch (type) {
    case 'object': {
      const properties = Object.entries(schema.properties ?? {});
      if (properties.length === 0) return fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
      const model = Object.fromEntries(properties.map(([name, inner]) => [name, fromSchema(inner, known, depth + 1)]));
      return fc.record(model, { requiredKeys: (schema.required ?? []).filter((name) => Object.hasOwn(model, name)) });
    }
    case 'array':
      return fc.array(fromSchema(schema.items ?? true, known, depth + 1), {
        minLength: Math.min(minItems, 4),
        maxLength: Math.min(Math.max(maxItems, minItems), 4),
      });
    case 'integer':
      return fc.integer({ min, max });
    case 'number':
      return fc.double({ min, max, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string': {
      const format = formats[schema.format ?? ''];
      const texts = [...known, ...nasty].filter((one) => one.length >= minLength && one.length <= maxLength);
      const made = fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 60)) });
      return format ? fc.oneof(format, fc.constantFrom(...known)) : fc.oneof(fc.constantFrom(...texts), made);
    }
    case undefined:
    default:
      return anything;
  }
}

/** A value that fits, mostly; else one with a part broken, or anything at all. */
export function nearly(fitting: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const broken = fc.tuple(fitting, fc.nat(), text, anything).map(([value, place, name, instead]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return instead;
    const keys = [...Object.keys(value), name];
    return Object.fromEntries([...Object.entries(value), [keys[place % keys.length] ?? name, instead]]);
  });
  return fc.oneof({ weight: 4, arbitrary: fitting }, { weight: 3, arbitrary: broken }, { weight: 1, arbitrary: anything });
}

/** What no answer may have: a stack, a place of a file, a name of this machine's folders. */
export const internals =
  /node_modules|\bat (?:async )?[\w.<>]+ \((?:file:|\/|node:)|\.[cm]?[jt]s:\d+:\d+|SQLITE_|SqliteError|\/tandem-test-/;
