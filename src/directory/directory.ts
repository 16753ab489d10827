import { randomUUID } from 'node:crypto';
import { Audit } from './audit/audit.ts';
import type { BulkOperation, BulkOptions, BulkResult } from './bulk.ts';
import { Conflicts } from './conflicts/conflicts.ts';
import { Resolving, type Resolution, type Settled } from './conflicts/resolving.ts';
import { fromCursor, toCursor } from './cursor.ts';
import { DirectoryError } from './errors.ts';
import { carrying, checkExpected, checkRemoval, checkWithData, type ExtensionCheck } from './extension-data.ts';
import { verifyPassword } from './password.ts';
import { putExtension } from './put-extension.ts';
import { parseFilter } from './filter.ts';
import { History } from './history/history.ts';
import { limits } from './limits.ts';
import type { WriteOperation } from './operation.ts';
import { notApproved } from './escalations/asking.ts';
import { Escalations } from './escalations/escalations.ts';
import { Policies } from './policy/policies.ts';
import { foresee, type Advisory } from './presence/advisory.ts';
import { PresenceBoard } from './presence/presence.ts';
import { referencesOf } from './references.ts';
import type { Actor, Change, EventStream, Member, Membership, ResourceType, Versioned } from './resource.ts';
import { resolvePath, type ResolvedPath, type ResourceSchemas, type Schema } from './schema.ts';
import { runBulk, type Write as BulkWrite } from './run-bulk.ts';
import { SqliteStore } from './sqlite-store.ts';
import {
  sortKeys,
  type Commit,
  type GroupSummary,
  type Key,
  type Page,
  type PageQuery,
  type RevisionMark,
  type Store,
  type UserSummary,
  type WriteWatch,
} from './store.ts';
import { Tenants } from './tenants.ts';
import { notFound, type Written } from './write.ts';
import { Writer, type WriteOptions } from './writer.ts';

export interface ExtensionOptions {
  /** The version of the definition that the caller has seen (discovery.ts); null if there must be none yet. */
  expectedVersion?: string | null | undefined;
}

/** A page of a list, as callers ask for it. */
export interface ListQuery {
  /** SCIM filter, RFC 7644 §3.4.2.2. */
  filter?: string | undefined;
  /** SCIM attribute path. */
  sortBy?: string | undefined;
  descending?: boolean | undefined;
  /** 1-based (RFC 7644 §3.4.2.4). */
  startIndex?: number | undefined;
  /** At most `limits.pageMax`. */
  count: number;
  /** Instead of `startIndex`: where another page said that the next one begins (RFC 9865). */
  cursor?: string | undefined;
  /** Does not count all that there are, which costs more than a page: the total is 0 then. */
  uncounted?: boolean | undefined;
}

export interface ListPage extends Page<Versioned> {
  /** Where the next page begins; absent at the end. */
  nextCursor?: string;
}

/**
 * One directory of people. Every method takes the Actor that a door has authenticated and works in that actor's tenant
 * only; what is in another tenant does not exist for it. A write that returned is on disk and was announced.
 *
 * Every method that takes an Actor throws DirectoryError FORBIDDEN if its scopes do not allow the action or its tenant is
 * suspended, and NOT_FOUND if its tenant does not exist.
 */
export class Directory {
  readonly tenants: Tenants;
  readonly audit: Audit;
  readonly conflicts: Conflicts;
  readonly history: History;
  readonly policy: Policies;
  readonly escalations: Escalations;
  readonly presence = new PresenceBoard();
  readonly #store: Store;
  readonly #writer: Writer;
  readonly #resolving: Resolving;
  readonly #listeners = new Set<(change: Change) => void>();

