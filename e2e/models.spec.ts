import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { startFakeMcp } from '../test/fake-mcp.ts';
import { startFakeModel, type FakeModel, type Said } from '../test/fake-model.ts';
import { expect, found, isAccessible, test as base } from './fixtures.ts';
import { serve } from './shells.ts';

const key = 'key-of-the-test';
const test = base.extend<{ model: FakeModel }>({
  // A model server of this computer; each test says what it answers.
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads from the pattern what a fixture needs
  model: async ({}, use) => {
    const model = await startFakeModel(() => ({ text: 'Nothing was scripted.' }), { key, models: ['fake-1', 'fake-2'] });
    await use(model);
    await model.close();
  },
});

const logOf = (window: Page) => window.getByRole('log', { name: 'Conversation with the agent' });
const say = async (window: Page, text: string) => {
  await window.getByLabel('Message to the agent').fill(text);
  await window.keyboard.press('Enter');
};

/** Adds the model server in the settings, and chooses its model for the next conversation. */
async function choose(window: Page, { url }: FakeModel) {
  await window.getByRole('button', { name: /^Model: / }).click();
  await window.getByRole('menuitem', { name: 'Models, servers and permissions …' }).click();
  const dialog = window.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Add a model' }).click();
  await dialog.getByRole('combobox', { name: 'Kind' }).click();
  await window.getByRole('option', { name: 'Other, OpenAI-compatible' }).click();
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('My model');
  await dialog.getByRole('textbox', { name: 'Address' }).fill('nowhere');
  await dialog.getByRole('textbox', { name: 'Name of model 1' }).fill('fake-1');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(dialog.getByText(/Give a whole address/)).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Address' }).fill(url);
  await dialog.getByRole('button', { name: 'Test connection' }).click();
  await expect(dialog.getByRole('status', { name: 'Test of the connection' })).toContainText(/key/i);
  await dialog.getByLabel('Key', { exact: true }).fill(key);
  await dialog.getByRole('button', { name: 'Test connection' }).click();
  await dialog.getByRole('button', { name: 'Add fake-2' }).click();
  await dialog
    .getByRole('textbox', { name: 'Price of a million tokens read by model 1' })
    .or(dialog.getByLabel('Price of a million tokens read by model 1'))
    .first()
    .fill('2');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(dialog.getByRole('list', { name: 'Models' })).toContainText('with a key');
  await isAccessible(window);
  await window.keyboard.press('Escape');
  await window.getByRole('button', { name: /^Model: / }).click();
  await window.getByRole('menuitemradio', { name: /fake-1/ }).click();
  await expect(window.getByRole('button', { name: /^Model: .*fake-1/ })).toBeVisible();
}

test('a model of one’s own is added, tested and chosen; its answer streams, and what it uses is counted', async ({
  window,
  model,
}) => {
  await choose(window, model);
  const table = '## Sales\n\n| Name | Title |\n|---|---|\n| Alan | Lead |\n\n[more](https://example.com) and `code`';
  model.script = () => ({ fault: 'drip', ms: 120, text: table.split(/(?<= )/), usage: { input: 1200, output: 34 } });
  await say(window, 'Who is in Sales?');
  const log = logOf(window);
  await expect(log.getByRole('table')).toBeVisible();
  // While it streams, it can be stopped.
  await expect(window.getByRole('button', { name: 'Stop', exact: true })).toBeVisible();
  await expect(log.getByRole('link', { name: 'more' })).toHaveAttribute('rel', /noopener/);
  await expect(window.getByRole('button', { name: /^Used so far: 1,234 tokens/ })).toBeVisible();
  const facts = window.getByText('Read by the model');
  await window.getByRole('button', { name: /^Used so far/ }).click();
  await expect(facts).toBeVisible();
  await window.keyboard.press('Escape');
  await expect(facts).toBeHidden();
  await window.getByRole('button', { name: /^Used so far/ }).click();
  await expect(facts).toBeVisible();
  // It does not stay over what is written next.
  await window.keyboard.press('ControlOrMeta+J');
  await expect(facts).toBeHidden();

  const steps = [
    { text: 'Find who is in Sales', state: 'done' },
    { text: 'Count them', state: 'doing' },
  ];
  model.script = ({ results }) =>
    results.length === 0 ? { calls: [{ name: 'show_plan', args: { steps } }] } : { text: 'I am at it.' };
  await say(window, 'Count who is in Sales, step by step');
  await expect(log.getByRole('region', { name: 'Plan' }).getByRole('listitem')).toHaveText([
    'Done: Find who is in Sales',
    'At work: Count them',
  ]);
  await expect(log).toContainText('I am at it.');
  await isAccessible(window);
});

