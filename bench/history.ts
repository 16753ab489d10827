/**
 * The history: a person with 1,000 versions, opened in the window; and the directory as of a moment, at 100,000 people with
 * 300,000 revisions. Beside each operation on the past stands the longest time for which it held the process.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Directory, groupUrn } from '../src/directory/index.ts';
import { actor, addPeople, launchBrowser, startTandem } from './host.ts';
import { heading, print, row, summarise } from './measure.ts';

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 10);
const people = Number(process.env['BENCH_PEOPLE'] ?? 100_000);
const versions = 1000;

await longTimeline();
await past();

async function longTimeline(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const directory = await Directory.open(join(folder, 'directory.db'));
  const [id = ''] = await addPeople(directory, 200);
  const writes: Promise<unknown>[] = [];
  for (let index = 1; index < versions; index++) {
    const author =
      index % 3 === 0 ? actor : { ...actor, id: 'agent', name: 'Agent', kind: 'agent', door: 'mcp', run: `r${index % 9}` };
    const operations = [{ op: 'replace', path: index % 2 === 0 ? 'title' : 'nickName', value: `Value ${index}` }];
    writes.push(directory.patch(author as typeof actor, 'User', id, operations));
  }
  await Promise.all(writes);
  const { resource } = await directory.get(actor, 'User', id);
  const pages: number[] = [];
  const filtered: number[] = [];
  const compared: number[] = [];
  const list = (query: object) => directory.history.list(actor, 'User', id, { limit: 30, ...query });
  const oldest = { revision: (await directory.history.list(actor, 'User', id, { limit: 500 })).revisions.at(-1)?.revision ?? 0 };
  const newest = { revision: await directory.latestRevision() };
  for (let round = 0; round < rounds * 5; round++) {
    pages.push(await timed(() => list({})));
    filtered.push(await timed(() => list({ field: 'department' })));
    compared.push(await timed(() => directory.history.compare(actor, 'User', id, oldest, newest)));
  }
  await directory.close();

  const tandem = await startTandem(folder);
  const browser = await launchBrowser();
  const opened: number[] = [];
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    for (let round = 0; round < rounds; round++) {
      await (round === 0 ? page.goto(tandem.ready.window) : page.reload());
      await page.getByRole('textbox', { name: 'Search people' }).fill(resource['userName'] as string);
      await page.getByText('1 person found').waitFor();
      await page.locator('[role=row][aria-rowindex="2"]').click();
      await page.getByRole('tab', { name: 'History' }).waitFor();
      // What the window does after it has opened a person is not the history's.
      await sleep(500);
      opened.push(
        await page.evaluate(async () => {
          const tab = [...document.querySelectorAll<HTMLElement>('[role=tab]')].find(
            ({ textContent }) => textContent === 'History',
          );
          const begun = performance.now();
          tab?.click();
          while (!document.querySelector('.history-entry')) await new Promise((resolve) => requestAnimationFrame(resolve));
          await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
          return performance.now() - begun;
        }),
      );
    }
  } finally {
    await browser.close();
    await tandem.close();
    rmSync(folder, { recursive: true });
  }
  heading(`A person with ${versions.toLocaleString('en')} versions`);
  row('first page of the history, read', summarise(pages));
  row('all of it looked at for a field that never changed', summarise(filtered));
  row('first and last version compared', summarise(compared));
  row('in the window: History chosen → painted', summarise(opened));
}

async function past(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const directory = await Directory.open(join(folder, 'directory.db'));
  const ids = await addPeople(directory, people);
  const groups: string[] = [];
  for (let index = 0; index < 50; index++) {
    const members = ids.slice(index * 200, index * 200 + 200).map((value) => ({ value }));
    groups.push(
      (await directory.create(actor, 'Group', { schemas: [groupUrn], displayName: `Group ${index}`, members })).resource.id,
    );
  }
  const change = async (from: string[], value: string) => {
    for (let start = 0; start < from.length; start += 1000)
      await Promise.all(
        from
          .slice(start, start + 1000)
          .map((id) => directory.patch(actor, 'User', id, [{ op: 'replace', path: 'title', value }])),
      );
  };
  const moment = async () => {
    await sleep(5);
    const now = new Date().toISOString();
    await sleep(5);
    return now;
  };
  const beforeAll = await moment();
  await change(ids, 'First');
  await change(ids.slice(0, people - 1000), 'Second');
  const beforeFew = await moment();
  await change(ids.slice(0, 1000), 'Third');
  await directory.modifyMembers(actor, groups[0] ?? '', { add: ids.slice(9000, 9100), remove: ids.slice(0, 50) });

  const revisions = await directory.latestRevision();
  heading(`As of a moment, ${people.toLocaleString('en')} people, ${revisions.toLocaleString('en')} revisions`);
  for (const [name, at] of [
    ['1,000 changed since', beforeFew],
    ['all changed since', beforeAll],
  ] as const) {
    const asOf = await directory.history.asOf(actor, at);
    const by = { by: 'displayName', descending: false } as const;
    await told(`${name}: first page, first time`, 1, () => asOf.users({ offset: 0, limit: 100, sort: by }));
    await told(`${name}: a page in the middle`, rounds, () => asOf.users({ offset: people / 2, limit: 100, sort: by }));
    await told(`${name}: found by text`, rounds, () => asOf.users({ offset: 0, limit: 100, sort: by, search: 'ada' }));
    const filter = 'emails.value co "ada" and active eq true';
    await told(`${name}: by a filter, first time`, 1, () => asOf.users({ offset: 0, limit: 100, sort: by, filter }));
    await told(`${name}: by a filter, again`, rounds, () => asOf.users({ offset: 0, limit: 100, sort: by, filter }));
    await told(`${name}: groups with their numbers of members`, rounds, () => asOf.groups({ offset: 0, limit: 100 }));
    await told(`${name}: members of a group`, rounds, () => asOf.members(groups[0] ?? '', { limit: 200 }));
    await told(`${name}: groups of a person`, rounds, () => asOf.groupsOf(ids[0] ?? ''));
  }
  await told('undo of 1,000 changes, previewed', 1, () =>
    directory.history.undo(actor, { author: actor.id, since: revisions - 1001 }, { preview: true }),
  );
  await directory.close();
  rmSync(folder, { recursive: true });
}

/** Runs it, and watches for how long at most nothing else could run. */
async function told(name: string, times: number, run: () => Promise<unknown>): Promise<void> {
  const took: number[] = [];
  let held = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    const now = performance.now();
    held = Math.max(held, now - last - 1);
    last = now;
  }, 1);
  for (let time = 0; time < times; time++) {
    await sleep(5);
    took.push(await timed(run));
    await sleep(5);
  }
  clearInterval(watch);
  row(name, summarise(took));
  print(`  held the process for ${held.toFixed(0)} ms at most`);
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}
