import { expect, test } from 'vitest';
import { userSchemas, type Resource } from '../../../directory/pure.ts';
import { fieldsOf } from '../fields.ts';
import { patchBetween, planFor, type Wish } from './wish.ts';

const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const fields = fieldsOf(userSchemas);
const field = (path: string) => fields.find((each) => each.path === path) ?? expect.fail(`no field ${path}`);
const ada: Resource = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', urn],
  id: '1',
  userName: 'ada',
  displayName: 'Ada',
  title: 'Analyst',
  emails: [{ value: 'ada@work.example', type: 'work', primary: true }],
  [urn]: { department: 'Engines', manager: { value: 'm1', $ref: '../Users/m1' } },
};
const plan = (...wishes: Wish[]) => planFor({ resource: ada, version: 'v1' }, { kind: 'change', wishes });
const department = field(`${urn}:department`);
const manager = field(`${urn}:manager.value`);
const emails = field('emails.value');

test.each<[string, Wish, unknown[], unknown[]]>([
  [
    'sets a value',
    { kind: 'set', field: department, value: 'Sales' },
    [{ op: 'replace', path: `${urn}:department`, value: 'Sales' }],
    [{ op: 'replace', path: `${urn}:department`, value: 'Engines' }],
  ],
  [
    'sets a value where none was',
    { kind: 'set', field: field('userType'), value: 'Guest' },
    [{ op: 'replace', path: 'userType', value: 'Guest' }],
    [{ op: 'remove', path: 'userType' }],
  ],
  [
    'clears a value',
    { kind: 'clear', field: field('title') },
    [{ op: 'remove', path: 'title' }],
    [{ op: 'replace', path: 'title', value: 'Analyst' }],
  ],
  [
    'gives another manager',
    { kind: 'set', field: manager, value: 'm2' },
    [{ op: 'replace', path: `${urn}:manager`, value: { value: 'm2' } }],
    [{ op: 'replace', path: `${urn}:manager`, value: { value: 'm1', $ref: '../Users/m1' } }],
  ],
  [
    'adds to a list',
    { kind: 'add', field: emails, value: 'ada@home.example', type: 'home' },
    [
      {
        op: 'replace',
        path: 'emails',
        value: [
          { value: 'ada@work.example', type: 'work', primary: true },
          { value: 'ada@home.example', type: 'home' },
        ],
      },
    ],
    [{ op: 'replace', path: 'emails', value: [{ value: 'ada@work.example', type: 'work', primary: true }] }],
  ],
  [
    'takes the last value out of a list',
    { kind: 'remove', field: emails, value: 'ADA@work.example' },
    [{ op: 'remove', path: 'emails' }],
    [{ op: 'replace', path: 'emails', value: [{ value: 'ada@work.example', type: 'work', primary: true }] }],
  ],
])('%s, and back', (_name, wish, forward, back) => {
  const { before, after, changes } = plan(wish);
  if (!after) expect.fail();
  expect(changes).not.toEqual([]);
  expect(patchBetween(before, after, { wishes: [wish] })).toEqual(forward);
  expect(patchBetween(after, before, { wishes: [wish] })).toEqual(back);
});

test.each<[string, Wish]>([
  ['the value is there already', { kind: 'set', field: department, value: 'Engines' }],
  ['nothing is there to clear', { kind: 'clear', field: field('userType') }],
  ['the manager is the same', { kind: 'set', field: manager, value: 'm1' }],
  ['the list has it, in other letters', { kind: 'add', field: emails, value: 'ADA@WORK.example', type: 'other' }],
  ['the list does not have it', { kind: 'remove', field: emails, value: 'nobody@work.example' }],
  ['nobody said that they are inactive', { kind: 'set', field: field('active'), value: true }],
])('nothing changes where %s', (_name, wish) => {
  const { before, after, changes } = plan(wish);
  expect(changes).toEqual([]);
  expect(patchBetween(before, after ?? expect.fail(), { wishes: [wish] })).toEqual([]);
});

test('several wishes for one list are one patch', () => {
  const wishes: Wish[] = [
    { kind: 'add', field: emails, value: 'a@x.example', type: '' },
    { kind: 'remove', field: emails, value: 'ada@work.example' },
    { kind: 'set', field: department, value: 'Sales' },
  ];
  const { before, after } = plan(...wishes);
  expect(patchBetween(before, after ?? expect.fail(), { wishes })).toEqual([
    { op: 'replace', path: 'emails', value: [{ value: 'a@x.example' }] },
    { op: 'replace', path: `${urn}:department`, value: 'Sales' },
  ]);
});

test('a deletion has nothing after it', () => {
  expect(planFor({ resource: ada, version: 'v1' }, { kind: 'delete' })).toMatchObject({
    name: 'Ada',
    after: undefined,
    version: 'v1',
  });
});
