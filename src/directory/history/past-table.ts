import { matches } from '../filter-match.ts';
import type { Filter } from '../filter.ts';
import { limits } from '../limits.ts';
import type { ResourceType } from '../resource.ts';
import { indexColumns } from '../sqlite-rows.ts';
import type { Key, SortKey, UserSummary } from '../store.ts';
import type { PastContent, PastRow, PastStore } from './past-store.ts';

/** What a list of the past is about. */
export interface PastSelection {
  search?: string | undefined;
  /** A SCIM filter, as text and parsed. */
  filter?: { text: string; parsed: Filter } | undefined;
  sort: { by: SortKey; descending: boolean };
}

const stepMax = 200;
const listsMax = 8;
/** With more that changed than this, it is cheaper to have all than to leave these out of the list of now. */
const changedMaxUsual = 2000;

/**
 * The resources of one type that changed after a revision, as they were at it. All others are as they were, so that a list of the past
 * is the list of now without these, and these beside it. Where many changed, the table has all resources, and the list of now is not
 * needed.
 */
export class PastTable {
  readonly #past: PastStore;
  readonly #tenant: string;
  readonly #type: ResourceType;
  readonly #revision: number;
  readonly #changedMax: number;
  /** By id; undefined for one that did not exist then. */
  readonly #rows = new Map<string, PastRow | undefined>();
  /** Which of them a filter finds, by the filter's text. */
  readonly #found = new Map<string, Map<string, boolean>>();
  readonly #lists = new Map<string, PastRow[]>();
  #seen: number;
  /** Up to which row of now it has been filled with those that did not change; absent while few changed. */
  #filledTo: number | undefined;
  #isWhole = false;

  constructor(past: PastStore, options: { tenant: string; type: ResourceType; revision: number; changedMax?: number }) {
    this.#past = past;
    this.#changedMax = options.changedMax ?? changedMaxUsual;
    this.#tenant = options.tenant;
    this.#type = options.type;
    this.#revision = options.revision;
    this.#seen = options.revision;
  }

  /**
   * Reads what changed, in steps that hold the process for a few milliseconds each. What is asked of the table and of the directory
   * right after it resolves fits together.
   */
  async read(filter: PastSelection['filter']): Promise<void> {
    for (;;) {
      const latest = this.#past.latest();
      if (this.#seen < latest) this.#step(latest);
      else if (!this.#isWhole && this.#rows.size > this.#changedMax) this.#fillStep();
      else if (!filter || !this.#filterStep(filter)) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #step(latest: number): void {
    const { ids, upTo } = this.#past.changedBetween(this.#tenant, this.#type, this.#seen, latest, stepMax);
    for (const id of ids) {
      if (this.#rows.has(id)) continue;
      const content = this.#past.contentAt(this.#key(id), this.#revision);
      this.#rows.set(id, content && content.operation !== 'delete' ? toRow(id, content) : undefined);
      this.#lists.clear();
    }
    this.#seen = upTo;
  }

  /** Takes some of those in that did not change. One that changes meanwhile is among those that changed. */
  #fillStep(): void {
    const rows = this.#past.current(this.#tenant, this.#type, this.#filledTo ?? 0, stepMax);
    for (const { row: _row, ...row } of rows)
      if (row.revision <= this.#revision && !this.#rows.has(row.id)) this.#rows.set(row.id, row);
    this.#filledTo = rows.at(-1)?.row ?? this.#filledTo;
    this.#isWhole = rows.length < stepMax;
    this.#lists.clear();
  }

  /** @returns false where all are looked at. */
  #filterStep({ text, parsed }: NonNullable<PastSelection['filter']>): boolean {
    const found = this.#found.get(text) ?? new Map<string, boolean>();
    this.#found.set(text, found);
    if (this.#found.size > listsMax) this.#found.delete(this.#found.keys().next().value ?? '');
    let looked = 0;
    for (const [id, row] of this.#rows) {
      if (!row || found.has(id)) continue;
      const content = this.#past.contentAt(this.#key(id), row.revision);
      if (!content) continue;
      const { resource, version, at } = content;
      const created = this.#past.knownSince(this.#key(id)) ?? at;
      found.set(id, matches(parsed, { type: this.#type, resource, version, created, lastModified: at }));
      looked += 1;
      if (looked === stepMax) return true;
    }
    return looked > 0;
  }

  #key(id: string): Key {
    return { tenant: this.#tenant, type: this.#type, id };
  }

  /** All that changed since, whether they existed then or exist now; undefined where it has all that existed then. Call `read` before; so with `rows`. */
  get changed(): ReadonlyMap<string, unknown> | undefined {
    return this.#isWhole ? undefined : this.#rows;
  }

  /** Those that a list has, in its order. */
  rows(selection: PastSelection): readonly PastRow[] {
    const { search, filter, sort } = selection;
    const name = JSON.stringify([search, filter?.text, sort]);
    const known = this.#lists.get(name);
    if (known) return known;
    const isFound = searching(search);
    const found = filter && this.#found.get(filter.text);
    const rows = [...this.#rows.values()].filter(
      (row): row is PastRow => row !== undefined && isFound(row) && (found === undefined || found.get(row.id) === true),
    );
    const sorted = inOrder(rows, sort);
    this.#lists.set(name, sorted);
    if (this.#lists.size > listsMax) this.#lists.delete(this.#lists.keys().next().value ?? '');
    return sorted;
  }
}

function toRow(id: string, { revision, resource, version, at }: PastContent): PastRow {
  return { ...indexColumns(resource), id, revision, version, lastModified: at };
}

/** Sorts with the values taken out once: there may be hundreds of thousands. */
function inOrder(rows: readonly PastRow[], { by, descending }: PastSelection['sort']): PastRow[] {
  const direction = descending ? -1 : 1;
  const keyed = rows.map((row) => ({ key: sortValue(row, by), row }));
  keyed.sort((a, b) => (a.key < b.key ? -direction : a.key > b.key ? direction : a.row.id < b.row.id ? -1 : 1));
  return keyed.map(({ row }) => row);
}

/** Finds as the list of now does: words in the text that is searched, or the beginning of a name. */
function searching(search: string | undefined): (row: PastRow) => boolean {
  const text = search?.trim().toLowerCase() ?? '';
  if (text === '') return () => true;
  const words = text.split(/\s+/).filter((word) => Array.from(word).length >= limits.searchWordMin);
  if (words.length > 0) return (row) => words.every((word) => row.search.includes(word));
  return (row) => (row.userNameKey ?? '').startsWith(text) || row.displayNameKey.startsWith(text);
}

/** What is sorted: a row of then, or of now. */
type Sorted = Omit<UserSummary, 'active' | 'values'> & { active: boolean | number };

/** How a list is ordered, but for rows that are alike in what it is sorted by. */
export function comparing({ by, descending }: PastSelection['sort']): (a: Sorted, b: Sorted) => number {
  const direction = descending ? -1 : 1;
  return (a, b) => {
    const [left, right] = [sortValue(a, by), sortValue(b, by)];
    return left < right ? -direction : left > right ? direction : 0;
  };
}

function sortValue(row: Sorted, by: SortKey): string | number {
  if (by === 'active') return Number(row.active);
  const value = row[by];
  return by === 'displayName' || by === 'userName' ? value.toLowerCase() : value;
}
