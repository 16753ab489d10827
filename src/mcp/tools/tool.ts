import type { StandardSchemaWithJSON, ToolAnnotations } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Actor, Directory, Scope } from '../../directory/index.ts';

/** What a tool works with. */
export interface ToolServices {
  directory: Directory;
  origin: string;
  version: string;
}

/** What a tool that succeeded answers; result.ts brings it into MCP's form. */
export interface Success {
  content: unknown;
  metadata: Record<string, unknown>;
}

/** A tool as it stands in the list, and what it does. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  scope: Scope;
  annotations: Required<Omit<ToolAnnotations, 'title'>>;
  input: z.ZodObject;
  /** The whole structured result, of a success or a refusal. */
  output: z.ZodObject;
  run(services: ToolServices, actor: Actor, args: unknown): Promise<Success>;
}

/**
 * Defines a tool once: its schemas give the types of its arguments, its validation, and what clients are told.
 * @param tool.input its arguments; `tenant_id` and strictness are added here for all.
 * @param tool.content what the `content` of a success is.
 */
export function defineTool<Input extends z.ZodRawShape>(tool: {
  name: string;
  title: string;
  description: string;
  scope: Scope;
  annotations: Tool['annotations'];
  input: Input;
  content: z.ZodType;
  run(services: ToolServices, actor: Actor, args: z.infer<z.ZodObject<Input>>): Promise<Success>;
}): Tool {
  const { input, content, ...rest } = tool;
  return {
    ...rest,
    input: z.strictObject({ ...input, tenant_id: tenantId }),
    output: z.object({
      success: z.boolean(),
      // Clients of SDK v1 hold refusals against this schema too.
      content: z.union([content, refusal]),
      metadata: z.looseObject({ operation: z.string(), tenant_id: z.string() }),
    }),
    run: (services, actor, args) => tool.run(services, actor, args as z.infer<z.ZodObject<Input>>),
  };
}

const refusal = z
  .looseObject({
    error: z.string().describe('What is wrong and what to do next.'),
    error_code: z.string().describe('For example VERSION_MISMATCH, USER_NOT_FOUND, SCHEMA_VIOLATION.'),
    conflict: z.looseObject({}).optional().describe('With VERSION_MISMATCH: what changed since, and the merge.'),
  })
  .describe('Instead, where success is false.');

const tenantId = z
  .string()
  .optional()
  .describe('Tenant to work in. May be left out: the access token decides, and a different tenant is refused.');

export const userId = z.string().min(1).max(128).describe("The user's id, as other tools return it.");

export const userData = z
  .record(z.string(), z.unknown())
  .describe(
    'The whole user record as SCIM JSON (RFC 7643): "schemas" and "userName" are required, extension attributes stand under their schema URN. ' +
      '"_version", "meta", "id" and read-only attributes are ignored.',
  );

export const expectedVersion = z
  .string()
  .optional()
  .describe(
    'The raw version that you have seen (`content._version`, without W/ or quotes). If somebody changed the user since, nothing is written and you are told what changed.',
  );

export const user = z
  .looseObject({ schemas: z.array(z.string()), id: z.string(), _version: z.string().describe('Raw version of this content.') })
  .describe('A SCIM user, with its version.');

/** A schema that clients are told as it is, but whose values pass: the tool checks them itself, to answer in its own form. */
export function advertised(schema: z.ZodObject, io: 'input' | 'output'): StandardSchemaWithJSON {
  const json = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return {
    '~standard': {
      version: 1,
      vendor: 'tandem',
      validate: (value) => ({ value }),
      jsonSchema: { input: () => json, output: () => json },
    },
  };
}
