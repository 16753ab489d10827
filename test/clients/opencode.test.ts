import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startFakeModel, type FakeModel } from '../fake-model.ts';
import { addAda, expectTold, throughConflict, wish } from './agent-script.ts';
import { installed, missing, run } from './processes.ts';
import { openStage, type Stage } from './stage.ts';
import { expectBothKept } from './through-conflict.ts';

/** The builds for processors without AVX2, which run on all. */
const build = { x64: 'opencode-linux-x64-baseline', arm64: 'opencode-linux-arm64' }[process.arch as string];
const program = installed(build ?? 'opencode', 'bin', 'opencode');
const reason = process.platform === 'linux' ? missing(program) : 'it is tested on Linux only';
if (reason) console.warn(`opencode is skipped: ${reason}`);

let stage: Stage;
let model: FakeModel;
beforeEach(async () => {
  stage = await openStage();
  model = await startFakeModel(() => ({ text: 'Not yet.' }));
});
afterEach(async () => {
  await model.close();
  await stage.close();
});

/** Writes `~/.config/opencode/opencode.json`. @param server what docs/clients.md says to put there. */
function configure(server: Record<string, unknown>): void {
  const folder = join(stage.home, '.config', 'opencode');
  mkdirSync(folder, { recursive: true });
  const scripted = {
    npm: '@ai-sdk/openai-compatible',
    options: { baseURL: model.url, apiKey: 'none' },
    models: { 'fake-1': {} },
  };
  const config = {
    autoupdate: false,
    model: 'scripted/fake-1',
    small_model: 'scripted/fake-1',
    provider: { scripted },
    mcp: { tandem: { type: 'remote', url: stage.host.app.endpoints.mcp, ...server } },
  };
  writeFileSync(join(folder, 'opencode.json'), JSON.stringify(config));
}

/** What it would fetch at its start and does not need. */
const offline = { OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1' };

const opencode = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
  const ended = await run(program, args, { env: { ...stage.env, ...offline, ...env }, cwd: stage.folder });
  if (ended.code !== 0) throw new Error(`opencode ${args[0]} ended with ${ended.code}:\n${ended.stdout}\n${ended.stderr}`);
  return ended.stdout;
};

const named = (tool: string) => ({ name: `tandem_${tool}` });

test.skipIf(reason !== undefined)('opencode, signed in with opencode mcp auth', async () => {
  configure({});
  const id = await addAda(stage);
  expect(await opencode(['mcp', 'auth', 'tandem'])).toContain('Authentication successful');
  expect(stage.consents).toEqual([expect.stringContaining('OpenCode asks for access')]);
  const { script, answers } = throughConflict(stage, id, named);
  model.script = script;
  expect(await opencode(['run', '--format', 'json', wish])).toContain('British English now');
  expectTold(answers);
  await expectBothKept(stage, id, 'OpenCode', { own: 1 });
});

test.skipIf(reason !== undefined)('opencode, with an access key', async () => {
  const key = await stage.host.accessKey({ name: 'opencode in a script' });
  configure({ oauth: false, headers: { Authorization: 'Bearer {env:TANDEM_KEY}' } });
  const id = await addAda(stage);
  const { script, answers } = throughConflict(stage, id, named);
  model.script = script;
  await opencode(['run', '--format', 'json', wish], { TANDEM_KEY: key });
  expectTold(answers);
  await expectBothKept(stage, id, 'opencode in a script', { own: 1, signedIn: false });
});
