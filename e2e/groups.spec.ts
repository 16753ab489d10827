import type { Client } from '@modelcontextprotocol/client';
import type { Locator, Page } from '@playwright/test';
import { addGroup, call, editing, expect, notified, test } from './fixtures.ts';

/** Of the sample company. */
const sampleGroups = 17;

const members = (window: Page): Locator => window.getByRole('treegrid', { name: 'Members' });
const member = (window: Page, name: string): Locator => members(window).getByRole('row', { name: new RegExp(name) });

/** The ids of people, by their names. */
async function idsOf(agent: Client, ...names: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const name of names) {
    const found = await call(agent, 'scim_search_users', { attribute: 'displayName', value: name });
    ids.push((found['Resources'] as { id: string }[])[0]?.id ?? '');
  }
  return ids;
}

async function openGroup(window: Page, name: string): Promise<void> {
  await window.getByRole('radiogroup', { name: 'List' }).getByText('Groups').click();
  await window
    .getByRole('grid', { name: 'Groups' })
    .getByRole('row', { name: new RegExp(name) })
    .click();
  await expect(window.getByRole('heading', { name, exact: true })).toBeVisible();
}

async function pick(window: Page, ...names: string[]): Promise<void> {
  const picker = window.getByRole('combobox', { name: 'People and groups' });
  for (const name of names) {
    await picker.fill(name);
    await expect(window.getByRole('option', { name }).first()).toBeVisible();
    await window.keyboard.press('Enter');
    await expect(picker).toHaveValue('');
  }
}

test('a group is made and filled from the keyboard, while an agent adds somebody too', async ({ window, mcp }) => {
  const agent = await mcp();
  await window.keyboard.press('Alt+g');
  await window.keyboard.type('Analytical Engines');
  await window.keyboard.press('Enter');
  await expect(window.getByRole('heading', { name: 'Analytical Engines' })).toBeVisible();
  await expect(window.getByText('Nobody is in this group yet.')).toBeVisible();
  await window.getByRole('button', { name: 'Add members' }).click();
  await pick(window, 'Alan Vogel', 'Amara Yamada');

  const [other] = await idsOf(agent, 'Alan Lindqvist');
  const found = (await call(agent, 'scim_list_groups', { filter: 'displayName eq "Analytical Engines"' })) as unknown;
  const group = (found as { id: string }[])[0]?.id;
  await call(agent, 'scim_modify_group_members', { group_id: group, add: [other] });
  await expect(window.getByRole('status', { name: 'Note' })).toContainText('e2e agent added Alan Lindqvist');

  await window.keyboard.press('ControlOrMeta+Enter');
  await notified(window, 'Added Alan Vogel and Amara Yamada');
  await expect(members(window).getByRole('row')).toHaveCount(4);
  for (const name of ['Alan Lindqvist', 'Alan Vogel', 'Amara Yamada']) await expect(member(window, name)).toBeVisible();
  await expect(window.getByRole('grid', { name: 'Groups' }).getByRole('row', { name: /Analytical Engines/ })).toContainText('3');
  expect(await call(agent, 'scim_get_group', { group_id: group })).toMatchObject({ displayName: 'Analytical Engines' });
});

test('two names for one group are never silently one; members that come meanwhile are no conflict', async ({ window, mcp }) => {
  const agent = await mcp();
  const [first] = await idsOf(agent, 'Alan Vogel');
  const id = await addGroup(agent, 'Board');
  await openGroup(window, 'Board');
  await window.getByRole('tab', { name: 'Details' }).click();
  await window.getByLabel('External ID').fill('crm-1');
  await call(agent, 'scim_modify_group_members', { group_id: id, add: [first] });
  await window.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Saved');

  await window.getByLabel('Display name').fill('My board');
  await call(agent, 'scim_patch_group', {
    group_id: id,
    operations: [{ op: 'replace', path: 'displayName', value: 'Their board' }],
  });
  const banner = window.getByRole('status', { name: 'Conflict' });
  await expect(banner).toContainText('e2e agent changed display name');
  await expect(window.getByRole('button', { name: 'Save' })).toBeDisabled();
  await banner.getByRole('button', { name: 'Keep mine' }).click();
  await window.getByRole('button', { name: 'Save' }).click();
  await expect(window.getByRole('grid', { name: 'Groups' }).getByRole('row', { name: /My board/ })).toBeVisible();
  expect(await call(agent, 'scim_get_group', { group_id: id })).toMatchObject({ displayName: 'My board', externalId: 'crm-1' });
  await window.getByRole('tab', { name: 'History' }).click();
  await expect(window.getByText('New member: Alan Vogel')).toBeVisible();
});

test('a group inside a group opens in its place; one that would contain itself is refused in words', async ({ window, mcp }) => {
  const agent = await mcp();
  const inner = await addGroup(agent, 'Platform', await idsOf(agent, 'Alan Vogel'));
  await addGroup(agent, 'Laboratory', [inner, ...(await idsOf(agent, 'Amara Yamada'))]);
  await openGroup(window, 'Laboratory');
  await expect(window.getByText('2 members · 2 people with the groups inside')).toBeVisible();
  await member(window, 'Platform').press('ArrowRight');
  await expect(member(window, 'Alan Vogel')).toHaveAttribute('aria-level', '2');
  await member(window, 'Platform').press('Enter');
  await expect(window.getByRole('heading', { name: 'Platform' })).toBeVisible();

  await window.getByRole('button', { name: 'Add members' }).click();
  await pick(window, 'Laboratory');
  await window.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
  await expect(window.getByRole('alert')).toContainText("The group 'Laboratory' contains this group already");
  await window.getByRole('button', { name: 'Cancel' }).click();
  await window.getByRole('button', { name: 'Back to Laboratory' }).click();
  await expect(window.getByRole('heading', { name: 'Laboratory' })).toBeVisible();
});

