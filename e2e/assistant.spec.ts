import type { Page } from '@playwright/test';
import { CookieBrowser } from '../test/cookie-browser.ts';
import { change, editing, expect, found, isAccessible, notified, picture, test, runCommand } from './fixtures.ts';
import { openedOutside, type RunningApp } from './shells.ts';

const say = async (window: Page, text: string) => {
  await window.getByLabel('Message to the agent').fill(text);
  await window.keyboard.press('Enter');
};
const logOf = (window: Page) => window.getByRole('log', { name: 'Conversation with the agent' });
const stop = (window: Page) => window.getByRole('button', { name: 'Stop', exact: true });

test('conversations last, are found, renamed, exported and deleted', async ({ window, saved }) => {
  const log = logOf(window);
  await say(window, 'How many people are there?');
  await expect(log).toContainText('150 people');
  await window.getByRole('button', { name: 'New conversation' }).click();
  await expect(window.getByRole('heading', { name: 'New conversation' })).toBeVisible();
  await window.getByRole('button', { name: 'Find everyone in Sales' }).click();
  await expect(log).toContainText('19 people are in Sales');

  await window.reload();
  await expect(window.getByRole('heading', { name: 'Find everyone in Sales' })).toBeVisible();
  await expect(log).toContainText('19 people are in Sales');

  await window.getByRole('button', { name: 'More', exact: true }).click();
  await window.getByRole('menuitem', { name: 'Rename' }).click();
  await expect(window.getByRole('textbox', { name: 'Title of the conversation' })).toBeFocused();
  await window.keyboard.type('The sales team');
  await window.keyboard.press('Enter');
  await expect(window.getByRole('heading', { name: 'The sales team' })).toBeVisible();
  const { name, text } = await saved(async () => {
    await window.getByRole('button', { name: 'More', exact: true }).click();
    await window.getByRole('menuitem', { name: /Markdown/ }).click();
  });
  if (name !== '') expect(name).toBe('The-sales-team.md');
  expect(text).toContain('# The sales team');
  expect(text).toContain('**You:**\n\nFind everyone in Sales');

  await window.keyboard.press('Alt+3');
  const list = window.getByRole('list', { name: 'Conversations' });
  await expect(list.getByRole('listitem')).toHaveCount(2);
  await window.getByRole('textbox', { name: 'Search conversations' }).fill('how many');
  await expect(list.getByRole('listitem')).toHaveCount(1);
  await list.getByRole('button', { name: 'More: How many people are there?' }).click();
  await window.getByRole('menuitem', { name: 'Delete …' }).click();
  await window.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(window.getByText('No conversation has this in it.')).toBeVisible();
  await window.getByRole('button', { name: 'Clear the search' }).click();
  await list.getByRole('button', { name: /^The sales team/ }).click();
  await expect(log).toContainText('19 people are in Sales');
});

test('a tool asks with a form (V1), which is filled in by keyboard and survives a reload', async ({ window }) => {
  const log = logOf(window);
  await window.getByLabel('Message to the agent').focus();
  await say(window, 'Create a ticket: the printer on floor 3 is broken');
  const name = window.getByRole('textbox', { name: 'Who reports it' });
  // Whoever waits with nothing typed is led to the form.
  await expect(name).toBeFocused();
  await window.keyboard.press('Enter');
  await expect(log.getByText('Fill this in.')).toBeVisible();
  await expect(name).toBeFocused();
  await window.keyboard.type('Grace Hopper');
  await window.keyboard.press('Tab');
  await window.keyboard.press('Tab');
  await window.keyboard.type('grace');
  // What is typed is kept a moment later.
  await window.waitForTimeout(800);

  await window.reload();
  await expect(name).toHaveValue('Grace Hopper');
  await expect(window.getByRole('textbox', { name: 'Email' })).toHaveValue('grace');
  await window.getByRole('radio', { name: 'High' }).check();
  await window.getByRole('textbox', { name: 'Email' }).press('Enter');
  await expect(log.getByText(/not an email address/)).toBeVisible();
  await window.getByRole('textbox', { name: 'Email' }).fill('grace@example.com');
  await window.keyboard.press('Enter');
  await expect(log).toContainText('Created a ticket of high priority for Grace Hopper: the printer on floor 3 is broken');
  await expect(log).toContainText('grace@example.com');
});

