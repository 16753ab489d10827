import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Directory } from '../src/directory/index.ts';
import { askHost } from '../src/main/control.ts';
import { exportResources, type ImportOptions, type Job } from '../src/transfer/index.ts';
import { everything, memberIds, openSound, reader, serve } from './killed-host.ts';

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const tenant = 'default';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-killed-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Everybody and every group as people know them: without ids, versions and times, which differ between two imports. */
async function toldByName(directory: Directory): Promise<object> {
  const [users, groups] = [await everything(directory, 'User'), await everything(directory, 'Group')];
  const nameOf = (id: string) => {
    const name = users.get(id)?.resource['userName'] ?? groups.get(id)?.resource['displayName'];
    return typeof name === 'string' ? name : `nobody: ${id}`;
  };
  const people = [...users.values()].map(({ resource: { id: _id, [enterpriseUrn]: enterprise, ...rest } }) => {
    const manager = (enterprise as { manager?: { value: string } } | undefined)?.manager?.value;
    return { ...rest, ...(manager !== undefined && { manager: nameOf(manager) }) };
  });
  const teams = [];
  for (const [id, { resource }] of groups) {
    const { id: _id, ...rest } = resource;
    teams.push({ ...rest, members: (await memberIds(directory, id)).map(nameOf).toSorted() });
  }
  const inOrder = (list: object[]) => list.map((item) => JSON.stringify(item)).toSorted();
  return { people: inOrder(people), teams: inOrder(teams) };
}

async function settled(data: string, id: string): Promise<Job> {
  for (;;) {
    const job = await askHost(data, 'import-status', { tenant, id });
    if (job.state !== 'running' && job.state !== 'previewing') return job;
    await sleep(10);
  }
}

/** Previews a file, lets somebody make changes after that, and leaves the data folder with the import that is to be run. */
async function previewed(text: string, name: string, options: ImportOptions, change: (directory: Directory) => Promise<unknown>) {
  const data = join(folder, 'before');
  const path = join(folder, name);
  writeFileSync(path, text);
  const host = await serve(data);
  const { id } = await askHost(data, 'import-start', { tenant, path, options, preview: true });
  expect(await settled(data, id)).toMatchObject({ state: 'previewed' });
  await host.kill();
  const directory = await openSound(data);
  await change(directory);
  await directory.close();
  return id;
}

/** Runs the import in a copy of the folder, with a host that is killed some times on its way. */
async function runKilled(id: string, kills: number, killAfterMs: () => number) {
  const data = join(folder, `killed ${kills} times`);
  cpSync(join(folder, 'before'), data, { recursive: true });
  let interrupted = 0;
  for (let kill = 0; kill < kills; kill++) {
    const host = await serve(data);
    const { state } = await askHost(data, 'import-status', { tenant, id });
    if (state !== 'done') await askHost(data, 'import-resume', { tenant, id });
    await sleep(killAfterMs());
    await host.kill();
    if (state !== 'done') interrupted++;
    const directory = await openSound(data);
    await directory.close();
  }
  const host = await serve(data);
  let job = await askHost(data, 'import-status', { tenant, id });
  if (job.state !== 'done') {
    await askHost(data, 'import-resume', { tenant, id });
    job = await settled(data, id);
  }
  const problems = await askHost(data, 'import-problems', { tenant, id, count: 1000 });
  await host.kill();
  expect(job).toMatchObject({ state: 'done' });
  const directory = await openSound(data);
  const result = { ...(await toldByName(directory)), problems };
  await directory.close();
  return { result, interrupted };
}

/** What an import does, and that one which is killed on its way does the same. */
async function expectSame(id: string) {
  const { result: wanted } = await runKilled(id, 0, () => 0);
  const points: number[] = [];
  const { result, interrupted } = await runKilled(id, 3, () => {
    points.push(Math.round(Math.random() * 350));
    return points.at(-1) ?? 0;
  });
  const how = `killed after ${points.join(', ')} ms`;
  expect(interrupted, how).toBeGreaterThan(0);
  expect(result, how).toEqual(wanted);
  return wanted;
}

