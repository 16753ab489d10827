import Database from 'better-sqlite3';
import { AuditCheck } from './audit/audit-check.ts';
import { AuditLog, auditMigration, auditRemoval } from './audit/audit-log.ts';
import { AuditReader } from './audit/audit-reader.ts';
import type { AuditTold } from './audit/entry.ts';
import { ConflictLog, conflictRemoval } from './conflicts/conflict-log.ts';
import { DirectoryError } from './errors.ts';
import { EscalationLog, escalationRemoval } from './escalations/escalation-log.ts';
import { registerFunctions } from './filter-sql.ts';
import { SqlitePast } from './history/sqlite-past.ts';
import { limits } from './limits.ts';
import { openPolicy } from './policy/policy.ts';
import { RecentWrites } from './policy/recent-writes.ts';
import type {
  Author,
  EventStream,
  Member,
  Membership,
  ResourceType,
  Revision,
  Tenant,
  TenantSettings,
  TenantState,
  Versioned,
} from './resource.ts';
import { ResourceNames } from './resource-names.ts';
import type { Schema } from './schema.ts';
import { StatementCache } from './sqlite-cache.ts';
import { guidePlanner } from './sqlite-planner.ts';
import { findPage } from './sqlite-query.ts';
import {
  fromEventStream,
  toEventStream,
  toRevision,
  toUserSummary,
  toVersioned,
  type EventStreamRow,
  type ResourceRow,
  type RevisionRow,
  type SummaryRow,
} from './sqlite-rows.ts';
import {
  groupSummaryColumns,
  migrations,
  prepare,
  resourceColumns,
  userSummaryColumns,
  type Statements,
} from './sqlite-statements.ts';
import { isSqlite, SqliteTransaction } from './sqlite-transaction.ts';
import type {
  Commit,
  GroupSummary,
  Key,
  Page,
  PageQuery,
  PlacedSummary,
  PositionedPage,
  RevisionMark,
  Store,
  TenantExtension,
  Transaction,
  UserSummary,
  WriteWatch,
} from './store.ts';

interface Job {
  work: (transaction: Transaction) => unknown;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
  watch: WriteWatch | undefined;
}

type Outcome = { result: unknown; revisions: Revision[] } | { error: unknown };

/**
 * The SQLite store: WAL, `synchronous=FULL`, group commit. Writes that wait at the same time share one commit, each in
 * its own savepoint; they resolve when the commit is on disk.
 */
export class SqliteStore implements Store {
  onRevision: ((revision: Revision) => void) | undefined;
  onCommit: ((commit: Commit) => void) | undefined;
  onWrite: (() => WriteWatch | undefined) | undefined;
  readonly recentWrites: RecentWrites;
  readonly escalations: EscalationLog;
  readonly #db: Database.Database;
  readonly #sql: Statements;
  readonly #cache: StatementCache;
  readonly past: SqlitePast;
  readonly #audit: AuditLog;
  readonly audit: AuditReader;
  readonly conflicts: ConflictLog;
  readonly #names = new ResourceNames();
  #waiting: Job[] = [];
  #scheduled = false;
  #closed = false;

