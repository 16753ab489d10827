import fc from 'fast-check';
import { filter as theirs, parse } from 'scim2-parse-filter';
import { expect, test } from 'vitest';
import { DirectoryError } from './errors.ts';
import { matches, matchesElement, type Target } from './filter-match.ts';
import { filters, oddSchemas, plain, users } from './filter.test.samples.ts';
import { parseFilter, parseValueFilter } from './filter.ts';
import type { Resource } from './resource.ts';
import { enterpriseUserUrn, findAttribute, groupSchemas, userSchemas, userUrn, type Attribute } from './schema.ts';

const barbara: Resource = {
  schemas: [userUrn, enterpriseUserUrn],
  id: '2819c223',
  externalId: 'Ext-7',
  userName: 'BJensen@example.com',
  name: { familyName: "O'Malley", givenName: 'Barbara' },
  nickName: 'a😀b',
  title: 'Vice "VP" President',
  userType: 'Employee',
  active: true,
  emails: [
    { value: 'bjensen@example.com', type: 'work', primary: true },
    { value: 'babs@jensen.org', type: 'home' },
  ],
  ims: [{ value: 'babs@foo.com', type: 'xmpp' }],
  addresses: [{ locality: 'Hollywood', type: 'work' }],
  groups: [{ value: 'e9e30dba' }],
  [enterpriseUserUrn]: { department: 'Tours', manager: { value: '26118915' } },
};
const target: Target = {
  type: 'User',
  resource: barbara,
  version: '3694e05e9df',
  created: '2011-05-13T04:42:34.000Z',
  lastModified: '2011-05-13T06:42:34.000Z',
};

function holds(text: string): boolean {
  return matches(parseFilter(userSchemas, text), target);
}

test.each([
  'userName eq "bjensen@EXAMPLE.com"',
  'name.familyName co "O\'Malley"',
  'userName sw "J" or userName sw "B"',
  `${userUrn}:userName sw "B"`,
  'title pr',
  'meta.lastModified gt "2011-05-13T04:42:34Z"',
  'meta.lastModified ge "2011-05-13T04:42:34Z"',
  'meta.lastModified lt "2012-05-13T04:42:34Z"',
  'meta.lastModified le "2011-05-13T06:42:34Z"',
  'title pr and userType eq "Employee"',
  'title pr or userType eq "Intern"',
  `schemas eq "${enterpriseUserUrn}"`,
  'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
  'userType ne "Intern" and not (emails co "example.net" or emails.value co "example.net")',
  'userType eq "Employee" and (emails.type eq "work")',
  'userType eq "Employee" and emails[type eq "work" and value co "@example.com"]',
  'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
])('an example of RFC 7644 finds Barbara: %s', (text) => {
  expect(holds(text)).toBe(true);
});

test('operators mean what RFC 7644 §3.4.2.2 says, and what is decided where it says nothing', () => {
  const meanings: Record<string, boolean> = {
    'USERNAME EQ "BJENSEN@example.com" AND Active Eq True': true,
    'urn:IETF:params:scim:schemas:CORE:2.0:user:UserName sw "bj"': true,
    [`${enterpriseUserUrn}:department eq "tours"`]: true,
    'department eq "tours"': true,
    [`${enterpriseUserUrn}:manager.value eq "26118915"`]: true,
    'manager eq "26118915"': true,
    'title eq "vice \\"vp\\" president"': true,
    'title co "\\u0056ice"': true,
    'title co "\\\\"': false,
    'nickName ew "😀B"': true,
    'externalId eq "ext-7"': false,
    'externalId eq "Ext-7"': true,
    // "and" binds more than "or", "not" most.
    'title pr or title pr and nickName eq "x"': true,
    '(title pr or title pr) and nickName eq "x"': false,
    'not (nickName eq "x") and title pr': true,
    '((((title pr) and (userType pr))))': true,
    // Absent values.
    'displayName ne "x"': true,
    'displayName eq null': true,
    'displayName ne null': false,
    'title ne null': true,
    'not (displayName co "x")': true,
    'displayName lt "x" or displayName ge "x"': false,
    'displayName co ""': false,
    'name pr': true,
    'photos pr': false,
    'emails.type ne "work"': false,
    'emails.type ne "fax"': true,
    // Booleans.
    'active eq "True"': true,
    'active ne "false"': true,
    'emails[type eq "home" and primary eq false]': true,
    'emails[type eq "work" and primary eq "False"]': false,
    'emails[type eq "home" and primary ne true]': true,
    'emails.primary eq false': true,
    'ims.primary eq false': true,
    'photos.primary eq false': false,
    // Value paths, and Entra ID's dialect: one element meets everything.
    'emails[type eq "work" and value co "babs"]': false,
    'emails.type eq "work" and emails.value co "babs"': true,
    'emails[type eq "work"].value eq "bjensen@example.com"': true,
    'emails[type eq "work"].value eq "babs@jensen.org"': false,
    'emails[type eq "work"].value ne "babs@jensen.org"': true,
    'emails[type eq "work"].display pr': false,
    'emails[type eq "home"].primary eq false': true,
    'name[givenName eq "barbara" and not (middleName pr)]': true,
    'manager[value eq "x"]': false,
    'groups eq "e9e30dba" and groups[value eq "e9e30dba"] and groups pr': true,
    'groups.value eq "E9E30DBA"': false,
    // Times are instants, text is ordered by code points.
    'meta.created eq "2011-05-13T06:42:34+02:00"': true,
    'meta.created lt "2011-05-13T06:42:34+01:00"': true,
    'meta.created pr and meta pr and meta.resourceType eq "User"': true,
    'nickName lt "a\\uffee"': false,
    'userName gt "BJENSEN" and userName lt "bjensez"': true,
    'meta.version eq "3694e05e9df"': true,
    'meta.version eq "W/\\"3694e05e9df\\""': true,
    'meta.version ne "W/\\"0\\""': true,
  };
  for (const [text, meaning] of Object.entries(meanings)) expect(holds(text), text).toBe(meaning);
  const odd = {
    ...target,
    resource: { ...barbara, [oddSchemas.extensions[1]?.id ?? '']: { level: -3, tags: ['Red', 'blue'], share: 0.1 } },
  };
  for (const text of [
    'level eq -3',
    'level lt -2.5',
    'share eq 1e-1 and level ne 0',
    'tags eq "RED"',
    'tags sw "bl" and tags pr',
  ])
    expect(matches(parseFilter(oddSchemas, text), odd), text).toBe(true);
});

