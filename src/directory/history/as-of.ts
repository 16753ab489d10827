import { DirectoryError } from '../errors.ts';
import { parseFilter, type Filter } from '../filter.ts';
import { limits } from '../limits.ts';
import { nameOf } from '../name.ts';
import { memberTypes, type Member, type Membership, type ResourceType, type Revision } from '../resource.ts';
import type { ResourceSchemas } from '../schema.ts';
import type { GroupSummary, Key, Page, PageQuery, PlacedSummary, SortKey, Store, UserSummary } from '../store.ts';
import { notFound } from '../write.ts';
import type { PastRow } from './past-store.ts';
import { comparing, PastTable } from './past-table.ts';
import { membersAt, membersSince, nameInPast } from './versions.ts';

/** A page of a list of the past. */
export interface PastQuery {
  search?: string | undefined;
  /** SCIM filter; what groups somebody was in, or who their members were, cannot be filtered by. */
  filter?: string | undefined;
  sort?: { by: SortKey; descending: boolean } | undefined;
  offset: number;
  limit: number;
}

export interface PastPage<T> extends Page<T> {
  /** How many users or groups there may have been beside these, whose versions of then are no longer kept. */
  unknown: number;
}

/** The directory as it was at one moment, to be read only. */
export class AsOf {
  /** The newest revision that had been made then. */
  readonly revision: number;
  readonly #store: Store;
  readonly #tenant: string;
  readonly #schemas: (type: ResourceType) => ResourceSchemas;
  readonly #table: (type: ResourceType) => PastTable;

  constructor(parts: {
    store: Store;
    tenant: string;
    revision: number;
    schemas: (type: ResourceType) => ResourceSchemas;
    table: (type: ResourceType) => PastTable;
  }) {
    this.revision = parts.revision;
    this.#store = parts.store;
    this.#tenant = parts.tenant;
    this.#schemas = parts.schemas;
    this.#table = parts.table;
  }

  /** @throws DirectoryError NOT_FOUND where it did not exist then, or what it was is no longer kept. */
  get(type: ResourceType, id: string): Revision {
    const key = this.#key(type, id);
    const found = this.#store.past.revisionAt(key, this.revision);
    if (!found || found.operation === 'delete') throw notFound(key);
    return found;
  }

  /** @throws DirectoryError INVALID_FILTER. */
  async users(query: PastQuery): Promise<PastPage<UserSummary>> {
    const { rows, ...page } = await this.#page('User', query);
    return { ...page, rows: rows.map(toUser) };
  }

  /** @throws DirectoryError INVALID_FILTER. */
  async groups(query: PastQuery): Promise<PastPage<GroupSummary>> {
    const { rows, ...page } = await this.#page('Group', query);
    const shown: GroupSummary[] = [];
    for (const row of rows) {
      const { id, displayName, version, lastModified } = row;
      const memberCount = 'memberCount' in row ? row.memberCount : await this.memberCount(id);
      shown.push({ id, displayName, memberCount, version, lastModified });
    }
    return { ...page, rows: shown };
  }

