import type { Comparison, Operator, Place } from './filter-terms.ts';
import type { ResourceType } from './resource.ts';
import { sql, type Sql, type Value } from './sql.ts';

/** @returns the condition that a comparison holds for the value at its place in a JSON text. */
export function compareJson(json: Sql, compared: Comparison): Sql {
  const { place } = compared;
  const path = jsonPath(place);
  if (!place.attribute.multiValued) {
    const value = compared.as === 'number' ? sql`${json} -> ${path}` : sql`json_extract(${json}, ${path})`;
    return compare(read(value, compared), compared);
  }
  const item = compared.as === 'number' ? sql`${json} -> item.fullkey` : sql`item.value`;
  return sql`exists (select 1 from json_each(${json}, ${path}) as item where ${compare(read(item, compared), compared)})`;
}

/** Brings a value from JSON into the form of the operand. */
function read(value: Sql, compared: Comparison): Sql {
  switch (compared.as) {
    case 'text':
      return compared.folded ? sql`fold(${value})` : value;
    case 'instant':
      return sql`instant(${value})`;
    case 'number':
      return sql`decimal(${value})`;
    case 'boolean':
      return value;
  }
}

/** @returns the condition that a comparison holds for a value, which is in the form of the operand. */
export function compare(value: Sql, compared: Comparison): Sql {
  switch (compared.as) {
    case 'boolean':
      return sql`${value} = ${Number(compared.operand)}`;
    case 'number':
    case 'instant':
      return inOrder(value, compared.operator, compared.operand);
    case 'text':
      return compareText(value, compared.operator, compared.operand);
  }
}

function compareText(value: Sql, operator: Operator, operand: string): Sql {
  switch (operator) {
    case 'co':
      return sql`instr(${value}, ${operand}) > 0`;
    case 'sw':
      return sql`instr(${value}, ${operand}) = 1`;
    case 'ew':
      return operand === '' ? sql`${value} is not null` : sql`substr(${value}, ${-Array.from(operand).length}) = ${operand}`;
    case 'eq':
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return inOrder(value, operator, operand);
  }
}

function inOrder(value: Sql, operator: Operator, operand: Value): Sql {
  switch (operator) {
    case 'gt':
      return sql`${value} > ${operand}`;
    case 'ge':
      return sql`${value} >= ${operand}`;
    case 'lt':
      return sql`${value} < ${operand}`;
    case 'le':
      return sql`${value} <= ${operand}`;
    case 'eq':
    case 'co':
    case 'sw':
    case 'ew':
      return sql`${value} = ${operand}`;
  }
}

/** @returns the column that holds exactly this attribute, folded if the attribute is caseless. */
export function columnOf({ place }: Comparison, type: ResourceType): Sql | undefined {
  switch (place.path) {
    case 'id':
      return sql`resources.id`;
    case 'userName':
      return sql`resources.user_name_key`;
    case 'externalId':
      return sql`resources.external_id`;
    case 'displayName':
      // A user without one is called by another name.
      return type === 'Group' ? sql`resources.display_name_key` : undefined;
    case 'meta.resourceType':
      return sql`resources.type`;
    case 'meta.version':
      return sql`resources.version`;
    case 'meta.created':
      return sql`resources.created`;
    case 'meta.lastModified':
      return sql`resources.last_modified`;
    default:
      return undefined;
  }
}

/** @returns the condition that a comparison holds for a column of columnOf. */
export function compareColumn(column: Sql, compared: Comparison): Sql {
  const { operator, as, operand } = compared;
  // These columns are in UTC with milliseconds, so that their text has the order of time.
  if (as === 'instant') return inOrder(column, operator, new Date(operand).toISOString());
  const end = as === 'text' && operator === 'sw' ? afterPrefix(operand) : undefined;
  return end === undefined ? compare(column, compared) : sql`(${column} >= ${operand as string} and ${column} < ${end})`;
}

/** @returns the first text after all those that begin with the prefix, in the order of code points, if there is one. */
function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  const next = last === 0xd7ff ? 0xe000 : last + 1;
  return String.fromCodePoint(...points, next);
}

/** @returns the path of a place in the form of SQLite's JSON functions. */
export function jsonPath({ keys }: Place): string {
  return `$${keys.map((key) => `.${JSON.stringify(key)}`).join('')}`;
}
