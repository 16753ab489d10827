import { z } from 'zod';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'Use up to 32 of a-z, 0-9 and "-", beginning with a letter or a digit.');
const name = z.string().trim().min(1, 'Give it a name.').max(80, 'At most 80 characters.');
const address = z.url({ protocol: /^https?$/, error: 'Give a whole address that begins with https:// or http://.' }).max(2000);
const price = z.number().min(0).max(100_000);

/** One model of an endpoint, as the endpoint calls it. Prices are US dollars for a million tokens. */
const modelSchema = z.strictObject({
  name: z.string().trim().min(1, 'Give the name of a model.').max(200),
  contextTokens: z.int().min(2000, 'At least 2000 tokens.').max(10_000_000).default(128_000),
  inputPrice: price.optional(),
  outputPrice: price.optional(),
});

/** Where language models are reached. Its key is never here, but among the secrets. */
export const modelEndpointSchema = z.strictObject({
  id,
  provider: z.enum(['openai-compatible', 'anthropic']),
  name,
  baseUrl: address,
  /** Allows http:// to an address outside this machine and the private networks. */
  plainHttp: z.boolean().optional(),
  models: z.array(modelSchema).min(1, 'Name at least one model.').max(50),
  requestsPerMinute: z.int().min(1).max(100_000).optional(),
});
export type ModelEndpoint = z.infer<typeof modelEndpointSchema>;

/** An MCP server that the person has added. Its secret is never here. */
export const mcpServerSchema = z.strictObject({
  id,
  name,
  enabled: z.boolean().default(true),
  connection: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('url'),
      url: address,
      plainHttp: z.boolean().optional(),
      /** The header that carries the secret, for example `Authorization`. */
      secretName: z
        .string()
        .regex(/^[A-Za-z0-9-]{1,100}$/, 'Give the name of an HTTP header.')
        .optional(),
    }),
    z.strictObject({
      kind: z.literal('command'),
      command: z.string().trim().min(1, 'Give the command that starts it.').max(1000),
      args: z.array(z.string().max(4000)).max(100).default([]),
      env: z.record(z.string().regex(/^\w{1,100}$/), z.string().max(4000)).default({}),
      /** The environment variable that carries the secret. */
      secretName: z
        .string()
        .regex(/^\w{1,100}$/, 'Give the name of an environment variable.')
        .optional(),
    }),
  ]),
});
export type McpServer = z.infer<typeof mcpServerSchema>;

/** A tool that somebody has allowed for good. It holds for the tool as it was then: one that has changed asks again. */
const permissionSchema = z.strictObject({
  tenant: z.string().max(63),
  userId: z.string().max(200),
  /** `server/tool`. */
  tool: z.string().max(300),
  /** Of the tool's description and schema; absent for Tandem's own. */
  fingerprint: z.string().max(100).optional(),
  /** RFC 3339, UTC. */
  since: z.string(),
});
export type Permission = z.infer<typeof permissionSchema>;

/** The assistant's part of `settings.json`. */
export const agentSettingsSchema = z.strictObject({
  models: z.array(modelEndpointSchema).max(50).default([]),
  servers: z.array(mcpServerSchema).max(50).default([]),
  permissions: z.array(permissionSchema).max(1000).default([]),
});
export type AgentSettingsData = z.infer<typeof agentSettingsSchema>;
