import { matches } from '../filter-match.ts';
import type { Filter } from '../filter.ts';
import { limits } from '../limits.ts';
import type { ResourceType, Revision } from '../resource.ts';
import { indexColumns, type IndexColumns } from '../sqlite-rows.ts';
import type { Key, SortKey, UserSummary } from '../store.ts';
import type { PastStore } from './past-store.ts';

/** A resource as a list of the past shows it: what was looked for and sorted by then. */
export type PastRow = IndexColumns & Pick<UserSummary, 'id' | 'version' | 'lastModified'> & { revision: number };

/** What a list of the past is about. */
export interface PastSelection {
  search?: string | undefined;
  /** A SCIM filter, as text and parsed. */
  filter?: { text: string; parsed: Filter } | undefined;
  sort: { by: SortKey; descending: boolean };
}

const stepMax = 500;
const listsMax = 8;

/**
 * The resources of one type that changed after a revision, as they were at it. All others are as they were, so that a list of the past
 * is the list of now without these, and these beside it.
 */
export class PastTable {
  readonly #past: PastStore;
  readonly #tenant: string;
  readonly #type: ResourceType;
  readonly #revision: number;
  /** By id; undefined for one that did not exist then. */
  readonly #rows = new Map<string, PastRow | undefined>();
  /** Which of them a filter finds, by the filter's text. */
  readonly #found = new Map<string, Map<string, boolean>>();
  readonly #lists = new Map<string, PastRow[]>();
  #seen: number;

  constructor(past: PastStore, options: { tenant: string; type: ResourceType; revision: number }) {
    this.#past = past;
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
      else if (!filter || !this.#filterStep(filter)) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #step(latest: number): void {
    const { ids, upTo } = this.#past.changedBetween(this.#tenant, this.#type, this.#seen, latest, stepMax);
    for (const id of ids) {
      if (this.#rows.has(id)) continue;
      const revision = this.#past.revisionAt(this.#key(id), this.#revision);
      this.#rows.set(id, revision && revision.operation !== 'delete' ? toRow(revision) : undefined);
      this.#lists.clear();
    }
    this.#seen = upTo;
  }

  /** @returns false where all are looked at. */
  #filterStep({ text, parsed }: NonNullable<PastSelection['filter']>): boolean {
    const found = this.#found.get(text) ?? new Map<string, boolean>();
    this.#found.set(text, found);
    if (this.#found.size > listsMax) this.#found.delete(this.#found.keys().next().value ?? '');
    let looked = 0;
    for (const [id, row] of this.#rows) {
      if (!row || found.has(id)) continue;
      const revision = this.#past.revisionAt(this.#key(id), row.revision);
      if (!revision) continue;
      const { resource, version, at } = revision;
      const created = this.#past.oldest(this.#key(id))?.at ?? at;
      found.set(id, matches(parsed, { type: this.#type, resource, version, created, lastModified: at }));
      looked += 1;
      if (looked === stepMax) return true;
    }
    return looked > 0;
  }

  #key(id: string): Key {
    return { tenant: this.#tenant, type: this.#type, id };
  }

  /** Those that a list has, in its order. Call `read` before. */
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
    rows.sort(comparing(sort));
    this.#lists.set(name, rows);
    if (this.#lists.size > listsMax) this.#lists.delete(this.#lists.keys().next().value ?? '');
    return rows;
  }
}

function toRow({ id, revision, resource, version, at }: Revision): PastRow {
  return { ...indexColumns(resource), id, revision, version, lastModified: at };
}

/** Finds as the list of now does: words in the text that is searched, or the beginning of a name. */
function searching(search: string | undefined): (row: PastRow) => boolean {
  const text = search?.trim().toLowerCase() ?? '';
  if (text === '') return () => true;
  const words = text.split(/\s+/).filter((word) => Array.from(word).length >= limits.searchWordMin);
  if (words.length > 0) return (row) => words.every((word) => row.search.includes(word));
  return (row) => (row.userNameKey ?? '').startsWith(text) || row.displayNameKey.startsWith(text);
}

/** What a row is sorted by; of a summary as the list of now has it too. */
export function sortValue(row: Omit<UserSummary, 'active'> & { active: boolean | number }, by: SortKey): string | number {
  if (by === 'active') return Number(row.active);
  const value = row[by];
  return by === 'displayName' || by === 'userName' ? value.toLowerCase() : value;
}

export function comparing({ by, descending }: PastSelection['sort']): (a: PastRow, b: PastRow) => number {
  const direction = descending ? -1 : 1;
  return (a, b) => direction * compareValues(sortValue(a, by), sortValue(b, by)) || (a.id < b.id ? -1 : 1);
}

export function compareValues(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
