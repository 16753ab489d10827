import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../src/directory/index.ts';
import { toWirePage } from '../src/scim/resource.ts';
import { newGroup, newUser, startScim, urns, type Call, type Reply, type ScimHost } from './scim-host.ts';

let scim: ScimHost;
let call: Call;
const people = 25;

beforeAll(async () => {
  scim = await startScim();
  ({ call } = scim);
  for (let index = 0; index < people; index++) {
    const [n] = [String(index).padStart(2, '0')];
    const user = newUser({
      userName: `Person-${n}@example.com`,
      title: index % 2 ? 'Odd' : 'Even',
      nickName: `N${String(people - index).padStart(2, '0')}`,
      active: index < 20,
      name: { familyName: `F${n}`, givenName: 'G' },
      emails: [
        { value: `p${n}@work.example`, type: 'work' },
        { value: `p${n}@home.example`, type: 'home' },
      ],
    });
    expect((await call('POST', '/Users', user)).status).toBe(201);
  }
  const { body } = await call('GET', '/Users?count=3');
  for (const { id } of body.Resources) await call('POST', '/Groups', newGroup({ members: [{ value: id }] }));
});
afterAll(() => scim.close());

const list = async (path: string, parameters: Record<string, string>): Promise<Reply> =>
  call('GET', `${path}?${new URLSearchParams(parameters)}`);
const names = ({ body }: Reply): string[] => body.Resources.map(({ userName }: { userName: string }) => userName);

describe('filters (RFC 7644 §3.4.2.2)', () => {
  const cases: [filter: string, total: number][] = [
    ['userName eq "PERSON-03@EXAMPLE.COM"', 1],
    ['userName sw "person-0"', 10],
    ['title eq "odd" and active eq true', 10],
    ['title eq "Odd" or title eq "Even"', people],
    ['not (title eq "Odd")', 13],
    ['title eq "Odd" and (active eq false or name.familyName eq "F01")', 3],
    ['emails[type eq "work" and value co "p03"]', 1],
    ['emails[type eq "work" and value co "home"]', 0],
    ['emails.value co "home.example"', people],
    ['emails co "p03@"', 1],
    [`${urns.user}:userName eq "person-03@example.com"`, 1],
    ['title pr', people],
    ['nickName gt "N20"', 5],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"', people],
    ['meta.resourceType eq "User"', people],
    ['displayName eq "a \\"quoted\\" name"', 0],
    ['userName eq "nobody"', 0],
  ];
  test.each(cases)('%s', async (filter, total) => {
    const reply = await list('/Users', { filter, count: '2' });
    expect([reply.status, reply.body.totalResults]).toEqual([200, total]);
    expect(reply.body.Resources).toHaveLength(Math.min(2, total));
  });
});

describe('pages by index (RFC 7644 §3.4.2.4)', () => {
  const cases: [parameters: Record<string, string>, startIndex: number, length: number][] = [
    [{}, 1, people],
    [{ count: '10' }, 1, 10],
    [{ startIndex: '21', count: '10' }, 21, 5],
    [{ startIndex: '26' }, 26, 0],
    [{ startIndex: '1000' }, 1000, 0],
    [{ startIndex: '0', count: '1' }, 1, 1],
    [{ startIndex: '-5', count: '1' }, 1, 1],
    [{ count: '0' }, 1, 0],
    [{ count: '-1' }, 1, 0],
    [{ count: '99999' }, 1, people],
  ];
  test.each(cases)('%j', async (parameters, startIndex, length) => {
    const { body } = await list('/Users', parameters);
    expect(body).toMatchObject({ schemas: [urns.list], totalResults: people, startIndex, itemsPerPage: length });
    expect(body.Resources).toHaveLength(length);
    expect(body).not.toHaveProperty('nextCursor');
  });

  test('all pages together are all, once each', async () => {
    const seen: string[] = [];
    for (let startIndex = 1; startIndex <= people; startIndex += 7)
      seen.push(...names(await list('/Users', { startIndex: String(startIndex), count: '7' })));
    expect(seen).toHaveLength(people);
    expect(new Set(seen).size).toBe(people);
  });
});

