import { Option, type Command } from 'commander';
import { escalationStates, type Escalation, type EscalationState } from '../directory/index.ts';
import { askDirectory } from './ask-directory.ts';
import { StartError } from './data-folder.ts';
import { policyHandlers } from './policy-control.ts';

interface Flags {
  data: string;
  tenant: string;
  reason?: string;
}

/** Adds `tandem inbox …`. @param options make the options that several commands share. */
export function addInboxCommands(program: Command, options: { data: () => Option; tenant: () => Option }): void {
  const group = program.command('inbox').description('changes of AI agents and provisioning clients that wait for a person');
  const command = (name: string, description: string) =>
    group.command(name).description(description).addOption(options.data()).addOption(options.tenant());
  command('list', 'list them, newest first')
    .addOption(new Option('--state <state>', 'which of them').choices(escalationStates).default('pending'))
    .option('--cursor <cursor>', 'go on where another page ended')
    .option('--json', 'as one line of JSON')
    .action(async ({ data, tenant, state, cursor, json }: Flags & { state: EscalationState; cursor?: string; json?: true }) => {
      const page = await askDirectory(data, 'inbox-list', { tenant, state, cursor, limit: 100 }, policyHandlers);
      if (json) return print(JSON.stringify(page));
      const more = page.nextCursor === undefined ? [] : [`There are more: --cursor ${page.nextCursor}`];
      print([...page.escalations.map(describe), ...more].join('\n') || 'Nothing waits for a person.');
    });
  for (const [name, approve, description] of [
    ['approve <id>', true, 'let it be done now'],
    ['decline <id>', false, 'refuse it'],
  ] as const)
    command(name, description)
      .option('--reason <text>', 'what the agent is told')
      .action(async (id: string, { data, tenant, reason }: Flags) => {
        const answer = await askDirectory(data, 'inbox-decide', { tenant, id, approve, reason }, policyHandlers);
        if (answer.outdated)
          throw new StartError(
            `Nothing was done: it would do something else by now. Look again, then answer.\n${describe(answer.escalation)}`,
          );
        print(`${id} is ${answer.escalation.state}.`);
      });
}

function describe({ id, created, state, from, intent, rule, proposed }: Escalation): string {
  const changes = proposed.slice(0, 20).flatMap(({ name, operation, changes }) => {
    if (operation === 'delete') return [`  delete ${name}`];
    return changes.slice(0, 20).map(({ path, before, after }) => `  ${name}\t${path}\t${text(before)} -> ${text(after)}`);
  });
  const why = [intent === undefined ? [] : [`  It says: ${intent}`], rule ? [`  ${rule.says}`] : []].flat();
  return [`${id}\t${state}\t${created}\t${from.name}`, ...why, ...changes].join('\n');
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