  /** @param path the database file; created, with its schema, if absent. */
  constructor(path: string) {
    this.#db = new Database(path);
    this.#db.pragma('journal_mode = WAL');
    this.#db.pragma('synchronous = FULL');
    this.#db.pragma('cache_size = -65536');
    // Sixteen megabytes between checkpoints: fewer pauses, and pages that change often are written back once.
    this.#db.pragma('wal_autocheckpoint = 4000');
    registerFunctions(this.#db);
    this.#migrate();
    this.#sql = prepare(this.#db);
    this.#cache = new StatementCache(this.#db);
    this.recentWrites = new RecentWrites(this.#db);
    this.escalations = new EscalationLog(this.#db);
    this.past = new SqlitePast(this.#db);
    this.#audit = new AuditLog(this.#db);
    this.audit = new AuditReader(this.#db);
    this.conflicts = new ConflictLog(this.#db);
  }

  #migrate(): void {
    const version = Number(this.#db.pragma('user_version', { simple: true }));
    if (version > migrations.length)
      throw new DirectoryError('UNAVAILABLE', 'This data folder was written by a newer Tandem. Update Tandem to open it.');
    if (version === migrations.length) return;
    this.#db.transaction(() => {
      for (const migration of migrations.slice(version)) this.#db.exec(migration);
      this.#db.pragma(`user_version = ${migrations.length}`);
      guidePlanner(this.#db);
      if (version <= migrations.indexOf(auditMigration)) new AuditLog(this.#db).beginAll();
    })();
  }

  async tenants(): Promise<Tenant[]> {
    type Row = Omit<Tenant, 'sample' | 'settings'> & { sample: number; settings: string };
    return (this.#sql.tenants.all() as Row[]).map(({ sample, settings, ...row }) => ({
      ...row,
      state: row.state satisfies TenantState,
      sample: sample === 1,
      settings: { ...defaultSettings, ...(JSON.parse(settings) as Partial<TenantSettings>) },
    }));
  }

  async addTenant({ id, name, sample, created }: Pick<Tenant, 'id' | 'name' | 'sample' | 'created'>, by: Author): Promise<void> {
    this.#together(() => {
      const { changes } = this.#sql.addTenant.run(id, name, sample ? 1 : 0, created);
      if (changes > 0) this.#audit.begin(id, by, { event: 'created', subject: { type: 'Tenant', id, name }, detail: { sample } });
    });
  }

  async updateTenant({ id, name, state, settings }: Tenant, told: readonly AuditTold[]): Promise<void> {
    this.#together(() => this.#sql.updateTenant.run(name, state, JSON.stringify(settings), id), told);
  }

  checkAudit(tenant: string): AuditCheck {
    return new AuditCheck(this.#db, tenant);
  }

  /** Does what the group commit does not, with what the audit logs say of it. */
  #together(work: () => void, told: readonly AuditTold[] = []): void {
    try {
      this.#db.transaction(() => {
        work();
        for (const { tenant, by, note } of told) this.#audit.addNote(tenant, by, note);
      })();
    } catch (error) {
      this.#audit.forgetHeads();
      throw storageError(error);
    }
  }

