import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Directory } from './directory.ts';
import { DirectoryError } from './errors.ts';
import { addSampleCompany } from './sample.ts';
import type { Actor, Change, Resource } from './resource.ts';
import { enterpriseUserUrn, userUrn } from './schema.ts';
import { versionOf } from './version.ts';

let folder: string;
let directory: Directory;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-directory-'));
  directory = await Directory.open(join(folder, 'directory.db'));
});

afterEach(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});

const actor = (over: Partial<Actor> = {}): Actor => ({
  id: 'kenji',
  name: 'Kenji',
  kind: 'person',
  door: 'window',
  tenant: 'default',
  scopes: ['scim:read', 'scim:write'],
  ...over,
});
const ada = { schemas: [userUrn], userName: 'ada@example.com', title: 'Analyst' };
const refusal = (code: string, over: object = {}) => expect.objectContaining({ code, ...over });

describe('writes', () => {
  test('a user is created, read, replaced and deleted; each write is one revision and one change', async () => {
    const changes: Change[] = [];
    directory.onChange((change) => changes.push(change));
    const created = await directory.create(actor(), 'User', { ...ada, nickName: '' });
    const { id } = created.resource;
    expect(created.resource).toEqual({ ...ada, id });
    expect(created.version).toBe(versionOf(created.resource));
    const replaced = await directory.replace(
      actor(),
      'User',
      id,
      { ...ada, title: 'Countess' },
      { expectedVersion: created.version },
    );
    expect(await directory.get(actor(), 'User', id)).toMatchObject({
      version: replaced.version,
      resource: { title: 'Countess' },
    });
    await directory.delete(actor(), 'User', id, { expectedVersion: replaced.version });
    expect(await directory.exists(actor(), 'User', id)).toBe(false);
    const { revisions: history } = await directory.history.list(actor(), 'User', id, { limit: 100 });
    expect(history.map(({ operation }) => operation)).toEqual(['delete', 'replace', 'create']);
    expect(history[1]).toMatchObject({
      author: { id: 'kenji', door: 'window' },
      previousVersion: created.version,
      changes: [{ path: 'title', before: 'Analyst', after: 'Countess' }],
    });
    expect(changes).toEqual(history.toReversed());
  });

  test('a write that changes nothing writes nothing', async () => {
    const { resource, version } = await directory.create(actor(), 'User', ada);
    const again = await directory.replace(actor(), 'User', resource.id, { ...ada, active: null }, { expectedVersion: version });
    expect(again).toMatchObject({ changed: false, version });
    expect((await directory.history.list(actor(), 'User', resource.id, { limit: 100 })).revisions).toHaveLength(1);
  });

  test('a merge patch changes only what it names', async () => {
    const { resource } = await directory.create(actor(), 'User', { ...ada, nickName: 'Countess' });
    const patched = await directory.mergePatch(actor(), 'User', resource.id, { title: null, name: { givenName: 'Ada' } });
    expect(patched.resource).toEqual({ ...resource, title: undefined, name: { givenName: 'Ada' } });
  });

  test('a deleted user comes back under its old id', async () => {
    const { resource } = await directory.create(actor(), 'User', ada);
    await directory.delete(actor(), 'User', resource.id);
    const back = await directory.recreate(actor(), 'User', resource.id, ada);
    expect(back.resource.id).toBe(resource.id);
    await expect(directory.recreate(actor(), 'User', 'never-in-use', ada)).rejects.toThrow(refusal('NOT_FOUND'));
  });

  test('a password is stored as a hash and never shown', async () => {
    const { resource, version } = await directory.create(actor(), 'User', { ...ada, password: 'correct horse' });
    expect(JSON.stringify(await directory.history.list(actor(), 'User', resource.id, { limit: 100 }))).not.toContain(
      'correct horse',
    );
    expect(version).toBe(versionOf({ ...ada, id: resource.id }));
  });
});

