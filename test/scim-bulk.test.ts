import { afterAll, beforeAll, expect, test } from 'vitest';
import { newGroup, newUser, patchOf, startScim, urns, type Call, type Reply, type ScimHost } from './scim-host.ts';

let scim: ScimHost;
let call: Call;

beforeAll(async () => {
  scim = await startScim();
  ({ call } = scim);
});
afterAll(() => scim.close());

const bulk = (operations: unknown, more: object = {}): Promise<Reply> =>
  call('POST', '/Bulk', { schemas: [urns.bulk], ...more, Operations: operations });
const statuses = ({ body }: Reply): string[] => body.Operations.map(({ status }: { status: string }) => status);

test('RFC 7644 §3.7.3: creation, replacement, patch and deletion in one request, with locations and versions', async () => {
  const [a, b, c] = await Promise.all([1, 2, 3].map(async () => (await call('POST', '/Users', newUser())).body));
  const reply = await bulk([
    { method: 'POST', path: '/Users', bulkId: 'qwerty', data: newUser({ userName: 'Alice' }) },
    { method: 'PUT', path: `/Users/${a.id}`, version: a.meta.version, data: newUser({ userName: 'Bob' }) },
    {
      method: 'PATCH',
      path: `/Users/${b.id}`,
      version: b.meta.version,
      data: patchOf({ op: 'add', path: 'nickName', value: 'Babs' }),
    },
    { method: 'DELETE', path: `/Users/${c.id}`, version: c.meta.version },
  ]);
  expect(reply.status).toBe(200);
  expect(reply.body.schemas).toEqual(['urn:ietf:params:scim:api:messages:2.0:BulkResponse']);
  const [created] = reply.body.Operations;
  expect(reply.body.Operations).toEqual([
    {
      method: 'POST',
      bulkId: 'qwerty',
      location: expect.stringContaining(`${scim.root}/Users/`),
      version: expect.stringMatching(/^W\/"/),
      status: '201',
    },
    { method: 'PUT', location: a.meta.location, version: expect.stringMatching(/^W\/"/), status: '200' },
    { method: 'PATCH', location: b.meta.location, version: expect.stringMatching(/^W\/"/), status: '200' },
    { method: 'DELETE', location: c.meta.location, status: '204' },
  ]);
  const alice = await call('GET', created.location.slice(scim.root.length));
  expect(alice.body).toMatchObject({ userName: 'Alice', meta: { version: created.version } });
  expect((await call('GET', `/Users/${b.id}`)).body.nickName).toBe('Babs');
  expect((await call('GET', `/Users/${c.id}`)).status).toBe(404);
});

test('RFC 7644 §3.7.2: a reference to what is created in the same request, before or after it, and from a path', async () => {
  const user = newUser();
  const reply = await bulk([
    {
      method: 'PATCH',
      path: '/Groups/bulkId:group',
      data: patchOf({ op: 'replace', path: 'displayName', value: 'Tour Guides' }),
    },
    { method: 'POST', path: '/Groups', bulkId: 'group', data: newGroup({ members: [{ value: 'bulkId:user' }] }) },
    { method: 'POST', path: '/Users', bulkId: 'user', data: user },
  ]);
  expect(statuses(reply)).toEqual(['200', '201', '201']);
  const group = await call('GET', reply.body.Operations[1].location.slice(scim.root.length));
  expect(group.body).toMatchObject({ displayName: 'Tour Guides', members: [{ display: user.userName, type: 'User' }] });
});

test('each operation fails for itself, and what refers to it fails with it', async () => {
  const taken = newUser();
  await call('POST', '/Users', taken);
  const user = (await call('POST', '/Users', newUser())).body;
  const reply = await bulk([
    { method: 'POST', path: '/Users', bulkId: 'taken', data: taken },
    { method: 'POST', path: '/Groups', bulkId: 'g', data: newGroup({ members: [{ value: 'bulkId:taken' }] }) },
    { method: 'POST', path: '/Groups', bulkId: 'h', data: newGroup({ members: [{ value: 'bulkId:nobody' }] }) },
    { method: 'PUT', path: `/Users/${user.id}`, version: 'W/"AAAAAAAAAAA="', data: user },
    { method: 'PATCH', path: `/Users/${user.id}`, data: patchOf({ op: 'replace', path: 'shoeSize', value: 9 }) },
    { method: 'DELETE', path: '/Users/nobody' },
    { method: 'DELETE', path: '/Robots/1' },
    { method: 'DELETE', path: '/Users' },
    { method: 'POST', path: '/Users', bulkId: 'last', data: newUser() },
  ]);
  expect(statuses(reply)).toEqual(['409', '400', '400', '412', '400', '404', '400', '400', '201']);
  const [first, , , conflict] = reply.body.Operations;
  expect(first).toEqual({
    method: 'POST',
    bulkId: 'taken',
    status: '409',
    response: { schemas: [urns.error], status: '409', scimType: 'uniqueness', detail: expect.any(String) },
  });
  expect(conflict.response[urns.conflict].currentVersion).toBe(user.meta.version);
  expect(conflict.location).toBe(user.meta.location);
});

test('failOnErrors stops after so many; what came before stays done', async () => {
  const bad = { method: 'DELETE', path: '/Users/nobody' };
  const good = (userName: string) => ({ method: 'POST', path: '/Users', bulkId: userName, data: newUser({ userName }) });
  const reply = await bulk([good('stays-1'), bad, good('stays-2'), bad, good('never')], { failOnErrors: 2 });
  expect(statuses(reply)).toEqual(['201', '404', '201', '404']);
  const found = async (userName: string) =>
    (await call('GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`)).body.totalResults;
  expect([await found('stays-1'), await found('stays-2'), await found('never')]).toEqual([1, 1, 0]);
});

test('a request that is no bulk request is refused whole', async () => {
  const bodies: unknown[] = [
    [],
    { Operations: 'all' },
    { schemas: [urns.search], Operations: [] },
    { schemas: [urns.bulk] },
    { schemas: [urns.bulk], Operations: [7] },
    { schemas: [urns.bulk], Operations: [{ path: '/Users' }] },
    { schemas: [urns.bulk], Operations: [{ method: 'GET', path: '/Users' }] },
    { schemas: [urns.bulk], Operations: [{ method: 'POST' }] },
    { schemas: [urns.bulk], Operations: [], failOnErrors: 'x' },
  ];
  for (const body of bodies) {
    const reply = await call('POST', '/Bulk', body);
    expect([JSON.stringify(body), reply.status]).toEqual([JSON.stringify(body), 400]);
  }
  expect(statuses(await bulk([]))).toEqual([]);
});

test('a thousand operations in one request', async () => {
  const operations = Array.from({ length: 1000 }, (_, index) => ({
    method: 'POST',
    path: '/Users',
    bulkId: `u${index}`,
    data: newUser(),
  }));
  const reply = await bulk(operations);
  expect(new Set(statuses(reply))).toEqual(new Set(['201']));
  expect(reply.body.Operations.map(({ bulkId }: { bulkId: string }) => bulkId)).toEqual(operations.map(({ bulkId }) => bulkId));
});