test('kill -9 in the middle of an import of people: it goes on to what it would have done without', async () => {
  const data = join(folder, 'before');
  mkdirSync(data, { mode: 0o700 });
  const base = await Directory.open(join(data, 'directory.db'));
  const old = await Promise.all(
    Array.from({ length: 300 }, (_, index) => base.create(reader, 'User', { schemas: [userUrn], userName: `user${index * 5}` })),
  );
  await base.close();
  const count = 1500;
  const rows = Array.from(
    { length: count },
    (_, index) => `user${index},T${index},user${(index + 1) % count},mail${index}@example.com`,
  );
  const csv = ['userName,title,manager,Email', ...rows, 'user7,twice,,', ',nameless,,', 'lost,T,nobody at all,'].join('\n');
  const id = await previewed(csv, 'people.csv', { kind: 'users' } as ImportOptions, async (directory) => {
    for (const [index, { resource }] of old.entries())
      if (index % 20 === 0)
        await directory.mergePatch(reader, 'User', resource.id, index % 40 === 0 ? { title: 'Duchess' } : { nickName: 'N' });
    await directory.create(reader, 'User', { schemas: [userUrn], userName: 'user1', title: 'Baker' });
  });
  const { problems } = (await expectSame(id)) as { problems: { kind: string }[] };
  const kinds = Map.groupBy(problems, ({ kind }) => kind);
  const counts = Object.fromEntries([...kinds].map(([kind, some]) => [kind, some.length]));
  expect(counts).toEqual({ conflict: 9, duplicate: 1, invalid: 1, reference: 1 });
}, 240_000);

test('kill -9 in the middle of an import of groups: no group keeps half of its members', async () => {
  const data = join(folder, 'before');
  mkdirSync(data, { mode: 0o700 });
  const base = await Directory.open(join(data, 'directory.db'));
  const people = await Promise.all(
    Array.from({ length: 2500 }, (_, index) => base.create(reader, 'User', { schemas: [userUrn], userName: `user${index}` })),
  );
  const ids = people.map(({ resource }) => resource.id);
  for (let index = 0; index < 30; index++) {
    const members = ids.slice(index * 10, index * 10 + 20).map((value) => ({ value }));
    await base.create(reader, 'Group', { schemas: [groupUrn], displayName: `Old ${index}`, members });
  }
  let exported = '';
  for await (const part of exportResources(base, reader, { kind: 'groups', format: 'jsonl' })) exported += part;
  await base.close();
  // Groups that were exported and edited, and new ones: of up to 1,600 people, and with groups that stand further down.
  const edited = exported
    .trim()
    .split('\n')
    .map((line, index) => ({
      ...(JSON.parse(line) as object),
      description: undefined,
      members: ids.slice(index * 30, index * 30 + 1200).map((value) => ({ value })),
    }));
  const fresh = Array.from({ length: 60 }, (_, index) => ({
    displayName: `New ${index}`,
    members: [
      ...Array.from({ length: index % 10 === 0 ? 1600 : 40 }, (_none, place) => `user${index * 15 + place}`),
      ...(index < 59 ? [`New ${index + 1}`] : ['nobody at all']),
    ],
  }));
  const text = [...fresh.slice(0, 30), ...edited, ...fresh.slice(30)].map((record) => JSON.stringify(record)).join('\n');
  const id = await previewed(text, 'groups.jsonl', { kind: 'groups' } as ImportOptions, async (directory) => {
    const groups = [...(await everything(directory, 'Group')).values()];
    const changed = new Set<unknown>(['Old 5', 'Old 15', 'Old 25']);
    for (const { resource } of groups.filter(({ resource: { displayName } }) => changed.has(displayName)))
      await directory.modifyMembers(reader, resource.id, { add: [ids.at(-1) ?? ''], remove: [] });
  });
  const { problems } = (await expectSame(id)) as { problems: { kind: string }[] };
  expect(problems.map(({ kind }) => kind).toSorted()).toEqual(['conflict', 'conflict', 'conflict', 'reference']);
}, 240_000);