describe('refusals change nothing', () => {
  const cases: [name: string, record: unknown, code: string, text: RegExp][] = [
    ['no userName', { schemas: [userUrn], active: false }, 'SCHEMA_VIOLATION', /userName: Is required/],
    ['no schemas', { userName: 'x' }, 'SCHEMA_VIOLATION', /schemas: Is required/],
    ['an unknown attribute', { ...ada, titel: 'x' }, 'SCHEMA_VIOLATION', /titel: Is not an attribute/],
    ['an attribute in the wrong place', { ...ada, department: 'Sales' }, 'SCHEMA_VIOLATION', /Belongs inside/],
    ['a wrong type', { ...ada, active: 'yes' }, 'SCHEMA_VIOLATION', /active: Must be true or false/],
    ['a wrong type deep inside', { ...ada, emails: [{ value: 1 }] }, 'SCHEMA_VIOLATION', /emails\[0\]\.value: Must be a string/],
    [
      'two primaries',
      {
        ...ada,
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      },
      'SCHEMA_VIOLATION',
      /primary/,
    ],
    ['a string that is too long', { ...ada, title: 'x'.repeat(40_000) }, 'SCHEMA_VIOLATION', /title: Must be at most/],
    [
      'a record that is too large',
      { ...ada, emails: Array.from({ length: 900 }, (_, i) => ({ value: `${i}${'x'.repeat(400)}` })) },
      'TOO_LARGE',
      /at most/,
    ],
    ['no object', 'ada', 'SCHEMA_VIOLATION', /JSON object/],
    ['a userName that is taken, in other case', { ...ada, userName: 'ADA@example.com' }, 'UNIQUENESS', /userName/],
  ];
  test.each(cases)('%s', async (_name, record, code, text) => {
    await directory.create(actor(), 'User', ada);
    await expect(directory.create(actor(), 'User', record)).rejects.toThrow(
      refusal(code, { message: expect.stringMatching(text) }),
    );
    expect((await directory.list(actor(), 'User', { startIndex: 1, count: 10 })).total).toBe(1);
  });

  test('unknown ids, missing scopes, unknown tenants, other tenants', async () => {
    const { resource } = await directory.create(actor(), 'User', ada);
    await directory.tenants.add({ id: 'other', name: 'Other' });
    await expect(directory.get(actor({ tenant: 'other' }), 'User', resource.id)).rejects.toThrow(refusal('NOT_FOUND'));
    await expect(directory.get(actor({ tenant: 'nowhere' }), 'User', resource.id)).rejects.toThrow(refusal('NOT_FOUND'));
    await expect(directory.replace(actor(), 'User', 'nobody', ada)).rejects.toThrow(refusal('NOT_FOUND'));
    await expect(directory.delete(actor({ scopes: ['scim:read'] }), 'User', resource.id)).rejects.toThrow(refusal('FORBIDDEN'));
    await expect(directory.delete(actor(), 'User', resource.id, { expectedVersion: 'W/"x"' })).rejects.toThrow(
      refusal('INVALID_VERSION_FORMAT'),
    );
    // The same name is free in another tenant.
    await directory.create(actor({ tenant: 'other' }), 'User', ada);
  });

  test('a mismatch tells what changed, by whom, whether it overlaps, and the merge', async () => {
    const { resource, version } = await directory.create(actor(), 'User', ada);
    const agent = actor({ id: 'a1', name: 'Agent', kind: 'agent', door: 'mcp' });
    const theirs = await directory.replace(
      agent,
      'User',
      resource.id,
      { ...ada, title: 'Countess' },
      { expectedVersion: version },
    );
    const disjoint = directory.replace(actor(), 'User', resource.id, { ...ada, nickName: 'A' }, { expectedVersion: version });
    await expect(disjoint).rejects.toThrow(
      refusal('VERSION_MISMATCH', {
        conflict: expect.objectContaining({
          expectedVersion: version,
          currentVersion: theirs.version,
          overlapping: false,
          changes: [
            expect.objectContaining({
              path: 'title',
              before: 'Analyst',
              after: 'Countess',
              author: expect.objectContaining({ id: 'a1' }),
            }),
          ],
          merged: { ...ada, id: resource.id, title: 'Countess', nickName: 'A' },
        }),
      }),
    );
    const overlapping = directory.replace(actor(), 'User', resource.id, { ...ada, title: 'Queen' }, { expectedVersion: version });
    await expect(overlapping).rejects.toThrow(
      refusal('VERSION_MISMATCH', {
        conflict: expect.objectContaining({
          overlapping: true,
          collisions: [{ path: 'title', base: 'Analyst', mine: 'Queen', theirs: 'Countess' }],
        }),
      }),
    );
    const unknown = directory.replace(actor(), 'User', resource.id, ada, { expectedVersion: 'neverServed=' });
    await expect(unknown).rejects.toThrow(
      refusal('VERSION_MISMATCH', { conflict: expect.objectContaining({ overlapping: true, changes: [] }) }),
    );
    expect((await directory.get(actor(), 'User', resource.id)).version).toBe(theirs.version);
  });
});

describe('search', () => {
  test('equality is caseless, looks into lists, and knows its attributes', async () => {
    await addSampleCompany(directory);
    const northwind = actor({ tenant: 'northwind' });
    const { total, rows } = await directory.userSummaries(northwind, { search: 'head of', offset: 0, limit: 3 });
    expect([total, rows.length]).toEqual([8, 3]);
    const [head] = (await directory.search(northwind, 'User', 'title', 'HEAD OF SALES')).rows;
    const [email] = (head?.resource['emails'] ?? []) as { value: string }[];
    expect((await directory.search(northwind, 'User', 'emails', email?.value.toUpperCase())).rows[0]?.resource.id).toBe(
      head?.resource.id,
    );
    const sales = await directory.search(northwind, 'User', `${enterpriseUserUrn}:department`, 'sales');
    expect(sales.total).toBe((await directory.search(northwind, 'User', 'department', 'Sales')).total);
    await expect(directory.search(northwind, 'User', 'shoeSize', '44')).rejects.toThrow(refusal('INVALID_ARGUMENT'));
    await expect(directory.search(northwind, 'User', 'active', 'maybe')).rejects.toThrow(refusal('INVALID_ARGUMENT'));
  });
});

