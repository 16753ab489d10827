import { describe, expect, test } from 'vitest';
import { DirectoryError, type ErrorCode } from './errors.ts';
import { normalise } from './normalise.ts';
import { applyPatch, parsePatch, splitMemberOperations } from './patch.ts';
import type { Resource } from './resource.ts';
import type { Attribute, ResourceSchemas } from './schema.ts';
import { enterpriseUserUrn, groupSchemas, groupUrn, userSchemas, userUrn } from './schema.ts';
import { attribute } from './schema-parts.ts';

const siteUrn = 'urn:example:site:2.0:User';
const site: Attribute[] = [
  attribute('floor', 'The floor.', { type: 'integer' }),
  attribute('share', 'The share of full time.', { type: 'decimal' }),
  attribute('tags', 'Labels.', { multiValued: true }),
];
const schemas: ResourceSchemas = {
  ...userSchemas,
  extensions: [...userSchemas.extensions, { id: siteUrn, name: 'Site', description: 'Where people are.', attributes: site }],
};

const work = { value: 'bjensen@example.com', type: 'work', primary: true };
const user: Resource = {
  schemas: [userUrn],
  id: 'u1',
  userName: 'bjensen',
  name: { givenName: 'Barbara' },
  active: true,
  emails: [work],
  [siteUrn]: { tags: ['a', 'b'] },
};

function patched(operations: unknown[], strict = false) {
  return normalise(schemas, applyPatch(user, parsePatch(schemas, operations, { strict }))).content;
}

function members(operations: unknown[], strict = false) {
  return splitMemberOperations(parsePatch(groupSchemas, operations, { strict })).members;
}

function codeOf(action: () => unknown): ErrorCode | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof DirectoryError) return error.code;
    throw error;
  }
  return undefined;
}

/** Taken from these clients, and refused where a tenant is strict. */
describe('dialects', () => {
  const dialects: [string, unknown, Record<string, unknown>, ErrorCode][] = [
    ['Okta deactivates', { op: 'replace', value: { active: false } }, { active: false }, 'SCHEMA_VIOLATION'],
    ['Okta sends the id along', { op: 'replace', value: { id: 'u1', title: 'T' } }, { title: 'T' }, 'SCHEMA_VIOLATION'],
    ['Entra deactivates', { op: 'Replace', path: 'active', value: 'False' }, { active: false }, 'SCHEMA_VIOLATION'],
    [
      'Entra adds an email that is not there',
      { op: 'Add', path: 'emails[type eq "home"].value', value: 'b@x.org' },
      { emails: [work, { type: 'home', value: 'b@x.org' }] },
      'NO_TARGET',
    ],
    [
      'Entra replaces a phone number that is not there',
      { op: 'Replace', path: 'phoneNumbers[type eq "Mobile"].value', value: '1' },
      { phoneNumbers: [{ type: 'Mobile', value: '1' }] },
      'NO_TARGET',
    ],
    [
      'Entra sets the primary role',
      { op: 'Add', path: 'roles[primary eq "True"].value', value: 'Admin' },
      { roles: [{ primary: true, value: 'Admin' }] },
      'NO_TARGET',
    ],
    [
      'Entra gives the manager as a string',
      { op: 'Add', path: `${enterpriseUserUrn}:manager`, value: 'm1' },
      { [enterpriseUserUrn]: { manager: { value: 'm1' } } },
      'SCHEMA_VIOLATION',
    ],
    [
      'a list of one',
      { op: 'Add', path: 'manager', value: [{ value: 'm1' }] },
      { [enterpriseUserUrn]: { manager: { value: 'm1' } } },
      'SCHEMA_VIOLATION',
    ],
    [
      'Entra without a path: dotted keys, URNs, value paths',
      {
        op: 'Add',
        value: {
          'name.familyName': 'Jensen',
          'emails[type eq "work"].value': 'new@x.org',
          [`${enterpriseUserUrn}:department`]: 'Tours',
          [enterpriseUserUrn]: { employeeNumber: '7', 'manager.value': 'm1' },
          schemas: [userUrn],
        },
      },
      {
        name: { givenName: 'Barbara', familyName: 'Jensen' },
        emails: [{ ...work, value: 'new@x.org' }],
        [enterpriseUserUrn]: { department: 'Tours', employeeNumber: '7', manager: { value: 'm1' } },
      },
      'SCHEMA_VIOLATION',
    ],
    [
      'Entra removes by value',
      { op: 'Remove', path: 'emails', value: [{ value: 'BJENSEN@example.com' }] },
      { emails: undefined },
      'SCHEMA_VIOLATION',
    ],
    [
      'simple values are removed by value',
      { op: 'Remove', path: `${siteUrn}:tags`, value: ['A', 'x'] },
      { [siteUrn]: { tags: ['b'] } },
      'SCHEMA_VIOLATION',
    ],
    [
      'numbers in strings, one value for a list',
      { op: 'Add', path: siteUrn, value: { floor: '-3', share: '0.5', tags: 'c' } },
      { [siteUrn]: { floor: -3, share: 0.5, tags: ['a', 'b', 'c'] } },
      'SCHEMA_VIOLATION',
    ],
    [
      'one object for a list',
      { op: 'Add', path: 'emails', value: { value: 'n@x.org', primary: 'true' } },
      {
        emails: [
          { value: work.value, type: 'work' },
          { value: 'n@x.org', primary: true },
        ],
      },
      'SCHEMA_VIOLATION',
    ],
  ];
  test.each(dialects)('%s', (_name, operation, expected, refusal) => {
    const result = patched([operation]);
    for (const [name, value] of Object.entries(expected)) expect(result[name]).toEqual(value);
    expect(codeOf(() => patched([operation], true))).toBe(refusal);
  });

  test('Entra removes the value of an email: nothing is left that says anything', () => {
    const operation = { op: 'Remove', path: 'emails[type eq "work"].value' };
    expect(patched([operation])).not.toHaveProperty('emails');
    expect(patched([operation], true)['emails']).toEqual([{ type: 'work', primary: true }]);
  });

  test('a role that is JSON in a string stays a string', () => {
    const value = '{"id":"1","value":"Admin"}';
    expect(patched([{ op: 'Add', path: 'roles', value: [{ value }] }])['roles']).toEqual([{ value }]);
  });

  test('nothing is made where the filter does not say of what', () => {
    for (const path of ['emails[type co "home"].value', 'emails[value eq "old"].value', 'emails[not (type eq "work")].value'])
      expect(codeOf(() => patched([{ op: 'replace', path, value: 'new' }]))).toBe('NO_TARGET');
  });

  test('a value without anything that can be written removes and adds nothing', () => {
    for (const element of [{}, { $ref: 'x' }, { value: null }])
      for (const op of ['add', 'replace', 'remove'])
        expect(codeOf(() => members([{ op, path: 'members', value: [element] }]))).toMatch(/SCHEMA_VIOLATION/);
    expect(patched([{ op: 'remove', path: 'emails', value: [] }])['emails']).toEqual([work]);
  });
});

