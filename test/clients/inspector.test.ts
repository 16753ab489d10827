import { afterEach, beforeEach, expect, test } from 'vitest';
import { installed, run } from './processes.ts';
import { openStage, type Stage } from './stage.ts';
import { expectBothKept, workThroughConflict, type Answer } from './through-conflict.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

/** Without a terminal it signs in only where it is told to open a browser; what it is given it keeps in a file of its home. */
const withBrowser = { MCP_AUTO_OPEN_ENABLED: 'true', MCP_INSPECTOR_SECRET_STORE: 'file' };

/** What its exit status says of a tool that refused. */
const toolRefused = 5;

/** The Inspector's command line: a process for each call. */
function inspector(options: string[]) {
  const ask = async (...args: string[]): Promise<Record<string, unknown>> => {
    const ended = await run(
      process.execPath,
      [
        installed('.bin', 'mcp-inspector'),
        '--cli',
        '--quiet',
        '--format=json',
        '--transport=http',
        `--server-url=${stage.host.app.endpoints.mcp}`,
        ...options,
        ...args,
      ],
      { env: { ...stage.env, ...withBrowser }, cwd: stage.folder },
    );
    if (ended.code !== 0 && ended.code !== toolRefused)
      throw new Error(`the Inspector ended with ${ended.code}:\n${ended.stdout}\n${ended.stderr}`);
    return (JSON.parse(ended.stdout) as { result: Record<string, unknown> }).result;
  };
  return {
    tools: async () => ((await ask('--method', 'tools/list'))['tools'] as { name: string }[]).map(({ name }) => name),
    call: async (tool: string, args: Record<string, unknown>) => {
      const result = await ask('--method', 'tools/call', '--tool-name', tool, '--tool-args-json', JSON.stringify(args));
      return result['structuredContent'] as Answer;
    },
  };
}

test.each(['legacy', 'modern'])('the Inspector, with an access key, protocol %s', async (era) => {
  const key = await stage.host.accessKey({ name: 'Inspector' });
  const client = inspector(['--protocol-era', era, '--header', `Authorization: Bearer ${key}`]);
  const id = await workThroughConflict(stage, client);
  await expectBothKept(stage, id, 'Inspector', { signedIn: false });
});

test('the Inspector, signed in with OAuth in a browser, and with what it has kept of that', async () => {
  const signingIn = await inspector(['--protocol-era', 'legacy']).tools();
  expect(signingIn).toContain('scim_patch_user');
  expect(stage.consents).toEqual([expect.stringContaining('MCP Inspector')]);
  const id = await workThroughConflict(stage, inspector(['--protocol-era', 'legacy', '--use-stored-auth']));
  expect(stage.consents).toHaveLength(1);
  await expectBothKept(stage, id, 'MCP Inspector');
});
