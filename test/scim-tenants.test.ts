import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { caller, newGroup, newUser, patchOf, startScim, urns, type Call, type Reply, type ScimHost } from './scim-host.ts';

let scim: ScimHost;
let here: Call;
let there: Call;
/** Of the tenant `default`. */
let user: Reply['body'];
let group: Reply['body'];

beforeAll(async () => {
  scim = await startScim();
  here = scim.call;
  there = await scim.callAs({ tenant: 'other', scopes: ['scim:admin'] });
  user = (await here('POST', '/Users', newUser({ title: 'Secret' }))).body;
  group = (await here('POST', '/Groups', newGroup({ displayName: 'Secret', members: [{ value: user.id }] }))).body;
});
afterAll(() => scim.close());

/** Every route that names a resource, by method. */
const routes = (type: 'Users' | 'Groups', resource: Reply['body']): [method: string, path: string, body?: unknown][] => [
  ['GET', `/${type}/${resource.id}`],
  ['HEAD', `/${type}/${resource.id}`],
  ['PUT', `/${type}/${resource.id}`, resource],
  ['PATCH', `/${type}/${resource.id}`, patchOf({ op: 'replace', path: 'displayName', value: 'Taken over' })],
  ['DELETE', `/${type}/${resource.id}`],
];

test("another tenant's resources do not exist, on any route, with any condition", async () => {
  const unknown = '00000000-0000-4000-8000-000000000000';
  for (const [type, resource] of [
    ['Users', user],
    ['Groups', group],
  ] as const)
    for (const [method, path, body] of routes(type, resource))
      for (const headers of [{}, { 'if-match': resource.meta.version }, { 'if-none-match': '*' }] as Record<string, string>[]) {
        const reply = await there(method, path, body, headers);
        const nobody = await there(method, path.replace(resource.id, unknown), body, headers);
        expect([method, path, reply.status]).toEqual([method, path, 404]);
        expect(reply.text.replaceAll(resource.id, unknown)).toBe(nobody.text);
      }
  expect((await here('GET', `/Users/${user.id}`)).body.title).toBe('Secret');
});

test('no list, search, filter or root query of another tenant shows them', async () => {
  const filters = ['title eq "Secret"', `id eq "${user.id}"`, `groups.value eq "${group.id}"`];
  for (const filter of filters) {
    expect((await there('GET', `/Users?filter=${encodeURIComponent(filter)}`)).body.totalResults).toBe(0);
    expect((await there('POST', '/Users/.search', { schemas: [urns.search], filter })).body.totalResults).toBe(0);
  }
  const members = `members.value eq "${user.id}"`;
  expect((await there('GET', `/Groups?filter=${encodeURIComponent(members)}`)).body.totalResults).toBe(0);
  for (const path of ['/Users', '/Groups']) expect((await there('GET', path)).body.totalResults).toBe(0);
  // There is nothing but the agent that its own key is.
  for (const { body } of [await there('GET', ''), await there('POST', '/.search', { schemas: [urns.search] })])
    expect(body.Resources.map(({ meta }: { meta: { resourceType: string } }) => meta.resourceType)).toEqual(['Agent']);
});

test("another tenant's ids cannot be members, and bulk cannot reach them", async () => {
  const add = { op: 'add', path: 'members', value: [{ value: user.id }] };
  const mine = (await there('POST', '/Groups', newGroup())).body;
  expect((await there('PATCH', `/Groups/${mine.id}`, patchOf(add))).status).toBe(400);
  expect((await there('POST', '/Groups', newGroup({ members: [{ value: user.id }] }))).status).toBe(400);
  const bulk = await there('POST', '/Bulk', {
    schemas: [urns.bulk],
    Operations: [
      { method: 'DELETE', path: `/Users/${user.id}` },
      { method: 'PUT', path: `/Groups/${group.id}`, data: group },
      { method: 'PATCH', path: `/Groups/${group.id}`, data: patchOf(add) },
    ],
  });
  expect(bulk.body.Operations.map(({ status }: { status: string }) => status)).toEqual(['404', '404', '404']);
  await there('DELETE', `/Groups/${mine.id}`);
});

