import { expect, test } from 'vitest';
import { guidesFor } from './connect/guides.ts';
import { isOpenedOutside } from './outside-links.ts';

test('the links that connect clients are opened, and nothing else of another program', () => {
  const reach = { mcpUrl: 'http://127.0.0.1:4810/mcp', stdio: { command: 'tandem', args: [] }, platform: process.platform };
  const links = guidesFor(reach, { tenant: 'default', readOnly: false }).flatMap(({ link }) => link ?? []);
  expect(links).toHaveLength(2);
  for (const link of links) expect(isOpenedOutside(link), link).toBe(true);
  for (const url of [
    'vscode://file/etc/passwd',
    'vscode:extension/evil',
    'cursor://anysphere.cursor-deeplink/prompt?text=rm',
    'cursor://evil/mcp/install?',
    'file:///etc/passwd',
    'search-ms:query=secret',
    'javascript:alert(1)',
    'xvscode:mcp/install?',
  ])
    expect(isOpenedOutside(url), url).toBe(false);
});
