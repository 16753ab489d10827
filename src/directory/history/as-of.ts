import { DirectoryError } from '../errors.ts';
import { parseFilter, type Filter } from '../filter.ts';
import { limits } from '../limits.ts';
import { nameOf } from '../name.ts';
import type { Member, Membership, ResourceType, Revision } from '../resource.ts';
import type { ResourceSchemas } from '../schema.ts';
import type { GroupSummary, Key, Page, SortKey, Store, UserSummary } from '../store.ts';
import { notFound } from '../write.ts';
import { compareValues, PastTable, sortValue, type PastRow } from './past-table.ts';
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
    const read = (page: { offset: number; limit: number }, filter: Filter | undefined) =>
      this.#store.userSummaries({ ...this.#live('User', query, filter), ...page });
    return this.#page('User', query, read, toUser);
  }

  /** @throws DirectoryError INVALID_FILTER. */
  async groups(query: PastQuery): Promise<PastPage<GroupSummary>> {
    const read = async (page: { offset: number; limit: number }, filter: Filter | undefined) => {
      const { total, rows } = await this.#store.groupSummaries({ ...this.#live('Group', query, filter), ...page });
      return { total, rows: rows.map((row) => ({ ...row, userName: '', title: '', department: '', active: true })) };
    };
    const { rows, ...page } = await this.#page('Group', query, read, (row) => row);
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
    for (const type of ['User', 'Group'] as const) {
      const found = this.#store.past.revisionAt(this.#key(type, id), this.revision);
      if (found) return { value: id, type, display: nameOf(found.resource) };
    }
    return { type: 'User', display: '', ...nameInPast(this.#store.past, this.#tenant, id) };
  }

  #key(type: ResourceType, id: string): Key {
    return { tenant: this.#tenant, type, id };
  }

  #live(type: ResourceType, { search, sort = byName }: PastQuery, filter: Filter | undefined) {
    return { tenant: this.#tenant, type, search, filter, sort, upTo: this.revision };
  }

  /** Brings what did not change since, from the list of now, and what did, from the table of the past, into one order. */
  async #page<Row extends Listed, Shown>(
    type: ResourceType,
    query: PastQuery,
    read: (page: { offset: number; limit: number }, filter: Filter | undefined) => Promise<Page<Row>>,
    show: (row: PastRow) => Shown,
  ): Promise<PastPage<Row | Shown>> {
    const { search, sort = byName, offset } = query;
    const limit = Math.min(query.limit, limits.pageMax);
    const filter =
      query.filter === undefined ? undefined : { text: query.filter, parsed: pastFilter(this.#schemas(type), query.filter) };
    const table = this.#table(type);
    await table.read(filter);
    const changed = table.rows({ search, filter, sort });
    // At most all that changed stand before a row of now; so this is the first of these that can be on the page.
    const from = Math.max(0, offset - changed.length);
    const live = await read({ offset: from, limit: offset + limit - from }, filter?.parsed);
    const unknown = this.#store.past.prunedCount(this.#tenant, type, this.revision);
    const direction = sort.descending ? -1 : 1;
    const precedes = (row: PastRow, other: Row) =>
      direction * compareValues(sortValue(row, sort.by), sortValue(other, sort.by)) < 0;
    const [first] = live.rows;
    let next = 0;
    if (first && from > 0) {
      const behind = changed.findIndex((row) => !precedes(row, first));
      next = behind < 0 ? changed.length : behind;
    } else if (from > 0) next = offset - live.total;
    let position = first ? from + next : from > 0 ? offset : 0;
    const rows: (Row | Shown)[] = [];
    for (let now = 0; rows.length < limit; position++) {
      const [then, current] = [changed[next], live.rows[now]];
      const takesThen = then !== undefined && (current === undefined || precedes(then, current));
      const row = takesThen ? show(then) : current;
      if (row === undefined) break;
      if (takesThen) next++;
      else now++;
      if (position >= offset) rows.push(row);
    }
    return { total: live.total + changed.length, rows, unknown };
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

type Listed = Omit<UserSummary, 'values'>;

function toUser({ id, userName, displayName, title, department, active, version, lastModified }: PastRow): UserSummary {
  return { id, userName, displayName, title, department, active: active === 1, version, lastModified };
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
