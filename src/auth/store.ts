import { createHash } from 'node:crypto';
import { Low } from 'lowdb';
import type { Adapter } from 'oidc-provider';
import { z } from 'zod';
import { callLimitsSchema, DirectoryError, toolsets, type Tenant } from '../directory/index.ts';
import { readPrivate, systemCode, writePrivate } from './private-file.ts';
import { shortLived } from './short-lived.ts';

const scope = z.enum(['scim:read', 'scim:write', 'scim:admin']);

const storedKey = z.object({
  id: z.string(),
  hash: z.string(),
  name: z.string(),
  tenant: z.string(),
  scopes: z.array(scope),
  created: z.string(),
  expires: z.string().optional(),
  lastUsed: z.string().optional(),
  /** The secret before the last rotation, while it still opens. */
  previous: z.object({ hash: z.string(), until: z.number() }).optional(),
});
export type StoredKey = z.infer<typeof storedKey>;

const storedGrant = z.object({
  tenant: z.string(),
  clientId: z.string(),
  clientName: z.string(),
  created: z.string().default(() => new Date().toISOString()),
  /** Who consented: `administrator`, or `TENANT/USER_ID`. */
  account: z.string().default('administrator'),
  /** What was consented to; of grants made before this was kept, unknown. */
  scopes: z.array(scope).default([...scope.options]),
});
/** What Tandem knows of a consent beside what the provider keeps. */
export type StoredGrant = z.infer<typeof storedGrant>;

const storedClient = z.object({
  /** What the administrator calls it. */
  name: z.string().optional(),
  /** All that it may do, whatever it was given. */
  scopes: z.array(scope).optional(),
  /** What bounds its calls, where that is not as settings.json says. */
  limits: callLimitsSchema.optional(),
  /** The MCP toolsets that were chosen for it; absent, those of its tenant and of the server. */
  toolsets: z.array(z.enum(toolsets)).optional(),
  lastUsed: z.string().optional(),
  calls: z.number().default(0),
  conflicts: z.number().default(0),
  /** When somebody came with a refresh token that had been used, which ended a grant. */
  reusedAt: z.string().optional(),
  /** Whether the administrator registered it. */
  byAdministrator: z.boolean().optional(),
  /** The secret before the last rotation, while it still opens. */
  previousSecret: z.object({ hash: z.string(), until: z.number() }).optional(),
});
/** What Tandem keeps about an OAuth client or, by `key:ID`, about an access key. */
export type StoredClient = z.infer<typeof storedClient>;

const record = z.object({ payload: z.looseObject({}), expires: z.number().optional() });
type Records = Record<string, z.infer<typeof record>>;

/** `auth.json`: what must survive a restart. Access keys and refresh tokens are stored as hashes. */
const fileSchema = z.object({
  keys: z.array(storedKey),
  grants: z.record(z.string(), storedGrant),
  clients: z.record(z.string(), storedClient).default({}),
  records: z.record(z.string(), z.record(z.string(), record)),
});
type FileData = z.infer<typeof fileSchema>;

/** Models of the provider that survive a restart. The others live for minutes: losing them means to sign in again. */
const durable = new Set(['Client', 'Grant', 'RefreshToken']);
/** Models whose id is a secret. */
const secret = new Set(['RefreshToken']);

const endedKept = 100;

export const storeLimits = {
  clients: 500,
  grants: 1000,
  /** Refresh tokens of one grant that were used; the use of an older one is refused, but no longer ends the grant. */
  usedRefreshTokens: 10,
} as const;

/** The provider's small state and the access keys. What was acknowledged is on disk. */
export class AuthStore {
  readonly #path: string;
  readonly #db: Low<FileData>;
  readonly #shortLived = shortLived();
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  readonly #ended = new Map<string, StoredGrant>();
  #accounts: ReadonlySet<string> | undefined;
  readonly #endListeners = new Set<() => void>();

  private constructor(path: string, db: Low<FileData>) {
    this.#path = path;
    this.#db = db;
    this.#prune();
  }

  /** @throws DirectoryError UNAVAILABLE if the file is damaged or unreadable; it is never replaced silently. */
  static async open(path: string): Promise<AuthStore> {
    const empty = (): FileData => ({ keys: [], grants: {}, clients: {}, records: {} });
    const db = new Low<FileData>(
      {
        async read() {
          const text = await readPrivate(path);
          return text === undefined ? null : fileSchema.parse(JSON.parse(text));
        },
        write: (data) => writePrivate(path, JSON.stringify(data)),
      },
      empty(),
    );
    try {
      await db.read();
    } catch (error) {
      const code = systemCode(error);
      const message =
        code === undefined
          ? `${path} is damaged. Restore it from a backup, or delete it: then AI clients must sign in again, and access keys must be made anew.`
          : `${path} cannot be read (${code}). Make it readable for this user, then start again.`;
      throw new DirectoryError('UNAVAILABLE', message, { cause: error });
    }
    return new AuthStore(path, db);
  }

