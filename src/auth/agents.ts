import { createHash } from 'node:crypto';
import {
  agentUrn,
  DirectoryError,
  ownersOf,
  tandem,
  type Actor,
  type Author,
  type Change,
  type Directory,
  type Resource,
  type Versioned,
} from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { administratorAccount } from './accounts.ts';
import type { ClientAgent } from './auth.ts';
import { cleanName } from './registration.ts';

/** The client that all AI clients are which are started on this computer (`tandem mcp`): each of their keys lives for one run. */
export const stdioClient = 'stdio';

/** What an Agent is made from: a client that has been given access to a tenant. */
export interface AgentClient {
  tenant: string;
  /** The OAuth client's id, `key:ID`, or `stdio`. */
  clientId: string;
  /** What people call it. */
  name: string;
  /** What it calls itself. */
  ownName?: string | undefined;
  kind: 'AI client' | 'Access key';
  /** Who gave it access: `administrator`, or `TENANT/USER_ID`. */
  account: string;
}

/** An Agent as far as it decides on access. */
interface Tie extends ClientAgent {
  clientId: string;
  /** Absent until it is made, and since it was deleted. */
  name?: string | undefined;
}

/**
 * The Agents of the directory that are clients of this server (docs/decisions/0019). An Agent is tied to its client by its
 * id, which is made from the client's: ids are the directory's to give, so nobody can write another Agent into its place.
 */
export class Agents {
  readonly #directory: Directory;
  readonly #log: Log;
  /** By tenant and id of the Agent. */
  readonly #ties = new Map<string, Tie>();
  readonly #byClient = new Map<string, Tie[]>();
  /** Clients that are cut off, by id and tenant: asked with each request. */
  readonly #off = new Set<string>();
  readonly #stops: (() => void)[];
  /** Told after an Agent was turned on or off, deleted, or its owners or name have changed. */
  onChanged: (() => void) | undefined;
  /** Told when an Agent was deleted: its client's access to that tenant is to end for good. */
  onDeleted: ((clientId: string, tenant: string, by: Author) => void) | undefined;
  /** Told when an Agent that is its client's only one has another name. */
  onRenamed: ((clientId: string, name: string) => void) | undefined;

  constructor(directory: Directory, log: Log) {
    this.#directory = directory;
    this.#log = log;
    this.#stops = [directory.onChange((change) => this.#changed(change)), directory.tenants.onDelete(() => this.#forgetGone())];
  }

