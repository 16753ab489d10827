import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { agentUrn, type Actor, type Versioned } from '../directory/index.ts';
import { agentIdOf } from './agents.ts';
import { allowInWindow, begin, register, signIn, startHost, type Host } from './test-host.ts';

let host: Host;
beforeEach(async () => {
  host = await startHost();
});
afterEach(async () => {
  await host.stop();
  rmSync(host.folder, { recursive: true });
});

const administrator = (tenant = 'default'): Actor => ({
  id: 'administrator',
  name: 'Administrator',
  kind: 'person',
  door: 'window',
  tenant,
  scopes: ['scim:admin'],
});

const agentsOf = async (tenant = 'default'): Promise<Versioned[]> =>
  (await host.directory.list(administrator(tenant), 'Agent', { count: 100 })).rows;

async function agentOf(tenant = 'default'): Promise<Versioned> {
  const [agent, ...others] = await agentsOf(tenant);
  if (!agent || others.length > 0) throw new Error('there is one agent');
  return agent;
}

const turn = async (active: boolean, tenant = 'default') => {
  const { resource } = await agentOf(tenant);
  const operations = [{ op: 'replace', path: 'active', value: active }];
  await host.directory.patch(administrator(tenant), 'Agent', resource.id, operations);
};

/** A client that the administrator has let into the tenant `default`. */
async function connected(name = 'Editor') {
  const client = await register(host, { client_name: name });
  const { tokens } = await signIn(host, client);
  return { client, id: client.clientMetadata().client_id, token: tokens.access_token, tokens };
}

describe('an agent is made', () => {
  test('where the administrator lets a client in, once, however often', async () => {
    const { client, id } = await connected();
    await signIn(host, client);
    const { resource, tenant } = await agentOf();
    expect(resource).toEqual({
      schemas: [agentUrn],
      id: agentIdOf('default', id),
      externalId: id,
      name: 'Editor',
      displayName: 'Editor',
      agentType: 'AI client',
      active: true,
      protocols: [{ type: 'MCP-Client' }],
    });
    expect(host.auth.clients.list()).toMatchObject([{ id, agents: [{ tenant, id: resource.id, active: true }] }]);
    const { revisions } = await host.directory.history.list(administrator(), 'Agent', resource.id, { limit: 5 });
    expect(revisions).toMatchObject([{ operation: 'create', author: { id: 'administrator' } }]);
  });

  test('owned by the person who let it in, and by the next one who does', async () => {
    const client = await register(host, { client_name: 'Editor' });
    const owners: string[] = [];
    for (const userName of ['ada', 'bob']) {
      const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName };
      owners.push((await host.directory.create(administrator('demo'), 'User', user)).resource.id);
      const { user: browser, page } = await begin(host, client);
      await browser.submit(page.url, { action: 'demo', tenant: 'demo', user: userName });
    }
    const { resource } = await agentOf('demo');
    expect(resource['owners']).toEqual(owners.map((value) => ({ value })));
    const { revisions } = await host.directory.history.list(administrator('demo'), 'Agent', resource.id, { limit: 5 });
    expect(revisions.map(({ author }) => author.name)).toEqual(['bob', 'ada']);
    expect(await agentsOf()).toEqual([]);
  });

  test('not for whoever only learns who somebody is', async () => {
    await signIn(host, await register(host), { scope: 'openid profile', resource: undefined });
    expect(await agentsOf()).toEqual([]);
  });

  test('with an access key, and goes with it', async () => {
    const { id, key } = await host.auth.keys.create({ tenant: 'demo', scopes: ['scim:read'], name: 'Nightly' });
    const { resource } = await agentOf('demo');
    expect(resource).toMatchObject({ name: 'Nightly', externalId: `key:${id}`, agentType: 'Access key' });
    await turn(false, 'demo');
    expect(await host.auth.authenticate(key)).toBeUndefined();
    expect(host.auth.hasAccess(`key:${id}`, 'demo')).toBe(false);
    await turn(true, 'demo');
    expect(await host.auth.authenticate(key)).toMatchObject({ clientId: `key:${id}` });
    await host.auth.keys.revoke(id);
    expect(await agentsOf('demo')).toEqual([]);
  });

  test('once for all AI clients that are started on this computer', async () => {
    const make = () =>
      host.auth.keys.issueTemporary({ tenant: 'demo', scopes: ['scim:read'], name: 'AI client on this computer', kind: 'stdio' });
    const first = make();
    await vi.waitFor(async () => expect(await agentsOf('demo')).toHaveLength(1));
    await turn(false, 'demo');
    const second = make();
    for (const key of [first, second]) expect(await host.auth.authenticate(key)).toBeUndefined();
    expect(await agentsOf('demo')).toHaveLength(1);
    await turn(true, 'demo');
    expect(await host.auth.authenticate(second)).toBeDefined();
  });
});

