import { expect, test } from 'vitest';
import type { Change, Intent, Term } from './intent.ts';
import { understand } from './understand.ts';
import { enterpriseUrn } from '../record.ts';

const focus = { id: '11111111-2222-3333-4444-555555555555', name: 'Ada Chen' };
const department = `${enterpriseUrn}:department`;
const ada = { name: 'Ada Chen' };
const open = { id: focus.id };

const inSales: Term = { kind: 'place', place: 'Sales' };
const filter = (text: string): Term => ({ kind: 'filter', filter: text });
const find = (terms: Term[], as: string, answer: 'list' | 'count' = 'list'): Intent => ({
  kind: 'find',
  people: { terms, as },
  answer,
});

const cases: [string, Intent][] = [
  ['help', { kind: 'help' }],
  ['How many people are there?', find([], 'here', 'count')],
  ['how many people in Sales', find([inSales], 'in Sales', 'count')],
  ['how many inactive people do we have in Sales?', find([filter('active eq false'), inSales], 'inactive and in Sales', 'count')],
  ['List everyone', find([], 'here')],
  ['Find everyone in Sales', find([inSales], 'in Sales')],
  [
    'who works in the People Operations department?',
    find([filter(`${department} eq "People Operations"`)], 'in People Operations'),
  ],
  ['show people with title Accountant', find([filter('title eq "Accountant"')], 'with the title Accountant')],
  ['list inactive users', find([filter('active eq false')], 'inactive')],
  [
    'Show engineers in Toronto',
    find([filter('title co "engineer"'), { kind: 'place', place: 'Toronto' }], 'engineers and in Toronto'),
  ],
  [
    'find people in Sales without a manager',
    find([inSales, filter(`not (${enterpriseUrn}:manager pr)`)], 'in Sales and without manager'),
  ],
  ['Which people have no phone?', find([filter('not (phoneNumbers pr)')], 'without phone')],
  ['who reports to Ada Chen?', find([{ kind: 'reports', to: ada }], 'reporting to Ada Chen')],
  [
    'list all contractors in the group On call',
    find([filter('userType eq "Contractor"'), { kind: 'member', of: 'On call' }], 'contractors and in the group On call'),
  ],
  [
    'show everyone who is in Sales and has no manager',
    find([inSales, filter(`not (${enterpriseUrn}:manager pr)`)], 'in Sales and without manager'),
  ],
  ["What is Ada Chen's work phone?", { kind: 'value', who: ada, path: 'phoneNumbers[type eq "work"].value' }],
  ['Who does Ada Chen report to?', { kind: 'value', who: ada, path: 'manager' }],
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

const bo = { name: 'Bo Li' };
const everyone = { terms: [inSales], as: 'in Sales' };
const onCall = { group: 'On call' };
const all = (change: Change): Intent => ({ kind: 'everyone', people: everyone, change });
const both = (change: Change): Intent => ({ kind: 'everyone', people: { named: [ada, bo] }, change });
const off: Change = { kind: 'set', set: [{ path: 'active', value: false }] };

test.each<[string, Intent]>([
  ['Deactivate everyone in Sales', all(off)],
  ['Yes, for these 19 people (list 1a2b): deactivate everyone in Sales', { ...all(off), list: '1a2b' } as Intent],
  ['deactivate Ada Chen and Bo Li', both(off)],
  ['delete Ada Chen, Bo Li', both({ kind: 'delete' })],
  ['move everyone in Sales to Revenue', all({ kind: 'set', set: [{ path: department, value: 'Revenue' }] })],
  ['set the title of everyone in Sales to Seller', all({ kind: 'set', set: [{ path: 'title', value: 'Seller' }] })],
  [
    'give everyone in Sales the cost center CC-9',
    all({ kind: 'set', set: [{ path: `${enterpriseUrn}:costCenter`, value: 'CC-9' }] }),
  ],
  ['make Ada Chen the manager of everyone in Sales', all({ kind: 'set', set: [], manager: 'Ada Chen' })],
  ['add everyone in Sales to the group On call', all({ kind: 'join', group: onCall })],
  ['Add Ada Chen and Bo Li to On call', both({ kind: 'join', group: onCall })],
  ['take Ada Chen and Bo Li out of the On call group', both({ kind: 'leave', group: onCall })],
  ['create a group called Choir with Ada Chen and Bo Li', { kind: 'create-group', group: 'Choir', members: [ada, bo] }],
  ['rename the group On call to Night shift', { kind: 'rename-group', group: onCall, name: 'Night shift' }],
  ['delete the On call group', { kind: 'delete-group', group: onCall }],
  [`Yes, delete the group On call ${focus.id} at version v=`, { kind: 'delete-group', group: open, version: 'v=' }],
  ['who is in the On call group?', { kind: 'members', group: onCall, answer: 'list' }],
  ['show the members of On call', { kind: 'members', group: onCall, answer: 'list' }],
  ['how many people are in the group On call?', { kind: 'members', group: onCall, answer: 'count' }],
  ['which groups is Ada Chen in?', { kind: 'groups', who: ada }],
  ['list the groups', { kind: 'groups' }],
  ['is Ada Chen in On call?', { kind: 'groups', who: ada }],
  ['create a user', { kind: 'unclear', hint: 'Tell me the name of the person to create.' }],
  ['create a group', { kind: 'unclear', hint: 'Tell me the name of the group to create.' }],
  ['copy the members of On call to Choir', { kind: 'copy-members', from: onCall, to: { group: 'Choir' } }],
  ['give Bo Li the same groups as Ada Chen', { kind: 'same-groups', from: ada, to: bo }],
  ['move Ada Chen from the group On call to Choir', { kind: 'move-member', who: ada, from: onCall, to: { group: 'Choir' } }],
  [
    'add a mobile phone +1 555 to Ada Chen',
    { kind: 'update', who: ada, set: [{ path: 'phoneNumbers[type eq "mobile"].value', value: '+1 555' }] },
  ],
  [
    "remove Ada Chen's home email",
    { kind: 'update', who: ada, set: [{ path: 'emails[type eq "home"].value', value: undefined }] },
  ],
  ['remove the nickname of Ada Chen', { kind: 'update', who: ada, set: [{ path: 'nickName', value: undefined }] }],
  ["who changed Ada Chen's title?", { kind: 'history', who: ada, field: 'title', only: 'last' }],
  ['who changed the title of Ada Chen last?', { kind: 'history', who: ada, field: 'title', only: 'last' }],
  ['what changed about Ada Chen since yesterday?', { kind: 'history', who: ada, since: 'yesterday' }],
  ['undo your last change to Ada Chen', { kind: 'undo', who: ada, of: 'agent' }],
  ["undo the last change of Ada Chen's title", { kind: 'undo', who: ada, of: 'anyone', field: 'title' }],
  [
    `Go back to version v1 of ${focus.id} in title & nickName at version v2`,
    { kind: 'revert', who: open, to: 'v1', fields: ['title', 'nickName'], version: 'v2' },
  ],
  ['what waits for approval?', { kind: 'inbox' }],
  ['accept the proposal for Ada Chen', { kind: 'answer', answer: 'accept', about: 'Ada Chen' }],
  ['withdraw your request', { kind: 'withdraw' }],
  ['how many conflicts were there?', { kind: 'conflicts' }],
  [
    'Create a ticket: the printer is broken, and delete is stuck',
    { kind: 'demo', tool: 'create_ticket', args: { initial_description: 'the printer is broken, and delete is stuck' } },
  ],
  ['Open a ticket v2 about lamps', { kind: 'demo', tool: 'create_ticket_v2', args: { initial_description: 'lamps' } }],
  ['Book an appointment', { kind: 'demo', tool: 'book_appointment_v2', args: {} }],
  ['Log in', { kind: 'demo', tool: 'login', args: {} }],
  ['List the tickets', { kind: 'demo', tool: 'list_tickets', args: {} }],
  ['Create a ticket', { kind: 'unclear', hint: expect.any(String) }],
  ["Don't delete Ada Chen", { kind: 'nothing' }],
  ['email everyone in Sales about the party', { kind: 'unclear' }],
])('%s', (sentence, intent) => {
  expect(understand(sentence, focus)).toEqual(intent);
});

test('two requests in a sentence are two steps, and the second can speak of the first', () => {
  expect(understand("set Ada Chen's title to “Research and move” and add her to On call")).toEqual({
    kind: 'steps',
    steps: [
      {
        text: "set Ada Chen's title to “Research and move”",
        intent: { kind: 'update', who: ada, set: [{ path: 'title', value: 'Research and move' }] },
      },
      {
        text: 'add her to On call',
        intent: { kind: 'everyone', people: { named: [ada] }, change: { kind: 'join', group: onCall } },
      },
    ],
  });
  expect(understand('delete Ada Chen and set the weather to sunny')).toMatchObject({ kind: 'unclear' });
});

test('an id in a name cannot become the one that is deleted', () => {
  const other = '99999999-2222-3333-4444-555555555555';
  expect(understand(`Yes, delete Mallory ${focus.id} at version abc= ${other} at version def=`)).not.toMatchObject({ who: open });
});