test('a tool asks three things in one call (V2), and No is an answer too', async ({ window }) => {
  const log = logOf(window);
  const day = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  await say(window, 'Book an appointment');
  await window.getByRole('textbox', { name: 'Name', exact: true }).fill('Ada Chen');
  await window.keyboard.press('Enter');
  const date = window.getByRole('textbox', { name: 'Day' });
  await expect(date).toBeFocused();
  await date.fill(day);
  await window.keyboard.press('Enter');
  await window.getByRole('radio', { name: 'Yes' }).check();
  await window.keyboard.press('Enter');
  await expect(log).toContainText(`Booked: Ada Chen on ${day}.`);
  // The keyboard is where the next request is written.
  await expect(window.getByLabel('Message to the agent')).toBeFocused();
  await say(window, 'Book an appointment');
  await window.getByRole('button', { name: 'Decline' }).click();
  await expect(log).toContainText('You declined.');
  await say(window, 'List the appointments');
  await expect(log).toContainText('1 appointment:');
});

test('a tool sends the person to a page to sign in, and goes on when they have', async ({ window, app }) => {
  const log = logOf(window);
  await say(window, 'Log in');
  const question = log.getByRole('group', { name: /wants to know who you are/ });
  await expect(question).toContainText('which is this computer');
  const address = (await question.getByRole('link', { name: 'Open the page' }).getAttribute('href')) ?? '';
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
  const link = question.getByRole('link', { name: 'Open the page' });
  const page = await opened(app, () => link.click());
  await expect(question).toContainText('Waiting for you to finish there.');
  await signInAs(page, 'Mila Abara');
  await question.getByRole('button', { name: 'I am done there' }).click();
  await expect(log).toContainText('You are Mila Abara');
});

test('what waits is stopped, taken back, and listed over all conversations', async ({ window }) => {
  const log = logOf(window);
  const name = window.getByRole('textbox', { name: 'Name', exact: true });
  await say(window, 'Book an appointment');
  await expect(name).toBeVisible();
  await stop(window).click();
  await expect(log).toContainText('Stopped.');
  await say(window, 'Book an appointment');
  await expect(name).toBeVisible();
  await say(window, 'How many people are there?');
  await expect(log.getByText('Waits for its turn')).toBeVisible();
  await log.getByRole('button', { name: 'Take back' }).click();
  await expect(log.getByText('Waits for its turn')).toBeHidden();

  await window.getByRole('button', { name: 'New conversation' }).click();
  await window.getByRole('button', { name: 'Conversations, 1 at work' }).click();
  const work = window.getByRole('region', { name: 'At work' });
  await expect(work).toContainText('Waits for your answer');
  await work.getByRole('button', { name: /^Book an appointment/ }).click();
  await expect(name).toBeVisible();
  await window.keyboard.press('Alt+3');
  await window.getByRole('button', { name: 'Cancel: Book an appointment' }).click();
  await expect(work).toBeHidden();
});

test('what a request did is undone, and a card leads to the history of the record', async ({ window, mcp }) => {
  const log = logOf(window);
  const agent = await mcp();
  const vogel = await found(agent, 'alan.vogel@northwind.example');
  const before = (await vogel.read(agent))['title'];
  await say(window, "Set Alan Vogel's title to Team Lead");
  await expect(log).toContainText('Team Lead');
  await log.getByRole('button', { name: 'History of Alan Vogel' }).first().click();
  await expect(window.getByRole('tab', { name: 'History' })).toHaveAttribute('aria-selected', 'true');
  await expect(window.locator('main')).toContainText('Team Lead');
  await log.getByRole('button', { name: 'Undo what this did …' }).click();
  await window.getByRole('dialog').getByRole('button', { name: 'Undo', exact: true }).click();
  await notified(window, 'Undone');
  await expect.poll(async () => (await vogel.read(agent))['title']).toBe(before);
});

test('what a record says is never markup, a picture or a script', async ({ window, mcp }) => {
  const agent = await mcp();
  const hostile = '<img src=x onerror="document.title=1"> **bold** ![p](https://example.com/p.png) [go](javascript:alert(1))';
  await change(agent, await found(agent, 'alan.vogel@northwind.example'), { title: hostile });
  await say(window, 'Show Alan Vogel');
  const log = logOf(window);
  await expect(log).toContainText('<img src=x onerror="document.title=1">');
  await expect(log.locator('img, script, a[href^="javascript"]')).toHaveCount(0);
  expect(await window.title()).toContain('Tandem');
});