describe('turned off', () => {
  test('it is cut off at once, in that tenant alone, until it is turned on', async () => {
    const { client, id, token } = await connected();
    const { access } = (await host.auth.authenticate(token)) ?? { access: '' };
    const inDemo = await begin(host, client);
    await allowInWindow(host, 'demo');
    const { url } = await inDemo.user.visit(inDemo.page.url);
    const { access_token: other } = await inDemo.exchange(url);
    const ended = vi.fn<() => void>();
    host.auth.access.watch(access, ended);
    await turn(false);
    expect(await host.auth.authenticate(token)).toBeUndefined();
    expect(host.auth.access.stands(access)).toBe(false);
    expect(host.auth.hasAccess(id, 'default')).toBe(false);
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
    expect(await host.auth.authenticate(other)).toMatchObject({ actor: { tenant: 'demo' } });
    await turn(true);
    expect(await host.auth.authenticate(token)).toMatchObject({ clientId: id });
  });

  test('it stays off when it asks anew, on the page and in the window', async () => {
    const { client } = await connected();
    await turn(false);
    const { user, page } = await begin(host, client);
    const signedIn = await user.submit(page.url, { action: 'sign-in', code: host.auth.signInCode });
    const ticket = /name="ticket" value="([^"]+)"/.exec((await signedIn.response?.text()) ?? '')?.[1] ?? '';
    const { response } = await user.submit(page.url, { action: 'allow', ticket, tenant: 'default' });
    expect(response?.status).toBe(409);
    expect(await response?.text()).toContain('Editor is turned off there');
    await expect(allowInWindow(host)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', issues: [{ path: 'tenant' }] });
    await turn(true);
    await allowInWindow(host);
  });

  test('it is off after a restart, and of what was deleted nothing opens, also if the process died in between', async () => {
    const { token } = await connected();
    const { token: doomed, id } = await connected('Doomed');
    const editor = (await agentsOf()).find(({ resource }) => resource['name'] === 'Editor');
    const off = [{ op: 'replace', path: 'active', value: false }];
    await host.directory.patch(administrator(), 'Agent', editor?.resource.id ?? '', off);
    cpSync(join(host.folder, 'auth.json'), join(host.folder, 'auth.before'));
    await host.directory.delete(administrator(), 'Agent', agentIdOf('default', id));
    const { port } = new URL(host.origin);
    await host.stop();
    cpSync(join(host.folder, 'auth.before'), join(host.folder, 'auth.json'));
    host = await startHost(host.folder, Number(port));
    expect(await host.auth.authenticate(token)).toBeUndefined();
    expect(await host.auth.authenticate(doomed)).toBeUndefined();
    expect(await agentsOf()).toHaveLength(1);
    expect(host.auth.clients.list().find((client) => client.id === id)).toMatchObject({ grants: [], agents: [] });
    await turn(true);
    expect(await host.auth.authenticate(token)).toBeDefined();
  });
});

