import { z } from 'zod';

type Property = {
  type: 'string';
  title?: string;
  description?: string;
  minLength?: number;
  maxLength?: number;
  format?: 'email' | 'date';
  enum?: string[];
};

/**
 * The schema of a form, as MCP's elicitation takes it (2025-11-25 and 2026-07-28, form mode): text, and texts to choose from,
 * since clients render only those reliably.
 */
export type FormSchema = {
  type: 'object';
  properties: Record<string, Property>;
  required?: string[];
};

/** A field of a form as seed 002's stateless pattern shows it. */
export interface FormField {
  name: string;
  label: string;
  type: 'text' | 'email' | 'date' | 'select';
  required: boolean;
  description?: string;
  options?: string[];
  maxLength?: number;
}

/** A form in seed 002's stateless pattern (V1): who gets it asks the person, and makes the call that it names. */
export interface Form {
  type: 'elicitation';
  elicitation_type: 'form';
  message: string;
  fields: FormField[];
  /** The call to make with the values added to its arguments. */
  call: { tool: string; arguments: Record<string, unknown> };
  /** A page to visit first. */
  url?: string;
}

/** A question's schema in the form of the wire, which knows less than JSON Schema. */
export function formSchema(fields: z.ZodObject): FormSchema {
  const { properties, required } = z.toJSONSchema(fields, { io: 'input' });
  const entries = Object.entries(properties ?? {}).map(([name, schema]): [string, Property] => {
    const { title, description, minLength, maxLength, format, enum: options } = schema as Partial<Property>;
    return [
      name,
      {
        type: 'string',
        ...(title !== undefined && { title }),
        ...(description !== undefined && { description }),
        ...(minLength !== undefined && { minLength }),
        ...(maxLength !== undefined && { maxLength }),
        ...((format === 'email' || format === 'date') && { format }),
        ...(options && { enum: options }),
      },
    ];
  });
  return { type: 'object', properties: Object.fromEntries(entries), ...(required && { required }) };
}

/** The same as a list of fields. @param only the names of those that are still to be asked. */
export function formFields(fields: z.ZodObject, only: readonly string[] = Object.keys(fields.shape)): FormField[] {
  const { properties, required = [] } = formSchema(fields);
  return Object.entries(properties)
    .filter(([name]) => only.includes(name))
    .map(([name, { title, description, format, enum: options, maxLength }]) => ({
      name,
      label: title ?? name,
      type: options ? 'select' : (format ?? 'text'),
      required: required.includes(name),
      ...(description !== undefined && { description }),
      ...(options && { options }),
      ...(maxLength !== undefined && { maxLength }),
    }));
}

/** What a tool's result is where it asks with a form (V1). */
export const formContent = z
  .looseObject({
    type: z.literal('elicitation'),
    elicitation_type: z.literal('form'),
    message: z.string(),
    fields: z.array(
      z.looseObject({
        name: z.string(),
        label: z.string(),
        type: z.enum(['text', 'email', 'date', 'select']),
        required: z.boolean(),
        options: z.array(z.string()).optional(),
      }),
    ),
    call: z
      .object({ tool: z.string(), arguments: z.looseObject({}) })
      .describe('The call to make with the values of the fields added to its arguments.'),
    url: z.string().optional().describe('A page that the person visits first.'),
  })
  .describe('Instead, where something is missing: a form for the person. Nothing was done yet.');
