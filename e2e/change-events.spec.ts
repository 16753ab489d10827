import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { change, expect, found, isAccessible, notified, test } from './fixtures.ts';

test('receivers of change events are added, followed, let go on and removed', async ({ window, mcp }) => {
  test.slow();
  let status = 400;
  let received = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (status === 202) received++;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(status === 400 ? JSON.stringify({ err: 'access_denied', description: 'Not expected here.' }) : '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    // Its key is an agent of the directory, of which nobody need be told.
    const agent = await mcp();
    await window.getByRole('combobox', { name: 'Tenant' }).click();
    await window.getByRole('option', { name: 'Manage tenants' }).click();
    const dialog = window.getByRole('dialog', { name: 'Tenants' });
    await dialog.getByRole('button', { name: /Northwind Trading/ }).click();
    const events = dialog.getByRole('region', { name: 'Change events' });
    await expect(events.getByText('So far none is.')).toBeVisible();

    await events.getByRole('button', { name: 'Add a receiver' }).click();
    await window.keyboard.type('Payroll');
    await expect(events.getByText('Only lower-case letters')).toBeVisible();
    await events.getByLabel('Name of the receiver').fill('payroll');
    await window.keyboard.press('Enter');
    await notified(window, 'payroll is told from now on');
    const payroll = events.getByRole('listitem').filter({ hasText: 'payroll' });
    await expect(payroll).toContainText('Up to date');
    await expect(payroll).toContainText('/scim/v2/events/payroll');

    await events.getByRole('button', { name: 'Add a receiver' }).click();
    await events.getByLabel('Name of the receiver').fill('badges');
    await events.getByRole('radio', { name: 'They are sent to its address' }).check();
    await events.getByRole('textbox', { name: 'Address' }).fill('http://badges.example.com/events');
    await events.getByRole('button', { name: 'Add the receiver' }).click();
    await expect(events.getByRole('alert')).toContainText('https://');
    const { port } = server.address() as AddressInfo;
    await events.getByRole('textbox', { name: 'Address' }).fill(`http://127.0.0.1:${port}/events`);
    await events.getByRole('button', { name: 'Add the receiver' }).click();
    await notified(window, 'badges is told from now on');

    await change(agent, await found(agent, 'alan.vogel@northwind.example'), { nickName: 'Al' });
    const badges = events.getByRole('listitem').filter({ hasText: 'badges' });
    await expect(badges).toContainText('Stopped, 1 change waiting');
    await expect(badges.getByRole('alert')).toContainText('access_denied');
    await expect(payroll).toContainText('1 change waiting to be fetched');
    await isAccessible(window);
    status = 202;
    await badges.getByRole('button', { name: 'Try again now' }).click();
    await expect(badges).toContainText('Up to date');
    expect(received).toBe(1);

    await badges.getByRole('button', { name: 'Remove badges …' }).click();
    await badges.getByRole('button', { name: 'Remove badges' }).click();
    await notified(window, 'badges is removed');
    await expect(events.getByRole('listitem')).toHaveCount(1);
  } finally {
    server.close();
  }
});
