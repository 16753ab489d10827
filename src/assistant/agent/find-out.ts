import type { ToolCall } from '../context.ts';
import type { ToolResult } from '../offline/index.ts';
import type { Run } from '../run.ts';
import { toolCallOf } from './history.ts';
import type { Toolbox } from './toolbox.ts';

/** Records of one name that are looked at. */
const candidatesMax = 5;

/** What has become of a write that was interrupted. */
export type Found = { kind: 'done'; id: string; version: string | undefined } | { kind: 'not-done' } | { kind: 'unknown' };

const unknown: Found = { kind: 'unknown' };

/**
 * Looks into the history whether an interrupted write of our own server was done: what a run writes is recorded under its id.
 * A server that has ended with the process does nothing later, so what is not there was not done.
 * @throws the reason of the run's signal.
 */
export async function findOut(run: Run, call: ToolCall, toolbox: Toolbox): Promise<Found> {
  const ask = async (tool: string, args: Record<string, unknown>): Promise<unknown> => {
    const served = toolbox.find(call.server, tool);
    const answer = await served?.connection.client
      .callTool({ name: tool, arguments: args }, { signal: run.signal })
      .catch(() => undefined);
    run.signal.throwIfAborted();
    const { success, content } = (answer?.structuredContent ?? {}) as Partial<ToolResult>;
    return success === true ? content : undefined;
  };
  const { type, ids } = await targetsOf(call, ask);
  if (!ids) return unknown;
  const seen = versionsOf(run);
  for (const id of ids) {
    const history = await ask('scim_get_history', { resource_type: type, resource_id: id, count: 20 });
    if (!Array.isArray(history)) return unknown;
    const mine = (history as { version?: string; actor?: { run?: string } }[]).find(
      ({ actor, version }) => actor?.run === run.id && !seen.has(version),
    );
    if (mine) return { kind: 'done', id, version: mine.version };
  }
  return { kind: 'not-done' };
}

/** Whom a write is about; of one that creates, who has the name that it gives. */
async function targetsOf(
  { tool, arguments: args }: ToolCall,
  ask: (tool: string, args: Record<string, unknown>) => Promise<unknown>,
): Promise<{ type: 'User' | 'Group'; ids?: string[] }> {
  const type = 'group_id' in args || 'group_data' in args ? 'Group' : 'User';
  const id = args['user_id'] ?? args['group_id'];
  if (typeof id === 'string') return { type, ids: [id] };
  const isCreation = tool === 'scim_create_user' || tool === 'scim_create_group';
  const attribute = type === 'User' ? 'userName' : 'displayName';
  const record = (args['user_data'] ?? args['group_data'] ?? {}) as Record<string, unknown>;
  const value = record[attribute];
  if (!isCreation || typeof value !== 'string') return { type };
  const found = await ask(type === 'User' ? 'scim_search_users' : 'scim_search_groups', { attribute, value });
  const { Resources } = (found ?? {}) as { Resources?: { id: string }[] };
  return { type, ...(Resources && { ids: Resources.slice(0, candidatesMax).map((resource) => resource.id) }) };
}

/** The versions that other calls of the run are known to have made. */
function versionsOf(run: Run): Set<string | undefined> {
  return new Set(run.nodes().flatMap((node) => (node.metadata.task === run.id ? (toolCallOf(node)?.versionAfter ?? []) : [])));
}
