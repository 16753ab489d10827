/** Agents over the wire of SCIM: the same methods, versions, searches and refusals as users have. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newUser, patchOf, startScim, urns, type Call, type ScimHost } from './scim-host.ts';

let scim: ScimHost;
/** A key that may administer, as a provisioning client that manages agents has. */
let admin: Call;

beforeAll(async () => {
  scim = await startScim();
  admin = await scim.callAs({ scopes: ['scim:admin'], name: 'Provisioning' });
});
afterAll(() => scim.close());

const newAgent = (more: Record<string, unknown> = {}) => ({ schemas: [urns.agent], name: 'Helpdesk bot', ...more });

test('an agent lives as a user does: made, read, replaced, patched, deleted, with its version at each step', async () => {
  const owner = (await admin('POST', '/Users', newUser({ displayName: 'Ada' }))).body;
  const created = await admin('POST', '/Agents', newAgent({ owners: [{ value: owner.id }], externalId: 'bot-1', active: true }));
  expect(created.status).toBe(201);
  const { id } = created.body;
  expect(created.headers.get('location')).toBe(`${scim.root}/Agents/${id}`);
  expect(created.body).toMatchObject({
    schemas: [urns.agent],
    owners: [{ value: owner.id, $ref: `${scim.root}/Users/${owner.id}`, display: 'Ada' }],
    meta: { resourceType: 'Agent', location: `${scim.root}/Agents/${id}`, version: created.headers.get('etag') },
  });
  const etag = created.headers.get('etag') ?? '';
  expect((await admin('GET', `/Agents/${id}`, undefined, { 'if-none-match': etag })).status).toBe(304);
  const child = await admin('POST', '/Agents', newAgent({ name: 'Part of it', parent: { value: id } }));
  expect(child.body.parent).toEqual({ value: id, $ref: `${scim.root}/Agents/${id}`, display: 'Helpdesk bot' });

  const off = await admin('PATCH', `/Agents/${id}`, patchOf({ op: 'replace', path: 'active', value: false }), {
    'if-match': etag,
  });
  expect([off.status, off.body.active]).toEqual([200, false]);
  const late = await admin('PUT', `/Agents/${id}`, newAgent({ description: 'Answers' }), { 'if-match': etag });
  expect(late.status).toBe(412);
  expect(late.body[urns.conflict]).toMatchObject({ overlapping: true, changes: [{ path: 'active', after: false }] });
  const replaced = await admin('PUT', `/Agents/${id}`, newAgent({ description: 'Answers' }), {
    'if-match': off.headers.get('etag') ?? '',
  });
  expect(replaced.body).not.toHaveProperty('owners');
  expect((await admin('DELETE', `/Agents/${id}`, undefined, { 'if-match': etag })).status).toBe(412);
  expect((await admin('DELETE', `/Agents/${id}`)).status).toBe(204);
  expect((await admin('GET', `/Agents/${id}`)).status).toBe(404);
  expect((await admin('GET', `/Agents/${child.body.id}`)).body.parent).toEqual({ value: id });
});

test('they are listed, filtered, sorted, searched and paged, alone and with everything', async () => {
  for (const name of ['Beta bot', 'Alpha bot']) await admin('POST', '/Agents', newAgent({ name, agentType: 'Paged' }));
  const filter = encodeURIComponent('agentType eq "paged"');
  const page = await admin('GET', `/Agents?filter=${filter}&sortBy=name&count=1`);
  expect(page.body).toMatchObject({ totalResults: 2, itemsPerPage: 1, Resources: [{ name: 'Alpha bot' }] });
  const search = { schemas: [urns.search], filter: 'agentType eq "paged"', sortBy: 'displayName', sortOrder: 'descending' };
  const found = await admin('POST', '/Agents/.search', { ...search, attributes: ['name'] });
  expect(found.body.Resources.map(({ name }: { name: string }) => name)).toEqual(['Beta bot', 'Alpha bot']);
  const types: string[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const { body } = await admin('GET', `/?count=2&cursor=${encodeURIComponent(cursor)}`);
    for (const { meta } of body.Resources) types.push(meta.resourceType);
    cursor = body.nextCursor;
  }
  const { body } = await admin('GET', '/?count=0');
  expect(types).toHaveLength(body.totalResults);
  expect(types.filter((type) => type === 'Agent').length).toBeGreaterThanOrEqual(2);
  expect(types).toEqual(types.toSorted((a, b) => ['User', 'Group', 'Agent'].indexOf(a) - ['User', 'Group', 'Agent'].indexOf(b)));
});

test('bulk makes one with its owner, and discovery and the documents tell of them', async () => {
  const bulk = await admin('POST', '/Bulk', {
    schemas: [urns.bulk],
    Operations: [
      { method: 'POST', path: '/Agents', bulkId: 'bot', data: newAgent({ owners: [{ value: 'bulkId:ada' }] }) },
      { method: 'POST', path: '/Users', bulkId: 'ada', data: newUser() },
    ],
  });
  expect(bulk.body.Operations.map(({ status }: { status: string }) => status)).toEqual(['201', '201']);
  const [bot, ada] = bulk.body.Operations;
  const made = await admin('GET', new URL(bot.location).pathname.replace('/scim/v2', ''));
  expect(made.body.owners[0].$ref).toBe(ada.location);

  expect((await admin('GET', '/ResourceTypes/Agent')).body).toMatchObject({ endpoint: '/Agents', schema: urns.agent });
  const { attributes } = (await admin('GET', `/Schemas/${urns.agent}`)).body;
  expect(attributes.filter(({ required }: { required: boolean }) => required).map(({ name }: { name: string }) => name)).toEqual([
    'name',
  ]);
  expect((await admin('GET', '/ServiceProviderConfig')).body.agentExtension).toEqual({
    supported: true,
    agentsSupported: true,
    agenticApplicationsSupported: false,
  });
  const { paths } = (await admin('GET', '/openapi.json')).body;
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/Agents', '/Agents/.search', '/Agents/{id}']));
});

test('software without scim:admin reads them and changes none; it is told what to ask for', async () => {
  const { id } = (await admin('POST', '/Agents', newAgent({ active: false }))).body;
  expect((await scim.call('GET', `/Agents/${id}`)).status).toBe(200);
  const on = patchOf({ op: 'replace', path: 'active', value: true });
  for (const [method, path, body] of [
    ['POST', '/Agents', newAgent()],
    ['PATCH', `/Agents/${id}`, on],
    ['PUT', `/Agents/${id}`, newAgent({ active: true })],
    ['DELETE', `/Agents/${id}`, undefined],
  ] as const) {
    const refused = await scim.call(method, path, body);
    expect([method, refused.status]).toEqual([method, 403]);
    expect(refused.headers.get('www-authenticate')).toContain('scim:admin');
  }
  expect((await admin('GET', `/Agents/${id}`)).body.active).toBe(false);
  const other = await scim.callAs({ tenant: 'other', scopes: ['scim:admin'] });
  expect((await other('GET', `/Agents/${id}`)).status).toBe(404);
});
