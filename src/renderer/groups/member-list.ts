import type { Change, Member } from '../../directory/pure.ts';
import { byKindAndName, memberChangesOf } from './member-changes.ts';

/** What a screen knows of a group's members. */
export interface Members {
  /** Groups first, then people, by name. While the first load goes on, those that are there already. */
  shown: readonly Member[];
  ids: ReadonlySet<string>;
  loading: boolean;
  /** Whether these are all of them. */
  complete: boolean;
  /** How many were read so far, while loading. */
  read: number;
  error?: unknown;
}

/** Where members come from; the directory, but in tests. */
export interface MemberSource {
  /** The group's version now. */
  version(): Promise<string>;
  /** Members in the order of their ids, after one of them. */
  page(after: string | undefined): Promise<{ members: Member[]; isLast: boolean }>;
}

/** More than this many are not read unasked. */
const readMax = 100_000;
const nothing: Members = { shown: [], ids: new Set(), loading: true, complete: false, read: 0 };

/**
 * The members of one group: read page by page, then kept right by the changes that are announced, so that one more member
 * of 50,000 does not read the others again. It knows at which version of the group it stands, and reads all of them again
 * where a change is missing.
 */
export class MemberList {
  readonly #source: MemberSource;
  readonly #onChange: () => void;
  #members = new Map<string, Member>();
  /** What is being read, and who left meanwhile: a page that was under way may still name them. */
  #reading: { fresh: Map<string, Member>; gone: Set<string> } | undefined;
  #version: string | undefined;
  #limit = readMax;
  #state: Members = nothing;

  constructor(source: MemberSource, onChange: () => void) {
    this.#source = source;
    this.#onChange = onChange;
    void this.load();
  }

  get state(): Members {
    return this.#state;
  }

  /** Reads all members; those that are shown stay until it is done. */
  async load(): Promise<void> {
    const reading = { fresh: new Map<string, Member>(), gone: new Set<string>() };
    this.#reading = reading;
    const isFirst = !this.#state.complete;
    this.#publish({ loading: true });
    try {
      this.#version = await this.#source.version();
      let after: string | undefined;
      for (;;) {
        const { members, isLast } = await this.#source.page(after);
        if (this.#reading !== reading) return;
        for (const member of members) if (!reading.gone.has(member.value)) reading.fresh.set(member.value, member);
        const isEnd = isLast || reading.fresh.size >= this.#limit;
        if (isFirst && after === undefined && !isEnd) this.#sort(reading.fresh, { loading: true, complete: false });
        else if (isFirst) this.#publish({ read: reading.fresh.size });
        after = members.at(-1)?.value ?? after;
        if (!isEnd) continue;
        this.#members = reading.fresh;
        this.#reading = undefined;
        this.#sort(this.#members, { loading: false, complete: isLast });
        return;
      }
    } catch (error) {
      if (this.#reading !== reading) return;
      this.#reading = undefined;
      this.#publish({ loading: false, error });
    }
  }

  /** Reads as many again as were read unasked. */
  async loadMore(): Promise<void> {
    this.#limit = this.#state.read + readMax;
    await this.load();
  }

  /** Reads the members again if they are not those of this version. */
  expect(version: string): void {
    if (!this.#reading && this.#version !== undefined && this.#version !== version) void this.load();
  }

  /** @param change of this group. */
  receive(change: Pick<Change, 'changes' | 'operation' | 'version' | 'previousVersion'>): void {
    // What a deleted group had is what brings it back.
    if (change.operation === 'delete' || this.#version === undefined || change.version === this.#version) return;
    const { added, removed, countNow } = memberChangesOf(change);
    if (countNow !== undefined || change.previousVersion !== this.#version || change.operation === 'recreate') {
      // A change that came before the load began is in what is read; otherwise `expect` notices.
      if (countNow !== undefined || change.operation === 'recreate') void this.load();
      return;
    }
    this.#version = change.version;
    for (const list of this.#lists()) {
      for (const member of added) list.set(member.value, member);
      for (const { value } of removed) list.delete(value);
    }
    for (const { value } of added) this.#reading?.gone.delete(value);
    for (const { value } of removed) this.#reading?.gone.add(value);
    if (added.length + removed.length > 0 && !this.#reading) this.#sort(this.#members, {});
  }

  /** Somebody has another name now. */
  rename(id: string, display: string): void {
    for (const list of this.#lists()) {
      const member = list.get(id);
      if (!member || member.display === display) continue;
      list.set(id, { ...member, display });
      if (list === this.#members) this.#sort(list, {});
    }
  }

  /** Ends a load that is under way. */
  stop(): void {
    this.#reading = undefined;
  }

  #lists(): Map<string, Member>[] {
    return this.#reading ? [this.#members, this.#reading.fresh] : [this.#members];
  }

  #sort(members: ReadonlyMap<string, Member>, change: Partial<Members>): void {
    const shown = [...members.values()].toSorted(byKindAndName);
    this.#publish({ ...change, shown, ids: new Set(members.keys()), read: members.size });
  }

  #publish(change: Partial<Members>): void {
    const { error: _old, ...state } = this.#state;
    this.#state = { ...state, ...change };
    this.#onChange();
  }
}
