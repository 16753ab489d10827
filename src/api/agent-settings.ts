import { z } from 'zod';
import type { ConnectionTest, McpServer, ModelEndpoint, Permission } from '../assistant/index.ts';
import { ownerOf } from './assistant.ts';
import { tenant } from './inputs.ts';
import { procedure, router } from './trpc.ts';

const id = z.string().min(1).max(64);
const text = (max: number) => z.string().max(max);
const price = z.number().optional();
/** A text sets it, null removes it, absent leaves it. It is never read back. */
const secret = z.string().max(8000).nullish();

/** Only the shape is checked here; what it says is judged by the assistant, which names the field and the fix. */
const model = z.object({
  provider: z.enum(['openai-compatible', 'anthropic']),
  name: text(200),
  baseUrl: text(4000),
  plainHttp: z.boolean().optional(),
  models: z
    .array(z.object({ name: text(400), contextTokens: z.number().optional(), inputPrice: price, outputPrice: price }))
    .max(100),
  requestsPerMinute: z.number().optional(),
  key: secret,
});
const server = z.object({
  name: text(200),
  enabled: z.boolean().optional(),
  connection: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('url'), url: text(4000), plainHttp: z.boolean().optional(), secretName: text(200).optional() }),
    z.object({
      kind: z.literal('command'),
      command: text(2000),
      args: z.array(text(4000)).max(200).optional(),
      env: z.record(z.string().max(200), text(4000)).optional(),
      secretName: text(200).optional(),
    }),
  ]),
  secret,
});

/** What the person sets up for the agent: models, MCP servers, and what is allowed for good. Keys go in and never come out. */
export const agentSettings = router({
  models: procedure.query(({ ctx }): Promise<(ModelEndpoint & { hasKey: boolean })[]> => ctx.agentSettings.models.list()),
  addModel: procedure.input(model).mutation(({ ctx, input }) => ctx.agentSettings.models.add(input)),
  changeModel: procedure
    .input(model.extend({ id }))
    .mutation(({ ctx, input: { id, ...input } }) => ctx.agentSettings.models.change(id, input)),
  removeModel: procedure.input(z.object({ id })).mutation(({ ctx, input }) => ctx.agentSettings.models.remove(input.id)),
  testModel: procedure
    .input(model.extend({ id: id.optional() }))
    .mutation(({ ctx, input, signal }): Promise<ConnectionTest> => ctx.agentSettings.models.test(input, signal)),

  servers: procedure.query(({ ctx }): Promise<(McpServer & { hasSecret: boolean })[]> => ctx.agentSettings.servers.list()),
  addServer: procedure.input(server).mutation(({ ctx, input }) => ctx.agentSettings.servers.add(input)),
  changeServer: procedure
    .input(server.extend({ id }))
    .mutation(({ ctx, input: { id, ...input } }) => ctx.agentSettings.servers.change(id, input)),
  removeServer: procedure.input(z.object({ id })).mutation(({ ctx, input }) => ctx.agentSettings.servers.remove(input.id)),
  testServer: procedure
    .input(server.extend({ id: id.optional() }))
    .mutation(({ ctx, input, signal }): Promise<ConnectionTest> => ctx.agentSettings.servers.test(input, signal)),

  permissions: procedure
    .input(z.object({ tenant }))
    .query(({ ctx, input }): Permission[] => ctx.agentSettings.permissions.list(ownerOf(input.tenant))),
  removePermission: procedure
    .input(z.object({ tenant, tool: text(300) }))
    .mutation(({ ctx, input: { tool, ...input } }) => ctx.agentSettings.permissions.remove({ ...ownerOf(input.tenant), tool })),
});
