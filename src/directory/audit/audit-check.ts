import type Database from 'better-sqlite3';
import { changeDigest } from '../member-digest.ts';
import type { Resource } from '../resource.ts';
import { versionOf } from '../version.ts';
import { digestOf, genesis, hashOf, type AuditRow, type StoredRevision, type UnhashedEntry } from './hashing.ts';

/** What a check has found. */
export type AuditVerdict = { entries: number; resources: number } & (
  | { unbroken: true; last: { seq: number; hash: string } }
  | {
      unbroken: false;
      /** The first entry that does not fit; absent where the log is whole and what it tells of was altered. */
      seq?: number;
      /** What is wrong, in one sentence. */
      problem: string;
    }
);

interface CurrentRow {
  type: string;
  id: string;
  version: string;
  revision: number;
  last_modified: string;
  resource: string;
  member_count: number;
  member_digest: string;
}
type Place = { type: string; id: string };

const current = 'select type, id, version, revision, last_modified, resource, member_count, member_digest from resources';
const texts = {
  entries: 'select tenant, seq, kind, entry, hash from audit where tenant = ? and seq >= ? order by seq limit ?',
  last: 'select max(seq) as last from audit where tenant = ?',
  end: `select audit_ends.seq, audit_ends.hash = audit.hash as same from audit_ends
       left join audit on audit.tenant = audit_ends.tenant and audit.seq = audit_ends.seq where audit_ends.tenant = ?`,
  latest: 'select max(revision) as latest from revisions',
  // With a plus, so that the range of revisions is read and not all that the tenant has.
  revisions: `select revision, tenant, type, id, operation, author, at, version, previous_version, changes, resource, members, origin, from_groups
       from revisions where +tenant = ? and revision > ? and revision <= ? order by revision limit ?`,
  pruned: 'select before from pruned where tenant = ? and type = ? and id = ?',
  count: 'select count(*) as count from resources where tenant = ?',
  current: `${current} where tenant = ? and (type, id) > (?, ?) order by type, id limit ?`,
  one: `${current} where tenant = ? and type = ? and id = ?`,
  newest: `select revision, operation, at, version, resource from revisions where tenant = ? and type = ? and id = ?
       order by revision desc limit 1`,
  members: 'select member_id as id from members where tenant = ? and group_id = ? and member_id > ? order by member_id limit ?',
  keys: `select type, id, max(revision) as revision from revisions where tenant = ? and (type, id) > (?, ?)
       group by type, id order by type, id limit ?`,
  operation: 'select operation from revisions where revision = ?',
};
type Statements = Record<keyof typeof texts, Database.Statement>;

const rowsAtOnce = 20;
const membersAtOnce = 500;
/** Numbers of revisions of which one step looks at those of one tenant. */
const numbersAtOnce = 2000;
const stepMs = 3;
const triesMax = 20;

class Broken extends Error {
  readonly seq: number | undefined;

  constructor(problem: string, seq?: number) {
    super(problem);
    this.seq = seq;
  }
}

/**
 * Checks what is stored of a tenant: that each entry of the log has its hash and follows the one before; that each write of it
 * made the revision that is in the history, and no other is there; that each resource and each group's members are as the last
 * revision left them. While it runs, the directory goes on.
 */
export class AuditCheck {
  /** Entries and resources checked so far, and those that there are. */
  checked = 0;
  total: number;
  readonly #tenant: string;
  readonly #sql: Statements;
  readonly #run: Generator<void, void>;
  #entries = 0;
  #resources = 0;
  #last = { seq: 0, hash: genesis };

  constructor(db: Database.Database, tenant: string) {
    this.#tenant = tenant;
    this.#sql = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, db.prepare(text)])) as Statements;
    const { last } = this.#sql.last.get(tenant) as { last: number | null };
    const { count } = this.#sql.count.get(tenant) as { count: number };
    this.total = (last ?? 0) + count;
    this.#run = this.#all();
  }

