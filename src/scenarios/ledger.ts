import type { LostUpdate, Subject } from './event.ts';
import { isMemberPath, valueAt, type Json } from './record.ts';

/** A write that the server acknowledged. */
export interface Acknowledged {
  /** The lane, which the history names as the author. */
  by: string;
  subject: Subject;
  /** The version that the server said it has now. */
  version: string;
  /** What the writer meant to set, by SCIM path; of members `true` or nothing. */
  sets: Readonly<Record<string, unknown>>;
  /** What the writer knew to stand at these paths when it sent the write. */
  knew: Readonly<Record<string, unknown>>;
}

/** One entry of a history, as scim_get_history answers it. */
export interface PastVersion {
  version: string;
  actor: { name: string };
  changes: { path: string; before?: unknown; after?: unknown }[];
}

/** What the ledger is held against: the directory as it is at the end. */
export interface Witness {
  record(subject: Subject): Promise<Json | undefined>;
  /** Oldest first. */
  history(subject: Subject): Promise<PastVersion[]>;
}

interface Placed {
  write: Acknowledged;
  /** Its place in the history. */
  at: number;
}

/**
 * What was acknowledged in a run. At the end it is held against the directory: each field of each write must be there, or a later
 * write must have overwritten it that meant to, and whose writer knew what it overwrote.
 */
export class Ledger {
  readonly #writes: Acknowledged[] = [];

  acknowledge(write: Acknowledged): void {
    this.#writes.push(write);
  }

  /** Reads everything that was written, and its history. @returns what is gone. */
  async lost(witness: Witness): Promise<LostUpdate[]> {
    const bySubject = Map.groupBy(this.#writes, ({ subject: { type, id } }) => `${type} ${id}`);
    const lost: LostUpdate[] = [];
    for (const writes of bySubject.values()) {
      const [first] = writes;
      if (!first) continue;
      const { subject } = first;
      lost.push(...lostOf(subject, writes, await witness.record(subject), await witness.history(subject)));
    }
    return lost;
  }
}

function lostOf(
  subject: Subject,
  writes: readonly Acknowledged[],
  now: Json | undefined,
  history: readonly PastVersion[],
): LostUpdate[] {
  const lost: LostUpdate[] = [];
  const placed = new Map<number, Acknowledged>();
  const places: Placed[] = [];
  for (const write of writes) {
    const own = history.findIndex(
      ({ version, actor }, index) => version === write.version && actor.name === write.by && !placed.has(index),
    );
    // A write that found everything as it wanted it has made no version.
    const at = own >= 0 ? own : history.findLastIndex(({ version }) => version === write.version);
    if (own >= 0) placed.set(own, write);
    if (at >= 0) places.push({ write, at });
    else lost.push(...Object.keys(write.sets).map((field) => ({ resource: subject, field, by: write.by })));
  }
  for (const { write, at } of places)
    for (const [field, wanted] of Object.entries(write.sets)) {
      const next = history.findIndex(({ changes }, index) => index > at && changes.some(({ path }) => path === field));
      const change = history[next]?.changes.find(({ path }) => path === field);
      const over = placed.get(next);
      if (!change) {
        if (!same(valueAt(now, field), wanted)) lost.push({ resource: subject, field, by: write.by });
      } else if (!over || !(field in over.sets) || !same(over.knew[field], told(field, change.before))) {
        const by = history[next]?.actor.name;
        lost.push({ resource: subject, field, by: write.by, ...(by !== undefined && { overwrittenBy: by }) });
      }
    }
  return lost;
}

/** A value of the history as `valueAt` gives it. */
function told(path: string, value: unknown): unknown {
  return isMemberPath(path) ? (value === undefined ? undefined : true) : value;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
