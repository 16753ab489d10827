import type Database from 'better-sqlite3';
import type { Escalation, EscalationState } from './escalation.ts';

/** The table of escalations; an entry of the store's migrations. */
export const escalationMigration = `
  create table escalations (
    sequence integer primary key autoincrement,
    id text not null unique,
    tenant text not null,
    from_id text not null,
    to_id text not null,
    subject_id text not null,
    asked text not null,
    state text not null,
    created text not null,
    deadline text not null,
    escalation text not null
  ) strict;
  create index escalations_tenant on escalations (tenant, state, sequence);
  create index escalations_pending on escalations (deadline) where state = 'pending';
`;

/** How a deleted tenant's escalations go, a few at a time. */
export const escalationRemoval =
  'delete from escalations where sequence in (select sequence from escalations where tenant = :tenant limit :limit)';

/** Which escalations a list is about. */
export interface EscalationQuery {
  tenant: string;
  state?: EscalationState | undefined;
  /** Only those from or to this agent. */
  party?: string | undefined;
  /** Only those to this agent, or to `people`. */
  to?: string | undefined;
  /** Older than the one with this place. */
  before?: number | undefined;
  limit: number;
}

export interface EscalationRow {
  sequence: number;
  escalation: Escalation;
}

/** The escalations in SQLite. Reads and writes on the connection that it is made with. */
export class EscalationLog {
  readonly #put: Database.Statement;
  readonly #get: Database.Statement;
  readonly #asked: Database.Statement;
  readonly #list: Database.Statement;
  readonly #same: Database.Statement;
  readonly #counts: Database.Statement;
  readonly #due: Database.Statement;
  readonly #next: Database.Statement;
  readonly #about: Database.Statement;
  readonly #forget: Database.Statement;

  constructor(db: Database.Database) {
    this.#put = db.prepare(
      `insert into escalations (id, tenant, from_id, to_id, subject_id, asked, state, created, deadline, escalation)
       values (:id, :tenant, :from, :to, :subject, :asked, :state, :created, :deadline, :escalation)
       on conflict (id) do update set to_id = excluded.to_id, state = excluded.state, escalation = excluded.escalation`,
    );
    this.#get = db.prepare('select escalation from escalations where tenant = ? and id = ?');
    this.#asked = db.prepare('select asked from escalations where id = ?');
    this.#list = db.prepare(
      `select sequence, escalation from escalations where tenant = :tenant and (:state is null or state = :state)
       and (:party is null or :party in (from_id, to_id)) and (:to is null or to_id = :to)
       and (:before is null or sequence < :before) order by sequence desc limit :limit`,
    );
    this.#same = db.prepare(
      `select escalation from escalations where tenant = ? and state = 'pending' and from_id = ? and to_id = ? and asked = ?`,
    );
    this.#counts = db.prepare(
      `select count(*) as inTenant, count(*) filter (where from_id = :agent) as fromAgent,
        count(*) filter (where to_id = :to) as toParty from escalations where tenant = :tenant and state = 'pending'`,
    );
    this.#due = db.prepare(
      `select escalation from escalations where state = 'pending' and deadline <= ? order by deadline limit ?`,
    );
    this.#next = db.prepare(`select min(deadline) as deadline from escalations where state = 'pending'`);
    this.#about = db.prepare(
      `select escalation from escalations where tenant = ? and state = 'pending' and subject_id = ? limit ?`,
    );
    this.#forget = db.prepare(
      `delete from escalations where sequence in
        (select sequence from escalations where state <> 'pending' and created < ? order by sequence limit ?)`,
    );
  }

  /** Adds an escalation, or writes over the one with its id. @param asked a digest of what is asked, see `same`. */
  put(escalation: Escalation, asked = ''): void {
    const { id, tenant, from, to, subject, state, created, deadline } = escalation;
    this.#put.run({
      id,
      tenant,
      from: from.id,
      to,
      subject: subject.id,
      asked,
      state,
      created,
      deadline,
      escalation: JSON.stringify(escalation),
    });
  }

  get(tenant: string, id: string): Escalation | undefined {
    return read(this.#get.all(tenant, id))[0];
  }

  /** The digest of what was asked. */
  asked(id: string): string | undefined {
    return (this.#asked.get(id) as { asked: string } | undefined)?.asked;
  }

  /** Newest first. */
  list({ tenant, state, party, to, before, limit }: EscalationQuery): EscalationRow[] {
    const bound = { tenant, state: state ?? null, party: party ?? null, to: to ?? null, before: before ?? null, limit };
    return (this.#list.all(bound) as { sequence: number; escalation: string }[]).map(({ sequence, escalation }) => ({
      sequence,
      escalation: JSON.parse(escalation) as Escalation,
    }));
  }

  /** The pending one in which the same agent asks the same. */
  same(tenant: string, from: string, to: string, asked: string): Escalation | undefined {
    return read(this.#same.all(tenant, from, to, asked))[0];
  }

  /** How many are pending: in the tenant, from an agent, to an agent or to people. */
  pending(tenant: string, agent: string, to: string): { inTenant: number; fromAgent: number; toParty: number } {
    return this.#counts.get({ tenant, agent, to }) as { inTenant: number; fromAgent: number; toParty: number };
  }

  /** Of all tenants: the pending ones whose deadline has passed. */
  due(now: string, limit: number): Escalation[] {
    return read(this.#due.all(now, limit));
  }

  /** The next deadline of all. */
  nextDeadline(): string | undefined {
    return (this.#next.get() as { deadline: string | null }).deadline ?? undefined;
  }

  /** The pending ones about a user or group. */
  about(tenant: string, subject: string, limit: number): Escalation[] {
    return read(this.#about.all(tenant, subject, limit));
  }

  /** Removes some of those that were settled and are older. */
  forget(before: string, limit: number): void {
    this.#forget.run(before, limit);
  }
}

function read(rows: unknown[]): Escalation[] {
  return (rows as { escalation: string }[]).map(({ escalation }) => JSON.parse(escalation) as Escalation);
}
