import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Directory, type Actor } from '../src/directory/index.ts';
import { createScimDoor } from '../src/scim/index.ts';
import { caller, newGroup, newUser, patchOf, startScim, urns, type Call, type ScimHost } from './scim-host.ts';

let scim: ScimHost;
let call: Call;

beforeAll(async () => {
  scim = await startScim();
  ({ call } = scim);
});
afterAll(() => scim.close());

/** RFC 7644 §3.3, with the enterprise extension and all that RFC 7643 §8.2 shows. */
const babs = {
  schemas: [urns.user, urns.enterprise],
  externalId: '701984',
  userName: 'bjensen@example.com',
  name: {
    formatted: 'Ms. Barbara J Jensen, III',
    familyName: 'Jensen',
    givenName: 'Barbara',
    middleName: 'Jane',
    honorificPrefix: 'Ms.',
    honorificSuffix: 'III',
  },
  displayName: 'Babs Jensen',
  nickName: 'Babs',
  profileUrl: 'https://login.example.com/bjensen',
  emails: [
    { value: 'bjensen@example.com', type: 'work', primary: true },
    { value: 'babs@jensen.org', type: 'home' },
  ],
  addresses: [
    {
      streetAddress: '100 Universal City Plaza',
      locality: 'Hollywood',
      region: 'CA',
      postalCode: '91608',
      country: 'US',
      formatted: '100 Universal City Plaza\nHollywood, CA 91608 USA',
      type: 'work',
    },
  ],
  phoneNumbers: [{ value: '555-555-5555', type: 'work' }],
  ims: [{ value: 'someaimhandle', type: 'aim' }],
  photos: [{ value: 'https://photos.example.com/profilephoto/72930000000Ccne/F', type: 'photo' }],
  userType: 'Employee',
  title: 'Tour Guide',
  preferredLanguage: 'en-US',
  locale: 'en-US',
  timezone: 'America/Los_Angeles',
  active: true,
  password: 't1meMa$heen',
  x509Certificates: [{ value: 'MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVMx' }],
  [urns.enterprise]: {
    employeeNumber: '701984',
    costCenter: '4130',
    organization: 'Universal Studios',
    division: 'Theme Park',
    department: 'Tour Operations',
  },
};