test('the filter of a value path is held against one element', () => {
  const emails = findAttribute(userSchemas.core.attributes, 'emails') as Attribute;
  const members = findAttribute(groupSchemas.core.attributes, 'members') as Attribute;
  const filter = parseValueFilter(emails, 'type eq "WORK" and not (primary eq true)');
  expect(matchesElement(filter, { value: 'a', type: 'work' })).toBe(true);
  expect(matchesElement(filter, { value: 'a', type: 'work', primary: true })).toBe(false);
  expect(matchesElement(parseValueFilter(emails, 'primary eq false'), { value: 'a' })).toBe(true);
  expect(matchesElement(parseValueFilter(members, 'value eq "u1"'), { value: 'u1' })).toBe(true);
  expect(refusal(() => parseValueFilter(emails, 'emails.type eq "work"'))).toContain('no attribute "emails.type"');
  expect(refusal(() => parseValueFilter(members, 'display eq "Babs"'))).toContain('members.display is worked out');
  const userName = findAttribute(userSchemas.core.attributes, 'userName') as Attribute;
  expect(refusal(() => parseValueFilter(userName, 'value eq "x"'))).toContain('userName has no sub-attributes');
});

/** The message with which a filter is refused. */
function refusal(parsing: () => unknown): string {
  try {
    parsing();
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    expect(error.code).toBe('INVALID_FILTER');
    expect(error.issues).toHaveLength(1);
    return error.message;
  }
  return '';
}

