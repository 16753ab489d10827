import { change, editing, expect, notified, openPerson, test } from './fixtures.ts';

test.describe('an agent changes the person who is open', () => {
  test('without a draft, the fields follow and flash, with who did it', async ({ window, mcp }) => {
    const person = await openPerson(window, 'Alan Vogel');
    const agent = await mcp();
    await change(agent, person, { title: 'Countess of Computing' });
    await expect(window.getByLabel('Job title')).toHaveValue('Countess of Computing');
    await expect(window.locator('.flash').filter({ has: window.getByLabel('Job title') })).toBeVisible();
    await expect(window.getByRole('status', { name: 'Note' })).toContainText('e2e agent changed job title');
    await expect(window.getByRole('button', { name: 'Save' })).toBeDisabled();
  });

  test('with a draft of other fields, the draft moves to the new version and both are saved', async ({ window, mcp }) => {
    const person = await openPerson(window, 'Alan Vogel');
    const agent = await mcp();
    await window.getByLabel('Nickname').fill('Al');
    await change(agent, person, { title: 'Countess of Computing' });
    await expect(window.getByRole('status', { name: 'Note' })).toContainText('your edits are kept');
    await window.getByRole('button', { name: 'Save' }).click();
    await notified(window, 'Saved');
    expect(await person.read(agent)).toMatchObject({ title: 'Countess of Computing', nickName: 'Al' });
  });

  test('with a draft of the same field, the banner asks; mine is saved against the newest version', async ({ window, mcp }) => {
    const person = await openPerson(window, 'Alan Vogel');
    const agent = await mcp();
    await window.getByLabel('Job title').fill('Mine');
    await window.getByLabel('Job title').focus();
    await change(agent, person, { title: 'Theirs', nickName: 'Al' });
    const banner = window.getByRole('status', { name: 'Conflict' });
    await expect(banner).toContainText('e2e agent changed job title while you were editing');
    // The person goes on typing: the focus has not moved.
    await expect(window.getByLabel('Job title')).toBeFocused();
    await expect(window.getByRole('button', { name: 'Save' })).toBeDisabled();
    await window.keyboard.press('F6');
    await expect(banner.getByRole('button', { name: 'Keep mine' })).toBeFocused();
    await window.keyboard.press('Enter');
    await expect(banner).toBeEmpty();
    await window.keyboard.press('ControlOrMeta+s');
    await notified(window, 'Saved');
    expect(await person.read(agent)).toMatchObject({ title: 'Mine', nickName: 'Al' });
  });

  test('their version can be taken', async ({ window, mcp }) => {
    const person = await openPerson(window, 'Alan Vogel');
    const agent = await mcp();
    await window.getByLabel('Job title').fill('Mine');
    await change(agent, person, { title: 'Theirs' });
    await window.getByRole('button', { name: 'Take theirs' }).click();
    await expect(window.getByLabel('Job title')).toHaveValue('Theirs');
    await expect(window.getByRole('button', { name: 'Save' })).toBeDisabled();
  });

  test('each field can be chosen, and a second change while deciding counts', async ({ window, mcp }) => {
    const person = await openPerson(window, 'Alan Vogel');
    const agent = await mcp();
    await window.getByLabel('Job title').fill('My title');
    await window.getByLabel('Nickname').fill('My nickname');
    await change(agent, person, { title: 'Their title', nickName: 'Their nickname' });
    const banner = window.getByRole('status', { name: 'Conflict' });
    await banner.getByRole('button', { name: 'Choose field by field' }).click();
    await expect(banner.getByRole('columnheader')).toHaveText(['Field', 'Before', 'Yours', 'e2e agent']);
    await change(agent, person, { title: 'Their newer title' });
    await expect(banner.getByRole('radio', { name: 'Job title: e2e agent, Their newer title' })).toBeVisible();
    await banner.getByRole('radio', { name: 'Job title: e2e agent' }).check();
    await expect(banner.getByRole('button', { name: 'Use these' })).toBeDisabled();
    await banner.getByRole('radio', { name: 'Nickname: yours' }).check();
    await banner.getByRole('button', { name: 'Use these' }).click();
    await window.getByRole('button', { name: 'Save' }).click();
    await notified(window, 'Saved');
    expect(await person.read(agent)).toMatchObject({ title: 'Their newer title', nickName: 'My nickname' });
  });

  test('deleted under a draft: it says so and recreates with the edits', async ({ window, mcp }) => {
    const person = await openPerson(window, 'Alan Vogel');
    const agent = await mcp();
    await window.getByLabel('Job title').fill('Mine');
    await agent.callTool({ name: 'scim_delete_user', arguments: { user_id: person.id } });
    const banner = window.getByRole('status', { name: 'Deleted' });
    await expect(banner).toContainText('e2e agent deleted this person');
    await banner.getByRole('button', { name: 'Recreate with my edits' }).click();
    await notified(window, 'Brought back');
    expect(await person.read(agent)).toMatchObject({ id: person.id, title: 'Mine' });
  });
});

test('a draft survives loading the window again, and meets what changed meanwhile', async ({ window, mcp }) => {
  const person = await openPerson(window, 'Alan Vogel');
  const agent = await mcp();
  await window.getByLabel('Job title').fill('Mine');
  await expect(window.getByRole('row', { name: /Alan Vogel.*draft/ })).toBeVisible();
  await window.waitForTimeout(400);
  await window.reload();
  await change(agent, person, { title: 'Theirs' });
  await editing(window, 'Alan Vogel');
  await expect(window.getByRole('status', { name: 'Conflict' })).toContainText('e2e agent changed job title');
});
