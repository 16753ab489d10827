import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, startDoor, type Era } from './test-door.ts';

let door: Awaited<ReturnType<typeof startDoor>>;
beforeAll(async () => {
  door = await startDoor();
});
afterAll(() => door.close());

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const agent = { id: 'x', name: 'X', kind: 'agent', door: 'mcp', tenant: 'default', scopes: ['scim:admin'] } as const;
const other = { ...agent, tenant: 'other' } as const;
let names = 0;
const user = () => ({ schemas: [userUrn], userName: `resource${names++}` });
const group = () => ({ schemas: [groupUrn], displayName: `Group ${names++}` });

/** Subscribes to addresses as the era does it. */
async function subscribe(client: Client, era: Era, uris: string[]): Promise<void> {
  if (era === '2026') await client.listen({ resourceSubscriptions: uris, resourcesListChanged: true });
  else for (const uri of uris) await client.subscribeResource({ uri });
}

describe.each<Era>(['2025', '2026'])('in the %s era', (era) => {
  let client: Client;
  beforeAll(async () => {
    client = await connect(door.all, era);
  });
  afterAll(() => client.close());
  const read = async (uri: string) => {
    const { contents } = await client.readResource({ uri });
    const [content] = contents as { uri: string; text: string; mimeType: string }[];
    expect(content).toMatchObject({ uri, mimeType: 'application/scim+json' });
    return JSON.parse(content?.text ?? '') as Record<string, unknown>;
  };

  test('users, groups and schemas are listed and read as the tools return them', async () => {
    const { resource: ada } = await door.directory.create(agent, 'User', user());
    const { resource: staff } = await door.directory.create(agent, 'Group', { ...group(), members: [{ value: ada.id }] });
    const uris = (await client.listResources()).resources.map(({ uri }) => uri);
    for (const uri of [`Users/${ada.id}`, `Groups/${staff.id}`, `Schemas/${userUrn}`, `Schemas/${groupUrn}`])
      expect(uris).toContain(`scim://default/${uri}`);
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'scim://{tenant}/Users/{id}',
      'scim://{tenant}/Groups/{id}',
      'scim://{tenant}/Schemas/{urn}',
      'scim://{tenant}/Escalations/{id}',
      'scim://{tenant}/ConflictReport',
    ]);
    const tool = async (name: string, args: object) =>
      ((await client.callTool({ name, arguments: { ...args } })).structuredContent as { content: unknown }).content;
    expect(await read(`scim://default/Users/${ada.id}`)).toEqual(await tool('scim_get_user', { user_id: ada.id }));
    expect(await read(`scim://default/Groups/${staff.id}`)).toEqual(await tool('scim_get_group', { group_id: staff.id }));
    const { schemas } = (await tool('scim_get_schemas', { fields: [userUrn] })) as { schemas: unknown[] };
    expect([await read(`scim://default/Schemas/${userUrn}`)]).toEqual(schemas);
    expect(await read(`scim://default/Schemas/${encodeURIComponent(userUrn)}`)).toMatchObject({ id: userUrn });
  });

  test('changes of users and groups are heard, each as what it is', async () => {
    const { resource: ada } = await door.directory.create(agent, 'User', user());
    const { resource: staff } = await door.directory.create(agent, 'Group', group());
    const uris = [`scim://default/Users/${ada.id}`, `scim://default/Groups/${staff.id}`];
    const heard: string[] = [];
    let lists = 0;
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void heard.push(params.uri));
    client.setNotificationHandler('notifications/resources/list_changed', () => void lists++);
    const { resource: theirs } = await door.directory.create(other, 'User', user());
    // In the 2026 era what is asked for in vain is not refused; it is never heard.
    await subscribe(client, era, era === '2026' ? [...uris, `scim://other/Users/${theirs.id}`] : uris);
    await door.directory.mergePatch(other, 'User', theirs.id, { title: 'Theirs' });
    await door.directory.mergePatch(agent, 'User', ada.id, { title: 'Countess' });
    await expect.poll(() => heard).toContain(uris[0]);
    await door.directory.modifyMembers(agent, staff.id, { add: [ada.id], remove: [] });
    await expect.poll(() => heard).toContain(uris[1]);
    expect(new Set(heard)).toEqual(new Set(uris));
    const before = lists;
    await door.directory.delete(agent, 'Group', staff.id);
    await expect.poll(() => lists).toBeGreaterThan(before);
  });

  test('the conflict report is listed, read as the tool returns it, and heard of when somebody collides', async () => {
    const uri = 'scim://default/ConflictReport';
    expect((await client.listResources()).resources).toContainEqual(expect.objectContaining({ uri }));
    const heard: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void heard.push(params.uri));
    await subscribe(client, era, [uri]);
    const { resource: ada, version } = await door.directory.create(agent, 'User', user());
    await door.directory.mergePatch({ ...agent, id: 'y' }, 'User', ada.id, { title: 'First' });
    const late = door.directory.mergePatch(agent, 'User', ada.id, { title: 'Late' }, { expectedVersion: version });
    await expect(late).rejects.toMatchObject({ code: 'VERSION_MISMATCH' });
    await expect.poll(() => heard, { timeout: 5000 }).toEqual([uri]);
    const { contents } = await client.readResource({ uri });
    const [{ text, mimeType } = { text: '' }] = contents as { text: string; mimeType?: string }[];
    expect(mimeType).toBe('application/json');
    const { structuredContent } = await client.callTool({ name: 'scim_conflict_report', arguments: {} });
    const { content } = structuredContent as { content: Record<string, unknown> };
    // It says since when it counts, which is another moment.
    expect({ ...(JSON.parse(text) as object), since: '' }).toEqual({ ...content, since: '' });
    expect(content).toMatchObject({ resources: expect.arrayContaining([expect.objectContaining({ id: ada.id })]) });
  });

  test('nothing of another tenant is listed, read or subscribed to', async () => {
    const { resource: theirs } = await door.directory.create(other, 'User', user());
    const { resource: ours } = await door.directory.create(other, 'Group', group());
    const text = JSON.stringify(await client.listResources());
    expect(text).not.toContain(theirs.id);
    expect(text).not.toContain('scim://other');
    const secret = { id: 'urn:example:secret:2.0:User', name: 'Secret', attributes: [{ name: 'secret' }] };
    await door.directory.putExtension(other, 'User', secret);
    const hidden = [
      `scim://other/Users/${theirs.id}`,
      `scim://default/Users/${theirs.id}`,
      `scim://other/Groups/${ours.id}`,
      `scim://default/Groups/${ours.id}`,
      `scim://default/Groups/${theirs.id}`,
      `scim://other/Schemas/${userUrn}`,
      `scim://default/Schemas/${secret.id}`,
      'scim://default/Tenants/other',
      'scim://other/ConflictReport',
    ];
    for (const uri of hidden) await expect(client.readResource({ uri })).rejects.toThrow(/not found/i);
    if (era === '2025')
      for (const uri of ['scim://other/Users/1', 'scim://other/Groups/1', 'scim://other/ConflictReport'])
        await expect(client.subscribeResource({ uri })).rejects.toThrow();
  });

  test('what a suspended tenant refuses is said in words, and is no error of the server’s own', async () => {
    await door.directory.tenants.update('default', { state: 'suspended' });
    try {
      const refusal = { code: -32_000, message: expect.stringContaining('suspended') };
      await expect(client.listResources()).rejects.toMatchObject(refusal);
      await expect(client.readResource({ uri: 'scim://default/Users/x' })).rejects.toMatchObject(refusal);
    } finally {
      await door.directory.tenants.update('default', { state: 'active' });
    }
  });
});
