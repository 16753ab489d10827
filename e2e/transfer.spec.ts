import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { change, expect, found, test, type SavedFile } from './fixtures.ts';
import { serve } from './shells.ts';

async function openImport(window: Page): Promise<void> {
  await window.getByRole('button', { name: 'Table options' }).click();
  await window.getByRole('menuitem', { name: 'Import' }).click();
  await expect(window.getByRole('button', { name: 'Choose a file' })).toBeVisible();
}

async function choose(window: Page, name: string, text: string | Buffer): Promise<void> {
  await window.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
}

type Saved = (click: () => Promise<void>) => Promise<SavedFile>;

/** What an export saves. */
async function exported(window: Page, saved: Saved, format: string): Promise<string> {
  const dialog = window.getByRole('dialog', { name: 'Export' });
  await dialog.getByRole('combobox', { name: 'Format' }).selectOption(format);
  const { text } = await saved(() => dialog.getByRole('button', { name: /^Export / }).click());
  await expect(dialog.getByRole('status')).toContainText('saved as northwind-people-');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  return text;
}

test('a file with its own column names is mapped, previewed and imported; the wrong row is told with its line', async ({
  window,
  saved,
}) => {
  await openImport(window);
  const dialog = window.getByRole('dialog', { name: 'Import' });
  const text = [
    'Login,First name,Surname,Shoe,Unit,Enabled',
    'zoe@northwind.example,Zoë,Ames,38,Sales,yes',
    ',Nobody,Nameless,40,Sales,yes',
    'yan@northwind.example,Yan,Berg,41,Sales,perhaps',
    'alan.vogel@northwind.example,Alan,Vogel,44,Product,yes',
  ].join('\n');
  await choose(window, 'staff.csv', text);
  await expect(dialog.getByRole('heading', { name: 'staff.csv' })).toBeFocused();
  await expect(dialog.getByRole('combobox', { name: 'What Login becomes' })).toHaveValue('User name');
  await expect(dialog.getByRole('combobox', { name: 'What Shoe becomes' })).toHaveValue('Leave out');
  await expect(dialog.getByRole('row', { name: /Surname Ames, Nameless, Berg/ })).toBeVisible();
  const unit = dialog.getByRole('combobox', { name: 'What Unit becomes' });
  await unit.fill('depart');
  await window.getByRole('option', { name: 'Department', exact: true }).click();
  await dialog.getByRole('combobox', { name: 'What Shoe becomes' }).fill('Department');
  await window.getByRole('option', { name: 'Department', exact: true }).click();
  await expect(dialog.getByText('Two columns become “Department”.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Preview' })).toBeDisabled();
  await dialog.getByRole('combobox', { name: 'What Shoe becomes' }).fill('Leave');
  await window.getByRole('option', { name: 'Leave out' }).click();
  await dialog.getByRole('button', { name: 'Preview' }).click();

  await expect(dialog.getByRole('heading', { name: 'What staff.csv will change' })).toBeVisible();
  await expect(dialog.getByRole('row', { name: '5 alan.vogel@northwind.example Department Sales Product' })).toBeVisible();
  await expect(dialog.getByRole('row', { name: /2 zoe@northwind.example New .*Given name Zoë/ })).toBeVisible();
  await dialog.getByRole('tab', { name: 'Problems (2)' }).click();
  await expect(dialog.getByRole('row', { name: /line 3 .*User name: Is needed/ })).toBeVisible();
  await expect(dialog.getByRole('row', { name: /line 4 yan@northwind.example Active: / })).toBeVisible();
  await dialog.getByRole('button', { name: 'Import 2 people' }).click();
  await expect(dialog.getByRole('status')).toContainText('1 person added, 1 changed. 2 rows could not go in');
  const { text: problems } = await saved(() => dialog.getByRole('button', { name: 'Download all as CSV' }).click());
  expect(problems).toMatch(/^\uFEFFLine,Name,Kind,Attribute,Problem\r\n3,,invalid,userName,/);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await window.getByRole('textbox', { name: 'Search people' }).fill('Zoë Ames');
  await expect(window.getByText('1 person found')).toBeVisible();
});

test('what goes out comes in again; what somebody has changed since is shown with both values', async ({
  window,
  mcp,
  saved,
}) => {
  const agent = await mcp();
  await window.getByRole('button', { name: 'Table options' }).click();
  await window.getByRole('menuitem', { name: 'Export' }).click();
  const text = await exported(window, saved, 'csv');
  expect(text.split('\r\n')).toHaveLength(152);
  const vogel = await found(agent, 'alan.vogel@northwind.example');
  const title = String((await vogel.read(agent))['title']);
  await change(agent, vogel, { title: 'Regional Sales Lead' });

  await openImport(window);
  const dialog = window.getByRole('dialog', { name: 'Import' });
  const edited = text
    .split('\r\n')
    .map((line) => (line.includes('alan.vogel@') ? line.replace(title, 'Head of Sales') : line))
    .join('\r\n');
  await choose(window, 'northwind.csv', edited);
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await expect(dialog.locator('dl').first()).toHaveText(/New0Changed0Unchanged149Conflicts1Errors0/);
  await expect(dialog.getByRole('button', { name: 'Nothing to import' })).toBeDisabled();
  const conflict = dialog.getByRole('row', { name: /alan\.vogel/ });
  await expect(conflict).toContainText('Now, by e2e agent just nowRegional Sales Lead');
  await expect(conflict).toContainText('In the fileHead of Sales');
  await expect(conflict).toContainText(`Before${title}`);
  await dialog.getByRole('button', { name: 'Take the file’s values for all of them' }).click();
  await expect(dialog.getByRole('row', { name: /Job title Regional Sales Lead Head of Sales/ })).toBeVisible();
  await dialog.getByRole('button', { name: 'Import 1 person' }).click();
  await expect(dialog.getByRole('status')).toContainText('All of it is in: 0 people added, 1 changed.');
  expect((await vogel.read(agent))['title']).toBe('Head of Sales');
});

