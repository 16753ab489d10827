import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Directory } from '../directory.ts';
import type { Actor, ResourceType } from '../resource.ts';
import { groupUrn, userSchemas, userUrn } from '../schema.ts';
import { SqliteStore } from '../sqlite-store.ts';
import type { SortKey } from '../store.ts';
import { AsOf } from './as-of.ts';
import { PastTable } from './past-table.ts';

let folder: string;
let directory: Directory;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-as-of-'));
  directory = await Directory.open(join(folder, 'directory.db'));
});

afterEach(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});

const actor: Actor = {
  id: 'kenji',
  name: 'Kenji',
  kind: 'person',
  door: 'window',
  tenant: 'default',
  scopes: ['scim:read', 'scim:write'],
};

const pad = (number: number) => String(number).padStart(3, '0');

/** A moment that is after all that happened and before all that will. */
async function moment(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 3));
  const now = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 3));
  return now;
}

describe('a list of the past', () => {
  test('is what the list was then, page by page, in every order, with text and filters', async () => {
    const ids: string[] = [];
    const departments = ['Sales', 'Research', 'Finance'];
    for (let index = 0; index < 60; index++) {
      const record = {
        schemas: [userUrn],
        userName: `user${pad(index)}@example.com`,
        displayName: `Name ${pad((index * 37) % 60)}`,
        title: `Title ${index % 7}`,
        active: index % 5 !== 0,
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: departments[index % 3] },
      };
      ids.push((await directory.create(actor, 'User', record)).resource.id);
    }
    const list = (sort: { by: SortKey; descending: boolean }, query: object = {}) =>
      directory.userSummaries(actor, { offset: 0, limit: 100, sort, ...query });
    const orders = (['displayName', 'userName', 'title', 'department', 'active', 'lastModified'] as const).flatMap((by) => [
      { by, descending: false },
      { by, descending: true },
    ]);
    const queries = [
      {},
      { search: 'name 01' },
      { search: 'na' },
      { filter: 'title eq "Title 3" or department eq "Sales"' },
      { search: 'title', filter: 'active eq false' },
    ];
    const expected: unknown[][] = [];
    for (const query of queries) for (const sort of orders) expected.push((await list(sort, query)).rows);
    const then = await moment();
    for (const [index, id] of ids.entries()) {
      if (index % 4 === 0) await directory.delete(actor, 'User', id);
      else if (index % 4 === 1)
        await directory.mergePatch(actor, 'User', id, {
          displayName: `Other ${index}`,
          title: 'Title 3',
          active: index % 2 === 0,
        });
    }
    for (let index = 0; index < 10; index++)
      await directory.create(actor, 'User', {
        schemas: [userUrn],
        userName: `new${index}`,
        displayName: `Name 010 ${index}`,
        title: 'Title 3',
      });

    const past = await directory.history.asOf(actor, then);
    const store = new SqliteStore(join(folder, 'directory.db'));
    const { revision } = past;
    const tables = new Map<ResourceType, PastTable>();
    const table = (type: ResourceType) => {
      const made = tables.get(type) ?? new PastTable(store.past, { tenant: 'default', type, revision, changedMax: 3 });
      tables.set(type, made);
      return made;
    };
    // As if so many had changed that the list of now is of no use.
    const whole = new AsOf({ store, tenant: 'default', revision, schemas: () => userSchemas, table });
    const value = (row: object, by: string) => (row as Record<string, unknown>)[by];
    for (const asOf of [past, whole]) {
      let at = 0;
      for (const query of queries)
        for (const sort of orders) {
          const rows: object[] = [];
          for (let offset = 0; ; offset += 7) {
            const page = await asOf.users({ ...query, sort, offset, limit: 7 });
            expect(page.total).toBe(expected[at]?.length);
            rows.push(...page.rows);
            if (page.rows.length < 7) break;
          }
          // Those of one value have no order.
          expect(rows.map((row) => value(row, sort.by))).toEqual(expected[at]?.map((row) => value(row as object, sort.by)));
          expect(new Set(rows.map((row) => JSON.stringify(row, Object.keys(row).toSorted())))).toEqual(
            new Set(expected[at]?.map((row) => JSON.stringify(row, Object.keys(row as object).toSorted()))),
          );
          at++;
        }
    }
    await store.close();
    // It stays what it is, whatever happens.
    for (const id of ids.slice(0, 8)) await directory.mergePatch(actor, 'User', id, { nickName: 'x' }).catch(() => undefined);
    const again = await past.users({ offset: 0, limit: 100 });
    expect(new Set(again.rows.map(({ id }) => id))).toEqual(new Set(ids));
    await expect(past.users({ offset: 0, limit: 1, filter: 'groups.value eq "x"' })).rejects.toThrow(
      /cannot be filtered by groups/,
    );
    await expect(directory.history.asOf(actor, 'yesterday')).rejects.toThrow(/is not a moment/);
    expect((await (await directory.history.asOf(actor, '2020-01-01T00:00:00Z')).users({ offset: 0, limit: 1 })).total).toBe(0);
  });

  test('knows the members of then, by their names of then, and the groups of somebody', async () => {
    const user = async (userName: string) =>
      (await directory.create(actor, 'User', { schemas: [userUrn], userName })).resource.id;
    const group = async (displayName: string, members: string[]) =>
      (await directory.create(actor, 'Group', { schemas: [groupUrn], displayName, members: members.map((value) => ({ value })) }))
        .resource.id;
    const [ada, bob, eve] = [await user('ada'), await user('bob'), await user('eve')];
    const [board, team] = [await group('Board', [ada, bob]), await group('Team', [eve])];
    const then = await moment();
    await directory.modifyMembers(actor, board, { add: [eve], remove: [ada] });
    await directory.mergePatch(actor, 'User', bob, { userName: 'robert' });
    await directory.delete(actor, 'User', bob);
    await directory.delete(actor, 'Group', team);
    await directory.mergePatch(actor, 'Group', board, { displayName: 'Council' });

    const past = await directory.history.asOf(actor, then);
    const { rows } = await past.groups({ offset: 0, limit: 10 });
    expect(rows.map(({ displayName, memberCount }) => [displayName, memberCount])).toEqual([
      ['Board', 2],
      ['Team', 1],
    ]);
    const members = await past.members(board, { limit: 10 });
    expect(members).toEqual(
      [ada, bob].toSorted().map((value) => ({ value, type: 'User', display: value === ada ? 'ada' : 'bob' })),
    );
    expect(await past.groupsOf(eve)).toEqual([{ value: team, display: 'Team', type: 'direct' }]);
    expect(await past.groupsOf(bob)).toEqual([{ value: board, display: 'Board', type: 'direct' }]);
    expect(past.get('User', bob).resource['userName']).toBe('bob');
  });
});
