import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { _electron, test as base, chromium, expect, type Page } from '@playwright/test';
import type { Endpoints } from '../src/main/app.ts';

export { expect };

const root = join(import.meta.dirname, '..');
const node = process.execPath;
const env = { ...(process.env as Record<string, string>), TANDEM_SECRETS: 'file', LOG_LEVEL: 'error' };
const asRoot = process.getuid?.() === 0;

export interface RunningApp {
  endpoints: Pick<Endpoints, 'mcp' | 'issuer'>;
  data: string;
  window: Page;
}

interface Fixtures {
  /** Whether the directory begins with the sample company. */
  sample: boolean;
  /** The app with its window, on a data folder of its own. */
  app: RunningApp;
  window: Page;
  /** Connects an AI client with an access key that `tandem token` has made. */
  mcp: (options?: { tenant?: string }) => Promise<Client>;
}

export const test = base.extend<Fixtures>({
  sample: [true, { option: true }],
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the pattern
  app: async ({ sample }, use, info) => {
    const data = mkdtempSync(join(tmpdir(), 'tandem-e2e-'));
    const start = info.project.name === 'electron' ? startInElectron : startInBrowser;
    const { app, close } = await start(data, sample);
    await use(app);
    await close();
    rmSync(data, { recursive: true, force: true });
  },
  window: async ({ app }, use) => {
    const faults: string[] = [];
    app.window.on('pageerror', (error) => faults.push(error.message));
    app.window.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) faults.push(message.text());
    });
    await use(app.window);
    expect(faults, 'the window reported no fault').toEqual([]);
  },
  mcp: async ({ app }, use) => {
    const clients: Client[] = [];
    await use(async ({ tenant = 'northwind' } = {}) => {
      const args = ['token', '--data', app.data, '--tenant', tenant, '--scope', 'scim:read scim:write', '--name', 'e2e agent'];
      const { stdout } = await promisify(execFile)(node, [join(root, 'out/main/tandem.js'), ...args], { env });
      const headers = { authorization: `Bearer ${stdout.trim().split('\n').at(-1)}` };
      const client = new Client({ name: 'e2e', version: '1' }, { versionNegotiation: { mode: 'auto' } });
      await client.connect(new StreamableHTTPClientTransport(new URL(app.endpoints.mcp), { requestInit: { headers } }));
      clients.push(client);
      return client;
    });
    for (const client of clients) await client.close();
  },
});

async function startInBrowser(data: string, sample: boolean) {
  const args = ['serve', '--data', data, '--port', '0', '--json', ...(sample ? ['--sample'] : [])];
  const host = spawn(node, [join(root, 'out/main/tandem.js'), ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: host.stdout }).once('line', resolve);
    host.once('exit', (code) => reject(new Error(`tandem serve ended with ${code}`)));
  });
  const ready = JSON.parse(line) as Endpoints & { window: string };
  const executablePath = process.env['TANDEM_TEST_BROWSER'];
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    chromiumSandbox: !asRoot,
    args: ['--disable-gpu'],
  });
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 } });
  const window = await context.newPage();
  await window.goto(ready.window);
  return {
    app: { endpoints: ready, data, window },
    async close() {
      await browser.close();
      const exited = new Promise((resolve) => host.once('exit', resolve));
      host.kill('SIGTERM');
      await exited;
    },
  };
}

async function startInElectron(data: string, sample: boolean) {
  const executablePath = process.env['ELECTRON_EXEC_PATH'];
  const args = [
    ...(asRoot ? ['--no-sandbox'] : []),
    join(root, process.env['TANDEM_ELECTRON_OUT'] ?? 'out', 'main', 'electron.js'),
  ];
  const electron = await _electron.launch({
    ...(executablePath && { executablePath }),
    args: [...args, '--data', data, '--port', '0', ...(sample ? ['--sample'] : [])],
    env,
  });
  const window = await electron.firstWindow();
  await window.setViewportSize({ width: 1360, height: 860 });
  const about = await window.evaluate(async () => {
    const response = await fetch('/trpc/app.about');
    return ((await response.json()) as { result: { data: { mcpUrl: string } } }).result.data;
  });
  const issuer = new URL(about.mcpUrl).origin;
  return {
    app: { endpoints: { mcp: about.mcpUrl, issuer }, data, window },
    close: () => electron.close(),
  };
}

/** A person of the directory, as an agent reads them. */
export interface OpenedPerson {
  id: string;
  read(agent: Client): Promise<Record<string, unknown>>;
}

/** Opens somebody in the window by searching for them. */
export async function editing(window: Page, name: string): Promise<void> {
  await window.getByRole('textbox', { name: 'Search people' }).fill(name);
  // Until the answer is there, the rows are still those of the search before.
  await expect(window.getByText('1 person found')).toBeVisible();
  await window
    .getByRole('row', { name: new RegExp(name) })
    .first()
    .click();
  await expect(window.getByRole('heading', { name, exact: true })).toBeVisible();
}

export async function openPerson(window: Page, name: string): Promise<OpenedPerson> {
  const answered = window.waitForResponse((response) => response.url().includes('people.get') && response.ok());
  await editing(window, name);
  const body = (await (await answered).json()) as { result?: { data: { resource?: { id: string } } } }[];
  const id = [body].flat().find(({ result }) => result?.data.resource)?.result?.data.resource?.id ?? '';
  expect(id).not.toBe('');
  return { id, read: async (agent) => contentOf(await agent.callTool({ name: 'scim_get_user', arguments: { user_id: id } })) };
}

/** Changes a person as an agent does: reads, changes, and writes with the version that it has read. */
export async function change(agent: Client, person: OpenedPerson, fields: Record<string, unknown>): Promise<void> {
  const { _version, ...record } = await person.read(agent);
  const result = await agent.callTool({
    name: 'scim_update_user',
    arguments: { user_id: person.id, user_data: { ...record, ...fields }, expected_version: _version },
  });
  expect(result.isError ?? false).toBe(false);
}

function contentOf(result: { structuredContent?: unknown }): Record<string, unknown> {
  return (result.structuredContent as { content: Record<string, unknown> }).content;
}

/** Waits for the notification that says so. */
export async function notified(window: Page, text: string): Promise<void> {
  await expect(window.locator('.mantine-Notification-root').filter({ hasText: text }).first()).toBeVisible();
}
