import type Database from 'better-sqlite3';
import { nextNumber } from './database.ts';
import { DemoError } from './error.ts';
import { perTenantMax, type DemoPage, type Owner } from './owner.ts';

/** An appointment of the demonstration. */
export interface Appointment {
  /** For example `A-3`. */
  id: string;
  name: string;
  /** YYYY-MM-DD. */
  date: string;
  createdBy: { id: string; name: string };
  /** RFC 3339, UTC. */
  created: string;
}

interface Row {
  number: number;
  name: string;
  date: string;
  by_id: string;
  by_name: string;
  created: number;
}

/** The appointments of the demonstration, each tenant its own. */
export class Appointments {
  readonly #db: Database.Database;
  readonly #clock: () => Date;

  constructor(db: Database.Database, clock: () => Date) {
    this.#db = db;
    this.#clock = clock;
  }

  /**
   * @param key of the call that asks for it: the same call, sent again, gets the same appointment.
   * @throws DemoError TOO_MANY.
   */
  book({ tenant, id, name: byName }: Owner, key: string, { name, date }: Pick<Appointment, 'name' | 'date'>): Appointment {
    return this.#db
      .transaction(() => {
        const known = this.#db
          .prepare<[string, string, string], Row>('select * from appointments where tenant = ? and by_id = ? and key = ?')
          .get(tenant, id, key);
        if (known) return toAppointment(known);
        if (this.#count(tenant) >= perTenantMax)
          throw new DemoError('TOO_MANY', `There are ${perTenantMax} appointments already. Delete some first.`);
        const number = nextNumber(this.#db, tenant, 'appointment');
        const row: Row = { number, name, date, by_id: id, by_name: byName, created: this.#clock().getTime() };
        this.#db
          .prepare(
            `insert into appointments (tenant, number, key, name, date, by_id, by_name, created)
             values (@tenant, @number, @key, @name, @date, @by_id, @by_name, @created)`,
          )
          .run({ ...row, tenant, key });
        return toAppointment(row);
      })
      .immediate();
  }

  /** @param before the number at which the page before said to go on. */
  list(tenant: string, { limit, before }: { limit: number; before?: number | undefined }): DemoPage<Appointment> {
    const rows = this.#db
      .prepare<[string, number, number], Row>(
        'select * from appointments where tenant = ? and number < ? order by number desc limit ?',
      )
      .all(tenant, before ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const items = rows.slice(0, limit).map(toAppointment);
    const last = rows[limit - 1];
    return { items, total: this.#count(tenant), ...(rows.length > limit && last && { next: last.number }) };
  }

  /** @throws DemoError NOT_FOUND. */
  delete(tenant: string, id: string): void {
    const { changes } = this.#db
      .prepare('delete from appointments where tenant = ? and number = ?')
      .run(tenant, Number(/^A-(\d{1,15})$/.exec(id)?.[1] ?? -1));
    if (changes === 0) throw new DemoError('NOT_FOUND', 'There is no such appointment any more.');
  }

  #count(tenant: string): number {
    const row = this.#db.prepare<[string], { n: number }>('select count(*) n from appointments where tenant = ?').get(tenant);
    return row?.n ?? 0;
  }
}

function toAppointment({ number, name, date, by_id, by_name, created }: Row): Appointment {
  const createdBy = { id: by_id, name: by_name };
  return { id: `A-${number}`, name, date, createdBy, created: new Date(created).toISOString() };
}
