import { filterCondition } from './filter-sql.ts';
import { limits } from './limits.ts';
import type { ResolvedPath } from './schema.ts';
import type { StatementCache } from './sqlite-cache.ts';
import type { PageQuery, Position, Selection, SortKey } from './store.ts';

type Value = string | number | null;

interface Sql {
  text: string;
  values: Value[];
}

const sortColumns: Record<SortKey, string> = {
  displayName: 'display_name_key',
  userName: 'user_name_key',
  title: 'title',
  department: 'department',
  active: 'active',
  lastModified: 'last_modified',
};

/** Paths whose order a column has, by their keys; so a page of a list sorted by them walks an index. */
const sortedPaths: Record<string, string> = {
  id: 'id',
  userName: 'user_name_key',
  displayName: 'display_name_key',
  externalId: 'external_id',
  'meta.created': 'created',
  'meta.lastModified': 'last_modified',
};

export interface FoundPage<Row> {
  total: number;
  rows: Row[];
  next?: Position;
}

/**
 * Finds one page of resources and counts them all.
 * @param columns what to read of each.
 */
export function findPage<Row>(db: StatementCache, query: PageQuery, columns: string): FoundPage<Row> {
  const where = selection(query);
  const count = (): number => {
    const counted = db.prepare(`select count(*) as total from resources where ${where.text}`).get(...where.values);
    return (counted as { total: number }).total;
  };
  if (query.limit === 0) return { total: query.uncounted ? 0 : count(), rows: [] };
  const key = sortKey(query.sort?.by);
  const direction = query.sort?.descending ? 'desc' : 'asc';
  const order = key ? `sort_key ${direction}, row ${direction}` : `row ${direction}`;
  const after = query.after && position(query.after, key !== undefined, direction);
  // The inner select walks an index alone, so that a deep offset does not read the rows that it skips.
  const inner = `select resources.rowid as row${key ? `, ${key.text} as sort_key` : ''} from resources where ${where.text}`;
  const picked = after ? `select * from (${inner}) where ${after.text}` : inner;
  const found = db
    .prepare(
      `select picked.*, ${columns} from (${picked} order by ${order} limit ? offset ?) as picked
       join resources on resources.rowid = picked.row order by ${order}`,
    )
    .all(...(key?.values ?? []), ...where.values, ...(after?.values ?? []), query.limit, after ? 0 : query.offset) as (Row & {
    row: number;
    sort_key?: Value;
  })[];
  const last = found.at(-1);
  const rows = found.map(({ row: _row, sort_key: _key, ...rest }) => rest as Row);
  const seen = query.offset + found.length;
  // A page that is not full shows how many there are. To count them, a filter without an index would read everything again.
  const isCounted = !after && found.length < query.limit && (found.length > 0 || query.offset === 0);
  const total = query.uncounted ? 0 : isCounted ? seen : count();
  const isEnd = found.length < query.limit || (!after && !query.uncounted && seen >= total);
  return { total, rows, ...(last && !isEnd && { next: { key: last.sort_key ?? null, row: last.row } }) };
}

function selection({ tenant, type, search, filter, ids }: Selection): Sql {
  const where = ['tenant = ?', 'type = ?'];
  const values: Value[] = [tenant, type];
  const text = search?.trim().toLowerCase() ?? '';
  const words = text.split(/\s+/).filter((word) => Array.from(word).length >= limits.searchWordMin);
  if (words.length > 0) {
    where.push('rowid in (select rowid from resource_search where resource_search match ?)');
    values.push(words.map((word) => `"${word.replaceAll('"', '""')}"`).join(' AND '));
  } else if (text !== '') {
    where.push('((user_name_key >= ? and user_name_key < ?) or (display_name_key >= ? and display_name_key < ?))');
    const end = `${text}\u{10ffff}`;
    values.push(text, end, text, end);
  }
  if (ids) {
    where.push('id in (select value from json_each(?))');
    values.push(JSON.stringify(ids));
  }
  if (filter) {
    const { condition, values: bound } = filterCondition(filter, { tenant, type });
    where.push(`(${condition})`);
    values.push(...bound);
  }
  return { text: where.join(' and '), values };
}

/** What a list is sorted by: a column, or a value inside the record; of several values the primary one, else the first. */
function sortKey(by: SortKey | ResolvedPath | undefined): Sql | undefined {
  if (by === undefined) return undefined;
  if (typeof by === 'string') return { text: sortColumns[by], values: [] };
  const column = sortedPaths[by.keys.join('.')];
  if (column) return { text: column, values: [] };
  const fold = (text: string) => (by.attribute.caseExact || by.attribute.type !== 'string' ? text : `fold(${text})`);
  if (!by.multiValued) return { text: fold('json_extract(resource, ?)'), values: [jsonPath(by.keys)] };
  const depth = by.keys.length - (by.multiValued === by.attribute ? 0 : 1);
  const inside = by.multiValued === by.attribute ? ['value'] : by.keys.slice(depth);
  const element = by.multiValued.type === 'complex' ? 'json_extract(element.value, ?)' : 'element.value';
  return {
    text: `(select ${fold(element)} from json_each(resource, ?) as element
      order by coalesce(json_extract(element.value, '$.primary'), 0) desc, element.key limit 1)`,
    values: [...(by.multiValued.type === 'complex' ? [jsonPath(inside)] : []), jsonPath(by.keys.slice(0, depth))],
  };
}

/** The rows after a position. Unassigned keys come first, as SQLite sorts nulls. */
function position({ key, row }: Position, sorted: boolean, direction: 'asc' | 'desc'): Sql {
  const than = direction === 'asc' ? '>' : '<';
  if (!sorted) return { text: `row ${than} ?`, values: [row] };
  if (key === null) {
    const others = direction === 'asc' ? ' or sort_key is not null' : '';
    return { text: `((sort_key is null and row ${than} ?)${others})`, values: [row] };
  }
  const others = direction === 'desc' ? ' or sort_key is null' : '';
  return { text: `((sort_key, row) ${than} (?, ?)${others})`, values: [key, row] };
}

function jsonPath(names: readonly string[]): string {
  return `$${names.map((name) => `.${JSON.stringify(name)}`).join('')}`;
}
