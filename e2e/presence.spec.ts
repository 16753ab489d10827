import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Locator, Page } from '@playwright/test';
import { addGroup, call, change, editing, expect, found, isAccessible, notified, openPerson, picture, test } from './fixtures.ts';
import { env, tandem } from './shells.ts';

const others = (window: Page): Locator => window.getByRole('status', { name: 'Who else is here' });
const row = (window: Page, name: string): Locator => window.getByRole('row', { name: new RegExp(name) });
const field = (window: Page, label: string): Locator =>
  window.locator('.field-at').filter({ has: window.getByRole('textbox', { name: label }) });

test('an agent that is about to write is seen in the table, in the editor and at the field, until it has ended or its lease has', async ({
  window,
  mcp,
}) => {
  test.slow();
  const person = await openPerson(window, 'Alan Vogel');
  const agent = await mcp();
  const title = await window.getByRole('textbox', { name: 'Job title' }).boundingBox();
  const edit = { resource_type: 'User', resource_id: person.id, fields: ['title'], note: 'promotion' };
  const { edit_id } = await call(agent, 'scim_begin_edit', edit);
  const text = 'e2e agent is about to change job title: promotion';
  await expect(others(window)).toHaveText(text);
  await expect(row(window, 'Alan Vogel').getByRole('img', { name: text })).toBeVisible();
  await expect(field(window, 'Job title').getByRole('img', { name: text })).toBeVisible();
  await expect(field(window, 'Nickname').getByRole('img')).toHaveCount(0);
  expect(await window.getByRole('textbox', { name: 'Job title' }).boundingBox(), 'nothing moves').toEqual(title);
  await call(agent, 'scim_end_edit', { edit_id });
  await expect(others(window)).toBeEmpty();
  await expect(row(window, 'Alan Vogel').getByRole('img')).toHaveCount(0);

  await call(agent, 'scim_begin_edit', { ...edit, lease_seconds: 5 });
  await expect(others(window)).toHaveText(text);
  await expect(others(window)).toBeEmpty({ timeout: 10_000 });
});

test('an agent is told of the draft in the window, and of its end', async ({ window, mcp }) => {
  test.slow();
  const person = await openPerson(window, 'Alan Vogel');
  const agent = await mcp();
  const advised = async () => {
    const { structuredContent } = await agent.callTool({ name: 'scim_get_user', arguments: { user_id: person.id } });
    return (structuredContent as { metadata: { advisory?: { fields_taken: string[] } } }).metadata.advisory?.fields_taken;
  };
  await window.getByRole('textbox', { name: 'Job title' }).fill('Mine');
  await expect.poll(advised).toEqual(['title']);
  // The draft stays one while somebody else is on screen.
  await editing(window, 'Amara Yamada');
  await expect.poll(advised).toEqual(['title']);
  await editing(window, 'Alan Vogel');
  await window.getByRole('button', { name: 'Discard' }).click();
  await expect.poll(advised).toBeUndefined();
});

