import type Database from 'better-sqlite3';
import { lookupPaths } from './filter-lookups.ts';
import { columnOf, compare, compareColumn, compareJson, jsonPath } from './filter-sql-compare.ts';
import type { Comparison, Filter, Place } from './filter-terms.ts';
import type { ResourceType } from './resource.ts';
import { enterpriseUserUrn } from './schema.ts';
import { joined, sql, type Sql } from './sql.ts';

export { lookupsOf, type Lookup } from './filter-lookups.ts';

/** Where a part of a filter is evaluated. */
interface Context {
  tenant: string;
  type: ResourceType;
  /** The JSON that keys are looked up in, or for an element of `groups` and `members` the column with its `value`. */
  source: { json: Sql } | { value: Sql };
  /** Of a whole resource, whose columns and indexes can help. */
  isResource: boolean;
  /** Whether a condition that only narrows the search helps: not inside a `not`, which all that it leaves out would meet. */
  narrows: boolean;
}

/**
 * Registers what the conditions call on a connection: `fold(text)`, lower case as JavaScript has it (SQLite's `lower` knows
 * ASCII only), `instant(text)`, the epoch milliseconds of a date and time, and `decimal(json)`, the number that a JSON text is
 * (SQLite's own reading is off in the last bit for one number in some hundreds).
 */
export function registerFunctions(db: Database.Database): void {
  db.function('fold', { deterministic: true }, (value) => (typeof value === 'string' ? value.toLowerCase() : value));
  db.function('instant', { deterministic: true }, (value) => {
    const instant = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    return Number.isNaN(instant) ? null : instant;
  });
  db.function('decimal', { deterministic: true }, (value) => (typeof value === 'string' ? Number(value) : null));
}

/**
 * Compiles a filter of parseFilter to a condition over the table `resources`, which must stand in the `from` clause under its
 * own name. The condition finds what `matches` finds; null counts as false. It does not hold `resources.tenant` and
 * `resources.type`: the caller compares these. Everything that a caller wrote is bound, none of it is in the SQL.
 * @param scope the tenant and the type of the resources that are searched.
 * @returns the condition and the values of its parameters in their order.
 */
export function filterCondition(
  filter: Filter,
  scope: { tenant: string; type: ResourceType },
): { condition: string; values: (string | number)[] } {
  const json = sql`resources.resource`;
  const { text, values } = compile(filter, { ...scope, source: { json }, isResource: true, narrows: true });
  return { condition: text, values };
}

function compile(filter: Filter, context: Context): Sql {
  switch (filter.kind) {
    case 'and':
      return joined(
        filter.filters.map((part) => compile(part, context)),
        'and',
      );
    case 'or':
      return joined(
        filter.filters.map((part) => compile(part, context)),
        'or',
      );
    case 'not':
      // An absent value makes null, which here is false.
      return sql`((${compile(filter.filter, { ...context, narrows: false })}) is not true)`;
    case 'presence':
      return presence(filter.place, context);
    case 'valuePath':
      return valuePath(filter.place, filter.filter, context);
    case 'comparison':
      return comparison(filter, context);
  }
}

function presence(place: Place, context: Context): Sql {
  const { source, isResource, tenant } = context;
  if ('value' in source) return sql`true`;
  if (isResource && place.keys[0] === 'meta') return sql`true`;
  if (isResource && place.path === 'members')
    return sql`exists (select 1 from members where members.tenant = ${tenant} and members.group_id = resources.id)`;
  if (isResource && place.path === 'groups')
    return sql`exists (select 1 from members where members.tenant = ${tenant} and members.member_id = resources.id)`;
  return sql`json_type(${source.json}, ${jsonPath(place)}) is not null`;
}

function valuePath(place: Place, filter: Filter, context: Context): Sql {
  if (place.path === 'members') return inMembers(filter, context);
  if (place.path === 'groups') return inGroups(filter, context);
  const required = conjuncts(filter);
  const found = required.flatMap((part) => lookup(part, context) ?? []);
  const [exact] = found;
  if (exact && filter.kind === 'comparison') return exact;
  const narrowing = found.length > 0 || !context.narrows ? found : required.flatMap((part) => textSearch(part) ?? []);
  const { source } = context;
  if ('value' in source) return sql`false`;
  const json = sql`element.value`;
  const element = compile(filter, { ...context, source: { json }, isResource: false, narrows: false });
  const exists = sql`exists (select 1 from json_each(${source.json}, ${jsonPath(place)}) as element where ${element})`;
  return joined([...narrowing, exists], 'and');
}

