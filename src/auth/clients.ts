import {
  callLimitsSchema,
  DirectoryError,
  toolsets as allToolsets,
  type Author,
  type CallLimits,
  type Directory,
  type Scope,
  type Toolset,
} from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { stdioClient, type Agents } from './agents.ts';
import { checkName, hashOf, refuse, type AccessKeys } from './access-keys.ts';
import { newSecret, type NewApp, type registrationOf } from './apps.ts';
import type { AccessLimits, Clients, ConnectedClient, Registration } from './auth.ts';
import type { AuthStore, StoredClient, StoredGrant, StoredKey } from './store.ts';

const allScopes: readonly Scope[] = ['scim:read', 'scim:write', 'scim:admin'];
/** How far the counts on disk may lag behind: a call must not wait for the disk to be counted. */
const countsMs = 60_000;
const conflictsSeenMax = 1000;
const graceMinutesMax = 24 * 60;

interface Activity {
  calls: number;
  conflicts: number;
  lastUsed?: string;
}

/** Every OAuth client and access key: what they may do, how they are used, and the ways to limit and to end that. */
export class ClientRegistry implements Clients {
  readonly #directory: Directory;
  readonly #store: AuthStore;
  readonly #keys: AccessKeys;
  readonly #agents: Agents;
  readonly #log: Log;
  readonly #listeners = new Set<() => void>();
  /** Since the last save, by client. */
  readonly #activity = new Map<string, Activity>();
  /** Conflicts that were counted, the oldest first: one is told of several times. */
  readonly #conflictsSeen = new Set<string>();
  readonly #saving: NodeJS.Timeout;
  readonly #stopConflicts: () => void;
  /** Told when what clients may do, or are called, has changed. */
  onLimited: (() => void) | undefined;

  constructor(options: { directory: Directory; store: AuthStore; keys: AccessKeys; agents: Agents; log: Log }) {
    this.#directory = options.directory;
    this.#store = options.store;
    this.#keys = options.keys;
    this.#agents = options.agents;
    this.#log = options.log;
    this.#saving = setInterval(() => void this.save().catch(() => {}), countsMs).unref();
    this.#stopConflicts = this.#directory.conflicts.onChange(({ id, author }) => {
      if (this.#conflictsSeen.has(id)) return;
      this.#conflictsSeen.add(id);
      if (this.#conflictsSeen.size > conflictsSeenMax)
        this.#conflictsSeen.delete(this.#conflictsSeen.values().next().value ?? '');
      if (author.kind === 'agent') this.#activityOf(author.id).conflicts++;
    });
  }

  /** What a client may do of what it was given. */
  allowed(id: string, scopes: readonly Scope[]): Scope[] {
    const limit = this.#store.client(id)?.scopes;
    return scopes.filter((scope) => isWithin(scope, limit));
  }

  /** Whether an access (Principal) opens anything at the moment. */
  isOpen: (access: string) => boolean = () => false;

  /** What people call a client. */
  nameOf(id: string, own: string): string {
    return this.#store.client(id)?.name ?? own;
  }

