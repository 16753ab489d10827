import type Database from 'better-sqlite3';
import type { Author, Origin, Resource, ResourceType, Revision } from '../resource.ts';
import { toRevision, type RevisionRow } from '../sqlite-rows.ts';
import { revisionColumns } from '../sqlite-statements.ts';
import type { Key } from '../store.ts';
import type { Move, PastContent, PastRow, PastStore, Selection, Touched } from './past-store.ts';

const ofResource = 'tenant = ? and type = ? and id = ?';
const byRun = "json_extract(author, '$.run') = :run and (:author is null or json_extract(author, '$.id') = :author)";
const touched = `select type, id, min(revision) as first, max(revision) as last, max(operation = 'create') as created,
    max(operation = 'delete') as deleted from revisions where`;
const untilLimit = 'group by type, id order by last desc limit :limit';

const texts = {
  revisions: `select ${revisionColumns} from revisions where ${ofResource} and revision < ? order by revision desc limit ?`,
  at: `select ${revisionColumns} from revisions where ${ofResource} and revision <= ? order by revision desc limit 1`,
  withVersion: `select ${revisionColumns} from revisions where ${ofResource} and version = ? and operation <> 'delete'
       order by revision desc limit 1`,
  last: `select ${revisionColumns} from revisions where tenant = ? and type in ('User', 'Group') and id = ?
       order by revision desc limit 1`,
  moves: `select revision, author, at, members, origin from revisions where ${ofResource} and revision > ? and members is not null
       order by revision desc`,
  movesOf: `select revision, author, at, members, origin, id as 'group' from revisions
       where tenant = ? and type = 'Group' and revision > ? and members is not null and instr(members, ?) > 0 order by revision desc`,
  ofRun: `${touched} tenant = :tenant and ${byRun} and revision > :since ${untilLimit}`,
  // With a plus, what is a range of revisions is read as one: the index of tenants would read all that a tenant has.
  ofAuthor: `${touched} +tenant = :tenant and json_extract(author, '$.id') = :author and revision > :since ${untilLimit}`,
  ofRevision: `${touched} +tenant = :tenant and revision = :revision and
       (:author is null or json_extract(author, '$.id') = :author) ${untilLimit}`,
  lastBy: `select ${revisionColumns} from revisions where revision > (select max(revision) - 5000 from revisions)
       and +tenant = ? and json_extract(author, '$.id') = ? order by revision desc limit 1`,
  bounds: 'select (select min(revision) from revisions) as first, (select max(revision) from revisions) as last',
  newestUpTo: 'select revision, at from revisions where revision <= ? order by revision desc limit 1',
  changed: `select revision, id from revisions where +tenant = ? and +type = ? and revision > ? and revision <= ?
       order by revision limit ?`,
  contentAt: `select revision, operation, version, at, resource from revisions where ${ofResource} and revision <= ?
       order by revision desc limit 1`,
  knownSince: `select at from revisions where ${ofResource} order by revision limit 1`,
  current: `select rowid as row, id, version, last_modified as lastModified, revision, user_name as userName,
        user_name_key as userNameKey, external_id as externalId, display_name as displayName,
        display_name_key as displayNameKey, title, department, active, search
       from resources where tenant = ? and type = ? and rowid > ? order by rowid limit ?`,
  prunedCount: 'select count(*) as count from pruned where tenant = ? and type = ? and before > ?',
  pruned: `select before from pruned where ${ofResource}`,
  kept: `select type, id, count(*) as count from revisions where tenant = ? and (type, id) > (?, ?)
       group by type, id order by type, id limit ?`,
  outline: `select revision, at, version, operation from revisions where ${ofResource} order by revision desc`,
  remove: `delete from revisions where revision in
       (select revision from revisions where ${ofResource} and revision < ? order by revision limit ?)`,
  remember: `insert into pruned (tenant, type, id, before) values (?, ?, ?, ?)
       on conflict do update set before = max(before, excluded.before)`,
};

type Statements = Record<keyof typeof texts, Database.Statement>;
/** SQLite has null for what is left out. */
type ByAuthor = Omit<Selection, 'author'> & { author?: string | null | undefined };
type MoveRow = { revision: number; author: string; at: string; members: string; origin: string | null; group: string };

/** The history in SQLite, on the connection of the store. */
export class SqlitePast implements PastStore {
  readonly #sql: Statements;

  constructor(db: Database.Database) {
    this.#sql = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, db.prepare(text)])) as Statements;
  }