  async memberCount(group: string): Promise<number> {
    const key = this.#key('Group', group);
    const now = await this.#store.get(key);
    const { came, left } = membersSince(this.#store.past, key, this.revision);
    return (now?.members?.count ?? 0) - came.length + left.length;
  }

  /** Members of a group in the order of their ids, by their names of then. @param after the last id of the page before. */
  async members(group: string, { limit, after = '' }: { limit: number; after?: string | undefined }): Promise<Member[]> {
    const ids = await membersAt(this.#store, this.#key('Group', group), this.revision, { limit, after });
    return ids.map((id) => this.#named(id));
  }

  /** The groups that somebody was a direct member of. */
  async groupsOf(member: string): Promise<Membership[]> {
    const { past } = this.#store;
    const now = await this.#store.groupsOf(this.#tenant, member);
    const groups = new Set(now.filter(({ type }) => type === 'direct').map(({ value }) => value));
    for (const { group, members } of past.movesOf(this.#tenant, member, this.revision))
      if (members?.removed.includes(member)) groups.add(group);
      else if (members?.added.includes(member)) groups.delete(group);
    const named = [...groups].map((value): Membership => ({ value, display: this.#named(value).display, type: 'direct' }));
    return named.toSorted((a, b) => a.display.localeCompare(b.display));
  }

  /** A user or group as it was called then. */
  #named(id: string): Member {
    for (const type of memberTypes) {
      const found = this.#store.past.revisionAt(this.#key(type, id), this.revision);
      if (found) return { value: id, type, display: nameOf(found.resource) };
    }
    return { type: 'User', display: '', ...nameInPast(this.#store.past, this.#tenant, id) };
  }

  #key(type: ResourceType, id: string): Key {
    return { tenant: this.#tenant, type, id };
  }

  /** Brings what did not change since, from the list of now, and what did, from the table of the past, into one order. */
  async #page(type: ResourceType, query: PastQuery): Promise<PastPage<PlacedSummary | PastRow>> {
    const { search, sort = byName, offset } = query;
    const limit = Math.min(query.limit, limits.pageMax);
    const filter =
      query.filter === undefined ? undefined : { text: query.filter, parsed: pastFilter(this.#schemas(type), query.filter) };
    const table = this.#table(type);
    await table.read(filter);
    const changed = table.rows({ search, filter, sort });
    const unknown = this.#store.past.prunedCount(this.#tenant, type, this.revision);
    const list = { tenant: this.#tenant, type, search, filter: filter?.parsed, sort };
    // At most all that changed stand before a row of now; so this is the first of these that can be on the page.
    const from = Math.max(0, offset - changed.length);
    const live = this.#unchanged(list, table, { from, to: offset + limit });
    const order = comparing(sort);
    const precedes = (row: PastRow, other: PlacedSummary) => order(row, other) < 0;
    const [first] = live.rows;
    let next = 0;
    if (first && from > 0) {
      const behind = changed.findIndex((row) => !precedes(row, first));
      next = behind < 0 ? changed.length : behind;
    } else if (from > 0) next = offset - live.total;
    let position = first ? live.from + next : from > 0 ? offset : 0;
    const rows: (PlacedSummary | PastRow)[] = [];
    for (let now = 0; rows.length < limit; position++) {
      const [then, current] = [changed[next], live.rows[now]];
      const takesThen = then !== undefined && (current === undefined || precedes(then, current));
      const row = takesThen ? then : current;
      if (row === undefined) break;
      if (takesThen) next++;
      else now++;
      if (position >= offset) rows.push(row);
    }
    return { total: live.total + changed.length, rows, unknown };
  }

  /**
   * Those of the list of now that did not change since: from its row `from` on, so many that those before row `to` of the list of then
   * are among them.
   * @returns them, how many there are in all, and how many of them are before.
   */
  #unchanged(
    list: Omit<PageQuery, 'offset' | 'limit'> & { sort: { by: SortKey; descending: boolean } },
    table: PastTable,
    { from, to }: { from: number; to: number },
  ): { rows: PlacedSummary[]; total: number; from: number } {
    const { changed } = table;
    if (!changed) return { rows: [], total: 0, from };
    const leftOut = this.#store.placedSummaries({ ...list, ids: [...changed.keys()], offset: 0, limit: changed.size });
    const live = this.#store.placedSummaries({ ...list, offset: from, limit: to + leftOut.total - from });
    const [first] = live.rows;
    const direction = list.sort.descending ? -1 : 1;
    const order = comparing(list.sort);
    const before = first ? leftOut.rows.filter((row) => (order(row, first) || direction * (row.row - first.row)) < 0) : [];
    return {
      rows: live.rows.filter(({ id }) => !changed.has(id)),
      total: live.total - leftOut.total,
      from: from - before.length,
    };
  }
}

/** @throws DirectoryError INVALID_FILTER; also for what the past is not looked up by. */
function pastFilter(schemas: ResourceSchemas, text: string): Filter {
  const filter = parseFilter(schemas, text);
  if (!isAbout(filter, schemas.type === 'User' ? 'groups' : 'members')) return filter;
  const message = `The directory of a moment cannot be filtered by ${schemas.type === 'User' ? 'groups' : 'members'}. Leave that out.`;
  throw new DirectoryError('INVALID_FILTER', message, { issues: [{ path: 'filter', message }] });
}

function isAbout(filter: Filter, attribute: string): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.some((part) => isAbout(part, attribute));
    case 'not':
      return isAbout(filter.filter, attribute);
    case 'presence':
    case 'valuePath':
    case 'comparison':
      return filter.place.keys[0] === attribute;
  }
}

function toUser(row: PlacedSummary | PastRow): UserSummary {
  const { id, userName, displayName, title, department, active, version, lastModified } = row;
  return { id, userName, displayName, title, department, active: active === true || active === 1, version, lastModified };
}

/** Tables of the past that were asked for last: the pages of a list come one by one. */
export class PastTables {
  readonly #store: Store;
  readonly #tables = new Map<string, PastTable>();

  constructor(store: Store) {
    this.#store = store;
  }

  get(tenant: string, type: ResourceType, revision: number): PastTable {
    const name = `${tenant} ${type} ${revision}`;
    const table = this.#tables.get(name) ?? new PastTable(this.#store.past, { tenant, type, revision });
    this.#tables.delete(name);
    this.#tables.set(name, table);
    if (this.#tables.size > tablesMax) this.#tables.delete(this.#tables.keys().next().value ?? '');
    return table;
  }
}

/** Each may have all resources of a tenant. */
const tablesMax = 3;

const byName = { by: 'displayName', descending: false } as const;
