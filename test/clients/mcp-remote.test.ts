import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installed } from './processes.ts';
import { openStage, type Stage } from './stage.ts';
import { expectBothKept, overSdk, workThroughConflict } from './through-conflict.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

/** Starts the bridge as a desktop app does, which talks to it over standard input and output. */
async function connect(args: string[] = [], env: Record<string, string> = {}) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [installed('mcp-remote', 'dist', 'proxy.js'), stage.host.app.endpoints.mcp, '--transport', 'http-only', ...args],
    env: { ...(stage.env as Record<string, string>), ...env },
    cwd: stage.folder,
    stderr: 'pipe',
  });
  let said = '';
  transport.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  const client = new Client({ name: 'desktop-app', version: '1' });
  await client.connect(transport, { timeout: 60_000 }).catch((error: unknown) => {
    throw new Error(`mcp-remote did not connect:\n${said}`, { cause: error });
  });
  return client;
}

test.each([[[]], [['--protocol', 'auto']]])('mcp-remote, signed in with OAuth in a browser %j', async (args) => {
  const client = await connect(args);
  const id = await workThroughConflict(stage, overSdk(client));
  await client.close();
  expect(stage.consents).toEqual([expect.stringContaining('MCP CLI Proxy')]);
  await expectBothKept(stage, id, 'MCP CLI Proxy');
  // What it has kept at home opens the next one, and nobody is asked.
  const again = await connect(args);
  expect(await overSdk(again).call('scim_get_user', { user_id: id })).toMatchObject({ success: true });
  await again.close();
  expect(stage.consents).toHaveLength(1);
});

test('mcp-remote, with an access key', async () => {
  const key = await stage.host.accessKey({ name: 'Bridge' });
  const client = await connect(['--header', 'Authorization:${AUTH_HEADER}'], { AUTH_HEADER: `Bearer ${key}` });
  const id = await workThroughConflict(stage, overSdk(client));
  await client.close();
  await expectBothKept(stage, id, 'Bridge', { signedIn: false });
});
