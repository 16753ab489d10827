import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { change, expect, found, openPerson, test } from './fixtures.ts';

const docs = process.env['TANDEM_SCREENSHOTS'];

async function isAccessible(window: Page) {
  const builder = new AxeBuilder({ page: window }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']);
  // Electron's context cannot open the second page that axe otherwise uses.
  const { violations } = await builder.setLegacyMode(test.info().project.name === 'electron').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

/** Pictures for the documentation, made when TANDEM_SCREENSHOTS names their folder. */
async function picture(window: Page, name: string) {
  if (docs) await window.screenshot({ path: join(docs, `${name}.png`), animations: 'disabled' });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every screen can be used by everybody, ${colorScheme}`, async ({ window, mcp }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const agent = await mcp();
    const person = await openPerson(window, 'Alan Vogel');
    await window.getByRole('button', { name: 'Clear the search' }).click();
    await expect(window.getByText('150 people')).toBeVisible();
    await expect(window.getByText('Live')).toBeVisible();
    await isAccessible(window);
    await picture(window, `window-${colorScheme}`);

    await window.getByLabel('Job title').fill('Head of Sales');
    await change(agent, person, { title: 'Regional Sales Lead', nickName: 'Al' });
    const banner = window.getByRole('status', { name: 'Conflict' });
    await banner.getByRole('button', { name: 'Choose field by field' }).click();
    await isAccessible(window);
    await picture(window, colorScheme === 'light' ? 'window-conflict' : 'window-conflict-dark');
    await banner.getByRole('button', { name: 'Take theirs' }).click();

    await window.getByRole('tab', { name: 'History' }).click();
    await expect(window.getByText('Regional Sales Lead')).toBeVisible();
    await isAccessible(window);
    await window.getByRole('tab', { name: 'Record' }).click();
    await isAccessible(window);
    await window.getByRole('button', { name: 'Connect an AI client' }).click();
    await expect(window.getByRole('dialog')).toBeVisible();
    await window.waitForTimeout(300);
    await isAccessible(window);
    await window.keyboard.press('Escape');
    await expect(window.getByRole('dialog')).toBeHidden();
    await window.keyboard.press('ControlOrMeta+k');
    await expect(window.getByRole('dialog')).toBeVisible();
    await window.waitForTimeout(300);
    await isAccessible(window);
    await window.keyboard.press('Escape');
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`many people can be found and changed by everybody, ${colorScheme}`, async ({ window, mcp }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expect(window.getByText('150 people')).toBeVisible();
    const dialog = window.getByRole('dialog');
    await window.getByRole('button', { name: 'Filter', exact: true }).click();
    await dialog.getByRole('textbox', { name: 'Value, condition 1' }).fill('Sales');
    await dialog.getByRole('button', { name: 'Add a condition' }).click();
    await dialog.getByRole('button', { name: 'Save this filter' }).click();
    await dialog.getByRole('textbox', { name: 'Name of the filter' }).fill('Everybody in Sales');
    await window.keyboard.press('Enter');
    await expect(dialog.getByText('people match')).toBeVisible();
    await window.waitForTimeout(300);
    await isAccessible(window);
    await picture(window, `window-filter-${colorScheme}`);
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await expect(dialog).toBeHidden();

    await window.getByRole('button', { name: 'Table options' }).click();
    await window.getByRole('menuitem', { name: 'Columns' }).click();
    await expect(dialog).toBeVisible();
    await window.waitForTimeout(300);
    await isAccessible(window);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await window.getByRole('button', { name: 'Table options' }).click();
    await window.getByRole('menuitem', { name: 'Make the list wide' }).click();
    await window.getByRole('checkbox', { name: 'Select Alan Vogel' }).click();
    await window.getByRole('checkbox', { name: 'Select Anika Navarro' }).click();
    await isAccessible(window);

    await window.getByRole('button', { name: 'Change …' }).click();
    await dialog.getByRole('textbox', { name: 'Value, change 1' }).fill('Product');
    await window.waitForTimeout(300);
    await isAccessible(window);
    await dialog.getByRole('button', { name: 'Preview' }).click();
    await expect(dialog.getByRole('region', { name: 'Preview' })).toBeVisible();
    await isAccessible(window);
    await picture(window, `window-preview-${colorScheme}`);
    const agent = await mcp();
    await change(agent, await found(agent, 'alan.vogel@northwind.example'), { nickName: 'Al' });
    await dialog.getByRole('button', { name: 'Change 2 people' }).click();
    await expect(dialog.getByRole('group', { name: 'Conflict: Alan Vogel' })).toBeVisible();
    await isAccessible(window);
    await picture(window, `window-bulk-conflict-${colorScheme}`);
  });
}

test('on a narrow screen the panes are tabs', async ({ window }) => {
  await window.setViewportSize({ width: 480, height: 800 });
  await expect(window.getByRole('grid')).toBeVisible();
  await openPerson(window, 'Alan Vogel');
  await expect(window.getByRole('grid')).toBeHidden();
  await expect(window.getByLabel('Display name')).toBeVisible();
  await window.locator('label').filter({ hasText: 'Agent' }).click();
  await expect(window.getByLabel('Message to the agent')).toBeVisible();
  await isAccessible(window);
  const overflow = await window.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
});
