import type Database from 'better-sqlite3';

/** Rows of the table, then rows that share the first, the first two … columns of the index. */
const statistics: [index: string, rows: string][] = [
  ['resources_tenant', '1000000 100000 50000'],
  ['resources_id', '1000000 100000 50000 1'],
  ['resources_user_name', '1000000 100000 50000 1'],
  ['resources_external_id', '1000000 100000 50000 1'],
  ['resources_display_name', '1000000 100000 50000 2'],
  ['resources_title', '1000000 100000 50000 100'],
  ['resources_department', '1000000 100000 50000 500'],
  ['resources_active', '1000000 100000 50000 20000'],
];

/**
 * Tells SQLite's planner what the table `resources` looks like when it is big. Without this it takes a tenant for ten rows,
 * and reads all of them where an index of values would find the few that are wanted. The same figures stand in every
 * directory, so that plans never change with the data. They are kept in the database: once, after its tables are made.
 */
export function guidePlanner(db: Database.Database): void {
  // This makes the table of statistics without looking at any data; afterwards it reads what is in there.
  db.exec('analyze sqlite_schema');
  db.exec("delete from sqlite_stat1 where tbl = 'resources'");
  const add = db.prepare("insert into sqlite_stat1 (tbl, idx, stat) values ('resources', ?, ?)");
  for (const [index, rows] of statistics) add.run(index, rows);
  db.exec('analyze sqlite_schema');
}
