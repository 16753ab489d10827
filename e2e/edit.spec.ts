import { change, editing, expect, notified, openPerson, test } from './fixtures.ts';

test('a person is edited, saved and undone', async ({ window, mcp }) => {
  const person = await openPerson(window, 'Alan Vogel');
  const agent = await mcp();
  const before = await person.read(agent);
  await window.getByLabel('Job title').fill('Engineer');
  await window.getByRole('button', { name: 'Add an email address' }).click();
  await window.getByLabel('Email addresses 3', { exact: true }).fill('alan@club.example');
  await window.getByRole('radio', { name: 'Primary' }).nth(1).check();
  await window.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Saved');
  expect(await person.read(agent)).toMatchObject({
    title: 'Engineer',
    emails: [
      { value: 'alan.vogel@northwind.example' },
      { value: 'alan.vogel@home.example', primary: true },
      { value: 'alan@club.example' },
    ],
  });
  await window.locator('.mantine-Notification-root').getByRole('button', { name: 'Undo' }).click();
  await notified(window, 'Undone');
  expect(await person.read(agent)).toMatchObject({ title: before['title'], emails: before['emails'] });
});

test('what is wrong is said at the field, and nothing is saved', async ({ window }) => {
  await openPerson(window, 'Alan Vogel');
  await window.getByLabel('User name').fill('');
  await window.getByRole('button', { name: 'Save' }).click();
  await expect(window.getByRole('alert').filter({ hasText: 'Not saved' })).toContainText('User name: is needed');
  await expect(window.getByLabel('User name')).toHaveAttribute('aria-invalid', 'true');
});

test('a person is added, found, deleted and brought back, from the keyboard', async ({ window }) => {
  await expect(window.getByText('150 people')).toBeVisible();
  await window.keyboard.press('Alt+n');
  await window.getByLabel('User name').fill('grace.hopper@northwind.example');
  await window.getByLabel('Display name').fill('Grace Brewster Hopper');
  await window.keyboard.press('ControlOrMeta+s');
  await expect(window.getByRole('heading', { name: 'Grace Brewster Hopper' })).toBeVisible();
  await window.getByRole('heading', { name: 'Grace Brewster Hopper' }).click();
  await window.keyboard.press('/');
  await window.keyboard.type('brewster');
  await expect(window.getByText('1 person found')).toBeVisible();
  await window.keyboard.press('ArrowDown');
  await window.keyboard.press('Enter');
  await window.getByRole('button', { name: 'More' }).click();
  await window.getByRole('menuitem', { name: /Delete/ }).click();
  await window.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(window.getByText('Nobody matches “brewster”.')).toBeVisible();
  await window.locator('.mantine-Notification-root').getByRole('button', { name: 'Undo' }).click();
  await expect(window.getByText('1 person found')).toBeVisible();
});

test('undo and redo step through a draft; history brings an old version back', async ({ window }) => {
  await openPerson(window, 'Alan Vogel');
  const title = window.getByLabel('Job title');
  const before = await title.inputValue();
  await title.fill('Engineer');
  await window.getByRole('button', { name: 'Undo' }).click();
  await expect(title).toHaveValue(before);
  await window.getByRole('button', { name: 'Redo' }).click();
  await expect(title).toHaveValue('Engineer');
  await window.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Saved');
  await window.getByRole('tab', { name: 'History' }).click();
  await expect(window.getByText(`Job title: ${before} → Engineer`)).toBeVisible();
  await window
    .getByRole('button', { name: /^Go back to this/ })
    .first()
    .click();
  await window.getByRole('dialog').getByRole('button', { name: 'Go back', exact: true }).click();
  await notified(window, 'Went back to');
  await window.getByRole('tab', { name: 'Details' }).click();
  await expect(title).toHaveValue(before);
});

test('the record is edited as text', async ({ window }) => {
  await openPerson(window, 'Alan Vogel');
  await window.getByRole('tab', { name: 'Record' }).click();
  const text = window.getByLabel('The whole record');
  const record = JSON.parse(await text.inputValue()) as Record<string, unknown>;
  await text.fill('{ not yet');
  await expect(window.getByText('This is not a valid record yet')).toBeVisible();
  await text.fill(JSON.stringify({ ...record, nickName: 'Al' }));
  await window.getByRole('tab', { name: 'Details' }).click();
  await expect(window.getByLabel('Nickname')).toHaveValue('Al');
});

test('a record that is no record yet waits in its tab, and takes nothing back of what others change meanwhile', async ({
  window,
  mcp,
}) => {
  const person = await openPerson(window, 'Alan Vogel');
  await window.getByRole('tab', { name: 'Record' }).click();
  const text = window.getByLabel('The whole record');
  const unfinished = (await text.inputValue()).replace('{', '{ "nickName": "Al"');
  await text.fill(unfinished);
  await window.getByRole('tab', { name: 'Details' }).click();
  await change(await mcp(), person, { title: 'Theirs' });
  await expect(window.getByLabel('Job title')).toHaveValue('Theirs');
  await window.getByRole('tab', { name: 'Record' }).click();
  await expect(text).toHaveValue(unfinished);
  await text.fill(unfinished.replace('"Al"', '"Al",'));
  await window.getByRole('tab', { name: 'Details' }).click();
  await expect(window.getByLabel('Job title')).toHaveValue('Theirs');
  await expect(window.getByLabel('Nickname')).toHaveValue('Al');
});

test('the End key leads to the very end of the list', async ({ window }) => {
  await expect(window.getByText('150 people')).toBeVisible();
  await window.getByRole('row', { name: /Alan Lindqvist/ }).click();
  await window.keyboard.press('End');
  const last = window.locator('[role=row][aria-rowindex="151"]');
  await expect(last).toBeFocused();
  await expect
    .poll(() =>
      last.evaluate((row) => row.getBoundingClientRect().bottom - (row.closest('.scroll')?.getBoundingClientRect().bottom ?? 0)),
    )
    .toBeLessThanOrEqual(0.5);
});

test('the list sorts, and switching the tenant shows other people', async ({ window }) => {
  await expect(window.getByText('150 people')).toBeVisible();
  await window.getByRole('button', { name: 'Name' }).click();
  await expect(window.getByRole('grid').getByRole('row').nth(1)).toContainText(/^[TVWYZ]/);
  await window.getByRole('combobox', { name: 'Tenant' }).click();
  await window.getByRole('option', { name: 'Fabrikam Labs' }).click();
  await expect(window.getByText('50 people')).toBeVisible();
  await window.getByRole('combobox', { name: 'Tenant' }).click();
  await window.getByRole('option', { name: 'Default' }).click();
  await expect(window.getByText('Nobody is here yet.')).toBeVisible();
});

test('the manager is chosen among people', async ({ window, mcp }) => {
  const person = await openPerson(window, 'Alan Vogel');
  const manager = window.getByRole('combobox', { name: 'Manager' });
  await manager.fill('Amara Yamada');
  await window.getByRole('option', { name: 'Amara Yamada' }).click();
  await window.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Saved');
  const record = await person.read(await mcp());
  await editing(window, 'Amara Yamada');
  await window.getByRole('tab', { name: 'Record' }).click();
  const amara = JSON.parse(await window.getByLabel('The whole record').inputValue()) as { id: string };
  expect(JSON.stringify(record)).toContain(`"manager":{"value":"${amara.id}"`);
});