test('deleted, its access ends for good; allowed anew, it is the same agent again', async () => {
  const { client, id, token } = await connected();
  const { resource } = await agentOf();
  await host.directory.delete(administrator(), 'Agent', resource.id);
  expect(await host.auth.authenticate(token)).toBeUndefined();
  await vi.waitFor(() => expect(host.auth.clients.list()).toMatchObject([{ id, grants: [], agents: [] }]));
  const { tokens } = await signIn(host, client);
  expect(await host.auth.authenticate(tokens.access_token)).toBeDefined();
  const { revisions } = await host.directory.history.list(administrator(), 'Agent', resource.id, { limit: 5 });
  expect(revisions.map(({ operation }) => operation)).toEqual(['recreate', 'delete', 'create']);
});

test('revoking the client deletes the agents that it is', async () => {
  const { id } = await connected();
  await host.auth.clients.revoke(id, administrator());
  expect(await agentsOf()).toEqual([]);
});

test('client and agent have one name, whoever gives it; where it is two agents, each has its own', async () => {
  const { client, id, token } = await connected();
  await host.auth.clients.rename(id, 'Desk', administrator());
  expect((await agentOf()).resource).toMatchObject({ name: 'Editor', displayName: 'Desk' });
  const rename = async (displayName: string) =>
    host.directory.mergePatch(administrator(), 'Agent', agentIdOf('default', id), { displayName });
  await rename('Bureau\u202e');
  expect(host.auth.clients.list()).toMatchObject([{ id, name: 'Bureau', ownName: 'Editor' }]);
  expect(await host.auth.authenticate(token)).toMatchObject({ actor: { name: 'Bureau' } });
  const inDemo = await begin(host, client);
  await allowInWindow(host, 'demo');
  await inDemo.user.visit(inDemo.page.url);
  await rename('Ours');
  expect(host.auth.clients.list()).toMatchObject([{ id, name: 'Bureau' }]);
  expect((await agentOf('demo')).resource['displayName']).toBe('Bureau');
});

test('no agent that somebody writes takes the place of the one that a client is', async () => {
  const { id, token } = await connected();
  const { resource } = await agentOf();
  const copy = { ...resource, active: false };
  const written = await host.directory.create(administrator(), 'Agent', copy);
  expect(written.resource.id).not.toBe(resource.id);
  await host.directory.delete(administrator(), 'Agent', written.resource.id);
  expect(await host.auth.authenticate(token)).toMatchObject({ clientId: id });
  // Under another external id it is the same agent still.
  await host.directory.mergePatch(administrator(), 'Agent', resource.id, { externalId: 'elsewhere', active: false });
  expect(await host.auth.authenticate(token)).toBeUndefined();
});

test('access that an older Tandem gave has its agents from the first start on, and they are made once', async () => {
  const { port } = new URL(host.origin);
  const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' };
  const ada = await host.directory.create(administrator('demo'), 'User', user);
  await host.stop();
  cpSync(join(host.folder, 'directory.db'), join(host.folder, 'older.db'));
  host = await startHost(host.folder, Number(port));
  const { token } = await connected();
  const { key } = await host.auth.keys.create({ tenant: 'default', scopes: ['scim:read'], name: 'Nightly' });
  const demo = await begin(host, await register(host, { client_name: 'Demo editor' }));
  await demo.user.submit(demo.page.url, { action: 'demo', tenant: 'demo', user: 'ada' });
  await host.stop();
  cpSync(join(host.folder, 'older.db'), join(host.folder, 'directory.db'));
  for (const start of [1, 2]) {
    host = await startHost(host.folder, Number(port));
    expect((await agentsOf()).map(({ resource }) => resource['name'])).toEqual(expect.arrayContaining(['Editor', 'Nightly']));
    expect(await agentsOf()).toHaveLength(2);
    expect((await agentOf('demo')).resource).toMatchObject({ name: 'Demo editor', owners: [{ value: ada.resource.id }] });
    for (const text of [token, key]) expect(await host.auth.authenticate(text)).toBeDefined();
    if (start === 1) await host.stop();
  }
});
