import type { Page } from '@playwright/test';
import { expect, isAccessible, notified, picture, test, runCommand } from './fixtures.ts';

async function openClients(window: Page) {
  await runCommand(window, 'Clients and access');
  const dialog = window.getByRole('dialog', { name: 'Clients and access keys' });
  await expect(dialog).toBeVisible();
  return dialog;
}

test('a key is made, used, renamed, rotated, narrowed and revoked', async ({ window, mcp }) => {
  const agent = await mcp({ name: 'Importer', scope: 'scim:read scim:write' });
  await agent.callTool({ name: 'scim_list_users', arguments: {} });
  const dialog = await openClients(window);
  const row = dialog.getByRole('button', { name: /^Importer/ });
  await expect(row).toContainText('1 call');
  await expect(row).toContainText('Sees and changes people');

  await dialog.getByRole('button', { name: 'Make a key' }).click();
  await window.keyboard.type('Nightly report');
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  await expect(dialog.getByText(/^tandem_/)).toBeVisible();
  await picture(window, 'clients-key');
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.getByRole('textbox', { name: 'Search clients' }).fill('import');
  await expect(dialog.getByRole('button', { name: /Nightly report/ })).toBeHidden();

  await row.click();
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Import of payroll');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(dialog.getByRole('button', { name: /^Import of payroll/ })).toBeVisible();
  await dialog.getByRole('checkbox', { name: 'Change people' }).uncheck();
  await dialog.getByRole('button', { name: 'Take away' }).click();
  await notified(window, 'It may do less now');
  await dialog.getByRole('switch', { name: 'Choose which tools it has' }).click({ force: true });
  await notified(window, 'Its tools have changed');
  // It shows what is set, which the host has to say first.
  await dialog.getByRole('checkbox', { name: /^Working together/ }).click();
  await expect(dialog.getByRole('checkbox', { name: 'People and groups' })).toBeDisabled();
  await expect.poll(async () => (await agent.listTools()).tools.map(({ name }) => name)).not.toContain('scim_begin_edit');
  await dialog.getByRole('button', { name: 'Rotate' }).click();
  await expect(dialog.getByText(/^tandem_/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();
  // What fades away has no contrast.
  await expect(window.locator('.mantine-Notification-root')).toHaveCount(0, { timeout: 15_000 });
  await isAccessible(window);
  await picture(window, 'clients-light');
  await window.emulateMedia({ colorScheme: 'dark' });
  await isAccessible(window);
  await picture(window, 'clients-dark');
  await window.setViewportSize({ width: 700, height: 800 });
  await picture(window, 'clients-narrow');
  await dialog.getByRole('button', { name: 'Revoke …' }).click();
  await dialog.getByRole('alertdialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await notified(window, 'Import of payroll has no access any more');
  await expect(dialog.getByText('No client has this name.')).toBeVisible();
  await expect(agent.callTool({ name: 'scim_list_users', arguments: {} })).rejects.toThrow();
});

test('a client is turned off where it stands in the directory, has an owner, and a history', async ({ window, mcp }) => {
  const agent = await mcp({ name: 'Claude Code', scope: 'scim:read scim:write' });
  const read = () => agent.callTool({ name: 'scim_list_users', arguments: { count: 1 } });
  await read();
  const dialog = await openClients(window);
  const row = dialog.getByRole('button', { name: /^Claude Code/ });
  await row.click();
  const entry = dialog.getByRole('region', { name: /^In / });
  await expect(entry).toContainText('may come in. ');
  await entry.getByRole('button', { name: 'Choose an owner' }).click();
  await entry.getByRole('combobox', { name: 'Who answers for it' }).click();
  await window.keyboard.type('Alan Vogel');
  await window.getByRole('option', { name: 'Alan Vogel' }).click();
  await notified(window, 'The owner is changed');
  await expect(entry).toContainText('Owner: Alan Vogel');

  await entry.getByRole('button', { name: /^Turn off in / }).click();
  await notified(window, 'Claude Code is turned off');
  await expect(row).toContainText('Turned off');
  await expect(read()).rejects.toThrow();
  await entry.getByRole('button', { name: 'History' }).click();
  await expect(entry.getByRole('list', { name: 'History' }).getByRole('listitem').first()).toContainText('Active: Yes → No');
  await expect(entry.getByRole('list', { name: 'History' })).toContainText('Owner: Alan Vogel');
  await isAccessible(window);
  await picture(window, 'client-off');
  await window.emulateMedia({ colorScheme: 'dark' });
  await isAccessible(window);
  await picture(window, 'client-off-dark');
  await window.setViewportSize({ width: 700, height: 800 });
  await picture(window, 'client-off-narrow');

  await entry.getByRole('button', { name: /^Turn on in / }).click();
  await notified(window, 'Claude Code may come in again');
  await expect(row).not.toContainText('Turned off');
  expect((await read()).isError ?? false).toBe(false);
});

test('new signing keys are made, and the demo sign-in is turned off', async ({ window }) => {
  const dialog = await openClients(window);
  await dialog.getByRole('tab', { name: 'Sign-in and keys' }).click();
  await dialog.getByRole('switch', { name: 'Demo sign-in' }).click({ force: true });
  await notified(window, 'The demo sign-in is off');
  await dialog.getByRole('button', { name: 'Make new signing keys' }).click();
  await notified(window, 'New keys sign from now on');
  await expect(dialog.getByText('one before it still counts')).toBeVisible();
  await isAccessible(window);
  await picture(window, 'clients-sign-in');
});

test('an app is registered, signs in with its secret, and is given another', async ({ window }) => {
  const dialog = await openClients(window);
  await dialog.getByRole('button', { name: 'Register an app' }).click();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Payroll');
  await dialog.getByRole('textbox', { name: 'Redirect addresses' }).fill('http://elsewhere.example/callback');
  await dialog.getByRole('button', { name: 'Register the app' }).click();
  await expect(dialog.getByRole('alert')).toContainText('must be https, http to 127.0.0.1');
  await dialog.getByRole('textbox', { name: 'Redirect addresses' }).fill('http://127.0.0.1:3000/callback');
  for (const colorScheme of ['light', 'dark'] as const) {
    await window.emulateMedia({ colorScheme });
    await isAccessible(window);
    await picture(window, `clients-app-form-${colorScheme}`);
  }
  await window.setViewportSize({ width: 700, height: 800 });
  await picture(window, 'clients-app-form-narrow');
  await dialog.getByRole('button', { name: 'Register the app' }).click();
  const shown = dialog.getByRole('status').locator('code');
  await expect(shown).toHaveCount(3);
  const [issuer, id = '', secret = ''] = await shown.allTextContents();
  expect(issuer).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await isAccessible(window);
  await picture(window, 'clients-app-made');
  const isKnown = async (given: string) => {
    const response = await fetch(`${issuer}/oauth/introspect`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${id}:${given}`).toString('base64')}` },
      body: new URLSearchParams({ token: 'any' }),
    });
    return response.status === 200;
  };
  expect(await isKnown(secret)).toBe(true);
  expect(await isKnown('another')).toBe(false);
  await dialog.getByRole('button', { name: 'Done' }).click();

  await dialog.getByRole('button', { name: /^Payroll/ }).click();
  await dialog.getByRole('combobox', { name: 'New secret for this app' }).click();
  await window.getByRole('option', { name: 'The old one ends at once' }).click();
  await dialog.getByRole('button', { name: 'Rotate' }).click();
  await expect(dialog.getByText('Copy this secret now')).toBeVisible();
  expect(await isKnown(secret)).toBe(false);
  await picture(window, 'clients-app-rotated');
  await dialog.getByRole('button', { name: 'Done' }).click();

  await dialog.getByRole('button', { name: 'Register an app' }).click();
  await dialog.getByRole('radio', { name: 'Machine' }).check();
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).first().fill('Nightly sync');
  await picture(window, 'clients-app-machine');
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  await expect(shown).toHaveCount(3);
  const [tokenAddress = '', machine = '', text = ''] = await shown.allTextContents();
  const answer = await fetch(tokenAddress, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${machine}:${text}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'scim:read' }),
  });
  expect(answer.status).toBe(200);
});
