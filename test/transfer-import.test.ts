import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Directory, type Actor } from '../src/directory/index.ts';
import {
  exportResources,
  ImportJobs,
  planImport,
  runImport,
  type Checkpoint,
  type ImportOptions,
  type Job,
  type Journal,
  type Kind,
  type PlanEntry,
  type Source,
} from '../src/transfer/index.ts';

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const actor: Actor = {
  id: 'kim',
  name: 'Kim',
  kind: 'person',
  door: 'cli',
  tenant: 'default',
  scopes: ['scim:read', 'scim:write'],
};
const other: Actor = { ...actor, id: 'lee', name: 'Lee', door: 'window' };
let folder: string;
let directory: Directory;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-import-'));
  directory = await Directory.open(join(folder, 'directory.db'));
});
afterEach(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});

function sourceOf(text: string): Source {
  const bytes = Buffer.from(text);
  return {
    size: bytes.length,
    async *open() {
      yield bytes;
    },
  };
}
const csv = (over: Partial<ImportOptions> = {}): ImportOptions => ({ kind: 'users', format: 'csv', ...over });
const add = async (record: object) => (await directory.create(actor, 'User', { schemas: [userUrn], ...record })).resource;
const byName = async (userName: string) => (await directory.search(actor, 'User', 'userName', userName)).rows[0]?.resource;
const exported = async (kind: Kind) => {
  let text = '';
  for await (const part of exportResources(directory, actor, { kind, format: 'csv' })) text += part;
  return text;
};
/** Previews, lets somebody do something, then imports by what the preview saw. */
async function previewThenRun(text: string, options: ImportOptions, between: () => Promise<unknown>) {
  const entries: PlanEntry[] = [];
  const plan = await planImport(directory, actor, sourceOf(text), options, { onEntries: (some) => void entries.push(...some) });
  await between();
  async function* seen() {
    yield* entries;
  }
  return { plan, result: await runImport(directory, actor, sourceOf(text), options, { plan: seen() }) };
}

