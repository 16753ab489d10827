import { editing, expect, notified, openPerson, test } from './fixtures.ts';

const say = async (window: import('@playwright/test').Page, text: string) => {
  await window.getByLabel('Message to the agent').fill(text);
  await window.keyboard.press('Enter');
};

test('the agent finds, changes and asks before it deletes', async ({ window }) => {
  await expect(window.getByText('Offline rules (no AI)')).toBeVisible();
  const log = window.getByRole('log');
  await say(window, 'Find everyone in Sales');
  await expect(log).toContainText('people are in Sales');
  await editing(window, 'Alan Vogel');
  await say(window, 'Set his title to Team Lead');
  await expect(log).toContainText('Done: changed job title to “Team Lead” for Alan Vogel.');
  await expect(log).toContainText(/Version \S+ → \S+/);
  await expect(window.getByLabel('Job title')).toHaveValue('Team Lead');
  await expect(window.locator('main')).toContainText("Tandem's agent changed job title");
  await say(window, 'Delete Amara Yamada');
  await log.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(log).toContainText('Deleted Amara Yamada.');
  await log.getByRole('button', { name: 'Alan Vogel' }).first().click();
  await expect(window.getByRole('heading', { name: 'Alan Vogel' })).toBeVisible();
});

test('“Show me a conflict” is real: the agent changes what is being edited, and the person decides', async ({ window, mcp }) => {
  const person = await openPerson(window, 'Alan Vogel');
  await window.getByRole('button', { name: 'Show me a conflict' }).click();
  const banner = window.getByRole('status', { name: 'Conflict' });
  await expect(banner).toContainText("Tandem's agent changed job title while you were editing");
  await expect(window.getByRole('log')).toContainText('through MCP');
  const agent = await mcp();
  const theirs = await person.read(agent);
  await banner.getByRole('button', { name: 'Keep mine' }).click();
  await window.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Saved');
  const saved = await person.read(agent);
  expect(String(saved['title'])).toContain('(my edit)');
  expect(saved['title']).not.toBe(theirs['title']);
});
