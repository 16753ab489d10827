import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, connect, connectors, startDoor, type Era, type ToolClient } from './test-door.ts';

let door: Awaited<ReturnType<typeof startDoor>>;
beforeAll(async () => {
  door = await startDoor();
});
afterAll(() => door.close());

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const agent = { id: 'x', name: 'X', kind: 'agent', door: 'mcp', tenant: 'default', scopes: ['scim:admin'] } as const;
let names = 0;
const user = () => ({ schemas: [userUrn], userName: `bulk${names++}` });
const post = (data: object = user()) => ({ method: 'POST', path: '/Users', data });

interface Result {
  id: string;
  status: string;
  version: string;
  error?: { error: string; error_code: string; conflict?: Record<string, unknown> };
}

describe.each(connectors)('%s', (_name, connectTo) => {
  let client: ToolClient;
  beforeAll(async () => {
    client = await connectTo(door.url);
  });
  afterAll(() => client.close());

  const bulk = async (operations: object[], more: object = {}) => {
    const answer = await call(client, 'scim_bulk', { operations, ...more });
    return { ...answer, results: answer.content['results'] as Result[] };
  };

  test('many changes at once, which may refer to each other', async () => {
    const group = { schemas: [groupUrn], displayName: 'New', members: [{ value: 'bulkId:ada' }] };
    const { results, metadata } = await bulk([
      { method: 'POST', path: '/Groups', bulk_id: 'new', data: group },
      { ...post(), bulkId: 'ada' },
      { method: 'PATCH', path: '/Users/bulkId:ada', data: [{ op: 'replace', path: 'title', value: 'Countess' }] },
    ]);
    const [created, ada, patched] = results;
    expect(created).toMatchObject({ method: 'POST', path: '/Groups', bulk_id: 'new', status: '201' });
    expect(created).toMatchObject({ location: `scim://default/Groups/${created?.id}`, version: expect.any(String) });
    expect(patched).toMatchObject({ status: '200', id: ada?.id });
    expect(metadata).toMatchObject({ operation: 'bulk', atomic: false, succeeded: 3, failed: 0, not_done: 0 });
    const read = await call(client, 'scim_get_group', { group_id: created?.id });
    expect(read.content['members']).toMatchObject([{ value: ada?.id }]);
  });

  test('each stands alone, with what the tool for one would say', async () => {
    const { id, version } = (await bulk([post()])).results[0] ?? {};
    await call(client, 'scim_patch_user', { user_id: id, operations: [{ op: 'add', path: 'title', value: 'A' }] });
    const path = `/Users/${id}`;
    const { success, results, metadata } = await bulk([
      { method: 'PUT', path, expected_version: version, data: { ...user(), nickName: 'N' } },
      { method: 'PATCH', path, version: `W/"${version}"`, data: [{ op: 'add', path: 'nickName', value: 'N' }] },
      { method: 'DELETE', path, version },
      { method: 'DELETE', path: '/Groups/none' },
      { method: 'PUT', path: '/constructor/x', data: {} },
      { method: 'PATCH', path: '/Users/%zz', data: [] },
      post({ schemas: [userUrn] }),
      post(),
    ]);
    expect(success).toBe(true);
    expect(results.map(({ status }) => status)).toEqual(['412', '412', '412', '404', '400', '400', '400', '201']);
    expect(results.map(({ error }) => error?.error_code)).toEqual([
      ...Array.from({ length: 3 }, () => 'VERSION_MISMATCH'),
      'GROUP_NOT_FOUND',
      'INVALID_ARGUMENTS',
      'INVALID_ARGUMENTS',
      'SCHEMA_VIOLATION',
      undefined,
    ]);
    expect(results[0]?.error?.conflict).toMatchObject({
      expected_version: version,
      changes: [{ path: 'title' }],
      merged: { title: 'A' },
    });
    expect(results[1]?.error?.conflict).not.toHaveProperty('merged');
    expect(metadata).toMatchObject({ succeeded: 1, failed: 7 });
    const stopped = await bulk([post(), post({}), post({}), post()], { fail_on_errors: 1 });
    expect(stopped.results).toHaveLength(2);
    expect(stopped.metadata).toMatchObject({ succeeded: 1, failed: 1, not_done: 2 });
    const nothing = await bulk([post({}), { method: 'DELETE', path: '/Users/none' }]);
    expect(nothing).toMatchObject({ success: false, content: { error_code: 'BULK_FAILED' } });
    expect(nothing.results).toHaveLength(2);
  });

  test('atomic, it is all or nothing', async () => {
    const total = async () => (await call(client, 'scim_list_users', { count: 0 })).metadata['total_results'];
    const before = await total();
    const refused = await bulk([post(), post(), { method: 'DELETE', path: '/Users/none' }], { atomic: true });
    expect(refused).toMatchObject({ success: false, content: { error: expect.stringContaining('DELETE /Users/none') } });
    expect(await total()).toBe(before);
    const done = await bulk([post(), post()], { atomic: true });
    expect(done.metadata).toMatchObject({ atomic: true, succeeded: 2 });
    const { id, version } = done.results[0] ?? {};
    const stale = {
      method: 'PATCH',
      path: `/Users/${id}`,
      expected_version: version,
      data: [{ op: 'add', path: 'title', value: 'B' }],
    };
    await door.directory.mergePatch(agent, 'User', String(id), { nickName: 'A' });
    const conflict = await bulk([post(), stale], { atomic: true });
    expect(conflict.content).toMatchObject({
      error_code: 'VERSION_MISMATCH',
      conflict: { overlap: false, merged: { title: 'B' } },
    });
  });

  test('bad arguments are named', async () => {
    for (const [operations, text] of [
      [[], /operations/],
      [[{ method: 'GET', path: '/Users' }], /operations\.0\.method/],
      [[{ ...post(), colour: 'red' }], /operations\.0\.colour: Is not an argument/],
      [[{ ...post(), bulkId: 'a', bulk_id: 'b' }], /operations\.0: Send bulk_id or bulkId/],
      [Array.from({ length: 1001 }, () => ({ method: 'DELETE', path: '/Users/x' })), /operations/],
    ] as const) {
      const { content } = await bulk([...operations]);
      expect(content).toMatchObject({ error_code: 'INVALID_ARGUMENTS', error: expect.stringMatching(text) });
    }
  });
});

