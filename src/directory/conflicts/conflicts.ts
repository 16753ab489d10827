import { randomUUID } from 'node:crypto';
import type { Conflict, ConflictHandle } from '../conflict.ts';
import { DirectoryError } from '../errors.ts';
import { carriesPassword, type WriteOperation } from '../operation.ts';
import { nameOf as resourceName } from '../name.ts';
import type { Actor, Author, Revision, Versioned } from '../resource.ts';
import type { Key, Store } from '../store.ts';
import { versionOf } from '../version.ts';
import { Pacing } from './pacing.ts';
import type { ConflictQuery, RecordedConflict, Strategy } from './recorded-conflict.ts';
import { reportOn, type ConflictReport } from './report.ts';
import { RetryBudgets, type RetryBudgetRule } from './retry-budget.ts';
import { ServedVersions } from './served.ts';

/** Conflicts that are neither resolved nor given up, over all tenants; of more, the oldest count as given up. */
const openMax = 10_000;
/** Who does not come back within an hour has given up. */
const givenUpAfterMs = 60 * 60_000;
/** JSON of an operation that is kept for a resolution. */
const operationLengthMax = 64 * 1024;
/** Resources of which is known how often writes collided within the hour. */
const contendedMax = 10_000;
const listedMax = 500;
/** Conflicts that a report counts. */
const reportedMax = 5000;

/**
 * The conflicts of the directory: which writes were refused since others had changed the resource, how each can be settled, and
 * how it was. It guards whole records against undoing what others changed, and tells writers that contend when to come back.
 */
export class Conflicts {
  readonly #store: Store;
  readonly #budgetOf: (actor: Actor) => RetryBudgetRule;
  readonly #served: ServedVersions;
  readonly #pacing: Pacing;
  readonly #budgets: RetryBudgets;
  /** By writer and resource. */
  readonly #open = new Map<string, RecordedConflict>();
  readonly #contended = new Map<string, { refused: number; written: number; since: number }>();
  readonly #now: () => number;
  /** Writes are done in their order: after the last, all are. */
  #saved: Promise<void> = Promise.resolve();
  readonly #sweep: NodeJS.Timeout;
  readonly #listeners = new Set<(conflict: RecordedConflict) => void>();