describe('the sample company', () => {
  test('has a group for each department, with its people, groups in groups, and nobody twice', async () => {
    const northwind = actor({ tenant: 'northwind' });
    const everything = async () => {
      await addSampleCompany(directory);
      const groups = (await directory.list(northwind, 'Group', { count: 100 })).rows;
      const sizes = groups.map(({ resource, members }) => [resource['displayName'], members?.count]);
      return { people: (await directory.list(northwind, 'User', { count: 0 })).total, groups, sizes };
    };
    const { people, groups, sizes } = await everything();
    // Begun twice, for example after a crash.
    expect((await everything()).sizes).toEqual(sizes);
    expect(people).toBe(150);
    const named = (name: string) => groups.find(({ resource }) => resource['displayName'] === name)?.resource.id ?? '';
    const inside = async (name: string) =>
      (await directory.list(northwind, 'User', { filter: `groups eq "${named(name)}"`, count: 0 })).total;
    const sales = (await directory.search(northwind, 'User', 'department', 'Sales', { count: 0 })).total;
    expect(Object.fromEntries(sizes)).toMatchObject({ Sales: sales, Managers: 9, Everyone: 8, 'Incident response': 2 });
    expect(await inside('Everyone')).toBe(people);
    expect(await inside('Sales')).toBe(sales);
  });
});

/** Applies a history's field-independent snapshots in order and says what the directory must hold. */
function replay(history: readonly Change[]): Map<string, Resource> {
  const state = new Map<string, Resource>();
  for (const { id, operation, resource, previousVersion } of history) {
    const before = state.get(id);
    expect(previousVersion).toBe(operation === 'create' || operation === 'recreate' ? undefined : before && versionOf(before));
    if (operation === 'delete') state.delete(id);
    else state.set(id, resource);
  }
  return state;
}

describe('nobody loses an acknowledged change', () => {
  const field = fc.constantFrom('title', 'nickName', 'userType');
  const step = fc.record({ writer: fc.nat(3), user: fc.nat(1), field, deletes: fc.nat(19), wait: fc.nat(2) });

  test('whatever the interleaving of writers with expected versions, history replays to the current state', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 40 }), async (steps) => {
        const tenant = `t${round++}`;
        await directory.tenants.add({ id: tenant, name: tenant });
        const since = await directory.latestRevision();
        const who = (writer: number) => actor({ tenant, id: `w${writer}`, name: `Writer ${writer}` });
        const ids: string[] = [];
        for (const name of ['ada', 'bob'])
          ids.push((await directory.create(who(0), 'User', { schemas: [userUrn], userName: name })).resource.id);
        const acknowledged: { id: string; field: string; value: string; version: string }[] = [];

        /** Each writer does its steps in order; all writers run at once. */
        const write = async (writer: number): Promise<void> => {
          for (const [index, { user, field, deletes, wait }] of steps
            .filter((candidate) => candidate.writer === writer)
            .entries()) {
            const id = ids[user] as string;
            try {
              const read = await directory.get(who(writer), 'User', id);
              for (let turn = 0; turn < wait; turn++) await new Promise((resolve) => setImmediate(resolve));
              const value = `${writer}.${index}`;
              const condition = { expectedVersion: read.version };
              if (deletes === 0) await directory.delete(who(writer), 'User', id, condition);
              else {
                const written = await directory.replace(who(writer), 'User', id, { ...read.resource, [field]: value }, condition);
                acknowledged.push({ id, field, value, version: written.version });
              }
            } catch (error) {
              expect(error).toBeInstanceOf(DirectoryError);
              expect(['VERSION_MISMATCH', 'NOT_FOUND']).toContain((error as DirectoryError).code);
            }
          }
        };
        await Promise.all([0, 1, 2, 3].map(write));

        const history = await directory.changesSince(since, 1000);
        const state = replay(history);
        for (const id of ids) {
          const exists = await directory.exists(who(0), 'User', id);
          expect(exists).toBe(state.has(id));
          if (exists) expect((await directory.get(who(0), 'User', id)).resource).toEqual(state.get(id));
        }
        // Each acknowledged write is in the history, was made on what its writer had read, and changed that field alone.
        for (const { id, field, value, version } of acknowledged) {
          const revision = history.find(
            (entry) => entry.id === id && entry.version === version && entry.resource[field] === value,
          );
          expect(revision?.changes.map(({ path }) => path)).toEqual([field]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('kill -9 loses nothing that was acknowledged', async () => {
    const path = join(folder, 'killed.db');
    const child = fork(join(import.meta.dirname, 'directory.test.writer.ts'), [path], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const acknowledged: string[] = [];
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('message', (id) => {
        if (typeof id === 'string') acknowledged.push(id);
        if (acknowledged.length === 200) child.kill('SIGKILL');
      });
      child.on('exit', () => resolve());
    });
    expect(acknowledged.length).toBeGreaterThanOrEqual(200);
    const reopened = await Directory.open(path);
    for (const id of acknowledged) expect(await reopened.exists(actor(), 'User', id)).toBe(true);
    await reopened.close();
  });
});