describe.each<Era>(['2025', '2026'])('in the %s era', (era) => {
  test('progress is told to those who ask', async () => {
    const client = await connect(door.url, era);
    for (const atomic of [false, true]) {
      const told: { progress: number; total?: number | undefined }[] = [];
      const operations = Array.from({ length: 300 }, () => post());
      const result = await client.callTool(
        { name: 'scim_bulk', arguments: { operations, atomic } },
        { onprogress: (progress) => void told.push(progress) },
      );
      expect(result.isError).not.toBe(true);
      await expect.poll(() => told.at(-1)).toMatchObject({ progress: 300, total: 300 });
      expect(told.length).toBeGreaterThan(10);
      expect(told.length).toBeLessThanOrEqual(101);
      const steps = told.map(({ progress }) => progress);
      expect(steps).toEqual([...new Set(steps)].toSorted((a, b) => a - b));
    }
    await client.close();
  });

  test('when it is cancelled, it stops', async () => {
    const client = await connect(door.url, era);
    const total = async () => (await door.directory.list(agent, 'User', { count: 0 })).total;
    const before = await total();
    const abort = new AbortController();
    const operations = Array.from({ length: 1000 }, () => post());
    const running = client.callTool(
      { name: 'scim_bulk', arguments: { operations } },
      { signal: abort.signal, onprogress: () => abort.abort() },
    );
    await expect(running).rejects.toThrow();
    let last = -1;
    await expect
      .poll(async () => {
        const now = await total();
        const settled = now === last;
        last = now;
        return settled;
      })
      .toBe(true);
    expect(last - before).toBeGreaterThan(0);
    expect(last - before).toBeLessThan(1000);
    await client.close();
  });
});
