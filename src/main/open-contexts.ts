import type { FastifyPluginAsync } from 'fastify';
import {
  assistantLimits,
  AssistantContexts,
  AssistantError,
  createRestDoor,
  createRunner,
  type Access,
  type AgentSettings,
  type Owner,
} from '../assistant/index.ts';
import type { Auth } from '../auth/index.ts';
import { DirectoryError, type Actor, type Directory, type Scope } from '../directory/index.ts';
import type { Admit, AssistantMeter, Log } from '../observe/index.ts';
import { StartError } from './data-folder.ts';
import type { SettingsData } from './settings.ts';

const keysMax = 500;

/** Where no endpoint has a model of this name, the contract's own examples run with the one that is always there. */
const standardAliases = { 'gpt-3.5-turbo': 'offline-rules' };

/**
 * The assistant's conversations. Nothing of them runs before `start`; those of a tenant go with it.
 * @param path the database file.
 * @throws StartError if it cannot be used.
 */
export async function openContexts(
  path: string,
  {
    directory,
    auth,
    agentSettings,
    mcpUrl,
    origin,
    version,
    settings: { mcp = {} },
    admit,
    log,
    meter,
  }: {
    directory: Directory;
    auth: Auth;
    agentSettings: AgentSettings;
    /** Our own MCP server, as the agent is to see it. */
    mcpUrl: string;
    origin: string;
    version: string;
    settings: Pick<SettingsData, 'mcp'>;
    admit: Admit;
    log: Log;
    meter: AssistantMeter;
  },
): Promise<{ contexts: AssistantContexts; routes: FastifyPluginAsync; close: () => Promise<void> }> {
  const { enabled = true, max_contexts: contextsMax = 100, timeout = '60s', idle_days: idleDays = 30 } = mcp;
  const waitMs = Number.parseInt(timeout, 10) * (timeout.endsWith('m') ? 60_000 : 1000);
  // A request is not waited for as long as a model on this computer may work.
  const workMs = Math.max(waitMs, assistantLimits.workMs);
  const keys = new Map<string, string>();
  const keyFor = ({ tenant }: Owner, { scopes, name }: Access): string => {
    const id = JSON.stringify([tenant, name, scopes]);
    const key = keys.get(id) ?? auth.keys.issueTemporary({ tenant, scopes: scopes as Scope[], name, kind: 'built-in' });
    keys.delete(id);
    keys.set(id, key);
    // Tandem forgets the temporary keys that were not used for the longest time; so must we.
    for (const oldest of keys.keys()) {
      if (keys.size <= keysMax) break;
      keys.delete(oldest);
    }
    return key;
  };
  let contexts: AssistantContexts;
  try {
    contexts = AssistantContexts.open({
      path,
      runner: createRunner({ mcpUrl, keyFor, settings: agentSettings, secrets: auth.namedSecrets, log, meter }),
      access: { scopes: ['scim:read', 'scim:write'], name: "Tandem's agent" },
      isAllowed: ({ principal, tenant }) => principal === undefined || auth.hasAccess(principal, tenant),
      limits: { contextsMax, workMs, idleMs: idleDays * 86_400_000 },
      aliases: { ...standardAliases, ...mcp.model_aliases },
      log,
      meter,
    });
  } catch (error) {
    if (!(error instanceof AssistantError)) throw error;
    throw new StartError(`Cannot open the conversations ${path}: ${error.message}`, { cause: error });
  }
  const forget = () => contexts.forgetTenantsBut(directory.tenants.list().map(({ id }) => id));
  await forget();
  const unsubscribe = directory.tenants.onDelete(() => {
    forget().catch((error: unknown) => log.error({ err: error }, 'conversations of a deleted tenant are still there'));
  });
  const door = createRestDoor({
    service: contexts,
    origin,
    version,
    log,
    waitMs,
    access: auth.access,
    admit,
    enabled,
    async authenticate(token) {
      const principal = await auth.authenticate(token);
      if (!principal) return undefined;
      const { tenant, id, name, scopes } = principal.actor;
      return { tenant, id, name, scopes, access: principal.access };
    },
    refusal({ tenant, id, name, scopes }) {
      const actor: Actor = { tenant, id, name, scopes: scopes as Scope[], kind: 'agent', door: 'mcp' };
      try {
        directory.tenants.allow(actor, 'scim:read');
        return undefined;
      } catch (error) {
        if (!(error instanceof DirectoryError)) throw error;
        return { message: error.message, ...(error.scope && { scope: error.scope }) };
      }
    },
  });
  return {
    contexts,
    routes: door.routes,
    close() {
      door.close();
      unsubscribe();
      return contexts.close();
    },
  };
}
