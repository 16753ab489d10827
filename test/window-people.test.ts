import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWindow, startTestHost, windowClient, type TestHost } from './host.ts';

const tenant = 'default';
const user = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let host: TestHost;
let window: ReturnType<typeof windowClient>;

beforeAll(async () => {
  host = await startTestHost();
  window = windowClient(host.origin, await openWindow(host.app.openAddress()));
});
afterAll(() => host.close());

async function add(userName: string, record: Record<string, unknown> = {}): Promise<{ id: string; version: string }> {
  const { resource, version } = await window.people.create.mutate({ tenant, record: { schemas: [user], userName, ...record } });
  return { id: resource.id, version };
}

test('the list answers the columns that are asked for, managers by name, and sorts by any of them', async () => {
  const boss = await add('boss', { displayName: 'The Boss' });
  await add('zoe', {
    schemas: [user, enterprise],
    emails: [{ value: 'zoe@home.example' }, { value: 'zoe@work.example', primary: true }],
    [enterprise]: { employeeNumber: '1', manager: { value: boss.id } },
  });
  await add('ada', { schemas: [user, enterprise], [enterprise]: { employeeNumber: '2' } });
  const list = { tenant, offset: 0, limit: 10, filter: `${enterprise}:employeeNumber pr` };
  const columns = ['emails.value', `${enterprise}:manager`, 'meta.lastModified', 'active'];
  const { rows } = await window.people.list.query({
    ...list,
    columns,
    sort: { by: `${enterprise}:employeeNumber`, descending: false },
  });
  expect(rows.map(({ userName, values }) => [userName, values])).toEqual([
    ['zoe', ['zoe@work.example', 'The Boss', rows[0]?.lastModified, '']],
    ['ada', ['', '', rows[1]?.lastModified, '']],
  ]);
  expect((await window.people.list.query(list)).rows[0]).not.toHaveProperty('values');
  for (const wrong of [{ columns: ['password'] }, { sort: { by: 'nothing', descending: false } }])
    await expect(window.people.list.query({ ...list, ...wrong })).rejects.toMatchObject({
      data: { refusal: { code: 'INVALID_PATH' } },
    });
});

test('a bulk change tells what became of each person', async () => {
  const people = [await add('one'), await add('two'), await add('three')];
  const [first, second, third] = people;
  if (!first || !second || !third) throw new Error('three were added');
  const patch = [{ op: 'replace', path: 'title', value: 'Boss' }];
  await window.people.bulk.mutate({ tenant, operations: [{ id: second.id, expectedVersion: second.version, patch }] });
  const outcomes = await window.people.bulk.mutate({
    tenant,
    operations: [
      { id: first.id, expectedVersion: first.version, patch },
      { id: second.id, expectedVersion: second.version, patch: [{ op: 'replace', path: 'title', value: 'Chief' }] },
      { id: third.id, expectedVersion: third.version },
      { id: 'nobody', expectedVersion: third.version, patch },
    ],
  });
  expect(outcomes).toMatchObject([
    { id: first.id, version: expect.any(String) },
    { id: second.id, refusal: { code: 'VERSION_MISMATCH', conflict: { changes: [{ path: 'title', after: 'Boss' }] } } },
    { id: third.id },
    { id: 'nobody', refusal: { code: 'NOT_FOUND' } },
  ]);
  const ids = [first.id, second.id, third.id];
  const found = await window.people.many.query({ tenant, ids });
  expect(found.map(({ resource }) => resource.id)).toEqual([first.id, second.id]);
});

test('saved filters and columns are kept in the settings, each tenant apart', async () => {
  const filter = 'title eq "Boss"';
  const saved = await window.savedFilters.create.mutate({ tenant, name: ' Bosses ', filter });
  expect(saved).toMatchObject({ name: 'Bosses', filter });
  await expect(window.savedFilters.create.mutate({ tenant, name: 'bosses', filter })).rejects.toThrow('Choose another name');
  await expect(window.savedFilters.create.mutate({ tenant, name: 'x'.repeat(61), filter })).rejects.toThrow();
  await expect(window.savedFilters.create.mutate({ tenant: 'nowhere', name: 'x', filter })).rejects.toThrow('no such tenant');
  await window.savedFilters.update.mutate({ tenant, id: saved.id, name: 'Chiefs' });
  await window.columns.set.mutate({ tenant, paths: ['title'] });
  await window.tenants.create.mutate({ id: 'other', name: 'Other' });
  expect(await window.savedFilters.list.query({ tenant: 'other' })).toEqual([]);
  expect(await window.columns.get.query({ tenant: 'other' })).toBeNull();
  expect(host.app.settings.data).toMatchObject({
    savedFilters: [{ tenant, name: 'Chiefs', filter }],
    columns: { [tenant]: ['title'] },
  });
  await window.savedFilters.delete.mutate({ tenant: 'other', id: saved.id });
  expect(await window.savedFilters.list.query({ tenant })).toHaveLength(1);
  await window.savedFilters.delete.mutate({ tenant, id: saved.id });
  expect(await window.savedFilters.list.query({ tenant })).toEqual([]);
  await window.columns.set.mutate({ tenant, paths: null });
  expect(await window.columns.get.query({ tenant })).toBeNull();
});
