import { randomUUID } from 'node:crypto';
import { explainConflict, type Conflict } from './conflict.ts';
import { diff } from './diff.ts';
import { DirectoryError } from './errors.ts';
import { limits } from './limits.ts';
import { applyMergePatch } from './merge-patch.ts';
import { normalise, type Normalised } from './normalise.ts';
import { hashPassword } from './password.ts';
import type { Actor, Author, Change, Operation, Resource, Revision, Scope, Tenant, Versioned } from './resource.ts';
import { resolvePath, userSchemas, type ResourceSchemas } from './schema.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Equality, Key, Page, PageQuery, Store, UserSummary } from './store.ts';
import { parseVersion, versionOf } from './version.ts';

/** A write's answer: the resource as it is now, and whether anything was written. */
export interface Written extends Versioned {
  /** False where the content was the same already; then nothing was written or announced. */
  changed: boolean;
}

interface Conditional {
  /** The raw version that the caller has seen; a different current version is a VERSION_MISMATCH. */
  expectedVersion?: string | undefined;
}

/**
 * One directory of people. Every method takes the Actor that a door has authenticated and works in that actor's tenant
 * only; what is in another tenant does not exist for it. A write that returned is on disk and was announced.
 *
 * Every method that takes an Actor throws DirectoryError FORBIDDEN if its scopes do not allow the action, and NOT_FOUND if
 * its tenant does not exist.
 */
export class Directory {
  /** The schemas by which users are validated, shown and documented. */
  readonly schemas: ResourceSchemas = userSchemas;
  readonly #store: Store;
  readonly #tenants = new Set<string>();
  readonly #listeners = new Set<(change: Change) => void>();

  private constructor(store: Store, tenants: readonly Tenant[]) {
    this.#store = store;
    for (const { id } of tenants) this.#tenants.add(id);
    store.onRevision = (revision) => {
      for (const listener of this.#listeners) listener(revision);
    };
  }

  /**
   * Opens the directory in a SQLite file, which is created if absent. The tenant `default` always exists.
   * @throws DirectoryError UNAVAILABLE if a newer Tandem wrote it; SQLite's error if it is unreadable.
   */
  static async open(path: string): Promise<Directory> {
    const store = new SqliteStore(path);
    const directory = new Directory(store, await store.tenants());
    await directory.addTenant({ id: 'default', name: 'Default' });
    return directory;
  }

  async tenants(): Promise<Tenant[]> {
    return this.#store.tenants();
  }

  /** Adds a tenant; does nothing if one with this id exists. */
  async addTenant(tenant: { id: string; name: string; sample?: boolean }): Promise<void> {
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(tenant.id))
      throw new DirectoryError(
        'INVALID_ARGUMENT',
        'A tenant id has 1 to 63 lower-case letters, digits and hyphens, and begins with a letter or digit.',
      );
    await this.#store.addTenant({ sample: false, ...tenant, created: new Date().toISOString() });
    this.#tenants.add(tenant.id);
  }

  /**
   * Creates a user from a whole record.
   * @throws DirectoryError SCHEMA_VIOLATION, UNIQUENESS, TOO_LARGE, UNAVAILABLE.
   */
  async createUser(actor: Actor, record: unknown): Promise<Written> {
    return this.#create(actor, randomUUID(), record, 'create');
  }

  /**
   * Brings a deleted user back under its old id, with the record given.
   * @throws DirectoryError NOT_FOUND if this id was never in use; VERSION_MISMATCH if the user exists; as createUser.
   */
  async recreateUser(actor: Actor, id: string, record: unknown): Promise<Written> {
    this.#allow(actor, 'scim:write');
    const [last] = await this.#store.history(userKey(actor, id), 1);
    if (!last) throw notFound(id);
    return this.#create(actor, id, record, 'recreate');
  }