test('earlier requests come back with the arrow key, and what is typed is there after a reload', async ({ window }) => {
  const input = window.getByLabel('Message to the agent');
  await say(window, 'How many people are there?');
  await expect(logOf(window)).toContainText('150 people');
  await expect(input).toHaveValue('');
  await input.press('ArrowUp');
  await expect(input).toHaveValue('How many people are there?');
  await input.press('ArrowDown');
  await expect(input).toHaveValue('');
  await input.fill('Half a thought');
  await window.reload();
  await expect(input).toHaveValue('Half a thought');
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the assistant can be used by everybody, ${colorScheme}`, async ({ window }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const dialog = window.getByRole('dialog');
    await isAccessible(window);
    await editing(window, 'Alan Vogel');
    await window.getByRole('button', { name: 'Clear the search' }).click();
    await say(window, 'Set his title to Team Lead');
    await expect(logOf(window)).toContainText('Undo what this did');
    await say(window, 'Create a ticket: the printer on floor 3 is broken');
    await window.getByRole('textbox', { name: 'Who reports it' }).fill('Grace Hopper');
    await window.getByRole('radio', { name: 'High' }).check();
    await isAccessible(window);
    await picture(window, `window-form-${colorScheme}`);
    await window.setViewportSize({ width: 700, height: 860 });
    await window.locator('label').filter({ hasText: 'Agent' }).click();
    await expect(window.getByRole('textbox', { name: 'Who reports it' })).toHaveValue('Grace Hopper');
    await isAccessible(window);
    const overflow = await window.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await window.setViewportSize({ width: 1360, height: 860 });
    await window.keyboard.press('Alt+3');
    await expect(window.getByRole('region', { name: 'At work' })).toBeVisible();
    await isAccessible(window);
    await window.getByRole('button', { name: /^Model: / }).click();
    await expect(window.getByRole('menuitemradio')).toHaveCount(1);
    await window.waitForTimeout(300);
    await isAccessible(window);
    await window.getByRole('menuitem', { name: 'Models, servers and permissions …' }).click();
    await dialog.getByRole('button', { name: 'Add a model' }).click();
    await window.waitForTimeout(300);
    await isAccessible(window);
    await picture(window, `window-models-${colorScheme}`);
    await dialog.getByRole('tab', { name: 'Other MCP servers' }).click();
    await dialog.getByRole('button', { name: 'Add a server' }).click();
    await isAccessible(window);
    await dialog.getByRole('tab', { name: 'Permissions' }).click();
    await expect(dialog.getByText('Nothing: the agent asks each time.')).toBeVisible();
    await isAccessible(window);
    await window.keyboard.press('Escape');
    await runCommand(window, 'New conversation with the agent');
    await expect(window.getByLabel('Message to the agent')).toBeFocused();
  });
}

/** The page that a click opens: a page of this browser; of Electron, which hands it to the system's browser, its address. */
async function opened({ window, electron }: RunningApp, click: () => Promise<void>): Promise<Page | string> {
  if (!electron) {
    const opening = window.context().waitForEvent('page');
    await click();
    return opening;
  }
  const address = await openedOutside(electron);
  await click();
  await expect.poll(address).not.toBe('');
  return address();
}

/** Signs in at the mock provider, in this page or, by its address, in another browser. */
async function signInAs(page: Page | string, name: string): Promise<void> {
  if (typeof page !== 'string') {
    await page.getByRole('button', { name: new RegExp(name) }).click();
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await expect(page.getByText('You can close this page')).toBeVisible();
    return;
  }
  const browser = await new CookieBrowser().visit(page);
  await browser.visit(`${browser.url.pathname}?q=${encodeURIComponent(name)}`);
  const user = /name="user" value="([^"]+)"/.exec(browser.html)?.[1] ?? '';
  await browser.submit({ action: 'choose', user });
  await browser.submit({ action: 'allow', user });
  expect(browser.text).toContain(`You are signed in as ${name}`);
}
