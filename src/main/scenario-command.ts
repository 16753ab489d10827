import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { createLog } from '../observe/index.ts';
import { allScenarios, infoOf, speeds, type FiguresRow, type Speed } from '../scenarios/index.ts';
import { streamFromHost } from './control.ts';
import { StartError, takeDataFolder } from './data-folder.ts';
import { playScenario, type ScenarioLine, type WantedScenario } from './scenario-control.ts';

interface Flags {
  data: string;
  json?: true;
  speed?: Speed;
  agents?: number;
  keep?: true;
}

/** Adds `tandem scenario`. @param dataOption makes the option that all commands share. */
export function addScenarioCommand(program: Command, dataOption: () => Option): void {
  const names = allScenarios.map(({ name }) => name);
  program
    .command('scenario')
    .description('play a demonstration of agents and people at work on the same records, and count what was lost; or list them')
    .addArgument(new Argument('[name]', 'which one; "list" for all').choices(['list', ...names]).default('list'))
    .addOption(dataOption())
    .option('--json', 'print lines of JSON: what happens, and at the end the result')
    .addOption(new Option('--speed <speed>', 'how fast (default: 1x, with --json fast)').choices(speeds))
    .option('--agents <n>', 'how many agents take part, where one can choose', wholeNumber)
    .option('--keep', 'keep the tenant that was made for it, to look into')
    .action(async (name: string, flags: Flags) => {
      if (name === 'list') list(flags.json === true);
      else await play(name, flags);
    });
}

function list(isJson: boolean): void {
  if (isJson) return print(JSON.stringify(allScenarios.map(infoOf)));
  const width = Math.max(...allScenarios.map(({ name }) => name.length));
  for (const { name, sentence } of allScenarios) print(`${name.padEnd(width)}  ${sentence}`);
}

async function play(name: string, { data, json, speed = json ? 'fast' : '1x', agents, keep: keeps }: Flags): Promise<void> {
  const keep = keeps === true;
  const { agents: bounds } = allScenarios.find((scenario) => scenario.name === name) ?? {};
  if (agents !== undefined && !bounds) throw new StartError(`--agents: ${name} always has the same agents. Leave it out.`);
  if (agents !== undefined && bounds && (agents < bounds.min || agents > bounds.max))
    throw new StartError(`--agents: ${name} takes ${bounds.min} to ${bounds.max}.`);
  const wanted: WantedScenario = { name, speed, keep, ...(agents !== undefined && { agents }) };
  let end: ScenarioLine | undefined;
  await withLines(data, wanted, async (lines) => {
    for await (const line of lines) {
      end = line;
      print(json ? JSON.stringify(line) : describe(line, keep));
    }
  });
  if (end?.type !== 'result') throw new StartError('The scenario was ended before it was over.');
  if (end.state !== 'done') throw new StartError(end.error ?? 'The scenario was stopped.');
  if (end.lostUpdates !== 0) process.exitCode = 1;
}

/** Plays it in the host that has the data folder, or in one of its own. */
async function withLines(
  data: string,
  wanted: WantedScenario,
  work: (lines: AsyncIterable<ScenarioLine>) => Promise<void>,
): Promise<void> {
  const folder = takeDataFolder(data);
  if (!folder) return work(linesFrom(await streamFromHost(data, 'scenario', wanted)));
  folder.release();
  const { startApp } = await import('./app.ts');
  const app = await startApp({ dataDir: data, port: 0, shell: 'browser', log: createLog('warn') });
  const stopped = new AbortController();
  const stop = () => (stopped.signal.aborted ? process.exit(130) : stopped.abort());
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    await work(playScenario(app.services.scenarios, wanted, stopped.signal));
  } finally {
    await app.services.directory.tenants.settled();
    await app.close();
  }
}

async function* linesFrom(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ScenarioLine> {
  for await (const line of createInterface({ input: Readable.from(bytes) })) yield JSON.parse(line) as ScenarioLine;
}

function describe(line: ScenarioLine, keep: boolean): string {
  switch (line.type) {
    case 'start':
      return `${line.title}, in the tenant ${line.tenant}`;
    case 'event': {
      const { kind, at, ms, lane, text } = line;
      if (kind === 'phase') return `\n${text}`;
      const shownAt = kind === 'wait' || kind === 'ask' ? at : at + ms;
      return `${(shownAt / 1000).toFixed(2).padStart(7)} s  ${kind.padEnd(8)}  ${(lane ?? '').padEnd(18)}  ${text}`;
    }
    case 'result':
      return line.state === 'done' ? `\n${table(line)}${keep ? `\nKept: the tenant ${line.tenant}` : ''}` : '';
  }
}

const columns = [
  ['attempts', (row) => String(row.attempts)],
  ['acknowledged', (row) => String(row.acknowledged)],
  ['conflicts', (row) => String(row.conflicts)],
  ['retries per success', (row) => row.retriesPerSuccess.toFixed(2)],
  ['lost updates', (row) => String(row.lostUpdates)],
  ['time', (row) => `${(row.ms / 1000).toFixed(1)} s`],
] as const satisfies [string, (row: FiguresRow) => string][];

function table({ rows = [], lost = [], ...total }: Extract<ScenarioLine, { type: 'result' }>): string {
  const all = rows.length > 1 ? [...rows, { ...(total as unknown as FiguresRow), name: 'All' }] : rows;
  const width = Math.max(...all.map(({ name }) => name.length));
  const lines = [
    ['', ...columns.map(([name]) => name)],
    ...all.map((row) => [row.name, ...columns.map(([, of]) => of(row))]),
  ].map(([name = '', ...cells]) =>
    [name.padEnd(width), ...cells.map((cell, index) => cell.padStart(columns[index]?.[0].length ?? 0))].join('  '),
  );
  const gone = lost.map(
    ({ resource, field, by, overwrittenBy }) =>
      `Lost: ${field} of ${resource.name}, as ${by} had set it${overwrittenBy === undefined ? '' : `; ${overwrittenBy} wrote over it without knowing`}`,
  );
  return [...lines, ...gone].join('\n');
}

function wholeNumber(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
