import { describe, expect, test } from 'vitest';
import { DirectoryError, type ErrorCode } from './errors.ts';
import { normalise } from './normalise.ts';
import { applyPatch, parsePatch, splitMemberOperations } from './patch.ts';
import type { Json, Resource } from './resource.ts';
import { enterpriseUserUrn, groupSchemas, userSchemas, userUrn } from './schema.ts';

const lenient = { strict: false };
const strict = { strict: true };
const work = { value: 'bjensen@example.com', type: 'work', primary: true };
const home = { value: 'babs@jensen.org', type: 'home' };
const street = { type: 'work', streetAddress: '100 Universal City Plaza', locality: 'Hollywood', primary: true };

const user: Resource = {
  schemas: [userUrn, enterpriseUserUrn],
  id: 'u1',
  userName: 'bjensen',
  name: { givenName: 'Barbara', familyName: 'Jensen' },
  active: true,
  emails: [work, home],
  addresses: [street],
  [enterpriseUserUrn]: { department: 'Tours', manager: { value: 'm1' } },
};

const message = (operations: unknown[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
});

/** The user after a patch, checked as the directory checks it. */
function patched(operations: unknown[], options = lenient): { [name: string]: Json } {
  const record = applyPatch(user, parsePatch(userSchemas, message(operations), options));
  return normalise(userSchemas, record).content;
}

function members(operations: unknown[], options = lenient) {
  return splitMemberOperations(parsePatch(groupSchemas, message(operations), options)).members;
}

function refused(action: () => unknown, code: ErrorCode, text: RegExp = /./): void {
  let thrown: unknown;
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(DirectoryError);
  expect(thrown).toMatchObject({ code, message: expect.stringMatching(text) as unknown });
}

describe('the examples of RFC 7644 §3.5.2', () => {
  const babs = '2819c223-7f76-453a-919d-413861904646';
  const james = '08e1d05d-121c-4561-8b96-473d93df9210';
  const member = { display: 'Babs Jensen', $ref: `https://example.com/v2/Users/${babs}`, value: babs };

  test('add: a member; attributes without a path', () => {
    expect(members([{ op: 'add', path: 'members', value: [member] }], strict)).toEqual({ add: [babs], remove: [] });
    const result = patched([{ op: 'add', value: { emails: [{ value: 'b@home.org', type: 'home' }], nickname: 'Babs' } }]);
    expect(result).toMatchObject({ nickName: 'Babs', emails: [work, home, { value: 'b@home.org', type: 'home' }] });
  });

  test('remove: one member, all members, emails by a filter', () => {
    expect(members([{ op: 'remove', path: `members[value eq "${babs}"]` }], strict)).toEqual({ add: [], remove: [babs] });
    expect(members([{ op: 'remove', path: 'members' }], strict)).toEqual({ add: [], remove: [], replaceAll: [] });
    const path = 'emails[type eq "work" and value ew "example.com"]';
    expect(patched([{ op: 'remove', path }], strict)['emails']).toEqual([home]);
  });

  test('remove and add: one member for another, all members for others', () => {
    const added = { op: 'add', path: 'members', value: [{ display: 'James', value: james }] };
    expect(members([{ op: 'remove', path: `members[value eq "${babs}"]` }, added], strict)).toEqual({
      add: [james],
      remove: [babs],
    });
    expect(members([{ op: 'remove', path: 'members' }, added], strict)).toEqual({ add: [], remove: [], replaceAll: [james] });
  });

  test('replace: all members, an address, a part of an address, attributes without a path', () => {
    const both = { op: 'replace', path: 'members', value: [member, { display: 'James', value: james }] };
    expect(members([both], strict)).toEqual({ add: [], remove: [], replaceAll: [babs, james] });
    const address = { type: 'work', streetAddress: '911 Universal City Plaza', locality: 'Hollywood', primary: true };
    const path = 'addresses[type eq "work"]';
    expect(patched([{ op: 'replace', path, value: address }], strict)['addresses']).toEqual([address]);
    const moved = patched([{ op: 'replace', path: `${path}.streetAddress`, value: '1010 Broadway Ave' }], strict);
    expect(moved['addresses']).toEqual([{ ...street, streetAddress: '1010 Broadway Ave' }]);
    const value = {
      emails: [
        { ...home, primary: true },
        { value: 'x@example.com', type: 'work' },
      ],
      nickname: 'Babs',
    };
    expect(patched([{ op: 'replace', value }])).toMatchObject({ emails: value.emails, nickName: 'Babs' });
  });

  test('paths of Figure 7', () => {
    expect(patched([{ op: 'replace', path: 'name.familyName', value: 'J' }], strict)['name']).toEqual({
      givenName: 'Barbara',
      familyName: 'J',
    });
    refused(() => members([{ op: 'replace', path: `members[value eq "${babs}"].displayName`, value: 'x' }]), 'INVALID_PATH');
  });
});