test('a group is marked as a person is', async ({ window, mcp }) => {
  test.slow();
  const agent = await mcp();
  const id = await addGroup(agent, 'Reviewers');
  await window.keyboard.press('Alt+2');
  await row(window, 'Reviewers').click();
  await expect(window.getByRole('heading', { name: 'Reviewers' })).toBeVisible();
  await call(agent, 'scim_begin_edit', { resource_type: 'Group', resource_id: id, fields: ['displayName'] });
  await expect(others(window)).toHaveText('e2e agent is about to change display name');
  await expect(row(window, 'Reviewers').getByRole('img')).toBeVisible();
  await window.getByRole('tab', { name: 'Details' }).click();
  await expect(field(window, 'Display name').getByRole('img')).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`two windows see each other, ${colorScheme}`, async ({ window, mcp, app, chrome }) => {
    test.skip(chrome === undefined, 'the second window is a browser');
    if (!chrome) return;
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const person = await openPerson(window, 'Alan Vogel');
    await window.getByRole('button', { name: 'Clear the search' }).click();
    const [node, program] = tandem;
    const { stdout } = await promisify(execFile)(node, [program, 'open', '--data', app.data], { env });
    const context = await chrome.newContext({ viewport: { width: 1360, height: 860 } });
    const second = await context.newPage();
    await second.goto(stdout.trim().split('\n').at(-1) ?? '');
    await editing(second, 'Alan Vogel');
    await expect(others(window)).toHaveText('Another window has this open');
    await expect(others(second)).toHaveText('Another window has this open');
    await second.getByRole('textbox', { name: 'Nickname' }).fill('Al');
    await expect(others(window)).toHaveText('Another window has unsaved changes of nickname');
    await expect(field(window, 'Nickname').getByRole('img')).toBeVisible();

    const agent = await mcp();
    const edit = { resource_type: 'User', resource_id: person.id, fields: ['title'], note: 'promotion' };
    await call(agent, 'scim_begin_edit', edit);
    const amara = await found(agent, 'amara.yamada@northwind.example');
    await call(agent, 'scim_begin_edit', { ...edit, resource_id: amara.id });
    await expect(others(window)).toContainText('e2e agent is about to change job title: promotion · Another window');
    await window
      .getByRole('main')
      .getByRole('img', { name: /e2e agent/ })
      .first()
      .hover();
    await expect(window.getByRole('tooltip')).toContainText('Another window has unsaved changes of nickname');
    await isAccessible(window);
    await picture(window, `window-presence-${colorScheme}`);
    await window.setViewportSize({ width: 700, height: 860 });
    await isAccessible(window);
    await picture(window, `presence-narrow-${colorScheme}`);
    await window.setViewportSize({ width: 1360, height: 860 });

    await second.getByRole('button', { name: 'Save' }).click();
    await notified(second, 'Saved');
    await expect(others(window)).toContainText('Another window has this open');
    await context.close();
    await expect(others(window)).toHaveText('e2e agent is about to change job title: promotion');
  });

test('the banner says who is still at it, shows what will be saved, and asks the agent to make its change again on mine', async ({
  window,
  mcp,
}) => {
  test.slow();
  const person = await openPerson(window, 'Alan Vogel');
  const agent = await mcp();
  const before = await person.read(agent);
  await window.getByRole('textbox', { name: 'Job title' }).fill('Mine');
  await window.getByRole('textbox', { name: 'Nickname' }).fill('Al');
  await change(agent, person, { title: 'Theirs', locale: 'pt-PT' });
  const edit = { resource_type: 'User', resource_id: person.id, fields: ['title'] };
  await call(agent, 'scim_begin_edit', edit);
  const banner = window.getByRole('status', { name: 'Conflict' });
  await expect(banner).toContainText('e2e agent is about to change job title.');
  // The agent meets the conflict from its own side too.
  const saved = await agent.callTool({
    name: 'scim_update_user',
    arguments: { user_id: person.id, user_data: { ...before, title: 'Stale' }, expected_version: before['_version'] },
  });
  expect(saved.isError).toBe(true);
  await expect(banner).toContainText('A change by e2e agent of job title was refused just now: still open.');

  await banner.getByRole('button', { name: 'Choose field by field' }).click();
  const preview = banner.getByRole('table', { name: 'What will be saved' });
  await expect(preview.getByRole('row')).toHaveText([
    /^Job titlenot decided yet$/,
    /^Region format.*pt-PT.*e2e agent$/,
    /^Nickname.*Al.*Yours$/,
  ]);
  await banner.getByRole('radio', { name: 'Job title: yours' }).check();
  await expect(preview.getByRole('row').first()).toHaveText(/Mine.*Yours$/);
  await isAccessible(window);
  await picture(window, 'window-merge-preview');

  await banner.getByRole('button', { name: 'Let the agent redo it' }).click();
  await notified(window, 'Saved');
  await notified(window, 'e2e agent is asked');
  expect(await person.read(agent)).toMatchObject({ title: 'Mine', nickName: 'Al', locale: 'pt-PT' });
  await window.keyboard.press('Alt+i');
  const inbox = window.getByRole('dialog', { name: /^Inbox/ });
  await inbox.getByLabel('Show').selectOption('Between agents');
  await inbox.getByRole('row', { name: /e2e agent is asked again to change job title of Alan Vogel/ }).click();
  await expect(inbox.getByRole('region', { name: 'Question' })).toContainText('You asked the agent');
  await isAccessible(window);
  await picture(window, 'inbox-asked-again');
  // The agent finds it among what it is asked, and makes its change again.
  const asked = (await call(agent, 'scim_list_escalations', { asked_of_me: true, status: 'pending' })) as unknown;
  const [{ escalation_id, asked_by, intent } = {}] = asked as Record<string, unknown>[];
  expect([asked_by, intent]).toMatchObject([{ name: 'Administrator' }, expect.stringContaining('title')]);
  await call(agent, 'scim_answer_escalation', { escalation_id, answer: 'accept' });
  await expect(inbox.getByRole('status', { name: 'Answer' })).toContainText('e2e agent approved it');
  await window.keyboard.press('Escape');
  expect(await person.read(agent)).toMatchObject({ title: 'Theirs', nickName: 'Al', locale: 'pt-PT' });
  await window.getByRole('tab', { name: 'History' }).click();
  await expect(window.getByRole('list', { name: 'History' })).toContainText('Mine → Theirs');
});

test('the agent in the pane makes its change again on mine', async ({ window, mcp }) => {
  const person = await openPerson(window, 'Alan Vogel');
  await window.getByRole('button', { name: 'Show me a conflict' }).click();
  const banner = window.getByRole('status', { name: 'Conflict' });
  await expect(banner).toContainText("Tandem's agent changed job title while you were editing");
  const agent = await mcp();
  const { title } = await person.read(agent);
  await banner.getByRole('button', { name: 'Let the agent redo it' }).click();
  await notified(window, 'Saved');
  await expect(window.getByRole('log')).toContainText(`Done: changed job title to “${String(title)}”`);
  expect(await person.read(agent)).toMatchObject({ title });
});
