import { randomBytes } from 'node:crypto';
import type { Auth } from '../auth/index.ts';
import { DirectoryError, type Actor, type Directory, type Json, type Resource } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import type { Grounds, Person } from '../scenarios/index.ts';
import type { Settings } from './settings.ts';

interface GroundsOptions {
  directory: Directory;
  keys: Auth['keys'];
  settings: Settings;
  /** Of the MCP server. */
  url: string;
  log: Log;
}

/**
 * What scenarios are played in: a tenant for each, which settings.json names as long as it is there, so that a crash leaves none;
 * and a person at the window.
 */
export async function createScenarioGrounds({ directory, keys, settings, url, log }: GroundsOptions): Promise<Grounds> {
  const { tenants } = directory;
  const made = new Set(settings.data.scenarioTenants);
  const note = () => settings.update({ scenarioTenants: [...made] });
  const removeTenant = async (id: string) => {
    if (tenants.exists(id)) await tenants.delete(id);
    made.delete(id);
    await note();
  };
  for (const id of made) await removeTenant(id);
  return {
    url,
    log,
    async addTenant(title) {
      const id = `scenario-${randomBytes(4).toString('hex')}`;
      made.add(id);
      await note();
      await tenants.create({ id, name: `Scenario: ${title}` });
      return id;
    },
    removeTenant,
    async keepTenant(id) {
      made.delete(id);
      await note();
    },
    keyFor: (tenant, name) => keys.issueTemporary({ tenant, scopes: ['scim:read', 'scim:write'], name }),
    personIn: (tenant, name) => personAt(directory, tenant, name),
  };
}

function personAt(directory: Directory, tenant: string, name: string): Person {
  const actor: Actor = { id: 'scenario-person', name, kind: 'person', door: 'window', tenant, scopes: ['scim:admin'] };
  const holder = `scenario ${tenant}`;
  return {
    async open({ type, id }) {
      const found = await directory.get(actor, type, id);
      directory.presence.open(actor, { type, id }, { holder, fields: [], baseVersion: found.version });
      return { ...found.resource, _version: found.version };
    },
    draft: ({ type, id }, fields, baseVersion) => directory.presence.open(actor, { type, id }, { holder, fields, baseVersion }),
    async save({ type, id }, { _version, ...record }, expectedVersion) {
      try {
        const written = await directory.replace(actor, type, id, record, { expectedVersion });
        return { kind: 'saved', record: { ...written.resource, _version: written.version } };
      } catch (error) {
        if (!(error instanceof DirectoryError) || !error.conflict) throw error;
        const { current, currentVersion, merged, changes } = error.conflict;
        const withVersion = (resource: Resource): Record<string, Json> => ({ ...resource, _version: currentVersion });
        return {
          kind: 'conflict',
          current: withVersion(current),
          ...(merged && { merged: withVersion(merged) }),
          changes: changes.map(({ path, after, author }) => ({ path, after, by: author.name })),
        };
      }
    },
    close: ({ type, id }) => directory.presence.leave(actor, holder, { type, id }),
    async inbox() {
      const { escalations } = await directory.escalations.list(actor, { state: 'pending', to: 'people', limit: 10 });
      return escalations.map(({ id, from, intent = '' }) => ({ id, from: from.name, intent }));
    },
    async answer({ id }, decision) {
      try {
        // Where it would do something else by now, the person sees that, and means the same.
        while ((await directory.escalations.decide(actor, id, decision)).outdated);
        return true;
      } catch (error) {
        if (error instanceof DirectoryError && error.code === 'ALREADY_DECIDED') return false;
        throw error;
      }
    },
  };
}
