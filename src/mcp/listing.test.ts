import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, connectors, startDoor, type ToolClient } from './test-door.ts';

let door: Awaited<ReturnType<typeof startDoor>>;
const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const admin = { id: 'x', name: 'X', kind: 'agent', door: 'mcp', tenant: 'default', scopes: ['scim:admin'] } as const;
const count = 1000;

interface Listed {
  id: string;
  userName: string;
  title: string;
}

beforeAll(async () => {
  door = await startDoor();
  const operations = Array.from({ length: count }, (_, index) => ({
    method: 'POST' as const,
    path: '/Users',
    data: {
      schemas: [userUrn],
      userName: `user${String(index).padStart(4, '0')}`,
      title: index % 2 === 0 ? 'Even' : 'Odd',
      active: index % 10 !== 0,
      emails: [{ value: `user${index}@example.com`, type: 'work' }],
    },
  }));
  await door.directory.bulk(admin, operations, { atomic: true });
});
afterAll(() => door.close());

describe.each(connectors)('%s', (_name, connectTo) => {
  let client: ToolClient;
  beforeAll(async () => {
    client = await connectTo(door.url);
  });
  afterAll(() => client.close());

  const list = async (args: Record<string, unknown>) => {
    const { content, metadata } = await call(client, 'scim_list_users', args);
    return { rows: content as unknown as Listed[], metadata };
  };

  test('with the arguments of the seed alone, the answers are as before', async () => {
    const { rows, metadata } = await list({ start_index: 3, count: 2 });
    expect(rows.map(({ userName }) => userName)).toEqual(['user0002', 'user0003']);
    expect(rows[0]).toHaveProperty('emails');
    expect(metadata).toMatchObject({ total_results: count, start_index: 3, items_per_page: 2 });
    const found = await call(client, 'scim_search_users', { attribute: 'title', value: 'even' });
    expect(Object.keys(found.content)).toEqual(['Resources', 'totalResults', 'searchCriteria']);
    expect(found.content).toMatchObject({ totalResults: 500, searchCriteria: { attribute: 'title', value: 'even' } });
    expect(found.content['Resources']).toHaveLength(200);
    expect(found.metadata).toMatchObject({ search_attribute: 'title', search_value: 'even', omitted: { count: 300 } });
  });

  test('a cursor leads through a thousand, in any order', async () => {
    for (const order of [{}, { sort_by: 'userName', sort_order: 'descending' }, { sort_by: 'title' }]) {
      const seen: string[] = [];
      let cursor: string | undefined = '';
      while (cursor !== undefined) {
        const { rows, metadata } = await list({ ...order, cursor, count: 170, fields: ['userName'] });
        seen.push(...rows.map(({ userName }) => userName));
        expect(metadata).not.toHaveProperty('start_index');
        cursor = metadata['next_cursor'] as string | undefined;
      }
      expect(new Set(seen).size).toBe(count);
      expect(seen).toHaveLength(count);
      if (order.sort_by === 'userName') expect(seen).toEqual(seen.toSorted().toReversed());
    }
    let cursor: string | undefined;
    let total = 0;
    do {
      const args = { attribute: 'title', value: 'odd', ...(cursor !== undefined && { cursor }) };
      const { content, metadata } = await call(client, 'scim_search_users', args);
      total += (content['Resources'] as Listed[]).length;
      cursor = metadata['next_cursor'] as string | undefined;
    } while (cursor !== undefined);
    expect(total).toBe(500);
  });

  test('a filter finds, fields choose, and the metadata says what was left out', async () => {
    const filter = 'active eq false and emails[type eq "work" and value ew "0@example.com"]';
    const { rows, metadata } = await list({ filter, count: 30, fields: ['emails.value'], sort_by: 'userName' });
    expect(Object.keys(rows[0] ?? {}).toSorted()).toEqual(['_version', 'emails', 'id', 'schemas']);
    expect(rows[0]).toMatchObject({ emails: [{ value: 'user0@example.com' }] });
    expect(metadata).toMatchObject({
      total_results: 100,
      items_per_page: 30,
      next_cursor: expect.any(String),
      omitted: { count: 70, how: expect.stringContaining('next_cursor') },
    });
    const none = await list({ filter: 'title eq "None"' });
    expect(none.rows).toEqual([]);
    expect(none.metadata).not.toHaveProperty('omitted');
    const searched = await call(client, 'scim_search_users', { filter, count: 1 });
    expect(searched.content).toMatchObject({ totalResults: 100, searchCriteria: { filter } });
  });

  test.each<[args: Record<string, unknown>, code: string, text: RegExp]>([
    [{ filter: 'userName eq' }, 'INVALID_FILTER', /userName|end/],
    [{ filter: 'shoeSize eq 44' }, 'INVALID_FILTER', /shoeSize.*Known: .*userName/],
    [{ filter: 'password eq "x"' }, 'INVALID_FILTER', /never shown/],
    [{ cursor: 'nonsense' }, 'INVALID_CURSOR', /without/],
    [{ fields: ['userName', 'shoeSize'] }, 'INVALID_PATH', /fields: 'shoeSize'.*Known/],
    [{ sort_by: 'shoeSize' }, 'INVALID_PATH', /sort_by: 'shoeSize'/],
    [{ sort_order: 'descending' }, 'INVALID_ARGUMENTS', /sort_by/],
    [{ sort_by: 'title', sort_order: 'upwards' }, 'INVALID_ARGUMENTS', /sort_order/],
    [{ start_index: 2, cursor: '' }, 'INVALID_ARGUMENTS', /cursor/],
    [{ count: 201 }, 'INVALID_ARGUMENTS', /count/],
  ])('%o is refused, with the place and the fix', async (args, code, text) => {
    const { content } = await call(client, 'scim_list_users', args);
    expect(content.error_code).toBe(code);
    expect(content.error).toMatch(text);
    expect(content['issues'] ?? [{}]).not.toHaveLength(0);
  });

  test('a cursor belongs to its list, and a search says one thing', async () => {
    const { metadata } = await list({ count: 1 });
    const other = await call(client, 'scim_list_users', { cursor: metadata['next_cursor'], filter: 'active eq true' });
    expect(other.content.error_code).toBe('INVALID_CURSOR');
    const groups = await call(client, 'scim_list_groups', { cursor: metadata['next_cursor'] });
    expect(groups.content.error_code).toBe('INVALID_CURSOR');
    const stranger = await connectTo(door.url, 'other:scim:read');
    const elsewhere = await call(stranger, 'scim_list_users', { cursor: metadata['next_cursor'] });
    expect(elsewhere.content.error_code).toBe('INVALID_CURSOR');
    await stranger.close();
    for (const args of [{}, { attribute: 'title' }, { value: 'x' }, { attribute: 'title', value: 'x', filter: 'title pr' }]) {
      const { content } = await call(client, 'scim_search_users', args);
      expect(content).toMatchObject({ error_code: 'INVALID_ARGUMENTS', error: expect.stringContaining('filter') });
    }
  });
});
