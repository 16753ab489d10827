import type Database from 'better-sqlite3';
import type { WriteOperation } from '../operation.ts';
import type { ConflictQuery, RecordedConflict } from './recorded-conflict.ts';

/** The table of conflicts; an entry of the store's migrations. */
export const conflictMigration = `
  create table conflicts (
    sequence integer primary key autoincrement,
    id text not null unique,
    tenant text not null,
    type text not null,
    resource_id text not null,
    author_id text not null,
    state text not null,
    opened_at text not null,
    conflict text not null,
    operation text
  ) strict;
  create index conflicts_tenant on conflicts (tenant, opened_at);
  create index conflicts_author on conflicts (tenant, author_id, opened_at);
  create index conflicts_resource on conflicts (tenant, resource_id, opened_at);
  create index conflicts_open on conflicts (state) where state in ('open', 'waiting');
`;

/** How a deleted tenant's conflicts go, a few at a time. */
export const conflictRemoval =
  'delete from conflicts where sequence in (select sequence from conflicts where tenant = :tenant limit :limit)';

/** The conflicts in SQLite. Reads and writes on the connection that it is made with. */
export class ConflictLog {
  readonly #db: Database.Database;
  readonly #put: Database.Statement;
  readonly #get: Database.Statement;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#put = db.prepare(
      `insert into conflicts (id, tenant, type, resource_id, author_id, state, opened_at, conflict, operation)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (id) do update set state = excluded.state, conflict = excluded.conflict, operation = excluded.operation`,
    );
    this.#get = db.prepare('select conflict, operation from conflicts where tenant = ? and id = ?');
  }

  /** Adds a conflict, or writes over the one with its id. */
  put({ operation, ...conflict }: RecordedConflict): void {
    const { id, tenant, type, resourceId, author, state, openedAt } = conflict;
    const wanted = operation ? JSON.stringify(operation) : null;
    this.#put.run(id, tenant, type, resourceId, author.id, state, openedAt, JSON.stringify(conflict), wanted);
  }

  get(tenant: string, id: string): RecordedConflict | undefined {
    const row = this.#get.get(tenant, id) as { conflict: string; operation: string | null } | undefined;
    if (!row) return undefined;
    const conflict = JSON.parse(row.conflict) as RecordedConflict;
    return row.operation === null ? conflict : { ...conflict, operation: JSON.parse(row.operation) as WriteOperation };
  }

  /** Newest first, without what was wanted. */
  list({ tenant, state, author, resourceId, since, before, limit }: ConflictQuery): RecordedConflict[] {
    const conditions: [string, string | undefined][] = [
      ['tenant = ?', tenant],
      ['state = ?', state],
      ['author_id = ?', author],
      ['resource_id = ?', resourceId],
      ['opened_at >= ?', since],
      ['sequence < (select sequence from conflicts where id = ?)', before],
    ];
    const given = conditions.filter((condition): condition is [string, string] => condition[1] !== undefined);
    const text = `select conflict from conflicts where ${given.map(([sql]) => sql).join(' and ')} order by sequence desc limit ?`;
    return read(this.#db.prepare(text).all(...given.map(([, value]) => value), limit));
  }

  /** Of all tenants: those that were neither resolved nor given up, oldest first, without what was wanted. */
  unsettled(limit: number): RecordedConflict[] {
    const text = `select conflict from conflicts where state in ('open', 'waiting') order by sequence desc limit ?`;
    return read(this.#db.prepare(text).all(limit)).toReversed();
  }
}

function read(rows: unknown[]): RecordedConflict[] {
  return (rows as { conflict: string }[]).map(({ conflict }) => JSON.parse(conflict) as RecordedConflict);
}
