import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Actor } from '../directory/index.ts';
import { call, connectors, startDoor } from './test-door.ts';

let door: Awaited<ReturnType<typeof startDoor>>;
beforeAll(async () => {
  door = await startDoor();
});
afterAll(() => door.close());

const administrator: Actor = {
  id: 'administrator',
  name: 'Administrator',
  kind: 'person',
  door: 'window',
  tenant: 'default',
  scopes: ['scim:admin'],
};
const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'] };

for (const [name, connectTo] of connectors)
  test(`an agent is told of a draft, announces its edit, and ends it (${name})`, async () => {
    const { directory } = door;
    const client = await connectTo(door.url, 'default:scim:read+scim:write#ada');
    const created = await call(client, 'scim_create_user', { user_data: { ...user, userName: `jo with ${name}` } });
    expect(created.metadata).not.toHaveProperty('advisory');
    const { id } = created.content;
    const resource = { type: 'User', id: String(id) } as const;
    directory.presence.open(administrator, resource, { holder: 'window', fields: ['title'] });
    const { metadata } = await call(client, 'scim_get_user', { user_id: id });
    expect(metadata['advisory']).toMatchObject({ fields_taken: ['title'], others: [{ who: 'Administrator', kind: 'draft' }] });

    const announce = { resource_type: 'User', resource_id: id, fields: ['title'], note: 'promotion' };
    const begun = await call(client, 'scim_begin_edit', announce);
    expect(begun.content).toMatchObject({ version: created.content['_version'], advisory: { collision_likelihood: 0.9 } });
    expect(directory.presence.others(administrator, resource, 'window')).toMatchObject([
      { kind: 'intent', who: { id: 'ada' }, fields: ['title'], note: 'promotion' },
    ]);
    expect((await call(client, 'scim_begin_edit', { ...announce, resource_id: 'nobody' })).content.error_code).toBe(
      'USER_NOT_FOUND',
    );
    const { edit_id } = begun.content;
    expect((await call(client, 'scim_end_edit', { edit_id })).content).toEqual({ ended: true });
    expect((await call(client, 'scim_end_edit', { edit_id })).content.error_code).toBe('NOT_FOUND');
    directory.presence.leave(administrator, 'window');
    await client.close();
  });
