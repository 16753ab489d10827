import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../src/mcp/test-door.ts';
import { newGroup, newUser, patchOf, startScim, urns, type Call, type Reply, type ScimHost } from './scim-host.ts';

let scim: ScimHost;
let call: Call;

beforeAll(async () => {
  scim = await startScim();
  ({ call } = scim);
});
afterAll(() => scim.close());

async function user(more: Record<string, unknown> = {}): Promise<Reply['body']> {
  return (await call('POST', '/Users', newUser(more))).body;
}

/** The three writes that have a version to go by, each on a resource as it was read. */
const writes: [method: string, body: (resource: Reply['body']) => unknown][] = [
  ['PUT', (resource) => ({ ...resource, title: 'Changed' })],
  ['PATCH', () => patchOf({ op: 'replace', path: 'title', value: 'Changed' })],
  ['DELETE', () => undefined],
];

describe('If-Match on PUT, PATCH and DELETE alike (RFC 7644 §3.14)', () => {
  test.each(writes)('%s with a stale version is refused with 412 and nothing is written', async (method, body) => {
    const first = await user();
    const { body: second } = await call('PUT', `/Users/${first.id}`, { ...first, nickName: 'Second' });
    const refused = await call(method, `/Users/${first.id}`, body(first), { 'if-match': first.meta.version });
    expect(refused.status).toBe(412);
    expect(refused.body).toMatchObject({ schemas: [urns.error, urns.conflict], status: '412', detail: expect.any(String) });
    expect((await call('GET', `/Users/${first.id}`)).body).toEqual(second);
  });

  const good: [name: string, header: (version: string) => string][] = [
    ['the version', (version) => version],
    ['its strong form', (version) => version.slice(2)],
    ['a list with it', (version) => `W/"AAAAAAAAAAA=", ${version}, "x"`],
    ['its bare text', (version) => version.slice(3, -1)],
    ['*', () => '*'],
  ];
  test.each(good)('%s lets all three through', async (_name, header) => {
    for (const [method, body] of writes) {
      const resource = await user();
      const done = await call(method, `/Users/${resource.id}`, body(resource), { 'if-match': header(resource.meta.version) });
      expect([method, done.status]).toEqual([method, method === 'DELETE' ? 204 : 200]);
    }
  });

  const bad = ['W/"AAAAAAAAAAA="', '"x", "y"', 'W/"not a version!"', 'garbage', '""', ','];
  test.each(bad)('%s never holds', async (header) => {
    const resource = await user();
    for (const [method, body] of writes)
      expect((await call(method, `/Users/${resource.id}`, body(resource), { 'if-match': header })).status).toBe(412);
  });

  test('what is not there is 404, whatever the version', async () => {
    for (const [method, body] of writes)
      for (const header of ['*', '"x"', '"x", "y"'])
        expect((await call(method, '/Users/nobody', body(newUser()), { 'if-match': header })).status).toBe(404);
  });

  test('a group has its versions too, and its members count', async () => {
    const member = await user();
    const group = (await call('POST', '/Groups', newGroup())).body;
    const version = { 'if-match': group.meta.version };
    const add = patchOf({ op: 'add', path: 'members', value: [{ value: member.id }] });
    const added = await call('PATCH', `/Groups/${group.id}`, add, version);
    expect(added.status).toBe(200);
    expect(added.body.meta.version).not.toBe(group.meta.version);
    expect((await call('DELETE', `/Groups/${group.id}`, undefined, version)).status).toBe(412);
    const late = await call('PUT', `/Groups/${group.id}`, { ...group, displayName: 'Late' }, version);
    expect(late.body[urns.conflict].changes).toMatchObject([{ path: `members[value eq "${member.id}"]` }]);
  });
});

test('If-None-Match: 304 on GET while nothing changed; on PUT, only if it is not what is there', async () => {
  const { id, meta } = await user();
  for (const header of [meta.version, meta.version.slice(2), `"x", ${meta.version}`, '*']) {
    const same = await call('GET', `/Users/${id}`, undefined, { 'if-none-match': header });
    expect([same.status, same.text, same.headers.get('etag')]).toEqual([304, '', meta.version]);
  }
  const put = (header: string) => call('PUT', `/Users/${id}`, newUser(), { 'if-none-match': header });
  expect((await put('*')).status).toBe(412);
  expect((await put(meta.version)).status).toBe(412);
  expect((await put('"x"')).status).toBe(200);
  expect((await call('GET', `/Users/${id}`, undefined, { 'if-none-match': meta.version })).status).toBe(200);
  expect((await call('POST', '/Users', newUser(), { 'if-none-match': '*' })).status).toBe(201);
});

test('a PUT or PATCH that changes nothing keeps the version and the time', async () => {
  const resource = await user({ title: 'Same' });
  const put = await call('PUT', `/Users/${resource.id}`, resource, { 'if-match': resource.meta.version });
  const patch = await call('PATCH', `/Users/${resource.id}`, patchOf({ op: 'replace', path: 'title', value: 'Same' }));
  expect([put.body.meta, patch.body.meta]).toEqual([resource.meta, resource.meta]);
});

test('of ten that PUT with the same If-Match at the same time, exactly one wins', async () => {
  const resource = await user();
  const replies = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      call('PUT', `/Users/${resource.id}`, { ...resource, title: `Writer ${index}` }, { 'if-match': resource.meta.version }),
    ),
  );
  const winners = replies.filter(({ status }) => status === 200);
  expect(winners).toHaveLength(1);
  expect(replies.filter(({ status }) => status === 412)).toHaveLength(9);
  expect((await call('GET', `/Users/${resource.id}`)).body).toEqual(winners[0]?.body);
});

