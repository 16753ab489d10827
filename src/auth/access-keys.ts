import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { commandLine, DirectoryError, type Author, type Directory, type Scope, type Tenant } from '../directory/index.ts';
import type { Auth, Principal } from './auth.ts';
import { administratorAccount } from './accounts.ts';
import { stdioClient, type AgentClient, type Agents } from './agents.ts';
import { isOf, type AuthStore, type StoredKey } from './store.ts';

const prefix = 'tandem_';
const scopes: readonly Scope[] = ['scim:read', 'scim:write', 'scim:admin'];
const keysMax = 1000;
const nameMax = 100;
/** How far the stored time of the last use may lag: a request must not wait for the disk to note that it came. */
const lastUsedMs = 60_000;

/** Access keys: for scripts, stored hashed; and temporary ones of this run, for the app's own clients. */
export class AccessKeys {
  readonly #store: AuthStore;
  readonly #directory: Directory;
  readonly #agents: Agents;
  readonly #byHash = new Map<string, StoredKey>();
  readonly #temporary = new Map<string, TemporaryKey>();
  /** Told whenever a key, or the secret before its last rotation, opens no more. */
  onEnded: (() => void) | undefined;
  readonly #endings = new Map<string, NodeJS.Timeout>();

  constructor(store: AuthStore, directory: Directory, agents: Agents) {
    this.#agents = agents;
    this.#store = store;
    this.#directory = directory;
    for (const key of store.keys) {
      this.#byHash.set(key.hash, key);
      if (key.previous) this.#keepPrevious(key);
    }
  }

