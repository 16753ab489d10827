import { expect, test } from './fixtures.ts';

test.use({ sample: false });

test('the first start offers an empty directory or a sample company', async ({ window }) => {
  await expect(window.getByRole('heading', { name: 'Welcome to Tandem' })).toBeVisible();
  await window.getByRole('button', { name: 'Begin with a sample company' }).click();
  await expect(window.getByText('150 people')).toBeVisible();
});

test('an empty directory says how to begin', async ({ window }) => {
  await window.getByRole('button', { name: 'Begin with an empty directory' }).click();
  await expect(window.getByText('Nobody is here yet.')).toBeVisible();
  await window.getByRole('button', { name: 'Add the first person' }).click();
  await expect(window.getByRole('heading', { name: 'New person' })).toBeVisible();
});