describe('one resource, from creation to deletion (RFC 7644 §3.3 to §3.6)', () => {
  test('a user is created whole, read, replaced, patched and deleted', async () => {
    const { password, ...shown } = babs;
    const created = await call('POST', '/Users', babs);
    expect(created.status).toBe(201);
    expect(created.headers.get('content-type')).toMatch(/^application\/scim\+json/);
    expect(created.body).toMatchObject(shown);
    expect(created.text).not.toContain(password);
    const { id, meta } = created.body;
    expect(meta).toMatchObject({ resourceType: 'User', location: `${scim.root}/Users/${id}` });
    expect(meta.version).toMatch(/^W\/"[^"]+"$/);
    expect(created.headers.get('location')).toBe(meta.location);
    expect(created.headers.get('etag')).toBe(meta.version);

    const read = await call('GET', `/Users/${id}`);
    expect(read.status).toBe(200);
    expect(read.body).toEqual(created.body);
    expect(read.headers.get('etag')).toBe(meta.version);

    const replaced = await call('PUT', `/Users/${id}`, {
      schemas: [urns.user],
      id,
      userName: 'bjensen@example.com',
      title: 'Guide',
    });
    expect(replaced.status).toBe(200);
    expect(Object.keys(replaced.body).toSorted()).toEqual(['id', 'meta', 'schemas', 'title', 'userName']);
    expect(replaced.body.meta.created).toBe(meta.created);

    const patched = await call('PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: 'title', value: 'Lead' }));
    expect(patched.status).toBe(200);
    expect(patched.body.title).toBe('Lead');
    expect(patched.headers.get('etag')).toBe(patched.body.meta.version);

    const deleted = await call('DELETE', `/Users/${id}`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    for (const method of ['GET', 'DELETE']) expect((await call(method, `/Users/${id}`)).status).toBe(404);
    expect((await call('PUT', `/Users/${id}`, newUser())).status).toBe(404);
    expect((await call('PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: 'title', value: 'x' }))).status).toBe(404);
  });

  test('HEAD answers as GET, without the body', async () => {
    const { body } = await call('POST', '/Users', newUser());
    const head = await call('HEAD', `/Users/${body.id}`);
    expect([head.status, head.text, head.headers.get('etag')]).toEqual([200, '', body.meta.version]);
    expect((await call('HEAD', '/Users')).status).toBe(200);
  });

  test('groups, members, managers and their groups carry the addresses of what they mean', async () => {
    const boss = (await call('POST', '/Users', newUser())).body;
    const user = (
      await call(
        'POST',
        '/Users',
        newUser({ schemas: [urns.user, urns.enterprise], [urns.enterprise]: { manager: { value: boss.id } } }),
      )
    ).body;
    const inner = (await call('POST', '/Groups', newGroup({ members: [{ value: user.id }] }))).body;
    const outer = (await call('POST', '/Groups', newGroup({ members: [{ value: inner.id }] }))).body;
    expect(inner.members).toEqual([
      { value: user.id, $ref: `${scim.root}/Users/${user.id}`, display: user.userName, type: 'User' },
    ]);
    expect(outer.members[0]).toMatchObject({ $ref: `${scim.root}/Groups/${inner.id}`, type: 'Group' });
    const read = (await call('GET', `/Users/${user.id}`)).body;
    expect(read[urns.enterprise].manager).toEqual({
      value: boss.id,
      $ref: `${scim.root}/Users/${boss.id}`,
      displayName: boss.userName,
    });
    expect(read.groups).toEqual([
      { value: inner.id, display: inner.displayName, type: 'direct', $ref: `${scim.root}/Groups/${inner.id}` },
      { value: outer.id, display: outer.displayName, type: 'indirect', $ref: `${scim.root}/Groups/${outer.id}` },
    ]);
    const here = (await call('GET', `/t/default/Users/${user.id}`)).body;
    expect(here.meta.location).toBe(`${scim.root}/t/default/Users/${user.id}`);
    expect(here.groups[0].$ref).toBe(`${scim.root}/t/default/Groups/${inner.id}`);
  });

  test('a group keeps its members when it is replaced without them, and loses them when it is replaced with none', async () => {
    const user = (await call('POST', '/Users', newUser())).body;
    const group = (await call('POST', '/Groups', newGroup({ members: [{ value: user.id }] }))).body;
    const renamed = await call('PUT', `/Groups/${group.id}`, { schemas: [urns.group], displayName: 'Renamed' });
    expect(renamed.body).toMatchObject({ displayName: 'Renamed', members: [{ value: user.id }] });
    const emptied = await call('PUT', `/Groups/${group.id}`, { schemas: [urns.group], displayName: 'Renamed', members: [] });
    expect(emptied.body).not.toHaveProperty('members');
  });

  test('a group of thousands is read whole, and not sent back with each patch', async () => {
    const actor: Actor = { id: 't', name: 'T', kind: 'system', door: 'cli', tenant: 'default', scopes: ['scim:admin'] };
    const ids = await Promise.all(
      Array.from({ length: 4500 }, async () => (await scim.directory.create(actor, 'User', newUser())).resource.id),
    );
    const group = await call('POST', '/Groups', newGroup({ members: ids.slice(1).map((value) => ({ value })) }));
    expect(group.status).toBe(201);
    expect(new Set(group.body.members.map(({ value }: { value: string }) => value))).toEqual(new Set(ids.slice(1)));
    const patched = await call(
      'PATCH',
      `/Groups/${group.body.id}`,
      patchOf({ op: 'add', path: 'members', value: [{ value: ids[0] }] }),
    );
    expect([patched.status, patched.text]).toEqual([204, '']);
    expect(patched.headers.get('etag')).not.toBe(group.headers.get('etag'));
    const asked = await call(
      'PATCH',
      `/Groups/${group.body.id}?excludedAttributes=members`,
      patchOf({ op: 'replace', path: 'displayName', value: 'Many' }),
    );
    expect(asked.body).toMatchObject({ displayName: 'Many' });
    expect(asked.body).not.toHaveProperty('members');
    for (const id of ids.slice(0, 20)) expect((await call('DELETE', `/Users/${id}`)).status).toBe(204);
    expect((await call('GET', `/Groups/${group.body.id}`)).body.members).toHaveLength(4480);
    await scim.directory.delete(actor, 'Group', group.body.id);
  });
});

describe('errors (RFC 7644 §3.12)', () => {
  const cases: [name: string, method: string, path: string, body: unknown, status: number, scimType: string | undefined][] = [
    ['malformed JSON', 'POST', '/Users', '{"schemas":', 400, 'invalidSyntax'],
    ['no body', 'POST', '/Users', undefined, 400, 'invalidSyntax'],
    ['no object', 'POST', '/Users', '[]', 400, 'invalidSyntax'],
    ['an attribute that there is not', 'POST', '/Users', newUser({ shoeSize: 9 }), 400, 'invalidSyntax'],
    ['an unknown sub-attribute', 'POST', '/Users', newUser({ emails: [{ value: 'a', colour: 'red' }] }), 400, 'invalidSyntax'],
    ['a value of the wrong type', 'POST', '/Users', newUser({ title: 7 }), 400, 'invalidValue'],
    ['no userName', 'POST', '/Users', { schemas: [urns.user] }, 400, 'invalidValue'],
    ['a member that nobody has', 'POST', '/Groups', newGroup({ members: [{ value: 'nobody' }] }), 400, 'invalidValue'],
    ['a body nested too deep', 'POST', '/Bulk', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 400, 'invalidSyntax'],
    ['__proto__ as an attribute', 'POST', '/Users', '{"schemas":["x"],"userName":"p","__proto__":{"a":1}}', 400, 'invalidSyntax'],
    ['a filter that ends too early', 'GET', '/Users?filter=userName%20eq', undefined, 400, 'invalidFilter'],
    ['an empty filter', 'GET', '/Users?filter=', undefined, 400, 'invalidFilter'],
    ['a filter by an attribute that there is not', 'GET', '/Users?filter=shoeSize%20eq%209', undefined, 400, 'invalidFilter'],
    ['a count that is no number', 'GET', '/Users?count=many', undefined, 400, 'invalidValue'],
    ['a cursor that is none', 'GET', '/Users?cursor=x', undefined, 400, 'invalidCursor'],
    ['a count that is no number, with a cursor', 'GET', '/Users?cursor=&count=x', undefined, 400, 'invalidCount'],
    ['both kinds of projection', 'GET', '/Users?attributes=title&excludedAttributes=name', undefined, 400, 'invalidValue'],
    ['a sort by what there is not', 'GET', '/Users?sortBy=shoeSize', undefined, 400, 'invalidPath'],
    ['a sort order that is none', 'GET', '/Users?sortBy=title&sortOrder=up', undefined, 400, 'invalidValue'],
    ['the same parameter twice', 'GET', '/Users?filter=a&filter=b', undefined, 400, 'invalidValue'],
    ['a filter on the schemas', 'GET', '/Schemas?filter=id%20pr', undefined, 403, undefined],
    ['a filter on the configuration', 'GET', '/ServiceProviderConfig?filter=id%20pr', undefined, 403, undefined],
    ['a filter on the resource types', 'GET', '/ResourceTypes?filter=id%20pr', undefined, 403, undefined],
    ['an unknown user', 'GET', '/Users/nobody', undefined, 404, undefined],
    ['an unknown schema', 'GET', '/Schemas/urn:x', undefined, 404, undefined],
    ['an unknown resource type', 'GET', '/ResourceTypes/Robot', undefined, 404, undefined],
    ['an unknown address', 'GET', '/Robots', undefined, 404, undefined],
    ['an address that cannot be read', 'GET', '/Users/%ff', undefined, 400, undefined],
    ['a method that the address does not take', 'PUT', '/Users', {}, 405, undefined],
    ['a deletion of all', 'DELETE', '/Users', undefined, 405, undefined],
    ['/Me of a program', 'GET', '/Me', undefined, 501, undefined],
    ['a user that is too large', 'POST', '/Users', newUser({ nickName: 'x'.repeat(1_100_000) }), 413, undefined],
    ['a bulk request that is too large', 'POST', '/Bulk', `{"x":"${'x'.repeat(8_500_000)}"}`, 413, undefined],
  ];

  test.each(cases)('%s', async (_name, method, path, body, status, scimType) => {
    const reply = await call(method, path, body);
    expect({ status: reply.status, body: reply.body }).toEqual({
      status,
      body: {
        schemas: [urns.error],
        status: String(status),
        ...(scimType && { scimType }),
        detail: expect.stringMatching(/.{10}/),
      },
    });
    expect(reply.headers.get('content-type')).toMatch(/^application\/scim\+json/);
  });

  test('a user name that is taken, in whatever case', async () => {
    const user = newUser();
    await call('POST', '/Users', user);
    const again = await call('POST', '/Users', { ...user, userName: user.userName.toUpperCase() });
    expect([again.status, again.body.scimType]).toEqual([409, 'uniqueness']);
  });

  test('a wrong content type; both right ones', async () => {
    expect((await call('POST', '/Users', newUser(), { 'content-type': 'text/plain' })).status).toBe(415);
    for (const type of ['application/json', 'application/scim+json', 'application/scim+json; charset=utf-8'])
      expect((await call('POST', '/Users', newUser(), { 'content-type': type })).status).toBe(201);
  });

  test('a method that is not taken names those that are', async () => {
    expect((await call('PUT', '/Users', {})).headers.get('allow')).toBe('GET, POST');
    expect((await call('GET', '/Bulk')).headers.get('allow')).toBe('POST');
  });

  test('a query that needs encoding', async () => {
    const user = newUser({ title: 'Röck & "Roll" + 50%' });
    await call('POST', '/Users', user);
    const filter = `title eq ${JSON.stringify(user['title'])}`;
    expect((await call('GET', `/Users?filter=${encodeURIComponent(filter)}`)).body.totalResults).toBe(1);
    expect((await call('GET', `/Users?${new URLSearchParams({ filter })}`)).body.totalResults).toBe(1);
  });
});

describe('who may do what', () => {
  test('without a token or with a wrong one: 401 with a SCIM error and where to sign in', async () => {
    const none = await caller(scim.root, undefined)('GET', '/Users');
    const wrong = await caller(scim.root, 'tandem_wrong')('GET', '/Users');
    for (const reply of [none, wrong]) {
      expect(reply.status).toBe(401);
      expect(reply.body).toMatchObject({ schemas: [urns.error], status: '401', detail: expect.any(String) });
      expect(reply.headers.get('www-authenticate')).toContain(
        `resource_metadata="${scim.host.origin}/.well-known/oauth-protected-resource/mcp"`,
      );
    }
    expect(none.headers.get('www-authenticate')).not.toContain('error=');
    expect(wrong.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect((await caller(scim.root, undefined)('GET', '/Robots')).status).toBe(401);
  });

  test('a key that may read reads, discovers, and writes nothing', async () => {
    const reader = await scim.callAs({ scopes: ['scim:read'] });
    const { id } = (await call('POST', '/Users', newUser())).body;
    for (const path of ['/Users', `/Users/${id}`, '/Schemas', '/ResourceTypes', '/ServiceProviderConfig'])
      expect((await reader('GET', path)).status).toBe(200);
    expect((await reader('POST', '/Users/.search', { schemas: [urns.search] })).status).toBe(200);
    const bulk = { schemas: [urns.bulk], Operations: [{ method: 'DELETE', path: `/Users/${id}` }] };
    const writes: [string, string, unknown][] = [
      ['POST', '/Users', newUser()],
      ['PUT', `/Users/${id}`, newUser()],
      ['PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: 'title', value: 'x' })],
      ['DELETE', `/Users/${id}`, undefined],
      ['POST', '/Bulk', bulk],
    ];
    for (const [method, path, body] of writes) {
      const reply = await reader(method, path, body);
      expect([method, path, reply.status, reply.body.status]).toEqual([method, path, 403, '403']);
      expect(reply.headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="scim:read scim:write"');
    }
    const otherwise = await reader('GET', '/Schemas?filter=id%20pr');
    expect([otherwise.status, otherwise.headers.get('www-authenticate')]).toEqual([403, null]);
    expect((await call('GET', `/Users/${id}`)).status).toBe(200);
  });
});

test('/Me is the user that an access stands for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-scim-'));
  const directory = await Directory.open(join(folder, 'directory.db'));
  const actor: Actor = {
    id: 'x',
    name: 'X',
    kind: 'person',
    door: 'scim',
    tenant: 'default',
    scopes: ['scim:write', 'scim:read'],
  };
  const { resource } = await directory.create(actor, 'User', newUser());
  const events = { eventUris: () => [], poll: async () => ({ sets: {}, moreAvailable: false }) };
  const options = { directory, origin: 'http://127.0.0.1', version: '0', log: pino({ level: 'silent' }), events };
  const door = createScimDoor({
    ...options,
    authenticate: async (id) => ({ actor: { ...actor, id }, access: id }),
    access: { watch: () => () => {}, called: () => {} },
  });
  const fastify = Fastify();
  await fastify.register(door.routes);
  const root = `${await fastify.listen({ port: 0, host: '127.0.0.1' })}/scim/v2`;
  try {
    const me = caller(root, resource.id);
    const read = await me('GET', '/Me');
    expect([read.status, read.body.id]).toEqual([200, resource.id]);
    expect(read.headers.get('location')).toBe(`http://127.0.0.1/scim/v2/Users/${resource.id}`);
    const patched = await me('PATCH', '/Me', patchOf({ op: 'add', path: 'nickName', value: 'I' }), {
      'if-match': read.body.meta.version,
    });
    expect(patched.body.nickName).toBe('I');
    expect((await me('DELETE', '/Me', undefined, { 'if-match': read.body.meta.version })).status).toBe(412);
    expect((await caller(root, 'nobody')('GET', '/Me')).status).toBe(404);
  } finally {
    await fastify.close();
    await door.close();
    await directory.close();
    rmSync(folder, { recursive: true });
  }
});

describe('what the server says of itself (RFC 7644 §4)', () => {
  test('its configuration is true', async () => {
    const { body } = await call('GET', '/ServiceProviderConfig');
    expect(body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 8 * 1024 * 1024 },
      filter: { supported: true, maxResults: 500 },
      changePassword: { supported: true },
      sort: { supported: true },
      etag: { supported: true },
      pagination: { cursor: true, index: true, defaultPaginationMethod: 'index', defaultPageSize: 100, maxPageSize: 500 },
      interopProfileConformant: false,
      authenticationSchemes: [{ type: 'oauthbearertoken' }],
    });
    expect((await call('GET', '/Users?count=100000')).status).toBe(200);
    const operations = Array.from({ length: 1001 }, () => ({ method: 'DELETE', path: '/Users/x' }));
    expect((await call('POST', '/Bulk', { schemas: [urns.bulk], Operations: operations })).status).toBe(413);
  });

  test('its schemas and types, each with its address', async () => {
    const schemas = await call('GET', '/Schemas');
    expect(schemas.body).toMatchObject({ schemas: [urns.list], totalResults: 4 });
    for (const schema of schemas.body.Resources) {
      expect(schema.meta).toMatchObject({ resourceType: 'Schema', location: `${scim.root}/Schemas/${schema.id}` });
      const one = await call('GET', `/Schemas/${schema.id}`);
      expect(one.body).toEqual(schema);
      expect(one.headers.get('etag')).toBe(schema.meta.version);
    }
    const few = await call('GET', '/Schemas?fields=userName,emails.type');
    expect(few.body.Resources.map(({ id }: { id: string }) => id)).toEqual([urns.user]);
    expect(few.body.Resources[0].attributes.map(({ name }: { name: string }) => name)).toEqual(['userName', 'emails']);
    const types = await call('GET', '/ResourceTypes');
    expect(types.body.Resources).toMatchObject([
      { id: 'User', endpoint: '/Users', schema: urns.user, schemaExtensions: [{ schema: urns.enterprise, required: false }] },
      { id: 'Group', endpoint: '/Groups', schema: urns.group, schemaExtensions: [] },
      { id: 'Agent', endpoint: '/Agents', schema: urns.agent, schemaExtensions: [] },
    ]);
    expect((await call('GET', '/ResourceTypes/User')).body).toEqual(types.body.Resources[0]);
  });

  test("a tenant's own extension is in its schemas at once, and in no other's", async () => {
    const other = await scim.callAs({ tenant: 'other' });
    const id = 'urn:example:params:scim:schemas:extension:badge:2.0:User';
    const badge = {
      name: 'number',
      type: 'string' as const,
      multiValued: false,
      description: 'What is on the badge.',
      required: false,
      caseExact: true,
      mutability: 'readWrite' as const,
      returned: 'default' as const,
      uniqueness: 'none' as const,
    };
    await scim.directory.tenants.putExtension('other', 'User', { id, name: 'Badge', description: 'Badges', attributes: [badge] });
    expect((await other('GET', `/Schemas/${id}`)).status).toBe(200);
    expect((await other('GET', '/ResourceTypes/User')).body.schemaExtensions).toContainEqual({ schema: id, required: false });
    expect((await call('GET', `/Schemas/${id}`)).status).toBe(404);
    const user = newUser({ schemas: [urns.user, id], [id]: { number: 'B7' } });
    expect((await other('POST', '/Users', user)).body[id]).toEqual({ number: 'B7' });
    const filter = encodeURIComponent(`${id}:number eq "B7"`);
    expect((await other('GET', `/Users?filter=${filter}`)).body.totalResults).toBe(1);
    expect((await call('POST', '/Users', user)).body.scimType).toBe('invalidSyntax');
  });
});

describe('the OpenAPI document and its page, for everybody', () => {
  test('the document names every route, and each route that it names is there', async () => {
    const reply = await fetch(`${scim.root}/openapi.json`);
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^application\/json/)]);
    const document = (await reply.json()) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string; responses: object }>>;
      components: { schemas: Record<string, { properties: object }> };
    };
    expect(document.openapi).toBe('3.1.0');
    const text = JSON.stringify(document);
    for (const [, reference = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = reference.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document);
      expect([reference, found]).toEqual([reference, expect.anything()]);
    }
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { operationId }]) => ({ path, method: method.toUpperCase(), operationId })),
    );
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, method } of operations) {
      const { status } = await call(
        method,
        path.replace('{id}', 'nobody'),
        method === 'GET' || method === 'DELETE' ? undefined : {},
      );
      expect([method, path, status]).not.toEqual([method, path, 405]);
    }
    const keys = (name: string) => Object.keys(document.components.schemas[name]?.properties ?? {});
    const { body } = await call('POST', '/Users', { ...babs, userName: 'documented' });
    expect(keys('User')).toEqual(expect.arrayContaining(Object.keys(body)));
    expect(keys('Group')).toContain('members');
  });

  test('the page stands alone and lets nothing in', async () => {
    const reply = await fetch(`${scim.root}/docs`);
    const text = await reply.text();
    expect(reply.headers.get('content-security-policy')).toMatch(/default-src 'none'; style-src 'sha256-/);
    expect(text).toContain('Replace a user');
    expect(text).not.toMatch(/<script|https?:\/\/(?!127\.0\.0\.1)|@import|<link/);
  });
});
