import type Database from 'better-sqlite3';
import { nameOf } from '../name.ts';
import type { Author, FieldChange } from '../resource.ts';
import { tandem } from '../authors.ts';
import type { Decision, Key } from '../store.ts';
import type { AuditKind, AuditNote } from './entry.ts';
import { canonical, digestOf, fitText, genesis, hashOf, toActor, toDetail, type StoredRevision } from './hashing.ts';

/**
 * The table of audit entries; an entry of the store's migrations. It has few indexes, since an entry is added with every write
 * (docs/decisions/0015-the-audit-log-has-few-indexes.md).
 */
export const auditMigration = `
  create table audit (
    tenant text not null,
    seq integer not null,
    kind text not null,
    entry text not null,
    hash text not null,
    primary key (tenant, seq)
  ) strict, without rowid;
  create index audit_kind on audit (tenant, kind) where kind <> 'write';
`;

/**
 * The last entry of each chain that is no write, so that one which is cut off at the end is missed. One of a write is missed
 * already: its revision is there.
 */
export const auditEndMigration = `
  create table audit_ends (tenant text primary key, seq integer not null, hash text not null) strict, without rowid;
  insert into audit_ends (tenant, seq, hash) select tenant, max(seq), hash from audit group by tenant;
`;

/**
 * The same table, its rows in the order in which they come, whatever tenant they are of: SQLite appends to it without moving the
 * rows before, so that a commit of many writes has fewer pages.
 */
export const auditOrderMigration = `
  create table audit_in_order (
    tenant text not null,
    seq integer not null,
    kind text not null,
    entry text not null,
    hash text not null
  ) strict;
  insert into audit_in_order (tenant, seq, kind, entry, hash) select tenant, seq, kind, entry, hash from audit order by tenant, seq;
  drop table audit;
  alter table audit_in_order rename to audit;
  create unique index audit_place on audit (tenant, seq);
  create index audit_kind on audit (tenant, kind, seq) where kind <> 'write';
`;

/** How a deleted tenant's entries go, a few at a time. */
export const auditRemoval = [
  'delete from audit_ends where tenant = :tenant and :limit > 0',
  'delete from audit where rowid in (select rowid from audit where tenant = :tenant limit :limit)',
];

const fieldsMax = 12;

interface Head {
  seq: number;
  at: string;
  hash: string;
}

/** Adds entries to the tenants' chains, inside the transaction that is open on the connection. */
export class AuditLog {
  readonly #add: Database.Statement;
  readonly #last: Database.Statement;
  readonly #end: Database.Statement;
  readonly #latest: Database.Statement;
  readonly #tenants: Database.Statement;
  /** The end of each chain as the open transaction sees it. */
  readonly #heads = new Map<string, Head>();

  constructor(db: Database.Database) {
    this.#add = db.prepare('insert into audit (tenant, seq, kind, entry, hash) values (?, ?, ?, ?, ?)');
    this.#last = db.prepare("select seq, entry ->> '$.at' as at, hash from audit where tenant = ? order by seq desc limit 1");
    this.#end = db.prepare('insert or replace into audit_ends (tenant, seq, hash) values (?, ?, ?)');
    this.#latest = db.prepare('select max(revision) as latest from revisions');
    this.#tenants = db.prepare("select id, name from tenants where state <> 'deleted'");
  }

  /** To be called whenever entries went again: a transaction or a savepoint was undone, a tenant was removed. */
  forgetHeads(): void {
    this.#heads.clear();
  }

  /** Begins the chains of all tenants, in a directory that had none. */
  beginAll(): void {
    for (const { id, name } of this.#tenants.all() as { id: string; name: string }[])
      this.begin(id, tandem, { event: 'audit_begun', subject: { type: 'Tenant', id, name } });
  }

  /** Begins a tenant's chain: with the number of the last revision before, since which each has its entry. */
  begin(tenant: string, author: Author, note: Omit<AuditNote, 'kind'>): void {
    const { latest } = this.#latest.get() as { latest: number | null };
    this.addNote(tenant, author, { kind: 'tenant', ...note, detail: { ...note.detail, revision: latest ?? 0 } });
  }

  /** Adds the entry of a write. @param stored the revision as it was stored. */
  addWrite({ tenant, type, id }: Key, { author, changes, resource }: Decision, stored: StoredRevision): void {
    const { revision, operation, version } = stored;
    const { seq, at, hash: previous } = this.#next(tenant, stored.at);
    const fields = operation === 'replace' || operation === 'patch' ? fieldsOf(changes) : undefined;
    // Canonical without more work, since the names are in order and every value is a string, an integer, or a list of strings.
    const text = JSON.stringify({
      actor: toActor(author),
      at,
      detail: { digest: digestOf(stored), fields },
      event: operation,
      kind: 'write' satisfies AuditKind,
      previous,
      revision,
      seq,
      subject: { id, name: fitText(nameOf(resource)), type },
      tenant,
      version,
    });
    this.#append(tenant, 'write', { seq, at, text });
  }

  /** Adds an entry of what is no write. */
  addNote(tenant: string, author: Author, { kind, event, subject, version, detail }: AuditNote): void {
    const { seq, at, hash: previous } = this.#next(tenant, new Date().toISOString());
    const { id = '', type = '', name } = subject ?? {};
    const text = canonical({
      tenant,
      seq,
      at,
      kind,
      event: fitText(event),
      actor: toActor(author),
      ...(subject && { subject: { id: fitText(id), type: fitText(type), ...(name !== undefined && { name: fitText(name) }) } }),
      ...(version !== undefined && { version: fitText(version) }),
      detail: toDetail(detail),
      previous,
    });
    this.#end.run(tenant, seq, this.#append(tenant, kind, { seq, at, text }));
  }

  #next(tenant: string, at: string): Head {
    const head = this.#heads.get(tenant) ?? (this.#last.get(tenant) as Head | undefined) ?? { seq: 0, at: '', hash: genesis };
    // A clock that was set back must not make the order of the times another one.
    return { seq: head.seq + 1, at: at > head.at ? at : head.at, hash: head.hash };
  }

  #append(tenant: string, kind: AuditKind, { seq, at, text }: { seq: number; at: string; text: string }): string {
    const hash = hashOf(text);
    this.#add.run(tenant, seq, kind, text, hash);
    this.#heads.set(tenant, { seq, at, hash });
    return hash;
  }
}

/** The attributes that changed, each once; members as one. */
function fieldsOf(changes: readonly FieldChange[]): string[] {
  const fields = new Set<string>();
  for (const { path } of changes) {
    fields.add(path.startsWith('members') ? 'members' : fitText(path));
    if (fields.size === fieldsMax) break;
  }
  return [...fields];
}