  /** Goes on for a few milliseconds. @returns the verdict, at the end. */
  step(): AuditVerdict | undefined {
    const until = performance.now() + stepMs;
    const found = () => ({ entries: this.#entries, resources: this.#resources });
    try {
      do if (this.#run.next().done) return { ...found(), unbroken: true, last: this.#last };
      while (performance.now() < until);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      const { seq, message: problem } = error;
      return { ...found(), unbroken: false, ...(seq !== undefined && { seq }), problem };
    }
    this.checked = this.#entries + this.#resources;
    this.total = Math.max(this.total, this.checked);
    return undefined;
  }

  *#all(): Generator<void, void> {
    yield* this.#chain();
    yield* this.#current();
    yield* this.#gone();
  }

  *#chain(): Generator<void, void> {
    let told = 0;
    for (;;) {
      const rows = this.#sql.entries.all(this.#tenant, this.#last.seq + 1, rowsAtOnce) as AuditRow[];
      // At this moment each revision up to this one has its entry.
      const { latest } = this.#sql.latest.get() as { latest: number | null };
      const writes = new Map<number, UnhashedEntry>();
      for (const row of rows) {
        const entry = this.#follow(row);
        // The first entry says up to which revision there was no log.
        if (row.seq === 1) told = Number(entry.detail['revision'] ?? Number.NaN);
        if (row.seq === 1 && !Number.isSafeInteger(told)) throw new Broken('The log does not begin with its first entry.', 1);
        if (entry.kind === 'write') writes.set(entry.revision ?? 0, entry);
      }
      if (rows.length === 0 && this.#last.seq === 0) throw new Broken('The log is gone: it has no entries.', 1);
      if (rows.length === 0) this.#checkEnd();
      const upTo = rows.length === 0 ? (latest ?? 0) : Math.max(told, ...writes.keys());
      yield;
      yield* this.#compare(writes, told, upTo);
      told = upTo;
      if (rows.length === 0) return;
    }
  }

  #follow(row: AuditRow): UnhashedEntry {
    const { seq, hash: previous } = this.#last;
    const next = seq + 1;
    if (row.seq !== next) throw new Broken(`Entry ${next} is missing.`, next);
    if (hashOf(row.entry) !== row.hash)
      throw new Broken(`Entry ${next} was altered: its hash is not that of what it says.`, next);
    const entry = parsed(row.entry) as Partial<UnhashedEntry>;
    if (entry.seq !== row.seq || entry.tenant !== this.#tenant || entry.kind !== row.kind)
      throw new Broken(`Entry ${next} was altered: it belongs to another place.`, next);
    if (entry.previous !== previous)
      throw new Broken(`Entry ${next} does not follow entry ${seq}: one of them was replaced.`, next);
    this.#last = { seq: next, hash: row.hash };
    this.#entries++;
    return entry as UnhashedEntry;
  }

  #checkEnd(): void {
    const next = this.#last.seq + 1;
    const end = this.#sql.end.get(this.#tenant) as { seq: number; same: number | null } | undefined;
    if (!end) throw new Broken('The mark of the end of the log is gone.', next);
    if (end.same === null) throw new Broken(`Entry ${next} is missing: the end of the log was cut off.`, next);
    if (end.same === 0)
      throw new Broken(`Entry ${end.seq} was replaced: the mark of the end of the log has another hash.`, end.seq);
  }

  /** Compares the revisions of a range with the writes that the log tells of. */
  *#compare(writes: Map<number, UnhashedEntry>, after: number, upTo: number): Generator<void, void> {
    for (let from = after; from < upTo; yield) {
      const to = Math.min(upTo, from + numbersAtOnce);
      const rows = this.#sql.revisions.all(this.#tenant, from, to, rowsAtOnce) as StoredRevision[];
      for (const row of rows) {
        const entry = writes.get(row.revision);
        writes.delete(row.revision);
        if (!entry) throw new Broken(`Revision ${row.revision} (${row.type} ${row.id}) is in the history, but not in the log.`);
        if (digestOf(row) === entry.detail['digest']) continue;
        const what = `revision ${row.revision} (${row.type} ${row.id}), was altered in the history`;
        throw new Broken(`What entry ${entry.seq} tells of, ${what}.`, entry.seq);
      }
      from = rows.length < rowsAtOnce ? to : (rows.at(-1)?.revision ?? to);
    }
    for (const { seq, revision = 0, subject } of writes.values()) {
      const { before = 0 } = (this.#sql.pruned.get(this.#tenant, subject?.type, subject?.id) ?? {}) as { before?: number };
      if (revision < before) continue;
      throw new Broken(`What entry ${seq} tells of, revision ${revision}, is gone from the history.`, seq);
    }
  }

  *#current(): Generator<void, void> {
    for (let after: Place = { type: '', id: '' }; ; yield) {
      const rows = this.#sql.current.all(this.#tenant, after.type, after.id, rowsAtOnce) as CurrentRow[];
      for (const row of rows) this.#asLastRevised(row);
      const last = rows.at(-1);
      if (!last) return;
      after = last;
      for (const row of rows) if (row.type === 'Group') yield* this.#members(row);
      this.#resources += rows.length;
    }
  }

