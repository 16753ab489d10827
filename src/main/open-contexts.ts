import {
  AssistantContexts,
  AssistantError,
  createRunner,
  type Access,
  type AgentSettings,
  type Owner,
} from '../assistant/index.ts';
import type { Auth } from '../auth/index.ts';
import type { Directory, Scope } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { StartError } from './data-folder.ts';

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
    log,
  }: { directory: Directory; auth: Auth; agentSettings: AgentSettings; mcpUrl: string; log: Log },
): Promise<{ contexts: AssistantContexts; close: () => Promise<void> }> {
  const keys = new Map<string, string>();
  const keyFor = ({ tenant }: Owner, { scopes, name }: Access): string => {
    const id = JSON.stringify([tenant, name, scopes]);
    const key = keys.get(id) ?? auth.keys.issueTemporary({ tenant, scopes: scopes as Scope[], name, kind: 'built-in' });
    keys.set(id, key);
    return key;
  };
  let contexts: AssistantContexts;
  try {
    contexts = AssistantContexts.open({
      path,
      runner: createRunner({ mcpUrl, keyFor, settings: agentSettings, secrets: auth.namedSecrets, log }),
      access: { scopes: ['scim:read', 'scim:write'], name: "Tandem's agent" },
      log,
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
  return {
    contexts,
    close() {
      unsubscribe();
      return contexts.close();
    },
  };
}
