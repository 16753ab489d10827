import { expect, test } from 'vitest';
import { guidesFor, type Reach } from './guides.ts';

const reach: Reach = {
  mcpUrl: 'http://127.0.0.1:4810/mcp',
  stdio: { command: '/opt/My Apps/tandem', args: ['mcp', '--data', "/home/o'neil"], env: { ELECTRON_RUN_AS_NODE: '1' } },
  platform: 'linux',
};
const guide = (kind: string, readOnly = false) =>
  guidesFor(reach, { tenant: 'northwind', readOnly }).find((each) => each.kind === kind);

test('links are what VS Code and Cursor read', () => {
  const vsCode = new URL(guide('vs-code')?.link ?? '');
  expect([vsCode.protocol, vsCode.pathname]).toEqual(['vscode:', 'mcp/install']);
  expect(JSON.parse(decodeURIComponent(vsCode.search.slice(1)))).toEqual({ name: 'tandem', type: 'http', url: reach.mcpUrl });
  const cursor = new URL(guide('cursor', true)?.link ?? '');
  expect(cursor.href).toMatch(/^cursor:\/\/anysphere\.cursor-deeplink\/mcp\/install\?name=tandem&config=/);
  expect(JSON.parse(atob(cursor.searchParams.get('config') ?? ''))).toEqual({ url: `${reach.mcpUrl}/readonly` });
});

test('commands carry the tenant and can be pasted into a shell', () => {
  expect(guide('claude-code')?.command?.text).toBe('claude mcp add --transport http tandem http://127.0.0.1:4810/mcp');
  expect(guide('claude-code', true)?.texts.at(-1)?.text).toBe(
    `claude mcp add tandem -e ELECTRON_RUN_AS_NODE=1 -- '/opt/My Apps/tandem' mcp --data '/home/o'\\''neil' --tenant northwind --read-only`,
  );
  expect(JSON.parse(guide('claude-desktop')?.texts[0]?.text ?? '')).toEqual({
    mcpServers: { tandem: { ...reach.stdio, args: [...reach.stdio.args, '--tenant', 'northwind'] } },
  });
});
