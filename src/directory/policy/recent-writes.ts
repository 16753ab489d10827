import type Database from 'better-sqlite3';
import type { ResourceType, Revision } from '../resource.ts';
import { toRevision, type RevisionRow } from '../sqlite-rows.ts';
import { revisionColumns } from '../sqlite-statements.ts';

/** Revisions that are looked at for one answer; so many of other tenants may be among them. */
const scannedMax = 200_000;
const scannedAtOnce = 2000;

/** What history says of the last writes of a tenant, newest first. Revisions have no index by time, and need none for this. */
export class RecentWrites {
  readonly #times: Database.Statement;
  readonly #last: Database.Statement;
  readonly #latest: Database.Statement;

  constructor(db: Database.Database) {
    // What somebody has approved is not counted when it is written, either.
    this.#times = db.prepare(
      `select tenant, type, id, at, author ->> '$.id' as actor from revisions
       where author ->> '$.approvedBy' is null order by revision desc limit ?`,
    );
    this.#last = db.prepare(
      `select ${revisionColumns} from revisions where revision between ? and ? and tenant = ? order by revision desc limit ?`,
    );
    this.#latest = db.prepare('select max(revision) as latest from revisions');
  }

  /** Who changed what since a time (RFC 3339, UTC), oldest first. */
  since(tenant: string, time: string): { actor: string; type: ResourceType; id: string; at: string }[] {
    const found: { actor: string; type: ResourceType; id: string; at: string }[] = [];
    type Row = (typeof found)[number] & { tenant: string };
    for (const row of this.#times.iterate(scannedMax) as IterableIterator<Row>) {
      if (row.at < time) break;
      if (row.tenant === tenant) found.push(row);
    }
    return found.toReversed();
  }

  /** The last revisions of a tenant, in pieces, so that others get their turn. */
  async last(tenant: string, limit: number): Promise<Revision[]> {
    const found: Revision[] = [];
    const latest = (this.#latest.get() as { latest: number | null }).latest ?? 0;
    for (let to = latest; to > Math.max(0, latest - scannedMax) && found.length < limit; to -= scannedAtOnce) {
      const rows = this.#last.all(to - scannedAtOnce + 1, to, tenant, limit - found.length) as RevisionRow[];
      found.push(...rows.map(toRevision));
      await new Promise((resolve) => setImmediate(resolve));
    }
    return found;
  }
}