  /**
   * Finds the Agents of the clients that there are, and makes those that are missing: of access that was given by an older
   * Tandem, or just before it was killed. Where one was deleted, its client's access ends.
   */
  async open(clients: readonly AgentClient[]): Promise<void> {
    await Promise.all(
      clients.map(async (client) => {
        try {
          const tie = this.#tieOf(client);
          const found = await this.#find(tie);
          if (found) this.#take(tie, found.resource);
          else if (await this.#wasThere(tie)) this.onDeleted?.(client.clientId, client.tenant, tandem);
          else await this.#create(client, tandem);
        } catch (error) {
          // Whoever cannot be looked up is not let in.
          this.#off.add(offKey(client.clientId, client.tenant));
          this.#log.error({ err: error, client: client.clientId }, 'whether an agent is active cannot be told');
        }
      }),
    );
    for (const { id } of this.#directory.tenants.list()) {
      const tie = this.#tieOf({ tenant: id, clientId: stdioClient });
      const found = await this.#find(tie);
      if (found) this.#take(tie, found.resource);
    }
  }

  /** Whether a client is cut off in a tenant. A lookup in memory. */
  isOff(clientId: string, tenant: string): boolean {
    return this.#off.size > 0 && this.#off.has(offKey(clientId, tenant));
  }

  /** Whether somebody has turned a client off, which only they turn on again; one that was deleted may be let in anew. */
  isTurnedOff(clientId: string, tenant: string): boolean {
    return this.of(clientId).some((agent) => agent.tenant === tenant && !agent.active);
  }

  /** The Agents that a client is, one in each tenant that let it in. */
  of(clientId: string): ClientAgent[] {
    const own = this.#byClient.get(clientId) ?? [];
    return own.filter(({ name }) => name !== undefined).map(({ tenant, id, active }) => ({ tenant, id, active }));
  }

  /**
   * Makes the Agent of a client that is being given access, owned by the person who gives it. Where there is one already, it
   * gets that person as one more owner; where there was one, it is there again.
   * @throws DirectoryError UNAVAILABLE.
   */
  async admit(client: AgentClient, by: Author): Promise<void> {
    const tie = this.#tieOf(client);
    const found = await this.#find(tie);
    const owner = await this.#ownerOf(client);
    if (!found) await this.#create(client, by);
    else if (owner !== undefined && !ownersOf(found.resource).includes(owner))
      await this.#directory.patch(this.#actor(client.tenant, by), 'Agent', tie.id, [
        { op: 'add', path: 'owners', value: [{ value: owner }] },
      ]);
  }

  /** Calls the Agents of a client by another name. */
  async rename(clientId: string, name: string, by: Author): Promise<void> {
    for (const { tenant, id } of this.of(clientId))
      await this.#unlessGone(() =>
        this.#directory.patch(this.#actor(tenant, by), 'Agent', id, [{ op: 'replace', path: 'displayName', value: name }]),
      );
  }

  /** Deletes the Agents of a client whose access was revoked. Their history stays. */
  async remove(clientId: string, by: Author): Promise<void> {
    for (const { tenant, id } of this.of(clientId))
      await this.#unlessGone(() => this.#directory.delete(this.#actor(tenant, by), 'Agent', id));
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  async #create(client: AgentClient, by: Author): Promise<void> {
    const { tenant, clientId, name, ownName = name, kind } = client;
    const owner = await this.#ownerOf(client);
    const { id } = this.#tieOf(client);
    const record = {
      schemas: [agentUrn],
      name: ownName,
      displayName: name,
      agentType: kind,
      active: true,
      externalId: clientId,
      protocols: [{ type: 'MCP-Client', ...(clientId.startsWith('https://') && { specificationUrl: clientId }) }],
      ...(owner !== undefined && { owners: [{ value: owner }] }),
    };
    try {
      await this.#directory.createAs(this.#actor(tenant, by), 'Agent', id, record);
    } catch (error) {
      // Somebody else let the same client in at the same time.
      if (!(error instanceof DirectoryError && error.code === 'VERSION_MISMATCH')) throw error;
    }
  }

  #changed({ tenant, type, id, operation, resource, author }: Change): void {
    const tie = type === 'Agent' ? this.#ties.get(`${tenant} ${id}`) : undefined;
    if (!tie) return;
    const before = tie.name;
    if (operation === 'delete') {
      this.#forget(tie);
      this.onDeleted?.(tie.clientId, tenant, author);
    } else this.#take(tie, resource);
    const { name } = tie;
    if (before !== undefined && name !== undefined && name !== before && this.of(tie.clientId).length === 1)
      this.onRenamed?.(tie.clientId, name);
    this.onChanged?.();
  }

  /** It is as the record says. */
  #take(tie: Tie, { active, displayName, name }: Resource): void {
    tie.active = active !== false;
    tie.name = [displayName, name].map((text) => (typeof text === 'string' ? cleanName(text) : '')).find(Boolean) ?? '';
    const key = offKey(tie.clientId, tie.tenant);
    if (tie.active) this.#off.delete(key);
    else this.#off.add(key);
  }

  /** Cut off until it is let in anew. */
  #forget(tie: Tie): void {
    tie.name = undefined;
    this.#off.add(offKey(tie.clientId, tie.tenant));
  }

  /** What was in a tenant that was deleted is not there; another may be made under its id. */
  #forgetGone(): void {
    for (const [key, { tenant, clientId }] of this.#ties) {
      if (this.#directory.tenants.exists(tenant)) continue;
      this.#ties.delete(key);
      this.#off.delete(offKey(clientId, tenant));
      const left = this.#byClient.get(clientId)?.filter((tie) => tie.tenant !== tenant) ?? [];
      if (left.length > 0) this.#byClient.set(clientId, left);
      else this.#byClient.delete(clientId);
    }
  }

  #tieOf({ tenant, clientId }: Pick<AgentClient, 'tenant' | 'clientId'>): Tie {
    const id = agentIdOf(tenant, clientId);
    const key = `${tenant} ${id}`;
    const known = this.#ties.get(key);
    if (known) return known;
    const tie: Tie = { tenant, id, clientId, active: true };
    this.#ties.set(key, tie);
    this.#byClient.set(clientId, [...(this.#byClient.get(clientId) ?? []), tie]);
    return tie;
  }

  async #find({ tenant, id }: Tie): Promise<Versioned | undefined> {
    try {
      return await this.#directory.get(this.#actor(tenant, tandem), 'Agent', id);
    } catch (error) {
      if (error instanceof DirectoryError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  async #wasThere({ tenant, id }: Tie): Promise<boolean> {
    try {
      await this.#directory.history.list(this.#actor(tenant, tandem), 'Agent', id, { limit: 1 });
      return true;
    } catch (error) {
      if (error instanceof DirectoryError && error.code === 'NOT_FOUND') return false;
      throw error;
    }
  }

  /** The person who gave access, where it was one of the tenant; the administrator is no user of it. */
  async #ownerOf({ tenant, account }: AgentClient): Promise<string | undefined> {
    if (account === administratorAccount || !account.startsWith(`${tenant}/`)) return undefined;
    const id = account.slice(tenant.length + 1);
    return (await this.#directory.exists(this.#actor(tenant, tandem), 'User', id)) ? id : undefined;
  }

  /** Who may do it, by whoever it is done: also in a tenant that is suspended. */
  #actor(tenant: string, by: Author): Actor {
    return { ...by, door: by.door === 'window' ? 'window' : 'cli', tenant, scopes: ['scim:admin'] };
  }

  async #unlessGone(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DirectoryError && error.code === 'NOT_FOUND')) throw error;
    }
  }
}

/** The id of the Agent that a client is in a tenant: always the same, a UUID of version 8 (RFC 9562 §5.8). */
export function agentIdOf(tenant: string, clientId: string): string {
  const bytes = createHash('sha256').update(`tandem agent ${tenant} ${clientId}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function offKey(clientId: string, tenant: string): string {
  return `${tenant} ${clientId}`;
}
