import { expect, test } from './fixtures.ts';

test('what is said in passing does not stand in the way of what is beneath it', async ({ window }) => {
  await window.setViewportSize({ width: 700, height: 860 });
  await window.getByRole('button', { name: 'Connect an AI client' }).click();
  const claude = window.getByRole('region', { name: 'Claude Desktop', exact: true });
  await claude.getByRole('button', { name: 'Add to Claude Desktop' }).click();
  await claude.getByRole('button', { name: 'Write it' }).click();
  const notice = window.locator('.mantine-Notification-root').filter({ hasText: 'are written' });
  await expect(notice).toBeVisible();
  await window.keyboard.press('Escape');
  await expect(window.getByRole('dialog')).toBeHidden();
  const box = await notice.boundingBox();
  if (!box) throw new Error('the notice has gone');
  // The list of people is beneath.
  await window.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
  await expect(notice).toHaveAttribute('data-through', '');
  await window.mouse.down();
  await window.mouse.up();
  await expect(window.locator('main').getByLabel('Job title')).toBeVisible();
  // Nobody has to wait for it longer than usual, either.
  await expect(notice).toBeHidden();
});