describe('what rows do', () => {
  const text = 'userName,title,Email\nADA,Countess,new@x\nbob,Clerk,bob@x\n';

  test('the row changes what it names, and the rest stays', async () => {
    const ada = await add({
      userName: 'ada',
      title: 'Analyst',
      nickName: 'A',
      emails: [
        { value: 'home@x', type: 'home', primary: true },
        { value: 'old@x', type: 'work', display: 'Work' },
      ],
    });
    const plan = await planImport(directory, actor, sourceOf(text), csv());
    expect(plan).toMatchObject({ rows: 2, counts: { create: 1, update: 1 }, problems: [] });
    expect(plan.examples).toMatchObject([
      {
        line: 2,
        action: 'update',
        id: ada.id,
        changes: [
          { path: 'userName', before: 'ada', after: 'ADA' },
          { path: 'title', before: 'Analyst', after: 'Countess' },
          { path: 'emails[type eq "work"].value', before: 'old@x', after: 'new@x' },
        ],
      },
      { line: 3, action: 'create', name: 'bob', changes: expect.arrayContaining([{ path: 'title', after: 'Clerk' }]) },
    ]);
    expect((await directory.history.list(actor, 'User', ada.id, { limit: 100 })).revisions).toHaveLength(1);
    expect(await runImport(directory, actor, sourceOf(text), csv())).toMatchObject({ counts: plan.counts });
    expect((await directory.get(actor, 'User', ada.id)).resource).toEqual({
      ...ada,
      userName: 'ADA',
      title: 'Countess',
      emails: [
        { value: 'home@x', type: 'home', primary: true },
        { value: 'new@x', type: 'work', display: 'Work' },
      ],
    });
    expect(await runImport(directory, actor, sourceOf(text), csv())).toMatchObject({ counts: { unchanged: 2 } });
  });

  test('only new people, or only those who are there', async () => {
    await add({ userName: 'ada' });
    const counts = async (mode: 'create' | 'update') => (await runImport(directory, actor, sourceOf(text), csv({ mode }))).counts;
    expect(await counts('update')).toMatchObject({ update: 1, skipped: 1, create: 0 });
    expect(await counts('create')).toMatchObject({ create: 1, skipped: 1, update: 0 });
  });

  test('who is meant is told by id, userName and, where asked for, externalId', async () => {
    const [ada, bob] = [await add({ userName: 'ada' }), await add({ userName: 'bob', externalId: 'E7' })];
    const renamed = `id,userName,externalId\n${ada.id},countess,\n,robert,E7\n`;
    expect(await runImport(directory, actor, sourceOf(renamed), csv({ matchExternalId: true }))).toMatchObject({
      counts: { update: 2 },
    });
    expect((await byName('countess'))?.id).toBe(ada.id);
    expect((await byName('robert'))?.id).toBe(bob.id);
    const taken = `id,userName\n${ada.id},robert\n`;
    expect(await runImport(directory, actor, sourceOf(taken), csv())).toMatchObject({
      counts: { invalid: 1 },
      problems: [{ line: 2, path: 'userName' }],
    });
  });

  test('each problem has its line, and the other rows go in', async () => {
    const broken = 'userName,active\nada,perhaps\nbob,yes\nBOB,no\n"",true\ncy,true,x\n';
    const { counts, problems } = await runImport(directory, actor, sourceOf(broken), csv());
    expect(counts).toMatchObject({ create: 1, invalid: 4 });
    expect(problems.map(({ line, kind }) => [line, kind])).toEqual([
      [2, 'invalid'],
      [4, 'duplicate'],
      [5, 'invalid'],
      [6, 'unreadable'],
    ]);
    expect((await planImport(directory, actor, sourceOf(broken), csv())).problemCount).toBe(4);
  });

  test('managers by userName or id, also of people who come further down, and who is nobody', async () => {
    const boss = await add({ userName: 'boss' });
    const text = `userName,manager\nada,grace\ngrace,${boss.id}\nbob,nobody\n`;
    const plan = await planImport(directory, actor, sourceOf(text), csv());
    const result = await runImport(directory, actor, sourceOf(text), csv());
    for (const { problems } of [plan, result]) expect(problems).toMatchObject([{ line: 4, kind: 'reference' }]);
    const managerOf = async (name: string) =>
      ((await byName(name))?.[enterpriseUrn] as { manager?: { value: string } } | undefined)?.manager?.value;
    expect(await managerOf('grace')).toBe(boss.id);
    expect(await managerOf('ada')).toBe((await byName('grace'))?.id);
    expect(await managerOf('bob')).toBeUndefined();
    expect(await runImport(directory, actor, sourceOf(text), csv())).toMatchObject({ counts: { unchanged: 3 } });
  });

  test('ids of another directory lead to the people whom the file brings', async () => {
    const text = JSON.stringify([
      { id: '1', userName: 'ada', [enterpriseUrn]: { manager: { value: '2' } } },
      { id: '2', userName: 'grace' },
    ]);
    expect(await runImport(directory, actor, sourceOf(text), csv({ format: 'json' }))).toMatchObject({ problems: [] });
    expect((await byName('ada'))?.[enterpriseUrn]).toEqual({ manager: { value: (await byName('grace'))?.id } });
  });

  test('passwords go in and never out', async () => {
    await runImport(directory, actor, sourceOf('userName,password\nada,correct horse\n'), csv());
    expect(await exported('users')).not.toMatch(/password|horse/);
  });

  test('groups get exactly the members that the file names', async () => {
    const [ada, bob] = [await add({ userName: 'ada' }), await add({ userName: 'bob' })];
    const { resource: sales } = await directory.create(actor, 'Group', {
      schemas: [groupUrn],
      displayName: 'Sales',
      members: [{ value: ada.id }],
    });
    const text = 'Group name,Members\nsales,"bob, nobody"\nNew,"ada; Sales"\n';
    const result = await runImport(directory, actor, sourceOf(text), csv({ kind: 'groups' }));
    expect(result).toMatchObject({ counts: { create: 1, update: 1 }, problems: [{ line: 2, kind: 'reference' }] });
    expect(await directory.members(actor, sales.id, { limit: 9 })).toMatchObject([{ value: bob.id }]);
    const { rows } = await directory.search(actor, 'Group', 'displayName', 'New');
    const members = await directory.members(actor, rows[0]?.resource.id ?? '', { limit: 9 });
    expect(members.map(({ value }) => value).toSorted()).toEqual([ada.id, sales.id].toSorted());
  });
});