  revisions({ tenant, type, id }: Key, before: number, limit: number): Revision[] {
    return (this.#sql.revisions.all(tenant, type, id, before, limit) as RevisionRow[]).map(toRevision);
  }

  revisionAt({ tenant, type, id }: Key, revision: number): Revision | undefined {
    const row = this.#sql.at.get(tenant, type, id, revision) as RevisionRow | undefined;
    return row && toRevision(row);
  }

  withVersion({ tenant, type, id }: Key, version: string): Revision | undefined {
    const row = this.#sql.withVersion.get(tenant, type, id, version) as RevisionRow | undefined;
    return row && toRevision(row);
  }

  last(tenant: string, id: string): Revision | undefined {
    const row = this.#sql.last.get(tenant, id) as RevisionRow | undefined;
    return row && toRevision(row);
  }

  moves({ tenant, type, id }: Key, after: number): Move[] {
    return (this.#sql.moves.all(tenant, type, id, after) as MoveRow[]).map(toMove);
  }

  movesOf(tenant: string, member: string, after: number): (Move & { group: string })[] {
    const rows = this.#sql.movesOf.all(tenant, after, JSON.stringify(member)) as MoveRow[];
    return rows.map((row) => ({ ...toMove(row), group: row.group }));
  }

  touched(tenant: string, { author = null, run, revision, since = 0 }: ByAuthor, limit: number): Touched[] {
    const values = { tenant, author, limit };
    const rows =
      revision === undefined
        ? run === undefined
          ? this.#sql.ofAuthor.all({ ...values, since })
          : this.#sql.ofRun.all({ ...values, run, since })
        : this.#sql.ofRevision.all({ ...values, revision });
    type Row = Omit<Touched, 'created' | 'deleted'> & { created: number; deleted: number };
    return (rows as Row[]).map((row) => ({ ...row, created: row.created === 1, deleted: row.deleted === 1 }));
  }

  lastBy(tenant: string, author: string): Revision | undefined {
    const row = this.#sql.lastBy.get(tenant, author) as RevisionRow | undefined;
    return row && toRevision(row);
  }

  latestAt(moment: string): number {
    const { first, last } = this.#sql.bounds.get() as { first: number | null; last: number | null };
    if (first === null || last === null) return 0;
    // Revisions are made in the order of time; so no index of times is needed.
    let [low, high] = [first - 1, last];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const row = this.#sql.newestUpTo.get(middle) as { revision: number; at: string } | undefined;
      if (!row || row.at <= moment) low = middle;
      else high = row.revision - 1;
    }
    return low < first ? 0 : low;
  }

  changedBetween(tenant: string, type: ResourceType, after: number, upTo: number, limit: number) {
    const rows = this.#sql.changed.all(tenant, type, after, upTo, limit) as { revision: number; id: string }[];
    const isAll = rows.length < limit;
    return { ids: [...new Set(rows.map(({ id }) => id))], upTo: isAll ? upTo : (rows.at(-1)?.revision ?? upTo) };
  }

  contentAt({ tenant, type, id }: Key, revision: number): PastContent | undefined {
    type Row = Omit<PastContent, 'resource'> & { resource: string };
    const row = this.#sql.contentAt.get(tenant, type, id, revision) as Row | undefined;
    return row && { ...row, resource: JSON.parse(row.resource) as Resource };
  }

  knownSince({ tenant, type, id }: Key): string | undefined {
    return (this.#sql.knownSince.get(tenant, type, id) as { at: string } | undefined)?.at;
  }

  current(tenant: string, type: ResourceType, after: number, limit: number): (PastRow & { row: number })[] {
    return this.#sql.current.all(tenant, type, after, limit) as (PastRow & { row: number })[];
  }

  latest(): number {
    return (this.#sql.bounds.get() as { last: number | null }).last ?? 0;
  }

  prunedCount(tenant: string, type: ResourceType, revision: number): number {
    return (this.#sql.prunedCount.get(tenant, type, revision) as { count: number }).count;
  }

  prunedBefore({ tenant, type, id }: Key): number | undefined {
    return (this.#sql.pruned.get(tenant, type, id) as { before: number } | undefined)?.before;
  }

  kept(tenant: string, after: { type: string; id: string }, limit: number) {
    return this.#sql.kept.all(tenant, after.type, after.id, limit) as { type: ResourceType; id: string; count: number }[];
  }

  outline({ tenant, type, id }: Key) {
    return this.#sql.outline.all(tenant, type, id) as Pick<Revision, 'revision' | 'at' | 'version' | 'operation'>[];
  }

  prune({ tenant, type, id }: Key, before: number, limit: number): number {
    this.#sql.remember.run(tenant, type, id, before);
    return this.#sql.remove.run(tenant, type, id, before, limit).changes;
  }
}

function toMove({ revision, author, at, members, origin }: MoveRow): Move {
  return {
    revision,
    author: JSON.parse(author) as Author,
    at,
    members: JSON.parse(members) as NonNullable<Revision['members']>,
    ...(origin !== null && { origin: JSON.parse(origin) as Origin }),
  };
}