  /** @returns whom a key stands for; undefined if it is none, unknown, turned off or past its end. */
  find(token: string): Principal | undefined {
    if (!token.startsWith(prefix)) return undefined;
    const hash = hashOf(token);
    const key = this.#byHash.get(hash) ?? this.#findTemporary(hash);
    if (!key || isOver(key) || this.#isOff(key) || (key.hash !== hash && (key.previous?.until ?? 0) <= Date.now()))
      return undefined;
    this.#noteUse(key);
    return principalOf(key, accessOf(key.id, hash));
  }

  /** Whom a key stands for, by its id: for the tokens that came of it. */
  principal(id: string): Principal | undefined {
    const key = this.#store.keys.find((each) => each.id === id);
    return key && !isOver(key) ? principalOf(key, accessOf(id, key.hash)) : undefined;
  }

  /** The tenant of an access by key that is neither over nor revoked nor turned off, nor by a secret that was rotated away. */
  tenantOf(access: string): string | undefined {
    const hash = access.slice(access.lastIndexOf(':') + 1);
    const key = this.#byHash.get(hash) ?? this.#temporary.get(hash);
    return key && !isOver(key) && !this.#isOff(key) ? key.tenant : undefined;
  }

  /** Of which kind an access by a key in memory is; undefined for one that is stored. */
  temporaryKind(access: string): 'built-in' | 'stdio' | undefined {
    const key = this.#temporary.get(access.slice(access.lastIndexOf(':') + 1));
    return key && (key.kind ?? 'built-in');
  }

  /** Whether this is the secret of the key with this id. */
  isSecretOf(id: string, text: string): boolean {
    return this.find(text)?.clientId === `key:${id}` && this.#store.keys.some((key) => key.id === id);
  }

  /** Those in memory: of the app's own clients, and of AI clients that start the command. */
  temporary(): TemporaryKey[] {
    return [...this.#temporary.values()];
  }

  /** @returns false if there is no such key in memory. */
  revokeTemporary(id: string): boolean {
    for (const [hash, key] of this.#temporary) if (key.id === id) this.#temporary.delete(hash);
    this.onEnded?.();
    return true;
  }

  /** Revokes the temporary keys of a client in a tenant whose Agent was deleted. */
  endTemporary(clientId: string, tenant: string): void {
    for (const [hash, key] of this.#temporary)
      if (key.tenant === tenant && clientOf(key) === clientId) this.#temporary.delete(hash);
    this.onEnded?.();
  }

  #isOff(key: TemporaryKey): boolean {
    return this.#agents.isOff(clientOf(key), key.tenant);
  }

  stored(id: string): StoredKey | undefined {
    return this.#store.keys.find((key) => key.id === id);
  }

  /** @param minutes for which the secret that it had opens as well. @returns the new secret. */
  async rotate(key: StoredKey, minutes: number): Promise<string> {
    const before = { hash: key.hash, previous: key.previous };
    const { text, key: fresh } = newKey(key);
    key.hash = fresh.hash;
    delete key.previous;
    if (minutes > 0) key.previous = { hash: before.hash, until: Date.now() + minutes * 60_000 };
    try {
      await this.#store.save();
    } catch (error) {
      key.hash = before.hash;
      delete key.previous;
      if (before.previous) key.previous = before.previous;
      throw error;
    }
    if (before.previous) this.#byHash.delete(before.previous.hash);
    this.#byHash.delete(before.hash);
    this.#byHash.set(key.hash, key);
    this.#keepPrevious(key);
    this.onEnded?.();
    return text;
  }

  /** Lets the secret before the last rotation open until its time is over. */
  #keepPrevious(key: StoredKey): void {
    clearTimeout(this.#endings.get(key.id));
    this.#endings.delete(key.id);
    const { previous } = key;
    if (!previous || previous.until <= Date.now()) return;
    this.#byHash.set(previous.hash, key);
    const end = () => {
      this.#byHash.delete(previous.hash);
      this.#endings.delete(key.id);
      if (key.previous === previous) delete key.previous;
      this.onEnded?.();
    };
    this.#endings.set(key.id, setTimeout(end, previous.until - Date.now()).unref());
  }

  close(): void {
    for (const timer of this.#endings.values()) clearTimeout(timer);
  }

  /** Whether an actor's id is that of a key that is valid. */
  has(actor: string, tenant: string): boolean {
    const isIt = (key: TemporaryKey) => `key:${key.id}` === actor && key.tenant === tenant && !isOver(key) && !this.#isOff(key);
    return this.#store.keys.some(isIt) || [...this.#temporary.values()].some(isIt);
  }

  /** Ends the access to tenants that are gone. */
  forgetTenantsBut(tenants: readonly Tenant[]): void {
    for (const keys of [this.#byHash, this.#temporary])
      for (const [hash, key] of keys) if (!isOf(tenants, key)) keys.delete(hash);
    this.onEnded?.();
  }

  /** Moves the key to the end: the first ones are those that were not used for the longest time. */
  #findTemporary(hash: string): TemporaryKey | undefined {
    const key = this.#temporary.get(hash);
    if (key && this.#temporary.delete(hash)) this.#temporary.set(hash, key);
    return key;
  }

  #noteUse(key: StoredKey): void {
    const now = Date.now();
    if (key.lastUsed !== undefined && now - Date.parse(key.lastUsed) < lastUsedMs) return;
    key.lastUsed = new Date(now).toISOString();
    // Lost in a crash, it is merely older; an acknowledged change is not waiting for it.
    if (this.#byHash.has(key.hash)) this.#store.save().catch(() => {});
  }

  readonly api: Auth['keys'] = {
    create: async ({ tenant, scopes: wanted, name, days, limits }, by = commandLine) => {
      await this.#check(tenant, wanted, name);
      if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= 3650))
        refuse('days', 'Give a whole number from 1 to 3650.');
      if (this.#store.keys.length >= keysMax) refuse('name', `There are ${keysMax} keys already. Revoke one first.`);
      const { text, key } = newKey({ tenant, scopes: [...new Set(wanted)], name: name.trim() });
      if (days !== undefined) key.expires = new Date(Date.now() + days * 86_400_000).toISOString();
      this.#store.keys.push(key);
      if (limits) this.#store.noteClient(`key:${key.id}`, { limits });
      try {
        await this.#store.save();
      } catch (error) {
        this.#store.keys.splice(this.#store.keys.indexOf(key), 1);
        throw error;
      }
      try {
        await this.#agents.admit(agentClientOf(key, by), by);
      } catch (error) {
        this.#store.keys.splice(this.#store.keys.indexOf(key), 1);
        await this.#store.save().catch(() => {});
        throw error;
      }
      this.#byHash.set(key.hash, key);
      await this.#tell('key_made', key, by);
      return { key: text, id: key.id };
    },
    list: () => this.#store.keys.map(({ hash: _hash, previous: _previous, ...key }) => key),
    revoke: (id) => this.revoke(id),
    issueTemporary: ({ kind, ...request }) => {
      const { text, key } = newKey(request);
      for (const old of this.#temporary.keys()) {
        if (this.#temporary.size < keysMax) break;
        this.#temporary.delete(old);
      }
      this.#temporary.set(key.hash, kind ? { ...key, kind } : key);
      void this.#tell('temporary_key_made', key);
      if (kind === 'stdio') this.#admitStdio(key);
      return text;
    },
  };

  /** @returns false if there is no such key. */
  async revoke(id: string, by: Author = commandLine): Promise<boolean> {
    const index = this.#store.keys.findIndex((key) => key.id === id);
    const [key] = index < 0 ? [] : this.#store.keys.splice(index, 1);
    if (!key) return false;
    this.#byHash.delete(key.hash);
    if (key.previous) this.#byHash.delete(key.previous.hash);
    this.onEnded?.();
    try {
      await this.#store.save();
    } catch (error) {
      // Refused here and now; in the list again, so that revoking can be tried again.
      this.#store.keys.push(key);
      throw error;
    }
    await this.#tell('key_revoked', key, by);
    await this.#agents.remove(`key:${id}`, by);
    return true;
  }

  /** It can come in before its Agent is made: whether it is turned off is known already. */
  #admitStdio({ tenant, name }: StoredKey): void {
    const client = { tenant, clientId: stdioClient, name, kind: 'AI client', account: administratorAccount } as const;
    this.#agents.admit(client, commandLine).catch(() => {
      // The next one that is started makes it.
    });
  }

  /** The key itself is told to nobody. */
  #tell(event: string, { id, name, tenant, scopes, expires }: StoredKey, by: Author = commandLine): Promise<void> {
    const detail = { scopes: [...scopes], expires };
    return this.#directory.audit.record({ ...by, tenant }, { kind: 'access', event, subject: { type: 'Key', id, name }, detail });
  }

  async #check(tenant: string, wanted: readonly Scope[], name: string): Promise<void> {
    const tenants = this.#directory.tenants.list();
    if (!tenants.some(({ id }) => id === tenant))
      refuse('tenant', `There is no tenant '${tenant.slice(0, 64)}'. There are: ${tenants.map(({ id }) => id).join(', ')}.`);
    if (wanted.length === 0 || wanted.some((scope) => !scopes.includes(scope)))
      refuse('scope', `Give one or more of ${scopes.join(', ')}.`);
    checkName(name);
  }
}

/** @throws DirectoryError INVALID_ARGUMENT for a name that people could not read. */
export function checkName(name: string): void {
  if (name.trim() === '' || name.length > nameMax || /[\p{Cc}\p{Cf}]/u.test(name))
    refuse('name', `Give a name of 1 to ${nameMax} visible characters.`);
}

/** Beside stored ones: whose it is, where it is one of Tandem's own clients or of an AI client on this computer. */
type TemporaryKey = StoredKey & { kind?: 'built-in' | 'stdio' };

function isOver({ expires }: StoredKey): boolean {
  return expires !== undefined && Date.parse(expires) <= Date.now();
}

/** The client that a key is, as Agents know it. */
function clientOf({ id, kind }: TemporaryKey): string {
  return kind === 'stdio' ? stdioClient : `key:${id}`;
}

/** What the Agent of an access key is made from. @param by who has made the key, where that is known. */
export function agentClientOf(key: StoredKey, by?: Author): AgentClient {
  const { id, tenant, name } = key;
  const account = by?.kind === 'person' && by.id !== administratorAccount ? `${tenant}/${by.id}` : administratorAccount;
  return { tenant, clientId: `key:${id}`, name, kind: 'Access key', account };
}

function accessOf(id: string, hash: string): string {
  return `key:${id}:${hash}`;
}

function principalOf(key: StoredKey, access: string): Principal {
  return {
    clientId: `key:${key.id}`,
    canStepUp: false,
    actor: { id: `key:${key.id}`, name: key.name, kind: 'agent', door: 'mcp', tenant: key.tenant, scopes: key.scopes },
    ...(key.expires === undefined ? {} : { expiresAt: Math.floor(Date.parse(key.expires) / 1000) }),
    access,
  };
}

function newKey({ tenant, scopes, name }: { tenant: string; scopes: Scope[]; name: string }): { text: string; key: StoredKey } {
  const text = `${prefix}${randomBytes(32).toString('base64url')}`;
  return { text, key: { id: randomUUID(), hash: hashOf(text), created: new Date().toISOString(), tenant, scopes, name } };
}

/** A key has 256 random bits, so a plain hash is as good as a slow one, and a lookup by it leaks no timing of the key. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

export function refuse(path: string, message: string): never {
  throw new DirectoryError('INVALID_ARGUMENT', `${path}: ${message}`, { issues: [{ path, message }] });
}