  /** @param budgetOf how often an actor may be refused and try again. */
  constructor(options: { store: Store; budgetOf: (actor: Actor) => RetryBudgetRule; now?: () => number }) {
    const now = options.now ?? (() => performance.now());
    this.#store = options.store;
    this.#budgetOf = options.budgetOf;
    this.#now = now;
    this.#served = new ServedVersions(now);
    this.#pacing = new Pacing(now);
    this.#budgets = new RetryBudgets(now);
    for (const conflict of this.#store.conflicts.unsettled(openMax)) this.#open.set(nameOf(conflict, conflict), conflict);
    this.#sweep = setInterval(() => this.#giveUp(), 60_000);
    this.#sweep.unref();
  }

  /** Remembers what an actor was shown. */
  shown(actor: Actor, { tenant, type, resource: { id }, version }: Versioned): void {
    if (isGuarded(actor)) this.#served.serve(readerOf(actor), { tenant, type, id }, version);
  }

  /** What an actor's whole records are compared with; undefined for a person, who sees what they overwrite. */
  shownTo(actor: Actor): ((key: Key) => readonly string[]) | undefined {
    if (!isGuarded(actor)) return undefined;
    const reader = readerOf(actor);
    return (key) => this.#served.of(reader, key);
  }

  /**
   * Lets a writer with an open conflict try again only while it has retries left.
   * @throws DirectoryError RETRY_BUDGET_EXHAUSTED.
   */
  admit(actor: Actor, { type, id }: Pick<WriteOperation, 'type' | 'id'>): void {
    if (!isGuarded(actor) || !this.#open.has(nameOf({ author: actor, tenant: actor.tenant }, { type, resourceId: id }))) return;
    const waitMs = this.#budgets.exhaustedFor(`${actor.tenant} ${readerOf(actor)}`, this.#budgetOf(actor));
    if (waitMs === 0) return;
    const seconds = Math.ceil(waitMs / 1000);
    const message = `Nothing was done: too many retries. Come back in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}, read the resource again, and send only what should change.`;
    throw new DirectoryError('RETRY_BUDGET_EXHAUSTED', message, { retryAfterMs: waitMs });
  }

  /**
   * Keeps a refusal, if it is a conflict.
   * @returns the refusal, with what the writer can do and when.
   */
  refused(actor: Actor, lenient: boolean, error: DirectoryError): DirectoryError {
    const { conflict, attempted } = error;
    if (!conflict || !attempted || ['create', 'recreate', 'restore'].includes(attempted.kind)) return error;
    const recorded = this.#record(
      actor,
      lenient,
      error.code === 'STALE_BODY' ? 'STALE_BODY' : 'VERSION_MISMATCH',
      conflict,
      attempted,
    );
    const key: Key = { tenant: actor.tenant, type: attempted.type, id: attempted.id };
    // Who sends it again and again, with each version that there is meanwhile, must not have it forgotten.
    if (error.code === 'STALE_BODY') this.#served.keep(readerOf(actor), key, conflict.expectedVersion);
    const slot = this.#pacing.refused(readerOf(actor), key);
    this.#count(key);
    const wait = isGuarded(actor) ? this.#budgets.spend(`${actor.tenant} ${readerOf(actor)}`, this.#budgetOf(actor)) : 0;
    const handle: ConflictHandle = {
      id: recorded.id,
      attempts: recorded.attempts,
      strategies: strategiesFor(recorded),
      retryAfterMs: Math.max(slot, wait),
      ...(wait > 0 && { budgetExhausted: true }),
    };
    return error.about({ ...conflict, recorded: handle });
  }

  /** How many writes of a resource were refused for a conflict within the hour, and how many were done since the first of these. */
  recent(key: Key): { refused: number; written: number } {
    const known = this.#contended.get(resourceOf(key));
    return known && this.#now() - known.since < givenUpAfterMs ? known : { refused: 0, written: 0 };
  }

  #count(key: Key): void {
    const { refused, written } = this.recent(key);
    const since = refused === 0 ? this.#now() : (this.#contended.get(resourceOf(key))?.since ?? this.#now());
    this.#contended.delete(resourceOf(key));
    this.#contended.set(resourceOf(key), { refused: refused + 1, written, since });
    if (this.#contended.size <= contendedMax) return;
    const [oldest] = this.#contended.keys();
    if (oldest !== undefined) this.#contended.delete(oldest);
  }

  #record(
    actor: Actor,
    lenient: boolean,
    kind: RecordedConflict['kind'],
    conflict: Conflict,
    operation: WriteOperation,
  ): RecordedConflict {
    const { tenant } = actor;
    const author = authorOf(actor);
    const at = new Date().toISOString();
    const name = nameOf({ tenant, author }, { type: operation.type, resourceId: operation.id });
    const known = this.#open.get(name);
    const keeps = JSON.stringify(operation).length <= operationLengthMax && !carriesPassword(operation);
    const recorded: RecordedConflict = {
      id: known?.id ?? randomUUID(),
      tenant,
      type: operation.type,
      resourceId: operation.id,
      kind,
      author,
      others: othersOf(conflict, author),
      fields: conflict.undone ?? conflict.changes.map(({ path }) => path),
      overlapping: conflict.collisions.map(({ path }) => path),
      told: conflict.collisions.map(({ path, theirs }) => ({ path, ...(theirs !== undefined && { theirs }) })),
      baseVersion: conflict.expectedVersion,
      currentVersion: conflict.currentVersion,
      lenient,
      ...(keeps && { operation }),
      ...(conflict.merged && operation.type !== 'Group' && { mergedVersion: versionOf(conflict.merged) }),
      state: 'open',
      attempts: (known?.attempts ?? 0) + 1,
      openedAt: known?.openedAt ?? at,
      refusedAt: at,
    };
    this.#open.delete(name);
    this.#open.set(name, recorded);
    if (this.#open.size > openMax) {
      const [oldest] = this.#open.values();
      if (oldest) this.settle(oldest, { state: 'abandoned', strategy: 'abandon' });
    }
    this.#save(recorded);
    return recorded;
  }