test('an import is cancelled, what is done stays, and it goes on; a file can be dropped', async ({ window }) => {
  test.slow();
  const lines = Array.from({ length: 4000 }, (_, index) => `many${index}@northwind.example,Many,Number ${index}`);
  await window.evaluate(
    (text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], 'many.csv', { type: 'text/csv' }));
      const grid = document.querySelector('[role=grid]');
      for (const type of ['dragover', 'drop'])
        grid?.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    ['userName,First name,Last name', ...lines].join('\n'),
  );
  const dialog = window.getByRole('dialog', { name: 'Import' });
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await dialog.getByRole('button', { name: 'Import 4,000 people' }).click();
  await expect(dialog.getByText(/^Importing: [1-9][\d,]* of/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog.getByRole('status')).toContainText('You stopped it.');
  await expect(dialog.getByRole('status')).toContainText('of 4,000 rows are done and stay.');
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await openImport(window);
  await expect(dialog.getByRole('region', { name: 'Not finished' })).toContainText(/Stopped, [1-9][\d,]* of 4,000 rows done/);
  await dialog.getByRole('button', { name: 'Look at it and go on: many.csv' }).click();
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await expect(dialog.getByText(/^Importing: [\d,]+ of/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(window.locator('.mantine-Notification-root')).toContainText('many.csv is imported.', { timeout: 60_000 });
  await window.locator('.mantine-Notification-root').getByRole('button', { name: 'Show' }).click();
  await expect(dialog.getByRole('status')).toContainText('All of it is in: 4,000 people added');
  await dialog.getByRole('button', { name: 'Import another file' }).click();
  await dialog.getByRole('button', { name: 'Remove many.csv from this list' }).click();
  await expect(dialog.getByRole('region', { name: 'Finished' })).toBeHidden();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(window.getByText('4,150 people')).toBeVisible();
});

test('an import that broke off with the host is told of at the next start, and goes on', async ({ chrome }) => {
  test.skip(chrome === undefined, 'jobs are the same in Electron, whose host ends with the window');
  test.slow();
  if (!chrome) return;
  const data = mkdtempSync(join(tmpdir(), 'tandem-e2e-'));
  const first = await serve(data, true);
  const context = await chrome.newContext();
  const window = await context.newPage();
  await window.goto(first.ready.window);
  await openImport(window);
  const dialog = window.getByRole('dialog', { name: 'Import' });
  await choose(window, 'many.csv', ['userName', ...Array.from({ length: 4000 }, (_, index) => `many${index}`)].join('\n'));
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await dialog.getByRole('button', { name: 'Import 4,000 people' }).click();
  await expect(dialog.getByText(/^Importing: [1-9][\d,]* of/)).toBeVisible();
  first.host.kill('SIGKILL');
  await first.exited;

  const second = await serve(data, true);
  await window.goto(second.ready.window);
  const note = window.locator('.mantine-Notification-root').filter({ hasText: 'The import of many.csv broke off' });
  await note.getByRole('button', { name: 'Look at it' }).click();
  await dialog.getByRole('button', { name: 'Look at it and go on: many.csv' }).click();
  await expect(dialog.getByRole('status')).toContainText(
    /It broke off when Tandem ended. [1-9][\d,]* of 4,000 rows are done and stay/,
  );
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await expect(dialog.getByRole('status').filter({ hasText: 'All of it is in' })).toBeVisible({ timeout: 60_000 });
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(window.getByText('4,150 people')).toBeVisible();
  await context.close();
  second.host.kill('SIGTERM');
  await second.exited;
  rmSync(data, { recursive: true, force: true });
});

test('a file that is no text is refused with what to do; those who are found or selected are exported alone', async ({
  window,
  saved,
}) => {
  await openImport(window);
  await choose(window, 'staff.xlsx', Buffer.from([0x50, 0x4b, 3, 4, 20, 0]));
  await expect(window.getByRole('alert')).toContainText('save it as “CSV UTF-8”');
  await choose(window, 'latin.csv', Buffer.from('userName\nZo\u00EB', 'latin1'));
  await expect(window.getByRole('alert')).toContainText('not UTF-8 text');
  await window.keyboard.press('Escape');

  await window.getByRole('textbox', { name: 'Search people' }).fill('Alan Vogel');
  await expect(window.getByText('1 person found')).toBeVisible();
  await window.getByRole('button', { name: 'Table options' }).click();
  await window.getByRole('menuitem', { name: 'Export' }).click();
  await expect(window.getByRole('radio', { name: '1 person found in the list' })).toBeChecked();
  const records = JSON.parse(await exported(window, saved, 'json')) as { userName: string }[];
  expect(records).toMatchObject([{ userName: 'alan.vogel@northwind.example' }]);
  await window.getByRole('checkbox', { name: 'Select Alan Vogel' }).click();
  await window.getByRole('button', { name: 'Export …' }).click();
  await expect(window.getByRole('radio', { name: '1 person selected' })).toBeChecked();
});

test.describe('with nobody in it', () => {
  test.use({ sample: false });

  test('a directory offers an import', async ({ window }) => {
    await window.getByRole('button', { name: 'Begin with an empty directory' }).click();
    await window.getByRole('button', { name: 'Import people' }).click();
    await expect(window.getByRole('dialog', { name: 'Import' })).toBeVisible();
  });
});
