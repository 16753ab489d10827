import type { Field, FieldKind } from '../fields.ts';

/** How a condition compares, in the words of the builder. */
export type Comparator =
  | 'is'
  | 'isNot'
  | 'contains'
  | 'startsWith'
  | 'before'
  | 'after'
  | 'yes'
  | 'no'
  | 'isEmpty'
  | 'isNotEmpty';

/** One row of the builder. */
export interface Condition {
  /** Path of its Field. */
  path: string;
  /** Of a list: only elements of this type, for example `work`; absent for all. */
  type?: string | undefined;
  comparator: Comparator;
  /** As it is typed; a day as `2026-01-31`. Not used where the comparator needs none. */
  value: string;
}

export interface Conditions {
  match: 'all' | 'any';
  rows: readonly Condition[];
}

const words: Record<Comparator, string> = {
  is: 'is',
  isNot: 'is not',
  contains: 'contains',
  startsWith: 'starts with',
  before: 'is before',
  after: 'is after',
  yes: 'is yes',
  no: 'is no',
  isEmpty: 'is empty',
  isNotEmpty: 'is not empty',
};

const fitting: Record<FieldKind, readonly Comparator[]> = {
  text: ['is', 'isNot', 'contains', 'startsWith', 'isEmpty', 'isNotEmpty'],
  number: ['is', 'isNot', 'isEmpty', 'isNotEmpty'],
  boolean: ['yes', 'no'],
  date: ['before', 'after', 'isEmpty', 'isNotEmpty'],
  person: ['is', 'isNot', 'isEmpty', 'isNotEmpty'],
  group: ['is', 'isNot', 'isEmpty', 'isNotEmpty'],
};

const groupWords: Partial<Record<Comparator, string>> = {
  is: 'include',
  isNot: 'do not include',
  isEmpty: 'are none',
  isNotEmpty: 'are some',
};

/** The comparators that a field can have, with their words. */
export function comparatorsOf({ kind, path }: Field): { value: Comparator; label: string }[] {
  const known = path.startsWith('meta.') ? fitting[kind].filter(needsValue) : fitting[kind];
  return known.map((value) => ({ value, label: (kind === 'group' ? groupWords[value] : undefined) ?? words[value] }));
}

export function needsValue(comparator: Comparator): boolean {
  return !['yes', 'no', 'isEmpty', 'isNotEmpty'].includes(comparator);
}

/** @returns a new row for a field, with its first comparator. */
export function conditionFor(field: Field): Condition {
  return { path: field.path, comparator: comparatorsOf(field)[0]?.value ?? 'is', value: '' };
}

/** Whether a row says something already. */
export function isComplete({ comparator, value }: Condition, { kind }: Field): boolean {
  if (!needsValue(comparator)) return true;
  if (kind === 'number') return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(value.trim());
  if (kind === 'date') return /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));
  return value !== '';
}

/** A condition as a sentence without its subject's value, for example “Email addresses (work) contains”. */
export function wordsOf({ type, comparator }: Condition, field: Field): string {
  const label = type === undefined ? field.label : `${field.label} (${type})`;
  if (field.path === 'active') return comparator === 'yes' ? 'Is active' : 'Is not active';
  return `${label} ${comparatorsOf(field).find(({ value }) => value === comparator)?.label ?? words[comparator]}`;
}
