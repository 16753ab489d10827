import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import Database from 'better-sqlite3';
import type { Locator, Page } from '@playwright/test';
import { call, change, expect, found, test, runCommand } from './fixtures.ts';

const docs = process.env['TANDEM_SCREENSHOTS'];
const dialog = (window: Page): Locator => window.getByRole('dialog', { name: /^Audit log/ });
const entry = (window: Page, text: RegExp): Locator => window.getByRole('grid', { name: 'Log' }).getByRole('row', { name: text });

async function open(window: Page): Promise<void> {
  await window.getByRole('button', { name: 'Audit log' }).click();
  await expect(dialog(window)).toBeVisible();
}

async function isAccessible(window: Page): Promise<void> {
  const builder = new AxeBuilder({ page: window }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']);
  const { violations } = await builder.setLegacyMode(test.info().project.name === 'electron').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

async function picture(window: Page, name: string): Promise<void> {
  if (docs) await window.screenshot({ path: join(docs, `${name}.png`), animations: 'disabled' });
}

test('what an agent did is found, with what it was before, from the keyboard', async ({ window, mcp }) => {
  const agent = await mcp();
  const alan = await found(agent, 'alan.vogel@northwind.example');
  await change(agent, alan, { title: 'Head of Sales' });
  const { _version: stale, ...record } = await alan.read(agent);
  await change(agent, alan, { nickName: 'Al' });
  const refused = { user_id: alan.id, user_data: { ...record, title: 'Nobody' }, expected_version: stale };
  expect((await agent.callTool({ name: 'scim_update_user', arguments: refused })).isError).toBe(true);

  await runCommand(window, 'audit');
  await expect(entry(window, /e2e agent.*Met a conflict on Alan Vogel/)).toBeVisible();
  await dialog(window).getByLabel('Who', { exact: true }).fill('e2e');
  await dialog(window).getByLabel('What', { exact: true }).selectOption('Changes');
  await expect(window.getByRole('grid', { name: 'Log' }).getByRole('row')).toHaveCount(3);
  await entry(window, /Changed nickname of Alan Vogel/).focus();
  await window.keyboard.press('ArrowDown');
  await window.keyboard.press('Enter');
  const details = window.getByRole('region', { name: 'Entry' });
  await expect(details).toContainText('Changed job title of Alan Vogel');
  await expect(details.getByText(/Job title: .+ → Head of Sales/)).toBeVisible();
  await dialog(window).getByLabel('Text').fill('nothing has this');
  await expect(window.getByText('Nothing in the log fits.')).toBeVisible();
  await dialog(window).getByRole('button', { name: 'Show everything' }).click();
  await expect(entry(window, /Met a conflict/)).toBeVisible();
  await details.getByRole('button', { name: 'Show this person' }).click();
  await expect(dialog(window)).toBeHidden();
  await expect(window.getByRole('heading', { name: 'Alan Vogel', exact: true })).toBeVisible();
});

test('news is offered, not pushed; a long log is read as far as one scrolls', async ({ window, mcp }) => {
  const agent = await mcp();
  await open(window);
  await expect(window.getByText('100 entries, scroll for older ones')).toBeVisible();
  const name = 'New Person';
  await call(agent, 'scim_create_user', {
    user_data: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'new.person', displayName: name },
  });
  await dialog(window).getByRole('button', { name: 'Show the newest' }).click();
  await expect(entry(window, /Added New Person/)).toBeVisible();
  await expect(window.getByText('Something happened since.')).toBeHidden();
  await entry(window, /Added New Person/).focus();
  await window.keyboard.press('End');
  await expect(window.getByText(/^1\d\d entries$/)).toBeVisible();
  await window.keyboard.press('End');
  await expect(entry(window, /Added the tenant Northwind Trading/)).toBeVisible();
});

test('a check finds nothing, and then what somebody altered in the file', async ({ window, app }) => {
  await open(window);
  await dialog(window).getByRole('button', { name: 'Check that nothing was altered' }).click();
  await expect(window.getByRole('status').filter({ hasText: 'Nothing was altered' })).toBeVisible();
  const db = new Database(join(app.data, 'directory.db'));
  db.exec(`update audit set entry = replace(entry, '"person"', '"agent"'), kind = kind where tenant = 'northwind' and seq = 20`);
  db.exec(`update audit set entry = replace(entry, 'Sample data', 'Somebody else') where tenant = 'northwind' and seq = 20`);
  db.close();
  await dialog(window).getByRole('button', { name: 'Check that nothing was altered' }).click();
  const alert = window.getByRole('alert').filter({ hasText: 'Something was altered' });
  await expect(alert).toContainText('Entry 20 was altered');
  await alert.getByRole('button', { name: 'Show entry 20' }).click();
  await expect(window.getByRole('region', { name: 'Entry' })).toContainText('Somebody else');
});

test('the log is saved as a file', async ({ window, saved }) => {
  await open(window);
  await dialog(window).getByRole('button', { name: 'Export' }).click();
  const { name, text } = await saved(() => window.getByRole('menuitem', { name: /CSV/ }).click());
  expect(name).toBe('tandem-log-northwind.csv');
  const lines = text.trim().split('\r\n');
  expect(lines.length).toBeGreaterThan(150);
  expect(lines[0]).toMatch(/^seq,at,kind,event,actor\.id/);
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`everybody can use it, ${colorScheme}`, async ({ window, mcp }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const agent = await mcp();
    const alan = await found(agent, 'alan.vogel@northwind.example');
    await change(agent, alan, { title: 'Head of Sales', nickName: 'Al' });
    const refused = { user_id: alan.id, user_data: await alan.read(agent), expected_version: 'AAAAAAAAAAA=' };
    await agent.callTool({ name: 'scim_update_user', arguments: refused });
    await open(window);
    await entry(window, /Changed .* of Alan Vogel/).click();
    await expect(window.getByText('Before and after')).toBeVisible();
    await isAccessible(window);
    await picture(window, `window-audit-${colorScheme}`);
    await dialog(window).getByRole('button', { name: 'Check that nothing was altered' }).click();
    await expect(window.getByText('Nothing was altered', { exact: true })).toBeVisible();
    await isAccessible(window);
    await window.setViewportSize({ width: 700, height: 800 });
    await isAccessible(window);
    await window.getByRole('button', { name: 'Close the entry' }).click();
    await expect(entry(window, /Changed .* of Alan Vogel/)).toBeVisible();
    await isAccessible(window);
    await dialog(window).getByLabel('Text').fill('nothing has this');
    await expect(window.getByText('Nothing in the log fits.')).toBeVisible();
    await isAccessible(window);
  });
