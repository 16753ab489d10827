import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Actor } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { invalidArguments, refused, refusedBecause, succeeded } from './result.ts';
import type { Tool, ToolServices } from './tools/tool.ts';

/** Calls a tool for an actor. Never throws: whatever happens becomes a result in the one form. */
export async function callTool(
  services: ToolServices & { log: Log },
  tool: Tool,
  actor: Actor,
  args: unknown,
): Promise<CallToolResult> {
  const metadata = { operation: tool.name.replace(/^scim_/, ''), tenant_id: actor.tenant };
  const parsed = tool.input.safeParse(args ?? {});
  if (!parsed.success) return logged(services.log, tool, invalidArguments(parsed.error, metadata));
  const { tenant_id, ...rest } = parsed.data;
  if (tenant_id !== undefined && tenant_id !== actor.tenant) {
    const text = `Nothing was done. This access is for the tenant '${actor.tenant}' only; leave tenant_id out, or connect with access to the other tenant.`;
    return logged(services.log, tool, refused('TENANT_MISMATCH', text, metadata));
  }
  try {
    const { content, metadata: more } = await tool.run(services, actor, rest);
    return succeeded({ content, metadata: { ...more, tenant_id: actor.tenant } });
  } catch (error) {
    const refusal = refusedBecause(error, metadata);
    if (refusal) return logged(services.log, tool, refusal);
    services.log.error({ err: error, tool: tool.name }, 'a tool failed');
    return refused(
      'INTERNAL_ERROR',
      'Something went wrong in Tandem; its log says what. Nothing was acknowledged. Try again.',
      metadata,
    );
  }
}

function logged(log: Log, tool: Tool, result: CallToolResult): CallToolResult {
  const { content } = result.structuredContent as { content: { error_code: string } };
  log.info({ tool: tool.name, refusal: content.error_code }, 'a tool call was refused');
  return result;
}
