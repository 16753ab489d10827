import { InvalidArgumentError, type Command, type Option } from 'commander';
import { toolsets, type Tenant, type Toolset } from '../directory/index.ts';
import { askDirectory } from './ask-directory.ts';
import { StartError } from './data-folder.ts';
import { limitsFrom, withLimitOptions, type LimitFlags } from './limit-options.ts';
import { tenantHandlers } from './tenant-control.ts';

/** Adds `tandem tenant …`. @param dataOption makes the option that all commands share. */
export function addTenantCommands(program: Command, dataOption: () => Option): void {
  const group = program.command('tenant').description('list, add, rename, suspend, set up and delete tenants');
  const command = (name: string, description: string) => group.command(name).description(description).addOption(dataOption());
  command('list', 'list the tenants')
    .option('--json', 'as one line of JSON')
    .action(async ({ data, json }: Flags & { json?: true }) => {
      const tenants = await askDirectory(data, 'tenant-list', {}, tenantHandlers);
      print(json ? JSON.stringify(tenants) : tenants.map(describe).join('\n'));
    });
  command('add <id>', 'add a tenant')
    .option('--name <name>', 'what people call it (default: its id)')
    .action(async (id: string, { data, name = id }: Flags & { name?: string }) =>
      print(describe(await askDirectory(data, 'tenant-add', { id, name }, tenantHandlers))),
    );
  command('rename <id> <name>', 'give a tenant another name; its id stays').action(
    async (id: string, name: string, { data }: Flags) =>
      print(describe(await askDirectory(data, 'tenant-update', { id, name }, tenantHandlers))),
  );
  command('suspend <id>', 'keep the data of a tenant and let nobody in but the window').action(
    async (id: string, { data }: Flags) =>
      print(describe(await askDirectory(data, 'tenant-update', { id, state: 'suspended' }, tenantHandlers))),
  );
  command('resume <id>', 'let a suspended tenant go on').action(async (id: string, { data }: Flags) =>
    print(describe(await askDirectory(data, 'tenant-update', { id, state: 'active' }, tenantHandlers))),
  );
  withLimitOptions(
    command('set <id>', 'how a tenant deals with what provisioning clients send, and how much all its clients may call'),
  )
    .option('--strict', 'take only what the standards allow')
    .option('--no-strict', 'take also what Entra ID and Okta really send')
    .option('--require-version', 'every replacement, patch and deletion over SCIM must say which version it expects')
    .option('--no-require-version', 'the version may be left out')
    .option(
      '--toolsets <names>',
      `the MCP toolsets of its clients, such as ${toolsets.slice(0, 2).join(',')}; or default`,
      toolsetsFrom,
    )
    .option('--default-limits', 'limits as the settings say again')
    .action(
      async (id: string, { data, strict, requireVersion, toolsets: chosen, defaultLimits, ...flags }: Flags & SettingFlags) => {
        const limits = defaultLimits ? {} : limitsFrom(flags);
        const settings = { strict, requireVersion, toolsets: chosen, limits };
        print(describe(await askDirectory(data, 'tenant-update', { id, settings }, tenantHandlers)));
      },
    );
  command('delete <id>', 'delete a tenant with everyone in it, their history and their keys; there is no way back')
    .requiredOption('--confirm <id>', 'the id once more')
    .action(async (id: string, { data, confirm }: Flags & { confirm: string }) => {
      if (confirm !== id) throw new StartError(`Nothing was deleted: --confirm says '${confirm}', not '${id}'.`);
      await askDirectory(data, 'tenant-delete', { id }, tenantHandlers);
      print(`The tenant ${id} is deleted.`);
    });
}

interface Flags {
  data: string;
}

interface SettingFlags extends LimitFlags {
  defaultLimits?: true;
  strict?: boolean;
  requireVersion?: boolean;
  toolsets?: Toolset[] | null;
}

function toolsetsFrom(text: string): Toolset[] | null {
  if (text === 'default') return null;
  const names = text.split(',');
  const unknown = names.find((name) => !toolsets.some((each) => each === name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no toolset ${unknown}. There are: ${toolsets.join(', ')}; or give default.`);
  return toolsets.filter((each) => names.includes(each));
}

function describe({ id, name, state, settings }: Tenant): string {
  const facts = [
    state === 'suspended' && 'suspended',
    settings.strict && 'strict',
    settings.requireVersion && 'requires versions',
    settings.toolsets && `toolsets ${settings.toolsets.join(',')}`,
  ].filter(Boolean);
  return `${id}\t${name}${facts.length > 0 ? `\t${facts.join(', ')}` : ''}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