describe('what operations mean', () => {
  test('add appends what is not there yet, and takes primary from the others', () => {
    const value = [
      { ...home, value: 'BABS@jensen.org', primary: true, display: 'Home' },
      { value: 'n@x.org' },
      { value: 'n@x.org' },
    ];
    expect(patched([{ op: 'add', path: 'emails', value }], strict)['emails']).toEqual([
      { value: work.value, type: 'work' },
      { ...home, primary: true, display: 'Home' },
      { value: 'n@x.org' },
    ]);
    expect(patched([{ op: 'add', path: 'addresses', value: [{ ...street, locality: 'hollywood' }] }])['addresses']).toEqual([
      street,
    ]);
  });

  test('primary through a value path is taken from the others, too', () => {
    const result = patched([{ op: 'replace', path: 'emails[type eq "home"].primary', value: true }], strict);
    expect(result['emails']).toEqual([
      { value: work.value, type: 'work' },
      { ...home, primary: true },
    ]);
  });

  test('a replaced element keeps what it was found by', () => {
    const result = patched([{ op: 'replace', path: 'emails[type eq "work"]', value: { value: 'n@x.org' } }], strict);
    expect(result['emails']).toEqual([{ value: 'n@x.org', type: 'work' }, home]);
  });

  test('complex attributes merge; what is derived of them is ignored', () => {
    const manager = `${enterpriseUserUrn}:manager`;
    expect(patched([{ op: 'replace', path: 'name', value: { middleName: 'J' } }])['name']).toEqual({
      givenName: 'Barbara',
      familyName: 'Jensen',
      middleName: 'J',
    });
    expect(patched([{ op: 'replace', path: `${manager}.value`, value: 'm2' }])[enterpriseUserUrn]).toEqual({
      department: 'Tours',
      manager: { value: 'm2' },
    });
    expect(
      patched([{ op: 'add', path: 'manager', value: { displayName: 'derived', $ref: 'derived' } }])[enterpriseUserUrn],
    ).toEqual(user[enterpriseUserUrn]);
  });

  test('null, empty text and an empty list remove in replace, and add nothing in add', () => {
    for (const value of [null, '', []]) {
      expect(patched([{ op: 'replace', path: 'name.givenName', value }], strict)['name']).toEqual({ familyName: 'Jensen' });
      expect(patched([{ op: 'replace', path: 'emails', value }], strict)).not.toHaveProperty('emails');
      expect(patched([{ op: 'add', path: 'emails', value }], strict)['emails']).toEqual([work, home]);
    }
  });

  test('removing the last element or part removes the attribute and its extension', () => {
    const gone = patched([
      { op: 'remove', path: 'addresses[type eq "work"]' },
      { op: 'remove', path: 'department' },
      { op: 'remove', path: `${enterpriseUserUrn}:manager` },
      { op: 'remove', path: 'nickName' },
    ]);
    expect(gone).not.toHaveProperty('addresses');
    expect(gone).not.toHaveProperty([enterpriseUserUrn]);
    expect(gone['schemas']).toEqual([userUrn]);
    expect(patched([{ op: 'remove', path: enterpriseUserUrn }])).not.toHaveProperty([enterpriseUserUrn]);
  });

  test('parts of all elements', () => {
    expect(patched([{ op: 'remove', path: 'emails.type' }])['emails']).toEqual([
      { value: work.value, primary: true },
      { value: home.value },
    ]);
  });

  test('what changes nothing gives the same content, so the version stays', () => {
    const { id: _id, ...content } = user;
    expect(
      patched([
        { op: 'replace', path: 'ACTIVE', value: true },
        { op: 'add', path: 'emails', value: [{ ...home, value: 'Babs@Jensen.org', type: 'HOME' }] },
        { op: 'replace', path: 'id', value: 'u1' },
        { op: 'add', value: {} },
      ]),
    ).toEqual(content);
  });

  test('password is set, never removed', () => {
    const operations = parsePatch(userSchemas, [{ op: 'replace', path: 'PASSWORD', value: 'secret' }], strict);
    expect(normalise(userSchemas, applyPatch(user, operations)).password).toBe('secret');
    refused(() => patched([{ op: 'remove', path: 'password' }]), 'MUTABILITY');
  });

  test('later operations see what earlier ones did; one refused operation refuses all, and the resource stays', () => {
    const before = structuredClone(user);
    expect(
      patched([
        { op: 'add', path: 'title', value: 'A' },
        { op: 'remove', path: 'title' },
      ]),
    ).not.toHaveProperty('title');
    refused(
      () =>
        patched([
          { op: 'replace', path: 'title', value: 'A' },
          { op: 'remove', path: 'emails[type eq "other"]' },
        ]),
      'NO_TARGET',
    );
    expect(user).toEqual(before);
  });
});

