import type { StandardSchemaWithJSON, Tool as ToolType, ToolAnnotations } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Actor, ApprovalOptions, Directory, ResourceType, Scope } from '../../directory/index.ts';
import type { AfterConflict } from '../conflict.ts';
import { pendingContent } from '../escalation.ts';

/** What a tool works with. */
export interface ToolServices {
  directory: Directory;
  origin: string;
  version: string;
}

/** What belongs to one call beside its arguments. */
export interface Call {
  /** Aborted when the client cancels the call or is gone. */
  signal: AbortSignal;
  /** Tells the client how far the work is, if it has asked to be told. */
  onProgress?: ((done: number, total: number, message?: string) => void) | undefined;
  /** Of a tool that writes: why the caller wants it, in its own words. */
  reason?: string | undefined;
  /** How it waits where the policy of the tenant lets a person decide; every write of a tool is given it. */
  approval?: ApprovalOptions | undefined;
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
  /** What the one thing is that it is about, and that may not be found. */
  type?: ResourceType | 'Tenant' | undefined;
  afterConflict?: AfterConflict | undefined;
  input: z.ZodObject;
  /** Whether `tenant_id` is the tenant to work in, which the access decides, and not an argument of the tool's own. */
  worksInTenant: boolean;
  /** The whole structured result, of a success or a refusal. */
  output: z.ZodObject;
  run(services: ToolServices, actor: Actor, args: unknown, call: Call): Promise<Success>;
}

type Definition<Input extends z.ZodRawShape> = Omit<Tool, 'input' | 'worksInTenant' | 'output' | 'run'> & {
  /** Its arguments; strictness is added here for all, `tenant_id` for those that have none of their own, and `reason` where it writes. */
  input: Input;
  /** What the `content` of a success is. */
  content: z.ZodType;
  run(services: ToolServices, actor: Actor, args: z.infer<z.ZodObject<Input>>, call: Call): Promise<Success>;
};

/** Defines a tool once: its schemas give the types of its arguments, its validation, and what clients are told. */
export function defineTool<Input extends z.ZodRawShape>(definition: Definition<Input>): Tool {
  const { input, content, ...rest } = definition;
  // Policy is about people and groups; who administers tenants asks nobody.
  const writes = !rest.annotations.readOnlyHint && rest.scope !== 'scim:admin';
  return {
    ...rest,
    input: z.strictObject({ ...input, ...(writes && { reason }), tenant_id: input['tenant_id'] ?? tenantId }),
    worksInTenant: input['tenant_id'] === undefined,
    output: z.object({
      success: z.boolean(),
      // Clients of SDK v1 hold refusals against this schema too.
      content: z.union(writes ? [content, pendingContent, refusal] : [content, refusal]),
      metadata: z.looseObject({ operation: z.string(), tenant_id: z.string() }),
    }),
    run: (services, actor, args, call) => definition.run(services, actor, args as z.infer<z.ZodObject<Input>>, call),
  };
}

const refusal = z
  .looseObject({
    error: z.string().describe('What is wrong and what to do next.'),
    error_code: z.string().describe('For example VERSION_MISMATCH, USER_NOT_FOUND, SCHEMA_VIOLATION.'),
    conflict: z.looseObject({}).optional().describe('With VERSION_MISMATCH: what changed since, and the merge.'),
  })
  .describe('Instead, where success is false.');

const reason = z
  .string()
  .max(500)
  .optional()
  .describe('Why you want this, in one sentence: shown to the person who approves it, where the policy of the tenant asks one.');

const tenantId = z
  .string()
  .optional()
  .describe('Tenant to work in. May be left out: the access token decides, and a different tenant is refused.');

/** Hints of tools that only look. */
export const looks: Tool['annotations'] = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** Hints of tools that write over what is there. */
export const overwrites: Tool['annotations'] = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: false,
};

/** A schema as clients are told of it. */
export function toJson(schema: z.ZodObject, io: 'input' | 'output'): ToolType['inputSchema'] {
  return z.toJSONSchema(schema, { target: 'draft-2020-12', io }) as ToolType['inputSchema'];
}

/** A schema that clients are told as it is, but whose values pass: the tool checks them itself, to answer in its own form. */
export function advertised(json: ToolType['inputSchema']): StandardSchemaWithJSON {
  return {
    '~standard': {
      version: 1,
      vendor: 'tandem',
      validate: (value) => ({ value }),
      jsonSchema: { input: () => json, output: () => json },
    },
  };
}
