import type Database from 'better-sqlite3';
import { nextNumber } from './database.ts';
import { DemoError } from './error.ts';
import { perTenantMax, type DemoPage, type Owner } from './owner.ts';

export const priorities = ['low', 'medium', 'high'] as const;
export type Priority = (typeof priorities)[number];

/** A ticket of the demonstration. */
export interface Ticket {
  /** For example `T-12`. */
  id: string;
  description: string;
  reporterName: string;
  reporterEmail?: string;
  priority: Priority;
  createdBy: { id: string; name: string };
  /** RFC 3339, UTC. */
  created: string;
}

interface Row {
  number: number;
  description: string;
  reporter_name: string;
  reporter_email: string | null;
  priority: Priority;
  by_id: string;
  by_name: string;
  created: number;
}

/** The tickets of the demonstration, each tenant its own. */
export class Tickets {
  readonly #db: Database.Database;
  readonly #clock: () => Date;

  constructor(db: Database.Database, clock: () => Date) {
    this.#db = db;
    this.#clock = clock;
  }

  /**
   * @param key of the call that asks for it: the same call, sent again, gets the same ticket.
   * @throws DemoError TOO_MANY.
   */
  create(
    { tenant, id, name }: Owner,
    key: string,
    ticket: Pick<Ticket, 'description' | 'reporterName' | 'priority'> & { reporterEmail?: string | undefined },
  ): Ticket {
    return this.#db
      .transaction(() => {
        const known = this.#db
          .prepare<[string, string, string], Row>('select * from tickets where tenant = ? and by_id = ? and key = ?')
          .get(tenant, id, key);
        if (known) return toTicket(known);
        if (this.#count(tenant) >= perTenantMax)
          throw new DemoError('TOO_MANY', `There are ${perTenantMax} tickets already. Delete some first.`);
        const row: Row = {
          number: nextNumber(this.#db, tenant, 'ticket'),
          description: ticket.description,
          reporter_name: ticket.reporterName,
          reporter_email: ticket.reporterEmail ?? null,
          priority: ticket.priority,
          by_id: id,
          by_name: name,
          created: this.#clock().getTime(),
        };
        this.#db
          .prepare(
            `insert into tickets (tenant, number, key, description, reporter_name, reporter_email, priority, by_id, by_name, created)
             values (@tenant, @number, @key, @description, @reporter_name, @reporter_email, @priority, @by_id, @by_name, @created)`,
          )
          .run({ ...row, tenant, key });
        return toTicket(row);
      })
      .immediate();
  }

  /** @param before the number at which the page before said to go on. */
  list(tenant: string, { limit, before }: { limit: number; before?: number | undefined }): DemoPage<Ticket> {
    const rows = this.#db
      .prepare<[string, number, number], Row>(
        'select * from tickets where tenant = ? and number < ? order by number desc limit ?',
      )
      .all(tenant, before ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const items = rows.slice(0, limit).map(toTicket);
    const last = rows[limit - 1];
    return { items, total: this.#count(tenant), ...(rows.length > limit && last && { next: last.number }) };
  }

  /** @throws DemoError NOT_FOUND. */
  delete(tenant: string, id: string): void {
    const { changes } = this.#db
      .prepare('delete from tickets where tenant = ? and number = ?')
      .run(tenant, Number(/^T-(\d{1,15})$/.exec(id)?.[1] ?? -1));
    if (changes === 0) throw new DemoError('NOT_FOUND', 'There is no such ticket any more.');
  }

  #count(tenant: string): number {
    const row = this.#db.prepare<[string], { n: number }>('select count(*) n from tickets where tenant = ?').get(tenant);
    return row?.n ?? 0;
  }
}

function toTicket(row: Row): Ticket {
  return {
    id: `T-${row.number}`,
    description: row.description,
    reporterName: row.reporter_name,
    ...(row.reporter_email !== null && { reporterEmail: row.reporter_email }),
    priority: row.priority,
    createdBy: { id: row.by_id, name: row.by_name },
    created: new Date(row.created).toISOString(),
  };
}
