import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { test as base, expect, type Browser, type Page } from '@playwright/test';
import type { HostAddress } from '../src/main/host-address.ts';
import { startInBrowser, startInElectron, type RunningApp } from './shells.ts';

export { expect };

interface KeyOptions {
  tenant?: string;
  scope?: string;
  /** What people know the agent by. */
  name?: string;
  /** A toolset, or `all`, for tools that are not at /mcp. */
  toolset?: string;
}

/** A file that a window has saved. */
export interface SavedFile {
  name: string;
  text: string;
}

interface Fixtures {
  /** Whether the directory begins with the sample company. */
  sample: boolean;
  /** The app with its window, on a data folder of its own. */
  app: RunningApp;
  /** The app's window, when it can be used. */
  window: Page;
  /** What the window saves as a file after a click. */
  saved: (click: () => Promise<void>) => Promise<SavedFile>;
  /** Makes an access key as `tandem token` does, of the running app. */
  accessKey: (options?: KeyOptions) => Promise<string>;
  /** Connects an AI client with an access key. */
  mcp: (options?: KeyOptions) => Promise<Client>;
}

export const test = base.extend<Fixtures, { chrome: Browser | undefined }>({
  chrome: [
    async ({ playwright }, use, { project }) => {
      const browser = project.name === 'chromium' ? await playwright.chromium.launch(project.use.launchOptions) : undefined;
      await use(browser);
      await browser?.close();
    },
    { scope: 'worker' },
  ],
  sample: [true, { option: true }],
  app: async ({ chrome, sample }, use) => {
    const data = mkdtempSync(join(tmpdir(), 'tandem-e2e-'));
    const app = chrome ? await startInBrowser(chrome, data, sample) : await startInElectron(data, sample);
    await use(app);
    await app.close();
    rmSync(data, { recursive: true, force: true });
  },
  window: async ({ app }, use) => {
    const { window, faults } = app;
    await expect(window.getByText('Live:').or(window.getByRole('heading', { name: 'Welcome to Tandem' }))).toBeVisible();
    await use(window);
    expect(faults, 'the window reported no fault').toEqual([]);
  },
  saved: async ({ app, window }, use) => {
    await use(async (click) => {
      if (!app.electron) {
        const saving = window.waitForEvent('download');
        await click();
        const download = await saving;
        return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
      }
      // Electron would ask where, in a dialog of the system.
      const path = join(app.data, 'saved-file');
      await app.electron.evaluate(({ session }, savePath) => {
        const savedAs = new Promise<string>((resolve) => {
          session.defaultSession.once('will-download', (_event, item) => {
            const name = item.getFilename();
            item.setSavePath(savePath);
            item.once('done', () => resolve(name));
          });
        });
        Object.assign(globalThis, { savedAs });
      }, path);
      await click();
      const name = await app.electron.evaluate(() => (globalThis as { savedAs?: Promise<string> }).savedAs ?? '');
      return { name, text: readFileSync(path, 'utf8') };
    });
  },
  accessKey: async ({ app }, use) => {
    await use(async ({ tenant = 'northwind', scope = 'scim:read scim:write', name = 'e2e agent' } = {}) => {
      // Without a process for each, which costs a second; the command itself has tests of its own.
      const { origin, controlKey } = JSON.parse(readFileSync(join(app.data, 'host.json'), 'utf8')) as HostAddress;
      const response = await fetch(`${origin}/control/access-key`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${controlKey}` },
        body: JSON.stringify({ tenant, scopes: scope.split(' '), name }),
      });
      expect(response.status).toBe(200);
      return ((await response.json()) as { key: string }).key;
    });
  },
  mcp: async ({ app, accessKey }, use) => {
    const clients: Client[] = [];
    await use(async (options) => {
      const headers = { authorization: `Bearer ${await accessKey(options)}` };
      const client = new Client({ name: 'e2e', version: '1' }, { versionNegotiation: { mode: 'auto' } });
      const address = options?.toolset ? `${app.endpoints.mcp}/x/${options.toolset}` : app.endpoints.mcp;
      await client.connect(new StreamableHTTPClientTransport(new URL(address), { requestInit: { headers } }));
      clients.push(client);
      return client;
    });
    for (const client of clients) await client.close();
  },
});

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

/** Finds somebody by their user name, as an agent does. */
export async function found(agent: Client, userName: string): Promise<OpenedPerson> {
  const search = { attribute: 'userName', value: userName };
  const { structuredContent } = await agent.callTool({ name: 'scim_search_users', arguments: search });
  const id = /"id":"([^"]+)"/.exec(JSON.stringify(structuredContent))?.[1] ?? '';
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

/** Calls a tool as an agent does, and answers with its content. */
export async function call(agent: Client, name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
  const result = await agent.callTool({ name, arguments: args });
  expect(result.isError ?? false, JSON.stringify(result.content)).toBe(false);
  return contentOf(result);
}

/** Adds a group as an agent does. @returns its id. */
export async function addGroup(agent: Client, displayName: string, ids: readonly string[] = []): Promise<string> {
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
  const group = { schemas, displayName, members: ids.map((value) => ({ value })) };
  return String((await call(agent, 'scim_create_group', { group_data: group }))['id']);
}

function contentOf(result: { structuredContent?: unknown }): Record<string, unknown> {
  return (result.structuredContent as { content: Record<string, unknown> }).content;
}

/** Runs a command from the palette. @param text of its label, no matter the case. */
export async function runCommand(window: Page, text: string): Promise<void> {
  await window.keyboard.press('ControlOrMeta+k');
  // Keys that are pressed before the palette is there go elsewhere.
  await window.getByRole('textbox', { name: 'What do you want to do?' }).fill(text);
  await expect(window.getByRole('dialog').getByRole('button', { name: text }).first()).toBeVisible();
  await window.keyboard.press('Enter');
}

/** Waits for the notification that says so. */
export async function notified(window: Page, text: string): Promise<void> {
  await expect(window.locator('.mantine-Notification-root').filter({ hasText: text }).first()).toBeVisible();
}

/** Pictures for the documentation, made when TANDEM_SCREENSHOTS names their folder. */
export async function picture(window: Page, name: string): Promise<void> {
  const { TANDEM_SCREENSHOTS: folder } = process.env;
  if (folder) await window.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}

/** Fails with what WCAG 2.2 AA finds in the window as it is now. */
export async function isAccessible(window: Page) {
  // Without the details of what passes, and in this page alone, an analysis takes a quarter of the time. Electron's context
  // could not open the second page that axe otherwise uses to collect from frames, of which there are none.
  const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const builder = new AxeBuilder({ page: window })
    .options({ runOnly: { type: 'tag', values }, resultTypes: ['violations'] })
    .setLegacyMode();
  // What is on its way in or out is half transparent, which is not how it is read.
  await window.evaluate(async () => {
    const ending = document.getAnimations().filter((animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime));
    const late = new Promise((resolve) => setTimeout(resolve, 2000));
    await Promise.race([Promise.allSettled(ending.map(({ finished }) => finished)), late]);
  });
  const { violations } = await builder.analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}
