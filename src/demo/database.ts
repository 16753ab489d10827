import { chmodSync, closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';

/** Only added to: the number of those that a file has had is its `user_version`. */
const migrations = [
  `create table counters (tenant text not null, kind text not null, last integer not null, primary key (tenant, kind)) strict;
   create table tickets (
     tenant text not null, number integer not null, key text not null, description text not null, reporter_name text not null,
     reporter_email text, priority text not null, by_id text not null, by_name text not null, created integer not null,
     primary key (tenant, number), unique (tenant, by_id, key)
   ) strict, without rowid;
   create table appointments (
     tenant text not null, number integer not null, key text not null, name text not null, date text not null,
     by_id text not null, by_name text not null, created integer not null,
     primary key (tenant, number), unique (tenant, by_id, key)
   ) strict, without rowid;
   create table sign_ins (
     id text not null primary key, tenant text not null, by_id text not null, by_name text not null, key text not null,
     state text not null, code text not null, tries integer not null default 0, sub text, name text, email text,
     created integer not null, expires integer not null, unique (tenant, by_id, key)
   ) strict, without rowid;
   create index sign_ins_expires on sign_ins (expires);`,
  `alter table sign_ins add column shows_code integer not null default 0;`,
];

/** Opens `demo.db`, readable by its user only, and brings it up to date. What is committed is on disk. */
export function openDatabase(path: string): Database.Database {
  // SQLite gives its further files the mode of the first.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const db = new Database(path);
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    const version = Number(db.pragma('user_version', { simple: true }));
    if (version > migrations.length) throw new Error('it was written by a newer Tandem');
    db.transaction(() => {
      for (const migration of migrations.slice(version)) db.exec(migration);
      db.pragma(`user_version = ${migrations.length}`);
    })();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The next number of a kind of thing in a tenant; numbers are not used twice. Call it in the transaction that uses it. */
export function nextNumber(db: Database.Database, tenant: string, kind: string): number {
  const { last } = db
    .prepare<[string, string], { last: number }>(
      'insert into counters values (?, ?, 1) on conflict do update set last = last + 1 returning last',
    )
    .get(tenant, kind) ?? { last: 1 };
  return last;
}
