import { z } from 'zod';
import { tandem } from '../authors.ts';
import { limits } from '../limits.ts';
import type { Revision } from '../resource.ts';
import type { Key, Store, Transaction } from '../store.ts';
import type { Tenants } from '../tenants.ts';

/** How much of the history of its users and groups a tenant keeps; what is left out is no limit. */
export const retentionSchema = z.strictObject({
  /** Versions that were replaced longer ago than so many days may go. */
  days: z.int().min(1).max(36_500).optional(),
  /** Of each user or group, versions beyond so many may go. */
  versions: z.int().min(1).max(1_000_000).optional(),
});
export type RetentionSettings = z.infer<typeof retentionSchema>;

type Outline = readonly Pick<Revision, 'revision' | 'at' | 'version' | 'operation'>[];

const dayMs = 86_400_000;
/** Nothing younger goes, whatever the settings say: clients reconnect, and drafts are merged, with what it knows. */
const youngMs = dayMs;

/**
 * Before which revision of a resource its history may go. What remains is the newest revisions, without a gap: the newest one of all, of a
 * resource that exists; the one that was valid at the beginning of the days that are kept; those younger than a day; those held.
 * @param newestFirst all of its revisions.
 * @param held raw versions that somebody still works with.
 * @returns undefined where all are kept.
 */
export function prunableBefore(
  newestFirst: Outline,
  { days, versions }: RetentionSettings,
  { now, held }: { now: number; held: readonly string[] },
): number | undefined {
  const newest = newestFirst[0];
  const oldest = newestFirst.at(-1);
  if (!newest || !oldest) return undefined;
  const end = days === undefined ? undefined : new Date(now - days * dayMs).toISOString();
  const isGone = newest.operation === 'delete' && end !== undefined && newest.at <= end;
  const byAge = end === undefined ? undefined : newestFirst.find(({ at }) => at <= end)?.revision;
  const byCount = versions === undefined ? undefined : newestFirst[versions - 1]?.revision;
  const wanted = isGone ? newest.revision + 1 : Math.max(byAge ?? 0, byCount ?? 0);
  const young = newestFirst.findLast(({ at }) => at > new Date(now - youngMs).toISOString());
  const heldOnes = newestFirst.filter(({ version }) => held.includes(version));
  const kept = [...heldOnes, ...(young ? [young] : [])].map(({ revision }) => revision);
  const before = Math.min(wanted, ...kept);
  return before > oldest.revision ? before : undefined;
}

const firstAfterMs = 60_000;
const everyMs = 3_600_000;

/** Removes what tenants do not want to keep of their history, now and then, in steps that hold the process for a few milliseconds. */
export class Retention {
  /** The versions of a resource that somebody still works with; asked before any of them goes. */
  holds: (key: Key) => readonly string[] = () => [];
  readonly #store: Store;
  readonly #tenants: Tenants;
  #timer: NodeJS.Timeout;
  #running: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(store: Store, tenants: Tenants) {
    this.#store = store;
    this.#tenants = tenants;
    this.#timer = setTimeout(() => this.#again(), firstAfterMs).unref();
  }

  #again(): void {
    // What cannot be removed now, for example since the disk is full, is removed an hour later.
    void this.run().catch(() => undefined);
    this.#timer = setTimeout(() => this.#again(), everyMs).unref();
  }

  /** Removes what may go now. @param now for tests. @returns how many revisions went. */
  async run(now = Date.now()): Promise<number> {
    const run = this.#running.then(() => this.#run(now));
    this.#running = run.catch(() => undefined);
    return run;
  }

  async #run(now: number): Promise<number> {
    let removed = 0;
    for (const { id, settings } of this.#tenants.list()) {
      const { history } = settings;
      if (history.days === undefined && history.versions === undefined) continue;
      const before = removed;
      for (let after: { type: string; id: string } | undefined = { type: '', id: '' }; after && !this.#closed;) {
        const page = this.#store.past.kept(id, after, limits.retentionStep);
        after = page.at(-1);
        for (const { type, id: resource, count } of page)
          if (history.days !== undefined || count > (history.versions ?? count))
            removed += await this.#prune({ tenant: id, type, id: resource }, history, now);
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (removed > before) await this.#tell(id, removed - before);
    }
    return removed;
  }

  async #prune(key: Key, settings: RetentionSettings, now: number): Promise<number> {
    const beforeWhich = (outline: Outline) => prunableBefore(outline, settings, { now, held: this.holds(key) });
    // Looked at outside of a transaction first: most have nothing to remove.
    if (beforeWhich(this.#store.past.outline(key)) === undefined) return 0;
    let removed = 0;
    const step = ({ past }: Transaction): number => {
      const before = beforeWhich(past.outline(key));
      return before === undefined ? 0 : past.prune(key, before, limits.rowsRemovedAtOnceMax);
    };
    for (let went = -1; went !== 0 && !this.#closed; removed += went) went = await this.#store.write(step);
    return removed;
  }

  async #tell(tenant: string, removed: number): Promise<void> {
    const note = { kind: 'retention', event: 'pruned', detail: { revisions: removed } } as const;
    await this.#store.write((transaction) => transaction.record(tenant, tandem, note));
  }

  /** Ends after the step that is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }
}
