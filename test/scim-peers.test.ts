/** What other servers get wrong, and what Entra ID and Okta send: a test for each row of the measured comparison. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { caller, newGroup, newUser, patchOf, startScim, urns, type Call, type Reply, type ScimHost } from './scim-host.ts';

let scim: ScimHost;
let call: Call;

beforeAll(async () => {
  scim = await startScim();
  ({ call } = scim);
});
afterAll(() => scim.close());

const user = async (more: Record<string, unknown> = {}): Promise<Reply['body']> =>
  (await call('POST', '/Users', newUser(more))).body;
const patch = (id: string, ...operations: object[]): Promise<Reply> => call('PATCH', `/Users/${id}`, patchOf(...operations));
const find = (filter: string, type = 'Users'): Promise<Reply> => call('GET', `/${type}?filter=${encodeURIComponent(filter)}`);

describe('resources', () => {
  test('POST 201 + Location', async () => {
    const reply = await call('POST', '/Users', newUser());
    expect([reply.status, reply.headers.get('location')]).toEqual([201, reply.body.meta.location]);
  });

  test('ETag + meta.version', async () => {
    const { headers, body } = await call('POST', '/Groups', newGroup());
    expect(headers.get('etag')).toBe(body.meta.version);
  });

  test('userName unique, case-insens.: on POST, PUT and PATCH', async () => {
    const [first, second] = [await user(), await user()];
    const userName = first.userName.toUpperCase();
    const replies = [
      await call('POST', '/Users', newUser({ userName })),
      await call('PUT', `/Users/${second.id}`, { ...second, userName }),
      await patch(second.id, { op: 'replace', path: 'userName', value: userName }),
    ];
    for (const { status, body } of replies) expect([status, body.scimType]).toEqual([409, 'uniqueness']);
  });

  test('password never returned, compared or sorted by', async () => {
    const { id } = await user({ password: 'Geheim-1' });
    const texts = [
      await call('GET', `/Users/${id}`),
      await call('GET', `/Users/${id}?attributes=password`),
      await patch(id, { op: 'replace', path: 'password', value: 'Geheim-2' }),
    ];
    for (const { text } of texts) expect(text).not.toMatch(/Geheim|password|argon|scrypt/i);
    expect((await find('password eq "Geheim-2"')).body.scimType).toBe('invalidFilter');
    expect((await find('password pr')).body.scimType).toBe('invalidFilter');
    expect((await call('GET', '/Users?sortBy=password')).status).toBe(400);
  });

  test('unknown attribute', async () => {
    expect((await call('POST', '/Users', newUser({ shoeSize: 9 }))).body.scimType).toBe('invalidSyntax');
  });

  test('missing schemas on POST', async () => {
    expect((await call('POST', '/Users', { userName: 'bare' })).status).toBe(400);
  });

  test('manager given as string', async () => {
    const { id } = await user();
    const path = `${urns.enterprise}:manager`;
    const { body } = await patch(id, { op: 'Add', path, value: 'boss-1' });
    expect(body[urns.enterprise].manager).toMatchObject({ value: 'boss-1' });
    const created = await user({ schemas: [urns.user, urns.enterprise], [urns.enterprise]: { manager: 'boss-1' } });
    expect(created[urns.enterprise].manager.value).toBe('boss-1');
  });

  test('PUT drops omitted attrs', async () => {
    const before = await user({ title: 'x', emails: [{ value: 'a@b.example', type: 'work' }] });
    const { body } = await call('PUT', `/Users/${before.id}`, { schemas: [urns.user], userName: before.userName });
    expect(body).not.toHaveProperty('title');
    expect(body).not.toHaveProperty('emails');
  });
});

describe('versions', () => {
  test('If-None-Match 304', async () => {
    const { id, meta } = await user();
    expect((await call('GET', `/Users/${id}`, undefined, { 'if-none-match': meta.version })).status).toBe(304);
  });

  test('If-Match PUT / PATCH / DELETE stale', async () => {
    const { id, meta } = await user();
    const { body } = await patch(id, { op: 'add', path: 'title', value: 'x' });
    const stale = { 'if-match': meta.version };
    expect((await call('PUT', `/Users/${id}`, body, stale)).status).toBe(412);
    expect((await call('PATCH', `/Users/${id}`, patchOf({ op: 'add', path: 'title', value: 'y' }), stale)).status).toBe(412);
    expect((await call('DELETE', `/Users/${id}`, undefined, stale)).status).toBe(412);
  });

  test('10 concurrent If-Match PUT: winners', async () => {
    const before = await user();
    const put = (title: string) => call('PUT', `/Users/${before.id}`, { ...before, title }, { 'if-match': before.meta.version });
    const replies = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map(put));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('no-op PATCH keeps version', async () => {
    const before = await user({ title: 'x' });
    const { body } = await patch(before.id, { op: 'replace', path: 'title', value: 'x' });
    expect(body.meta).toEqual(before.meta);
  });
});

describe('PATCH as Entra ID and Okta send it', () => {
  test('"active":"True"/"False" (Entra), on POST and PATCH', async () => {
    const { id, active } = await user({ active: 'True' });
    expect(active).toBe(true);
    expect((await patch(id, { op: 'Replace', path: 'active', value: 'False' })).body.active).toBe(false);
    expect((await find(`id eq "${id}" and active eq false`)).body.totalResults).toBe(1);
  });

  test('op Add/Replace/Remove any case', async () => {
    const { id } = await user();
    expect((await patch(id, { op: 'Add', path: 'title', value: 'a' })).body.title).toBe('a');
    expect((await patch(id, { op: 'REPLACE', path: 'title', value: 'b' })).body.title).toBe('b');
    expect((await patch(id, { op: 'Remove', path: 'title' })).body).not.toHaveProperty('title');
  });

  test('path-less PATCH, dotted keys, URN keys', async () => {
    const { id } = await user();
    const value = {
      active: false,
      'name.familyName': 'Dotted',
      [`${urns.enterprise}:department`]: 'Urn',
      [urns.enterprise]: { costCenter: '42' },
    };
    const { body } = await patch(id, { op: 'replace', value });
    expect(body).toMatchObject({ active: false, name: { familyName: 'Dotted' } });
    expect(body[urns.enterprise]).toEqual({ department: 'Urn', costCenter: '42' });
  });

  test('emails[type eq "work"].value replace', async () => {
    const { id } = await user({
      emails: [
        { value: 'old@a.example', type: 'work' },
        { value: 'h@a.example', type: 'home' },
      ],
    });
    const { body } = await patch(id, { op: 'Replace', path: 'emails[type eq "work"].value', value: 'new@a.example' });
    expect(body.emails).toEqual([
      { value: 'new@a.example', type: 'work' },
      { value: 'h@a.example', type: 'home' },
    ]);
  });

  test('Add valuePath, no match -> create', async () => {
    const { id } = await user();
    const { body } = await patch(id, { op: 'Add', path: 'emails[type eq "work"].value', value: 'new@a.example' });
    expect(body.emails).toEqual([{ value: 'new@a.example', type: 'work' }]);
  });

  test('remove members value:[{..}] (Entra) / members[value eq]', async () => {
    const [a, b, c] = [await user(), await user(), await user()];
    const members = [a, b, c].map(({ id }) => ({ value: id }));
    const { id } = (await call('POST', '/Groups', newGroup({ members }))).body;
    const change = async (operation: object) => {
      const { body } = await call('PATCH', `/Groups/${id}`, patchOf(operation));
      return new Set<string>((body.members ?? []).map(({ value }: { value: string }) => value));
    };
    expect(await change({ op: 'Remove', path: 'members', value: [{ value: a.id }] })).toEqual(new Set([b.id, c.id]));
    expect(await change({ op: 'remove', path: `members[value eq "${b.id}"]` })).toEqual(new Set([c.id]));
    expect(await change({ op: 'Add', path: 'members', value: [{ value: a.id }] })).toEqual(new Set([a.id, c.id]));
    expect(await change({ op: 'remove', path: 'members' })).toEqual(new Set());
  });

  test('add to multi-valued appends, without doubles, one primary', async () => {
    const work = { value: 'w@a.example', type: 'work', primary: true };
    const home = { value: 'h@a.example', type: 'home', primary: true };
    const { id } = await user({ emails: [work] });
    const { body } = await patch(id, { op: 'add', path: 'emails', value: [home] });
    expect(body.emails).toEqual([{ value: 'w@a.example', type: 'work' }, home]);
    const again = await patch(id, { op: 'add', path: 'emails', value: [home] });
    expect(again.body.emails).toHaveLength(2);
    expect(again.body.meta.version).toBe(body.meta.version);
  });

  test('PATCH atomic on 2nd op failing', async () => {
    const before = await user({ title: 'x' });
    const reply = await patch(
      before.id,
      { op: 'replace', path: 'title', value: 'y' },
      { op: 'replace', path: 'shoeSize', value: 9 },
    );
    expect([reply.status, reply.body.scimType]).toEqual([400, 'invalidPath']);
    expect((await call('GET', `/Users/${before.id}`)).body).toEqual(before);
  });

  test('remove w/o path / bad op / bad path', async () => {
    const { id } = await user();
    const types = [
      await patch(id, { op: 'remove' }),
      await patch(id, { op: 'twist', path: 'title', value: 'x' }),
      await patch(id, { op: 'replace', path: 'emails[type eq', value: 'x' }),
    ].map(({ status, body }) => [status, body.scimType]);
    expect(types).toEqual([
      [400, 'noTarget'],
      [400, 'invalidSyntax'],
      [400, 'invalidPath'],
    ]);
  });

  test('remove required userName; write read-only id', async () => {
    const { id } = await user();
    expect((await patch(id, { op: 'remove', path: 'userName' })).status).toBe(400);
    const reply = await patch(id, { op: 'replace', path: 'id', value: 'other' });
    expect([reply.status, reply.body.scimType]).toEqual([400, 'mutability']);
    expect((await patch(id, { op: 'replace', path: 'meta.version', value: 'x' })).body.scimType).toBe('mutability');
  });

  test('a strict tenant refuses what is not in the RFC (the interoperability profile)', async () => {
    const strict = await scim.callAs({ tenant: 'other' });
    await scim.directory.tenants.update('other', { settings: { strict: true } });
    try {
      const { id } = (await strict('POST', '/Users', newUser())).body;
      const send = async (operation: object) => (await strict('PATCH', `/Users/${id}`, patchOf(operation))).body;
      expect((await send({ op: 'replace', value: { active: false } })).scimType).toBe('invalidSyntax');
      expect((await send({ op: 'replace', path: 'active', value: 'False' })).scimType).toBe('invalidValue');
      expect((await send({ op: 'replace', path: 'active', value: false })).active).toBe(false);
      expect((await strict('POST', '/Users', newUser({ active: 'True' }))).body.scimType).toBe('invalidValue');
      expect((await strict('POST', '/Users/.search', {})).body.scimType).toBe('invalidSyntax');
      expect((await strict('GET', '/ServiceProviderConfig')).body.interopProfileConformant).toBe(true);
    } finally {
      await scim.directory.tenants.update('other', { settings: { strict: false } });
    }
  });
});

describe('filters and lists', () => {
  test('filter eq case-insens. value; exact where the schema says so', async () => {
    const { externalId } = await user({ title: 'Tour Guide', externalId: 'Ext-1' });
    expect((await find('title eq "TOUR guide"')).body.totalResults).toBe(1);
    expect((await find(`externalId eq "${externalId}"`)).body.totalResults).toBe(1);
    expect((await find('externalId eq "EXT-1"')).body.totalResults).toBe(0);
  });

  test('filter URN prefix', async () => {
    await user({ schemas: [urns.user, urns.enterprise], [urns.enterprise]: { department: 'Urns' } });
    expect((await find(`${urns.enterprise}:department eq "urns"`)).body.totalResults).toBe(1);
    expect((await find(`${urns.user}:title pr and ${urns.enterprise}:department eq "urns"`)).body.totalResults).toBe(0);
  });

  test('filter escaped quote', async () => {
    const displayName = String.raw`The "big" \ one`;
    await user({ displayName });
    expect((await find(`displayName eq ${JSON.stringify(displayName)}`)).body.totalResults).toBe(1);
  });

  test('filter valuePath [a and b] / emails.value co', async () => {
    await user({
      emails: [
        { value: 'x@valuepath.example', type: 'work' },
        { value: 'y@valuepath.example', type: 'home' },
      ],
    });
    expect((await find('emails[type eq "work" and value co "x@valuepath"]')).body.totalResults).toBe(1);
    expect((await find('emails[type eq "home" and value co "x@valuepath"]')).body.totalResults).toBe(0);
    expect((await find('emails.value co "valuepath"')).body.totalResults).toBe(1);
    expect((await find('emails[type eq "work"].value eq "x@valuepath.example"')).body.totalResults).toBe(1);
    expect((await find('emails[type eq "home"].value eq "x@valuepath.example"')).body.totalResults).toBe(0);
  });

  test('filter and/or/not, nested in parentheses', async () => {
    await user({ title: 'AndOr', nickName: 'one' });
    await user({ title: 'AndOr', nickName: 'two' });
    const filter = 'title eq "AndOr" and (nickName eq "one" or not (nickName pr and (nickName eq "one" or nickName eq "two")))';
    expect((await find(filter)).body.totalResults).toBe(1);
  });

  test('incomplete filter "userName eq"', async () => {
    expect((await find('userName eq')).body).toMatchObject({ status: '400', scimType: 'invalidFilter' });
  });

  test('a filter without a match is an empty list (Entra), not 404', async () => {
    const reply = await find('userName eq "non-existent"');
    expect([reply.status, reply.body.totalResults, reply.body.Resources]).toEqual([200, 0, []]);
  });

  test('startIndex/count: past the end is empty, count=-1 counts, totalResults is of all', async () => {
    const { totalResults } = (await call('GET', '/Users')).body;
    const past = (await call('GET', `/Users?startIndex=${totalResults + 1}`)).body;
    expect(past).toMatchObject({ totalResults, Resources: [] });
    expect((await call('GET', '/Users?count=-1')).body).toMatchObject({ totalResults, Resources: [] });
    expect((await call('GET', '/Users?startIndex=1&count=2')).body).toMatchObject({ totalResults, itemsPerPage: 2 });
  });

  test('cursor (RFC 9865)', async () => {
    const first = (await call('GET', '/Users?cursor&count=2')).body;
    const second = (await call('GET', `/Users?cursor=${first.nextCursor}&count=2`)).body;
    expect(second.Resources).toHaveLength(2);
    expect(second.Resources[0].id).not.toBe(first.Resources[1].id);
  });

  test('sortBy', async () => {
    for (const nickName of ['sort-b', 'Sort-A', 'sort-c']) await user({ nickName });
    const { body } = await call('GET', `/Users?sortBy=nickName&filter=${encodeURIComponent('nickName sw "sort-"')}`);
    expect(body.Resources.map(({ nickName }: { nickName: string }) => nickName)).toEqual(['Sort-A', 'sort-b', 'sort-c']);
  });

  test('attributes / excludedAttributes keep schemas and id', async () => {
    const { id } = await user({ title: 'x' });
    const { body } = await call('GET', `/Users/${id}?attributes=title`);
    expect(body).toEqual({ schemas: [urns.user], id, title: 'x' });
    expect((await call('GET', '/Groups?excludedAttributes=members')).status).toBe(200);
  });

  test('/.search, /Users/.search', async () => {
    for (const path of ['/.search', '/Users/.search', '/Groups/.search'])
      expect((await call('POST', path, { schemas: [urns.search], count: 1 })).body.schemas).toEqual([urns.list]);
  });

  test('unknown query parameters, such as aadOptscim062020, are ignored', async () => {
    const { id } = await user();
    const body = patchOf({ op: 'Replace', path: 'active', value: false });
    expect((await call('PATCH', `/Users/${id}?aadOptscim062020`, body)).body.active).toBe(false);
  });
});

describe('groups, tenants, access', () => {
  test('group ghost member / delete cleans groups / user.groups', async () => {
    const member = await user();
    expect((await call('POST', '/Groups', newGroup({ members: [{ value: 'ghost' }] }))).status).toBe(400);
    const group = (await call('POST', '/Groups', newGroup({ members: [{ value: member.id }] }))).body;
    expect((await call('GET', `/Users/${member.id}`)).body.groups).toMatchObject([{ value: group.id, type: 'direct' }]);
    await call('DELETE', `/Users/${member.id}`);
    const after = (await call('GET', `/Groups/${group.id}`)).body;
    expect(after).not.toHaveProperty('members');
    expect(after.meta.version).not.toBe(group.meta.version);
  });

  test('Bulk + bulkId + forward refs + failOnErrors, with versions', async () => {
    const { body } = await call('POST', '/Bulk', {
      schemas: [urns.bulk],
      failOnErrors: 1,
      Operations: [
        { method: 'POST', path: '/Groups', bulkId: 'g', data: newGroup({ members: [{ value: 'bulkId:u' }] }) },
        { method: 'POST', path: '/Users', bulkId: 'u', data: newUser() },
        { method: 'DELETE', path: '/Users/ghost' },
        { method: 'POST', path: '/Users', bulkId: 'v', data: newUser() },
      ],
    });
    expect(body.Operations.map(({ status }: { status: string }) => status)).toEqual(['201', '201', '404']);
    expect(body.Operations[0].version).toMatch(/^W\/"/);
  });

  test('Schemas/RTs/SPC', async () => {
    expect((await call('GET', '/Schemas')).body.Resources.map(({ id }: { id: string }) => id)).toEqual([
      urns.user,
      urns.enterprise,
      urns.group,
      urns.agent,
    ]);
    expect((await call('GET', '/Schemas?filter=id%20pr')).status).toBe(403);
  });

  test('multi-tenant: by the token alone', async () => {
    const other = await scim.callAs({ tenant: 'other' });
    const { id } = await user();
    expect((await other('GET', `/Users/${id}`)).status).toBe(404);
    expect((await other('GET', `/t/default/Users/${id}`)).status).toBe(404);
  });

  test('audit: each write is in the history with its author and door', async () => {
    const { id } = await user();
    await patch(id, { op: 'add', path: 'title', value: 'x' });
    const reader = { id: 'r', name: 'R', kind: 'system', door: 'cli', tenant: 'default', scopes: ['scim:read'] } as const;
    const { revisions: history } = await scim.directory.history.list(reader, 'User', id, { limit: 100 });
    expect(history).toMatchObject([
      { operation: 'patch', author: { name: 'Test agent', door: 'scim' }, changes: [{ path: 'title', after: 'x' }] },
      { operation: 'create', author: { name: 'Test agent', door: 'scim' } },
    ]);
  });

  test('401 body is SCIM error + WWW-Authenticate', async () => {
    const reply = await caller(scim.root, 'wrong')('GET', '/Users?startIndex=1&count=2');
    expect(reply.status).toBe(401);
    expect(reply.body).toMatchObject({ schemas: [urns.error], detail: expect.any(String), status: '401' });
    expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer /);
  });
});
