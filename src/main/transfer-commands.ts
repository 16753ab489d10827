import { createWriteStream } from 'node:fs';
import { copyFile, rename, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { Directory } from '../directory/index.ts';
import { createLog } from '../observe/index.ts';
import {
  formats,
  ImportJobs,
  kinds,
  type ExportFormat,
  type Format,
  type Job,
  type Kind,
  type Mapping,
  type Problem,
} from '../transfer/index.ts';
import { askHost, streamFromHost } from './control.ts';
import { StartError, takeDataFolder } from './data-folder.ts';
import { exportText, transferHandlers, type TransferHandlers, type WantedImport } from './transfer-control.ts';

const shownMax = 20;
const lookAgainMs = 150;

interface ImportFlags {
  data: string;
  tenant: string;
  type: Kind;
  format?: Format;
  map: Mapping;
  mode?: 'create' | 'update' | 'both';
  empty?: 'keep' | 'clear';
  matchExternalId?: true;
  ignoreVersions?: true;
  dryRun?: true;
  problems?: string;
  resume?: string | true;
  json?: true;
}

/** Adds `tandem import` and `tandem export`. @param options the options that all commands share. */
export function addTransferCommands(program: Command, options: { data: () => Option; tenant: () => Option }): void {
  program
    .command('import')
    .description('bring people or groups in from CSV, JSON, JSON Lines or LDIF; who is there already is changed')
    .argument('[file]', 'the file; absent with --resume')
    .addOption(options.data())
    .addOption(options.tenant())
    .addOption(typeOption())
    .addOption(new Option('--format <format>', 'what the file is (default: by its name, else by its beginning)').choices(formats))
    .option(
      '--map <column=path>',
      'what a CSV column is, e.g. "Login=userName" or "Notes=ignore"; may be repeated',
      addMapping,
      {},
    )
    .addOption(
      new Option('--mode <mode>', 'which rows count: of new people, of people who are there, or both').choices([
        'create',
        'update',
        'both',
      ]),
    )
    .addOption(
      new Option('--empty <what>', 'what an empty CSV cell does: keep the value, or clear it').choices(['keep', 'clear']),
    )
    .option('--match-external-id', 'a row that no id and no userName tells may be told by its externalId')
    .option('--ignore-versions', 'also overwrite what somebody changed since the file was exported')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--resume [id]', 'go on with an import that was stopped or broke off; the last one, where no id is given')
    .option('--problems <path>', 'write every problem into this file, in JSON Lines')
    .option('--json', 'print the result as one line of JSON')
    .action(runImportCommand);
  program
    .command('export')
    .description('write all people or groups of a tenant as CSV, JSON or JSON Lines; passwords are never in it')
    .argument('[file]', 'where to write (default: standard output)')
    .addOption(options.data())
    .addOption(options.tenant())
    .addOption(typeOption())
    .addOption(
      new Option('--format <format>', 'csv, json or jsonl (default: by the name of the file, else csv)').choices([
        'csv',
        'json',
        'jsonl',
      ]),
    )
    .action(runExportCommand);
}

const typeOption = () => new Option('--type <type>', 'what it is about').choices(kinds).default('users');

async function runImportCommand(file: string | undefined, flags: ImportFlags): Promise<void> {
  if ((file === undefined) === (flags.resume === undefined)) throw new StartError('Give either a file, or --resume.');
  await withHandlers(flags.data, async (ask) => {
    const { tenant } = flags;
    const started =
      file === undefined
        ? await ask['import-resume']({ tenant, ...(typeof flags.resume === 'string' && { id: flags.resume }) })
        : await ask['import-start']({ tenant, path: resolve(file), options: wantedFrom(flags), preview: flags.dryRun === true });
    const job = await untilOver(ask, started);
    if (job.state === 'failed' && !job.counts) {
      // Nothing was done, and going on would fail in the same way.
      await ask['import-remove']({ tenant, id: job.id });
      throw new StartError(job.error ?? 'The file cannot be read.');
    }
    const problems = await ask['import-problems']({ tenant, id: job.id, count: flags.json ? 1000 : shownMax });
    if (flags.problems !== undefined) await copyFile(join(flags.data, 'imports', job.id, 'problems.jsonl'), flags.problems);
    if (flags.dryRun) await ask['import-remove']({ tenant, id: job.id });
    print(flags.json ? JSON.stringify({ ...job, problems }) : describe(job, problems));
    process.exitCode = exitCodeOf(job);
  });
}

function wantedFrom({ type, format, map, mode, empty, matchExternalId, ignoreVersions }: ImportFlags): WantedImport {
  return {
    kind: type,
    ...(format && { format }),
    ...(Object.keys(map).length > 0 && { mapping: map }),
    ...(mode && { mode }),
    ...(empty && { emptyCells: empty }),
    ...(matchExternalId && { matchExternalId }),
    ...(ignoreVersions && { ignoreVersions }),
  };
}

/** Runs with the host that has the data folder, or as its own. */
async function withHandlers(dataDir: string, work: (ask: TransferHandlers) => Promise<void>): Promise<void> {
  const folder = takeDataFolder(dataDir);
  if (!folder) {
    await work({
      'import-start': (input) => askHost(dataDir, 'import-start', input),
      'import-status': (input) => askHost(dataDir, 'import-status', input),
      'import-resume': (input) => askHost(dataDir, 'import-resume', input),
      'import-cancel': (input) => askHost(dataDir, 'import-cancel', input),
      'import-problems': (input) => askHost(dataDir, 'import-problems', input),
      'import-remove': (input) => askHost(dataDir, 'import-remove', input),
    });
    return;
  }
  try {
    const directory = await Directory.open(folder.file('directory.db'));
    const jobs = await ImportJobs.open({ directory, folder: folder.file('imports'), log: createLog('warn') });
    try {
      await work(transferHandlers(jobs));
    } finally {
      await jobs.close();
      await directory.close();
    }
  } finally {
    folder.release();
  }
}

/** Waits until an import is over, shows how far it is, and stops it on Ctrl-C. */
async function untilOver(ask: TransferHandlers, started: Job): Promise<Job> {
  const { tenant, id } = started;
  const isTerminal = process.stderr.isTTY;
  let isStopping = false;
  const stop = () => {
    if (isStopping) process.exit(130);
    isStopping = true;
    void ask['import-cancel']({ tenant, id });
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  let job = started;
  for (; job.state === 'running' || job.state === 'previewing'; job = await ask['import-status']({ tenant, id })) {
    if (isTerminal) process.stderr.write(`\r\u001B[K${progressOf(job)}`);
    await sleep(lookAgainMs);
  }
  if (isTerminal) process.stderr.write('\r\u001B[K');
  return job;
}

function progressOf({ progress, state }: Job): string {
  if (!progress || progress.total === 0) return 'Reading …';
  const share = Math.min(1, progress.done / progress.total);
  const bar = '█'.repeat(Math.round(share * 30)).padEnd(30, '░');
  const verb = state === 'previewing' ? 'read' : 'done';
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${progress.done.toLocaleString('en')} rows ${verb}`;
}

function describe(job: Job, problems: readonly Problem[]): string {
  const counts = job.state === 'previewed' || job.state === 'ready' ? job.plan?.counts : job.counts;
  const would = job.state === 'previewed' ? 'would be ' : '';
  const { create = 0, update = 0, unchanged = 0, skipped = 0, invalid = 0, conflict = 0 } = counts ?? {};
  const lines = [
    `${create} ${would}created, ${update} ${would}changed, ${unchanged} unchanged, ${skipped} skipped, ${invalid} refused, ${conflict} in conflict`,
  ];
  const examples = job.state === 'previewed' ? (job.plan?.examples ?? []).filter(({ action }) => action === 'update') : [];
  for (const { line, name, changes } of examples.slice(0, shownMax)) {
    lines.push(`  line ${line}: ${name ?? ''}`);
    for (const { path, before, after } of changes.slice(0, 10)) lines.push(`    ${path}: ${shown(before)} → ${shown(after)}`);
  }
  for (const { line, kind, name, message } of problems.slice(0, shownMax))
    lines.push(`  line ${line}${name === undefined ? '' : ` (${name})`}, ${kind}: ${message}`);
  const more = (job.problemCount ?? 0) - Math.min(problems.length, shownMax);
  if (more > 0) lines.push(`  … and ${more} more; --problems FILE writes all of them.`);
  if (job.state === 'failed') lines.push(`It broke off: ${job.error ?? ''}`);
  if (job.state === 'cancelled' || job.state === 'failed' || job.state === 'interrupted')
    lines.push(`What is done stays. Go on with: tandem import --resume ${job.id}`);
  return lines.join('\n');
}

function shown(value: unknown): string {
  return value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value);
}

function exitCodeOf({ state, problemCount = 0 }: Job): number {
  if (state !== 'done' && state !== 'previewed') return 1;
  return problemCount > 0 ? 2 : 0;
}

function addMapping(text: string, before: Mapping): Mapping {
  const at = text.lastIndexOf('=');
  // A path may hold `[type eq "work"]`, which has no equals sign; a column's name may.
  if (at <= 0) throw new InvalidArgumentError('Give COLUMN=PATH, for example "Login=userName".');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

async function runExportCommand(
  file: string | undefined,
  { data, tenant, type, format }: { data: string; tenant: string; type: Kind; format?: ExportFormat },
): Promise<void> {
  const what = { tenant, kind: type, format: format ?? exportFormatOf(file) };
  const folder = takeDataFolder(data);
  if (!folder) return writeOut(file, await streamFromHost(data, 'export', what));
  try {
    const directory = await Directory.open(folder.file('directory.db'));
    try {
      await writeOut(file, exportText(directory, what));
    } finally {
      await directory.close();
    }
  } finally {
    folder.release();
  }
}

function exportFormatOf(file = ''): ExportFormat {
  if (/\.json$/i.test(file)) return 'json';
  return /\.(?:jsonl|ndjson)$/i.test(file) ? 'jsonl' : 'csv';
}

/** Writes a file whole or not at all, for its user only. @param file absent for standard output. */
export async function writeOut(file: string | undefined, text: AsyncIterable<string | Uint8Array>): Promise<void> {
  if (file === undefined) {
    for await (const part of text) if (!process.stdout.write(part)) await once(process.stdout, 'drain');
    return;
  }
  const path = resolve(file);
  const temporary = `${path}.${process.pid}.new`;
  const output = createWriteStream(temporary, { mode: 0o600 });
  try {
    for await (const part of text) if (!output.write(part)) await once(output, 'drain');
    output.end();
    await once(output, 'close');
    await rename(temporary, path);
  } catch (error) {
    output.destroy();
    await rm(temporary, { force: true });
    if (error instanceof Error && 'code' in error) throw new StartError(`Cannot write ${basename(path)}: ${String(error.code)}.`);
    throw error;
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
