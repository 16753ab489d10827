/**
 * What presence adds to a durable conditional write: 50 windows have the very person open, each with a draft of two fields, and
 * the writer is told of them, as agents are. Against writes of a person at whom nobody is, and of one at whom nobody is even
 * looked for; write by write in turns, so that the machine's mood meets all alike.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Directory } from '../src/directory/index.ts';
import { actor, addPeople } from './host.ts';
import { print, summarise } from './measure.ts';

const people = Number(process.env['BENCH_PEOPLE'] ?? 1000);
const turns = Number(process.env['BENCH_TURNS'] ?? 3000);
const editors = 50;
/** After so many turns a draft is about another field: far more often than people type and windows renew. */
const everyTurns = 10;
const aim = 0.05;

const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
const directory = await Directory.open(join(folder, 'directory.db'));
try {
  const [bare = '', alone = '', busy = ''] = await addPeople(directory, people);
  const windows = Array.from({ length: editors }, () => crypto.randomUUID());
  const open = (holder: string, fields: string[]) =>
    directory.presence.open(actor, { type: 'User', id: busy }, { holder, fields, baseVersion: 'v' });
  for (const holder of windows) open(holder, ['title', 'locale']);
  const write = async (id: string, turn: number) => {
    const { resource, version } = await directory.get(actor, 'User', id);
    await directory.replace(actor, 'User', id, { ...resource, nickName: `n${turn}` }, { expectedVersion: version });
  };
  const told = async (id: string, turn: number) => {
    await write(id, turn);
    directory.foresee(actor, 'User', id, ['nickName']);
  };
  const kinds = [
    { name: 'nobody is looked for', run: async (turn: number) => write(bare, turn), times: [] as number[] },
    { name: 'nobody is there', run: async (turn: number) => told(alone, turn), times: [] as number[] },
    { name: `${editors} have it open with a draft`, run: async (turn: number) => told(busy, turn), times: [] as number[] },
  ];
  for (let turn = 0; turn < turns; turn++) {
    const holder = windows[(turn / everyTurns) % editors];
    if (holder !== undefined) open(holder, turn % (2 * everyTurns) === 0 ? ['title'] : ['title', 'locale']);
    for (let place = 0; place < kinds.length; place++) {
      const kind = kinds[(turn + place) % kinds.length];
      const begun = performance.now();
      await kind?.run(turn);
      kind?.times.push(performance.now() - begun);
    }
  }
  print(`\nPresence and a durable conditional write, read and replace: ${turns} of each, one at a time, ms`);
  const first = summarise(kinds[0]?.times ?? []);
  for (const { name, times } of kinds) {
    const { p50, p95 } = summarise(times);
    const added = `${((p50 / first.p50 - 1) * 100).toFixed(1)} %`;
    print(
      `${name.padEnd(40)} p50 ${p50.toFixed(3)}  p95 ${p95.toFixed(3)}  adds ${added.padStart(7)}${name.startsWith(String(editors)) ? ` (≤ ${aim * 100} %)` : ''}`,
    );
  }
} finally {
  await directory.close();
  rmSync(folder, { recursive: true });
}
