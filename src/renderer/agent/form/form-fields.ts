/** The fields of a form, from the JSON Schema of an answer (MCP elicitation, form mode: an object of plain fields). */
export type Field = {
  name: string;
  label: string;
  description: string | undefined;
  isRequired: boolean;
} & (
  | { kind: TextKind; max: number | undefined; isLong: boolean }
  | { kind: 'number'; isWhole: boolean; min: number | undefined; max: number | undefined }
  | { kind: 'yes-no' }
  | { kind: 'one' | 'several'; options: readonly { value: string; label: string }[] }
);

export type Values = Record<string, unknown>;

type Json = Record<string, unknown>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const numberOf = (value: unknown) => (typeof value === 'number' ? value : undefined);

type TextKind = 'text' | 'email' | 'address' | 'date' | 'moment';
const formats: Record<string, TextKind> = { email: 'email', uri: 'address', date: 'date', 'date-time': 'moment' };
/** A text that may be longer is written in a box of several lines. */
const lineMax = 120;

/** @returns the fields in the order of the schema. What is no plain field is a text. */
export function fieldsOf(schema: Json): Field[] {
  const properties = isJson(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(properties).map(([name, value]) => {
    const property = isJson(value) ? value : {};
    const common = {
      name,
      label: textOf(property['title']) ?? spelt(name),
      description: textOf(property['description']),
      isRequired: required.includes(name),
    };
    const items = isJson(property['items']) ? property['items'] : {};
    const options = optionsOf(property);
    const { type } = property;
    if (type === 'array') return { ...common, kind: 'several', options: optionsOf(items) ?? [] };
    if (options) return { ...common, kind: 'one', options };
    if (type === 'boolean') return { ...common, kind: 'yes-no' };
    if (type === 'number' || type === 'integer') {
      const { minimum, maximum } = property;
      return { ...common, kind: 'number', isWhole: type === 'integer', min: numberOf(minimum), max: numberOf(maximum) };
    }
    const kind = formats[String(property['format'])] ?? 'text';
    const max = numberOf(property['maxLength']);
    const isLong =
      kind === 'text' && (max !== undefined ? max > lineMax : /description|details|notes|comment|reason/i.test(name));
    return { ...common, kind, max, isLong };
  });
}

function optionsOf(property: Json): { value: string; label: string }[] | undefined {
  const titled = property['oneOf'] ?? property['anyOf'];
  if (Array.isArray(titled))
    return titled.flatMap((one: unknown) => {
      const value = isJson(one) ? textOf(one['const']) : undefined;
      return isJson(one) && value !== undefined ? [{ value, label: textOf(one['title']) ?? capital(value) }] : [];
    });
  const { enum: values, enumNames: names } = property;
  if (!Array.isArray(values)) return undefined;
  return values.flatMap((value: unknown, index) => {
    const label: unknown = Array.isArray(names) ? names[index] : undefined;
    return typeof value === 'string' ? [{ value, label: textOf(label) ?? capital(value) }] : [];
  });
}

/** "high" → "High"; what is no plain word stays as it is. */
function capital(value: string): string {
  return /^[a-z][a-z ]*$/.test(value) ? value.charAt(0).toUpperCase() + value.slice(1) : value;
}

/** "reporter_name" → "Reporter name" */
function spelt(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .toLowerCase()
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @returns what a form begins with: what was filled in before, else the schema's defaults. */
export function initialValues(schema: Json, draft: Values | undefined): Values {
  const properties = isJson(schema['properties']) ? schema['properties'] : {};
  const values: Values = {};
  for (const [name, property] of Object.entries(properties)) {
    const kept = draft?.[name];
    const initial = kept === undefined && isJson(property) ? property['default'] : kept;
    if (initial !== undefined) values[name] = initial;
    // A box that is not ticked is an answer.
    else if (isJson(property) && property['type'] === 'boolean') values[name] = false;
  }
  return values;
}

/** @returns the answer to send: only what is filled in. */
export function answerOf(fields: readonly Field[], values: Values): Values {
  const answer: Values = {};
  for (const { name, kind, isRequired } of fields) {
    const value = values[name];
    if (value === undefined || value === '' || (kind === 'several' && !isRequired && Array.isArray(value) && value.length === 0))
      continue;
    // A date field of the browser knows no zone; what a person means is the one of this place.
    answer[name] = kind === 'moment' && typeof value === 'string' ? momentOf(value) : value;
  }
  return answer;
}

function momentOf(value: string): string {
  const time = Date.parse(value);
  return Number.isNaN(time) ? value : new Date(time).toISOString();
}