describe('pages by cursor (RFC 9865)', () => {
  test.each([{}, { sortBy: 'nickName', sortOrder: 'descending' }, { filter: 'title eq "Odd"' }] as Record<string, string>[])(
    'all pages together are all, once each: %j',
    async (query) => {
      const all = names(await list('/Users', query));
      const seen: string[] = [];
      let cursor: string | undefined = '';
      while (cursor !== undefined) {
        const { body }: Reply = await list('/Users', { ...query, cursor, count: '4' });
        expect(body).not.toHaveProperty('startIndex');
        expect(body.totalResults).toBe(all.length);
        seen.push(...body.Resources.map(({ userName }: { userName: string }) => userName));
        cursor = body.nextCursor;
      }
      expect(seen).toEqual(all);
    },
  );

  test('a cursor of another list is refused; so is one beside startIndex', async () => {
    const { nextCursor } = (await list('/Users', { cursor: '', count: '4' })).body;
    const wrong = await list('/Users', { cursor: nextCursor, filter: 'title eq "Odd"' });
    expect([wrong.status, wrong.body.scimType]).toEqual([400, 'invalidCursor']);
    expect((await list('/Groups', { cursor: nextCursor })).body.scimType).toBe('invalidCursor');
    expect((await list('/Users', { cursor: nextCursor, startIndex: '1' })).status).toBe(400);
  });
});

test('sorted (RFC 7644 §3.4.2.3): both ways, by sub-attributes and multi-valued attributes, whatever the case', async () => {
  const up = names(await list('/Users', { sortBy: 'name.familyName' }));
  expect(up).toEqual(up.toSorted());
  const down = names(await list('/Users', { sortBy: 'USERNAME', sortOrder: 'Descending' }));
  expect(down).toEqual(up.toReversed());
  expect(names(await list('/Users', { sortBy: 'nickName', startIndex: '24' }))).toEqual(up.slice(0, 2).toReversed());
  expect(names(await list('/Users', { sortBy: 'emails', count: '3' }))).toEqual(up.slice(0, 3));
});

