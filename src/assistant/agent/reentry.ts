import type { Elicitation } from './elicitation.ts';

/**
 * Reads what a tool without a way to ask answers where it needs more: `{"type": "elicitation", "elicitation_type": "form",
 * "fields": […]}` (seed 002, V1: the tool is called again with everything). It may stand in the structured result, in its
 * `content`, or be the text of the result.
 * @param tool what was called; a form that is for another tool is left to the model.
 * @returns the same as an MCP elicitation; undefined for any other result.
 */
export function reentryOf(tool: string, structured: unknown, text: string): Elicitation | undefined {
  for (const candidate of [structured, (structured as { content?: unknown } | undefined)?.content, parsed(text)]) {
    const payload = asObject(candidate);
    if (payload?.['type'] !== 'elicitation' || payload['elicitation_type'] !== 'form') continue;
    const next = asObject(payload['call'])?.['tool'];
    if (next !== undefined && next !== tool) continue;
    const fields = Array.isArray(payload['fields']) ? payload['fields'].slice(0, fieldsMax) : [];
    const named = fields.map(asField).filter((field) => field !== undefined);
    if (named.length === 0) continue;
    return {
      mode: 'form',
      message: textOf(payload['message']) ?? textOf(payload['title']) ?? 'This needs a few more details.',
      requestedSchema: {
        type: 'object',
        properties: Object.fromEntries(named.map(({ name, schema }) => [name, schema])),
        required: named.filter(({ required }) => required).map(({ name }) => name),
      },
    };
  }
  return undefined;
}

const fieldsMax = 50;

/** A field is a name, or an object that describes it in the words of forms or of JSON Schema. */
function asField(field: unknown): { name: string; required: boolean; schema: Record<string, unknown> } | undefined {
  if (typeof field === 'string') return { name: field, required: true, schema: { type: 'string', title: field } };
  const given = asObject(field);
  const name = textOf(given?.['name']) ?? textOf(given?.['id']);
  if (!given || name === undefined) return undefined;
  const options = given['enum'] ?? given['options'] ?? given['choices'];
  const values = Array.isArray(options) ? options.map((option) => asObject(option)?.['value'] ?? option) : undefined;
  const schema: Record<string, unknown> = {
    ...schemaTypes[textOf(given['type']) ?? 'string'],
    title: textOf(given['label']) ?? textOf(given['title']) ?? name,
    ...(values && values.length > 0 && { type: 'string', enum: values.map(String) }),
  };
  for (const key of ['description', 'default', 'minLength', 'maxLength', 'minimum', 'maximum', 'pattern', 'format'])
    if (given[key] !== undefined) schema[key] = given[key];
  return { name, required: given['required'] !== false && given['optional'] !== true, schema };
}

const schemaTypes: Record<string, Record<string, unknown> | undefined> = {
  string: { type: 'string' },
  text: { type: 'string' },
  textarea: { type: 'string' },
  select: { type: 'string' },
  email: { type: 'string', format: 'email' },
  date: { type: 'string', format: 'date' },
  url: { type: 'string', format: 'uri' },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  checkbox: { type: 'boolean' },
};

function parsed(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