describe('what somebody changed meanwhile', () => {
  const text = 'userName,title\nada,Countess\n';

  test('of the same field, since the preview, is a conflict that says who', async () => {
    const { id } = await add({ userName: 'ada', title: 'Analyst' });
    const { plan, result } = await previewThenRun(text, csv(), () =>
      directory.mergePatch(other, 'User', id, { title: 'Duchess' }),
    );
    expect(plan.counts).toMatchObject({ update: 1 });
    expect(result).toMatchObject({
      counts: { conflict: 1, update: 0 },
      problems: [
        {
          line: 2,
          kind: 'conflict',
          name: 'ada',
          id,
          message: 'Lee changed title since.',
          changes: [{ path: 'title', before: 'Analyst', after: 'Duchess', author: { name: 'Lee' } }],
          collisions: [{ path: 'title', base: 'Analyst', mine: 'Countess', theirs: 'Duchess' }],
        },
      ],
    });
    expect((await byName('ada'))?.['title']).toBe('Duchess');
  });

  test('of another field is kept, and the row goes in', async () => {
    const { id } = await add({ userName: 'ada', title: 'Analyst' });
    const { result } = await previewThenRun(text, csv(), () => directory.mergePatch(other, 'User', id, { nickName: 'A' }));
    expect(result.counts).toMatchObject({ update: 1, conflict: 0 });
    expect(await byName('ada')).toMatchObject({ title: 'Countess', nickName: 'A' });
  });

  test('who came or went since the preview is a conflict', async () => {
    const { id } = await add({ userName: 'ada', title: 'Analyst' });
    const two = `${text}bob,Clerk\n`;
    const { result } = await previewThenRun(two, csv(), async () => {
      await directory.delete(other, 'User', id);
      await directory.create(other, 'User', { schemas: [userUrn], userName: 'bob', title: 'Baker' });
    });
    expect(result.counts).toMatchObject({ conflict: 2, create: 0 });
    expect(result.problems.map(({ message }) => message)).toEqual([
      'Was deleted since the preview.',
      'Was created since the preview.',
    ]);
    expect((await byName('bob'))?.['title']).toBe('Baker');
  });

  test('since the file was exported: only the cells that were edited count', async () => {
    const ada = await add({ userName: 'ada', title: 'Analyst', nickName: 'A' });
    const bob = await add({ userName: 'bob', title: 'Clerk' });
    const edited = (await exported('users')).replace('Analyst', 'Countess').replace('Clerk', 'Baker');
    await directory.mergePatch(other, 'User', ada.id, { nickName: 'Ada' });
    await directory.mergePatch(other, 'User', bob.id, { title: 'Cook' });
    const plan = await planImport(directory, actor, sourceOf(edited), csv());
    expect(plan).toMatchObject({ counts: { update: 1, conflict: 1 }, problems: [{ line: 3, kind: 'conflict', name: 'bob' }] });
    expect(plan.examples.find(({ action }) => action === 'update')?.changes).toEqual([
      { path: 'title', before: 'Analyst', after: 'Countess' },
    ]);
    await runImport(directory, actor, sourceOf(edited), csv());
    expect(await byName('ada')).toMatchObject({ title: 'Countess', nickName: 'Ada' });
    expect((await byName('bob'))?.['title']).toBe('Cook');
    await runImport(directory, actor, sourceOf(edited), csv({ ignoreVersions: true }));
    expect((await byName('bob'))?.['title']).toBe('Baker');
  });
});

describe('what was on disk, but not yet said to be, when the process ended', () => {
  const people = 'userName,manager\nada,grace\ngrace,\nbob,ada\n';

  /** Ends after the rows are done, before that is kept; then somebody does something, and it is gone on with. */
  async function endThenRun(options: ImportOptions, text: string, previewed: boolean, between: () => Promise<unknown>) {
    const entries: PlanEntry[] = [];
    await planImport(directory, actor, sourceOf(text), options, { onEntries: (some) => void entries.push(...some) });
    async function* seen() {
      yield* entries;
    }
    const plan = () => (previewed ? { plan: seen() } : {});
    let from: Checkpoint | undefined;
    const journal: Journal = {
      defer() {},
      deferred: async () => new Set(),
      problem() {},
      checkpoint(state) {
        if (state.rows > 0) throw new Error('the process ends');
        from = structuredClone(state);
      },
    };
    await expect(runImport(directory, actor, sourceOf(text), options, { journal, ...plan() })).rejects.toThrow('ends');
    await between();
    return runImport(directory, actor, sourceOf(text), options, { from, ...plan() });
  }

  test.each([
    ['with a preview', csv(), true],
    ['only new people, with a preview', csv({ mode: 'create' }), true],
    ['only new people', csv({ mode: 'create' }), false],
  ])('is not taken for somebody else: %s', async (_name, options, previewed) => {
    expect(await endThenRun(options, people, previewed, async () => {})).toMatchObject({ problems: [] });
    const managerOf = async (name: string) =>
      ((await byName(name))?.[enterpriseUrn] as { manager?: { value: string } } | undefined)?.manager?.value;
    expect(await managerOf('ada')).toBe((await byName('grace'))?.id);
    expect(await managerOf('bob')).toBe((await byName('ada'))?.id);
  });

  test('is not taken for somebody else: half the members of a group that was exported', async () => {
    const [ada, bob, cy] = await Promise.all(['ada', 'bob', 'cy'].map(async (userName) => (await add({ userName })).id));
    const sales = { schemas: [groupUrn], displayName: 'Sales', members: [{ value: ada }] };
    const { resource, version } = await directory.create(actor, 'Group', sales);
    const text = JSON.stringify({ ...resource, meta: { version }, members: [ada, bob, cy] });
    const half = () => directory.modifyMembers(actor, resource.id, { add: [], remove: [cy ?? ''] });
    const { counts } = await endThenRun(csv({ kind: 'groups', format: 'json' }), text, true, half);
    expect(counts).toMatchObject({ update: 1, conflict: 0 });
    expect(await directory.members(actor, resource.id, { limit: 9 })).toHaveLength(3);
  });

  test("somebody's change of it is a conflict", async () => {
    const { counts } = await endThenRun(csv(), people, true, async () => {
      await directory.mergePatch(other, 'User', (await byName('ada'))?.id ?? '', { [enterpriseUrn]: { department: 'Sales' } });
    });
    expect(counts).toMatchObject({ conflict: 1, update: 1, unchanged: 1 });
  });
});

