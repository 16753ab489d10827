import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Directory, EventStream } from '../directory/index.ts';
import { streamLimits } from './limits.ts';
import { eventIds } from './security-event.ts';

interface Waiting {
  revision: number;
  /** When a poll was given it last, in milliseconds since the epoch. */
  offered: number;
}

/**
 * What a stream has still to deliver: a position in the directory's history, and the changes after it of which no receipt was
 * given. It holds their numbers only, a bounded lot of them; the directory has the rest.
 */
export class Outbox {
  readonly #directory: Directory;
  #stream: EventStream;
  readonly #received: Set<number>;
  /** By `jti`, oldest first. */
  readonly #waiting = new Map<string, Waiting>();
  /** All changes up to this revision have been looked at. */
  #scanned: number;
  /** Whether there were changes that there was no room for. */
  #isBehind = false;
  #filling: Promise<void> | undefined;

  constructor(directory: Directory, stream: EventStream) {
    this.#directory = directory;
    this.#stream = stream;
    this.#received = new Set(stream.received);
    this.#scanned = stream.position;
  }

  /** The stream as it is kept, but for what has become of it since the last `save`. */
  get stream(): EventStream {
    return this.#stream;
  }

  get waiting(): { count: number; hasMore: boolean } {
    return { count: this.#waiting.size, hasMore: this.#isBehind };
  }

  /** The oldest that waits. */
  get first(): { jti: string; revision: number } | undefined {
    for (const [jti, { revision }] of this.#waiting) return { jti, revision };
    return undefined;
  }

  /** Looks for new changes of the tenant, as far as there is room. */
  fill(): Promise<void> {
    return (this.#filling ??= this.#fill().finally(() => (this.#filling = undefined)));
  }

  async #fill(): Promise<void> {
    for (;;) {
      const latest = await this.#directory.latestRevision();
      const room = streamLimits.aheadMax - this.#waiting.size;
      this.#isBehind = this.#scanned < latest;
      if (!this.#isBehind || room === 0) break;
      const range = { after: this.#scanned, through: Math.min(this.#scanned + streamLimits.scanStep, latest), limit: room };
      const marks = await this.#directory.changeMarks(this.#stream.tenant, range);
      for (const mark of marks)
        if (!this.#received.has(mark.revision))
          this.#waiting.set(eventIds(this.#stream, mark).jti, { revision: mark.revision, offered: 0 });
      this.#scanned = marks.length === room ? (marks.at(-1)?.revision ?? range.through) : range.through;
      // Others are served between two steps through a long history.
      await nextTurn();
    }
    // A stream that is told nothing for long would otherwise begin far back. If the disk refuses, it does.
    if (this.#waiting.size === 0 && this.#scanned - this.#stream.position >= streamLimits.unsavedMax)
      await this.save().catch(() => {});
  }

  /** What waits, oldest first. @param before only what no poll was given since then, in milliseconds since the epoch. */
  list(limit: number, before = Number.POSITIVE_INFINITY): { jti: string; revision: number }[] {
    const found: { jti: string; revision: number }[] = [];
    for (const [jti, { revision, offered }] of this.#waiting) {
      if (found.length >= limit) break;
      if (offered < before) found.push({ jti, revision });
    }
    return found;
  }

  /** When the first of those that a poll was given was given, in milliseconds since the epoch. */
  get firstOffered(): number | undefined {
    const times = [...this.#waiting.values()].map(({ offered }) => offered);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  offer(jti: string, at: number): void {
    const waiting = this.#waiting.get(jti);
    if (waiting) waiting.offered = at;
  }

  /** Notes that some were received, or that their receiver does not want them. @returns how many of them waited. */
  settle(jtis: Iterable<string>): number {
    let settled = 0;
    for (const jti of jtis) {
      const waiting = this.#waiting.get(jti);
      if (!waiting) continue;
      this.#waiting.delete(jti);
      this.#received.add(waiting.revision);
      settled++;
    }
    return settled;
  }

  /**
   * Brings onto the disk how far the stream is, and what else of it changes.
   * @throws DirectoryError UNAVAILABLE; the next call brings this along.
   */
  async save(change: Partial<Pick<EventStream, 'delivery' | 'problem'>> = {}): Promise<void> {
    const position = (this.first?.revision ?? this.#scanned + 1) - 1;
    for (const revision of this.#received) if (revision <= position) this.#received.delete(revision);
    const received = [...this.#received].toSorted((a, b) => a - b);
    this.#stream = { ...this.#stream, ...change, position, received };
    await this.#directory.updateEventStream(this.#stream);
  }
}