  #asLastRevised({ type, id, version, revision, last_modified: at, resource, member_digest: digest }: CurrentRow): void {
    type Newest = Pick<StoredRevision, 'revision' | 'operation' | 'at' | 'version' | 'resource'>;
    const newest = this.#sql.newest.get(this.#tenant, type, id) as Newest | undefined;
    if (!newest || newest.operation === 'delete') throw new Broken(`${type} ${id} is there, but its history does not say so.`);
    const isSame = newest.revision === revision && newest.version === version && newest.resource === resource && newest.at === at;
    if (!isSame || versionOf(parsed(resource) as Resource, digest) !== version)
      throw new Broken(`${type} ${id} was altered: it is not what its last revision, ${newest.revision}, made of it.`);
  }

  /** Reads a group's members in steps; again, if it was changed meanwhile; at last in one step, if it is changed all the time. */
  *#members(row: CurrentRow): Generator<void, void> {
    const { type, id } = row;
    for (let tries = 1; ; tries++) {
      let digest = '';
      let count = 0;
      for (let after: string | undefined = ''; after !== undefined;) {
        const rows = this.#sql.members.all(this.#tenant, id, after, membersAtOnce) as { id: string }[];
        const ids = rows.map((member) => member.id);
        digest = changeDigest(digest, ids, []);
        count += ids.length;
        after = ids.at(-1);
        if (tries < triesMax) yield;
      }
      if (digest === row.member_digest && count === row.member_count) return;
      const now = this.#sql.one.get(this.#tenant, type, id) as CurrentRow | undefined;
      if (!now) return;
      if (now.revision !== row.revision) {
        row = now;
        continue;
      }
      throw new Broken(`The members of Group ${id} were altered: they are not those that its history has.`);
    }
  }

  /** Whoever has a history and is not there was deleted by it. */
  *#gone(): Generator<void, void> {
    for (let after: Place = { type: '', id: '' }; ; yield) {
      const rows = this.#sql.keys.all(this.#tenant, after.type, after.id, rowsAtOnce) as (Place & { revision: number })[];
      for (const { type, id, revision } of rows) {
        if (this.#sql.one.get(this.#tenant, type, id)) continue;
        const { operation } = this.#sql.operation.get(revision) as { operation: string };
        if (operation !== 'delete') throw new Broken(`${type} ${id} is gone, but its history does not say that it was deleted.`);
      }
      const last = rows.at(-1);
      if (!last) return;
      after = last;
    }
  }
}

/** @returns nothing at all for what is not JSON. */
function parsed(text: string): object {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {};
  }
}
