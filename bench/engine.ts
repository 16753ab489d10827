/**
 * The directory alone: a durable conditional replace at 1,000 and at 100,000 users. Both directories are open at once and
 * take turns in short rounds, so that the machine's mood meets both alike; each round touches random users.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Directory, type Actor } from '../src/directory/index.ts';
import { samplePeople } from '../src/directory/sample.ts';
import { heading, measure, median, print, row, type Summary } from './measure.ts';

const sizes = [1000, 100_000];
const rounds = 30;
const perRound = 400;
const actor: Actor = { id: 'bench', name: 'Bench', kind: 'system', door: 'cli', tenant: 'default', scopes: ['scim:admin'] };

const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
try {
  const sides = [];
  for (const size of sizes) {
    const directory = await Directory.open(join(folder, `${size}.db`));
    const started = performance.now();
    const ids: string[] = [];
    const people = samplePeople(size, 'bench.example');
    for (let from = 0; from < size; from += 1000)
      ids.push(
        ...(await Promise.all(
          people.slice(from, from + 1000).map(async ({ record }) => (await directory.create(actor, 'User', record)).resource.id),
        )),
      );
    print(`${size} users created in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    sides.push({ size, directory, ids, results: { 1: [] as Summary[], 16: [] as Summary[] } });
  }

  let stamp = 0;
  for (const workers of [1, 16] as const)
    for (let round = 0; round < rounds + 1; round++)
      for (const { directory, ids, results } of round % 2 === 0 ? sides : sides.toReversed()) {
        const result = await measure({ workers, perWorker: perRound / workers }, async () => {
          const id = ids[Math.floor(Math.random() * ids.length)] ?? '';
          const { resource, version } = await directory.get(actor, 'User', id);
          const begun = performance.now();
          await directory
            .replace(actor, 'User', id, { ...resource, nickName: `n${stamp++}` }, { expectedVersion: version })
            .catch(() => {});
          return begun;
        });
        // The first round warms up.
        if (round > 0) results[workers].push(result);
      }

  heading('Durable conditional replace in the directory (read, then replace with the version read)');
  for (const workers of [1, 16] as const) {
    // All rounds count, those with a checkpoint of the write-ahead log too: the cost is all time by all writes.
    const costs = sides.map(({ size, results }) => {
      const all = results[workers];
      const elapsed = all.reduce((sum, { n, perSecond }) => sum + (n * 1000) / perSecond, 0);
      const n = all.length * perRound;
      row(`${size.toLocaleString('en')} users, ${workers} at once`, {
        n,
        mean: elapsed / n,
        p50: median(all.map((result) => result.p50)),
        p95: median(all.map((result) => result.p95)),
        perSecond: (n * 1000) / elapsed,
      });
      return elapsed / n;
    });
    print(`  cost at ${sizes[1]} ÷ cost at ${sizes[0]}: ${((costs[1] ?? 0) / (costs[0] ?? 1)).toFixed(2)} (aim: at most 1.30)`);
  }
  for (const { directory } of sides) await directory.close();
} finally {
  rmSync(folder, { recursive: true });
}
