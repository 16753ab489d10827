import fc from 'fast-check';
import { expect, test } from 'vitest';
import { userSchemas } from '../../../directory/pure.ts';
import { fieldsOf } from '../fields.ts';
import { comparatorsOf, needsValue, wordsOf, type Condition } from './conditions.ts';
import { fromFilterText, toFilterText } from './filter-text.ts';

const fields = fieldsOf(userSchemas);
const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const one = (condition: Partial<Condition>) =>
  toFilterText({ match: 'all', rows: [{ path: 'title', comparator: 'is', value: '', ...condition }] }, fields);

test.each<[Partial<Condition>, string]>([
  [{ value: 'Boss' }, 'title eq "Boss"'],
  [{ value: 'a "b" \\ c' }, String.raw`title eq "a \"b\" \\ c"`],
  [{ comparator: 'isNot', value: 'Boss' }, 'title ne "Boss"'],
  [{ comparator: 'contains', value: 'ing' }, 'title co "ing"'],
  [{ path: 'name.familyName', comparator: 'startsWith', value: "O'" }, `name.familyName sw "O'"`],
  [{ path: `${urn}:department`, value: 'Sales' }, `${urn}:department eq "Sales"`],
  [{ comparator: 'isEmpty' }, 'not (title pr)'],
  [{ comparator: 'isNotEmpty' }, 'title pr'],
  [{ path: 'active', comparator: 'yes' }, 'active ne false'],
  [{ path: 'active', comparator: 'no' }, 'active eq false'],
  [{ path: 'emails.value', comparator: 'contains', value: 'x' }, 'emails.value co "x"'],
  [{ path: 'emails.value', type: 'work', comparator: 'contains', value: 'x' }, 'emails[type eq "work" and value co "x"]'],
  [{ path: 'emails.value', type: 'work', comparator: 'isNot', value: 'x' }, 'not (emails[type eq "work" and value eq "x"])'],
  [{ path: 'emails.value', type: 'work', comparator: 'isEmpty' }, 'not (emails[type eq "work" and value pr])'],
  [{ path: 'addresses.locality', type: 'home', comparator: 'isNotEmpty' }, 'addresses[type eq "home" and locality pr]'],
  [{ path: `${urn}:manager.value`, value: 'id-1' }, `${urn}:manager.value eq "id-1"`],
  [{ path: 'groups.value', value: 'id-1' }, 'groups.value eq "id-1"'],
  [
    { path: 'meta.lastModified', comparator: 'before', value: '2026-01-31' },
    `meta.lastModified lt "${new Date(2026, 0, 31).toISOString()}"`,
  ],
  [
    { path: 'meta.lastModified', comparator: 'after', value: '2026-01-31' },
    `meta.lastModified ge "${new Date(2026, 1, 1).toISOString()}"`,
  ],
])('%j is written as %s', (condition, text) => expect(one(condition)).toBe(text));

test('rows that are not complete say nothing', () => {
  expect(one({ value: '' })).toBe('');
  expect(one({ path: 'meta.created', comparator: 'before', value: '31.1.2026' })).toBe('');
  expect(one({ path: 'unknown', value: 'x' })).toBe('');
});

test('rows are joined by all or any', () => {
  const rows: Condition[] = [
    { path: 'title', comparator: 'is', value: 'a and b or "c"' },
    { path: 'active', comparator: 'no', value: '' },
  ];
  expect(toFilterText({ match: 'all', rows }, fields)).toBe(String.raw`title eq "a and b or \"c\"" and active eq false`);
  expect(toFilterText({ match: 'any', rows }, fields)).toBe(String.raw`title eq "a and b or \"c\"" or active eq false`);
});

const condition = fc.constantFrom(...fields).chain((field) =>
  fc.record({
    path: fc.constant(field.path),
    ...(field.list &&
      field.list.types.length > 0 && { type: fc.option(fc.constantFrom(...field.list.types), { nil: undefined }) }),
    comparator: fc.constantFrom(...comparatorsOf(field).map(({ value }) => value)),
    value:
      field.kind === 'date'
        ? fc
            .date({ min: new Date(1990, 0, 1), max: new Date(2090, 0, 1), noInvalidDate: true })
            .map((date) => date.toISOString().slice(0, 10))
        : field.kind === 'number'
          ? fc.integer().map(String)
          : fc.string({ minLength: 1, unit: 'grapheme' }),
  }),
);

test('what the builder writes, it reads back', () => {
  const conditions = fc.record({
    match: fc.constantFrom('all' as const, 'any' as const),
    rows: fc.array(condition, { minLength: 1, maxLength: 4 }),
  });
  fc.assert(
    fc.property(conditions, ({ match, rows }) => {
      const text = toFilterText({ match, rows }, fields);
      const plain = rows.map(({ type, comparator, value, path }) => ({
        path,
        ...(type !== undefined && { type }),
        comparator,
        value: needsValue(comparator) ? value : '',
      }));
      expect(fromFilterText(text, fields)).toEqual({ match: rows.length === 1 ? 'all' : match, rows: plain });
    }),
  );
});

test.each([
  'title eq "a" and (active eq false or title pr)',
  'title eq "a" and active eq false or title pr',
  'title  eq "a"',
  'title gt "a"',
  'emails[type eq "work"]',
  'unknown eq "a"',
  'title eq "a',
  'title eq "a" and',
  'not (title eq "a" and title pr)',
])('%s stays text', (text) => expect(fromFilterText(text, fields)).toBeUndefined());

test('a condition is told in words', () => {
  const field = (path: string) => fields.find((each) => each.path === path) ?? expect.fail();
  expect(wordsOf({ path: 'emails.value', type: 'work', comparator: 'contains', value: 'x' }, field('emails.value'))).toBe(
    'Email addresses (work) contains',
  );
  expect(wordsOf({ path: 'active', comparator: 'no', value: '' }, field('active'))).toBe('Is not active');
});
