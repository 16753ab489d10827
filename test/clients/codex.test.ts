import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startFakeModel, type FakeModel } from '../fake-model.ts';
import { addAda, expectTold, throughConflict, wish } from './agent-script.ts';
import { installed, missing, run } from './processes.ts';
import { openStage, type Stage } from './stage.ts';
import { expectBothKept, replace } from './through-conflict.ts';

const program = installed('.bin', 'codex');
const reason = missing(installed('@openai', `codex-${process.platform}-${process.arch}`, 'package.json'));
if (reason) console.warn(`Codex is skipped: ${reason}`);

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

/** Writes `~/.codex/config.toml`. @param server what docs/clients.md says to put there. */
function configure(server: string): void {
  mkdirSync(join(stage.home, '.codex'));
  const config = `model = "scripted"
model_provider = "scripted"
mcp_oauth_credentials_store = "file"

[model_providers.scripted]
name = "Scripted"
base_url = "${model.url}"
wire_api = "responses"

[mcp_servers.tandem]
url = "${stage.host.app.endpoints.mcp}"
${server}`;
  writeFileSync(join(stage.home, '.codex', 'config.toml'), config);
}

const codex = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
  const ended = await run(process.execPath, [program, ...args], { env: { ...stage.env, ...env }, cwd: stage.folder });
  if (ended.code !== 0) throw new Error(`codex ${args[0]} ended with ${ended.code}:\n${ended.stdout}\n${ended.stderr}`);
  return ended.stdout;
};

const named = (name: string) => ({ name, namespace: 'mcp__tandem' });

/** Without it, `codex exec` runs no tool that can change what is there, since nobody is there to be asked. */
const approved = 'default_tools_approval_mode = "approve"\n';

test.skipIf(reason !== undefined)('Codex, signed in with codex mcp login', async () => {
  configure(approved);
  const id = await addAda(stage);
  expect(await codex(['mcp', 'login', 'tandem'])).toContain('Successfully logged in');
  expect(stage.consents).toEqual([expect.stringContaining('Codex asks for access')]);
  const { script, answers } = throughConflict(stage, id, named);
  model.script = script;
  expect(await codex(['exec', '--json', '--skip-git-repo-check', wish])).toContain('British English now');
  expectTold(answers);
  await expectBothKept(stage, id, 'Codex', { own: 1 });
});

test.skipIf(reason !== undefined)('Codex, with an access key from the environment', async () => {
  configure(`bearer_token_env_var = "TANDEM_KEY"\n${approved}`);
  const id = await addAda(stage);
  const key = await stage.host.accessKey({ name: 'Codex in a script' });
  const { script, answers } = throughConflict(stage, id, named);
  model.script = script;
  await codex(['exec', '--json', '--skip-git-repo-check', wish], { TANDEM_KEY: key });
  expectTold(answers);
  await expectBothKept(stage, id, 'Codex in a script', { own: 1, signedIn: false });
});

test.skipIf(reason !== undefined)(
  'Codex without a person refuses by itself to change anything, unless it was told that it may',
  async () => {
    configure('bearer_token_env_var = "TANDEM_KEY"\n');
    const id = await addAda(stage);
    const args = { user_id: id, operations: replace({ title: 'Principal engineer' }) };
    model.script = ({ results }) =>
      results.length === 0 ? { calls: [{ ...named('scim_patch_user'), args }] } : { text: `I was told: ${results.join(' ')}` };
    const said = await codex(['exec', '--json', '--skip-git-repo-check', wish], { TANDEM_KEY: await stage.host.accessKey() });
    expect(said).toContain('requires approval');
    expect((await stage.directory.get(stage.administrator, 'User', id)).resource).toMatchObject({ title: 'Engineer' });
  },
);
