import { readFile } from 'node:fs/promises';
import { InvalidArgumentError, type Command, type Option } from 'commander';
import type { DryRunChange } from '../directory/index.ts';
import { askDirectory } from './ask-directory.ts';
import { StartError } from './data-folder.ts';
import { policyHandlers } from './policy-control.ts';

interface Flags {
  data: string;
  tenant: string;
}

/** Adds `tandem policy …`. @param options make the options that several commands share. */
export function addPolicyCommands(program: Command, options: { data: () => Option; tenant: () => Option }): void {
  const group = program.command('policy').description('what AI agents and provisioning clients may do without a person');
  const command = (name: string, description: string) =>
    group.command(name).description(description).addOption(options.data()).addOption(options.tenant());
  command('get', 'print the policy of a tenant as JSON').action(async ({ data, tenant }: Flags) => {
    const { policy } = await askDirectory(data, 'policy-get', { tenant }, policyHandlers);
    print(JSON.stringify(policy, undefined, 2));
  });
  command('set <file>', 'give a tenant the policy in a JSON file, or - for standard input; what it leaves out is as by default')
    .option('--expected-version <version>', 'only if the policy has this version (default: whatever it is)')
    .action(async (file: string, { data, tenant, expectedVersion }: Flags & { expectedVersion?: string }) => {
      const policy = await readPolicy(file);
      const { version } = await askDirectory(data, 'policy-set', { tenant, policy, expectedVersion }, policyHandlers);
      print(`The tenant ${tenant} has this policy now, version ${version}.`);
    });
  command('dry-run [file]', 'say what a policy, or without a file the one in force, would have done to the last changes')
    .option('--count <n>', 'how many changes', wholeNumber, 100)
    .option('--json', 'as one line of JSON')
    .action(async (file: string | undefined, { data, tenant, count, json }: Flags & { count: number; json?: true }) => {
      const policy = file === undefined ? undefined : await readPolicy(file);
      const run = await askDirectory(data, 'policy-dry-run', { tenant, policy, count }, policyHandlers);
      if (json) return print(JSON.stringify(run));
      const { apply, approval, refuse } = run.verdicts;
      print([...run.changes.map(describe), `applied: ${apply}, approval: ${approval}, refused: ${refuse}`].join('\n'));
    });
}

function describe({ at, author, operation, type, name, verdict, rule }: DryRunChange): string {
  return [at, author.name, operation, type, name, verdict, rule ? `${rule.id}: ${rule.says}` : ''].join('\t').trimEnd();
}

async function readPolicy(file: string): Promise<unknown> {
  const text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8').catch((error: unknown) => {
    throw new StartError(`Cannot read ${file}. Give a JSON file, or - for standard input.`, { cause: error });
  });
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new StartError(`${file} is not valid JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function wholeNumber(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 1 && value <= 1000)) throw new InvalidArgumentError('Give a whole number from 1 to 1000.');
  return value;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
