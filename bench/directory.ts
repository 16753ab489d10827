/**
 * The directory alone at 1,000, 10,000 and 100,000 users of about 1 KB: what each operation costs, and by how much more at
 * the larger sizes. All directories are open at once and take turns in short rounds, so that the machine's mood meets all alike.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Directory, groupUrn, userUrn } from '../src/directory/index.ts';
import { actor, addPeople } from './host.ts';
import { median, measure, print, type Summary } from './measure.ts';

const sizes = (process.env['BENCH_SIZES'] ?? '1000,10000,100000').split(',').map(Number);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 15);
const members = 50_000;
const aim = 1.5;

interface Side {
  size: number;
  directory: Directory;
  ids: string[];
  /** Has as many members as there are people, at most 50,000. */
  group: string;
  createdIn: number;
  file: string;
}

type Operation = (side: Side) => Promise<unknown>;
let stamp = 0;
const anyOf = ({ ids }: Side): string => ids[Math.floor(Math.random() * ids.length)] ?? '';
const userNameOf = async (side: Side) => (await anybody(side)).resource['userName'] as string;
const anybody = async (side: Side) => side.directory.get(actor, 'User', anyOf(side));
const list = (side: Side, query: object) => side.directory.list(actor, 'User', { count: 100, ...query });

/** How often each is done in a round; point operations must not cost much more where there are more people. */
const operations: Record<string, { count: number; isPoint?: boolean; run: Operation }> = {
  'get by id': { count: 200, isPoint: true, run: anybody },
  create: {
    count: 100,
    isPoint: true,
    run: ({ directory }) => directory.create(actor, 'User', { schemas: [userUrn], userName: `new-${stamp++}`, active: true }),
  },
  'conditional replace': {
    count: 100,
    isPoint: true,
    async run(side) {
      const { resource, version } = await anybody(side);
      const record = { ...resource, nickName: `n${stamp++}` };
      await side.directory.replace(actor, 'User', resource.id, record, { expectedVersion: version });
    },
  },
  'PATCH one attribute': {
    count: 100,
    isPoint: true,
    run: (side) => side.directory.patch(actor, 'User', anyOf(side), [{ op: 'replace', path: 'nickName', value: `p${stamp++}` }]),
  },
  'add a member to a big group, and remove it': {
    count: 50,
    isPoint: true,
    async run(side) {
      const { resource } = await side.directory.create(actor, 'User', { schemas: [userUrn], userName: `member-${stamp++}` });
      await side.directory.modifyMembers(actor, side.group, { add: [resource.id], remove: [] });
      await side.directory.modifyMembers(actor, side.group, { add: [], remove: [resource.id] });
    },
  },
  'filter userName eq': {
    count: 100,
    isPoint: true,
    run: async (side) => list(side, { filter: `userName eq "${await userNameOf(side)}"` }),
  },
  'filter externalId eq': { count: 100, isPoint: true, run: (side) => list(side, { filter: `externalId eq "x${stamp++}"` }) },
  'filter emails.value eq': {
    count: 100,
    isPoint: true,
    run: async (side) => list(side, { filter: `emails.value eq "${await userNameOf(side)}"` }),
  },
  'filter displayName co "hop", 100 at most': { count: 10, run: (side) => list(side, { filter: 'displayName co "hop"' }) },
  'page 1, sorted by displayName': { count: 10, run: (side) => list(side, { sortBy: 'displayName' }) },
  'last page, sorted by displayName': {
    count: 10,
    run: (side) => list(side, { sortBy: 'displayName', startIndex: side.size - 99 }),
  },
  'search of the window: "ada"': {
    count: 10,
    run: ({ directory }) => directory.userSummaries(actor, { search: 'ada', offset: 0, limit: 100 }),
  },
};

const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
try {
  const sides: Side[] = [];
  for (const size of sizes) sides.push(await fillDirectory(size));
  const results = new Map<string, Summary[][]>(Object.keys(operations).map((name) => [name, sides.map(() => [])]));
  for (let round = 0; round < rounds + 1; round++)
    for (const [name, { count, run }] of Object.entries(operations))
      for (const [place, side] of sides.entries()) {
        const result = await measure({ workers: 1, perWorker: count }, () => run(side));
        // The first round warms up.
        if (round > 0) results.get(name)?.[place]?.push(result);
      }
  report(sides, results);
  for (const { directory } of sides) await directory.close();
  await reportOpening(sides);
} finally {
  rmSync(folder, { recursive: true });
}

async function fillDirectory(size: number): Promise<Side> {
  const file = join(folder, `${size}.db`);
  const directory = await Directory.open(file);
  const begun = performance.now();
  const ids = await addPeople(directory, size);
  const createdIn = performance.now() - begun;
  const record = { schemas: [groupUrn], displayName: 'Everybody', members: ids.slice(0, members).map((value) => ({ value })) };
  const { resource } = await directory.create(actor, 'Group', record);
  return { size, directory, ids, group: resource.id, createdIn, file };
}

function report(sides: readonly Side[], results: ReadonlyMap<string, Summary[][]>): void {
  const row = (name: string, cells: readonly string[]) =>
    print(`${name.padEnd(46)}${cells.map((cell) => cell.padStart(14)).join('')}`);
  print(`\nThe directory: the median of ${rounds} rounds, ms for one operation, one at a time`);
  row('', [...sides.map(({ size }) => size.toLocaleString('en')), 'grows by']);
  for (const [name, all] of results) {
    const means = all.map((summaries) => median(summaries.map(({ mean }) => mean)));
    const growth = (means.at(-1) ?? Number.NaN) / (means[0] ?? Number.NaN);
    const limit = operations[name]?.isPoint ? ` (≤ ${aim})` : '';
    row(name, [...means.map((mean) => mean.toFixed(3)), `${growth.toFixed(2)}${limit}`]);
  }
  row(
    'people created a second, 1,000 at once',
    sides.map(({ size, createdIn }) => ((size * 1000) / createdIn).toFixed(0)),
  );
  row(
    'bytes on disk for each person',
    sides.map(({ size, file }) => (statSync(file).size / size).toFixed(0)),
  );
}

async function reportOpening(sides: readonly Side[]): Promise<void> {
  for (const { size, file } of sides) {
    const begun = performance.now();
    const directory = await Directory.open(file);
    await directory.list(actor, 'User', { count: 1 });
    print(`opened with ${size.toLocaleString('en')} people, first page read, in ${(performance.now() - begun).toFixed(1)} ms`);
    await directory.close();
  }
  print(`memory of the process with all of them: ${(process.memoryUsage.rss() / 1024 ** 2).toFixed(0)} MiB`);
}
