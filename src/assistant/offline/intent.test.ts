import { expect, test } from 'vitest';
import { understand, type Intent } from './intent.ts';
import { enterpriseUrn } from '../record.ts';

const focus = { id: '11111111-2222-3333-4444-555555555555', name: 'Ada Chen' };
const department = `${enterpriseUrn}:department`;
const ada = { name: 'Ada Chen' };
const open = { id: focus.id };

const cases: [string, Intent][] = [
  ['help', { kind: 'help' }],
  ['How many people are there?', { kind: 'count' }],
  ['how many people in Sales', { kind: 'search', attribute: 'department', value: 'Sales', as: 'in Sales' }],
  ['List everyone', { kind: 'list' }],
  ['Find everyone in Sales', { kind: 'search', attribute: 'department', value: 'Sales', as: 'in Sales' }],
  [
    'who works in the People Operations department?',
    { kind: 'search', attribute: 'department', value: 'People Operations', as: 'in People Operations' },
  ],
  [
    'show people with title Accountant',
    { kind: 'search', attribute: 'title', value: 'Accountant', as: 'with the title Accountant' },
  ],
  ['list inactive users', { kind: 'search', attribute: 'active', value: 'false', as: 'inactive' }],
  ['Who is Ada Chen?', { kind: 'show', who: ada }],
  ['show me ada.chen@example.com', { kind: 'show', who: { name: 'ada.chen@example.com' } }],
  ['Show this person', { kind: 'show', who: open }],
  ["Please set Ada Chen's title to “CTO”.", { kind: 'update', who: ada, set: [{ path: 'title', value: 'CTO' }] }],
  ['change the department of Ada Chen to Sales', { kind: 'update', who: ada, set: [{ path: department, value: 'Sales' }] }],
  ['Change her department to Sales', { kind: 'update', who: open, set: [{ path: department, value: 'Sales' }] }],
  [
    "set Ada Chen's title to CTO and department to Board",
    {
      kind: 'update',
      who: ada,
      set: [
        { path: 'title', value: 'CTO' },
        { path: department, value: 'Board' },
      ],
    },
  ],
  [
    'her phone number is +1 555 12',
    { kind: 'update', who: open, set: [{ path: 'phoneNumbers[type eq "work"].value', value: '+1 555 12' }] },
  ],
  ['move Ada Chen to Marketing', { kind: 'update', who: ada, set: [{ path: department, value: 'Marketing' }] }],
  ['promote him to Head of Sales', { kind: 'update', who: open, set: [{ path: 'title', value: 'Head of Sales' }] }],
  ['deactivate Ada Chen', { kind: 'update', who: ada, set: [{ path: 'active', value: false }] }],
  ['activate this user', { kind: 'update', who: open, set: [{ path: 'active', value: true }] }],
  ['make Ada Chen the manager of Bo Li', { kind: 'update', who: { name: 'Bo Li' }, set: [], manager: 'Ada Chen' }],
  ["set Ada Chen's manager to Bo Li", { kind: 'update', who: ada, set: [], manager: 'Bo Li' }],
  ["clear Ada Chen's nickname", { kind: 'update', who: ada, set: [{ path: 'nickName', value: undefined }] }],
  ['delete Ada Chen', { kind: 'delete', who: ada }],
  ['remove user ada.chen', { kind: 'delete', who: { name: 'ada.chen' } }],
  [`Yes, delete Ada Chen ${focus.id} at version abc=`, { kind: 'delete', who: open, version: 'abc=' }],
  [
    `Use mine for ${focus.id}: title = “C, T and O”, active = false at version abc=`,
    {
      kind: 'update',
      who: open,
      version: 'abc=',
      set: [
        { path: 'title', value: 'C, T and O' },
        { path: 'active', value: false },
      ],
    },
  ],
  [
    `Use mine for ${focus.id}: emails[type eq "work"].value = “a@b.c” at version abc=`,
    { kind: 'update', who: open, version: 'abc=', set: [{ path: 'emails[type eq "work"].value', value: 'a@b.c' }] },
  ],
  [`Keep theirs for ${focus.id}`, { kind: 'show', who: open }],
  ['sing a song', { kind: 'unclear' }],
];

test.each(cases)('%s', (sentence, intent) => {
  expect(understand(sentence, focus)).toEqual(intent);
});

test('a rename sets the parts of the name', () => {
  expect(understand('rename Ada Chen to Ada King Noel')).toMatchObject({
    kind: 'update',
    who: ada,
    rename: 'Ada King Noel',
    set: expect.arrayContaining([
      { path: 'name.givenName', value: 'Ada' },
      { path: 'name.familyName', value: 'King Noel' },
    ]),
  });
});

test.each([
  'Create Grace Hopper, grace@example.com, title Admiral in Navy',
  'add a new user Grace Hopper grace@example.com as Admiral in Navy',
  'create user named Grace Hopper with email grace@example.com, title Admiral, department Navy',
])('%s', (sentence) => {
  const intent = understand(sentence);
  expect(intent).toMatchObject({ kind: 'create', name: 'Grace Hopper' });
  if (intent.kind === 'create')
    expect(Object.fromEntries(intent.fields.map(({ path, value }) => [path, value]))).toMatchObject({
      userName: 'grace@example.com',
      'name.givenName': 'Grace',
      'name.familyName': 'Hopper',
      title: 'Admiral',
      [department]: 'Navy',
    });
});

test('a change is made again on the version that the person has saved', () => {
  const focus = { id: '3f2504e0-4f89-41d3-9a0c-0305e82c3301', name: 'Ada' };
  expect(understand('Do your change again on my version: title = “Head of Sales”, active = false at version abc', focus)).toEqual(
    {
      kind: 'update',
      who: { id: focus.id },
      set: [
        { path: 'title', value: 'Head of Sales' },
        { path: 'active', value: false },
      ],
      version: 'abc',
    },
  );
});

test('a pronoun without anybody open is asked back', () => {
  expect(understand('delete her')).toMatchObject({ kind: 'unclear', hint: expect.stringContaining('Nobody is open') });
});
