import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, isAccessible, notified, picture, test, runCommand } from './fixtures.ts';

async function openSettings(window: Page) {
  await runCommand(window, 'Security and limits');
  const dialog = window.getByRole('dialog', { name: 'Settings' });
  await expect(dialog.getByRole('form', { name: 'How much may be called' })).toBeVisible();
  return dialog;
}

test('limits are set in the window and in the file, each true of the next call; an error in the file is told', async ({
  app,
  window,
  accessKey,
}) => {
  test.slow();
  const file = join(app.data, 'settings.json');
  const { security: _many, ...others } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify(others));
  const key = await accessKey();
  const ask = (headers: Record<string, string> = { 'x-api-key': key }) =>
    fetch(`${app.endpoints.issuer}/scim/v2/Users?count=1`, { headers });
  await expect.poll(async () => (await ask()).headers.get('ratelimit-policy')).toContain('q=100;w=60;burst=10');

  const dialog = await openSettings(window);
  const limits = dialog.getByRole('form', { name: 'How much may be called' });
  const ofKeys = limits.getByRole('group', { name: 'An access key' });
  await expect(ofKeys.getByRole('textbox', { name: 'Calls per minute' })).toHaveAttribute('placeholder', '100');
  await isAccessible(window);
  await picture(window, 'security');
  await window.emulateMedia({ colorScheme: 'dark' });
  await isAccessible(window);
  await picture(window, 'security-dark');
  await window.setViewportSize({ width: 700, height: 860 });
  await picture(window, 'security-narrow');
  await window.setViewportSize({ width: 1360, height: 860 });
  await window.emulateMedia({ colorScheme: 'light' });
  await ofKeys.getByRole('textbox', { name: 'Calls per minute' }).fill('1');
  await ofKeys.getByRole('textbox', { name: 'In one burst' }).fill('2');
  await limits.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'The limits hold from the next call on');
  const statuses: number[] = [];
  for (let turn = 0; turn < 3; turn++) statuses.push((await ask()).status);
  expect(statuses).toEqual([200, 200, 429]);

  const pages = dialog.getByRole('form', { name: 'Web pages that may call' });
  await pages.getByRole('switch', { name: 'Let web pages call' }).click({ force: true });
  await pages.getByRole('textbox', { name: 'Their addresses' }).fill('*');
  await pages.getByRole('button', { name: 'Save' }).click();
  await expect(pages.getByRole('alert')).toContainText('List the origins');
  await pages.getByRole('textbox', { name: 'Their addresses' }).fill('https://app.example.com');
  await picture(window, 'security-pages');
  await pages.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'The list of web pages is saved');
  const { headers } = await ask({ origin: 'https://app.example.com', 'x-api-key': key });
  expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com');

  await dialog.getByRole('textbox', { name: 'Header that carries a key' }).fill('X-Tandem-Key');
  await dialog.getByRole('form', { name: 'Access keys' }).getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Keys are taken from this header, too');
  expect((await ask()).status).toBe(401);
  const alarms = dialog.getByRole('form', { name: 'Alarms' });
  await alarms.getByRole('textbox', { name: '1 in 20 calls takes' }).fill('250');
  await alarms.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'The alarms are set');
  await dialog.getByRole('combobox', { name: 'The log keeps' }).click();
  await window.getByRole('option', { name: 'Details, for finding a fault' }).click();
  await notified(window, 'The log is set');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    security: {
      rate_limiting: { requests_per_minute: 1, burst_size: 2 },
      authentication: { header: 'X-Tandem-Key' },
      cors: { enabled: true, allowed_origins: ['https://app.example.com'] },
    },
    alarms: { p95_ms: 250, failed_percent: 5 },
    log: { level: 'debug' },
  });

  const good = readFileSync(file, 'utf8');
  writeFileSync(file, good.replace('"debug"', '"loud"'));
  await expect(dialog.getByRole('alert').filter({ hasText: 'The settings file has an error' })).toContainText(
    /line \d+, column \d+: log\.level/,
    {
      timeout: 15_000,
    },
  );
  await expect(window.getByRole('status', { name: 'Alarm' })).toContainText('not valid', { timeout: 15_000 });
  await picture(window, 'security-error');
  await isAccessible(window);
  writeFileSync(file, good);
  await expect(dialog.getByText('The settings file has an error')).toBeHidden({ timeout: 15_000 });
});

test('one client and one tenant have limits of their own', async ({ app, window, accessKey }) => {
  const key = await accessKey();
  const policy = async () =>
    (await fetch(`${app.endpoints.issuer}/scim/v2/Users?count=1`, { headers: { 'x-api-key': key } })).headers.get(
      'ratelimit-policy',
    );
  await policy();
  await runCommand(window, 'Clients and access');
  const clients = window.getByRole('dialog', { name: 'Clients and access keys' });
  await clients
    .getByRole('button', { name: /Access key/ })
    .first()
    .click();
  const own = clients.getByRole('group', { name: 'How much it may call' });
  await own.getByRole('textbox', { name: 'Calls per minute' }).fill('30');
  await own.getByRole('textbox', { name: 'In one burst' }).fill('7');
  await picture(window, 'client-limits');
  await own.getByRole('button', { name: 'Set these limits' }).click();
  await notified(window, 'Its limits are set');
  expect(await policy()).toContain('"client";q=30;w=60;burst=7');
  await isAccessible(window);
});
