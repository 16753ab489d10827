/**
 * The door against somebody else's SCIM: SCIMMY's messages and schemas write the requests and read the answers. (There is no
 * SCIM client on npm that is kept up and speaks to any server; SCIMMY's classes for clients are the nearest.)
 */
import SCIMMY from 'scimmy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newGroup, newUser, startScim, urns, type Call, type Reply, type ScimHost } from './scim-host.ts';

const { BulkRequest, BulkResponse, ErrorResponse, ListResponse, SearchRequest } = SCIMMY.Messages;
const { EnterpriseUser, Group, ResourceType, User } = SCIMMY.Schemas;
// Its types know schemas as instances only; it takes their classes, as its documentation shows.
User.extend(EnterpriseUser as unknown as Parameters<typeof User.extend>[0], false);

let scim: ScimHost;
let call: Call;

beforeAll(async () => {
  scim = await startScim();
  ({ call } = scim);
});
afterAll(() => scim.close());

/** Brings a message or resource of SCIMMY onto the wire. */
const wire = (value: object): Record<string, unknown> => JSON.parse(JSON.stringify(value)) as Record<string, unknown>;

/** Reads an answer by SCIMMY's schema, which throws for a value of a wrong type, and holds that nothing was lost in it. */
function read(Schema: typeof User | typeof Group, { body }: Reply): Record<string, unknown> {
  const { id, meta, ...record } = body;
  const understood = wire(new Schema(body, 'out', scim.root));
  expect(understood).toMatchObject({ id, ...record });
  expect(Object.keys(understood).toSorted()).toEqual(Object.keys(body).toSorted());
  expect(understood['meta']).toMatchObject({ resourceType: meta.resourceType });
  return understood;
}

test('users and groups that it writes are taken, and what is answered it understands whole', async () => {
  const boss = await call('POST', '/Users', newUser());
  const written = wire(
    new User(
      newUser({
        name: { givenName: 'Ada', familyName: 'Lovelace' },
        emails: [{ value: 'ada@example.com', type: 'work', primary: true }],
        active: true,
        [urns.enterprise]: { department: 'Analysis', manager: { value: boss.body.id } },
      }),
      'in',
    ),
  );
  const created = await call('POST', '/Users', written);
  expect(created.status).toBe(201);
  read(User, created);
  const group = await call('POST', '/Groups', wire(new Group(newGroup({ members: [{ value: created.body.id }] }), 'in')));
  expect(group.status).toBe(201);
  read(Group, group);
  read(User, await call('GET', `/Users/${created.body.id}`));
});

test('its search and bulk requests are taken, and lists, bulk answers and errors it understands', async () => {
  const search = new SearchRequest({ schemas: [urns.search], filter: 'userName pr', attributes: ['userName'], count: 2 });
  const found = await call('POST', '/Users/.search', wire(search));
  expect(found.status).toBe(200);
  const list = new ListResponse(found.body);
  expect(list.totalResults).toBe(found.body.totalResults);
  expect(list.Resources).toHaveLength(found.body.Resources.length);

  const operations = [
    { method: 'POST', path: '/Users', bulkId: 'u', data: newUser() },
    { method: 'POST', path: '/Groups', bulkId: 'g', data: newGroup({ members: [{ value: 'bulkId:u' }] }) },
    { method: 'DELETE', path: '/Users/nobody' },
  ];
  const bulk = new BulkRequest({ schemas: [urns.bulk], Operations: operations } as ConstructorParameters<typeof BulkRequest>[0]);
  const done = await call('POST', '/Bulk', { schemas: [urns.bulk], Operations: bulk.Operations });
  const { Operations: results } = new BulkResponse(done.body);
  expect(results.map(({ status }) => String(status))).toEqual(['201', '201', '404']);

  const refused = await call('POST', '/Users', newUser({ title: 7 }));
  // It throws an error answer that it understands.
  expect(() => new ErrorResponse(refused.body)).toThrow(refused.body.detail);
});

test('what the server says of itself it understands', async () => {
  for (const { body } of [await call('GET', '/ResourceTypes/User'), await call('GET', '/ResourceTypes/Group')])
    expect(wire(new ResourceType(body))).toMatchObject({ id: body.id, endpoint: body.endpoint, schema: body.schema });
  const { body } = await call('GET', '/Schemas');
  const theirs = [User, Group, EnterpriseUser].map(({ definition }) => wire(definition.describe('/Schemas')));
  // It knows no agents.
  for (const schema of body.Resources.filter(({ id }: { id: string }) => id !== urns.agent)) {
    const same = theirs.find(({ id }) => id === schema.id) as {
      attributes: { name: string; type: string; multiValued: boolean }[];
    };
    for (const { name, type, multiValued } of same.attributes) {
      const ours = schema.attributes.find((attribute: { name: string }) => attribute.name === name);
      expect([schema.id, name, ours?.type, ours?.multiValued]).toEqual([schema.id, name, type, multiValued]);
    }
  }
});
