import type Database from 'better-sqlite3';
import { Appointments } from './appointments.ts';
import { openDatabase } from './database.ts';
import { DemoError } from './error.ts';
import { SignIns } from './sign-ins.ts';
import { Tickets } from './tickets.ts';

/** What the tools of the demonstration keep: tickets, appointments, and sign-ins that wait. */
export class Demo {
  readonly tickets: Tickets;
  readonly appointments: Appointments;
  readonly signIns: SignIns;
  readonly #db: Database.Database;

  private constructor(db: Database.Database, clock: () => Date) {
    this.#db = db;
    this.tickets = new Tickets(db, clock);
    this.appointments = new Appointments(db, clock);
    this.signIns = new SignIns(db, clock);
  }

  /**
   * @param path of `demo.db`; it is made if absent.
   * @throws DemoError UNAVAILABLE if it is damaged or unreadable; it is never replaced silently.
   */
  static open(path: string, { clock = () => new Date() }: { clock?: () => Date } = {}): Demo {
    try {
      return new Demo(openDatabase(path), clock);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `${path} cannot be opened: ${reason}. Restore it from a backup, or delete it: it holds the demonstration's tickets and appointments only.`;
      throw new DemoError('UNAVAILABLE', message, { cause: error });
    }
  }

  /** Drops what tenants have left behind that are gone. @param tenants the ids of those that there are. */
  forgetTenantsBut(tenants: readonly string[]): void {
    const ids = JSON.stringify(tenants);
    this.#db.transaction(() => {
      for (const table of ['counters', 'tickets', 'appointments', 'sign_ins'])
        this.#db.prepare(`delete from ${table} where tenant not in (select value from json_each(?))`).run(ids);
    })();
  }

  close(): void {
    this.signIns.close();
    this.#db.close();
  }
}
