import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newGroup, newUser, patchOf, startScim, urns, type Call, type ScimHost } from './scim-host.ts';

let scim: ScimHost;
let call: Call;
let user: string;
let group: string;

beforeAll(async () => {
  scim = await startScim();
  ({ call } = scim);
  user = (await call('POST', '/Users', newUser({ emails: [{ value: 'a@b.example', type: 'work' }] }))).body.id;
  group = (await call('POST', '/Groups', newGroup({ members: [{ value: user }] }))).body.id;
});
afterAll(() => scim.close());

const runs = { numRuns: 300 };

const attributes = [
  'userName',
  'emails',
  'emails.value',
  'name',
  'name.familyName',
  'active',
  'meta.lastModified',
  'schemas',
  'id',
  'members',
  'groups.value',
  'password',
  `${urns.enterprise}:manager.value`,
  `${urns.enterprise}:department`,
  urns.enterprise,
  urns.user,
  'x509Certificates',
  '__proto__',
  'constructor',
  'toString',
];
const word = fc.oneof(
  fc.constantFrom(...attributes),
  fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'pr', 'gt', 'ge', 'lt', 'le', 'and', 'or', 'not', 'EQ', 'like'),
  fc.constantFrom(
    '(',
    ')',
    '[',
    ']',
    '.',
    ',',
    '"',
    '""',
    '"a"',
    '"\\u0041"',
    '"\\',
    'true',
    'null',
    '1',
    '-1e400',
    '{}',
    '%',
    "'",
    '\u0000',
    '🦜',
    '\ud800',
  ),
  fc.string({ maxLength: 8 }),
);
const sentence = fc.array(word, { maxLength: 14 }).map((words) => words.join(' '));
const path = fc.oneof(
  fc.constantFrom(...attributes, 'emails[type eq "work"]', 'emails[type eq "work"].value', 'members[value eq "x"]'),
  sentence,
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(fc.constantFrom(...attributes, 'value', 'type', 'primary', '$ref', 'display'), fc.jsonValue({ maxDepth: 2 })),
  fc.array(fc.dictionary(fc.constantFrom('value', 'type', 'primary', 'display'), fc.jsonValue({ maxDepth: 1 })), {
    maxLength: 3,
  }),
);
const operation = fc.record(
  {
    op: fc.oneof(fc.constantFrom('add', 'replace', 'remove', 'Add', 'REMOVE'), fc.string()),
    path: fc.oneof(path, fc.jsonValue()),
    value,
  },
  { requiredKeys: [] },
);

async function neverFails(method: string, address: string, body?: unknown): Promise<void> {
  const reply = await call(method, address, body);
  expect.soft([reply.status, reply.text.slice(0, 300)]).toSatisfy(() => reply.status < 500);
  if (reply.status >= 500) throw new Error(`${method} ${address} ${JSON.stringify(body)}: ${reply.status}`);
  if (reply.status >= 400)
    expect(reply.body).toMatchObject({ schemas: expect.arrayContaining([urns.error]), status: String(reply.status) });
}

test('no filter, order or page makes it fail', async () => {
  const query = fc.record(
    {
      filter: sentence,
      sortBy: path,
      sortOrder: fc.oneof(fc.constantFrom('ascending', 'descending'), fc.string()),
      startIndex: fc.oneof(fc.integer().map(String), fc.string()),
      count: fc.oneof(fc.constantFrom('0', '-1', '1e9', '99999999999999999999'), fc.string()),
      cursor: fc.oneof(
        fc.base64String(),
        fc.jsonValue().map((json) => Buffer.from(JSON.stringify(json)).toString('base64url')),
      ),
      attributes: path,
      excludedAttributes: path,
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(query, fc.constantFrom('/Users', '/Groups', '/', `/Users/${user}`), async (parameters, address) =>
      neverFails('GET', `${address}?${new URLSearchParams(parameters)}`),
    ),
    runs,
  );
}, 60_000);

test('no search request makes it fail', async () => {
  const body = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        schemas: fc.constant([urns.search]),
        filter: fc.oneof(sentence, fc.jsonValue()),
        sortBy: fc.oneof(path, fc.jsonValue()),
        count: fc.jsonValue(),
        startIndex: fc.jsonValue(),
        cursor: fc.jsonValue(),
        attributes: fc.oneof(fc.array(path), fc.jsonValue()),
      },
      { requiredKeys: ['schemas'] },
    ),
  );
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom('/Users/.search', '/Groups/.search', '/.search'), async (message, address) =>
      neverFails('POST', address, JSON.stringify(message)),
    ),
    runs,
  );
}, 60_000);

