import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { expect, test, runCommand } from './fixtures.ts';

const docs = process.env['TANDEM_SCREENSHOTS'];

async function isAccessible(window: Page) {
  const builder = new AxeBuilder({ page: window }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']);
  // Electron's context cannot open the second page that axe otherwise uses.
  const { violations } = await builder.setLegacyMode(test.info().project.name === 'electron').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

async function openScenarios(window: Page): Promise<Locator> {
  await window.getByRole('button', { name: 'Scenarios' }).click();
  const dialog = window.getByRole('dialog', { name: 'Scenarios' });
  await expect(dialog.getByRole('button', { name: /^Play/ })).toHaveCount(5);
  return dialog;
}

test('a scenario is played, paused, sped up, and its result and its people can be looked at', async ({ window }) => {
  test.slow();
  const dialog = await openScenarios(window);
  await isAccessible(window);
  await dialog.getByRole('textbox', { name: 'Agents of Collaborative agents' }).fill('3');
  await dialog.getByRole('button', { name: 'Play Collaborative agents' }).click();
  await expect(dialog.getByRole('heading', { name: 'Collaborative agents' })).toBeFocused();
  const lanes = dialog.getByRole('region', { name: 'Timeline' }).getByRole('listitem').filter({ hasText: 'agent' });
  await expect(lanes).toHaveCount(3);
  await dialog.getByRole('button', { name: 'Pause' }).click();
  await expect(dialog.getByText('Paused', { exact: true })).toBeVisible();
  // Calls that were under way come to their end; then nothing happens any more.
  await window.waitForTimeout(500);
  const lines = dialog.getByRole('list', { name: 'What happened' }).getByRole('listitem');
  const count = await lines.count();
  await window.waitForTimeout(700);
  expect(await lines.count()).toBe(count);
  await isAccessible(window);

  await dialog.getByText('Fastest').click();
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await expect(dialog.getByText('No update was lost')).toBeVisible({ timeout: 30_000 });
  await expect(lanes.first()).toContainText('is done');
  const table = dialog.getByRole('group', { name: 'Result table' });
  await expect(table.getByRole('row', { name: /^Different fields/ })).toBeVisible();
  await expect(table.getByRole('row', { name: /^All/ }).getByRole('cell').nth(3)).toHaveText('0');
  await expect(lines.filter({ hasText: 'keeps both' }).first()).toBeAttached();
  await dialog.getByText('Conflicts and decisions').click();
  await expect(lines.filter({ hasText: 'reads' })).toHaveCount(0);
  await isAccessible(window);

  await dialog.getByRole('button', { name: 'Look at its people' }).click();
  await expect(dialog).toBeHidden();
  await expect(window.getByRole('combobox', { name: 'Tenant' })).toHaveValue('Scenario: Collaborative agents');
  await expect(window.getByText('8 people')).toBeVisible();
  await openScenariosAgain(window);
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(dialog.getByRole('button', { name: /^Play/ })).toHaveCount(5);
  await expect(dialog.getByText('Runs')).toHaveCount(0);
  await window.keyboard.press('Escape');
  await expect(window.getByRole('combobox', { name: 'Tenant' })).toHaveValue('Northwind Trading');
});

/** The dialog shows the run that it showed before. */
async function openScenariosAgain(window: Page): Promise<void> {
  await runCommand(window, 'Scenarios');
  await expect(window.getByRole('dialog', { name: 'Scenarios' }).getByText('No update was lost')).toBeVisible();
}

test('a workflow that was stopped goes on from its checkpoint', async ({ window }) => {
  test.slow();
  const dialog = await openScenarios(window);
  await dialog.getByRole('button', { name: 'Play Long-running workflow' }).click();
  const log = dialog.getByRole('list', { name: 'What happened' });
  await expect(log).toContainText('keeps a checkpoint: step 1 is done', { timeout: 15_000 });
  await dialog.getByRole('button', { name: 'Stop' }).click();
  await expect(dialog.getByText('It was stopped.')).toBeVisible();
  await isAccessible(window);
  await dialog.getByRole('button', { name: 'Go on from its checkpoint' }).click();
  await expect(log).toContainText('goes on from its checkpoint');
  await dialog.getByText('Fastest').click();
  await expect(dialog.getByText('No update was lost')).toBeVisible({ timeout: 30_000 });
  await expect(log).toContainText('step 5 is done');
  await expect(log).not.toContainText('creates Noor Haddad');
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`people and agents at one record can be watched by everybody, ${colorScheme}`, async ({ window }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const dialog = await openScenarios(window);
    await isAccessible(window);
    await dialog.getByRole('button', { name: 'Play AI and human' }).click();
    await expect(dialog.getByText('asks people:').first()).toBeVisible({ timeout: 20_000 });
    await isAccessible(window);
    // For the documentation.
    if (docs) await window.screenshot({ path: join(docs, `window-scenario-${colorScheme}.png`), animations: 'disabled' });
    await window.setViewportSize({ width: 700, height: 860 });
    await expect(dialog.getByText('No update was lost')).toBeVisible({ timeout: 20_000 });
    await isAccessible(window);
    expect(await dialog.evaluate((node) => node.scrollWidth <= node.clientWidth)).toBe(true);
  });
