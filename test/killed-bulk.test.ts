import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Directory, Versioned } from '../src/directory/index.ts';
import { askHost } from '../src/main/control.ts';
import { everything, memberIds, openSound, reader, serve } from './killed-host.ts';
import { caller, urns } from './scim-host.ts';

let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tandem-killed-'));
});
afterEach(() => rmSync(data, { recursive: true }));

const people = 20;
const nameOf = (unit: string, index: number) => `${unit}.${index}`;

interface Operation {
  method: 'POST' | 'PATCH' | 'DELETE';
  path: string;
  bulkId?: string;
  data?: object;
}

/** People, a group of them, and a group with that group in it; who is referred to comes last. */
function operationsOf(unit: string): Operation[] {
  const names = Array.from({ length: people }, (_, index) => nameOf(unit, index));
  const group = (bulkId: string, displayName: string, members: string[]): Operation => ({
    method: 'POST',
    path: '/Groups',
    bulkId,
    data: { schemas: [urns.group], displayName, members: members.map((name) => ({ value: `bulkId:${name}` })) },
  });
  return [
    group('outer', `${unit} outer`, ['inner']),
    group('inner', `${unit} inner`, names),
    ...names.map((userName): Operation => ({
      method: 'POST',
      path: '/Users',
      bulkId: userName,
      data: { schemas: [urns.user], userName, title: unit },
    })),
  ];
}

/** Who is there of a unit, and that its groups, where they are there, are whole. */
async function stateOf(
  directory: Directory,
  all: { users: Map<unknown, string>; groups: Map<unknown, Versioned> },
  unit: string,
) {
  const ids = Array.from({ length: people }, (_, index) => all.users.get(nameOf(unit, index)));
  const inner = all.groups.get(`${unit} inner`);
  const outer = all.groups.get(`${unit} outer`);
  if (inner) expect(new Set(await memberIds(directory, inner.resource.id))).toEqual(new Set(ids));
  if (outer) expect(await memberIds(directory, outer.resource.id)).toEqual([inner?.resource.id]);
  return { ids, done: ids.filter((id) => id !== undefined).length + (inner ? 1 : 0) + (outer ? 1 : 0) };
}

test('kill -9 in the middle of bulk: what was acknowledged is whole, and of what was atomic there is all or nothing', async () => {
  const acknowledged = new Map<string, 'atomic' | 'apart'>();
  const sent = new Map<string, 'atomic' | 'apart'>();
  const killedAfterMs: number[] = [];
  let everybody = '';
  for (let round = 0; round < 4; round++) {
    const host = await serve(data);
    const { key } = await askHost(data, 'access-key', {
      tenant: 'default',
      scopes: ['scim:read', 'scim:write'],
      name: 'Killed',
    });
    const rest = caller(host.scim, key);
    if (everybody === '')
      everybody = (await rest('POST', '/Groups', { schemas: [urns.group], displayName: 'Everybody' })).body.id as string;
    const ended = new AbortController();
    const overMcp = async (name: string, atomic: boolean) => {
      const client = new Client({ name: 'Killed', version: '1' });
      const headers = { authorization: `Bearer ${key}` };
      await client.connect(new StreamableHTTPClientTransport(new URL(host.mcp), { requestInit: { headers } }));
      for (let count = 0; ; count++) {
        const unit = `${name}-${round}-${count}`;
        const operations = operationsOf(unit);
        // In one unit with it: a group that other units change too, and the end of somebody who is in two groups.
        if (atomic) {
          const joined = {
            op: 'add',
            path: 'members',
            value: [{ value: 'bulkId:inner' }, { value: `bulkId:${nameOf(unit, 1)}` }],
          };
          operations.push({ method: 'PATCH', path: `/Groups/${everybody}`, data: [joined] });
          const gone = { schemas: [urns.user], userName: `${unit}.gone` };
          operations.push({ method: 'POST', path: '/Users', bulkId: 'gone', data: gone });
          operations.push({ method: 'DELETE', path: '/Users/bulkId:gone' });
        }
        sent.set(unit, atomic ? 'atomic' : 'apart');
        const bulk = operations.map(({ bulkId, ...operation }) => ({
          ...operation,
          ...(bulkId !== undefined && { bulk_id: bulkId }),
        }));
        const call = { name: 'scim_bulk', arguments: { operations: bulk, atomic } };
        // Without it, the client would wait for the host to come back.
        const { structuredContent } = await client.callTool(call, { signal: ended.signal });
        expect(structuredContent).toMatchObject({ success: true, metadata: { failed: 0 } });
        acknowledged.set(unit, atomic ? 'atomic' : 'apart');
      }
    };
    const overRest = async () => {
      for (let count = 0; ; count++) {
        const unit = `rest-${round}-${count}`;
        sent.set(unit, 'apart');
        const { status, body } = await rest('POST', '/Bulk', { schemas: [urns.bulk], Operations: operationsOf(unit) });
        expect(status).toBe(200);
        const statuses = (body.Operations as { status: string }[]).map((operation) => operation.status);
        expect(new Set(statuses)).toEqual(new Set(['201']));
        acknowledged.set(unit, 'apart');
      }
    };
    const before = acknowledged.size;
    const failures: unknown[] = [];
    const callers = [overMcp('atomic', true), overMcp('atomic too', true), overMcp('mcp', false), overRest()].map((running) =>
      running.catch((error: unknown) => {
        if (!ended.signal.aborted) failures.push(error);
      }),
    );
    while (acknowledged.size < before + 4 && failures.length === 0) await sleep(2);
    const after = Math.random() * 300;
    killedAfterMs.push(Math.round(after));
    await sleep(after);
    const dead = host.kill();
    ended.abort();
    await dead;
    await Promise.all(callers);
    expect(failures).toEqual([]);

    const directory = await openSound(data);
    const users = new Map<unknown, string>();
    for (const [id, { resource }] of await everything(directory, 'User')) users.set(resource['userName'], id);
    const groups = new Map<unknown, Versioned>();
    for (const group of (await everything(directory, 'Group')).values()) groups.set(group.resource['displayName'], group);
    const joined = new Set(await memberIds(directory, everybody));
    const expectedMembers = new Set<string | undefined>();
    for (const [unit, kind] of sent) {
      const { ids, done } = await stateOf(directory, { users, groups }, unit);
      const whole = people + 2;
      const how = `${unit}, killed after ${killedAfterMs.join(', ')} ms`;
      if (acknowledged.has(unit)) expect(done, how).toBe(whole);
      else if (kind === 'atomic') expect([0, whole], how).toContain(done);
      expect(users.has(`${unit}.gone`), how).toBe(false);
      if (kind === 'apart' || done === 0) continue;
      expectedMembers.add(groups.get(`${unit} inner`)?.resource.id).add(ids[1]);
    }
    expect(joined).toEqual(expectedMembers);
    const { revisions } = await directory.history.list(reader, 'Group', everybody, { limit: 500 });
    expect(revisions).toHaveLength(Math.min(500, 1 + expectedMembers.size / 2));
    await directory.close();
  }
  expect([...sent.values()].length).toBeGreaterThan(acknowledged.size);
}, 240_000);