/** @returns the comparisons that a filter cannot be true without. */
function conjuncts(filter: Filter): Comparison[] {
  if (filter.kind === 'and') return filter.filters.flatMap(conjuncts);
  return filter.kind === 'comparison' ? [filter] : [];
}

function comparison(compared: Comparison, context: Context): Sql {
  const { place } = compared;
  const { source, isResource } = context;
  if ('value' in source) return compare(source.value, compared);
  if (!isResource) return compareJson(source.json, compared);
  const found = lookup(compared, context);
  if (found) return found;
  const { operator, as, operand } = compared;
  const column = columnOf(compared, context.type);
  // The indexes of the columns answer these, better than a search for trigrams does.
  if (column && operator !== 'co' && operator !== 'ew') return compareColumn(column, compared);
  const exact = column ? compareColumn(column, compared) : compareJson(source.json, compared);
  // The column `active` is false exactly where the attribute is; it is true also where the attribute is absent.
  if (place.path === 'active' && as === 'boolean')
    return operand ? sql`(resources.active = 1 and ${exact})` : sql`resources.active = 0`;
  // Who has this display name is also called by it; the reverse is not so.
  if (place.path === 'displayName' && operator === 'eq')
    return sql`(resources.display_name_key = ${operand as string} and ${exact})`;
  const search = context.narrows ? textSearch(compared) : undefined;
  return search ? joined([search, exact], 'and') : exact;
}

/** An equality that the table `lookups` answers. */
function lookup({ place, operator, operand }: Comparison, { tenant, type }: Context): Sql | undefined {
  if (operator !== 'eq' || !lookupPaths.has(place.path)) return undefined;
  return sql`resources.rowid in (select lookups.resource from lookups where lookups.tenant = ${tenant}
    and lookups.type = ${type} and lookups.path = ${place.path} and lookups.value = ${operand as string})`;
}

/** What the column `search` holds, in lower case. */
const searched = new Set([
  'displayName',
  'userName',
  'title',
  'name.formatted',
  'emails.value',
  `${enterpriseUserUrn}:department`,
]);

/** Narrows the search to the resources that have the text somewhere, by the index of trigrams. */
function textSearch(compared: Comparison): Sql | undefined {
  if (compared.as !== 'text' || !searched.has(compared.place.path)) return undefined;
  if (!['eq', 'co', 'sw', 'ew'].includes(compared.operator)) return undefined;
  // A part is enough to narrow by, and bounds the work.
  const characters = Array.from(compared.operand).slice(0, 64);
  if (characters.length < 3) return undefined;
  const phrase = `"${characters.join('').replaceAll('"', '""')}"`;
  return sql`resources.rowid in (select resource_search.rowid from resource_search where resource_search match ${phrase})`;
}

/** Groups with a member that the filter finds; members of groups inside do not count (RFC 7643 §4.2). */
function inMembers(filter: Filter, context: Context): Sql {
  const { tenant } = context;
  if (isEquality(filter))
    return sql`resources.id in (select members.group_id from members where members.tenant = ${tenant}
      and members.member_id = ${filter.operand as string})`;
  return sql`exists (select 1 from members where members.tenant = ${tenant} and members.group_id = resources.id
    and ${compileValue(filter, sql`members.member_id`, context)})`;
}

/** Users in a group that the filter finds, directly or through groups inside it (RFC 7643 §4.1.2). */
function inGroups(filter: Filter, context: Context): Sql {
  const { tenant } = context;
  const first = isEquality(filter)
    ? sql`values (${filter.operand as string})`
    : sql`select distinct members.group_id from members where members.tenant = ${tenant}
        and ${compileValue(filter, sql`members.group_id`, context)}`;
  // A cross join keeps its order: from the groups found so far to their members, never through all members.
  const inside = sql`inside cross join members on members.tenant = ${tenant} and members.group_id = inside.id`;
  return sql`resources.id in (
    with recursive inside (id) as (
      ${first}
      union select members.member_id from ${inside} where members.member_type = 'Group')
    select members.member_id from ${inside})`;
}

function isEquality(filter: Filter): filter is Comparison {
  return filter.kind === 'comparison' && filter.operator === 'eq';
}

function compileValue(filter: Filter, value: Sql, context: Context): Sql {
  return compile(filter, { ...context, source: { value }, isResource: false, narrows: false });
}
