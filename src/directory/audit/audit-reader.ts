import type Database from 'better-sqlite3';
import type { AuditKind } from './entry.ts';
import type { AuditRow } from './hashing.ts';

/** Which entries a reader wants: those between two places, of a kind, whose text has all these pieces. */
interface Range {
  tenant: string;
  /** Only before this place. */
  before: number;
  /** Not before this place. */
  from: number;
  kind?: AuditKind | undefined;
  /** ASCII, in lower case, as JSON has it. */
  pieces: readonly string[];
}

const columns = 'tenant, seq, kind, entry, hash';

/** Reads the entries that are there; on the connection of the store. */
export class AuditReader {
  readonly #db: Database.Database;
  readonly #bounds: Database.Statement;
  readonly #next: Database.Statement;
  readonly #at: Database.Statement;

  constructor(db: Database.Database) {
    this.#db = db;
    // Both in one would read all that lies between.
    this.#bounds = db.prepare(
      `select (select min(seq) from audit where tenant = :tenant) as first, (select max(seq) from audit where tenant = :tenant) as last`,
    );
    this.#next = db.prepare(`select ${columns} from audit where tenant = ? and seq >= ? order by seq limit ?`);
    this.#at = db.prepare(`select entry ->> '$.at' as at from audit where tenant = ? and seq >= ? order by seq limit 1`);
  }

  /** The last place of a tenant's chain; 0 if it has none. */
  last(tenant: string): number {
    return (this.#bounds.get({ tenant }) as { last: number | null }).last ?? 0;
  }

  /** Entries from a place on, oldest first. */
  from(tenant: string, seq: number, limit: number): AuditRow[] {
    return this.#next.all(tenant, seq, limit) as AuditRow[];
  }

  /** The first place whose entry is of that time or later; one after the last if none is. Times never go back in a chain. */
  placeAt(tenant: string, at: string): number {
    const { first, last } = this.#bounds.get({ tenant }) as { first: number | null; last: number | null };
    let low = first ?? 1;
    let high = (last ?? 0) + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const found = this.#at.get(tenant, middle) as { at: string } | undefined;
      if (found && found.at < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Entries of a range, newest first. Without a kind other than `write` it looks at every entry of the range. */
  newest({ tenant, before, from, kind, pieces }: Range, limit: number): AuditRow[] {
    const conditions = pieces.map(() => 'and instr(lower(entry), ?) > 0');
    // Said in the words of the index of all but writes, which are most.
    if (kind !== undefined) conditions.push(kind === 'write' ? "and +kind = 'write'" : "and kind = ? and kind <> 'write'");
    const statement = this.#db.prepare(
      `select ${columns} from audit where tenant = ? and seq < ? and seq >= ? ${conditions.join(' ')} order by seq desc limit ?`,
    );
    const kinds = kind === undefined || kind === 'write' ? [] : [kind];
    return statement.all(tenant, before, from, ...pieces, ...kinds, limit) as AuditRow[];
  }
}