describe('attributes and excludedAttributes (RFC 7644 §3.9)', () => {
  const keys = (resource: object) => Object.keys(resource).toSorted();

  test('only what is asked for, and what is always there', async () => {
    const { body } = await list('/Users', { attributes: 'userName,name.familyName', count: '1' });
    expect(keys(body.Resources[0])).toEqual(['id', 'name', 'schemas', 'userName']);
    expect(body.Resources[0].name).toEqual({ familyName: 'F00' });
    const [{ id }] = body.Resources;
    const one = await call('GET', `/Users/${id}?attributes=groups,emails.type,${urns.user}:title`);
    expect(keys(one.body)).toEqual(['emails', 'groups', 'id', 'schemas', 'title']);
    expect(one.body.emails).toEqual([{ type: 'work' }, { type: 'home' }]);
    expect(one.headers.get('etag')).toMatch(/^W\//);
    expect(keys((await call('GET', `/Users/${id}?attributes=id`)).body)).toEqual(['id', 'schemas']);
    expect(keys((await call('GET', `/Users/${id}?attributes=password`)).body)).toEqual(['id', 'schemas']);
    expect(keys((await call('GET', `/Users/${id}?attributes=meta.version`)).body)).toEqual(['id', 'meta', 'schemas']);
  });

  test('all but what is not wanted; never without the id', async () => {
    const { body } = await list('/Groups', { excludedAttributes: 'members,id', count: '1' });
    expect(keys(body.Resources[0])).toEqual(['displayName', 'id', 'meta', 'schemas']);
    const user = (await list('/Users', { excludedAttributes: 'groups,name.familyName,meta', count: '1' })).body.Resources[0];
    expect(user.name).toEqual({ givenName: 'G' });
    expect(user).not.toHaveProperty('groups');
    expect(user).not.toHaveProperty('meta');
  });

  test('in the answer to a write too', async () => {
    const created = await call('POST', '/Users?attributes=userName', newUser({ title: 'x' }));
    expect(keys(created.body)).toEqual(['id', 'schemas', 'userName']);
    expect(created.headers.get('location')).toContain(created.body.id);
    const put = await call('PUT', `/Users/${created.body.id}?excludedAttributes=title`, newUser({ title: 'y' }));
    expect(put.body).not.toHaveProperty('title');
    await call('DELETE', `/Users/${created.body.id}`);
  });
});

test('an answer that would carry too many members is refused, unless they are not wanted', async () => {
  const [group] = (await call('GET', '/Groups?count=1')).body.Resources;
  const actor: Actor = { id: 't', name: 'T', kind: 'system', door: 'scim', tenant: 'default', scopes: ['scim:read'] };
  const huge = { ...(await scim.directory.get(actor, 'Group', group.id)), members: { count: 100_001, digest: '' } };
  const asked = { actor, base: scim.root, access: 'x', lenient: true, requireVersion: false, bodyBytes: 1e6, resultBytes: 1e6 };
  await expect(toWirePage(scim.directory, asked, [huge], {})).rejects.toMatchObject({ status: 400, scimType: 'tooMany' });
  const [shown] = await toWirePage(scim.directory, asked, [huge], { excludedAttributes: ['members'] });
  expect(shown).toMatchObject({ id: group.id, displayName: group.displayName });
});

describe('.search (RFC 7644 §3.4.3)', () => {
  const search = (path: string, body: object) => call('POST', `${path}/.search`, { schemas: [urns.search], ...body });

  test('of one type, with all that a query has', async () => {
    const reply = await search('/Users', {
      filter: 'title eq "Odd"',
      sortBy: 'nickName',
      sortOrder: 'descending',
      startIndex: 2,
      count: 3,
      attributes: ['userName'],
    });
    expect(reply.body).toMatchObject({ totalResults: 12, startIndex: 2, itemsPerPage: 3 });
    expect(names(reply)).toEqual(['Person-03@example.com', 'Person-05@example.com', 'Person-07@example.com']);
    expect(Object.keys(reply.body.Resources[0]).toSorted()).toEqual(['id', 'schemas', 'userName']);
    expect((await search('/Groups', {})).body.totalResults).toBe(3);
    expect((await call('POST', '/Users/.search', { schemas: [urns.bulk] })).body.scimType).toBe('invalidSyntax');
    expect((await search('/Users', { count: 'x' })).body.scimType).toBe('invalidValue');
    expect((await search('/Users', { filter: 7 })).status).toBe(400);
  });

  test('of the root: users, groups and agents together, page by page', async () => {
    const all = await search('', {});
    // With the agent that the key of this test is.
    const everything = people + 3 + 1;
    expect(all.body).toMatchObject({ totalResults: everything, itemsPerPage: everything });
    const ids = all.body.Resources.map(({ id }: { id: string }) => id);
    const page = async (startIndex: number) => (await search('', { startIndex, count: 10, attributes: ['id'] })).body;
    const pages = [await page(1), await page(11), await page(21)];
    expect(pages.map(({ totalResults }) => totalResults)).toEqual([everything, everything, everything]);
    expect(pages.flatMap(({ Resources }) => Resources.map(({ id }: { id: string }) => id))).toEqual(ids);
    for (const count of [4, 5, 26, 28]) {
      const seen: string[] = [];
      let cursor: string | undefined = '';
      while (cursor !== undefined) {
        const { body }: Reply = await search('', { cursor, count });
        expect(body.totalResults).toBe(everything);
        seen.push(...body.Resources.map(({ id }: { id: string }) => id));
        cursor = body.nextCursor;
      }
      expect(seen).toEqual(ids);
    }
    expect((await search('', { filter: 'meta.resourceType eq "Group"' })).body.totalResults).toBe(3);
    expect((await search('', { filter: 'userName sw "person-0"' })).body.totalResults).toBe(10);
    expect((await search('', { filter: 'shoeSize eq 9' })).body.scimType).toBe('invalidFilter');
    expect((await search('', { cursor: 'Robot.x' })).body.scimType).toBe('invalidCursor');
    expect((await call('GET', '?count=1')).body.totalResults).toBe(everything);
  });
});
