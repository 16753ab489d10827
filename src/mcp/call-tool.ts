import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Actor } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { invalidArguments, refusalOf, refused, succeeded, type RefusalContent } from './result.ts';
import type { Call, Tool, ToolServices } from './tools/tool.ts';

/** Calls a tool for an actor. Never throws: whatever happens becomes a result in the one form. */
export async function callTool(
  services: ToolServices & { log: Log },
  tool: Tool,
  actor: Actor,
  args: unknown,
  call: Call,
): Promise<CallToolResult> {
  const { log } = services;
  const metadata = { operation: tool.name.replace(/^scim_/, ''), tenant_id: actor.tenant };
  const refuse = (content: RefusalContent): CallToolResult => {
    log.info({ tool: tool.name, refusal: content.error_code }, 'a tool call was refused');
    return refused(content, metadata);
  };
  const parsed = tool.input.safeParse(args ?? {});
  if (!parsed.success) return refuse(invalidArguments(parsed.error));
  const { tenant_id, ...rest } = parsed.data;
  if (tool.worksInTenant && tenant_id !== undefined && tenant_id !== actor.tenant)
    return refuse({
      error: `Nothing was done. This access is for the tenant '${actor.tenant}' only; leave tenant_id out, or connect with access to the other tenant.`,
      error_code: 'TENANT_MISMATCH',
    });
  try {
    const { content, metadata: more } = await tool.run(services, actor, tool.worksInTenant ? rest : parsed.data, call);
    // Tenants have no history that would tell who did it.
    if (tool.scope === 'scim:admin')
      log.info({ tool: tool.name, actor: actor.id, target: tenant_id }, 'a tenant was administered');
    return succeeded({ content, metadata: { ...more, tenant_id: actor.tenant } });
  } catch (error) {
    const refusal = refusalOf(error, tool);
    if (refusal) return refuse(refusal);
    const { signal } = call;
    if (signal.aborted && error === signal.reason)
      return refuse({ error: 'Cancelled before anything was done.', error_code: 'CANCELLED' });
    log.error({ err: error, tool: tool.name }, 'a tool failed');
    return refused(
      {
        error: 'Something went wrong in Tandem; its log says what. Nothing was acknowledged. Try again.',
        error_code: 'INTERNAL_ERROR',
      },
      metadata,
    );
  }
}
