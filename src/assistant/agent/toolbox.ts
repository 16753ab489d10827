import { createHash } from 'node:crypto';
import type { Tool } from '@modelcontextprotocol/client';
import { dynamicTool, fingerprintTools, jsonSchema, type ToolSet } from 'ai';
import { serverSecret, type SecretStore } from '../agent-settings.ts';
import type { AgentSettingsData } from '../agent-settings-data.ts';
import type { Access, Owner } from '../context.ts';
import type { Log } from '../../observe/index.ts';
import { RunError, type Run } from '../run.ts';
import { targetOf } from './connect-server.ts';
import type { Connection, Connections } from './connections.ts';
import type { ServedTool } from './permissions.ts';

/** Our own server's name in conversations and permissions. */
export const ownServer = 'tandem';
const nameMax = 64;

export interface ToolboxOptions {
  connections: Connections;
  mcpUrl: string;
  keyFor(owner: Owner, access: Access): string;
  settings: { data: Pick<AgentSettingsData, 'servers'> };
  secrets: SecretStore;
  log: Log;
}

/** The tools of one run, under the names by which its model knows them. */
export interface Toolbox {
  tools: ReadonlyMap<string, ServedTool & { connection: Connection }>;
  find(server: string, tool: string): (ServedTool & { connection: Connection }) | undefined;
  /** Servers of the person that cannot be reached now. */
  missing: string[];
  release(): void;
}

/**
 * Borrows the conversation's connections, and lists what the servers have now.
 * @param withOthers also those that the person has added; without them only our own.
 * @throws RunError TOOLS_UNREACHABLE if our own server does not answer. Others that do not are only missing.
 */
export async function openToolbox(
  options: ToolboxOptions,
  run: Pick<Run, 'context' | 'owner' | 'access' | 'signal'>,
  withOthers: boolean,
): Promise<Toolbox> {
  const { connections, log } = options;
  const releases: (() => void)[] = [];
  const tools = new Map<string, ServedTool & { connection: Connection }>();
  const missing: string[] = [];
  const open = async (server: string, target: Parameters<Connections['borrow']>[2]) => {
    const { connection, release } = await connections.borrow(run.context.id, server, target);
    releases.push(release);
    return { connection, listed: await connection.tools(run.signal) };
  };
  const release = () => releases.splice(0).forEach((end) => end());
  try {
    const headers = { authorization: `Bearer ${options.keyFor(run.owner, run.access)}` };
    const { connection, listed } = await open(ownServer, { kind: 'url', url: options.mcpUrl, headers });
    for (const tool of listed) tools.set(tool.name, { server: ownServer, from: 'Tandem', tool, isOwn: true, connection });
  } catch (error) {
    release();
    run.signal.throwIfAborted();
    throw new RunError('TOOLS_UNREACHABLE', "Tandem's own tools could not be reached. Please try again; the log says more.", {
      transient: true,
      cause: error,
    });
  }
  if (withOthers)
    await Promise.all(
      options.settings.data.servers.map(async (server) => {
        if (!server.enabled) return;
        try {
          const secret = await options.secrets.get(serverSecret(server.id));
          const { connection, listed } = await open(server.id, targetOf(server, secret));
          const prints = await fingerprints(listed);
          for (const tool of listed) {
            const fingerprint = prints[tool.name] ?? '';
            tools.set(nameFor(server.id, tool.name), {
              server: server.id,
              from: server.name,
              tool,
              isOwn: false,
              fingerprint,
              connection,
            });
          }
        } catch (error) {
          if (run.signal.aborted) return;
          log.warn(
            { server: server.id, reason: error instanceof Error ? error.message : String(error) },
            'an MCP server could not be reached',
          );
          missing.push(server.name);
        }
      }),
    );
  return {
    tools,
    missing,
    find: (server, tool) => [...tools.values()].find((one) => one.server === server && one.tool.name === tool),
    release,
  };
}

/** The name by which a model knows a tool: prefixed where it is not ours, so that no server can stand in for another. */
export function nameFor(server: string, tool: string): string {
  if (server === ownServer) return tool;
  const plain = `${server}__${tool}`.replaceAll(/[^\w-]/g, '_');
  if (plain.length <= nameMax && plain === `${server}__${tool}`) return plain;
  // What had to be changed could be the same as another's.
  const hash = createHash('sha256').update(`${server}/${tool}`).digest('hex').slice(0, 8);
  return `${plain.slice(0, nameMax - 9)}_${hash}`;
}

/** What a model with little room is offered first. */
const basics = [
  'scim_search_users',
  'scim_get_user',
  'scim_patch_user',
  'scim_list_users',
  'scim_create_user',
  'scim_delete_user',
  'scim_search_groups',
  'scim_get_group',
  'scim_modify_group_members',
  'scim_get_history',
];

/**
 * Chooses the tools that fit into a model's requests: all, or, where they would take more than `room` tokens, the basic ones and
 * those of others before the rest.
 * @returns their names, and the tokens that they take of each request, about.
 */
export function offered(toolbox: Pick<Toolbox, 'tools'>, room: number): { names: string[]; tokens: number } {
  const rank = (name: string, isOwn: boolean) => (isOwn ? (basics.indexOf(name) + 100) % 100 : 50);
  const sized = [...toolbox.tools].map(([name, { tool, isOwn }]) => {
    const { description, inputSchema } = tool;
    return { name, rank: rank(name, isOwn), tokens: Math.ceil(JSON.stringify({ name, description, inputSchema }).length / 4) };
  });
  const chosen = new Set<string>();
  let tokens = 0;
  for (const one of sized.toSorted((a, b) => a.rank - b.rank)) {
    if (tokens + one.tokens > room) continue;
    chosen.add(one.name);
    tokens += one.tokens;
  }
  // In the order of the servers, which is the same each time: what is sent first can be cached by the other side.
  return { names: sized.map(({ name }) => name).filter((name) => chosen.has(name)), tokens };
}

/** What each tool says of itself, in short, to notice when a server changes it. */
async function fingerprints(tools: readonly Tool[]): Promise<Record<string, string>> {
  const set: ToolSet = {};
  for (const { name, description, inputSchema } of tools)
    set[name] = dynamicTool({
      description: description ?? name,
      inputSchema: jsonSchema(inputSchema),
      execute: async () => undefined,
    });
  return fingerprintTools(set);
}