  /** Takes note of a write: its author has seen what it wrote, and a conflict that it had on the resource is settled. */
  written({ tenant, type, id, author, version, operation }: Revision): void {
    const key: Key = { tenant, type, id };
    const reader = readerOf(author);
    if (isGuarded(author)) {
      this.#pacing.written(reader, key, this.#served.sinceRead(reader, key));
      if (operation !== 'delete') this.#served.serve(reader, key, version);
    }
    const contended = this.#contended.get(resourceOf(key));
    if (contended) contended.written++;
    if (this.#open.size === 0) return;
    const open = this.#open.get(nameOf({ tenant, author }, { type, resourceId: id }));
    if (open?.state !== 'open') return;
    const strategy = version === open.mergedVersion ? 'merge' : 'immediate_retry';
    this.settle(open, { state: 'resolved', strategy, outcomeVersion: version });
  }

  /** @throws DirectoryError NOT_FOUND for an id that is unknown, or another agent's. */
  async get(actor: Actor, id: string): Promise<RecordedConflict> {
    await this.#saved;
    const conflict = this.#store.conflicts.get(actor.tenant, id);
    if (!conflict || (isGuarded(actor) && conflict.author.id !== actor.id))
      throw new DirectoryError('NOT_FOUND', `There is no conflict with the id '${id.slice(0, 64)}'.`);
    return conflict;
  }

  /** Newest first, without what was wanted. Of an agent, only its own. */
  async list(actor: Actor, query: Omit<ConflictQuery, 'tenant'>): Promise<RecordedConflict[]> {
    await this.#saved;
    const author = isGuarded(actor) ? actor.id : query.author;
    return this.#store.conflicts.list({ ...query, author, tenant: actor.tenant, limit: Math.min(query.limit, listedMax) });
  }

  /**
   * What the conflicts of a tenant were about; of all its writers, since an agent learns from what others met.
   * @param hours how far back.
   */
  async report({ tenant }: Actor, hours: number): Promise<ConflictReport> {
    await this.#saved;
    const since = new Date(Date.now() - hours * 60 * 60_000).toISOString();
    const conflicts = this.#store.conflicts.list({ tenant, since, limit: reportedMax });
    const names = new Map<string, string>();
    for (const { type, resourceId: id } of conflicts.slice(0, listedMax)) {
      const found = names.has(id) ? undefined : await this.#store.get({ tenant, type, id });
      if (found) names.set(id, resourceName(found.resource));
    }
    const nameOf = ({ resourceId }: RecordedConflict) => names.get(resourceId) ?? resourceId;
    return reportOn(conflicts, { since, isCut: conflicts.length === reportedMax, nameOf });
  }

  /** Ends a conflict that waited for people. @param outcomeVersion what they approved; absent where they did not. */
  async end(tenant: string, id: string, isApproved: boolean, outcomeVersion?: string): Promise<void> {
    await this.#saved;
    const conflict = this.#store.conflicts.get(tenant, id);
    if (conflict?.state !== 'waiting') return;
    if (isApproved) this.settle(conflict, { state: 'resolved', strategy: 'ask_human', outcomeVersion });
    // What nobody else had changed was written before they were asked about the rest.
    else if (conflict.strategy === 'alternative') this.settle(conflict, { state: 'resolved', strategy: 'alternative' });
    else this.settle(conflict, { state: 'abandoned', strategy: 'ask_human' });
  }

  /** Keeps what became of a conflict. @returns it as it is then. */
  settle(
    conflict: RecordedConflict,
    outcome: Pick<RecordedConflict, 'state' | 'strategy'> & { outcomeVersion?: string | undefined },
  ): RecordedConflict {
    const { outcomeVersion, ...end } = outcome;
    const settled: RecordedConflict = {
      ...conflict,
      ...end,
      ...(outcomeVersion !== undefined && { outcomeVersion }),
      ...(outcome.state === 'waiting' ? {} : { settledAt: new Date().toISOString() }),
    };
    const name = nameOf(conflict, conflict);
    if (settled.state === 'waiting') this.#open.set(name, settled);
    else this.#open.delete(name);
    this.#save(settled);
    return settled;
  }

  #giveUp(): void {
    const before = new Date(Date.now() - givenUpAfterMs).toISOString();
    for (const conflict of this.#open.values())
      if (conflict.state === 'open' && conflict.refusedAt < before)
        this.settle(conflict, { state: 'abandoned', strategy: 'abandon' });
  }

  /** It joins the next commit; nobody waits for it, since a refusal acknowledges nothing. */
  #save(conflict: RecordedConflict): void {
    for (const listener of this.#listeners) listener(conflict);
    this.#saved = this.#store.write((transaction) => transaction.putConflict(conflict)).catch(() => {});
  }

  /** Calls the listener for each conflict that is new or changed. The listener must not throw. @returns a function that ends it. */
  onChange(listener: (conflict: RecordedConflict) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#listeners.clear();
  }
}

/** What can be done about a conflict, the recommended first. */
function strategiesFor({ operation, overlapping, fields }: RecordedConflict): Strategy[] {
  if (!operation) return ['abandon'];
  if (operation.kind === 'delete') return ['ask_human', 'immediate_retry', 'abandon'];
  if (fields.length === 0) return ['ask_human', 'abandon'];
  if (overlapping.length > 0) return ['merge', 'ask_human', 'alternative', 'abandon'];
  return ['merge', 'immediate_retry', 'ask_human', 'alternative', 'abandon'];
}

/** Software is guarded; a person at the window has seen the conflict when they overwrite. */
function isGuarded({ kind }: Pick<Actor, 'kind'>): boolean {
  return kind === 'agent';
}

/** Two runs of one client do not know of each other's reading. */
function readerOf({ id, run }: Pick<Author, 'id' | 'run'>): string {
  return run === undefined ? id : `${id} ${run}`;
}

function resourceOf({ tenant, type, id }: Key): string {
  return `${tenant} ${type} ${id}`;
}

function nameOf(
  { tenant, author }: { tenant: string; author: Pick<Author, 'id' | 'run'> },
  { type, resourceId }: Pick<RecordedConflict, 'type' | 'resourceId'>,
): string {
  return `${tenant} ${type} ${resourceId} ${readerOf(author)}`;
}

function authorOf({ id, name, kind, door, run }: Actor): Author {
  return { id, name, kind, door, ...(run !== undefined && { run }) };
}

function othersOf({ changes }: Conflict, author: Author): Author[] {
  const others = new Map(changes.map((change) => [readerOf(change.author), change.author]));
  others.delete(readerOf(author));
  return [...others.values()].slice(0, 20);
}
