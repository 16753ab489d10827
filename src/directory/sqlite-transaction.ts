import { isDeepStrictEqual } from 'node:util';
import type { AuditLog } from './audit/audit-log.ts';
import type { AuditNote } from './audit/entry.ts';
import type { StoredRevision } from './audit/hashing.ts';
import type { ConflictLog } from './conflicts/conflict-log.ts';
import type { RecordedConflict } from './conflicts/recorded-conflict.ts';
import { DirectoryError } from './errors.ts';
import type { EscalationLog } from './escalations/escalation-log.ts';
import { lookupsOf } from './filter-sql.ts';
import type { PastStore } from './history/past-store.ts';
import { nameOf } from './name.ts';
import { resourceTypes, type Author, type Member, type MemberType, type Revision, type Versioned } from './resource.ts';
import {
  indexColumns,
  isWhole,
  toRevision,
  toVersioned,
  type IndexColumns,
  type ResourceRow,
  type RevisionRow,
} from './sqlite-rows.ts';
import type { Statements } from './sqlite-statements.ts';
import type { Decision, Key, MemberDecision, Transaction } from './store.ts';

type IndexedRow = IndexColumns & { rowid: number };

/** One transaction's reads and writes, on the connection that has begun it. */
export class SqliteTransaction implements Transaction {
  /** What was written, in order. */
  readonly revisions: Revision[] = [];
  readonly past: PastStore;
  readonly escalations: EscalationLog;
  readonly #sql: Statements;
  readonly #audit: AuditLog;
  readonly #conflicts: ConflictLog;

  constructor(sql: Statements, past: PastStore, audit: AuditLog, conflicts: ConflictLog, escalations: EscalationLog) {
    this.#sql = sql;
    this.past = past;
    this.#audit = audit;
    this.#conflicts = conflicts;
    this.escalations = escalations;
  }

  get(key: Key): Versioned | undefined {
    const row = this.#sql.get.get(key.tenant, key.type, key.id) as ResourceRow | undefined;
    return row && toVersioned(row);
  }

  history(key: Key, limit: number, afterRevision: number): Revision[] {
    const rows = this.#sql.history.all(key.tenant, key.type, key.id, afterRevision, limit) as RevisionRow[];
    return rows.map(toRevision);
  }

  revisionWithVersion(key: Key, version: string): Revision | undefined {
    const row = this.#sql.withVersion.get(key.tenant, key.type, key.id, version) as RevisionRow | undefined;
    return row && toRevision(row);
  }

  *writers(key: Key, limit: number): Generator<Pick<Revision, 'version' | 'operation' | 'author'>> {
    const rows = this.#sql.writers.iterate(key.tenant, key.type, key.id, limit) as Iterable<
      Pick<RevisionRow, 'version' | 'operation' | 'author'>
    >;
    for (const { author, ...row } of rows) yield { ...row, author: JSON.parse(author) as Author };
  }

  named(tenant: string, id: string): Member | undefined {
    const row = this.#sql.named.get(tenant, id) as { type: MemberType; display: string } | undefined;
    return row && { value: id, ...row };
  }

  isMember(tenant: string, group: string, id: string): boolean {
    return this.#sql.isMember.get(tenant, group, id) !== undefined;
  }

  memberIds(tenant: string, group: string): Pick<Member, 'value' | 'type'>[] {
    const rows = this.#sql.memberIds.all(tenant, group) as { id: string; type: MemberType }[];
    return rows.map(({ id, type }) => ({ value: id, type }));
  }

