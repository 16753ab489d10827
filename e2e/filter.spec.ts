import { expect, test } from './fixtures.ts';
import { startInBrowser, startInElectron } from './shells.ts';

const department = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department';

test('a filter is built, saved, there after a restart, and taken away condition by condition', async ({
  app,
  window,
  chrome,
}) => {
  await window.getByRole('button', { name: 'Filter', exact: true }).click();
  const dialog = window.getByRole('dialog', { name: 'Filter people' });
  await dialog.getByRole('textbox', { name: 'Value, condition 1' }).fill('Sales');
  await dialog.getByRole('button', { name: 'Add a condition' }).click();
  await dialog.getByRole('combobox', { name: 'Field, condition 2' }).click();
  await window.getByRole('option', { name: 'Email addresses' }).click();
  await dialog.getByRole('combobox', { name: 'Comparison, condition 2' }).click();
  await window.getByRole('option', { name: 'contains' }).click();
  await dialog.getByRole('textbox', { name: 'Value, condition 2' }).fill('vogel');
  await dialog.getByRole('combobox', { name: 'Kind, condition 2' }).click();
  await window.getByRole('option', { name: 'work' }).click();
  await expect(dialog.getByRole('textbox', { name: 'As text' })).toHaveValue(
    `${department} eq "Sales" and emails[type eq "work" and value co "vogel"]`,
  );
  await expect(dialog.getByText('2 people match')).toBeVisible();
  await dialog.getByRole('button', { name: 'Save this filter' }).click();
  await dialog.getByRole('textbox', { name: 'Name of the filter' }).fill('Vogels in Sales');
  await window.keyboard.press('Enter');
  await expect(dialog.getByRole('button', { name: 'Vogels in Sales', exact: true })).toBeVisible();
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await expect(window.getByText('2 people found')).toBeVisible();

  await app.close();
  const again = chrome ? await startInBrowser(chrome, app.data, false) : await startInElectron(app.data, false);
  try {
    const { window } = again;
    await expect(window.getByText('150 people')).toBeVisible();
    await window.getByRole('button', { name: 'Filter', exact: true }).click();
    await window.getByRole('button', { name: 'Vogels in Sales', exact: true }).click();
    await expect(window.getByText('2 people found')).toBeVisible();
    const chips = window.getByRole('group', { name: 'Active filter' });
    await expect(chips).toContainText('Department is Sales');
    await chips.getByRole('button', { name: /Remove “Email addresses \(work\) contains/ }).click();
    await expect(window.getByText(/^\d+ people found/)).not.toHaveText('2 people found');
    await chips.getByRole('button', { name: /Remove “Department is/ }).click();
    await expect(window.getByText('150 people', { exact: true })).toBeVisible();

    await window.getByRole('button', { name: 'Filter', exact: true }).click();
    await window.getByRole('button', { name: 'Rename Vogels in Sales' }).click();
    await window.getByRole('textbox', { name: 'New name of Vogels in Sales' }).fill('Vogels');
    await window.keyboard.press('Enter');
    await window.getByRole('button', { name: 'Delete Vogels' }).click();
    await expect(window.getByRole('list', { name: 'Saved filters' })).toBeHidden();
  } finally {
    await again.close();
  }
});

test('a filter is written by hand; what is wrong is said at the field', async ({ window }) => {
  await window.getByRole('button', { name: 'Filter', exact: true }).click();
  const dialog = window.getByRole('dialog', { name: 'Filter people' });
  const text = dialog.getByRole('textbox', { name: 'As text' });
  await text.fill('title zz "x"');
  await expect(dialog.getByText('"zz" is not an operator')).toBeVisible();
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await expect(text).toHaveAttribute('aria-invalid', 'true');
  await text.fill('title co "head" and (active eq false or title sw "nobody")');
  await expect(dialog.getByText('This filter was written by hand.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await expect(window.getByRole('group', { name: 'Active filter' })).toContainText('title co "head"');
  await window.getByRole('textbox', { name: 'Search people' }).fill('nobody at all');
  await expect(window.getByText('Nobody who matches this filter matches “nobody at all”.')).toBeVisible();
  await window.getByRole('gridcell').getByRole('button', { name: 'Clear the filter' }).click();
  await expect(window.getByText('Nobody matches “nobody at all”.')).toBeVisible();
});

test('columns are chosen, moved, sorted by and remembered', async ({ window }) => {
  const headers = window.getByRole('columnheader').filter({ hasText: /\S/ });
  await expect(headers).toHaveText(['Name', 'Department', 'Status']);
  await window.getByRole('button', { name: 'Table options' }).click();
  await window.getByRole('menuitem', { name: 'Columns' }).click();
  await window.getByRole('checkbox', { name: 'Employee number' }).click();
  await expect(window.getByRole('checkbox', { name: 'Employee number' })).toBeChecked();
  await window.getByRole('checkbox', { name: 'Manager' }).click();
  await expect(window.getByRole('checkbox', { name: 'Manager' })).toBeChecked();
  await window.getByRole('button', { name: 'Move Employee number up' }).focus();
  await window.keyboard.press('Enter');
  await expect(window.getByRole('button', { name: 'Move Employee number up' })).toBeFocused();
  await window.getByRole('button', { name: 'Done' }).click();
  await expect(headers).toHaveText(['Name', 'Department', 'Employee number', 'Status', 'Manager']);
  await window.getByRole('button', { name: 'Employee number', exact: true }).click();
  await expect(window.getByRole('row').nth(1)).toContainText('10000');
  await window.reload();
  await expect(headers).toHaveText(['Name', 'Department', 'Employee number', 'Status', 'Manager']);
  await window.getByRole('button', { name: 'Table options' }).click();
  await window.getByRole('menuitem', { name: 'Columns' }).click();
  await window.getByRole('button', { name: 'Use the usual columns' }).click();
  await window.getByRole('button', { name: 'Done' }).click();
  await expect(headers).toHaveText(['Name', 'Department', 'Status']);
});
