import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startTestHost, type TestHost } from './host.ts';

const program = join(import.meta.dirname, '../src/main/tandem.ts');
const run = promisify(execFile);
const env = { ...process.env, TANDEM_SECRETS: 'file', LOG_LEVEL: 'error' };
let folder: string;
let host: TestHost | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-scenario-'));
});
afterEach(async () => {
  await host?.close();
  host = undefined;
  rmSync(folder, { recursive: true });
});

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}
const tandem = (...args: string[]): Promise<Outcome> =>
  run(process.execPath, [program, ...args, '--data', host?.dataDir ?? join(folder, 'data')], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Outcome) => error,
  );

function linesOf(stdout: string): Record<string, unknown>[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test.each([
  ['in a running host', async () => void (host = await startTestHost())],
  ['in a host of its own', async () => {}],
])('%s it prints JSON and nothing else, ends with the result, and leaves nothing behind', async (_name, start) => {
  await start();
  const { code, stdout, stderr } = await tandem('scenario', 'ai-and-human', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = linesOf(stdout);
  expect(lines[0]).toMatchObject({ type: 'start', scenario: 'ai-and-human', tenant: expect.stringMatching(/^scenario-/) });
  expect(lines.slice(1, -1).every(({ type }, index) => type === 'event' && lines[index + 1]?.['seq'] === index)).toBe(true);
  expect(lines.at(-1)).toMatchObject({ type: 'result', state: 'done', acknowledged: 5, conflicts: 3, lostUpdates: 0, lost: [] });
  expect((await tandem('tenant', 'list')).stdout).toBe('default\tDefault\n');
});

test('as text it is a time line and a table; a kept tenant stays', async () => {
  const { code, stdout } = await tandem('scenario', 'long-running-workflow', '--speed', 'fast', '--keep');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Long-running workflow, in the tenant scenario-/);
  expect(stdout).toMatch(/^ +\d+\.\d\d s {2}merge +Onboarding agent +adapts the plan: the team is “Marketing” now$/m);
  expect(stdout).toMatch(/^ +attempts +acknowledged +conflicts +retries per success +lost updates +time$/m);
  const [, kept = ''] = /Kept: the tenant (scenario-\w+)/.exec(stdout) ?? [];
  expect((await tandem('tenant', 'list')).stdout).toContain(`${kept}\tScenario: Long-running workflow`);
});

test('a lost update is an exit code of 1, and is named', async () => {
  host = await startTestHost();
  const { scenarios } = host.app.services;
  const watch = scenarios.watch.bind(scenarios);
  // The figure that a client which overwrites others would bring (scenarios.test.ts has one).
  vi.spyOn(scenarios, 'watch').mockImplementation(async function* (id, signal) {
    const resource = { type: 'User', id: '1', name: 'Ada Chen' } as const;
    const lost = [{ resource, field: 'title', by: 'Careful', overwrittenBy: 'Careless' }];
    for await (const { run, ...update } of watch(id, signal))
      yield { ...update, run: { ...run, ...(run.result && { result: { ...run.result, lostUpdates: 1, lost } }) } };
  });
  const { code, stdout } = await tandem('scenario', 'ai-and-human', '--speed', 'fast');
  expect(code).toBe(1);
  expect(stdout).toContain('Lost: title of Ada Chen, as Careful had set it; Careless wrote over it without knowing');
});

test('what cannot be played is one line', async () => {
  expect(await tandem('scenario', 'nothing')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Allowed choices are list,'),
  });
  expect(await tandem('scenario', 'batch', '--agents', '3')).toMatchObject({
    code: 1,
    stderr: 'tandem: --agents: batch always has the same agents. Leave it out.\n',
  });
  expect(await tandem('scenario', 'retry-storm', '--agents', '99')).toMatchObject({
    code: 1,
    stderr: 'tandem: --agents: retry-storm takes 2 to 16.\n',
  });
  const { stdout } = await tandem('scenario');
  expect(stdout.split('\n').filter(Boolean)).toHaveLength(5);
});
