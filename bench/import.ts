/**
 * Import of 100,000 people from CSV: preview, import into an empty directory, the same file again, and export. Rows per second,
 * how long the event loop was held at most, and memory.
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Directory, type Actor } from '../src/directory/index.ts';
import { samplePeople } from '../src/directory/sample.ts';
import { exportResources, planImport, runImport, type ImportOptions, type Source } from '../src/transfer/index.ts';
import { print } from './measure.ts';

const size = Number(process.env['TANDEM_BENCH_ROWS'] ?? 100_000);
const actor: Actor = { id: 'bench', name: 'Bench', kind: 'system', door: 'cli', tenant: 'default', scopes: ['scim:admin'] };
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** The parts of samplePeople's records that the file has. */
interface Sample {
  userName: string;
  displayName: string;
  title: string;
  active: boolean;
  name: { givenName: string; familyName: string };
  emails: { value: string }[];
  phoneNumbers: { value: string }[];
  addresses: { locality: string; country: string }[];
  [enterprise]: { department: string; costCenter: string; employeeNumber: string };
}

const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
try {
  const source = await writePeople('people.csv', false);
  const options: ImportOptions = { kind: 'users', format: 'csv' };
  print(`\nImport of ${size.toLocaleString('en')} people, ${(source.size / 1024 / 1024).toFixed(1)} MB of CSV`);
  print(
    `${''.padEnd(34)}${['seconds', 'of CPU', 'rows/s', 'held max ms', 'p99 ms', 'heap MB', 'memory MB'].map((name) => name.padStart(12)).join('')}`,
  );
  const directory = await Directory.open(join(folder, 'directory.db'));
  await timed('preview, empty directory', async () => void (await planImport(directory, actor, source, options)));
  await timed('import, empty directory', async () => {
    const { counts, problemCount } = await runImport(directory, actor, source, options);
    if (counts.create !== size || problemCount > 0) throw new Error(`imported ${counts.create}, ${problemCount} problems`);
  });
  await timed('preview, the same file again', async () => void (await planImport(directory, actor, source, options)));
  await timed('import, the same file again', async () => {
    const { counts } = await runImport(directory, actor, source, options);
    if (counts.unchanged !== size) throw new Error(`${counts.unchanged} unchanged`);
  });
  await directory.tenants.add({ id: 'reversed', name: 'Reversed' });
  const reversed = await writePeople('reversed.csv', true);
  await timed('import, each manager further down', async () => {
    const { problemCount } = await runImport(directory, { ...actor, tenant: 'reversed' }, reversed, options);
    if (problemCount > 0) throw new Error(`${problemCount} problems`);
  });
  for (const format of ['csv', 'json'] as const)
    await timed(`export, ${format}`, async () => {
      for await (const text of exportResources(directory, actor, { kind: 'users', format })) void text;
    });
  print(`directory.db: ${(statSync(join(folder, 'directory.db')).size / 1024 / 1024).toFixed(0)} MB`);
  await directory.close();
} finally {
  rmSync(folder, { recursive: true });
}

async function timed(name: string, work: () => Promise<void>): Promise<void> {
  const held = monitorEventLoopDelay({ resolution: 5 });
  let memory = 0;
  let heap = 0;
  const watch = setInterval(() => {
    const { rss, heapUsed } = process.memoryUsage();
    memory = Math.max(memory, rss);
    heap = Math.max(heap, heapUsed);
  }, 100);
  held.enable();
  const begun = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  held.disable();
  clearInterval(watch);
  // The histogram counts from the timer's own interval on.
  const ms = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - 5).toFixed(0);
  const cells = [
    seconds.toFixed(1),
    ((user + system) / 1e6).toFixed(1),
    (size / seconds).toFixed(0),
    ms(held.max),
    ms(held.percentile(99)),
    (heap / 1024 / 1024).toFixed(0),
    (memory / 1024 / 1024).toFixed(0),
  ];
  print(`${name.padEnd(34)}${cells.map((cell) => cell.padStart(12)).join('')}`);
}

/** Headers as people write them, managers by userName. */
async function writePeople(name: string, isReversed: boolean): Promise<Source> {
  const path = join(folder, name);
  const file = createWriteStream(path);
  file.write(
    'Username,First name,Last name,Display name,Email,Phone,Job title,Department,Cost center,Employee number,City,Country,Active,Manager\n',
  );
  const people = samplePeople(size, 'bench.example');
  for (const { record, manager } of isReversed ? people.toReversed() : people) {
    const { name, emails, phoneNumbers, addresses, ...person } = record as unknown as Sample;
    const { department, costCenter, employeeNumber } = person[enterprise];
    const contact = [emails[0]?.value, phoneNumbers[0]?.value];
    const place = [addresses[0]?.locality, addresses[0]?.country];
    const cells = [
      person.userName,
      name.givenName,
      name.familyName,
      person.displayName,
      contact,
      person.title,
      department,
    ].flat();
    const boss = manager === undefined ? '' : people[manager]?.record['userName'];
    cells.push(costCenter, employeeNumber, ...place, String(person.active), String(boss));
    if (!file.write(`${cells.join(',')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  return { size: statSync(path).size, open: () => createReadStream(path) as AsyncIterable<Uint8Array> };
}