describe('refusals', () => {
  const cases: [string, unknown, ErrorCode, RegExp?][] = [
    ['an unknown op', { op: 'move', path: 'title', value: 'x' }, 'SCHEMA_VIOLATION', /"add", "replace" or "remove"/],
    ['no op', { path: 'title', value: 'x' }, 'SCHEMA_VIOLATION'],
    ['no value', { op: 'add', path: 'title' }, 'SCHEMA_VIOLATION', /needs a "value"/],
    ['a value of the wrong kind', { op: 'add', path: 'title', value: { a: 1 } }, 'SCHEMA_VIOLATION', /^title: /],
    ['an unknown part', { op: 'add', path: 'name', value: { first: 'x' } }, 'SCHEMA_VIOLATION', /name\.first/],
    ['an unknown attribute', { op: 'add', path: 'shoeSize', value: 1 }, 'INVALID_PATH', /shoeSize: .*userName/],
    ['a slip', { op: 'add', path: 'emials', value: [] }, 'INVALID_PATH', /Did you mean emails\?/],
    ['a part alone', { op: 'add', path: 'familyName', value: 'x' }, 'INVALID_PATH', /name\.familyName/],
    ['an open bracket', { op: 'remove', path: 'emails[type eq "]"' }, 'INVALID_PATH', /no "\]"/],
    ['a filter on one value', { op: 'remove', path: 'name[givenName eq "x"]' }, 'INVALID_PATH', /Leave out the filter/],
    ['an unknown part after a filter', { op: 'remove', path: 'emails[type eq "work"].valu' }, 'INVALID_PATH', /\.value/],
    ['a wrong filter', { op: 'remove', path: 'emails[type eq]' }, 'INVALID_FILTER'],
    ['remove without a path', { op: 'remove' }, 'NO_TARGET'],
    ['remove what no element matches', { op: 'remove', path: 'emails[type eq "other"]' }, 'NO_TARGET'],
    ['remove what is required', { op: 'remove', path: 'userName' }, 'MUTABILITY', /required/],
    ['unassign what is required', { op: 'replace', path: 'userName', value: null }, 'MUTABILITY', /required/],
    ['another id', { op: 'replace', path: 'id', value: 'u2' }, 'MUTABILITY'],
    ['meta', { op: 'replace', path: 'meta.version', value: 'x' }, 'MUTABILITY', /read-only/],
    ['groups', { op: 'add', path: 'groups', value: [{ value: 'g' }] }, 'MUTABILITY', /read-only/],
    ["the manager's name", { op: 'add', path: 'manager.displayName', value: 'x' }, 'MUTABILITY', /read-only/],
    ['the whole resource', { op: 'remove', path: userUrn }, 'INVALID_PATH'],
    ['a prototype', { op: 'add', path: 'name', value: JSON.parse('{"__proto__":{"a":1}}') as unknown }, 'SCHEMA_VIOLATION'],
  ];
  test.each(cases)('%s', (_name, operation, code, text) => {
    for (const options of [lenient, strict]) refused(() => patched([operation], options), code, text);
  });

  test('too many elements, operations or none, and other messages', () => {
    const many = Array.from({ length: 1001 }, (_, index) => ({ value: `${index}@x.org` }));
    refused(() => patched([{ op: 'add', path: 'emails', value: many }]), 'SCHEMA_VIOLATION', /at most 1000/);
    const operation = { op: 'add', path: 'title', value: 'x' };
    for (const body of [[], Array.from({ length: 1001 }, () => operation), {}, 'x', null, { Operations: {} }])
      refused(() => parsePatch(userSchemas, body, lenient), 'SCHEMA_VIOLATION');
    refused(() => parsePatch(userSchemas, { schemas: [userUrn], Operations: [operation] }, lenient), 'SCHEMA_VIOLATION');
    refused(() => parsePatch(userSchemas, { Operations: [operation] }, strict), 'SCHEMA_VIOLATION', /PatchOp/);
    expect(parsePatch(userSchemas, { operations: [operation] }, lenient)).toHaveLength(1);
  });

  test('what is immutable stays once it has a value', () => {
    const badge = { ...userSchemas.core.attributes[0], name: 'badge', mutability: 'immutable' as const };
    const core = { ...userSchemas.core, attributes: [...userSchemas.core.attributes, badge as never] };
    const write = (op: string, value: string, before?: string) =>
      applyPatch(
        before === undefined ? user : { ...user, badge: before },
        parsePatch({ ...userSchemas, core }, [{ op, path: 'badge', value }], lenient),
      );
    expect(write('add', 'b')).toMatchObject({ badge: 'b' });
    expect(write('replace', 'b', 'b')).toMatchObject({ badge: 'b' });
    refused(() => write('replace', 'c', 'b'), 'MUTABILITY');
    refused(() => write('remove', '', 'b'), 'MUTABILITY');
  });
});
