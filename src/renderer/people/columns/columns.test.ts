import { expect, test } from 'vitest';
import { userSchemas, type UserSummary } from '../../../directory/pure.ts';
import { fieldsOf } from '../fields.ts';
import { allColumns, cellText, moved, shownColumns } from './columns.ts';

const all = allColumns(fieldsOf(userSchemas));
const paths = (chosen: readonly string[] | null, wide = false) => shownColumns(all, chosen, wide).map(({ label }) => label);
const ada: UserSummary = {
  id: '1',
  userName: 'ada',
  displayName: 'Ada',
  title: 'Analyst',
  department: 'Engines',
  active: false,
  version: 'v',
  lastModified: '2026-01-31T12:00:00.000Z',
};
const column = (path: string) => all.find((each) => each.path === path) ?? expect.fail(`no column ${path}`);

test('the usual columns depend on the room', () => {
  expect(paths(null)).toEqual(['Department', 'Status']);
  expect(paths(null, true)).toEqual(['Department', 'Manager', 'Email', 'Status']);
});

test('what was chosen is shown in its order, without what the schemas do not have', () => {
  expect(paths(['active', 'urn:gone:attribute', 'userName'])).toEqual(['Status', 'User name']);
  expect(paths([])).toEqual([]);
});

test('columns move by one place and stay inside', () => {
  expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'c', 'b']);
  expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c']);
  expect(moved(['a', 'b', 'c'], 2, 3)).toEqual(['a', 'b', 'c']);
});

test('cells are in words', () => {
  expect(cellText(column('active'), ada, undefined)).toBe('Inactive');
  expect(cellText(column('title'), ada, undefined)).toBe('Analyst');
  expect(cellText(column('emails.value'), ada, 'a@x.example')).toBe('a@x.example');
  expect(cellText(column('meta.created'), ada, '2026-01-31T12:00:00.000Z')).toContain('Jan 31, 2026');
  expect(cellText(column('meta.created'), ada, undefined)).toBe('');
});

test('what has no order for people is not sorted', () => {
  expect(column('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager').sortBy).toBeUndefined();
  expect(column('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department').sortBy).toBe('department');
});
