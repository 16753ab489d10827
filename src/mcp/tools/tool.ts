import type { StandardSchemaWithJSON, Tool as ToolType, ToolAnnotations } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Actor, ApprovalOptions, Directory, ResourceType, Scope, Toolset } from '../../directory/index.ts';
import type { Demo } from '../../demo/index.ts';
import type { AfterConflict } from '../conflict.ts';
import type { UserAuth } from '../user-auth.ts';
import { pendingContent } from '../escalation.ts';

/** What a tool works with. */
export interface ToolServices {
  directory: Directory;
  demo: Demo;
  userAuth: UserAuth;
  /** `http://127.0.0.1:PORT`. */
  origin: string;
  version: string;
}

/** The user of the client that calls, who can be asked in the middle of a call. */
export interface Person {
  /** Of the call: the same when it comes back with an answer, also after a restart. */
  readonly id: string;
  /** Whether the client can show a form. Who asks although it cannot gets a refusal. */
  readonly canAsk: boolean;
  /** Whether the client can send the person to a page. */
  readonly canVisit: boolean;
  /**
   * Asks, and goes on with the answer. A tool may ask several things one after the other; since it may be run again from its
   * start for each answer, it must do nothing before the last of them that may not be done twice.
   * @param question.key names it within the call.
   * @param question.fields text, or texts to choose from; a wrong answer is asked again with what is wrong.
   * @returns the answer, checked.
   * @throws Refusal DECLINED, CANCELLED, NO_ANSWER, INVALID_ANSWER, TOO_MANY_QUESTIONS, CANNOT_ASK: the call's defined ends.
   */
  ask<Fields extends z.ZodObject>(question: { key: string; message: string; fields: Fields }): Promise<z.infer<Fields>>;
  /**
   * Sends the person to a page, and waits for what comes of it.
   * @throws as `ask`, and what `outcome` throws.
   */
  visit<Outcome>(visit: Visit<Outcome>): Promise<Outcome>;
}

/** A page for the user of a client. */
export interface Visit<Outcome> {
  /** Names it within the call. */
  key: string;
  message: string;
  url: string;
  /** Resolves with what comes of it; rejects with the signal's reason when that is aborted. */
  outcome: (signal: AbortSignal) => Promise<Outcome>;
}

/** What belongs to one call beside its arguments. */
export interface Call {
  /** Aborted when the client cancels the call or is gone. */
  signal: AbortSignal;
  /** Names the access that it came with (McpAccess). */
  access: string;
  /** Tells the client how far the work is, if it has asked to be told. */
  onProgress?: ((done: number, total: number, message?: string) => void) | undefined;
  /** Of a tool that writes: why the caller wants it, in its own words. */
  reason?: string | undefined;
  /** How it waits where the policy of the tenant lets a person decide; every write of a tool is given it. */
  approval?: ApprovalOptions | undefined;
  person: Person;
}

/** What a tool that succeeded answers; result.ts brings it into MCP's form. */
export interface Success {
  content: unknown;
  metadata: Record<string, unknown>;
  /** For clients that read text only; the whole as JSON if it is absent. */
  text?: string;
}

/** A tool as it stands in the list, and what it does. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  toolset: Toolset;
  /** Whether it is left out at `/mcp`, since it is seldom needed and models do worse the more tools they see. */
  isRare?: boolean | undefined;
  /** What its caller must have to see it. */
  scope: Scope;
  /** What a call with these arguments needs, where that is more. */
  scopeFor?: ((args: unknown) => Scope) | undefined;
  annotations: Record<keyof Omit<ToolAnnotations, 'title'>, boolean>;
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
  /**
   * Its arguments; strictness is added here for all, and to those about the directory `tenant_id`, unless they have one of
   * their own, and `reason` where they write. Those of the demonstration and of UserAuth have no more than seeds 002 and 003 say.
   */
  input: Input;
  /** What the `content` of a success is. */
  content: z.ZodType;
  run(services: ToolServices, actor: Actor, args: z.infer<z.ZodObject<Input>>, call: Call): Promise<Success>;
};

/** Defines a tool once: its schemas give the types of its arguments, its validation, and what clients are told. */
export function defineTool<Input extends z.ZodRawShape>(definition: Definition<Input>): Tool {
  const { input, content, ...rest } = definition;
  // Policy is about people and groups; who administers tenants asks nobody.
  const ofDirectory = rest.toolset !== 'demo' && rest.toolset !== 'user-auth';
  const writes = ofDirectory && !rest.annotations.readOnlyHint && rest.scope !== 'scim:admin';
  const tenant = ofDirectory && { tenant_id: input['tenant_id'] ?? tenantId };
  return {
    ...rest,
    input: z.strictObject({ ...input, ...(writes && { reason }), ...tenant }),
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
