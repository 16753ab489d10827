import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport, type StdioServerParameters } from '@modelcontextprotocol/client/stdio';
import type { Locator, Page } from '@playwright/test';
import * as oauth from 'openid-client';
import { call, change, expect, isAccessible, notified, openPerson, picture, test } from './fixtures.ts';
import { homeOf } from './shells.ts';

/**
 * The main job, whole: an AI client registers, asks for access, is allowed in the window, and edits with a real token the
 * person that the administrator edits.
 */
test('a client connects with OAuth, edits, and the administrator merges', async ({ window, app }) => {
  const person = await openPerson(window, 'Alan Vogel');
  const { issuer, mcp } = app.endpoints;
  const redirect = 'http://127.0.0.1:33418/';
  const client = await oauth.dynamicClientRegistration(
    new URL(issuer),
    { client_name: 'Visual Studio Code', redirect_uris: [redirect], token_endpoint_auth_method: 'none' },
    oauth.None(),
    { execute: [oauth.allowInsecureRequests] },
  );
  const verifier = oauth.randomPKCECodeVerifier();
  const begin = oauth.buildAuthorizationUrl(client, {
    redirect_uri: redirect,
    scope: 'openid offline_access scim:read scim:write',
    resource: mcp,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const browser = new Browser();
  const page = await browser.visit(begin);

  const request = window.getByRole('status', { name: 'Requests for access' });
  await expect(request).toContainText('Visual Studio Code asks for access');
  await expect(request).toContainText('127.0.0.1');
  // From the keyboard it comes before all else.
  await window.getByRole('combobox', { name: 'Tenant' }).focus();
  await window.keyboard.press('Shift+Tab');
  await expect(request.getByRole('button', { name: 'Allow' })).toBeFocused();
  // Whoever was away finds it in the inbox, with what else waits.
  await window.getByRole('button', { name: 'Inbox, 1 waits for you' }).click();
  const inbox = window.getByRole('dialog', { name: /^Inbox/ });
  await inbox.getByRole('row', { name: 'Visual Studio Code asks for access' }).click();
  await inbox.getByRole('button', { name: 'Allow' }).click();
  await expect(inbox.getByText('Nothing waits for you')).toBeVisible();
  await expect(inbox.getByRole('region', { name: 'Question' })).toHaveCount(0);
  await window.keyboard.press('Escape');
  await expect(inbox).toBeHidden();
  await expect(request).toBeEmpty();

  // The page loads itself again when the window has decided.
  const callback = await browser.visit(page);
  const tokens = await oauth.authorizationCodeGrant(client, callback, { pkceCodeVerifier: verifier }, { resource: mcp });
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const agent = new Client({ name: 'vscode', version: '1' });
  await agent.connect(new StreamableHTTPClientTransport(new URL(mcp), { requestInit: { headers } }));

  await window.getByLabel('Job title').fill('Mine');
  await change(agent, person, { title: 'Theirs', nickName: 'Al' });
  await expect(window.getByRole('status', { name: 'Conflict' })).toContainText('Visual Studio Code changed job title');
  await window.getByRole('button', { name: 'Keep mine' }).click();
  await window.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Saved');
  expect(await person.read(agent)).toMatchObject({ title: 'Mine', nickName: 'Al' });
  await agent.close();
  await openConnect(window);
  const state = card(window, 'VS Code').getByRole('status', { name: 'State of VS Code' });
  await expect(state).toContainText('Connected as Visual Studio Code in northwind');
  await expect(state).toContainText('scim_get_user');
});

/** The card of a client in the open dialog. */
function card(window: Page, name: string): Locator {
  return window.getByRole('dialog', { name: 'Connect an AI client' }).getByRole('region', { name, exact: true });
}

async function openConnect(window: Page): Promise<Locator> {
  await window.getByRole('button', { name: 'Connect an AI client' }).click();
  const dialog = window.getByRole('dialog', { name: 'Connect an AI client' });
  await expect(dialog.getByRole('region', { name: 'Cursor', exact: true })).toBeVisible();
  return dialog;
}

test('each client gets what it needs, as the person chooses', async ({ window, app }) => {
  const dialog = await openConnect(window);
  await expect(dialog).toContainText(/\w{4}-\w{4}/);
  await expect(card(window, 'Claude Code')).toContainText(`claude mcp add --transport http tandem ${app.endpoints.mcp}`);
  const link = card(window, 'VS Code').getByRole('link', { name: 'Open in VS Code' });
  const linked = async () => decodeURIComponent((await link.getAttribute('href')) ?? '');
  expect(await linked()).toBe(`vscode:mcp/install?{"name":"tandem","type":"http","url":"${app.endpoints.mcp}"}`);
  await isAccessible(window);
  await picture(window, 'window-connect-light');
  await window.emulateMedia({ colorScheme: 'dark' });
  await isAccessible(window);
  await picture(window, 'window-connect-dark');
  await dialog.getByText('Only see people').click();
  await expect.poll(linked).toContain('/mcp/readonly');
  await dialog.getByRole('combobox', { name: 'Tenant' }).click();
  await window.getByRole('option', { name: 'default', exact: false }).first().click();
  await card(window, 'Claude Desktop').getByRole('button', { name: 'Other ways' }).click();
  await expect(card(window, 'Claude Desktop')).toContainText('"--read-only"');
  await isAccessible(window);
  await window.setViewportSize({ width: 700, height: 900 });
  await picture(window, 'connect-narrow');
});

test('the settings of Claude Desktop are written when the person has seen what changes', async ({ window, app }) => {
  const folder = join(homeOf(app.data), '.config', 'Claude');
  const file = join(folder, 'claude_desktop_config.json');
  mkdirSync(folder, { recursive: true });
  const before =
    '{\n  "globalShortcut": "",\n  "mcpServers": {\n    "files": { "command": "npx", "args": ["-y", "files"] }\n  }\n}\n';
  writeFileSync(file, before);
  await openConnect(window);
  const claude = card(window, 'Claude Desktop');
  await claude.getByRole('button', { name: 'Add to Claude Desktop' }).click();
  await expect(claude.getByRole('region', { name: 'What changes' })).toContainText('"tandem"');
  await isAccessible(window);
  await picture(window, 'connect-diff-light');
  // Claude Desktop changes its file at the same moment.
  const changed = before.replace('""', '"Ctrl+Space"');
  writeFileSync(file, changed);
  await claude.getByRole('button', { name: 'Write it' }).click();
  await expect(claude.getByText('The file has changed meanwhile')).toBeVisible();
  expect(readFileSync(file, 'utf8')).toBe(changed);
  await claude.getByRole('button', { name: 'Write it' }).click();
  await notified(window, 'are written');
  await expect(claude.getByRole('status', { name: 'State of Claude Desktop' })).toContainText('Waiting for it to connect');
  const { globalShortcut, mcpServers } = JSON.parse(readFileSync(file, 'utf8')) as Settings;
  expect(globalShortcut).toBe('Ctrl+Space');
  expect(Object.keys(mcpServers)).toEqual(['files', 'tandem']);
  const backups = readdirSync(folder).filter((name) => name.includes('.tandem-backup-'));
  expect(backups.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([changed]);

  await claude.getByRole('button', { name: 'Undo' }).click();
  await notified(window, 'as they were');
  expect(readFileSync(file, 'utf8')).toBe(changed);
});

test('what Claude Desktop is given works, and it is recognised', async ({ window, app }) => {
  await openConnect(window);
  const claude = card(window, 'Claude Desktop');
  await claude.getByRole('button', { name: 'Add to Claude Desktop' }).click();
  await claude.getByRole('button', { name: 'Write it' }).click();
  await notified(window, 'are written');
  const written = readFileSync(join(homeOf(app.data), '.config', 'Claude', 'claude_desktop_config.json'), 'utf8');
  const entry = (JSON.parse(written) as Settings).mcpServers['tandem'];
  const desktop = new Client({ name: 'claude-ai', version: '1' });
  await desktop.connect(
    new StdioClientTransport({
      ...entry,
      env: { ...getDefaultEnvironment(), ...entry?.env },
      stderr: 'inherit',
    } as StdioServerParameters),
  );
  await call(desktop, 'scim_list_users', { count: 0 });
  await expect(claude.getByRole('status', { name: 'State of Claude Desktop' })).toContainText('Connected as claude-ai');
  await expect(claude.getByRole('status', { name: 'State of Claude Desktop' })).toContainText('scim_list_users');
  await desktop.close();

  await claude.getByRole('button', { name: 'Test the connection' }).click();
  await expect(claude.getByRole('group', { name: 'Test of the connection' })).toContainText('It works');
  await picture(window, 'connect-test-light');
});

test('a client that connects is seen, and the way that it takes is tried', async ({ window, mcp }) => {
  const dialog = await openConnect(window);
  const other = card(window, 'Any other client');
  await other.getByRole('button', { name: 'Make a key' }).click();
  await other.getByRole('textbox', { name: 'Name' }).fill('My script');
  await other.getByRole('button', { name: 'Make the key' }).click();
  await expect(other).toContainText(/"Authorization": "Bearer tandem_/);
  await card(window, 'VS Code').getByRole('button', { name: 'Test the connection' }).click();
  const steps = card(window, 'VS Code').getByRole('group', { name: 'Test of the connection' });
  await expect(steps).toContainText('It works');
  await expect(steps).toContainText('people can be read');
  // The test is not taken for a client.
  await expect(dialog.getByText('No client is connected')).toBeVisible();
  await mcp({ name: 'nightly report' });
  await expect(other.getByRole('status', { name: 'State of Any other client' })).toContainText('nightly report');
  await expect(dialog.getByText('1 client connected')).toBeVisible();
});

interface Settings {
  globalShortcut: string;
  mcpServers: Record<string, { command: string; args: string[]; env?: Record<string, string> }>;
}

/** As much of a browser as a sign-in needs: cookies and redirects, up to the client's own address. */
class Browser {
  readonly #cookies = new Map<string, string>();
  #origin: string | undefined;

  async visit(address: string | URL): Promise<URL> {
    const url = new URL(address);
    this.#origin ??= url.origin;
    if (url.origin !== this.#origin) return url;
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const next = response.headers.get('location');
    return next === null ? url : this.visit(new URL(next, url));
  }
}
