import { expect, test } from 'vitest';
import type { Resource, Side } from '../../directory/pure.ts';
import { previewOf } from './merge-preview.ts';

const record = (over: object): Resource => ({ schemas: ['urn:x'], id: '1', title: 'Analyst', userName: 'ada', ...over });
const base = record({ emails: [{ type: 'work', value: 'a@x.example' }] });
const mine = record({ ...base, title: 'Mine', nickName: 'A', locale: 'en', emails: [{ type: 'work', value: 'm@x.example' }] });
const theirs = record({ ...base, title: 'Theirs', timezone: 'UTC', locale: 'en' });
const sides = { base, mine, theirs, collisions: [{ path: 'title' }] };
const rows = (choice: Side | undefined) =>
  Object.fromEntries(previewOf(sides, () => choice).map(({ path, after, from }) => [path, [after, from]]));

test('each field says what it will be and whose that is; both where they agree, nobody where it is not decided', () => {
  expect(rows('mine')).toEqual({
    title: ['Mine', 'mine'],
    nickName: ['A', 'mine'],
    locale: ['en', 'both'],
    timezone: ['UTC', 'theirs'],
    'emails[type eq "work"].value': ['m@x.example', 'mine'],
  });
  expect(rows('theirs')['title']).toEqual(['Theirs', 'theirs']);
  expect(rows(undefined)['title']).toEqual(['Theirs', undefined]);
});
