import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWindow, startTestHost, windowClient, type TestHost } from './host.ts';

const tenant = 'default';
const user = 'urn:ietf:params:scim:schemas:core:2.0:User';
const urn = 'urn:tandem:default:badges:2.0:User';

let host: TestHost;
let window: ReturnType<typeof windowClient>;

beforeAll(async () => {
  host = await startTestHost();
  window = windowClient(host.origin, await openWindow(host.app.openAddress()));
});
afterAll(() => host.close());

const schema = (...attributes: Record<string, unknown>[]) => ({ id: urn, name: 'Badges', attributes });
const badge = { name: 'badge', description: 'Badge number' };
const refused = (code: string) => ({ data: { refusal: { code } } });

test('a definition is checked, put, changed over the version that was seen, cleared and removed', async () => {
  expect(await window.extensions.list.query({ tenant })).toEqual({ User: [], Group: [] });
  const check = await window.extensions.validate.mutate({ tenant, type: 'User', schema: schema({ name: 'title' }) });
  expect(check).toMatchObject({ valid: false, issues: [{ path: 'attributes[0].name' }] });
  const put = await window.extensions.put.mutate({ tenant, type: 'User', schema: schema(badge), expectedVersion: null });
  expect(await window.extensions.list.query({ tenant })).toEqual({ User: [put], Group: [] });
  expect((await window.tenants.schemas.query({ tenant })).User.extensions.at(-1)).toEqual(put.schema);

  const record = { schemas: [user, urn], userName: 'ada', displayName: 'Ada', [urn]: { badge: 'seven' } };
  const { resource } = await window.people.create.mutate({ tenant, record });
  const number = schema({ ...badge, type: 'integer' });
  expect(await window.extensions.validate.mutate({ tenant, type: 'User', schema: number })).toMatchObject({
    valid: false,
    affected: { count: 1 },
    breaks: [{ path: 'badge', count: 1, examples: [{ id: resource.id, name: 'Ada' }] }],
  });
  const more = schema(badge, { name: 'level', type: 'integer' });
  const changed = await window.extensions.put.mutate({ tenant, type: 'User', schema: more, expectedVersion: put.version });
  for (const expectedVersion of [put.version, null])
    await expect(
      window.extensions.put.mutate({ tenant, type: 'User', schema: schema(badge), expectedVersion }),
    ).rejects.toMatchObject(refused(expectedVersion === null ? 'UNIQUENESS' : 'VERSION_MISMATCH'));

  const key = { tenant, type: 'User', id: urn } as const;
  expect(await window.extensions.count.query(key)).toBe(1);
  const remove = (expectedVersion: string) => window.extensions.remove.mutate({ ...key, expectedVersion });
  await expect(remove(put.version)).rejects.toMatchObject(refused('VERSION_MISMATCH'));
  await expect(remove(changed.version)).rejects.toMatchObject(refused('INVALID_ARGUMENT'));
  expect(await window.extensions.clear.mutate(key)).toBe(0);
  await remove(changed.version);
  expect(await window.extensions.list.query({ tenant })).toEqual({ User: [], Group: [] });
});

test('what is no definition, or of no tenant, is refused and changes nothing', async () => {
  const wrong = { tenant, type: 'Group', expectedVersion: null } as const;
  await expect(window.extensions.put.mutate({ ...wrong, schema: { id: 'x' } })).rejects.toMatchObject(
    refused('SCHEMA_VIOLATION'),
  );
  await expect(window.extensions.put.mutate({ ...wrong, tenant: 'nowhere', schema: schema(badge) })).rejects.toMatchObject(
    refused('NOT_FOUND'),
  );
  await expect(window.extensions.list.query({ tenant: 'nowhere' })).rejects.toMatchObject(refused('NOT_FOUND'));
  expect(await window.extensions.list.query({ tenant })).toEqual({ User: [], Group: [] });
});
