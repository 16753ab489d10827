import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, expect, found, isAccessible, picture, test, runCommand } from './fixtures.ts';
import { startInBrowser } from './shells.ts';

for (const colorScheme of ['light', 'dark'] as const)
  test(`what agents do is counted and charted, and the log tells it line by line, ${colorScheme}`, async ({
    app,
    window,
    mcp,
    accessKey,
  }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await window.getByRole('button', { name: 'Activity', exact: true }).click();
    const dialog = window.getByRole('dialog', { name: 'How Tandem is doing' });
    await expect(dialog).toContainText('Nothing needs you.');
    await expect(dialog).toContainText('Nothing was called in this time');
    await isAccessible(window);

    const [payroll, recruiting] = [await mcp({ name: 'Payroll' }), await mcp({ name: 'Recruiting', scope: 'scim:read' })];
    const alan = await found(payroll, 'alan.vogel@northwind.example');
    for (let turn = 0; turn < 12; turn++) await call(payroll, 'scim_get_user', { user_id: alan.id });
    for (let turn = 0; turn < 5; turn++) await call(recruiting, 'scim_get_user', { user_id: alan.id });
    const patch = (value: string) => [{ op: 'replace', path: 'title', value }];
    const { _version } = await alan.read(payroll);
    await call(payroll, 'scim_patch_user', { user_id: alan.id, operations: patch('Architect') });
    const refused = await payroll.callTool({
      name: 'scim_patch_user',
      arguments: { user_id: alan.id, operations: patch('Engineer'), expected_version: _version },
    });
    const nobody = await payroll.callTool({ name: 'scim_get_user', arguments: { user_id: 'nobody' } });
    expect([refused.isError, nobody.isError]).toEqual([true, true]);

    // It is told of while it happens.
    const figure = (name: string) => dialog.locator('.activity-figure').filter({ hasText: name }).getByRole('definition');
    await expect(figure('Calls')).toHaveText(/^2\d$/, { timeout: 15_000 });
    await expect(figure('Failed')).toHaveText('0');
    await expect(figure('Conflicts')).toHaveText('1');
    await expect(figure('Usual answer')).toHaveText(/ ms$/);
    const rows = dialog.getByRole('region', { name: 'By client' }).getByRole('row');
    await expect(rows).toHaveText([/^Name/, /^PayrollNorthwind Trading\d+/, /^RecruitingNorthwind Trading5/]);
    await expect(dialog.getByRole('region', { name: 'Parts' })).toContainText('DirectoryWorks');

    // An application asks the agent, over REST.
    const key = await accessKey({ name: 'Intranet' });
    const ask = async (path: string, body: object) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const response = await fetch(`${app.endpoints.issuer}/api/v1/mcp${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      expect(response.ok).toBe(true);
      return (await response.json()) as { context_id: string };
    };
    const { context_id } = await ask('/contexts', { model_id: 'offline-rules' });
    for (const prompt of ['who is in Sales?', 'who is in Finance?']) await ask(`/contexts/${context_id}/prompt`, { prompt });
    const agent = dialog.getByRole('region', { name: 'Agent', exact: true });
    await expect(agent.getByRole('row', { name: /^Questions answered 2 / })).toBeVisible({ timeout: 15_000 });
    await expect(agent.getByRole('row', { name: /^offline-rules / })).toBeVisible();
    await expect(agent.getByRole('row', { name: /^Intranet \(assistant\) Northwind Trading 3 / })).toBeVisible();
    await expect(agent).toContainText('1 conversation holds');
    await expect(dialog.getByRole('table', { name: 'Calls' })).toContainText(/\d\d:\d\d/);
    await isAccessible(window);
    await picture(window, `window-activity-${colorScheme}`);
    await agent.scrollIntoViewIfNeeded();
    await agent.getByRole('row', { name: /^Intranet/ }).scrollIntoViewIfNeeded();
    await picture(window, `window-activity-agent-${colorScheme}`);
    await window.setViewportSize({ width: 700, height: 860 });
    await isAccessible(window);
    await picture(window, `activity-narrow-${colorScheme}`);
    await agent.scrollIntoViewIfNeeded();
    await picture(window, `activity-agent-narrow-${colorScheme}`);
    await window.setViewportSize({ width: 1360, height: 860 });
    await dialog.getByText('Last 24 hours').click();
    await expect(figure('Calls')).toHaveText(/^2\d$/);

    await dialog.getByRole('tab', { name: 'Log' }).click();
    const lines = dialog.getByRole('region', { name: 'Lines of the log' });
    await expect(lines.getByRole('button', { name: 'a tool call was refused' })).toHaveCount(2);
    await lines.getByRole('button', { name: 'a tool call was refused' }).first().click();
    await expect(lines).toContainText('"clientName": "Payroll"');
    await expect(lines).toContainText('"refusal": "VERSION_MISMATCH"');
    await isAccessible(window);
    await picture(window, `window-log-${colorScheme}`);
    await window.setViewportSize({ width: 700, height: 860 });
    await isAccessible(window);
    await picture(window, `log-narrow-${colorScheme}`);
  });

test('the log is filtered, goes on by itself, and is saved without secrets', async ({ app, window, saved, mcp, accessKey }) => {
  await runCommand(window, 'log: what');
  const dialog = window.getByRole('dialog', { name: 'How Tandem is doing' });
  const lines = dialog.getByRole('region', { name: 'Lines of the log' });
  await expect(lines.getByRole('button', { name: 'Tandem is ready' })).toBeVisible();
  const agent = await mcp({ name: 'Payroll' });
  await agent.callTool({ name: 'scim_get_user', arguments: { user_id: 'nobody' } });
  await expect(lines.getByRole('button', { name: 'a tool call was refused' })).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Contains' }).fill('user_not_found');
  await expect(lines.getByRole('row')).toHaveCount(2);
  const key = await accessKey();
  await fetch(`${app.endpoints.issuer}/scim/v2/Users`, { headers: { authorization: `Bearer ${key}x` } });
  await dialog.getByRole('textbox', { name: 'Contains' }).fill('/scim/v2/Users');
  await expect(lines.getByRole('button', { name: 'refused' })).toHaveCount(1);
  const file = await saved(() => dialog.getByRole('button', { name: 'Save' }).click());
  expect(file.name).toMatch(/^tandem-log-.*\.jsonl$/);
  expect(file.text.trimEnd().split('\n')).toHaveLength(1);
  expect(file.text).not.toContain(key);
  expect(readFileSync(`${app.data}/logs/tandem.log`, 'utf8')).not.toContain(key);
  await dialog.getByRole('combobox', { name: 'Show' }).click();
  await window.getByRole('option', { name: 'Errors', exact: true }).click();
  await expect(lines).toContainText('No line is like this.');
});

test('an alarm calls a person, who looks, or hides it', async ({ chrome }) => {
  test.skip(!chrome, 'the banner is the same in both shells');
  if (!chrome) return;
  const data = mkdtempSync(join(tmpdir(), 'tandem-alarm-'));
  const counts = { calls: 40, refused: 0, failed: 30, conflicts: 0, times: { 20: 40 } };
  const minute = { at: Math.floor(Date.now() / 60_000), ...counts, resolved: 0, retries: 0, queue: 0 };
  const clients = { 'northwind key:1': { ...counts, name: 'Payroll', tenant: 'northwind' } };
  const tenants = { northwind: { ...counts, name: 'northwind' } };
  // As a Tandem that failed and was started again has left it.
  writeFileSync(join(data, 'activity.jsonl'), `${JSON.stringify({ ...minute, clients, tenants })}\n`);
  const app = await startInBrowser(chrome, data, true);
  try {
    const { window } = app;
    const banner = window.getByRole('status', { name: 'Alarm' });
    await expect(banner).toContainText('75 % of the calls of the last 5 minutes failed. The log says why.');
    await isAccessible(window);
    await picture(window, 'alarm-light');
    await window.emulateMedia({ colorScheme: 'dark' });
    await window.setViewportSize({ width: 700, height: 860 });
    await isAccessible(window);
    await picture(window, 'alarm-narrow-dark');
    await banner.getByRole('button', { name: 'Look' }).click();
    const dialog = window.getByRole('dialog', { name: 'How Tandem is doing' });
    await expect(dialog.getByRole('list', { name: 'What needs you' })).toContainText('75 % of the calls');
    await expect(dialog.locator('.activity-figure').filter({ hasText: 'Failed' })).toContainText('30');
    await isAccessible(window);
    await picture(window, 'alarm-dialog-narrow-dark');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(banner).toBeEmpty();
  } finally {
    await app.close();
    rmSync(data, { recursive: true, force: true });
  }
});