test('members are removed and come back; so does a deleted group with them', async ({ window, mcp }) => {
  const agent = await mcp();
  const id = await addGroup(agent, 'Board', await idsOf(agent, 'Alan Vogel', 'Amara Yamada', 'Alan Lindqvist'));
  await addGroup(agent, 'All staff', [id]);
  await openGroup(window, 'Board');
  await window.getByRole('checkbox', { name: 'Choose Alan Vogel' }).check();
  await window.getByRole('checkbox', { name: 'Choose Amara Yamada' }).check();
  await window.getByRole('button', { name: 'Remove 2' }).click();
  await notified(window, 'Removed Alan Vogel and Amara Yamada');
  await expect(members(window).getByRole('row')).toHaveCount(2);
  await window.locator('.mantine-Notification-root').getByRole('button', { name: 'Undo' }).click();
  await expect(members(window).getByRole('row')).toHaveCount(4);

  await window.getByRole('button', { name: 'More' }).click();
  await window.getByRole('menuitem', { name: /Delete/ }).click();
  await expect(window.getByRole('dialog')).toContainText('Its 3 members stay');
  await window.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(window.getByText(`${sampleGroups + 1} groups`, { exact: true })).toBeVisible();
  await window.locator('.mantine-Notification-root').filter({ hasText: 'Deleted' }).getByRole('button', { name: 'Undo' }).click();
  await expect(window.getByText(`${sampleGroups + 2} groups`, { exact: true })).toBeVisible();
  await openGroup(window, 'Board');
  await expect(members(window).getByRole('row')).toHaveCount(4);
  await window.getByRole('tab', { name: 'Details' }).click();
  await expect(window.getByRole('region', { name: 'Is in' })).toContainText('All staff');
});

test('a person who is deleted leaves their groups, and is in them again when that is undone', async ({ window, mcp }) => {
  const agent = await mcp();
  const inner = await addGroup(agent, 'Board');
  await addGroup(agent, 'All staff', [inner]);
  await editing(window, 'Alan Vogel');
  await window.getByRole('tab', { name: 'Groups' }).click();
  const groups = window.getByRole('region', { name: 'Groups' });
  await groups.getByRole('button', { name: 'Add to a group' }).click();
  await window.keyboard.type('Boa');
  await window.getByRole('option', { name: /Board/ }).click();
  await expect(groups.getByRole('listitem')).toContainText([/Board/, /All staff.*through another group/]);

  await window.getByRole('button', { name: 'More' }).click();
  await window.getByRole('menuitem', { name: /Delete/ }).click();
  await window.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await openGroup(window, 'Board');
  await expect(window.getByText('Nobody is in this group yet.')).toBeVisible();
  await window.locator('.mantine-Notification-root').filter({ hasText: 'Deleted' }).getByRole('button', { name: 'Undo' }).click();
  await expect(member(window, 'Alan Vogel')).toBeVisible();
  await member(window, 'Alan Vogel').click();
  await window.getByRole('tab', { name: 'Groups' }).click();
  await groups.getByRole('button', { name: 'Remove from Board' }).click();
  await expect(groups.getByRole('listitem').filter({ hasText: /Board|All staff/ })).toHaveCount(0);
});

test('a person whom somebody else deletes is told, and brought back into their groups', async ({ window, mcp }) => {
  const agent = await mcp();
  const [id = ''] = await idsOf(agent, 'Alan Vogel');
  await addGroup(agent, 'Board', [id]);
  await editing(window, 'Alan Vogel');
  await call(agent, 'scim_delete_user', { user_id: id });
  await window.getByRole('status', { name: 'Deleted' }).getByRole('button', { name: 'Bring back' }).click();
  await notified(window, 'Brought back');
  await window.getByRole('tab', { name: 'Groups' }).click();
  await expect(window.getByRole('region', { name: 'Groups' }).getByRole('listitem')).toContainText([/Board/]);
});

test('a group that somebody else deletes is told, and brought back with its members', async ({ window, mcp }) => {
  const agent = await mcp();
  const id = await addGroup(agent, 'Board', await idsOf(agent, 'Alan Vogel'));
  await addGroup(agent, 'All staff', [id]);
  await openGroup(window, 'Board');
  await expect(member(window, 'Alan Vogel')).toBeVisible();
  await call(agent, 'scim_delete_group', { group_id: id });
  const banner = window.getByRole('status', { name: 'Deleted' });
  await expect(banner).toContainText('e2e agent deleted this group');
  await banner.getByRole('button', { name: 'Bring back' }).click();
  await notified(window, 'Brought back');
  await expect(member(window, 'Alan Vogel')).toBeVisible();
  await expect(window.getByRole('tab', { name: /Members/ })).toContainText('1');
  await window.getByRole('tab', { name: 'Details' }).click();
  await expect(window.getByRole('region', { name: 'Is in' })).toContainText('All staff');
});
