import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import { DirectoryError } from './errors.ts';
import { limits } from './limits.ts';
import type { Resource, ResourceType, Revision, Tenant, Versioned } from './resource.ts';
import {
  equalityCondition,
  indexColumns,
  toRevision,
  toVersioned,
  type IndexColumns,
  type ResourceRow,
  type RevisionRow,
  type SummaryRow,
} from './sqlite-rows.ts';
import { migrations, prepare, resourceColumns, sortColumns, summaryColumns, type Statements } from './sqlite-statements.ts';
import type { Decide, Equality, Key, Page, PageQuery, Store, UserSummary } from './store.ts';

interface Job {
  key: Key;
  decide: Decide;
  resolve: (revision: Revision | undefined) => void;
  reject: (error: unknown) => void;
}

type Outcome = { revision: Revision | undefined } | { error: unknown };

/**
 * The SQLite store: WAL, `synchronous=FULL`, group commit. Writes that wait at the same time share one commit, each in
 * its own savepoint; they resolve when the commit is on disk.
 */
export class SqliteStore implements Store {
  onRevision: ((revision: Revision) => void) | undefined;
  readonly #db: Database.Database;
  readonly #sql: Statements;
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
    // SQLite's own lower() knows ASCII only.
    this.#db.function('fold', { deterministic: true }, (value) => (typeof value === 'string' ? value.toLowerCase() : value));
    this.#migrate();
    this.#sql = prepare(this.#db);
  }

  #migrate(): void {
    const version = Number(this.#db.pragma('user_version', { simple: true }));
    if (version > migrations.length)
      throw new DirectoryError('UNAVAILABLE', 'This data folder was written by a newer Tandem. Update Tandem to open it.');
    this.#db.transaction(() => {
      for (const migration of migrations.slice(version)) this.#db.exec(migration);
      this.#db.pragma(`user_version = ${migrations.length}`);
    })();
  }

  async tenants(): Promise<Tenant[]> {
    return (this.#sql.tenants.all() as (Omit<Tenant, 'sample'> & { sample: number })[]).map((row) => ({
      ...row,
      sample: row.sample === 1,
    }));
  }

  async addTenant(tenant: Tenant): Promise<void> {
    this.#sql.addTenant.run(tenant.id, tenant.name, tenant.sample ? 1 : 0, tenant.created);
  }

  async get(key: Key): Promise<Versioned | undefined> {
    return this.#get(key);
  }

  #get(key: Key): Versioned | undefined {
    const row = this.#sql.get.get(key.tenant, key.type, key.id) as ResourceRow | undefined;
    return row && toVersioned(row);
  }

  async exists(key: Key): Promise<boolean> {
    return this.#sql.exists.get(key.tenant, key.type, key.id) !== undefined;
  }

  async list(query: PageQuery): Promise<Page<Versioned>> {
    const { total, rows } = this.#page<ResourceRow>(query, resourceColumns);
    return { total, rows: rows.map(toVersioned) };
  }

  async summaries(query: PageQuery): Promise<Page<UserSummary>> {
    const { total, rows } = this.#page<SummaryRow>(query, summaryColumns);
    return { total, rows: rows.map((row) => ({ ...row, active: row.active === 1 })) };
  }

  #page<Row>(query: PageQuery, columns: string): Page<Row> {
    const where = ['tenant = ?', 'type = ?'];
    const values: (string | number)[] = [query.tenant, query.type];
    const search = query.search?.trim().toLowerCase() ?? '';
    const words = search.split(/\s+/).filter((word) => Array.from(word).length >= 3);
    if (words.length > 0) {
      where.push('rowid in (select rowid from resource_search where resource_search match ?)');
      values.push(words.map((word) => `"${word.replaceAll('"', '""')}"`).join(' AND '));
    } else if (search !== '') {
      where.push('((user_name_key >= ? and user_name_key < ?) or (display_name_key >= ? and display_name_key < ?))');
      const end = `${search}\u{10ffff}`;
      values.push(search, end, search, end);
    }
    const condition = where.join(' and ');
    const direction = query.sort?.descending ? 'desc' : 'asc';
    const order = `${query.sort ? `${sortColumns[query.sort.by]} ${direction}, ` : ''}rowid ${direction}`;
    const count = this.#db.prepare(`select count(*) as total from resources where ${condition}`);
    const { total } = count.get(...values) as { total: number };
    // The inner select walks the index alone, so that a deep offset does not read the rows it skips.
    const rows = this.#db
      .prepare(
        `select ${columns} from (select rowid as picked from resources where ${condition} order by ${order} limit ? offset ?)
         join resources on resources.rowid = picked order by ${order.replace(/\browid\b/, 'resources.rowid')}`,
      )
      .all(...values, query.limit, query.offset) as Row[];
    return { total, rows };
  }

  async find(tenant: string, type: ResourceType, equality: Equality, limit: number): Promise<Page<Versioned>> {
    const { condition, values } = equalityCondition(equality);
    const where = `tenant = ? and type = ? and ${condition}`;
    const count = this.#db.prepare(`select count(*) as total from resources where ${where}`);
    const { total } = count.get(tenant, type, ...values) as { total: number };
    const page = this.#db.prepare(`select ${resourceColumns} from resources where ${where} order by rowid limit ?`);
    return { total, rows: (page.all(tenant, type, ...values, limit) as ResourceRow[]).map(toVersioned) };
  }

  async history(key: Key, limit: number, afterRevision = 0): Promise<Revision[]> {
    const rows = this.#sql.history.all(key.tenant, key.type, key.id, afterRevision, limit) as RevisionRow[];
    return rows.map(toRevision);
  }

  async revisionWithVersion(key: Key, version: string): Promise<Revision | undefined> {
    const row = this.#sql.withVersion.get(key.tenant, key.type, key.id, version) as RevisionRow | undefined;
    return row && toRevision(row);
  }

  async revisionsSince(revision: number, limit: number): Promise<Revision[]> {
    return (this.#sql.since.all(revision, limit) as RevisionRow[]).map(toRevision);
  }

  async latestRevision(): Promise<number> {
    return (this.#sql.latest.get() as { latest: number | null }).latest ?? 0;
  }

  write(key: Key, decide: Decide): Promise<Revision | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#closed) reject(new DirectoryError('UNAVAILABLE', 'The directory is closing. Try again after it restarted.'));
      else if (this.#waiting.length >= limits.writesWaitingMax)
        reject(new DirectoryError('UNAVAILABLE', 'Too many writes are waiting. Try again in a moment.'));
      else {
        this.#waiting.push({ key, decide, resolve, reject });
        this.#schedule();
      }
    });
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
    try {
      this.#sql.begin.run();
      outcomes = jobs.map((job) => this.#attempt(job));
      this.#sql.commit.run();
    } catch (error) {
      if (this.#db.inTransaction) this.#sql.rollback.run();
      for (const job of jobs) job.reject(storageError(error));
      return;
    }
    for (const outcome of outcomes) if ('revision' in outcome && outcome.revision) this.onRevision?.(outcome.revision);
    jobs.forEach((job, index) => {
      const outcome = outcomes[index];
      if (outcome && 'revision' in outcome) job.resolve(outcome.revision);
      else job.reject(outcome?.error);
    });
  }

  #attempt(job: Job): Outcome {
    this.#sql.savepoint.run();
    try {
      const revision = this.#apply(job);
      this.#sql.release.run();
      return { revision };
    } catch (error) {
      // A full disk or an I/O error ends the whole transaction; then nothing of this batch may be acknowledged.
      if (!this.#db.inTransaction || (isSqlite(error) && !error.code.startsWith('SQLITE_CONSTRAINT'))) throw error;
      this.#sql.rollbackTo.run();
      this.#sql.release.run();
      return { error: isSqlite(error) ? uniqueness(job.key) : error };
    }
  }

  #apply({ key, decide }: Job): Revision | undefined {
    const current = this.#get(key);
    const decision = decide(current);
    if (!decision) return undefined;
    const at = new Date().toISOString();
    const text = JSON.stringify(decision.resource);
    const { lastInsertRowid } = this.#sql.addRevision.run(
      key.tenant,
      key.type,
      key.id,
      decision.operation,
      JSON.stringify(decision.author),
      at,
      decision.version,
      decision.previousVersion ?? null,
      JSON.stringify(decision.changes),
      text,
    );
    const revision = Number(lastInsertRowid);
    if (decision.operation === 'delete') this.#remove(key);
    else
      this.#put(key, decision.resource, { text, version: decision.version, at, revision, passwordHash: decision.passwordHash });
    const { operation, author, resource, version, previousVersion, changes } = decision;
    return {
      revision,
      ...key,
      operation,
      author,
      at,
      version,
      changes,
      resource,
      ...(previousVersion === undefined ? {} : { previousVersion }),
    };
  }

  #put(
    key: Key,
    resource: Resource,
    meta: { text: string; version: string; at: string; revision: number; passwordHash: string | undefined },
  ): void {
    const columns = indexColumns(resource);
    const old = this.#sql.indexed.get(key.tenant, key.type, key.id) as (IndexColumns & { rowid: number }) | undefined;
    const content = {
      version: meta.version,
      at: meta.at,
      revision: meta.revision,
      resource: meta.text,
      passwordHash: meta.passwordHash ?? null,
    };
    if (!old) {
      const { lastInsertRowid } = this.#sql.insert.run({ ...columns, ...content, ...key });
      this.#sql.addSearch.run(lastInsertRowid, columns.search);
      return;
    }
    this.#sql.update.run({ ...content, rowid: old.rowid });
    // SQLite rewrites the index entries of every column that an update names, changed or not; most edits change none.
    if (isDeepStrictEqual({ ...columns, rowid: old.rowid }, { ...old })) return;
    if (old.search !== columns.search) this.#sql.removeSearch.run(old.rowid, old.search);
    this.#sql.updateIndexed.run({ ...columns, rowid: old.rowid });
    if (old.search !== columns.search) this.#sql.addSearch.run(old.rowid, columns.search);
  }

  #remove(key: Key): void {
    const old = this.#sql.indexed.get(key.tenant, key.type, key.id) as (IndexColumns & { rowid: number }) | undefined;
    if (!old) return;
    this.#sql.removeSearch.run(old.rowid, old.search);
    this.#sql.remove.run(old.rowid);
  }

  async close(): Promise<void> {
    this.#closed = true;
    while (this.#waiting.length > 0) this.#commit(this.#waiting.splice(0, limits.writesPerCommitMax));
    if (this.#db.open) this.#db.close();
  }
}

function isSqlite(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_');
}

function uniqueness(key: Key): DirectoryError {
  const message = `Another ${key.type.toLowerCase()} of this tenant has this userName (letter case does not matter). Choose another.`;
  return new DirectoryError('UNIQUENESS', message, { issues: [{ path: 'userName', message: 'Is already taken.' }] });
}

function storageError(error: unknown): unknown {
  if (!isSqlite(error)) return error;
  const full = error.code === 'SQLITE_FULL';
  const message = full
    ? 'The disk is full; nothing was changed. Make room, then try again.'
    : 'The directory could not write to its disk; nothing was changed.';
  return new DirectoryError('UNAVAILABLE', message, { cause: error });
}
