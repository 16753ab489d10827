/**
 * The audit log of 100,000 people: what a check takes and for how long it holds the process, a filter that finds nothing, and an
 * export. What its entries add to a write is what bench/engine.ts says before and after.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Directory } from '../src/directory/index.ts';
import { actor, addPeople } from './host.ts';
import { print } from './measure.ts';

const size = Number(process.env['BENCH_SIZE'] ?? 100_000);
const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
const directory = await Directory.open(join(folder, 'directory.db'));
try {
  await addPeople(directory, size);
  await timed('check', async () => {
    const verdict = await directory.audit.verify(actor);
    if (!verdict.unbroken) throw new Error(verdict.problem);
  });
  await timed('first 100 entries', () => directory.audit.list(actor, { count: 100 }));
  await timed('first 100 of a kind of which there is one', () => directory.audit.list(actor, { count: 100, kind: 'tenant' }));
  await timed('text that no entry has', async () => {
    for (let cursor: string | undefined = ''; cursor !== undefined;)
      cursor = (await directory.audit.list(actor, { count: 100, text: 'nothing has this', cursor })).nextCursor;
  });
  await timed('export as JSON Lines', async () => {
    for await (const piece of directory.audit.export(actor, 'jsonl')) if (piece === undefined) break;
  });
} finally {
  await directory.close();
  rmSync(folder, { recursive: true });
}

async function timed(name: string, work: () => Promise<unknown>): Promise<void> {
  const held = monitorEventLoopDelay({ resolution: 1 });
  held.enable();
  const begun = performance.now();
  await work();
  const ms = performance.now() - begun;
  held.disable();
  print(
    `${name.padEnd(44)}${ms.toFixed(1).padStart(10)} ms, the process held for p99 ${(held.percentile(99) / 1e6).toFixed(1)} ms`,
  );
}
