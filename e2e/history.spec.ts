import type { Locator, Page } from '@playwright/test';
import { addGroup, call, change, expect, found, isAccessible, notified, openPerson, picture, test } from './fixtures.ts';

const history = (window: Page): Locator => window.getByRole('list', { name: 'History' });
const action = (window: Page, name: string): Locator => window.getByRole('button', { name: new RegExp(`^${name}:`) });

test('a timeline is filtered; two versions are compared; one comes back with chosen fields, and that is undone', async ({
  window,
  mcp,
}) => {
  const agent = await mcp();
  const person = await openPerson(window, 'Alan Vogel');
  const before = await person.read(agent);
  await change(agent, person, { title: 'Engineer', nickName: 'Al' });
  await change(agent, person, { title: 'Architect' });
  await window.getByLabel('Display name').fill('Alan V.');
  await window.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Saved');
  await window.getByRole('tab', { name: 'History' }).click();
  await expect(history(window).getByRole('listitem')).toHaveCount(4);

  await window.getByRole('combobox', { name: 'Who' }).selectOption('By e2e agent');
  await expect(history(window).getByRole('listitem')).toHaveCount(2);
  await window.getByRole('combobox', { name: 'Field' }).selectOption('Nickname');
  await expect(history(window).getByRole('listitem')).toHaveCount(1);
  await window.getByRole('button', { name: 'Clear', exact: true }).click();
  await expect(history(window).getByRole('listitem')).toHaveCount(4);

  await action(window, 'Compare').last().click();
  const dialog = window.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Right' }).selectOption({ index: 0 });
  const differing = dialog.getByRole('table', { name: 'What differs' });
  await expect(differing.getByRole('row', { name: /Job title/ })).toContainText('Architect');
  await expect(differing.getByRole('row', { name: /Display name/ })).toContainText('Alan V.');
  await dialog.getByRole('button', { name: 'Go back to the left one' }).click();
  await dialog.getByRole('checkbox', { name: 'Display name' }).uncheck();
  await dialog.getByRole('button', { name: 'Go back with 2 of 3' }).click();
  await notified(window, 'Went back to');
  expect(await person.read(agent)).toMatchObject({ title: before['title'], displayName: 'Alan V.' });
  await expect(history(window).getByRole('listitem').first()).toContainText('You went back with some fields to');
  await window
    .locator('.mantine-Notification-root')
    .filter({ hasText: 'Went back' })
    .getByRole('button', { name: 'Undo' })
    .click();
  await notified(window, 'Undone');
  expect(await person.read(agent)).toMatchObject({ title: 'Architect', nickName: 'Al' });
});

test('a run of an agent is undone from the timeline; what somebody changed since is asked about', async ({ window, mcp }) => {
  const agent = await mcp();
  const person = await openPerson(window, 'Alan Vogel');
  const { title } = await person.read(agent);
  await change(agent, person, { title: 'Boss', nickName: 'Z' });
  await change(agent, await found(agent, 'amara.yamada@northwind.example'), { nickName: 'Z' });
  const user = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: 'new@northwind.example',
    displayName: 'New One',
  };
  await call(agent, 'scim_create_user', { user_data: user });
  await expect(window.getByLabel('Job title')).toHaveValue('Boss');
  await window.getByLabel('Job title').fill('Countess');
  await window.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Saved');

  await window.getByRole('tab', { name: 'History' }).click();
  await action(window, 'Undo this whole run').first().click();
  const dialog = window.getByRole('dialog');
  await expect(dialog).toContainText(
    '3 people and groups go back as they were before. One has something that somebody changed since',
  );
  const alan = dialog.getByRole('region', { name: 'Alan Vogel' });
  await expect(alan).toContainText('You changed it since.');
  await alan.getByRole('radio', { name: `As it was before: ${String(title)}` }).check();
  await dialog.getByRole('button', { name: 'Undo 3' }).click();
  await notified(window, 'Undone: 3 people and groups');
  const now = await person.read(agent);
  expect(now).toMatchObject({ title });
  expect(now).not.toHaveProperty('nickName');
  expect(await call(agent, 'scim_search_users', { attribute: 'userName', value: 'new@northwind.example' })).toMatchObject({
    totalResults: 0,
  });
  await expect(history(window).getByRole('listitem').first()).toContainText('You undid what e2e agent did');
});

test('what the agent in the window did for a request is undone', async ({ window }) => {
  await openPerson(window, 'Alan Vogel');
  const title = window.getByLabel('Job title');
  const before = await title.inputValue();
  await window.getByLabel('Message to the agent').fill('Set their title to Team Lead');
  await window.getByRole('button', { name: 'Send' }).click();
  await expect(title).toHaveValue('Team Lead');
  await window.getByRole('button', { name: 'Undo what this did' }).click();
  await window.getByRole('dialog').getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(title).toHaveValue(before);
});

