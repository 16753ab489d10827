import { afterAll, beforeAll, expect, test } from 'vitest';
import { windowRouter, type ExportPiece, type Job } from '../src/api/index.ts';
import { openWindow, startTestHost, windowClient, type TestHost } from './host.ts';

let host: TestHost;
let window: ReturnType<typeof windowClient>;

beforeAll(async () => {
  host = await startTestHost();
  window = windowClient(host.origin, await openWindow(host.app.openAddress()));
});
afterAll(() => host.close());

/** What arrives on a subscription until it ends; called without HTTP, since Node has no EventSource. */
async function last(job: { tenant: string; id: string }): Promise<Job | undefined> {
  let latest: Job | undefined;
  for await (const state of await windowRouter.createCaller(host.app.services).transfer.progress(job)) latest = state;
  return latest;
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

type Export = Parameters<ReturnType<typeof windowRouter.createCaller>['transfer']['export']>[0];

/** The records of an export in JSON Lines; the last piece says that it is whole. */
async function exported(what: Export): Promise<{ id: string }[]> {
  let text = '';
  let last: ExportPiece | undefined;
  for await (const piece of await windowRouter.createCaller(host.app.services).transfer.export(what)) {
    text += piece.text;
    last = piece;
  }
  const records = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as { id: string }]));
  expect(last).toMatchObject({ written: records.length, share: 1 });
  return records;
}

test('a file goes up in pieces, is looked at, previewed and imported, and comes out again', async () => {
  const { tenant, id } = await window.transfer.begin.mutate({ tenant: 'default', name: 'people.csv', size: 70 });
  const job = { tenant, id };
  const options = { kind: 'users', format: 'csv' } as const;
  await window.transfer.append.mutate({ ...job, text: 'Username,Fir', isLast: false });
  await window.transfer.append.mutate({ ...job, text: 'st name,Shoe\nada,Ada,38\nbob,Bob,44\n,X,1\n', isLast: true });
  expect(await window.transfer.inspect.query({ ...job, kind: 'groups' })).toMatchObject({ looksLike: 'users' });
  expect(await window.transfer.inspect.query({ ...job, kind: 'users' })).toEqual({
    format: 'csv',
    looksLike: 'users',
    choices: expect.arrayContaining(['userName', 'department']),
    samples: [
      ['ada', 'bob'],
      ['Ada', 'Bob', 'X'],
      ['38', '44', '1'],
    ],
    headers: ['Username', 'First name', 'Shoe'],
    mapping: { Username: 'userName', 'First name': 'name.givenName' },
    unmapped: ['Shoe'],
  });
  const how = { ...options, mapping: { Username: 'userName', 'First name': 'nickName', Shoe: 'ignore' } };
  await window.transfer.preview.mutate({ ...job, options: how });
  expect(await last(job)).toMatchObject({ state: 'previewed', plan: { counts: { create: 2, invalid: 1 } }, problemCount: 1 });
  await window.transfer.run.mutate(job);
  expect(await last(job)).toMatchObject({ state: 'done', counts: { create: 2, invalid: 1 }, progress: { done: 3, total: 3 } });
  expect(await window.transfer.problems.query({ ...job, offset: 0, limit: 10 })).toMatchObject([{ line: 4, kind: 'invalid' }]);
  expect(await window.transfer.list.query({ tenant })).toMatchObject([{ id, name: 'people.csv', state: 'done' }]);
  await expect(window.transfer.run.mutate(job)).rejects.toThrow(/done/);
  await expect(window.transfer.get.query({ tenant: 'other', id })).rejects.toThrow('There is no such import.');
  const caller = windowRouter.createCaller(host.app.services);
  const problems = await textOf(await caller.transfer.problemsText(job));
  expect(problems).toMatch(/^Line,Name,Kind,Attribute,Problem\r\n4,,invalid,userName,/);
  const all = await exported({ tenant, kind: 'users', format: 'jsonl' });
  expect(all).toMatchObject([{ nickName: 'Ada' }, { nickName: 'Bob' }]);
  const ids = all.slice(1).map(({ id }) => id);
  expect(await exported({ tenant, kind: 'users', format: 'jsonl', only: { ids } })).toMatchObject([{ userName: 'bob' }]);
  const only = { filter: 'userName sw "a"' };
  expect(await exported({ tenant, kind: 'users', format: 'jsonl', only })).toMatchObject([{ userName: 'ada' }]);
  await expect(exported({ tenant, kind: 'users', format: 'jsonl', only: { filter: 'userName' } })).rejects.toThrow();
  await window.transfer.remove.mutate(job);
  expect(await window.transfer.list.query({ tenant })).toEqual([]);
});

test('an import is cancelled, what is done stays, and it goes on', async () => {
  const { tenant, id } = await window.transfer.begin.mutate({ tenant: 'default', name: 'many.csv', size: 50_000 });
  const text = ['userName', ...Array.from({ length: 5000 }, (_, index) => `many${index}`)].join('\n');
  await window.transfer.append.mutate({ tenant, id, text, isLast: true });
  await window.transfer.run.mutate({ tenant, id, options: { kind: 'users', format: 'csv' } });
  await expect(window.transfer.run.mutate({ tenant, id })).rejects.toThrow(/under way/);
  const cancelled = await window.transfer.cancel.mutate({ tenant, id });
  expect(cancelled.state).toBe('cancelled');
  await window.transfer.run.mutate({ tenant, id });
  const done = await last({ tenant, id });
  expect(done).toMatchObject({ state: 'done', problemCount: 0 });
  expect((done?.counts?.create ?? 0) + (done?.counts?.unchanged ?? 0)).toBe(5000);
});