  private constructor(store: Store, tenants: Tenants, clock: () => Date) {
    this.#store = store;
    this.tenants = tenants;
    this.audit = new Audit({ store, tenants, clock });
    this.conflicts = new Conflicts({
      store,
      budgetOf: (actor) => this.policy.effectiveFor(actor).settings.retryBudget,
    });
    this.policy = new Policies({ tenants, recent: store.recentWrites, clock });
    this.escalations = new Escalations({ store, tenants, policy: this.policy, clock });
    const { audit, conflicts, policy, escalations } = this;
    conflicts.onChange((conflict) => audit.settled(conflict));
    this.#writer = new Writer({ store, tenants, audit, conflicts, policy, escalations });
    this.#resolving = new Resolving({
      conflicts,
      escalations,
      writer: this.#writer,
      settingsFor: (actor) => policy.effectiveFor(actor).settings,
    });
    this.history = new History(store, tenants, this.#writer);
    this.history.retention.holds = (key) => this.presence.baseVersions(key);
    store.onRevision = (revision) => {
      this.conflicts.written(revision);
      this.escalations.onWritten(revision);
      for (const listener of this.#listeners) listener(revision);
    };
  }

  /**
   * Opens the directory in a SQLite file, which is created if absent. The tenant `default` always exists.
   * @param options.clock what time it is, for policy and deadlines.
   * @throws DirectoryError UNAVAILABLE if a newer Tandem wrote it; SQLite's error if it is unreadable.
   */
  static async open(path: string, { clock = () => new Date() }: { clock?: () => Date } = {}): Promise<Directory> {
    const store = new SqliteStore(path);
    const tenants = await Tenants.open(store);
    await tenants.add({ id: 'default', name: 'Default' });
    return new Directory(store, tenants, clock);
  }

  /** The schemas by which an actor's users or groups are validated, shown and documented. */
  schemas(actor: Actor, type: ResourceType): ResourceSchemas {
    return this.tenants.schemas(actor.tenant, type);
  }

  /**
   * Creates a resource from a whole record.
   * @throws DirectoryError SCHEMA_VIOLATION, UNIQUENESS, TOO_LARGE, UNAVAILABLE.
   */
  async create(actor: Actor, type: ResourceType, record: unknown, options: WriteOptions = {}): Promise<Written> {
    return this.#writeOne(actor, { kind: 'create', type, id: randomUUID(), record }, options);
  }

  /**
   * Creates a resource under an id that Tandem has made itself, or brings it back under it. Doors never let a caller choose one.
   * @throws DirectoryError VERSION_MISMATCH if it exists; as create.
   */
  async createAs(actor: Actor, type: ResourceType, id: string, record: unknown): Promise<Written> {
    const [last] = await this.#store.history(keyOf(actor, type, id), 1);
    return this.#writeOne(actor, { kind: last ? 'recreate' : 'create', type, id, record });
  }

  /**
   * Brings a deleted resource back under its old id, with the record given.
   * @param options.restoreMemberships also into the groups that its deletion took it out of and, where the record of a group
   *   names no members, with those that it had; what is not there any more is passed over.
   * @throws DirectoryError NOT_FOUND if this id was never in use; VERSION_MISMATCH if the resource exists; as create.
   */
  async recreate(
    actor: Actor,
    type: ResourceType,
    id: string,
    record: unknown,
    { restoreMemberships = false }: { restoreMemberships?: boolean } = {},
  ): Promise<Written> {
    this.tenants.allow(actor, 'scim:write');
    const [last] = await this.#store.history(keyOf(actor, type, id), 1);
    if (!last) throw notFound({ type, id });
    return this.#writeOne(actor, { kind: restoreMemberships ? 'restore' : 'recreate', type, id, record });
  }

  /** @throws DirectoryError NOT_FOUND. */
  async get(actor: Actor, type: ResourceType, id: string): Promise<Versioned> {
    this.tenants.allow(actor, 'scim:read');
    const key = keyOf(actor, type, id);
    const found = await this.#store.get(key);
    if (!found) throw notFound(key);
    this.conflicts.shown(actor, found);
    return found;
  }

  async exists(actor: Actor, type: ResourceType, id: string): Promise<boolean> {
    this.tenants.allow(actor, 'scim:read');
    return this.#store.exists(keyOf(actor, type, id));
  }

  /**
   * Replaces a whole record (PUT, RFC 7644 §3.5.1): attributes that the record leaves out become unassigned, except
   * `password` and the members of a group, which stay. Without an expected version the last writer wins, knowingly.
   * @throws DirectoryError NOT_FOUND, VERSION_MISMATCH, INVALID_VERSION_FORMAT; as create.
   */
  async replace(actor: Actor, type: ResourceType, id: string, record: unknown, options: WriteOptions = {}): Promise<Written> {
    return this.#writeOne(actor, { kind: 'replace', type, id, record }, options);
  }

  /**
   * Changes a resource by a JSON merge patch (RFC 7396): members replace, `null` removes, lists are replaced whole.
   * @throws as replace; the patched record must satisfy the schemas.
   */
  async mergePatch(actor: Actor, type: ResourceType, id: string, patch: unknown, options: WriteOptions = {}): Promise<Written> {
    return this.#writeOne(actor, { kind: 'mergePatch', type, id, patch }, options);
  }

  /**
   * Changes a resource by a SCIM patch (RFC 7644 §3.5.2), all of its operations or none.
   * @param body the PatchOp message, or the list of its operations.
   * @throws DirectoryError INVALID_PATH, NO_TARGET, MUTABILITY, INVALID_FILTER; as replace.
   */
  async patch(actor: Actor, type: ResourceType, id: string, body: unknown, options: WriteOptions = {}): Promise<Written> {
    return this.#writeOne(actor, { kind: 'patch', type, id, body }, options);
  }

  /**
   * Adds members to a group and removes others. Both are sets: who is there already, or is not there, changes nothing.
   * @param change ids of users and groups.
   * @throws DirectoryError NOT_FOUND, VERSION_MISMATCH, SCHEMA_VIOLATION for an unknown id or a group in itself.
   */
  async modifyMembers(
    actor: Actor,
    id: string,
    change: { add: readonly string[]; remove: readonly string[] },
    options: WriteOptions = {},
  ): Promise<Written> {
    return this.#writeOne(actor, { kind: 'members', type: 'Group', id, ...change }, options);
  }

  /**
   * Deletes a resource; its history stays, and no group keeps it as a member.
   * @throws DirectoryError NOT_FOUND, VERSION_MISMATCH, INVALID_VERSION_FORMAT, UNAVAILABLE.
   */
  async delete(actor: Actor, type: ResourceType, id: string, options: WriteOptions = {}): Promise<void> {
    await this.#resolving.write(actor, { kind: 'delete', type, id, expectedVersion: options.expectedVersion }, options);
  }

  /**
   * Runs many writes. Not atomic, each stands alone, is on disk when it is done, and an error of one leaves the others.
   * @returns what became of each, in the order of the request; without those that were not done after `failOnErrors`.
   * @throws DirectoryError TOO_LARGE; where atomic, what the first refusal was, with its operation, and nothing is written.
   */
  async bulk(actor: Actor, operations: readonly BulkOperation[], options: BulkOptions = {}): Promise<BulkResult[]> {
    this.tenants.allow(actor, 'scim:write');
    const { lenient = false } = options;
    const write: BulkWrite = (work, passwords) => this.#writer.run(actor, lenient, work, passwords, resourcesOf(operations));
    return runBulk(operations, options, write, {
      run: (writes, run) => this.#writer.approved(actor, writes, options, run),
      ask: async (writes, rule) =>
        notApproved(
          await this.escalations.create(actor, {
            kind: 'approval',
            operations: writes,
            lenient,
            rule,
            intent: options.approval?.intent,
          }),
        ),
    });
  }

  async #writeOne(actor: Actor, operation: WriteOperation, { expectedVersion, ...options }: WriteOptions = {}): Promise<Written> {
    const written = await this.#resolving.write(actor, { ...operation, expectedVersion }, options);
    if (!written) throw new Error('only a deletion answers nothing');
    return written;
  }

  /**
   * One page of users or groups, in the order of their creation where no other is asked for.
   * @throws DirectoryError INVALID_FILTER, INVALID_PATH for an attribute to sort by, INVALID_CURSOR.
   */
  async list(actor: Actor, type: ResourceType, query: ListQuery): Promise<ListPage> {
    this.tenants.allow(actor, 'scim:read');
    const schemas = this.schemas(actor, type);
    const descending = query.descending === true;
    const by = query.sortBy === undefined ? undefined : readablePath(schemas, query.sortBy, 'sortBy');
    const list = [actor.tenant, type, query.filter ?? '', by?.keys ?? [], descending];
    const { next, ...page } = await this.#store.list({
      tenant: actor.tenant,
      type,
      filter: query.filter === undefined ? undefined : parseFilter(schemas, query.filter),
      sort: by && { by, descending },
      offset: Math.max(0, Math.trunc(query.startIndex ?? 1) - 1),
      limit: clamp(query.count),
      uncounted: query.uncounted,
      // RFC 9865 §2: an empty cursor asks for the first page.
      after: query.cursor === undefined || query.cursor === '' ? undefined : fromCursor(list, query.cursor),
    });
    for (const found of page.rows) this.conflicts.shown(actor, found);
    return { ...page, ...(next && { nextCursor: toCursor(list, next) }) };
  }

  /**
   * One page of the table of people: found by text or filter, sorted, with only what the table shows. A column that refers to
   * a person has their name.
   * @throws DirectoryError INVALID_FILTER; INVALID_PATH for what to sort by and for columns.
   */
  async userSummaries(actor: Actor, query: SummaryQuery): Promise<Page<UserSummary>> {
    const { columns = [], ...summaryQuery } = this.#summaryQuery(actor, 'User', query);
    const page = await this.#store.userSummaries({ ...summaryQuery, columns });
    const people = columns.flatMap((path, index) => (isPerson(path) ? [index] : []));
    if (people.length === 0) return page;
    const ids = new Set(page.rows.flatMap(({ values = [] }) => people.map((index) => values[index] ?? '')));
    const names = await this.#store.names(actor.tenant, 'User', ids);
    const named = (text: string, index: number) => (people.includes(index) ? (names.get(text) ?? text) : text);
    return { ...page, rows: page.rows.map((row) => ({ ...row, values: (row.values ?? []).map(named) })) };
  }

  /** One page of the table of groups. */
  async groupSummaries(actor: Actor, query: SummaryQuery): Promise<Page<GroupSummary>> {
    return this.#store.groupSummaries(this.#summaryQuery(actor, 'Group', query));
  }

  #summaryQuery(actor: Actor, type: ResourceType, { filter, sort, columns = [], ...query }: SummaryQuery): PageQuery {
    this.tenants.allow(actor, 'scim:read');
    const schemas = this.schemas(actor, type);
    const by = sort && (sortKeys.find((key) => key === sort.by) ?? readablePath(schemas, sort.by, 'sort.by'));
    return {
      ...query,
      filter: filter === undefined ? undefined : parseFilter(schemas, filter),
      sort: by && { by, descending: sort.descending },
      columns: columns.map((path) => readablePath(schemas, path, 'columns')),
      limit: clamp(query.limit),
      tenant: actor.tenant,
      type,
    };
  }

  /**
   * Resources whose attribute equals a value; strings caselessly unless the schema says `caseExact`.
   * @param attribute SCIM attribute path, for example `userName`, `emails.value`, `name.familyName`, `department`.
   * @throws DirectoryError INVALID_ARGUMENT for an unknown attribute or a value of the wrong type.
   */
  async search(
    actor: Actor,
    type: ResourceType,
    attribute: string,
    value: unknown,
    query: Omit<ListQuery, 'filter'> = { count: limits.pageMax },
  ): Promise<ListPage> {
    const fail = (message: string): never => {
      const path = attribute.slice(0, 200);
      throw new DirectoryError('INVALID_ARGUMENT', `${path}: ${message}`, { issues: [{ path, message }] });
    };
    const resolved = resolvePath(this.schemas(actor, type), attribute);
    if (!resolved)
      return fail(
        `Is not an attribute of a ${type.toLowerCase()}. Examples: ${type === 'User' ? 'userName, emails.value, name.familyName' : 'displayName, externalId'}.`,
      );
    // Callers such as tools have text only.
    const isNumber = /^(?:integer|decimal)$/.test(resolved.attribute.type) && /^-?\d+(?:\.\d+)?$/.test(String(value));
    try {
      const filter = `${attribute} eq ${JSON.stringify(isNumber ? Number(value) : value)}`;
      return await this.list(actor, type, { ...query, filter });
    } catch (error) {
      if (error instanceof DirectoryError && error.code === 'INVALID_FILTER')
        return fail(error.issues[0]?.message ?? error.message);
      throw error;
    }
  }

  /**
   * Members of a group, in the order of their ids.
   * @param after the id of the last member of the page before.
   * @throws DirectoryError NOT_FOUND.
   */
  async members(actor: Actor, id: string, { limit, after }: { limit: number; after?: string }): Promise<Member[]> {
    await this.get(actor, 'Group', id);
    return this.#store.members(actor.tenant, id, limit, after);
  }

  /**
   * The names that those have now to whom resources refer, by their ids: the managers of users, the owners and parents of
   * agents. Who is not in the tenant is left out. Doors show them in what they answer (withReferences), since nothing of them
   * is stored.
   */
  async referenceNames(actor: Actor, resources: readonly Versioned[]): Promise<ReadonlyMap<string, string>> {
    this.tenants.allow(actor, 'scim:read');
    const ids = { User: new Set<string>(), Agent: new Set<string>() };
    for (const { type, resource } of resources)
      for (const reference of referencesOf(type, resource)) ids[reference.type].add(reference.value);
    const users = await this.#store.names(actor.tenant, 'User', ids.User);
    if (ids.Agent.size === 0) return users;
    return new Map([...users, ...(await this.#store.names(actor.tenant, 'Agent', ids.Agent))]);
  }

  /**
   * Whether a password is that of a user, for a sign-in; takes as long for nobody as for somebody.
   * @param id undefined where there is no such user.
   * @returns undefined if the user has no password.
   */
  async verifyPassword(actor: Actor, id: string | undefined, password: string): Promise<boolean | undefined> {
    this.tenants.allow(actor, 'scim:read');
    const hash = id === undefined ? undefined : await this.#store.passwordHash(keyOf(actor, 'User', id));
    const isRight = await verifyPassword(password, hash);
    return hash === undefined ? undefined : isRight;
  }

  /** Whether a user has a password. */
  async hasPassword(actor: Actor, id: string): Promise<boolean> {
    this.tenants.allow(actor, 'scim:read');
    return (await this.#store.passwordHash(keyOf(actor, 'User', id))) !== undefined;
  }

  /** The groups that a user or group belongs to, direct ones first. Empty if there is no such resource. */
  async groupsOf(actor: Actor, id: string): Promise<Membership[]> {
    this.tenants.allow(actor, 'scim:read');
    return this.#store.groupsOf(actor.tenant, id);
  }

  /**
   * Says whether an extension schema could be given to the tenant's users or groups, and how many of those that there are it
   * would make invalid. Changes nothing.
   */
  async validateExtension(
    actor: Actor,
    type: ResourceType,
    proposal: unknown,
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<ExtensionCheck> {
    return checkWithData(this.schemas(actor, type), proposal, (query) => this.list(actor, type, query), options.signal);
  }

  /**
   * Gives the tenant's users or groups an extension schema, or another definition of one that they have.
   * @throws DirectoryError SCHEMA_VIOLATION if the definition is not valid or existing resources would not be;
   *   VERSION_MISMATCH, NOT_FOUND, UNIQUENESS if it is not what was expected; UNAVAILABLE.
   */
  async putExtension(
    actor: Actor,
    type: ResourceType,
    proposal: unknown,
    { expectedVersion }: ExtensionOptions = {},
  ): Promise<Schema> {
    this.tenants.allow(actor, 'scim:admin');
    const { tenant } = actor;
    return putExtension(proposal, expectedVersion, {
      type,
      tenant,
      store: this.#store,
      schemas: () => this.schemas(actor, type),
      check: () => this.validateExtension(actor, type, proposal),
      put: async (schema) => {
        this.tenants.allow(actor, 'scim:admin');
        await this.tenants.putExtension(tenant, type, schema, actor);
      },
    });
  }

  /** How many users or groups have values of an extension. */
  async countExtensionValues(actor: Actor, type: ResourceType, id: string): Promise<number> {
    return (await this.list(actor, type, { filter: carrying(id), count: 0 })).total;
  }

  /**
   * Takes the values of an extension from some of the users or groups that have them, each as a change of its own.
   * @returns how many have values still: call it again until none has.
   * @throws DirectoryError SCHEMA_VIOLATION if the extension requires a value.
   */
  async clearExtensionValues(actor: Actor, type: ResourceType, id: string): Promise<number> {
    this.tenants.allow(actor, 'scim:admin');
    const { rows } = await this.list(actor, type, { filter: carrying(id), count: limits.extensionClearedAtOnce });
    const cleared = rows.map(async ({ resource, version }) => {
      try {
        await this.patch(actor, type, resource.id, [{ op: 'remove', path: id }], { expectedVersion: version });
      } catch (error) {
        // Somebody else was faster: the next call sees them as they are then.
        if (!(error instanceof DirectoryError && ['VERSION_MISMATCH', 'NOT_FOUND'].includes(error.code))) throw error;
      }
    });
    await Promise.all(cleared);
    return this.countExtensionValues(actor, type, id);
  }

  /**
   * Takes an extension schema from the tenant's users or groups.
   * @throws DirectoryError NOT_FOUND; INVALID_ARGUMENT for one of the standard, or while resources have values of it;
   *   VERSION_MISMATCH.
   */
  async removeExtension(
    actor: Actor,
    type: ResourceType,
    id: string,
    { expectedVersion }: { expectedVersion?: string | undefined } = {},
  ): Promise<void> {
    this.tenants.allow(actor, 'scim:admin');
    checkExpected(this.schemas(actor, type), id, expectedVersion);
    await checkRemoval(this.schemas(actor, type), id, (query) => this.list(actor, type, query));
    await this.tenants.removeExtension(actor.tenant, type, id, actor);
  }

  /** Settles a conflict that a write of the actor's met; see Resolving. */
  async resolveConflict(actor: Actor, id: string, resolution: Resolution): Promise<Settled> {
    this.tenants.allow(actor, 'scim:write');
    return this.#resolving.resolve(actor, id, resolution);
  }

  /**
   * Foresees whether a write of an actor would collide: who else is at the resource, and what happened to it lately.
   * @param fields SCIM paths that the actor is about to write, if it knows.
   * @returns undefined where nothing speaks for a collision.
   */
  foresee(actor: Actor, type: ResourceType, id: string, fields?: readonly string[]): Advisory | undefined {
    this.tenants.allow(actor, 'scim:read');
    const key = keyOf(actor, type, id);
    return foresee(this.presence.others(actor, key), this.conflicts.recent(key), fields);
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

  /** One change of any tenant, whole; undefined where it is gone with its tenant. */
  async change(revision: number): Promise<Change | undefined> {
    return this.#store.revision(revision);
  }

  /**
   * Where a tenant's changes after a revision and up to another one stand, oldest first. It reads past those of all tenants:
   * the caller keeps `through` within some thousands of `after`.
   */
  async changeMarks(tenant: string, range: { after: number; through: number; limit: number }): Promise<RevisionMark[]> {
    return this.#store.revisionMarks(tenant, range.after, range.through, range.limit);
  }

  /** The event streams of all tenants. What is in them is the business of whoever delivers them. */
  async eventStreams(): Promise<EventStream[]> {
    return this.#store.eventStreams();
  }

  /** @throws DirectoryError UNIQUENESS if its tenant has one with this name; UNAVAILABLE. */
  async addEventStream(stream: EventStream): Promise<void> {
    return this.#store.addEventStream(stream);
  }

  /** Keeps how far a stream is, and what of it has changed; it is on disk then. @throws DirectoryError UNAVAILABLE. */
  async updateEventStream(stream: EventStream): Promise<void> {
    return this.#store.updateEventStream(stream);
  }

  /** @throws DirectoryError UNAVAILABLE. */
  async removeEventStream(tenant: string, name: string): Promise<void> {
    return this.#store.removeEventStream(tenant, name);
  }

  /**
   * Calls the listener once for each change of any tenant, after it is on disk, in order. The listener must not throw.
   * @returns a function that ends it.
   */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How much there is to do: for meters. */
  readonly load: Load = {
    writesWaiting: () => this.#store.writesWaiting,
    onCommit: (listener) => {
      this.#store.onCommit = listener;
    },
    onWrite: (listener) => {
      this.#store.onWrite = listener;
    },
    probe: () => this.#store.probe(),
  };

  /** Finishes the writes that wait, refuses new ones, and closes the store. */
  async close(): Promise<void> {
    this.audit.close();
    this.conflicts.close();
    this.presence.close();
    this.escalations.close();
    await this.history.retention.close();
    await this.#store.close();
    await this.tenants.settled();
    this.#listeners.clear();
  }
}

/** How busy a directory is, and whether it can write. */
export interface Load {
  /** How many writes wait for a commit now. */
  writesWaiting(): number;
  /** Calls the listener, the only one, for each commit. It must not throw. */
  onCommit(listener: (commit: Commit) => void): void;
  /** Calls the listener, the only one, for each write that begins to wait; what it returns is told of its end. Neither may throw. */
  onWrite(listener: () => WriteWatch | undefined): void;
  /** @throws DirectoryError UNAVAILABLE if no write could begin now. Nothing is written. */
  probe(): void;
}

/** A page of a table, as callers ask for it. */
export interface SummaryQuery extends Pick<PageQuery, 'search' | 'offset' | 'limit'> {
  /** SCIM filter, RFC 7644 §3.4.2.2. */
  filter?: string | undefined;
  /** A SortKey, which is fast at any size, or a SCIM attribute path. */
  sort?: { by: string; descending: boolean } | undefined;
  /** Of people: SCIM attribute paths whose values are to be shown, beside the summary. */
  columns?: readonly string[] | undefined;
}

/** How many resources a bulk request is about. */
function resourcesOf(operations: readonly BulkOperation[]): number {
  return new Set(operations.map(({ method, path }, index) => (method === 'POST' ? index : path))).size;
}

function keyOf(actor: Actor, type: ResourceType, id: string): Key {
  return { tenant: actor.tenant, type, id };
}

/** @param argument what the caller calls it. @throws DirectoryError INVALID_PATH. */
function readablePath(schemas: ResourceSchemas, path: string, argument: string): ResolvedPath {
  const resolved = resolvePath(schemas, path);
  const isDerived = resolved?.attribute.mutability === 'readOnly' && !/^(?:id|meta)$/.test(resolved.keys[0] ?? '');
  if (resolved && resolved.attribute.returned !== 'never' && (argument === 'columns' || !isDerived)) return resolved;
  const what = argument === 'columns' ? 'There is nothing to show at' : 'Nothing can be sorted by';
  const message = `${what} '${path.slice(0, 100)}'.`;
  throw new DirectoryError('INVALID_PATH', message, { issues: [{ path: argument, message }] });
}

/** Whether an attribute refers to a person, as `manager` does. */
function isPerson({ attribute }: ResolvedPath): boolean {
  return attribute.subAttributes?.some(({ referenceTypes }) => referenceTypes?.includes('User')) ?? false;
}

function clamp(count: number): number {
  return Math.min(Math.max(0, Math.trunc(count)), limits.pageMax);
}
