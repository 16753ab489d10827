import type { Client } from '@modelcontextprotocol/client';
import type { Page } from '@playwright/test';
import { addGroup, call, change, expect, found, test } from './fixtures.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

async function departmentOf(agent: Client, userName: string): Promise<unknown> {
  const person = await (await found(agent, userName)).read(agent);
  return (person[enterprise] as Record<string, unknown>)['department'];
}

async function select(window: Page, names: readonly string[]): Promise<void> {
  for (const name of names) await window.getByRole('checkbox', { name: `Select ${name}` }).click();
  await expect(window.getByRole('region', { name: 'Selected people' })).toContainText(`${names.length} selected`);
}

test('many are changed with a preview; who was changed meanwhile is a conflict, the others are undone', async ({
  window,
  mcp,
}) => {
  const agent = await mcp();
  await select(window, ['Alan Lindqvist', 'Alan Tanaka', 'Alan Vogel']);
  await window.getByRole('button', { name: 'Change …' }).click();
  const dialog = window.getByRole('dialog', { name: 'Change 3 people' });
  await dialog.getByRole('textbox', { name: 'Value, change 1' }).fill('Product');
  await dialog.getByRole('button', { name: 'Preview for 3 people' }).click();
  const preview = dialog.getByRole('region', { name: 'Preview' });
  await expect(preview.getByRole('row', { name: 'Alan Lindqvist Department Finance Product' })).toBeVisible();
  await expect(preview.getByRole('row', { name: 'Alan Tanaka no change' })).toBeVisible();
  await expect(preview.getByRole('row', { name: 'Alan Vogel Department Sales Product' })).toBeVisible();

  const vogel = await found(agent, 'alan.vogel@northwind.example');
  const before = (await vogel.read(agent))[enterprise] as object;
  await change(agent, vogel, { [enterprise]: { ...before, department: 'Marketing' } });
  await dialog.getByRole('button', { name: 'Change 2 people' }).click();

  await expect(dialog.getByRole('status')).toContainText('1 person changed.');
  const conflict = dialog.getByRole('group', { name: 'Conflict: Alan Vogel' });
  await expect(conflict).toContainText('e2e agent changed department just now: Sales → Marketing');
  expect(await departmentOf(agent, 'alan.lindqvist@northwind.example')).toBe('Product');
  expect(await departmentOf(agent, 'alan.vogel@northwind.example')).toBe('Marketing');

  await conflict.getByRole('button', { name: 'Try again with the new version' }).click();
  await expect(dialog.getByRole('status')).toContainText('2 people changed.');
  expect(await departmentOf(agent, 'alan.vogel@northwind.example')).toBe('Product');
  await dialog.getByRole('button', { name: 'Undo' }).click();
  await expect(dialog.getByRole('status')).toContainText('Undone for 2 people.');
  expect(await departmentOf(agent, 'alan.lindqvist@northwind.example')).toBe('Finance');
  expect(await departmentOf(agent, 'alan.vogel@northwind.example')).toBe('Marketing');
});

test('people are selected from the keyboard, deactivated, deleted and brought back', async ({ window }) => {
  await expect(window.getByText('150 people')).toBeVisible();
  await window.getByRole('textbox', { name: 'Search people' }).fill('alan');
  await expect(window.getByText(/^\d people found/)).toBeVisible();
  await window.keyboard.press('ArrowDown');
  await window.keyboard.press('Space');
  await window.keyboard.press('Shift+ArrowDown');
  const bar = window.getByRole('region', { name: 'Selected people' });
  await expect(bar).toContainText('2 selected');
  await window.keyboard.press('ControlOrMeta+a');
  await expect(bar).not.toContainText('2 selected');
  await window.keyboard.press('Escape');
  await expect(bar).toBeHidden();
  await window.keyboard.press('Space');
  await bar.getByRole('button', { name: 'Deactivate' }).click();
  await window.getByRole('button', { name: 'Change 1 person' }).click();
  await expect(window.getByRole('dialog').getByRole('status')).toContainText('1 person changed.');
  await window.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  await bar.getByRole('button', { name: 'Delete …' }).click();
  await window.getByRole('button', { name: 'Delete 1 person' }).click();
  await expect(window.getByRole('dialog').getByRole('status')).toContainText('1 person deleted.');
  await window.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
  await expect(window.getByRole('dialog').getByRole('status')).toContainText('Undone for 1 person.');
});

test('people who are deleted together are in their groups again when that is undone', async ({ window, mcp }) => {
  const agent = await mcp();
  const names = ['Alan Lindqvist', 'Alan Tanaka'];
  const people = await Promise.all(
    ['alan.lindqvist', 'alan.tanaka'].map(async (name) => (await found(agent, `${name}@northwind.example`)).id),
  );
  const groups = [await addGroup(agent, 'Night shift', people), await addGroup(agent, 'Choir', people.slice(0, 1))];
  const sizes = async () => {
    const read = await Promise.all(groups.map((id) => call(agent, 'scim_get_group', { group_id: id })));
    return read.map(({ members = [] }) => (members as unknown[]).length);
  };
  await select(window, names);
  await window.getByRole('button', { name: 'Delete …' }).click();
  await window.getByRole('button', { name: 'Delete 2 people' }).click();
  await expect(window.getByRole('dialog').getByRole('status')).toContainText('2 people deleted.');
  expect(await sizes()).toEqual([0, 0]);
  await window.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
  await expect(window.getByRole('dialog').getByRole('status')).toContainText('Undone for 2 people.');
  expect(await sizes()).toEqual([2, 1]);
});

test('people are added to a group, filtered by it, and taken out again', async ({ window, mcp }) => {
  const agent = await mcp();
  const group = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Night shift' };
  const made = await agent.callTool({ name: 'scim_create_group', arguments: { group_data: group } });
  expect(made.isError ?? false, JSON.stringify(made.content)).toBe(false);
  await select(window, ['Alan Lindqvist', 'Alan Tanaka']);
  await window.getByRole('button', { name: 'Add to group …' }).click();
  const dialog = window.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Group' }).click();
  await window.getByRole('option', { name: 'Night shift' }).click();
  await dialog.getByRole('button', { name: 'Add 2 people' }).click();
  await expect(dialog.getByRole('status')).toContainText('2 people added to Night shift.');
  await dialog.getByRole('button', { name: 'Close' }).last().click();

  await window.getByRole('button', { name: 'Filter', exact: true }).click();
  await dialog.getByRole('combobox', { name: 'Field, condition 1' }).click();
  await window.getByRole('option', { name: 'Groups', exact: true }).click();
  await dialog.getByRole('combobox', { name: 'Value, condition 1' }).click();
  await window.getByRole('option', { name: 'Night shift' }).click();
  await expect(dialog.getByText('2 people match')).toBeVisible();
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await expect(window.getByRole('group', { name: 'Active filter' })).toContainText('Groups include Night shift');
  await window.getByRole('button', { name: 'Clear the selection' }).click();
  await expect(window.getByText('2 people found')).toBeVisible();

  await select(window, ['Alan Tanaka']);
  await window.getByRole('button', { name: 'Add to group …' }).click();
  await dialog.getByRole('combobox', { name: 'Group' }).click();
  await window.getByRole('option', { name: 'Night shift' }).click();
  await expect(dialog.getByText('All of them are in this group already.')).toBeVisible();
});