test('no patch makes it fail', async () => {
  const body = fc.oneof(
    fc.array(operation, { maxLength: 4 }).map((operations) => patchOf(...operations)),
    fc.jsonValue(),
  );
  await fc.assert(
    fc.asyncProperty(body, fc.boolean(), async (message, ofUser) =>
      neverFails('PATCH', ofUser ? `/Users/${user}` : `/Groups/${group}`, JSON.stringify(message)),
    ),
    { numRuns: 600 },
  );
}, 60_000);

test('no record makes it fail, created or replaced', async () => {
  const record = fc.oneof(
    fc.jsonValue(),
    fc
      .dictionary(fc.oneof(fc.constantFrom(...attributes, 'schemas', 'displayName', 'emails'), fc.string()), value)
      .map((more) => ({ ...newUser(), ...more })),
  );
  const address = fc.constantFrom<[string, string]>(
    ['POST', '/Users'],
    ['POST', '/Groups'],
    ['PUT', `/Users/${user}`],
    ['PUT', `/Groups/${group}`],
  );
  await fc.assert(
    fc.asyncProperty(record, address, async (body, [method, to]) => neverFails(method, to, JSON.stringify(body))),
    runs,
  );
}, 60_000);

test('no bulk request makes it fail', async () => {
  const bulkOperation = fc.record(
    {
      method: fc.oneof(fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'), fc.string()),
      path: fc.oneof(
        fc.constantFrom('/Users', '/Groups', '/Users/bulkId:a', '/Users/bulkId:b', '/Users/%ff', `/Users/${'x'.repeat(300)}`),
        fc.string(),
      ),
      bulkId: fc.constantFrom('a', 'b'),
      version: fc.oneof(fc.constantFrom('W/"x"', '*'), fc.string()),
      data: fc.oneof(
        value,
        fc.constant(newGroup({ members: [{ value: 'bulkId:a' }] })),
        fc.array(operation).map((list) => patchOf(...list)),
      ),
    },
    { requiredKeys: ['method', 'path'] },
  );
  const body = fc.oneof(
    fc.jsonValue(),
    fc.record({ schemas: fc.constant([urns.bulk]), Operations: fc.array(bulkOperation, { maxLength: 5 }) }),
  );
  await fc.assert(
    fc.asyncProperty(body, async (message) => neverFails('POST', '/Bulk', JSON.stringify(message))),
    runs,
  );
}, 60_000);

test('no conditional header makes it fail', async () => {
  const header = fc.oneof(
    fc.constantFrom('*', 'W/"', '"', '"",', 'W/', ',,,'),
    fc.string({ maxLength: 200 }).map((text) => text.replaceAll(/[^\u0020-\u007e]/g, 'x')),
  );
  await fc.assert(
    fc.asyncProperty(header, fc.constantFrom('if-match', 'if-none-match'), async (text, name) => {
      const reply = await call('PATCH', `/Users/${user}`, patchOf({ op: 'add', path: 'title', value: 'x' }), { [name]: text });
      // So many refusals in so short a time are more than anybody's retry budget allows.
      expect([200, 400, 412, 429]).toContain(reply.status);
    }),
    runs,
  );
}, 60_000);