test('the same user name in two tenants is two users', async () => {
  const twin = await there('POST', '/Users', newUser({ userName: user.userName }));
  expect(twin.status).toBe(201);
  expect(twin.body.id).not.toBe(user.id);
  await there('DELETE', `/Users/${twin.body.id}`);
});

test('a cursor of another tenant is refused', async () => {
  await here('POST', '/Users', newUser());
  const { nextCursor } = (await here('GET', '/Users?cursor=&count=1')).body;
  expect(nextCursor).toBeDefined();
  expect((await there('GET', `/Users?cursor=${nextCursor}`)).body.scimType).toBe('invalidCursor');
});

test('below /t/TENANT only the own tenant answers; another is as one that does not exist', async () => {
  expect((await here('GET', `/t/default/Users/${user.id}`)).status).toBe(200);
  const paths = [
    '',
    '/',
    '/Users',
    `/Users/${user.id}`,
    '/Groups',
    '/Me',
    '/Schemas',
    `/Schemas/${urns.user}`,
    '/ResourceTypes',
    '/ResourceTypes/User',
    '/ServiceProviderConfig',
    '/Robots',
  ];
  const posts = ['/Users', '/Groups', '/Bulk', '/.search', '/Users/.search', '/Groups/.search'];
  for (const call of [here, there]) {
    const foreign = call === here ? 'other' : 'default';
    for (const [method, path] of [...paths.map((path) => ['GET', path]), ...posts.map((path) => ['POST', path])] as [
      string,
      string,
    ][]) {
      const body = method === 'POST' ? {} : undefined;
      const reply = await call(method, `/t/${foreign}${path}`, body);
      const nowhere = await call(method, `/t/nowhere${path}`, body);
      expect([path, reply.status, reply.text]).toEqual([path, 404, nowhere.text]);
    }
  }
  for (const tenant of ['default', 'other', 'nowhere'])
    expect((await caller(scim.root, undefined)('GET', `/t/${tenant}/Users`)).status).toBe(401);
});

test('an administrator by MCP of one tenant ends that one, with every access to it, and no other', async () => {
  for (const id of ['mine', 'theirs']) await scim.directory.tenants.create({ id, name: id });
  const token = await scim.host.accessKey({ tenant: 'mine', scopes: ['scim:admin'] });
  const mine = caller(scim.root, token);
  const client = new Client({ name: 'test', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${scim.host.app.endpoints.mcp}/x/administration`), { requestInit }),
  );
  const call = async (name: string, args: object) =>
    (await client.callTool({ name, arguments: { ...args } })).structuredContent as { success: boolean; content: unknown };
  const remove = (id: string) => call('scim_delete_tenant', { tenant_id: id, confirm: id });
  for (const id of ['theirs', 'default']) expect(await remove(id)).toEqual(await remove('nowhere'));
  expect((await call('scim_list_tenants', {})).content).toMatchObject([{ id: 'mine' }]);
  expect((await mine('GET', '/Users')).status).toBe(200);
  expect(await remove('mine')).toMatchObject({ success: true });
  expect((await mine('GET', '/Users')).status).toBe(401);
  expect(scim.host.logged()).toContain('a tenant was administered');
  await client.close().catch(() => {});
  const ids = scim.directory.tenants.list().map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(['default', 'theirs']));
  expect(ids).not.toContain('mine');
  await scim.directory.tenants.delete('theirs');
});

test('a suspended tenant lets nobody in, and a deleted one is not there', async () => {
  await scim.directory.tenants.add({ id: 'third', name: 'Third' });
  const third = await scim.callAs({ tenant: 'third' });
  const { id } = (await third('POST', '/Users', newUser())).body;
  await scim.directory.tenants.update('third', { state: 'suspended' });
  for (const path of ['/Users', `/Users/${id}`, '/Schemas', '/ServiceProviderConfig', '/ResourceTypes', '/Me'])
    expect([path, (await third('GET', path)).status]).toEqual([path, 403]);
  const refused = await third('POST', '/Users', newUser());
  // No other scope would help.
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([403, null]);
  await scim.directory.tenants.delete('third');
  for (const path of ['/Users', '/Schemas', '/t/third/Users']) expect([401, 404]).toContain((await third('GET', path)).status);
});