describe('a conflict tells what happened', () => {
  test('edits apart: who changed what and when, and both together, ready to be sent', async () => {
    const hr = await scim.callAs({ name: 'HR sync' });
    const resource = await user({ title: 'Analyst' });
    const theirs = await hr('PATCH', `/Users/${resource.id}`, patchOf({ op: 'replace', path: 'title', value: 'Engineer' }));
    const mine = { ...resource, nickName: 'Ada' };
    const refused = await call('PUT', `/Users/${resource.id}`, mine, { 'if-match': resource.meta.version });
    const conflict = refused.body[urns.conflict];
    expect(refused.body.detail).toMatch(/title \(by HR sync\).*PUT "merged"/s);
    expect(conflict).toMatchObject({
      expectedVersion: resource.meta.version,
      currentVersion: theirs.body.meta.version,
      overlapping: false,
      collisions: [],
      changes: [
        {
          path: 'title',
          before: 'Analyst',
          after: 'Engineer',
          author: { name: 'HR sync', door: 'scim' },
          at: theirs.body.meta.lastModified,
        },
      ],
      current: { title: 'Engineer' },
    });
    const resent = await call('PUT', `/Users/${resource.id}`, conflict.merged, { 'if-match': conflict.currentVersion });
    expect(resent.body).toMatchObject({ title: 'Engineer', nickName: 'Ada' });
  });

  test('edits of the same: which paths collide, and nothing merged', async () => {
    const resource = await user({ title: 'Analyst' });
    const patch = (value: string) => patchOf({ op: 'replace', path: 'title', value });
    await call('PATCH', `/Users/${resource.id}`, patch('Engineer'));
    const refused = await call('PATCH', `/Users/${resource.id}`, patch('Chief'), { 'if-match': resource.meta.version });
    expect(refused.body[urns.conflict]).toMatchObject({ overlapping: true, collisions: ['title'] });
    expect(refused.body[urns.conflict]).not.toHaveProperty('merged');
  });

  test('across doors: an agent that read before a REST write, and a REST client that read before an agent', async () => {
    const agent = await connect(`${scim.host.origin}/mcp`, '2026', await scim.host.accessKey({ name: 'Agent' }));
    try {
      const resource = await user({ title: 'One' });
      const raw = resource.meta.version.slice(3, -1);
      const { meta: _meta, ...record } = resource;
      const put = await call('PUT', `/Users/${resource.id}`, { ...record, title: 'Two' }, { 'if-match': resource.meta.version });
      const stale = await agent.callTool({
        name: 'scim_update_user',
        arguments: { user_id: resource.id, user_data: { ...record, nickName: 'A' }, expected_version: raw },
      });
      expect(stale.isError).toBe(true);
      expect(stale.structuredContent).toMatchObject({
        content: {
          error_code: 'VERSION_MISMATCH',
          conflict: {
            current_version: put.body.meta.version.slice(3, -1),
            changes: [{ path: 'title', actor: { door: 'scim' } }],
          },
        },
      });
      const fresh = await agent.callTool({
        name: 'scim_update_user',
        arguments: {
          user_id: resource.id,
          user_data: { ...record, title: 'Three' },
          expected_version: put.body.meta.version.slice(3, -1),
        },
      });
      expect(fresh.isError).toBeFalsy();
      const late = await call('DELETE', `/Users/${resource.id}`, undefined, { 'if-match': put.body.meta.version });
      expect(late.status).toBe(412);
      expect(late.body[urns.conflict].changes).toMatchObject([
        { path: 'title', before: 'Two', after: 'Three', author: { name: 'Agent', door: 'mcp' } },
      ]);
    } finally {
      await agent.close();
    }
  });
});

test('a tenant that requires versions answers 428 without If-Match, to PUT, PATCH, DELETE and in bulk', async () => {
  const other = await scim.callAs({ tenant: 'other' });
  await scim.directory.tenants.update('other', { settings: { requireVersion: true } });
  try {
    const created = (await other('POST', '/Users', newUser())).body;
    for (const [method, body] of writes) {
      const refused = await other(method, `/Users/${created.id}`, body(created));
      expect([refused.status, refused.body.status]).toEqual([428, '428']);
    }
    expect((await other('PATCH', `/Users/${created.id}`, writes[1]?.[1](created), { 'if-match': '*' })).status).toBe(200);
    const bulk = (version: object) => ({
      schemas: [urns.bulk],
      Operations: [
        { method: 'POST', path: '/Users', bulkId: 'a', data: newUser() },
        { method: 'DELETE', path: '/Users/bulkId:a' },
        { method: 'DELETE', path: `/Users/${created.id}`, ...version },
      ],
    });
    const before = (await other('GET', '/Users')).body.totalResults;
    const refused = await other('POST', '/Bulk', bulk({}));
    expect([refused.status, refused.body.detail]).toEqual([428, expect.stringContaining('Operations[2]')]);
    expect((await other('GET', '/Users')).body.totalResults).toBe(before);
    const { version } = (await other('GET', `/Users/${created.id}`)).body.meta;
    const done = await other('POST', '/Bulk', bulk({ version }));
    expect(done.body.Operations.map(({ status }: { status: string }) => status)).toEqual(['201', '204', '204']);
    const { headers } = await other('GET', `/Users/${created.id}`);
    expect(headers.get('etag')).toBeNull();
    const kept = (await other('POST', '/Users', newUser())).body;
    expect((await other('DELETE', `/Users/${kept.id}`, undefined, { 'if-match': kept.meta.version })).status).toBe(204);
  } finally {
    await scim.directory.tenants.update('other', { settings: { requireVersion: false } });
  }
});