  async #create(actor: Actor, id: string, record: unknown, operation: 'create' | 'recreate'): Promise<Written> {
    this.#allow(actor, 'scim:write');
    const { content, password } = normalise(this.schemas, record);
    const resource: Resource = { ...content, id };
    const version = versionOf(resource);
    const passwordHash = password === undefined ? undefined : await hashPassword(password);
    const key = userKey(actor, id);
    const revision = await this.#store.write(key, (current) => {
      if (current) throw mismatch(unknownBase('', current));
      return {
        operation,
        author: authorOf(actor),
        resource,
        version,
        changes: diff(undefined, resource),
        ...(passwordHash === undefined ? {} : { passwordHash }),
      };
    });
    return this.#written(key, revision);
  }

  /** @throws DirectoryError NOT_FOUND. */
  async getUser(actor: Actor, id: string): Promise<Versioned> {
    this.#allow(actor, 'scim:read');
    const found = await this.#store.get(userKey(actor, id));
    if (!found) throw notFound(id);
    return found;
  }

  async userExists(actor: Actor, id: string): Promise<boolean> {
    this.#allow(actor, 'scim:read');
    return this.#store.exists(userKey(actor, id));
  }

  /**
   * Replaces a user's whole record (PUT, RFC 7644 §3.5.1): attributes that the record leaves out become unassigned,
   * except `password`. Without an expected version the last writer wins, knowingly.
   * @throws DirectoryError NOT_FOUND, VERSION_MISMATCH, INVALID_VERSION_FORMAT; as createUser.
   */
  async replaceUser(actor: Actor, id: string, record: unknown, condition: Conditional = {}): Promise<Written> {
    this.#allow(actor, 'scim:write');
    return this.#update(actor, id, 'replace', normalise(this.schemas, record), condition);
  }

  /**
   * Changes a user by a JSON merge patch (RFC 7396): members replace, `null` removes, lists are replaced whole.
   * @throws as replaceUser; the patched record must satisfy the schemas.
   */
  async patchUser(actor: Actor, id: string, patch: unknown, condition: Conditional = {}): Promise<Written> {
    this.#allow(actor, 'scim:write');
    // Patched against what is there now; if somebody writes in between, it is done again on the newer record.
    for (let attempt = 0; attempt < 10; attempt++) {
      const current = await this.getUser(actor, id);
      const patched = normalise(this.schemas, applyMergePatch(this.schemas, current.resource, patch));
      const pinned = condition.expectedVersion ?? current.version;
      try {
        return await this.#update(actor, id, 'patch', patched, { expectedVersion: pinned });
      } catch (error) {
        const raced = error instanceof DirectoryError && error.code === 'VERSION_MISMATCH';
        if (!raced || condition.expectedVersion !== undefined) throw error;
      }
    }
    throw new DirectoryError('UNAVAILABLE', 'This user is being changed all the time. Try again in a moment.');
  }

  async #update(
    actor: Actor,
    id: string,
    operation: Operation,
    { content, password }: Normalised,
    { expectedVersion }: Conditional,
  ): Promise<Written> {
    const resource: Resource = { ...content, id };
    const version = versionOf(resource);
    const expected = expectedVersion === undefined ? undefined : parseVersion(expectedVersion);
    const passwordHash = password === undefined ? undefined : await hashPassword(password);
    const key = userKey(actor, id);
    const revision = await this.#conditional(key, expected, resource, (current) => {
      if (current.version === version && passwordHash === undefined) return undefined;
      return {
        operation,
        author: authorOf(actor),
        resource,
        version,
        previousVersion: current.version,
        changes: diff(current.resource, resource),
        ...(passwordHash === undefined ? {} : { passwordHash }),
      };
    });
    return this.#written(key, revision);
  }

  /**
   * Deletes a user; its history stays.
   * @throws DirectoryError NOT_FOUND, VERSION_MISMATCH, INVALID_VERSION_FORMAT, UNAVAILABLE.
   */
  async deleteUser(actor: Actor, id: string, { expectedVersion }: Conditional = {}): Promise<void> {
    this.#allow(actor, 'scim:write');
    const expected = expectedVersion === undefined ? undefined : parseVersion(expectedVersion);
    await this.#conditional(userKey(actor, id), expected, undefined, (current) => ({
      operation: 'delete',
      author: authorOf(actor),
      resource: current.resource,
      version: current.version,
      previousVersion: current.version,
      changes: diff(current.resource, undefined),
    }));
  }

  /** Writes if the resource exists and has the expected version; else explains, from history, what happened meanwhile. */
  async #conditional(
    key: Key,
    expected: string | undefined,
    mine: Resource | undefined,
    decide: (current: Versioned) => ReturnType<Parameters<Store['write']>[1]>,
  ): Promise<Revision | undefined> {
    let stale: Versioned | undefined;
    const revision = await this.#store.write(key, (current) => {
      if (!current) throw notFound(key.id);
      if (expected !== undefined && current.version !== expected) {
        stale = current;
        return undefined;
      }
      return decide(current);
    });
    if (stale && expected !== undefined) throw mismatch(await this.#explain(key, expected, stale, mine));
    return revision;
  }

  async #explain(key: Key, expected: string, current: Versioned, mine: Resource | undefined): Promise<Conflict> {
    const base = await this.#store.revisionWithVersion(key, expected);
    if (!base) return unknownBase(expected, current);
    const newest = await this.#store.history(key, limits.conflictRevisionsMax, base.revision);
    return explainConflict({
      expectedVersion: expected,
      currentVersion: current.version,
      current: current.resource,
      history: newest.filter((revision) => revision.revision <= current.revision).toReversed(),
      base: base.resource,
      mine,
    });
  }

  async #written(key: Key, revision: Revision | undefined): Promise<Written> {
    const now = await this.#store.get(key);
    if (!now) throw notFound(key.id);
    if (!revision || now.revision === revision.revision) return { ...now, changed: revision !== undefined };
    // Somebody wrote again already: answer with what this write made.
    const { resource, version, at } = revision;
    return { ...now, resource, version, lastModified: at, revision: revision.revision, changed: true };
  }

  /**
   * One page of users, in the order of their creation.
   * @param page.startIndex 1-based (RFC 7644 §3.4.2.4); @param page.count at most `limits.pageMax`.
   */
  async listUsers(actor: Actor, page: { startIndex: number; count: number }): Promise<Page<Versioned>> {
    this.#allow(actor, 'scim:read');
    const offset = Math.max(0, Math.trunc(page.startIndex) - 1);
    const limit = clamp(page.count);
    return this.#store.list({ tenant: actor.tenant, type: 'User', offset, limit });
  }

  /** One page of the table of people: found by text, sorted, with only what the table shows. */
  async listUserSummaries(actor: Actor, query: Omit<PageQuery, 'tenant' | 'type'>): Promise<Page<UserSummary>> {
    this.#allow(actor, 'scim:read');
    return this.#store.summaries({ ...query, limit: clamp(query.limit), tenant: actor.tenant, type: 'User' });
  }

  /**
   * Users whose attribute equals a value; strings caselessly unless the schema says `caseExact`.
   * @param attribute SCIM attribute path, for example `userName`, `emails.value`, `name.familyName`, `department`.
   * @throws DirectoryError INVALID_ARGUMENT for an unknown attribute or a value of the wrong type.
   */
  async searchUsers(actor: Actor, attribute: string, value: unknown, count: number = limits.pageMax): Promise<Page<Versioned>> {
    this.#allow(actor, 'scim:read');
    return this.#store.find(actor.tenant, 'User', this.#equality(attribute, value), clamp(count));
  }

  #equality(path: string, value: unknown): Equality {
    const fail = (message: string): never => {
      throw new DirectoryError('INVALID_ARGUMENT', `${path.slice(0, 200)}: ${message}`, { issues: [{ path, message }] });
    };
    const resolved = resolvePath(this.schemas, path);
    if (!resolved) return fail('Is not an attribute of a user. Examples: userName, emails.value, name.familyName.');
    let { attribute, keys } = resolved;
    const sub = attribute.subAttributes?.find((candidate) => candidate.name === 'value');
    if (attribute.type === 'complex' && sub) [attribute, keys] = [sub, [...keys, 'value']];
    if (attribute.type === 'complex')
      return fail(`Has parts; search one of them, for example ${path}.${attribute.subAttributes?.[0]?.name}.`);
    if (attribute.returned === 'never') return fail('Cannot be searched.');
    const wanted = attribute.type === 'boolean' && (value === 'true' || value === 'false') ? value === 'true' : value;
    const expected = attribute.type === 'boolean' ? 'boolean' : attribute.type === 'integer' ? 'number' : 'string';
    if (typeof wanted !== expected) return fail(`Its value must be a ${expected}.`);
    const equality: Equality = { keys, value: wanted as string, caseExact: attribute.caseExact };
    return resolved.multiValued ? { ...equality, listDepth: keys.length - 1 } : equality;
  }

  /** A user's revisions, newest first; of a deleted user too. Empty if this id was never in use. */
  async userHistory(actor: Actor, id: string, count = 100): Promise<Revision[]> {
    this.#allow(actor, 'scim:read');
    return this.#store.history(userKey(actor, id), clamp(count));
  }

  /**
   * Changes of all tenants after a revision, oldest first: what a door's listener missed. The door passes each on only to
   * those who may see its tenant.
   * @param limit at most so many; the caller sees from a full list that there may be more.
   */
  async changesSince(revision: number, limit: number): Promise<Change[]> {
    return this.#store.revisionsSince(revision, Math.min(limit, limits.conflictRevisionsMax));
  }

  /** The number of the newest revision of all. */
  async latestRevision(): Promise<number> {
    return this.#store.latestRevision();
  }

  /**
   * Calls the listener once for each change of any tenant, after it is on disk, in order. The listener must not throw.
   * @returns a function that ends it.
   */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Finishes the writes that wait, refuses new ones, and closes the store. */
  async close(): Promise<void> {
    await this.#store.close();
    this.#listeners.clear();
  }

  #allow(actor: Actor, scope: Scope): void {
    if (!this.#tenants.has(actor.tenant)) throw new DirectoryError('NOT_FOUND', 'There is no such tenant.');
    if (actor.scopes.includes(scope) || actor.scopes.includes('scim:admin')) return;
    throw new DirectoryError('FORBIDDEN', `This needs the scope ${scope}, which this access does not have.`);
  }
}

function userKey(actor: Actor, id: string): Key {
  return { tenant: actor.tenant, type: 'User', id };
}

function authorOf({ id, name, kind, door }: Actor): Author {
  return { id, name, kind, door };
}

function clamp(count: number): number {
  return Math.min(Math.max(0, Math.trunc(count)), limits.pageMax);
}

function notFound(id: string): DirectoryError {
  return new DirectoryError('NOT_FOUND', `No user has the id '${id.slice(0, 64)}'.`);
}

function unknownBase(expected: string, current: Versioned): Conflict {
  return explainConflict({
    expectedVersion: expected,
    currentVersion: current.version,
    current: current.resource,
    history: [],
    base: undefined,
    mine: undefined,
  });
}

function mismatch(conflict: Conflict): DirectoryError {
  return new DirectoryError('VERSION_MISMATCH', 'Version mismatch: resource was modified', { conflict });
}
