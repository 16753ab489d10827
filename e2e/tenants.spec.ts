import type { Page } from '@playwright/test';
import { expect, notified, test } from './fixtures.ts';

async function manage(window: Page): Promise<void> {
  await window.getByRole('combobox', { name: 'Tenant' }).click();
  await window.getByRole('option', { name: 'Manage tenants' }).click();
  await expect(window.getByRole('dialog', { name: 'Tenants' })).toBeVisible();
}

test('a tenant is added, shown, renamed, set up, suspended and deleted', async ({ window, mcp }) => {
  await manage(window);
  const dialog = window.getByRole('dialog', { name: 'Tenants' });
  await expect(dialog.getByRole('button', { name: /Northwind Trading.*150 people/ })).toBeVisible();
  await dialog.getByRole('button', { name: 'Add a tenant' }).click();
  await window.keyboard.type('Contoso Pharma');
  await expect(dialog.getByLabel('Id', { exact: false }).first()).toHaveValue('contoso-pharma');
  await window.keyboard.press('Enter');
  await notified(window, 'Contoso Pharma is there now');

  await dialog.getByLabel('Name').fill('Contoso');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(dialog.getByRole('button', { name: /Contoso contoso-pharma/ })).toBeVisible();
  const lenient = dialog.getByRole('switch', { name: 'Accept what Entra ID and Okta really send' });
  await lenient.click({ force: true });
  await notified(window, 'Only the standard is accepted');
  await expect(lenient).not.toBeChecked();
  await dialog.getByRole('button', { name: 'Show in this window' }).click();
  await expect(window.getByRole('combobox', { name: 'Tenant' })).toHaveValue('Contoso');
  await expect(window.getByText('Nobody is here yet.')).toBeVisible();

  const agent = await mcp({ tenant: 'contoso-pharma' });
  const isRefused = async () => {
    const { isError } = await agent.callTool({ name: 'scim_list_users', arguments: {} }).catch(() => ({ isError: true }));
    return isError ?? false;
  };
  expect(await isRefused()).toBe(false);
  await manage(window);
  await dialog.getByRole('button', { name: /Contoso/ }).click();
  await dialog.getByRole('button', { name: 'Suspend' }).click();
  // A notification under the pointer stays, over the next button.
  await window.mouse.move(0, 0);
  await expect(dialog.getByRole('button', { name: /Contoso.*Suspended/ })).toBeVisible();
  await expect.poll(isRefused).toBe(true);

  await dialog.getByRole('button', { name: 'Delete …' }).click();
  const forGood = dialog.getByRole('button', { name: 'Delete for good' });
  await expect(forGood).toBeDisabled();
  await dialog.getByLabel('Type contoso-pharma to confirm').fill('contoso-pharma');
  await forGood.click();
  await notified(window, 'Contoso is deleted');
  await expect(dialog.getByRole('button', { name: /Contoso/ })).toHaveCount(0);
  await window.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  // What the window showed is gone, so it shows another one.
  await expect(window.getByRole('combobox', { name: 'Tenant' })).toHaveValue('Northwind Trading');
  await expect(window.getByText('150 people')).toBeVisible();
});

test('the tenant that always exists cannot be deleted, and an id is not given twice', async ({ window }) => {
  await manage(window);
  const dialog = window.getByRole('dialog', { name: 'Tenants' });
  await dialog.getByRole('button', { name: /^Default/ }).click();
  await expect(dialog.getByRole('button', { name: 'Delete …' })).toBeDisabled();
  await dialog.getByRole('button', { name: 'Add a tenant' }).click();
  await window.keyboard.type('Northwind');
  const id = dialog.getByLabel('Id', { exact: false }).first();
  await expect(id).toHaveValue('northwind-2');
  await id.fill('northwind');
  await expect(dialog.getByText('There is a tenant with this id already.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Add', exact: true })).toBeDisabled();
});