test.each([
  ['', 'The filter is empty. Write for example userName eq "bjensen", or leave the filter out.'],
  ['  ', 'The filter is empty.'],
  ['userName', 'At character 9 of the filter: userName has no operator. Write for example userName eq "…".'],
  ['userName eq', 'At character 12 of the filter: "eq" has no value after it. Write for example userName eq "…".'],
  ['active EQ )', '"EQ" has no value after it. Write for example active eq true.'],
  [
    'userName eq bjensen',
    'At character 13 of the filter: bjensen is not a value. Text stands in double quotes: write "bjensen".',
  ],
  ["userName eq 'bjensen'", '\'bjensen\' is not a value. Text stands in double quotes: write "bjensen".'],
  ['userName eq constructor', 'constructor is not a value.'],
  ['userName eq "bjensen', 'At character 13 of the filter: This text has no closing quote.'],
  ['userName eq "a\\x"', 'The text "a\\x" is not a JSON string: write \\" for a quote'],
  ['userName eq "\\ud83d"', 'has half of a character or a null character. Leave it out.'],
  ['userName eq "\\u0000"', 'has half of a character or a null character. Leave it out.'],
  ['userName = "x"', '"=" is not an operator. Use eq, ne, co, sw, ew, gt, ge, lt, le or pr, for example userName eq "…".'],
  ['userName pr "x"', 'At character 13 of the filter: Expected "and" or "or", found "x".'],
  ['userName eq "x" userName pr', 'At character 17 of the filter: Expected "and" or "or", found userName.'],
  ['userName pr and', 'Expected an attribute, but the filter ends.'],
  ['or userName pr', 'There is no attribute "or" here.'],
  ['"userName" eq "x"', 'Expected an attribute, found "userName".'],
  ['(userName pr', 'At character 1 of the filter: This ( is never closed. Add ).'],
  ['userName pr)', 'At character 12 of the filter: This ) closes nothing.'],
  ['(userName pr]', 'At character 13 of the filter: Expected "and", "or" or ), found ].'],
  ['emails[type eq "work"', 'At character 7 of the filter: This [ is never closed. Add ].'],
  ['emails[]', 'Expected an attribute, found ].'],
  ['emails[type eq "work"].value', 'emails.value has no operator.'],
  ['emails[type eq "work"].nope pr', 'There is no attribute "nope" here. Known: value, display, type, primary.'],
  ['userName[value eq "x"]', 'userName has no sub-attributes to filter by. Compare userName itself, without brackets.'],
  ['not userName pr', '"not" needs parentheses: write not (…).'],
  ['nope eq "x"', 'There is no attribute "nope" here. Known: id, externalId, userName,'],
  ['name.nope eq "x"', 'There is no attribute "name.nope" here.'],
  ['__proto__ pr', 'There is no attribute "__proto__" here.'],
  ['userName eq 1', 'userName must be compared with a text in double quotes, not with 1.'],
  ['active eq "yes"', 'active must be compared with true or false, not with "yes".'],
  ['active gt true', 'active is boolean: it has no order and no parts. Use eq, ne or pr instead of gt.'],
  ['x509Certificates sw "AA"', 'x509Certificates.value is binary: it has no order and no parts.'],
  ['meta.created co "2011"', 'meta.created is no text. Use eq, ne, gt, ge, lt, le or pr instead of co.'],
  [
    'meta.created gt "yesterday"',
    'meta.created must be compared with a date and time with its offset, for example "2026-01-31T12:00:00Z"',
  ],
  ['meta.created gt "2026-01-31T12:00:00"', 'a date and time with its offset'],
  ['userName gt null', 'null has no order and no parts. Use eq or ne, or write userName pr, instead of gt.'],
  ['name eq "x"', 'name has no single value to compare. Compare a part of it, for example name.formatted, or write name pr.'],
  ['addresses co "x"', 'addresses has no single value to compare.'],
  ['password eq "secret"', 'password is never shown, so it cannot be searched for.'],
  ['groups.display eq "x"', 'groups.display is worked out when a resource is read, so it cannot be searched for.'],
  ['groups[type eq "direct"]', 'groups.type is worked out'],
  ['meta.location pr', 'meta.location is worked out'],
])('%j is refused with its reason', (text, message) => {
  expect(refusal(() => parseFilter(userSchemas, text))).toContain(message);
});

test('a filter that is too long, too deep or too wide is refused before it costs anything', () => {
  const texts = [
    ['('.repeat(100_000), 'The filter has 100000 characters; at most 8192 are read.'],
    ['('.repeat(8000), 'At character 51 of the filter: Brackets are nested more than 50 deep.'],
    [`${'not ('.repeat(60)}title pr${')'.repeat(60)}`, 'Brackets are nested more than 50 deep.'],
    [Array.from({ length: 201 }, () => 'title pr').join(' or '), 'The filter has more than 200 comparisons.'],
  ] as const;
  for (const [text, message] of texts) expect(refusal(() => parseFilter(userSchemas, text))).toContain(message);
});

test('whatever is sent, a filter is read or refused', () => {
  const pieces = [
    'userName',
    'emails',
    '.value',
    'eq',
    'pr',
    'not',
    'and',
    'or',
    '(',
    ')',
    '[',
    ']',
    '"x"',
    '"',
    '\\',
    'null',
    '-1',
    ' ',
    'groups',
  ];
  const salad = fc
    .array(fc.constantFrom(...pieces), { maxLength: 30 })
    .chain((list) => fc.constantFrom(list.join(' '), list.join('')));
  const text = fc.oneof(salad, fc.string({ unit: 'binary', maxLength: 50 }), fc.string({ maxLength: 9000 }));
  const property = fc.property(text, (sent) => {
    const message = refusal(() => matches(parseFilter(userSchemas, sent), target));
    expect(message.length).toBeLessThan(1000);
  });
  fc.assert(property, { numRuns: 2000 });
});

test('scim2-parse-filter means the same, where it follows the standard', () => {
  const property = fc.property(users(plain), filters(oddSchemas, plain), (people, text) => {
    const [ours, same] = [parseFilter(oddSchemas, text), theirs(parse(text))];
    for (const [index, resource] of people.entries()) {
      const meta = { resourceType: 'User', version: `v${index}`, created: target.created, lastModified: target.lastModified };
      expect(matches(ours, { ...target, resource, version: `v${index}` }), text).toBe(same({ ...resource, meta }));
    }
  });
  fc.assert(property, { numRuns: 300 });
});