test('what the model was not asked for needs a permission; a failure says what to do, and is tried again', async ({
  window,
  model,
  mcp,
}) => {
  const agent = await mcp();
  const vogel = await found(agent, 'alan.vogel@northwind.example');
  const deleting: Said = { calls: [{ name: 'scim_delete_user', args: { user_id: vogel.id } }] };
  await choose(window, model);
  model.script = () => ({ fault: 'status', status: 400, message: 'this model does not exist' });
  await say(window, 'Clean up the directory');
  const log = logOf(window);
  await expect(log.getByRole('button', { name: 'Look at the models' })).toBeVisible();
  model.script = ({ results }) => (results.length === 0 ? deleting : { text: `Heard: ${results.join(' ').slice(0, 200)}` });
  await log.getByRole('button', { name: 'Try again' }).click();
  const question = log.getByRole('group', { name: /^Question/ });
  await expect(question).toContainText('Delete a person');
  await expect(question).toContainText('Alan Vogel');
  await isAccessible(window);
  await question.getByRole('button', { name: 'No', exact: true }).click();
  await expect(log).toContainText('You did not allow it.');
  await expect(log).toContainText('did not allow this call');
  expect((await vogel.read(agent))['userName']).toBe('alan.vogel@northwind.example');
});

test('a tool of another server is allowed for good, used without asking, and asked for again when that is taken back', async ({
  window,
  model,
}) => {
  const other = await startFakeMcp('2026');
  await choose(window, model);
  const dialog = window.getByRole('dialog');
  const settings = async (tab: string) => {
    await window.getByRole('button', { name: /^Model: / }).click();
    await window.getByRole('menuitem', { name: 'Models, servers and permissions …' }).click();
    await dialog.getByRole('tab', { name: tab }).click();
  };
  await settings('Other MCP servers');
  await dialog.getByRole('button', { name: 'Add a server' }).click();
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Parrot');
  await dialog.getByRole('textbox', { name: 'Address' }).fill(other.url);
  await dialog.getByRole('button', { name: 'Test connection' }).click();
  await expect(dialog.getByRole('status', { name: 'Test of the connection' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(dialog.getByRole('list', { name: 'Other MCP servers' })).toContainText('Parrot');
  await isAccessible(window);
  await window.keyboard.press('Escape');

  model.script = ({ results, tools }) =>
    results.length === 0
      ? { calls: [{ name: tools.find((name) => name.endsWith('echo')) ?? '', args: { text: 'Hello' } }] }
      : { text: 'It has said it.' };
  const log = logOf(window);
  const said = log.getByText('It has said it.');
  await say(window, 'Let the parrot say hello');
  const question = log.getByRole('group', { name: /^Question/ });
  await expect(question).toContainText('Hello');
  expect(other.calls).toEqual([]);
  await question.getByRole('button', { name: 'Always' }).click();
  await expect(said).toHaveCount(1);
  await say(window, 'Again, please');
  await expect(said).toHaveCount(2);
  expect(other.calls).toHaveLength(2);

  await settings('Permissions');
  await dialog.getByRole('button', { name: /^Take back/ }).click();
  await dialog.getByRole('button', { name: 'Take back' }).click();
  await expect(dialog.getByText('Nothing: the agent asks each time.')).toBeVisible();
  await window.keyboard.press('Escape');
  await say(window, 'And once more');
  await question.getByRole('button', { name: 'No', exact: true }).click();
  await expect(said).toHaveCount(3);
  expect(other.calls).toHaveLength(2);
  await other.close();
});

test('a waiting form with what was typed is there after the host was started again', async ({ chrome }) => {
  test.skip(chrome === undefined, 'the host is restarted without its window');
  const data = mkdtempSync(join(tmpdir(), 'tandem-e2e-'));
  const context = await chrome?.newContext();
  const start = async () => {
    const host = await serve(data, true);
    const page = await context?.newPage();
    if (!page) throw new Error('there is no browser');
    await page.goto(host.ready.window);
    const close = async (signal: 'SIGTERM' | 'SIGKILL') => {
      host.host.kill(signal);
      await host.exited;
      await page.close();
    };
    return { page, close };
  };
  const first = await start();
  await say(first.page, 'Create a ticket: the printer on floor 3 is broken');
  await first.page.getByRole('textbox', { name: 'Who reports it' }).fill('Grace Hopper');
  await first.page.waitForTimeout(1000);
  await first.close('SIGKILL');

  const second = await start();
  await expect(second.page.getByRole('textbox', { name: 'Who reports it' })).toHaveValue('Grace Hopper');
  await second.page.getByRole('radio', { name: 'Low' }).check();
  await second.page.getByRole('button', { name: 'Send', exact: true }).first().click();
  await expect(logOf(second.page)).toContainText('Created a ticket of low priority for Grace Hopper');
  await second.close('SIGTERM');
  await context?.close();
  rmSync(data, { recursive: true, force: true });
});
