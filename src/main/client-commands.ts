import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ConnectedClient } from '../auth/index.ts';
import { toolsets, type Toolset } from '../directory/index.ts';
import { askAuth } from './ask-auth.ts';
import { clientHandlers } from './client-control.ts';
import { StartError } from './data-folder.ts';
import { limitsFrom, withLimitOptions, type LimitFlags } from './limit-options.ts';

interface Flags {
  data: string;
}

/** Adds `tandem client …` and `tandem keys …`. @param dataOption makes the option that all commands share. */
export function addClientCommands(program: Command, dataOption: () => Option): void {
  const group = program
    .command('client')
    .description('list, rename and revoke AI clients, apps and access keys; register apps; rotate keys and secrets');
  const command = (name: string, description: string) => group.command(name).description(description).addOption(dataOption());
  command('list', 'list the AI clients and access keys, those used last first')
    .option('--json', 'as one line of JSON')
    .action(async ({ data, json }: Flags & { json?: true }) => {
      const clients = await askAuth(data, 'client-list', {}, clientHandlers);
      print(json ? JSON.stringify(clients) : clients.map(describe).join('\n'));
    });
  command('add <name>', 'register an app that does not register itself; its secret is shown once, as the last line')
    .addOption(
      new Option(
        '--type <type>',
        'confidential: runs on a server and keeps a secret; public: a program or browser app, without one',
      )
        .choices(['confidential', 'public'])
        .default('confidential'),
    )
    .requiredOption('--redirect <addresses...>', 'where people come back to after signing in')
    .option('--after-sign-out <addresses...>', 'where people may go after signing out', [])
    .addHelpText(
      'after',
      '\nA machine that nobody signs in to uses an access key: tandem token gives its client_id and client_secret.',
    )
    .action(
      async (name: string, flags: Flags & { type: 'confidential' | 'public'; redirect: string[]; afterSignOut: string[] }) => {
        const app = { name, kind: flags.type, redirects: flags.redirect, signOutRedirects: flags.afterSignOut };
        const { id, secret } = await askAuth(flags.data, 'client-add', app, clientHandlers);
        print(secret === undefined ? `client_id\t${id}` : `client_id\t${id}\nThe client_secret is not shown again:\n${secret}`);
      },
    );
  command('rename <id> <name>', 'give a client or access key another name').action(
    async (id: string, name: string, { data }: Flags) => {
      await askAuth(data, 'client-rename', { id, name }, clientHandlers);
      print(`It is called ${name} now.`);
    },
  );
  command('toolsets <id> [toolset...]', `choose the toolsets that a client has of ${toolsets.join(', ')}`)
    .option('--default', 'those of its tenant and of the server again')
    .action(async (id: string, names: string[], { data, default: isDefault }: Flags & { default?: true }) => {
      if ((names.length === 0) !== (isDefault === true)) throw new StartError('Name one toolset or more, or give --default.');
      const chosen = isDefault ? undefined : names.map(toolsetFrom);
      await askAuth(data, 'client-toolsets', { id, toolsets: chosen }, clientHandlers);
      print(chosen ? `It has ${chosen.join(', ')} now.` : 'It has the toolsets of its tenant and of the server again.');
    });
  withLimitOptions(command('limit <id>', 'set how much a client or access key may call; what is left out is as the settings say'))
    .option('--default', 'as the settings say again')
    .action(async (id: string, { data, default: isDefault, ...flags }: Flags & LimitFlags & { default?: true }) => {
      const limits = limitsFrom(flags);
      if ((limits === undefined) !== (isDefault === true)) throw new StartError('Name one limit or more, or give --default.');
      await askAuth(data, 'client-limit', { id, limits: limits ?? {} }, clientHandlers);
      print(limits ? 'It is limited so from its next call on.' : 'It is limited as the settings say again.');
    });
  command('revoke <id>', 'end all access of a client or access key at once; it must be allowed, or made, anew').action(
    async (id: string, { data }: Flags) => {
      await askAuth(data, 'client-revoke', { id }, clientHandlers);
      print('Its access has ended.');
    },
  );
  command('rotate <id>', 'give an access key a new text, or an app a new secret; it is shown once, as the last line')
    .option('--keep <minutes>', 'for how long the old one opens as well; 0 to 1440', wholeNumber, 10)
    .action(async (id: string, { data, keep }: Flags & { keep: number }) => {
      const { key, previousUntil } = await askAuth(data, 'client-rotate', { id, minutes: keep }, clientHandlers);
      print(`${previousUntil === undefined ? 'The old text has ended.' : `The old text ends at ${previousUntil}.`}\n${key}`);
    });
  program
    .command('keys')
    .description('the keys with which Tandem signs')
    .command('rotate')
    .description('make new signing and cookie keys; what the old ones have signed is good for another hour')
    .addOption(dataOption())
    .action(async ({ data }: Flags) => {
      const { id } = await askAuth(data, 'keys-rotate', {}, clientHandlers);
      print(`Tandem signs with the new key ${id} now.`);
    });
}

function describe({ id, name, tenants, scopes, calls, lastUsed, agents }: ConnectedClient): string {
  const off = agents.filter(({ active }) => !active).map(({ tenant }) => tenant);
  const turnedOff = off.length > 0 ? ` (turned off in ${off.join(', ')})` : '';
  const access = scopes.length > 0 ? `${tenants.join(', ')}: ${scopes.join(' ')}${turnedOff}` : 'no access';
  return [id, name, access, `${calls} calls`, lastUsed ?? 'never used'].join('\t');
}

function toolsetFrom(text: string): Toolset {
  const found = toolsets.find((each) => each === text);
  if (found === undefined) throw new StartError(`There is no toolset ${text}. There are: ${toolsets.join(', ')}.`);
  return found;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) > 1440) throw new InvalidArgumentError('Give a whole number from 0 to 1440.');
  return Number(text);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
