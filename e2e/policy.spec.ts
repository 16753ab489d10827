import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { call, change, expect, found, notified, test, runCommand } from './fixtures.ts';
import { env, tandem, type RunningApp } from './shells.ts';

const docs = process.env['TANDEM_SCREENSHOTS'];

async function isAccessible(window: Page) {
  const builder = new AxeBuilder({ page: window }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']);
  // Electron's context cannot open the second page that axe otherwise uses.
  const { violations } = await builder.setLegacyMode(test.info().project.name === 'electron').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

async function picture(window: Page, name: string) {
  if (docs) await window.screenshot({ path: join(docs, `${name}.png`), animations: 'disabled' });
}

const policy = (window: Page): Locator => window.getByRole('dialog', { name: /^Policy/ });

async function openPolicy(window: Page) {
  await runCommand(window, 'Policy');
  await expect(policy(window)).toBeVisible();
  await expect(policy(window).getByRole('heading', { name: 'All agents' })).toBeVisible();
}

/** Somebody else sets the policy, from the command line. */
async function setElsewhere(app: RunningApp, content: object) {
  const file = join(app.data, 'policy.json');
  writeFileSync(file, JSON.stringify(content));
  const [node, program] = tandem;
  await promisify(execFile)(node, [program, 'policy', 'set', file, '--data', app.data, '--tenant', 'northwind'], { env });
}

test('rules in plain words hold for agents; an exception gives one of them more freedom', async ({ window, mcp }) => {
  const agent = await mcp();
  const person = await found(agent, 'alan.vogel@northwind.example');
  await change(agent, person, { nickName: 'Al' });
  await openPolicy(window);
  await policy(window).getByLabel('Changes at all').selectOption('Refused: read only');
  // What is not saved is kept, and holds for nobody yet.
  await window.keyboard.press('Escape');
  await expect(policy(window)).toBeHidden();
  await change(agent, person, { nickName: 'Allie' });
  await openPolicy(window);
  await expect(policy(window).getByText('Not saved yet')).toBeVisible();
  await policy(window).getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Policy saved');
  let writes = 0;
  const write = () =>
    agent.callTool({
      name: 'scim_patch_user',
      arguments: { user_id: person.id, operations: [{ op: 'replace', path: 'nickName', value: `Al ${++writes}` }] },
    });
  expect(JSON.stringify((await write()).structuredContent)).toContain('all-agents/readOnly');

  await policy(window).getByRole('button', { name: 'Add an exception' }).click();
  const client = policy(window).getByLabel('Client', { exact: true });
  const name = await client.getByRole('option', { name: /^e2e agent/ }).textContent();
  await client.selectOption(name ?? '');
  await policy(window).getByRole('button', { name: 'Add', exact: true }).click();
  await policy(window).getByRole('switch', { name: 'Changes at all: own rule' }).click({ force: true });
  await policy(window).getByLabel('Changes at all', { exact: true }).selectOption('Allowed');
  await window.keyboard.press('ControlOrMeta+s');
  await notified(window, 'Policy saved');
  await expect(policy(window).getByText('Not saved yet')).toBeHidden();
  expect((await write()).isError ?? false).toBe(false);
  await policy(window).getByRole('tab', { name: 'As JSON' }).click();
  await expect(policy(window).getByText('"readOnly": false')).toBeVisible();
  await policy(window).getByRole('tab', { name: 'Rules' }).click();
  await policy(window).getByRole('button', { name: /^key:/ }).click();
  await policy(window).getByRole('button', { name: 'Remove this exception' }).click();
  await policy(window).getByRole('button', { name: 'Save' }).click();
  await expect(policy(window).getByRole('button', { name: /^key:/ })).toHaveCount(0);
  await expect.poll(async () => (await write()).isError).toBe(true);
});

test('a policy is tried on the last changes before it is saved', async ({ window, mcp }) => {
  const agent = await mcp();
  const person = await found(agent, 'alan.vogel@northwind.example');
  await change(agent, person, { title: 'Chief' });
  await call(agent, 'scim_delete_user', { user_id: person.id });
  await openPolicy(window);
  await policy(window).getByLabel('Deletions', { exact: true }).selectOption('Need approval');
  await policy(window).getByRole('tab', { name: 'Try it' }).click();
  await expect(policy(window).getByText('With your changes, which are not saved yet.')).toBeVisible();
  await policy(window).getByText('Needs approval: 1').click();
  const rows = policy(window).getByRole('region', { name: 'What would have happened' }).getByRole('row');
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText('Deleted Alan Vogel');
  await expect(rows.nth(1)).toContainText('all-agents/delete');
  await policy(window).getByRole('button', { name: 'Discard' }).click();
  await expect(policy(window).getByText('None of these changes.')).toBeVisible();
});

test('what is wrong is said at the field; what others saved meanwhile is shown, and both are brought together', async ({
  app,
  window,
}) => {
  await openPolicy(window);
  await policy(window).getByLabel('Changes in quiet hours').selectOption('Changes are refused');
  for (const day of ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'])
    await policy(window).getByRole('checkbox', { name: day }).uncheck();
  await policy(window).getByRole('button', { name: 'Save' }).click();
  await expect(policy(window).getByRole('alert').first()).toContainText('Not saved');
  await expect(policy(window).getByRole('group', { name: 'Quiet hours' }).getByRole('alert')).toBeVisible();
  await policy(window).getByRole('checkbox', { name: 'Mon' }).check();
  await expect(policy(window).getByRole('alert')).toHaveCount(0);

  await setElsewhere(app, { allAgents: { approval: { delete: true } }, waitSeconds: 5 });
  await policy(window).getByRole('button', { name: 'Save' }).click();
  const others = policy(window).getByRole('status', { name: 'Changed meanwhile' });
  await expect(others).toContainText('Deletions: At once → Need approval');
  await expect(others).toContainText('25 seconds → 5 seconds');
  await expect(policy(window).getByRole('button', { name: 'Save' })).toBeDisabled();
  await others.getByRole('button', { name: 'Put my changes on top' }).click();
  await expect(policy(window).getByLabel('Deletions', { exact: true })).toHaveValue('true');
  await policy(window).getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Policy saved');
  await policy(window).getByRole('tab', { name: 'As JSON' }).click();
  const json = policy(window).getByRole('tabpanel');
  await expect(json).toContainText('"waitSeconds": 5');
  await expect(json).toContainText('"delete": true');
  await expect(json).toContainText('"writes": "refuse"');
});

test('a policy is changed from the keyboard, and reached from the tenants', async ({ window }) => {
  await window.getByRole('combobox', { name: 'Tenant' }).click();
  await window.getByRole('option', { name: 'Manage tenants' }).click();
  const tenants = window.getByRole('dialog', { name: 'Tenants' });
  await tenants.getByRole('button', { name: /Fabrikam Labs/ }).click();
  await tenants.getByRole('button', { name: 'Policy …' }).click();
  await expect(window.getByRole('dialog', { name: 'Policy of Fabrikam Labs' })).toBeVisible();
  const deletions = policy(window).getByLabel('Deletions', { exact: true });
  for (let step = 0; step < 30; step++) {
    if (await deletions.evaluate((element) => element === document.activeElement)) break;
    await window.keyboard.press('Tab');
  }
  await expect(deletions).toBeFocused();
  await window.keyboard.press('ArrowDown');
  await window.keyboard.press('ControlOrMeta+s');
  await notified(window, 'Policy saved');
  await expect(deletions).toHaveValue('true');
  await window.keyboard.press('Escape');
  await expect(policy(window)).toBeHidden();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the policy can be read and changed by everybody, ${colorScheme}`, async ({ app, window, mcp }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const agent = await mcp();
    await change(agent, await found(agent, 'alan.vogel@northwind.example'), { title: 'Chief' });
    await change(agent, await found(agent, 'amara.yamada@northwind.example'), { nickName: 'Mara' });
    await setElsewhere(app, {
      allAgents: {
        approval: { delete: true, deactivate: true, attributes: ['title', 'roles'], groups: ['Administrators'], perHour: 50 },
        quietHours: { timeZone: 'Europe/Berlin', from: '20:00', to: '06:00', days: ['mon', 'tue', 'wed'], writes: 'approval' },
      },
      clients: [{ client: 'Payroll', approval: { deactivate: false, perHour: null } }],
    });
    await openPolicy(window);
    await isAccessible(window);
    await picture(window, `window-policy-${colorScheme}`);
    await policy(window).getByRole('button', { name: 'Payroll' }).click();
    await expect(policy(window).getByRole('heading', { name: 'Payroll' })).toBeVisible();
    await isAccessible(window);
    await policy(window).getByRole('button', { name: 'How people are asked' }).click();
    await isAccessible(window);
    await policy(window).getByRole('button', { name: 'Add an exception' }).click();
    await expect(policy(window).getByLabel('Client', { exact: true })).toBeVisible();
    await isAccessible(window);
    await policy(window).getByRole('tab', { name: 'Try it' }).click();
    await expect(policy(window).getByText('Changed Alan Vogel').or(policy(window).getByText('Changed')).first()).toBeVisible();
    await isAccessible(window);
    await policy(window).getByRole('tab', { name: 'As JSON' }).click();
    await isAccessible(window);
    await policy(window).getByRole('tab', { name: 'Rules' }).click();
    await window.setViewportSize({ width: 700, height: 800 });
    await isAccessible(window);
    const overflow = await window.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
}
