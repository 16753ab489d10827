import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { Option, type Command } from 'commander';
import { auditFormats, Directory, type AuditFormat, type AuditVerdict } from '../directory/index.ts';
import { auditCheckText, auditText, type AuditCheckLine } from './audit-control.ts';
import { streamFromHost } from './control.ts';
import { takeDataFolder } from './data-folder.ts';
import { writeOut } from './transfer-commands.ts';

interface Flags {
  data: string;
  tenant?: string;
}

/** Adds `tandem audit …`. @param options make the options that several commands share. */
export function addAuditCommands(program: Command, options: { data: () => Option; tenant: () => Option }): void {
  const group = program.command('audit').description('check the log of everything that happened, or take it out');
  group
    .command('verify')
    .description('check that nobody altered the log, the history or the directory behind its back; exit code 1 if somebody did')
    .addOption(options.data())
    .option('--tenant <id>', 'only this tenant (default: all)')
    .option('--json', 'print the result as one line of JSON')
    .action(async ({ data, tenant, json }: Flags & { json?: true }) => {
      const found = await withText(data, 'audit-verify', { tenant }, auditCheckText, verdictsOf);
      print(json ? JSON.stringify(found) : found.map(describe).join('\n'));
      if (found.some(({ unbroken }) => !unbroken)) process.exitCode = 1;
    });
  group
    .command('export')
    .description('write the whole log of a tenant, oldest entry first; passwords and keys are never in it')
    .argument('[file]', 'where to write (default: standard output)')
    .addOption(options.data())
    .addOption(options.tenant())
    .addOption(new Option('--format <format>', 'JSON Lines, which can be checked by its hashes, or CSV').choices(auditFormats))
    .action(async (file: string | undefined, { data, tenant = 'default', format }: Flags & { format?: AuditFormat }) => {
      const what = { tenant, format: format ?? (/\.csv$/i.test(file ?? '') ? 'csv' : 'jsonl') } as const;
      await withText(data, 'audit-export', what, auditText, (text) => writeOut(file, text));
    });
}

/** Has the host that holds the folder make the text, or makes it where none does. */
async function withText<Input extends object, Result>(
  data: string,
  name: 'audit-verify' | 'audit-export',
  input: Input,
  make: (directory: Directory, input: Input) => AsyncIterable<string>,
  use: (text: AsyncIterable<string | Uint8Array>) => Promise<Result>,
): Promise<Result> {
  const folder = takeDataFolder(data);
  if (!folder) return use(await streamFromHost(data, name, input));
  try {
    const directory = await Directory.open(folder.file('directory.db'));
    try {
      return await use(make(directory, input));
    } finally {
      await directory.close();
    }
  } finally {
    folder.release();
  }
}

type Found = AuditVerdict & { tenant: string };

/** Reads what the check tells, and shows how far it is to who looks on. */
async function verdictsOf(text: AsyncIterable<string | Uint8Array>): Promise<Found[]> {
  const found: Found[] = [];
  for await (const line of createInterface({ input: Readable.from(text) })) {
    const told = JSON.parse(line) as AuditCheckLine;
    if ('verdict' in told) found.push({ tenant: told.tenant, ...told.verdict });
    else if (process.stderr.isTTY) {
      const { checked, total } = told.progress;
      process.stderr.write(`\r\u001B[K${told.tenant}: ${checked.toLocaleString('en')} of ${total.toLocaleString('en')} checked`);
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
  return found;
}

function describe(found: Found): string {
  if (!found.unbroken) {
    const place = found.seq === undefined ? 'ALTERED' : `BROKEN at entry ${found.seq}`;
    return `${found.tenant}: ${place}. ${found.problem}`;
  }
  const { entries, resources, last } = found;
  const counts = `${entries.toLocaleString('en')} entries and ${resources.toLocaleString('en')} people and groups`;
  return `${found.tenant}: unbroken, ${counts}. Last entry ${last.seq}, hash ${last.hash}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