  async removeTenant(id: string): Promise<void> {
    const steps = tenantRows.map((texts) => texts.map((text) => this.#db.prepare(text)));
    for (const statements of steps)
      for (;;) {
        const removed = this.#db.transaction(() => {
          let changes = 0;
          for (const statement of statements) ({ changes } = statement.run({ tenant: id, limit: limits.rowsRemovedAtOnceMax }));
          return changes;
        })();
        if (removed === 0) break;
        await new Promise((resolve) => setImmediate(resolve));
        if (this.#closed) return;
      }
    this.#sql.removeTenant.run(id);
    this.#audit.forgetHeads();
    this.#names.clear();
  }

  async extensions(): Promise<TenantExtension[]> {
    const rows = this.#sql.extensions.all() as { tenant: string; type: ResourceType; definition: string }[];
    return rows.map(({ tenant, type, definition }) => ({ tenant, type, schema: JSON.parse(definition) as Schema }));
  }

  async putExtension({ tenant, type, schema }: TenantExtension, told: AuditTold): Promise<void> {
    this.#together(() => this.#sql.putExtension.run(tenant, type, schema.id, JSON.stringify(schema)), [told]);
  }

  async removeExtension(tenant: string, type: ResourceType, id: string, told: AuditTold): Promise<void> {
    this.#together(() => this.#sql.removeExtension.run(tenant, type, id), [told]);
  }

  async get(key: Key): Promise<Versioned | undefined> {
    const row = this.#sql.get.get(key.tenant, key.type, key.id) as ResourceRow | undefined;
    return row && toVersioned(row);
  }

  async exists(key: Key): Promise<boolean> {
    return this.#sql.exists.get(key.tenant, key.type, key.id) !== undefined;
  }

  async names(tenant: string, type: ResourceType, ids: Iterable<string>): Promise<Map<string, string>> {
    const read = (unknown: readonly string[]) =>
      this.#sql.names.all(tenant, type, JSON.stringify(unknown)) as { id: string; name: string }[];
    return this.#names.find(tenant, type, ids, read);
  }

  async passwordHash(key: Key): Promise<string | undefined> {
    const row = this.#sql.passwordHash.get(key.tenant, key.type, key.id) as { passwordHash: string | null } | undefined;
    return row?.passwordHash ?? undefined;
  }

  async list(query: PageQuery): Promise<PositionedPage<Versioned>> {
    const page = findPage<ResourceRow>(this.#cache, query, resourceColumns);
    return { ...page, rows: page.rows.map(toVersioned) };
  }

  async userSummaries(query: PageQuery): Promise<Page<UserSummary>> {
    const { columns = [] } = query;
    const read = columns.length === 0 ? userSummaryColumns : `${userSummaryColumns}, created, resource`;
    const { total, rows } = findPage<SummaryRow>(this.#cache, query, read);
    return { total, rows: rows.map((row) => toUserSummary(row, columns)) };
  }

  async groupSummaries(query: PageQuery): Promise<Page<GroupSummary>> {
    const { total, rows } = findPage<GroupSummary>(this.#cache, query, groupSummaryColumns);
    return { total, rows };
  }

  placedSummaries(query: PageQuery): Page<PlacedSummary> {
    const read = `${userSummaryColumns}, member_count as memberCount, resources.rowid as place`;
    const { total, rows } = findPage<SummaryRow & { memberCount: number; place: number }>(this.#cache, query, read);
    const placed = rows.map(({ place, memberCount, ...row }) => ({ ...toUserSummary(row, []), memberCount, row: place }));
    return { total, rows: placed };
  }

  async members(tenant: string, group: string, limit: number, after = ''): Promise<Member[]> {
    return this.#sql.members.all(tenant, group, after, limit) as Member[];
  }

  async groupsOf(tenant: string, member: string): Promise<Membership[]> {
    // Many are in no group; the recursive query costs several times what a get does.
    if (this.#sql.directGroups.get(tenant, member) === undefined) return [];
    const rows = this.#sql.groupsOf.all({ tenant, id: member }) as { value: string; display: string; depth: number }[];
    return rows.map(({ depth, ...group }) => ({ ...group, type: depth === 0 ? 'direct' : 'indirect' }));
  }

  async history(key: Key, limit: number, afterRevision = 0): Promise<Revision[]> {
    const rows = this.#sql.history.all(key.tenant, key.type, key.id, afterRevision, limit) as RevisionRow[];
    return rows.map(toRevision);
  }

  async revisionsSince(revision: number, limit: number): Promise<Revision[]> {
    return (this.#sql.since.all(revision, limit) as RevisionRow[]).map(toRevision);
  }

  async latestRevision(): Promise<number> {
    return (this.#sql.latest.get() as { latest: number | null }).latest ?? 0;
  }

  async revision(revision: number): Promise<Revision | undefined> {
    const row = this.#sql.revision.get(revision) as RevisionRow | undefined;
    return row && toRevision(row);
  }

  async revisionMarks(tenant: string, after: number, through: number, limit: number): Promise<RevisionMark[]> {
    return this.#sql.marks.all(after, through, tenant, limit) as RevisionMark[];
  }

  async eventStreams(): Promise<EventStream[]> {
    return (this.#sql.eventStreams.all() as EventStreamRow[]).map(toEventStream);
  }

  // Streams share the commits of those who write, as all that is often written does.
  addEventStream(stream: EventStream): Promise<void> {
    return this.write(() => {
      try {
        this.#sql.addEventStream.run(fromEventStream(stream));
      } catch (error) {
        if (!isSqlite(error) || error.code !== 'SQLITE_CONSTRAINT_PRIMARYKEY') throw error;
        const message = `There is an event stream '${stream.name}' already. Choose another name.`;
        throw new DirectoryError('UNIQUENESS', message, { issues: [{ path: 'name', message: 'Is already taken.' }] });
      }
    });
  }

  updateEventStream(stream: EventStream): Promise<void> {
    return this.write(() => void this.#sql.updateEventStream.run(fromEventStream(stream)));
  }

  removeEventStream(tenant: string, name: string): Promise<void> {
    return this.write(() => void this.#sql.removeEventStream.run(tenant, name));
  }

  write<T>(work: (transaction: Transaction) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) reject(new DirectoryError('UNAVAILABLE', 'The directory is closing. Try again after it restarted.'));
      else if (this.#waiting.length >= limits.writesWaitingMax)
        reject(new DirectoryError('UNAVAILABLE', 'Too many writes are waiting. Try again in a moment.'));
      else {
        this.#waiting.push({ work, resolve: resolve as (result: unknown) => void, reject, watch: this.onWrite?.() });
        this.#schedule();
      }
    });
  }

  get writesWaiting(): number {
    return this.#waiting.length;
  }

  probe(): void {
    try {
      this.#sql.begin.run();
    } catch (error) {
      throw storageError(error);
    } finally {
      if (this.#db.open && this.#db.inTransaction) this.#sql.rollback.run();
    }
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#commit(this.#waiting.splice(0, limits.writesPerCommitMax));
      this.#schedule();
    });
  }

  #commit(jobs: Job[]): void {
    let outcomes: Outcome[];
    const begun = performance.now();
    try {
      this.#sql.begin.run();
      outcomes = jobs.map((job) => this.#attempt(job));
      this.#sql.commit.run();
    } catch (error) {
      if (this.#db.inTransaction) this.#sql.rollback.run();
      this.#audit.forgetHeads();
      const failure = storageError(error);
      const commit = { writes: jobs.length, ms: performance.now() - begun };
      for (const job of jobs) {
        job.watch?.(commit, failure);
        job.reject(failure);
      }
      return;
    }
    const commit = { writes: jobs.length, ms: performance.now() - begun };
    this.onCommit?.(commit);
    for (const outcome of outcomes)
      if ('revisions' in outcome)
        for (const revision of outcome.revisions) {
          this.#names.forget(revision);
          this.onRevision?.(revision);
        }
    jobs.forEach((job, index) => {
      const outcome = outcomes[index];
      if (outcome && 'revisions' in outcome) {
        job.watch?.(commit);
        job.resolve(outcome.result);
      } else {
        job.watch?.(commit, outcome?.error);
        job.reject(outcome?.error);
      }
    });
  }

  #attempt(job: Job): Outcome {
    this.#sql.savepoint.run();
    const transaction = new SqliteTransaction(this.#sql, this.past, this.#audit, this.conflicts, this.escalations);
    try {
      const result = job.work(transaction);
      this.#sql.release.run();
      return { result, revisions: transaction.revisions };
    } catch (error) {
      // A full disk or an I/O error ends the whole transaction; then nothing of this batch may be acknowledged.
      if (!this.#db.inTransaction || isSqlite(error)) throw error;
      this.#sql.rollbackTo.run();
      this.#audit.forgetHeads();
      this.#sql.release.run();
      return { error };
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    while (this.#waiting.length > 0) this.#commit(this.#waiting.splice(0, limits.writesPerCommitMax));
    if (this.#db.open) this.#db.close();
  }
}

const defaultSettings: TenantSettings = {
  strict: false,
  requireVersion: false,
  policy: openPolicy,
  history: {},
  limits: {},
  toolsets: null,
};

/** What a tenant's rows are removed by, a few at a time. The text index has no text of its own: it goes before its row. */
const tenantRows = [
  [
    `delete from lookups where (tenant, type, path, value, resource) in
       (select tenant, type, path, value, resource from lookups where tenant = :tenant limit :limit)`,
  ],
  [
    `delete from members where (tenant, group_id, member_id) in
       (select tenant, group_id, member_id from members where tenant = :tenant limit :limit)`,
  ],
  [
    `insert into resource_search (resource_search, rowid, search)
       select 'delete', rowid, search from resources where tenant = :tenant order by rowid limit :limit`,
    `delete from resources where rowid in (select rowid from resources where tenant = :tenant order by rowid limit :limit)`,
  ],
  [
    `delete from pruned where (tenant, type, id) in
       (select tenant, type, id from pruned where tenant = :tenant limit :limit)`,
  ],
  [`delete from revisions where revision in (select revision from revisions where tenant = :tenant limit :limit)`],
  auditRemoval,
  [conflictRemoval],
  [escalationRemoval],
  [
    `delete from extensions where (tenant, type, id) in
       (select tenant, type, id from extensions where tenant = :tenant limit :limit)`,
  ],
  [
    `delete from event_streams where (tenant, name) in
       (select tenant, name from event_streams where tenant = :tenant limit :limit)`,
  ],
];

function storageError(error: unknown): unknown {
  if (!isSqlite(error)) return error;
  const full = error.code === 'SQLITE_FULL';
  const message = full
    ? 'The disk is full; nothing was changed. Make room, then try again.'
    : 'The directory could not write to its disk; nothing was changed.';
  return new DirectoryError('UNAVAILABLE', message, { cause: error });
}
