import type { Field } from '../fields.ts';
import { isComplete, type Comparator, type Condition, type Conditions } from './conditions.ts';

const operators: Partial<Record<Comparator, string>> = {
  is: 'eq',
  isNot: 'ne',
  contains: 'co',
  startsWith: 'sw',
  before: 'lt',
  after: 'ge',
};

/**
 * Writes conditions as a SCIM filter (RFC 7644 §3.4.2.2). Rows that are not complete say nothing yet.
 * @returns '' where no row says anything.
 */
export function toFilterText({ match, rows }: Conditions, fields: readonly Field[]): string {
  const terms = rows.flatMap((row) => {
    const field = fields.find(({ path }) => path === row.path);
    return field && isComplete(row, field) ? [termOf(row, field)] : [];
  });
  return terms.join(match === 'all' ? ' and ' : ' or ');
}

function termOf({ type, comparator, value }: Condition, field: Field): string {
  const { path, list } = field;
  if (list && type !== undefined) {
    const negated = comparator === 'isNot' || comparator === 'isEmpty';
    const inside = negated ? (comparator === 'isNot' ? 'is' : 'isNotEmpty') : comparator;
    const term = `${list.path}[type eq ${quoted(type)} and ${comparisonOf(list.part, inside, value, field)}]`;
    return negated ? `not (${term})` : term;
  }
  return comparator === 'isEmpty' ? `not (${path} pr)` : comparisonOf(path, comparator, value, field);
}

function comparisonOf(path: string, comparator: Comparator, value: string, { kind }: Field): string {
  if (comparator === 'isNotEmpty' || comparator === 'isEmpty') return `${path} pr`;
  // Who has no `active` counts as active, so that the others are named.
  if (comparator === 'yes') return path === 'active' ? `${path} ne false` : `${path} eq true`;
  if (comparator === 'no') return path === 'active' ? `${path} eq false` : `${path} ne true`;
  const operand =
    kind === 'number' ? value.trim() : quoted(kind === 'date' ? midnight(value, comparator === 'after' ? 1 : 0) : value);
  return `${path} ${operators[comparator] ?? 'eq'} ${operand}`;
}

/** A filter's texts are JSON strings. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The moment at which a day, or the day so many later, begins here. */
function midnight(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

const text = String.raw`"(?:[^"\\]|\\.)*"`;
const inner = String.raw`([\w.:$-]+)(?:\[type eq (${text}) and (\w+))? (eq|ne|co|sw|lt|ge|pr)(?: (${text}|true|false|-?[\d.]+))?\]?`;
const term = new RegExp(String.raw`(not \()?${inner}(\))?(?: (and|or) |$)`, 'y');

/**
 * Reads a filter back into conditions.
 * @returns undefined for a filter that the builder could not have written; it stays text.
 */
export function fromFilterText(filter: string, fields: readonly Field[]): Conditions | undefined {
  const source = filter.trim();
  if (source === '') return { match: 'all', rows: [] };
  const rows: Condition[] = [];
  let match: Conditions['match'] | undefined;
  term.lastIndex = 0;
  while (term.lastIndex < source.length || rows.length === 0) {
    const found = term.exec(source);
    const row = found && conditionOf(found, fields);
    if (!found || !row) return undefined;
    rows.push(row);
    const [joint] = found.slice(-1);
    if (joint !== undefined) match ??= joint === 'and' ? 'all' : 'any';
    if (term.lastIndex === 0) break;
  }
  const conditions: Conditions = { match: match ?? 'all', rows };
  return toFilterText(conditions, fields) === source ? conditions : undefined;
}

function conditionOf(found: RegExpExecArray, fields: readonly Field[]): Condition | undefined {
  const [, not, path = '', quotedType, part, operator, operand = ''] = found;
  const field = fields.find((each) =>
    quotedType === undefined ? each.path === path : each.list?.path === path && each.list.part === part,
  );
  if (!field) return undefined;
  try {
    const value = operand.startsWith('"') ? (JSON.parse(operand) as string) : operand;
    const type = quotedType === undefined ? {} : { type: JSON.parse(quotedType) as string };
    const comparator = comparatorOf(operator, value, not !== undefined, field);
    if (!comparator) return undefined;
    return {
      path: field.path,
      ...type,
      comparator,
      value: field.kind === 'date' ? dayOf(value, comparator) : valueOf(value, field),
    };
  } catch {
    // An escape that JSON does not have.
    return undefined;
  }
}

function comparatorOf(
  operator: string | undefined,
  value: string,
  negated: boolean,
  { kind, path }: Field,
): Comparator | undefined {
  if (operator === 'pr') return negated ? 'isEmpty' : 'isNotEmpty';
  if (kind === 'boolean') return path === 'active' ? (operator === 'ne' ? 'yes' : 'no') : operator === 'eq' ? 'yes' : 'no';
  if (negated) return operator === 'eq' ? 'isNot' : undefined;
  return (Object.keys(operators) as Comparator[]).find((name) => operators[name] === operator);
}

function valueOf(value: string, { kind }: Field): string {
  return kind === 'boolean' ? '' : value;
}

function dayOf(instant: string, comparator: Comparator): string {
  if (instant === '') return '';
  const at = new Date(instant);
  if (comparator === 'after') at.setDate(at.getDate() - 1);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