describe('members of a group', () => {
  const set = (op: string, ...ids: string[]) => ({ op, path: 'members', value: ids.map((value) => ({ value })) });

  test('later operations win', () => {
    expect(members([set('add', 'a', 'b'), set('Remove', 'a'), set('add', 'b', 'c')])).toEqual({ add: ['b', 'c'], remove: ['a'] });
    expect(members([set('Remove', 'a'), set('add', 'a')])).toEqual({ add: ['a'], remove: [] });
    expect(members([set('add', 'a'), set('replace', 'b', 'c'), set('Remove', 'b'), set('add', 'd')])).toEqual({
      add: [],
      remove: [],
      replaceAll: ['c', 'd'],
    });
    expect(members([{ op: 'replace', path: 'members', value: [] }])).toEqual({ add: [], remove: [], replaceAll: [] });
  });

  test('are chosen by their ids', () => {
    const path = `${groupUrn}:Members[value eq "a" or (Value eq "B")]`;
    expect(members([{ op: 'remove', path }], true)).toEqual({ add: [], remove: ['a', 'B'] });
    expect(members([{ op: 'Add', value: { members: { value: 'a' }, id: 'g' } }])).toEqual({ add: ['a'], remove: [] });
  });

  test('other operations stay', () => {
    const operations = parsePatch(groupSchemas, [set('add', 'a'), { op: 'replace', value: { id: 'g', displayName: 'G' } }], {
      strict: false,
    });
    const { rest } = splitMemberOperations(operations);
    const group: Resource = { schemas: [groupUrn], id: 'g', displayName: 'Old' };
    expect(applyPatch(group, rest)).toEqual({ ...group, displayName: 'G' });
    expect(codeOf(() => applyPatch({ ...group, id: 'other' }, rest))).toBe('MUTABILITY');
  });

  test.each([
    [{ op: 'remove', path: 'members[type eq "User"]' }, 'INVALID_FILTER'],
    [{ op: 'remove', path: 'members[value sw "a"]' }, 'INVALID_PATH'],
    [{ op: 'remove', path: 'members[value eq "a" and value eq "b"]' }, 'INVALID_PATH'],
    [{ op: 'add', path: 'members[value eq "a"]', value: { value: 'b' } }, 'INVALID_PATH'],
    [{ op: 'replace', path: 'members[value eq "a"].value', value: 'b' }, 'MUTABILITY'],
    [{ op: 'replace', path: 'members.display', value: 'b' }, 'MUTABILITY'],
    [{ op: 'remove', path: 'displayName' }, undefined],
  ])('%o', (operation, code) => expect(codeOf(() => members([operation]))).toBe(code));
});

describe('whole records', () => {
  const record = {
    schemas: [userUrn],
    userName: 'b',
    active: 'False',
    emails: { value: 'b@x.org', primary: 'True' },
    roles: ['Admin'],
    [enterpriseUserUrn]: { manager: 'm1' },
    [siteUrn]: { floor: '3', share: '0.5', tags: 'a' },
  };

  test('are read as leniently, if that is wanted', () => {
    expect(normalise(schemas, record, { coerce: true }).content).toEqual({
      schemas: [userUrn, siteUrn, enterpriseUserUrn].toSorted(
        (a, b) => Number(b === userUrn) - Number(a === userUrn) || (a < b ? -1 : 1),
      ),
      userName: 'b',
      active: false,
      emails: [{ value: 'b@x.org', primary: true }],
      roles: [{ value: 'Admin' }],
      [enterpriseUserUrn]: { manager: { value: 'm1' } },
      [siteUrn]: { floor: 3, share: 0.5, tags: ['a'] },
    });
    expect(codeOf(() => normalise(schemas, record))).toBe('SCHEMA_VIOLATION');
  });

  test.each([{ active: 'yes' }, { [siteUrn]: { floor: '3.5' } }, { [siteUrn]: { share: '1e3' } }, { name: 'B' }])(
    'but not %o',
    (part) =>
      expect(codeOf(() => normalise(schemas, { schemas: [userUrn], userName: 'b', ...part }, { coerce: true }))).toBe(
        'SCHEMA_VIOLATION',
      ),
  );
});