  get keys(): StoredKey[] {
    return this.#db.data.keys;
  }

  grant(id: string): StoredGrant | undefined {
    return Object.hasOwn(this.#db.data.grants, id) ? this.#db.data.grants[id] : undefined;
  }

  /** All grants with their ids, oldest first. */
  grants(): [id: string, grant: StoredGrant][] {
    return Object.entries(this.#db.data.grants);
  }

  /** The accounts of persons that consented to something. */
  get accounts(): ReadonlySet<string> {
    this.#accounts ??= new Set(Object.values(this.#db.data.grants).map(({ account }) => account));
    return this.#accounts;
  }

  hasGrant(clientId: string, tenant: string): boolean {
    return Object.values(this.#db.data.grants).some((grant) => grant.clientId === clientId && grant.tenant === tenant);
  }

  async addGrant(id: string, grant: Omit<StoredGrant, 'created'>): Promise<void> {
    this.#db.data.grants[id] = { ...grant, created: new Date().toISOString() };
    this.#accounts = undefined;
    await this.save();
  }

  /** Ends the grants that match, with their refresh tokens. @returns how many they were. */
  async endGrants(matches: (grant: StoredGrant, id: string) => boolean): Promise<number> {
    const ending = this.grants().filter(([id, grant]) => matches(grant, id));
    for (const [id] of ending) this.#endGrant(id);
    if (ending.length > 0) await this.save();
    return ending.length;
  }

  /** What clients sent at their registration, by id. */
  registrations(): [id: string, metadata: Record<string, unknown>][] {
    return Object.entries(this.#db.data.records['Client'] ?? {}).map(([id, { payload }]) => [id, payload]);
  }

  /** Gives a registered client another secret; it is written with the next save. @returns the one that it had. */
  replaceSecret(id: string, secret: string): string {
    const { payload } = this.#db.data.records['Client']?.[id] ?? { payload: {} };
    const { client_secret: before } = payload;
    payload['client_secret'] = secret;
    return typeof before === 'string' ? before : '';
  }

  /** Forgets a registered client, with its grants. */
  async removeClient(id: string): Promise<void> {
    delete this.#db.data.records['Client']?.[id];
    delete this.#db.data.clients[id];
    for (const [grantId, grant] of this.grants()) if (grant.clientId === id) this.#endGrant(grantId);
    await this.save();
  }

  client(id: string): StoredClient | undefined {
    return Object.hasOwn(this.#db.data.clients, id) ? this.#db.data.clients[id] : undefined;
  }

  /** Changes what is kept about a client; it is written with the next save. */
  noteClient(id: string, change: Partial<StoredClient>): void {
    this.#db.data.clients[id] = { calls: 0, conflicts: 0, ...this.client(id), ...change };
  }

  /** What one of the grants that ended last was. */
  endedGrant(id: string): StoredGrant | undefined {
    return this.#ended.get(id);
  }

  /** Calls the listener whenever grants ended. The listener must not throw. @returns a function that ends it. */
  onEnded(listener: () => void): () => void {
    this.#endListeners.add(listener);
    return () => this.#endListeners.delete(listener);
  }

  /** Drops the access to tenants that are gone, and to those that were made anew under the same id. */
  async forgetTenantsBut(tenants: readonly Tenant[]): Promise<void> {
    const { keys, grants } = this.#db.data;
    const gone = Object.entries(grants).filter(([, grant]) => !isOf(tenants, grant));
    for (const [id] of gone) this.#endGrant(id);
    this.#db.data.keys = keys.filter((key) => isOf(tenants, key));
    if (gone.length > 0 || this.#db.data.keys.length < keys.length) await this.save();
  }

  /**
   * Writes what changed; several calls at once share a write.
   * @throws DirectoryError UNAVAILABLE if the disk refuses; a later call tries again.
   */
  save(): Promise<void> {
    this.#next ??= this.#writing
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#writing = this.#write();
        return this.#writing;
      });
    return this.#next;
  }

  async #write(): Promise<void> {
    try {
      await this.#db.write();
    } catch (error) {
      const message = `${this.#path} cannot be written (${systemCode(error) ?? 'unknown reason'}). See that the disk has room and the folder is writable, then try again.`;
      throw new DirectoryError('UNAVAILABLE', message, { cause: error });
    }
  }

  /** Waits for the writes that were asked for. */
  async flush(): Promise<void> {
    await (this.#next ?? this.#writing);
  }

  #endGrant(id: string): void {
    const { grants, records } = this.#db.data;
    const grant = this.grant(id);
    if (grant) this.#ended.set(id, grant);
    if (this.#ended.size > endedKept) this.#ended.delete(this.#ended.keys().next().value ?? '');
    delete grants[id];
    delete records['Grant']?.[id];
    removeWhere(records['RefreshToken'], (payload) => payload['grantId'] === id);
    this.#accounts = undefined;
    for (const listener of this.#endListeners) listener();
  }

  /** Drops what has expired, and the oldest of what is too much. Objects keep the order in which their entries came. */
  #prune(): void {
    const { records, grants } = this.#db.data;
    const now = Date.now();
    for (const [model, entries] of Object.entries(records))
      for (const [id, { expires }] of Object.entries(entries)) {
        if (expires === undefined || expires > now) continue;
        if (model === 'Grant') this.#endGrant(id);
        else delete entries[id];
      }
    const ids = Object.keys(grants);
    for (const id of ids.slice(0, Math.max(0, ids.length - storeLimits.grants))) this.#endGrant(id);
    this.#pruneClients();
    this.#pruneNotes();
  }

  /** Drops what is kept about clients and keys that are gone. */
  #pruneNotes(): void {
    const { records, grants, clients, keys } = this.#db.data;
    const ids = new Set([
      ...Object.keys(records['Client'] ?? {}),
      ...Object.values(grants).map(({ clientId }) => clientId),
      ...keys.map(({ id }) => `key:${id}`),
    ]);
    for (const id of Object.keys(clients)) if (!ids.has(id)) delete clients[id];
  }

  #pruneClients(): void {
    const { records, grants, clients: notes } = this.#db.data;
    const clients = Object.keys(records['Client'] ?? {});
    const surplus = Math.max(0, clients.length - storeLimits.clients);
    if (surplus === 0) return;
    // What the administrator has registered is waited for.
    const registered = Object.keys(notes).filter((id) => notes[id]?.byAdministrator);
    const used = new Set([...Object.values(grants).map(({ clientId }) => clientId), ...registered]);
    const unusedFirst = [...clients.filter((id) => !used.has(id)), ...clients.filter((id) => used.has(id))];
    for (const client of unusedFirst.slice(0, surplus)) {
      delete records['Client']?.[client];
      for (const [id, { clientId }] of Object.entries(grants)) if (clientId === client) this.#endGrant(id);
    }
  }

  /** The provider's view of this store: one adapter for each of its models. */
  adapter(model: string): Adapter {
    return durable.has(model) ? this.#durableAdapter(model) : this.#shortLived(model);
  }

  #durableAdapter(model: string): Adapter {
    const entries = (this.#db.data.records[model] ??= {});
    const isSecret = secret.has(model);
    const keyOf = (id: string) => (isSecret ? createHash('sha256').update(id).digest('base64url') : id);
    return {
      upsert: async (id, payload, expiresIn) => {
        const { jti, ...rest } = payload;
        const expires = expiresIn ? { expires: Date.now() + expiresIn * 1000 } : {};
        entries[keyOf(id)] = { payload: isSecret ? rest : { jti, ...rest }, ...expires };
        this.#prune();
        await this.save();
      },
      find: async (id) => {
        // A client's id comes from outside, and `constructor` is in every object.
        const found = Object.hasOwn(entries, keyOf(id)) ? entries[keyOf(id)] : undefined;
        if (!found || (found.expires !== undefined && found.expires < Date.now())) return undefined;
        return isSecret ? { ...found.payload, jti: id } : { ...found.payload };
      },
      findByUid: async () => undefined,
      findByUserCode: async () => undefined,
      consume: async (id) => {
        const found = entries[keyOf(id)];
        if (!found) return;
        found.payload['consumed'] = Math.floor(Date.now() / 1000);
        forgetUsed(entries, found.payload['grantId']);
        await this.save();
      },
      destroy: async (id) => {
        if (model === 'Grant') this.#endGrant(id);
        else delete entries[keyOf(id)];
        await this.save();
      },
      revokeByGrantId: async (grantId) => {
        this.#endGrant(grantId);
        await this.save();
      },
    };
  }
}

/** A client renews its token every few minutes for months; only its last used refresh tokens are kept, to see their reuse. */
function forgetUsed(entries: Records, grantId: unknown): void {
  const used = Object.keys(entries).filter(
    (id) => entries[id]?.payload['grantId'] === grantId && entries[id]?.payload['consumed'] !== undefined,
  );
  for (const id of used.slice(0, Math.max(0, used.length - storeLimits.usedRefreshTokens))) delete entries[id];
}

function removeWhere(entries: Records | undefined, matches: (payload: Record<string, unknown>) => boolean): void {
  for (const [id, { payload }] of Object.entries(entries ?? {})) if (matches(payload)) delete entries?.[id];
}

/** Whether an access was given to a tenant that there is, and not to one that had its id before. */
export function isOf(tenants: readonly Tenant[], access: { tenant: string; created: string }): boolean {
  return tenants.some(({ id, created }) => id === access.tenant && created <= access.created);
}