describe('jobs', () => {
  const open = () => ImportJobs.open({ directory, folder: join(folder, 'imports'), log: pino({ level: 'silent' }) });
  const inPieces = { size: 0, sizeMax: 1e6 };
  const many = ['userName', ...Array.from({ length: 3000 }, (_, index) => `user${index}`)].join('\n');

  test('an import that is stopped goes on where it was, also after a new start', async () => {
    const jobs = await open();
    const { id } = await jobs.create(actor, 'many.csv', inPieces);
    await jobs.append('default', id, many, { isLast: true, sizeMax: 1e6 });
    await jobs.run(actor, id, csv());
    for await (const { progress } of jobs.watch('default', id, undefined)) if ((progress?.done ?? 0) > 200) break;
    await jobs.close();
    expect(jobs.get('default', id)).toMatchObject({ state: 'interrupted', counts: { create: expect.any(Number) } });
    const done = (await directory.list(actor, 'User', { count: 0 })).total;
    expect(done).toBeGreaterThan(200);
    expect(done).toBeLessThan(3000);
    const again = await open();
    expect(again.list('default')).toMatchObject([{ id, state: 'interrupted' }]);
    await again.run(actor, id);
    expect(await again.settled('default', id)).toMatchObject({ state: 'done', counts: { create: 3000, unchanged: 0 } });
    expect((await directory.list(actor, 'User', { count: 0 })).total).toBe(3000);
    expect(() => again.get('elsewhere', id)).toThrow('There is no such import.');
    await again.close();
  });

  test('what is told of an import is on disk, and its file stays until it is told to be done', async () => {
    const jobs = await open();
    const { id } = await jobs.create(actor, 'many.csv', inPieces);
    await jobs.append('default', id, many, { isLast: true, sizeMax: 1e6 });
    const files = () => readdirSync(join(folder, 'imports', id));
    const stored = () => JSON.parse(readFileSync(join(folder, 'imports', id, 'job.json'), 'utf8')) as Job;
    const order = ['ready', 'previewing', 'previewed', 'running', 'done'];
    const wrong = new Set<string>();
    const look = () => {
      const [told, kept] = [jobs.get('default', id).state, stored().state];
      if (order.indexOf(told) > order.indexOf(kept)) wrong.add(`told ${told}, on disk ${kept}`);
      if (kept !== 'done' && !files().includes('source')) wrong.add(`${kept} without its file`);
    };
    /** Looks at each turn of the event loop until it is over. */
    const watched = async (over: Promise<unknown>) => {
      const end = new AbortController();
      void over.finally(() => end.abort());
      for (; !end.signal.aborted; look()) await new Promise((resolve) => setImmediate(resolve));
    };
    await jobs.preview(actor, id, csv());
    await watched(jobs.settled('default', id));
    await jobs.run(actor, id);
    await watched(jobs.settled('default', id));
    expect([...wrong]).toEqual([]);
    expect(stored()).toMatchObject({ state: 'done', counts: { create: 3000 } });
    expect(files().toSorted()).toEqual(['job.json', 'problems.jsonl']);
    await jobs.close();
  });

  test('a file that is too large, or nonsense, is refused in a sentence', async () => {
    const jobs = await open();
    const { id } = await jobs.create(actor, 'x.csv', inPieces);
    await expect(jobs.append('default', id, many, { isLast: false, sizeMax: 1000 })).rejects.toThrow(/larger than/);
    expect(jobs.list('default')).toEqual([]);
    await expect(jobs.create(actor, 'x.csv', { size: 2e6, sizeMax: 1e6 })).rejects.toThrow(/larger than/);
    expect(jobs.list('default')).toEqual([]);
    const second = await jobs.create(actor, 'x.json', inPieces);
    await jobs.append('default', second.id, '[{"userName":"ada"},', { isLast: true, sizeMax: 1000 });
    await jobs.run(actor, second.id, csv({ format: 'json' }));
    expect(await jobs.settled('default', second.id)).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/not closed/),
    });
  });
});
