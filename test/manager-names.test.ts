import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newUser, patchOf, startScim, urns, type Call, type Reply, type ScimHost } from './scim-host.ts';

let scim: ScimHost;
let call: Call;
let mcp: Client;
/** Who manages `user`, and how the two are told of in SCIM over HTTP. */
let boss: Reply['body'];
let user: Reply['body'];

beforeAll(async () => {
  scim = await startScim();
  ({ call } = scim);
  mcp = new Client({ name: 'test', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${await scim.host.accessKey()}` } };
  await mcp.connect(new StreamableHTTPClientTransport(new URL(scim.host.app.endpoints.mcp), { requestInit }));
  boss = (await call('POST', '/Users', newUser({ displayName: 'Ada' }))).body;
  user = (await call('POST', '/Users', withManager(boss.id))).body;
});
afterAll(async () => {
  await mcp.close();
  await scim.close();
});

const withManager = (value: string, more: object = {}) =>
  newUser({ schemas: [urns.user, urns.enterprise], [urns.enterprise]: { manager: { value, ...more } } });

const read = async (path = `/Users/${user.id}`) => (await call('GET', path)).body;

async function tool(name: string, args: Record<string, unknown>) {
  const { structuredContent } = await mcp.callTool({ name, arguments: args });
  return (structuredContent as { content: Reply['body'] }).content;
}

test('every answer of every door has the name that the manager has now', async () => {
  const overHttp = { value: boss.id, $ref: `${scim.root}/Users/${boss.id}`, displayName: 'Ada' };
  const overMcp = { ...overHttp, $ref: `scim://default/Users/${boss.id}` };
  const id = `id eq "${user.id}"`;
  const patch = patchOf({ op: 'replace', path: 'title', value: 'Analyst' });
  const search = { schemas: [urns.search], filter: id };
  for (const answer of [
    user,
    await read(),
    (await call('PUT', `/Users/${user.id}`, user)).body,
    (await call('PATCH', `/Users/${user.id}`, patch)).body,
    (await read(`/Users?filter=${encodeURIComponent(id)}`)).Resources[0],
    (await call('POST', '/.search', search)).body.Resources[0],
  ])
    expect(answer[urns.enterprise].manager).toEqual(overHttp);
  const [resource] = (await mcp.readResource({ uri: `scim://default/Users/${user.id}` })).contents;
  const got = await tool('scim_get_user', { user_id: user.id });
  for (const answer of [
    got,
    await tool('scim_update_user', { user_id: user.id, user_data: got }),
    (await tool('scim_list_users', { filter: id }))[0],
    (await tool('scim_search_users', { filter: id, fields: ['userName', `${urns.enterprise}:manager`] })).Resources[0],
    JSON.parse((resource as { text: string }).text),
  ])
    expect(answer[urns.enterprise].manager).toEqual(overMcp);
});

test('a projection has as much of it as is asked for', async () => {
  const manager = async (query: string) => (await read(`/Users/${user.id}?${query}`))[urns.enterprise]?.manager;
  expect(await manager('attributes=manager.displayName')).toEqual({ displayName: 'Ada' });
  expect(await manager(`attributes=${urns.enterprise}:manager.value`)).toEqual({ value: boss.id });
  expect(await manager(`attributes=${urns.enterprise}`)).toHaveProperty('displayName', 'Ada');
  expect(await manager('attributes=userName')).toBeUndefined();
  expect(await manager('excludedAttributes=manager.displayName')).not.toHaveProperty('displayName');
  expect(await manager(`excludedAttributes=${urns.enterprise}`)).toBeUndefined();
});

test('it is no part of the record: not of its version, its history, nor of what is written', async () => {
  const before = await read();
  const renamed = await call('PATCH', `/Users/${boss.id}`, patchOf({ op: 'replace', path: 'displayName', value: 'Countess' }));
  expect(renamed.status).toBe(200);
  const after = await read();
  expect(after[urns.enterprise].manager.displayName).toBe('Countess');
  expect(after.meta).toEqual(before.meta);
  const same = await call('PUT', `/Users/${user.id}`, { ...before, meta: undefined });
  expect(same.body.meta.version).toBe(before.meta.version);
  const written = await call('POST', '/Users', withManager(boss.id, { displayName: 'Queen', $ref: '../Users/queen' }));
  expect(written.body[urns.enterprise].manager).toMatchObject({ displayName: 'Countess', $ref: `${scim.root}/Users/${boss.id}` });
  const actor = { id: 't', name: 'T', kind: 'system', door: 'cli', tenant: 'default', scopes: ['scim:read'] } as const;
  const [revision] = (await scim.directory.history.list(actor, 'User', written.body.id, { limit: 1 })).revisions;
  expect(revision?.resource[urns.enterprise]).toEqual({ manager: { value: boss.id } });
});

test('a manager who is nobody here, or of another tenant, has no name and no address', async () => {
  const there = await scim.callAs({ tenant: 'other' });
  const stranger = (await there('POST', '/Users', newUser({ displayName: 'Stranger' }))).body;
  for (const id of ['nobody', stranger.id]) {
    const { body } = await call('POST', '/Users', withManager(id));
    expect(body[urns.enterprise].manager).toEqual({ value: id });
  }
  const leaving = (await call('POST', '/Users', newUser())).body;
  const left = (await call('POST', '/Users', withManager(leaving.id))).body;
  expect(left[urns.enterprise].manager.displayName).toBe(leaving.userName);
  await call('DELETE', `/Users/${leaving.id}`);
  expect((await read(`/Users/${left.id}`))[urns.enterprise].manager).toEqual({ value: leaving.id });
});

test('what is derived is neither searched for nor sorted by, and says so', async () => {
  const filtered = await call('GET', `/Users?filter=${encodeURIComponent('manager.displayName eq "Ada"')}`);
  expect(filtered.body).toMatchObject({ scimType: 'invalidFilter', detail: expect.stringContaining('manager.displayName') });
  const sorted = await call('GET', '/Users?sortBy=manager.displayName');
  expect(sorted.body).toMatchObject({ status: '400', detail: expect.stringContaining('manager.displayName') });
  const byId = await read(`/Users?filter=${encodeURIComponent(`manager.value eq "${boss.id}"`)}`);
  expect(byId.totalResults).toBeGreaterThan(0);
});