  /** The client of an access (Principal). */
  #clientOf(access: string): string | undefined {
    const [kind, id = ''] = access.split(':');
    return kind === 'key' ? `key:${id}` : this.#store.grant(id)?.clientId;
  }

  /** By what the calls of an access (Principal) are bounded. */
  limitsOf(access: string): AccessLimits {
    const client = this.#clientOf(access) ?? access;
    const own = this.#store.client(client)?.limits ?? {};
    const temporary = this.#keys.temporaryKind(access);
    if (temporary === 'built-in') return { client, kind: 'own', own };
    return { client, kind: temporary === undefined && client.startsWith('key:') ? 'key' : 'client', own };
  }

  /** What is kept of an app that is registered here; see registrationOf. */
  registrationOf: (app: NewApp) => ReturnType<typeof registrationOf> = () => {
    throw new Error('there is no authorization server yet');
  };

  /** Counts a call that came with an access (Principal). */
  called(access: string): void {
    const client = this.#clientOf(access);
    if (client === undefined) return;
    const activity = this.#activityOf(client);
    activity.calls++;
    activity.lastUsed = new Date().toISOString();
  }

  #activityOf(client: string): Activity {
    const known = this.#activity.get(client);
    if (known) return known;
    // Temporary keys come and go; those of the past are not asked for again.
    if (this.#activity.size >= 5000) this.#activity.delete(this.#activity.keys().next().value ?? '');
    const activity = { calls: 0, conflicts: 0 };
    this.#activity.set(client, activity);
    return activity;
  }

  /** Brings the counts to disk. @throws DirectoryError UNAVAILABLE. */
  async save(): Promise<void> {
    let changed = false;
    const temporary = new Set(this.#keys.temporary().map(({ id }) => `key:${id}`));
    for (const [id, { calls, conflicts, lastUsed }] of this.#activity) {
      if (temporary.has(id)) continue;
      this.#activity.delete(id);
      if (!this.#exists(id)) continue;
      const noted = this.#store.client(id);
      this.#store.noteClient(id, {
        calls: (noted?.calls ?? 0) + calls,
        conflicts: (noted?.conflicts ?? 0) + conflicts,
        ...(lastUsed !== undefined && { lastUsed }),
      });
      changed = true;
    }
    if (changed) await this.#store.save();
  }

  list(): ConnectedClient[] {
    const grants = new Map<string, [string, StoredGrant][]>();
    for (const entry of this.#store.grants()) grants.set(entry[1].clientId, [...(grants.get(entry[1].clientId) ?? []), entry]);
    const registered = this.#store.registrations().map(([id, metadata]) => {
      const issued = metadata['client_id_issued_at'];
      const created = typeof issued === 'number' ? new Date(issued * 1000).toISOString() : undefined;
      const name = typeof metadata['client_name'] === 'string' ? metadata['client_name'] : 'Unnamed client';
      const redirects = metadata['redirect_uris'];
      const { byAdministrator = false, previousSecret } = this.#store.client(id) ?? {};
      const registration = byAdministrator ? 'administrator' : 'registered';
      const client = {
        ...this.#oauthClient(id, registration, name, grants.get(id) ?? [], created),
        // One that registered itself would not learn of another.
        hasSecret: byAdministrator && typeof metadata['client_secret'] === 'string',
        previousUntil: endOf(previousSecret),
      };
      return { ...client, redirects: Array.isArray(redirects) ? redirects.map(String) : undefined };
    });
    const known = new Set(registered.map(({ id }) => id));
    const documents = [...grants]
      .filter(([id]) => !known.has(id))
      .map(([id, own]) => this.#oauthClient(id, 'document', own.at(-1)?.[1].clientName ?? id, own, own[0]?.[1].created));
    const keys = this.#store.keys.map((key) => this.#keyClient(key, 'key'));
    const temporary = this.#keys.temporary().flatMap((key) => (key.kind ? [this.#keyClient(key, key.kind)] : []));
    const time = ({ lastUsed, created }: ConnectedClient) => lastUsed ?? created ?? '';
    return [...registered, ...documents, ...keys, ...temporary].toSorted((a, b) => (time(a) < time(b) ? 1 : -1));
  }

  #oauthClient(
    id: string,
    registration: Registration,
    ownName: string,
    entries: [string, StoredGrant][],
    created: string | undefined,
  ): ConnectedClient {
    const noted = this.#store.client(id);
    const grants = entries.map(([grantId, { tenant, account, scopes, created: at }]) => ({
      id: grantId,
      tenant,
      account,
      scopes: this.allowed(id, scopes),
      created: at,
    }));
    return {
      ...this.#use(id, noted),
      id,
      name: noted?.name ?? ownName,
      ownName: noted?.name === undefined || noted.name === ownName ? undefined : ownName,
      registration,
      created,
      scopes: allScopes.filter((scope) => grants.some(({ scopes }) => scopes.includes(scope))),
      narrowed: noted?.scopes !== undefined,
      limits: noted?.limits ?? {},
      toolsets: noted?.toolsets,
      tenants: [...new Set(grants.map(({ tenant }) => tenant))],
      grants,
      agents: this.#agents.of(id),
      hasSecret: false,
      reusedAt: noted?.reusedAt,
    };
  }

  #keyClient({ id, name, tenant, scopes, created, expires, lastUsed, previous }: StoredKey, kind: Registration): ConnectedClient {
    const client = `key:${id}`;
    const noted = this.#store.client(client);
    const use = this.#use(client, noted);
    return {
      ...use,
      limits: noted?.limits ?? {},
      id: client,
      name,
      registration: kind,
      created,
      lastUsed: use.lastUsed ?? lastUsed,
      expires,
      scopes: [...scopes],
      narrowed: false,
      toolsets: noted?.toolsets,
      tenants: [tenant],
      grants: [],
      agents: this.#agents.of(kind === 'stdio' ? stdioClient : client).filter((agent) => agent.tenant === tenant),
      hasSecret: kind === 'key',
      previousUntil: endOf(previous),
    };
  }

  #use(id: string, noted: StoredClient | undefined) {
    const recent = this.#activity.get(id);
    return {
      calls: (noted?.calls ?? 0) + (recent?.calls ?? 0),
      conflicts: (noted?.conflicts ?? 0) + (recent?.conflicts ?? 0),
      lastUsed: recent?.lastUsed ?? noted?.lastUsed,
    };
  }

  async register(app: NewApp, by: Author): Promise<{ id: string; secret?: string | undefined }> {
    checkName(app.name);
    const metadata = this.registrationOf(app);
    const { client_id: id, client_secret: secret } = metadata;
    this.#store.noteClient(id, { byAdministrator: true });
    await this.#store.adapter('Client').upsert(id, metadata, 0);
    await this.#done(this.#find(id), 'client_registered', by, { kind: app.kind, redirects: app.redirects });
    return { id, ...(typeof secret === 'string' && { secret }) };
  }

  /** Whether this is the secret of an app before its last rotation, and still opens. */
  isPreviousSecret(id: string, text: string): boolean {
    const { previousSecret } = this.#store.client(id) ?? {};
    return endOf(previousSecret) !== undefined && previousSecret?.hash === hashOf(text);
  }

  async rename(id: string, name: string, by: Author): Promise<void> {
    const client = this.#find(id);
    checkName(name);
    const key = this.#storedKey(id);
    if (key) key.name = name.trim();
    else if (client.registration === 'built-in' || client.registration === 'stdio')
      refuse('id', 'It is named by Tandem, for as long as it runs.');
    else this.#store.noteClient(id, { name: name.trim() });
    await this.#done(client, 'client_renamed', by, { before: client.name, after: name.trim() });
    await this.#agents.rename(id, name.trim(), by);
  }

  /** Its only Agent was given another name in the directory. */
  renamed(id: string, name: string): void {
    const key = this.#storedKey(id);
    if (key?.name === name || (!key && this.list().every((each) => each.id !== id || each.name === name))) return;
    if (key) key.name = name;
    else this.#store.noteClient(id, { name });
    this.#changed();
    this.#store.save().catch((error: unknown) => this.#log.error({ err: error }, 'the new name of a client was not written'));
  }

  /** Its Agent in a tenant was deleted: what it was given there ends for good. */
  async expelled(id: string, tenant: string, by: Author): Promise<void> {
    const key = keyIdOf(id);
    if (key !== undefined) await this.#keys.revoke(key, by);
    else if (id === stdioClient) this.#keys.endTemporary(id, tenant);
    else await this.#store.endGrants((grant) => grant.clientId === id && grant.tenant === tenant);
    this.#changed();
  }

  /** What its clients are in the directory has changed. */
  agentsChanged(): void {
    this.#changed();
  }

  async narrow(id: string, scopes: Scope[], by: Author): Promise<void> {
    const client = this.#find(id);
    const has = allScopes.filter((scope) => isWithin(scope, client.scopes));
    if (scopes.length === 0) refuse('scopes', 'Leave at least one, or revoke the client.');
    const foreign = scopes.find((scope) => !has.includes(scope));
    if (foreign !== undefined)
      refuse('scopes', `It does not have ${foreign}. To widen what it may do, let it ask for more, or make another key.`);
    const key = this.#storedKey(id);
    const wanted = allScopes.filter((scope) => scopes.includes(scope));
    if (key) key.scopes = wanted;
    else if (client.registration === 'built-in' || client.registration === 'stdio')
      refuse('id', 'It is a part of Tandem, for as long as it runs. The policy says what it may do.');
    else this.#store.noteClient(id, { scopes: wanted });
    await this.#done(client, 'client_narrowed', by, { before: [...client.scopes], after: [...wanted] });
  }

  async limit(id: string, limits: CallLimits, by: Author): Promise<void> {
    const client = this.#find(id);
    if (client.registration === 'built-in' || client.registration === 'stdio')
      refuse('id', 'It is a part of Tandem, for as long as it runs. The settings say how much signed-in clients may do.');
    const checked = callLimitsSchema.safeParse(limits);
    if (!checked.success) {
      const [issue] = checked.error.issues;
      return refuse(`limits.${issue?.path.join('.') ?? ''}`, issue?.message ?? 'is not valid');
    }
    this.#store.noteClient(id, { limits: checked.data });
    await this.#done(client, 'client_limited', by, { before: described(client.limits), after: described(checked.data) });
  }

  async chooseToolsets(id: string, toolsets: readonly Toolset[] | undefined, by: Author): Promise<void> {
    const client = this.#find(id);
    if (client.registration === 'built-in' || client.registration === 'stdio')
      refuse('id', 'It is a part of Tandem, for as long as it runs. Choose toolsets for its tenant, or for all.');
    const wanted = toolsets && allToolsets.filter((each) => toolsets.includes(each));
    this.#store.noteClient(id, { toolsets: wanted });
    const words = (chosen: readonly Toolset[] | undefined) => (chosen ? [...chosen] : 'as its tenant');
    await this.#done(client, 'client_toolsets', by, { before: words(client.toolsets), after: words(wanted) });
  }

  toolsetsOf(id: string): readonly Toolset[] | undefined {
    return this.#store.client(id)?.toolsets;
  }

  /** A person has consented anew: what was asked for and given then is no longer withheld. */
  widened(id: string, scopes: readonly Scope[]): void {
    const limit = this.#store.client(id)?.scopes;
    if (!limit) return;
    this.#store.noteClient(id, { scopes: allScopes.filter((scope) => limit.includes(scope) || scopes.includes(scope)) });
    this.#changed();
  }

  async revoke(id: string, by: Author): Promise<void> {
    const client = this.#find(id);
    if (client.registration === 'built-in') refuse('id', 'It is a part of Tandem. The policy says what it may do.');
    const keyId = keyIdOf(id);
    if (keyId === undefined) await this.#store.removeClient(id);
    else if (client.registration === 'stdio') this.#keys.revokeTemporary(keyId);
    else {
      // It tells the audit log itself.
      await this.#keys.revoke(keyId, by);
      this.#changed();
      return;
    }
    await this.#done(client, 'client_revoked', by);
    if (client.registration !== 'stdio') await this.#agents.remove(id, by);
  }

  async endGrant(id: string, grant: string, by: Author): Promise<void> {
    const client = this.#find(id);
    const ended = client.grants.find((each) => each.id === grant);
    if (!ended) throw new DirectoryError('NOT_FOUND', 'This client has no such grant any more.');
    await this.#store.endGrants((_grant, grantId) => grantId === grant);
    await this.#done({ ...client, tenants: [ended.tenant] }, 'grant_ended', by, { account: ended.account });
  }

  async rotate(id: string, minutes: number, by: Author): Promise<{ key: string; previousUntil?: string | undefined }> {
    const client = this.#find(id);
    if (!client.hasSecret)
      refuse('id', 'Only an access key, or an app that was registered here with a secret. Others renew their tokens themselves.');
    if (!(Number.isInteger(minutes) && minutes >= 0 && minutes <= graceMinutesMax))
      refuse('minutes', `Give a whole number from 0 to ${graceMinutesMax}.`);
    const stored = this.#storedKey(id);
    const key = stored ? await this.#keys.rotate(stored, minutes) : await this.#rotateSecret(id, minutes);
    await this.#done(client, stored ? 'key_rotated' : 'secret_rotated', by, { minutes });
    return { key, previousUntil: endOf(stored ? stored.previous : this.#store.client(id)?.previousSecret) };
  }

  async #rotateSecret(id: string, minutes: number): Promise<string> {
    const secret = newSecret();
    const { previousSecret: older } = this.#store.client(id) ?? {};
    const before = this.#store.replaceSecret(id, secret);
    const until = Date.now() + minutes * 60_000;
    this.#store.noteClient(id, { previousSecret: minutes > 0 ? { hash: hashOf(before), until } : undefined });
    try {
      await this.#store.save();
    } catch (error) {
      this.#store.replaceSecret(id, before);
      this.#store.noteClient(id, { previousSecret: older });
      throw error;
    }
    return secret;
  }

  /**
   * Somebody came with a refresh token or a code that had been used, and the grant that it came of has ended.
   * @param grant as it was.
   */
  reused(event: 'refresh_token_reused' | 'code_reused', clientId: string, grant: StoredGrant | undefined): void {
    if (!this.#exists(clientId)) return;
    this.#store.noteClient(clientId, { reusedAt: new Date().toISOString() });
    const client = this.#find(clientId);
    const by: Author = { id: clientId, name: client.name, kind: 'agent', door: 'mcp' };
    this.#log.warn({ client: client.name }, 'a refresh token or code was used twice, so its grant was ended');
    const tenants = grant ? [grant.tenant] : client.tenants;
    this.#done({ ...client, tenants }, event, by).catch((error: unknown) =>
      this.#log.error({ err: error }, 'the reuse of a token was not noted'),
    );
  }

  /** Tells those who show the list. */
  #changed(): void {
    this.onLimited?.();
    for (const listener of this.#listeners) listener();
  }

  async #done(
    client: ConnectedClient,
    event: string,
    by: Author,
    detail?: Record<string, string | string[] | number>,
  ): Promise<void> {
    this.#changed();
    await this.#store.save();
    const subject = { type: client.id.startsWith('key:') ? 'Key' : 'Client', id: client.id, name: client.name };
    // It is told where it had access; one that nobody has allowed concerns the whole of Tandem.
    for (const tenant of client.tenants.length > 0 ? client.tenants : ['default'])
      await this.#directory.audit.record({ ...by, tenant }, { kind: 'access', event, subject, detail });
  }

  #exists(id: string): boolean {
    const key = keyIdOf(id);
    if (key !== undefined) return this.#keys.stored(key) !== undefined;
    return (
      this.#store.registrations().some(([each]) => each === id) ||
      this.#store.grants().some(([, { clientId }]) => clientId === id)
    );
  }

  #find(id: string): ConnectedClient {
    const client = this.list().find((each) => each.id === id);
    if (!client) throw new DirectoryError('NOT_FOUND', 'There is no such client any more.');
    return client;
  }

  #storedKey(id: string): StoredKey | undefined {
    const key = keyIdOf(id);
    return key === undefined ? undefined : this.#keys.stored(key);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    clearInterval(this.#saving);
    this.#stopConflicts();
    this.#listeners.clear();
    await this.save().catch((error: unknown) => this.#log.warn({ err: error }, 'the last counts of clients were not written'));
  }
}

/** Whether a scope is within what a client may do; administration includes the others. */
function isWithin(scope: Scope, limit: readonly Scope[] | undefined): boolean {
  return limit === undefined || limit.includes(scope) || limit.includes('scim:admin');
}

/** Until when a secret opens that was rotated away, if it still does. RFC 3339, UTC. */
function endOf(previous: { until: number } | undefined): string | undefined {
  return previous && previous.until > Date.now() ? new Date(previous.until).toISOString() : undefined;
}

/** For the audit log: what differs from the settings. */
function described(limits: CallLimits): string[] {
  return Object.entries(limits).map(([name, value]) => `${name} ${value}`);
}

function keyIdOf(id: string): string | undefined {
  return id.startsWith('key:') ? id.slice('key:'.length) : undefined;
}
