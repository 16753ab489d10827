/**
 * `npm run evaluate`: plays the suite several times against a model, the offline rules if none is named, and says how often
 * each task was passed. See docs/evaluation.md.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import PQueue from 'p-queue';
import { modelEndpointSchema } from '../../src/assistant/agent-settings-data.ts';
import { startTestHost } from '../host.ts';
import { tasks } from './index.ts';
import { offline, Stage, type Player, type Result } from './play.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: process.env['TANDEM_MODEL'] },
    url: { type: 'string', default: process.env['TANDEM_MODEL_URL'] },
    provider: { type: 'string', default: process.env['TANDEM_MODEL_PROVIDER'] ?? 'openai-compatible' },
    runs: { type: 'string', default: '4' },
    only: { type: 'string' },
    parallel: { type: 'string' },
    json: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

const print = (line: string) => process.stdout.write(`${line}\n`);
const isOffline = values.model === undefined;
const runs = countOf('runs', values.runs);
const parallel = countOf('parallel', values.parallel ?? (isOffline ? '4' : '1'));
const chosen = tasks.filter(({ id }) => values.only === undefined || id.includes(values.only));
if (chosen.length === 0) throw new Error(`no task has “${values.only}” in its name`);

const started = performance.now();
const results = await playAll(playerOf());
report(results);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
if (isOffline && results.some(({ wrong }) => wrong.length > 0)) process.exitCode = 1;

function countOf(name: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 100) throw new Error(`--${name}: a number from 1 to 100, not “${text}”`);
  return count;
}

/** The model of the arguments and the environment; its key comes from the environment only. */
function playerOf(): Player {
  if (values.model === undefined) return offline;
  if (values.url === undefined) throw new Error('a model needs its address too: --url, or TANDEM_MODEL_URL');
  const endpoint = modelEndpointSchema.parse({
    id: 'evaluated',
    name: 'Evaluated',
    provider: values.provider,
    baseUrl: values.url,
    models: [{ name: values.model }],
  });
  const key = process.env['TANDEM_MODEL_KEY'];
  return {
    modelId: `evaluated/${values.model}`,
    settings: { ...offline.settings, data: { models: [endpoint], servers: [], permissions: [] } },
    secrets: { ...offline.secrets, get: async () => key },
  };
}

async function playAll(player: Player): Promise<Result[]> {
  const host = await startTestHost();
  const stage = await Stage.open(host, player);
  const queue = new PQueue({ concurrency: parallel });
  try {
    const played = Array.from({ length: runs }, (_, run) =>
      chosen.map((task) =>
        queue.add(async () => {
          const result = await stage.play(task, run);
          print(`${result.wrong.length === 0 ? 'passed' : 'FAILED'}  ${run + 1}/${runs}  ${result.task}`);
          if (result.wrong.length > 0 || values.verbose) print(`        “${result.says}”`);
          for (const text of result.wrong) print(`        ${text}`);
          if (result.wrong.length > 0 || values.verbose) print(`        ${result.text.replaceAll('\n', '\n        ')}`);
          return result;
        }),
      ),
    );
    return await Promise.all(played.flat());
  } finally {
    await stage.close();
    await host.close();
  }
}

function report(all: readonly Result[]): void {
  const byTask = Map.groupBy(all, ({ task }) => task);
  const passedOf = (list: readonly Result[]) => list.filter(({ wrong }) => wrong.length === 0).length;
  const missed = [...byTask].filter(([, list]) => passedOf(list) < list.length);
  const sum = (value: (result: Result) => number) => all.reduce((total, result) => total + value(result), 0);
  const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`;
  const cost = sum(({ usage }) => usage.cost ?? 0);
  print('');
  for (const [task, list] of missed) print(`  ${passedOf(list)} of ${list.length}  ${task}`);
  print(`model         ${values.model ?? 'offline rules'}`);
  print(`tasks         ${byTask.size}, each ${runs} times`);
  print(`pass@1        ${percent(passedOf(all), all.length)}`);
  print(
    `pass^${runs}        ${percent(byTask.size - missed.length, byTask.size)} (${byTask.size - missed.length} of ${byTask.size})`,
  );
  print(`model calls   ${sum(({ modelCalls }) => modelCalls)}`);
  print(`tool calls    ${sum(({ toolCalls }) => toolCalls)}`);
  print(`questions     ${sum(({ questions }) => questions)}`);
  print(
    `tokens        ${sum(({ usage }) => usage.inputTokens)} in, ${sum(({ usage }) => usage.outputTokens)} out${cost > 0 ? `, ${cost.toFixed(2)} USD` : ''}`,
  );
  print(`time          ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