test('the directory is shown as it was, to be looked at only', async ({ window, mcp }) => {
  const agent = await mcp();
  const alan = await found(agent, 'alan.vogel@northwind.example');
  const board = await addGroup(agent, 'Board', [alan.id]);
  await window.waitForTimeout(1100);
  const moment = await window.evaluate(() => {
    const now = new Date();
    return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  });
  await change(agent, alan, { displayName: 'Somebody Else', title: 'Countess' });
  await call(agent, 'scim_delete_group', { group_id: board });

  await window.getByRole('button', { name: 'See the directory as it was' }).click();
  const dialog = window.getByRole('dialog');
  await dialog.getByLabel('Day and time').fill('2999-01-01T00:00:00');
  await dialog.getByRole('button', { name: 'Show' }).click();
  await expect(dialog.getByText('This moment has not come yet.')).toBeVisible();
  await dialog.getByLabel('Day and time').fill(moment);
  await dialog.getByRole('button', { name: 'Show' }).click();
  const banner = window.getByRole('region', { name: 'The past' });
  await expect(banner).toContainText(/You are looking at .+ as of .+ Read only\./);
  const people = window.getByRole('region', { name: 'People of then' });
  await expect(people.getByText('150 people')).toBeVisible();
  await window.getByRole('textbox', { name: 'Search people of then' }).fill('vogel');
  await expect(people.getByText(/^\d+ (?:person|people) found$/)).toBeVisible();
  await window.getByRole('row', { name: /Alan Vogel/ }).click();
  await expect(window.getByRole('heading', { name: 'Alan Vogel' })).toBeVisible();
  await expect(window.getByRole('main').getByRole('textbox')).toHaveCount(0);
  await window.getByRole('button', { name: 'Board' }).click();
  await expect(window.getByRole('heading', { name: 'Board' })).toBeVisible();
  await expect(window.getByRole('button', { name: 'Alan Vogel' })).toBeVisible();

  await banner.getByRole('button', { name: 'Another moment' }).click();
  await window.getByRole('dialog').getByRole('button', { name: 'A week ago' }).click();
  await expect(people.getByText('0 people')).toBeVisible();
  await banner.getByRole('button', { name: 'Back to now' }).click();
  await window.getByRole('textbox', { name: 'Search people', exact: true }).fill('Somebody Else');
  await expect(window.getByText('1 person found')).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the history can be used by everybody, ${colorScheme}`, async ({ window, mcp }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const agent = await mcp();
    const person = await openPerson(window, 'Alan Vogel');
    await change(agent, person, { title: 'Engineer', nickName: 'Al' });
    await change(agent, await found(agent, 'amara.yamada@northwind.example'), { title: 'Engineer' });
    await addGroup(agent, 'Engineers', [person.id]);
    await change(agent, person, { title: 'Architect', nickName: 'Alan' });
    await expect(window.getByLabel('Job title')).toHaveValue('Architect');
    await window.getByLabel('Job title').fill('Head of Sales');
    await window.getByRole('button', { name: 'Save' }).click();
    await notified(window, 'Saved');
    await window.getByRole('tab', { name: 'History' }).click();
    await expect(history(window).getByRole('listitem')).toHaveCount(4);
    await window.getByRole('button', { name: 'Close' }).click();
    await isAccessible(window);
    await picture(window, `window-history-${colorScheme}`);

    const dialog = window.getByRole('dialog');
    await action(window, 'Compare').last().click();
    await dialog.getByRole('combobox', { name: 'Right' }).selectOption({ index: 0 });
    await expect(dialog.getByRole('table', { name: 'What differs' })).toBeVisible();
    await window.waitForTimeout(300);
    await picture(window, `window-compare-${colorScheme}`);
    await dialog.getByRole('button', { name: 'Go back to the left one' }).click();
    await expect(dialog.getByRole('table', { name: 'What would change' })).toBeVisible();
    await window.waitForTimeout(300);
    await isAccessible(window);
    await picture(window, `window-revert-${colorScheme}`);
    await window.keyboard.press('Escape');
    await action(window, 'Undo this whole run').first().click();
    await expect(dialog.getByRole('region', { name: 'Alan Vogel' })).toBeVisible();
    await window.waitForTimeout(300);
    await isAccessible(window);
    await picture(window, `window-undo-${colorScheme}`);
    await window.setViewportSize({ width: 700, height: 860 });
    await window.waitForTimeout(300);
    await picture(window, `window-undo-narrow-${colorScheme}`);
    await window.keyboard.press('Escape');
    await picture(window, `window-history-narrow-${colorScheme}`);
    const overflow = await window.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });

  test(`the past can be looked at by everybody, ${colorScheme}`, async ({ window, mcp }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const agent = await mcp();
    const person = await found(agent, 'alan.vogel@northwind.example');
    await addGroup(agent, 'Engineers', [person.id]);
    await window.waitForTimeout(2100);
    const dialog = window.getByRole('dialog');
    await window.getByRole('button', { name: 'See the directory as it was' }).click();
    const second = new Date(Date.now() - 1000);
    const local = new Date(second.getTime() - second.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
    await dialog.getByLabel('Day and time').fill(local);
    await window.waitForTimeout(300);
    await isAccessible(window);
    await picture(window, `window-moment-${colorScheme}`);
    await dialog.getByRole('button', { name: 'Show' }).click();
    await window.getByRole('textbox', { name: 'Search people of then' }).fill('alan');
    // Rows move until it is found, and a click could go astray.
    await expect(window.getByText('3 people found')).toBeVisible();
    await window.getByRole('row', { name: /Alan Vogel/ }).click();
    await expect(window.getByRole('heading', { name: 'Alan Vogel' })).toBeVisible();
    await isAccessible(window);
    await picture(window, `window-past-${colorScheme}`);
    await window.setViewportSize({ width: 700, height: 860 });
    await isAccessible(window);
    await picture(window, `window-past-narrow-${colorScheme}`);
  });
}