  directGroups(tenant: string, member: string): string[] {
    return (this.#sql.directGroups.all(tenant, member) as { id: string }[]).map(({ id }) => id);
  }

  reaches(tenant: string, from: string, to: string): boolean {
    return this.#sql.reaches.get({ tenant, from, to }) !== undefined;
  }

  write(key: Key, decision: Decision): Versioned {
    try {
      return this.#write(key, decision);
    } catch (error) {
      throw isSqlite(error) && error.code === 'SQLITE_CONSTRAINT_UNIQUE' ? uniqueness(key) : error;
    }
  }

  #write(key: Key, decision: Decision): Versioned {
    const { operation, author, current, resource, version, changes, members, origin, fromGroups } = decision;
    const at = new Date().toISOString();
    const text = JSON.stringify(resource);
    const moved = members && { added: members.add.map(({ value }) => value), removed: members.remove };
    const row: Omit<StoredRevision, 'revision'> = {
      tenant: key.tenant,
      type: key.type,
      id: key.id,
      operation,
      author: JSON.stringify(author),
      at,
      version,
      previous_version: current?.version ?? null,
      changes: changesText(key, decision),
      resource: text,
      members: moved ? JSON.stringify(moved) : null,
      origin: origin ? JSON.stringify(origin) : null,
      from_groups: fromGroups ? JSON.stringify(fromGroups) : null,
    };
    // By place, which costs half of what it costs by name.
    const { lastInsertRowid } = this.#sql.addRevision.run(
      row.tenant,
      row.type,
      row.id,
      operation,
      row.author,
      at,
      version,
      row.previous_version,
      row.changes,
      text,
      row.members,
      row.origin,
      row.from_groups,
    );
    const revision = Number(lastInsertRowid);
    this.#audit.addWrite(key, decision, { ...row, revision });
    if (members) this.#moveMembers(key, members);
    if (operation === 'delete') this.#remove(key, decision);
    else this.#put(key, decision, { text, at, revision });
    this.revisions.push({
      revision,
      ...key,
      operation,
      author,
      at,
      version,
      changes,
      resource,
      ...(current && { previousVersion: current.version }),
      ...(moved && { members: moved }),
      ...(origin && { origin }),
      ...(fromGroups && { fromGroups }),
    });
    const { tenant, type } = key;
    const created = current?.created ?? at;
    const written = { tenant, type, resource, version, created, lastModified: at, revision };
    return type === 'Group' ? { ...written, members: membersAfter(decision) } : written;
  }

  /** Adds an entry of what is no write to the tenant's audit log, with the name of whom it is about. */
  record(tenant: string, author: Author, note: AuditNote): void {
    const { subject } = note;
    const type = subject && subject.name === undefined ? resourceTypes.find((each) => each === subject.type) : undefined;
    const found = subject && type && this.get({ tenant, type, id: subject.id });
    const name = found && nameOf(found.resource);
    this.#audit.addNote(tenant, author, name === undefined || !subject ? note : { ...note, subject: { ...subject, name } });
  }

  putConflict(conflict: RecordedConflict): void {
    this.#conflicts.put(conflict);
  }

  #put(key: Key, decision: Decision, { text, at, revision }: { text: string; at: string; revision: number }): void {
    const { resource, version, passwordHash, current } = decision;
    const columns = indexColumns(resource);
    const { count, digest } = membersAfter(decision);
    const hash = passwordHash ?? null;
    if (!current) {
      const content = { version, at, revision, resource: text, passwordHash: hash, memberCount: count, memberDigest: digest };
      const { lastInsertRowid } = this.#sql.insert.run({ ...columns, ...content, ...key });
      this.#sql.addSearch.run(lastInsertRowid, columns.search);
      this.#lookUp(key, Number(lastInsertRowid), [], lookupsOf(resource));
      return;
    }
    const old = this.#indexed(key);
    this.#sql.update.run(version, at, revision, text, hash, count, digest, old.rowid);
    this.#lookUp(key, old.rowid, lookupsOf(current.resource), lookupsOf(resource));
    // SQLite rewrites the index entries of every column that an update names, changed or not; most edits change none.
    if (isDeepStrictEqual({ ...columns, rowid: old.rowid }, { ...old })) return;
    if (old.search !== columns.search) this.#sql.removeSearch.run(old.rowid, old.search);
    this.#sql.updateIndexed.run({ ...columns, rowid: old.rowid });
    if (old.search !== columns.search) this.#sql.addSearch.run(old.rowid, columns.search);
  }

  #indexed(key: Key): IndexedRow {
    const row = this.#sql.indexed.get(key.tenant, key.type, key.id) as IndexedRow | undefined;
    if (!row) throw new Error('a resource that a transaction has read is there until it ends');
    return row;
  }

  #lookUp({ tenant, type }: Key, rowid: number, before: Lookup[], after: Lookup[]): void {
    const isIn = (list: Lookup[], { path, value }: Lookup) => list.some((other) => other.path === path && other.value === value);
    for (const lookup of before)
      if (!isIn(after, lookup)) this.#sql.removeLookup.run(tenant, type, lookup.path, lookup.value, rowid);
    for (const lookup of after)
      if (!isIn(before, lookup)) this.#sql.addLookup.run(tenant, type, lookup.path, lookup.value, rowid);
  }

  #moveMembers({ tenant, id }: Key, { add, remove }: MemberDecision): void {
    for (const member of remove) this.#sql.removeMember.run(tenant, id, member);
    for (const { value, type } of add) this.#sql.addMember.run(tenant, id, value, type);
  }

  #remove(key: Key, { resource }: Decision): void {
    const old = this.#indexed(key);
    this.#sql.removeSearch.run(old.rowid, old.search);
    this.#lookUp(key, old.rowid, lookupsOf(resource), []);
    if (key.type === 'Group') this.#sql.removeMembers.run(key.tenant, key.id);
    this.#sql.remove.run(old.rowid);
  }
}

/** What a creation or a deletion changes is the record, which stands beside it; toRevision (sqlite-rows.ts) tells it from there. */
function changesText({ type }: Key, { operation, changes }: Decision): string {
  return type === 'User' && isWhole(operation) ? '' : JSON.stringify(changes);
}

function membersAfter({ members, current }: Decision): { count: number; digest: string } {
  const { count, digest } = members ?? current?.members ?? { count: 0, digest: '' };
  return { count, digest };
}

type Lookup = ReturnType<typeof lookupsOf>[number];

export function isSqlite(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_');
}

function uniqueness(key: Key): DirectoryError {
  const message = `Another ${key.type.toLowerCase()} of this tenant has this userName (letter case does not matter). Choose another.`;
  return new DirectoryError('UNIQUENESS', message, { issues: [{ path: 'userName', message: 'Is already taken.' }] });
}
