#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { DirectoryError, type Scope } from '../directory/index.ts';
import { createLog } from '../observe/index.ts';
import { askHost } from './control.ts';
import { StartError, takeDataFolder } from './data-folder.ts';
import { limitsFrom, withLimitOptions, type LimitFlags } from './limit-options.ts';
import { defaultDataDir } from './default-data-dir.ts';
import { builtWindow, version } from './paths.ts';
import { runStdio } from './stdio.ts';
import { addBackupCommands } from './backup-commands.ts';
import { addAuditCommands } from './audit-commands.ts';
import { addInboxCommands } from './inbox-commands.ts';
import { addPolicyCommands } from './policy-commands.ts';
import { addClientCommands } from './client-commands.ts';
import { askAuth } from './ask-auth.ts';
import { addEventCommands } from './event-commands.ts';
import { addScenarioCommand } from './scenario-command.ts';
import { addTenantCommands } from './tenant-commands.ts';
import { addTransferCommands } from './transfer-commands.ts';
import { untilEnd } from './until-end.ts';

const dataOption = () => new Option('--data <dir>', 'data folder').default(defaultDataDir()).argParser((dir) => resolve(dir));
const tenantOption = () => new Option('--tenant <id>', 'tenant to work in').default('default');
const scopes: readonly Scope[] = ['scim:read', 'scim:write', 'scim:admin'];

// What only a host needs is loaded where one is started: a command that asks the running host should not wait for it.
const program = new Command('tandem')
  .description('One directory of people that administrators and AI agents edit at the same time.')
  .version(version)
  .showHelpAfterError()
  .exitOverride();

program
  .command('serve')
  .description('run the directory, its MCP server and its sign-in without a window of its own, until Ctrl-C')
  .addOption(dataOption())
  .option('--port <n>', 'port on 127.0.0.1; 0 for any free one (default: the same as last time)', wholeNumber(0, 65_535))
  .option('--json', 'print one line of JSON when ready: addresses, data folder, sign-in code')
  .option('--quiet', 'print nothing when ready: for services, whose output others may read')
  .option('--sample', 'begin an empty directory with a sample company of about 200 people')
  .action(async (options: { data: string; port?: number; json?: true; quiet?: true; sample?: true }) => {
    const windowFiles = existsSync(builtWindow) ? builtWindow : undefined;
    const { startApp } = await import('./app.ts');
    const app = await startApp({
      dataDir: options.data,
      port: options.port,
      shell: 'browser',
      log: createLog(),
      windowFiles,
      sample: options.sample,
    });
    const { endpoints } = app;
    if (options.quiet) return untilEnd(app);
    const window = windowFiles && app.openAddress();
    if (options.json) print(JSON.stringify({ ...endpoints, window }));
    else
      print(
        `Tandem is running on ${endpoints.data}\n  AI clients:    ${endpoints.mcp}\n  Window:        ${window ?? 'not built'} (opens once)\n` +
          `  Sign-in code:  ${endpoints.signInCode}\nCtrl-C ends it.`,
      );
    await untilEnd(app);
  });

program
  .command('mcp')
  .description('speak MCP on standard input and output, for AI clients that start their servers; joins the running app')
  .addOption(dataOption())
  .addOption(tenantOption())
  .option('--read-only', 'offer only what changes nothing')
  .action(async ({ data, tenant, readOnly = false }: { data: string; tenant: string; readOnly?: boolean }) => {
    await runStdio({ dataDir: data, tenant, readOnly, log: createLog(process.env['LOG_LEVEL'] ?? 'warn') });
  });

withLimitOptions(program.command('token'))
  .description('make an access key for scripts (Authorization: Bearer …); it is shown once, as the last line')
  .addOption(dataOption())
  .addOption(tenantOption())
  .option(
    '--scope <scopes>',
    `what it may do, separated by spaces: ${scopes.join(', ')} (manages the tenant; of default, all tenants)`,
    parseScopes,
    ['scim:read'],
  )
  .option('--name <name>', 'what it is called in the history', 'script')
  .option('--days <n>', 'days until it ends (default: never)', wholeNumber(1, 3650))
  .action(async (options: KeyFlags) => {
    const { key, id } = await createAccessKey(options);
    print(`Access key ${id} for the tenant ${options.tenant}. Keep it secret; it is not shown again.\n${key}`);
  });

program
  .command('open')
  .description('print a new address that opens the window of the running app in a browser, once')
  .addOption(dataOption())
  .action(async ({ data }: { data: string }) => {
    const folder = takeDataFolder(data);
    if (folder) {
      folder.release();
      throw new StartError('No Tandem runs on this data folder. Start it with: tandem serve');
    }
    print((await askHost(data, 'open-address', {})).address);
  });

addTransferCommands(program, { data: dataOption, tenant: tenantOption });
addBackupCommands(program, { data: dataOption });
addTenantCommands(program, dataOption);
addClientCommands(program, dataOption);
addScenarioCommand(program, dataOption);
addPolicyCommands(program, { data: dataOption, tenant: tenantOption });
addInboxCommands(program, { data: dataOption, tenant: tenantOption });
addAuditCommands(program, { data: dataOption, tenant: tenantOption });
addEventCommands(program, { data: dataOption, tenant: tenantOption });

// Whoever read it may be gone (`| head -1`); the host goes on.
process.stdout.on('error', () => {});
try {
  // Electron that is told to be Node has the program in its arguments as Node has, which commander would not expect.
  await program.parseAsync(process.argv, { from: 'node' });
  process.exit();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  if (error instanceof StartError || error instanceof DirectoryError) process.stderr.write(`tandem: ${error.message}\n`);
  else process.stderr.write(`tandem: unexpected error: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

interface KeyFlags extends LimitFlags {
  data: string;
  tenant: string;
  scope: Scope[];
  name: string;
  days?: number;
}

/** Through the running host where there is one, which would otherwise not know the key. */
async function createAccessKey(options: KeyFlags) {
  const request = {
    tenant: options.tenant,
    scopes: options.scope,
    name: options.name,
    days: options.days,
    limits: limitsFrom(options),
  };
  return askAuth(options.data, 'access-key', request, ({ keys }) => ({ 'access-key': (input) => keys.create(input) }));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    return value;
  };
}

function parseScopes(text: string): Scope[] {
  const wanted = text.split(/\s+/).filter((word) => word !== '');
  const unknown = wanted.find((word) => !scopes.some((scope) => scope === word));
  if (wanted.length === 0 || unknown !== undefined)
    throw new InvalidArgumentError(`Give one or more of ${scopes.join(', ')}, separated by spaces.`);
  return wanted as Scope[];
}
