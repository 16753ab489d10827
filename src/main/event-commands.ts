import { readFileSync } from 'node:fs';
import type { Command, Option } from 'commander';
import type { z } from 'zod';
import { Directory } from '../directory/index.ts';
import type { EventStreamStatus } from '../events/index.ts';
import { createLog } from '../observe/index.ts';
import { askHost } from './control.ts';
import { codeOf, StartError, takeDataFolder } from './data-folder.ts';
import { eventHandlers, type EventRequests } from './event-control.ts';

interface Flags {
  data: string;
  tenant: string;
}

/** Adds `tandem events …`. @param options the options that all commands share. */
export function addEventCommands(program: Command, options: { data: () => Option; tenant: () => Option }): void {
  const group = program.command('events').description('tell receivers outside of changes, as security event tokens (RFC 9967)');
  const command = (name: string, description: string) =>
    group.command(name).description(description).addOption(options.data()).addOption(options.tenant());
  const secret = [
    '--authorization-file <file>',
    'a file with the Authorization value for the receiver; - reads it from standard input',
  ] as const;
  command('list', 'list the event streams, how far they are, and what went wrong')
    .option('--json', 'as one line of JSON')
    .action(async ({ data, tenant, json }: Flags & { json?: true }) => {
      const streams = await ask(data, 'events-list', { tenant });
      if (json) print(JSON.stringify(streams));
      else print(streams.length > 0 ? streams.map(describe).join('\n') : `The tenant ${tenant} has no event streams.`);
    });
  command('add <name>', 'add an event stream, which begins with the next change')
    .option('--push <url>', 'send each event to this address (default: the receiver polls)')
    .option(...secret)
    .option('--audience <aud>', 'whom the tokens are for (default: the name)')
    .option('--full', 'carry the values that changed, not only the names of attributes')
    .action(async (name: string, { data, tenant, push, audience, full, ...rest }: AddFlags) => {
      const form = full ? 'full' : 'notice';
      const wish = { tenant, name, form, audience, url: push, authorization: authorizationFrom(rest) } as const;
      print(describe(await ask(data, 'events-add', wish)));
    });
  command('set <name>', 'give a pushed event stream another address or Authorization value')
    .option('--push <url>', 'the new address; an Authorization value is not taken to another host')
    .option(...secret)
    .action(async (name: string, { data, tenant, push, ...rest }: AddFlags) =>
      print(describe(await ask(data, 'events-set', { tenant, name, url: push, authorization: authorizationFrom(rest) }))),
    );
  command('resume <name>', 'let a pushed event stream that has stopped go on')
    .option('--skip', 'pass over the event that its receiver does not take; it is never sent')
    .action(async (name: string, { data, tenant, skip = false }: Flags & { skip?: boolean }) =>
      print(describe(await ask(data, 'events-resume', { tenant, name, skip }))),
    );
  command('remove <name>', 'end an event stream; what its receiver has not received is not sent').action(
    async (name: string, { data, tenant }: Flags) => {
      await ask(data, 'events-remove', { tenant, name });
      print(`The event stream ${name} is removed.`);
    },
  );
}

interface AddFlags extends Flags {
  push?: string;
  authorizationFile?: string;
  audience?: string;
  full?: true;
}

function authorizationFrom({ authorizationFile: file }: Pick<AddFlags, 'authorizationFile'>): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8').trim();
  } catch (error) {
    throw new StartError(`Cannot read ${file}: ${codeOf(error)}.`, { cause: error });
  }
}

function describe({ name, method, url, form, state, waiting, problem }: EventStreamStatus): string {
  const count = waiting.count === 0 ? '' : `, ${waiting.count}${waiting.hasMore ? ' or more' : ''} waiting`;
  const where = method === 'push' ? `push to ${url}` : 'poll';
  return `${name}\t${where}, ${form}\t${state}${count}${problem ? `\t${problem.at} ${problem.message}` : ''}`;
}

/** Through the running host where there is one; only one process writes to a data folder. */
async function ask<N extends keyof EventRequests>(
  data: string,
  name: N,
  input: z.infer<EventRequests[N]['input']>,
): Promise<z.infer<EventRequests[N]['output']>> {
  const folder = takeDataFolder(data);
  if (!folder) return askHost(data, name, input as never);
  const log = createLog('warn');
  try {
    const directory = await Directory.open(folder.file('directory.db'));
    const origin = 'http://127.0.0.1';
    const [{ createAuth }, { openEventStreams, secretStorage }] = await Promise.all([
      import('../auth/index.ts'),
      import('./app.ts'),
    ]);
    const auth = await createAuth({ directory, dataDir: data, origin, log, secretStorage: secretStorage() });
    const streams = await openEventStreams(directory, auth, origin, log);
    try {
      return await eventHandlers(streams)[name](input as never);
    } finally {
      await streams.close();
      await auth.close();
      await directory.close();
    }
  } finally {
    folder.release();
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
