import { addGroup, call, change, expect, found, isAccessible, openPerson, picture, test } from './fixtures.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every screen can be used by everybody, ${colorScheme}`, async ({ window, mcp }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const agent = await mcp();
    const person = await openPerson(window, 'Alan Vogel');
    await window.getByRole('button', { name: 'Clear the search' }).click();
    await expect(window.getByText('150 people')).toBeVisible();
    await expect(window.getByText('Live')).toBeVisible();
    await isAccessible(window);
    await picture(window, `window-${colorScheme}`);

    await window.getByLabel('Job title').fill('Head of Sales');
    await change(agent, person, { title: 'Regional Sales Lead', nickName: 'Al' });
    const banner = window.getByRole('status', { name: 'Conflict' });
    await banner.getByRole('button', { name: 'Choose field by field' }).click();
    await isAccessible(window);
    await picture(window, colorScheme === 'light' ? 'window-conflict' : 'window-conflict-dark');
    await banner.getByRole('button', { name: 'Take theirs' }).click();

    await window.getByRole('tab', { name: 'History' }).click();
    await expect(window.getByText('Regional Sales Lead')).toBeVisible();
    await isAccessible(window);
    await window.getByRole('tab', { name: 'Record' }).click();
    await isAccessible(window);
    await window.getByRole('button', { name: 'Connect an AI client' }).click();
    await expect(window.getByRole('dialog')).toBeVisible();
    await window.waitForTimeout(300);
    await isAccessible(window);
    await window.keyboard.press('Escape');
    await expect(window.getByRole('dialog')).toBeHidden();
    await window.keyboard.press('ControlOrMeta+k');
    await expect(window.getByRole('dialog')).toBeVisible();
    await window.waitForTimeout(300);
    await isAccessible(window);
    await window.keyboard.press('Escape');
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`many people can be found and changed by everybody, ${colorScheme}`, async ({ window, mcp }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expect(window.getByText('150 people')).toBeVisible();
    const dialog = window.getByRole('dialog');
    await window.getByRole('button', { name: 'Filter', exact: true }).click();
    await dialog.getByRole('textbox', { name: 'Value, condition 1' }).fill('Sales');
    await dialog.getByRole('button', { name: 'Add a condition' }).click();
    await dialog.getByRole('button', { name: 'Save this filter' }).click();
    await dialog.getByRole('textbox', { name: 'Name of the filter' }).fill('Everybody in Sales');
    await window.keyboard.press('Enter');
    await expect(dialog.getByText('people match')).toBeVisible();
    await window.waitForTimeout(300);
    await isAccessible(window);
    await picture(window, `window-filter-${colorScheme}`);
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await expect(dialog).toBeHidden();

    await window.getByRole('button', { name: 'Table options' }).click();
    await window.getByRole('menuitem', { name: 'Columns' }).click();
    await expect(dialog).toBeVisible();
    await window.waitForTimeout(300);
    await isAccessible(window);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await window.getByRole('button', { name: 'Table options' }).click();
    await window.getByRole('menuitem', { name: 'Make the list wide' }).click();
    await window.getByRole('checkbox', { name: 'Select Alan Vogel' }).click();
    await window.getByRole('checkbox', { name: 'Select Anika Navarro' }).click();
    await isAccessible(window);

    await window.getByRole('button', { name: 'Change …' }).click();
    await dialog.getByRole('textbox', { name: 'Value, change 1' }).fill('Product');
    await window.waitForTimeout(300);
    await isAccessible(window);
    await dialog.getByRole('button', { name: 'Preview' }).click();
    await expect(dialog.getByRole('region', { name: 'Preview' })).toBeVisible();
    await isAccessible(window);
    await picture(window, `window-preview-${colorScheme}`);
    const agent = await mcp();
    await change(agent, await found(agent, 'alan.vogel@northwind.example'), { nickName: 'Al' });
    await dialog.getByRole('button', { name: 'Change 2 people' }).click();
    await expect(dialog.getByRole('group', { name: 'Conflict: Alan Vogel' })).toBeVisible();
    await isAccessible(window);
    await picture(window, `window-bulk-conflict-${colorScheme}`);
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`groups and tenants can be used by everybody, ${colorScheme}`, async ({ window, mcp }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const agent = await mcp();
    const people = (await call(agent, 'scim_search_users', { filter: 'active eq true', count: 12 }))['Resources'] as {
      id: string;
    }[];
    const ids = people.map(({ id }) => id);
    const inner = await addGroup(agent, 'Platform', ids.slice(0, 3));
    await addGroup(agent, 'Laboratory', [inner, ...ids.slice(3)]);
    await window.keyboard.press('Alt+2');
    await window.getByRole('row', { name: /Laboratory/ }).click();
    await window.getByRole('button', { name: 'Show the members of Platform' }).click();
    await window.getByRole('checkbox', { name: 'Choose Platform' }).check();
    await expect(window.getByRole('treegrid').getByRole('row')).toHaveCount(14);
    await isAccessible(window);
    await picture(window, `window-group-${colorScheme}`);

    await window.getByRole('button', { name: 'Clear', exact: true }).click();
    await window.getByRole('button', { name: 'Add members' }).click();
    await window.getByRole('combobox', { name: 'People and groups' }).fill('al');
    await expect(window.getByRole('option').first()).toBeVisible();
    await window.waitForTimeout(300);
    await isAccessible(window);
    await window.getByRole('button', { name: 'Close' }).click();
    await window.getByRole('tab', { name: 'History' }).click();
    await expect(window.getByText('new members')).toBeVisible();
    await isAccessible(window);
    await window.getByRole('tab', { name: 'Details' }).click();
    await expect(window.getByLabel('External ID')).toBeVisible();
    await isAccessible(window);
    await window.getByRole('tab', { name: 'Members' }).click();
    await window
      .getByRole('treegrid')
      .getByRole('row', { name: /Person/ })
      .first()
      .click();
    await window.getByRole('tab', { name: 'Groups' }).click();
    await window.getByRole('button', { name: 'Add to a group' }).click();
    await expect(window.getByRole('listitem').first()).toBeVisible();
    await isAccessible(window);
    await window.keyboard.press('Alt+g');
    await expect(window.getByRole('heading', { name: 'New group' })).toBeVisible();
    await isAccessible(window);

    await window.getByRole('combobox', { name: 'Tenant' }).click();
    await window.getByRole('option', { name: 'Manage tenants' }).click();
    await window.getByRole('button', { name: /Fabrikam Labs/ }).click();
    await window.getByRole('button', { name: 'Add a receiver' }).click();
    await window.getByRole('radio', { name: 'They are sent to its address' }).check();
    await isAccessible(window);
    await window.getByRole('form', { name: 'New receiver' }).getByRole('button', { name: 'Cancel' }).click();
    await window.getByRole('button', { name: 'Delete …' }).click();
    await window.getByRole('button', { name: 'Add a tenant' }).click();
    await window.keyboard.type('Fabrikam');
    await window.waitForTimeout(300);
    await isAccessible(window);
    await picture(window, `window-tenants-${colorScheme}`);
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`files can be imported and exported by everybody, ${colorScheme}`, async ({ window, mcp, saved }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const dialog = window.getByRole('dialog');
    const menu = async (item: string) => {
      await window.getByRole('button', { name: 'Table options' }).click();
      await window.getByRole('menuitem', { name: item }).click();
      await expect(dialog).toBeVisible();
      await window.waitForTimeout(300);
    };
    await menu('Export');
    await isAccessible(window);
    const { text } = await saved(() => dialog.getByRole('button', { name: /^Export / }).click());
    const lines = text.split('\r\n');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    const agent = await mcp();
    const vogel = await found(agent, 'alan.vogel@northwind.example');
    const title = String((await vogel.read(agent))['title']);
    await change(agent, vogel, { title: 'Regional Sales Lead' });

    await menu('Import');
    await isAccessible(window);
    const moved = lines.map((line, index) => (index > 0 && index < 9 ? line.replaceAll('Engineering', 'Research') : line));
    const edited = moved.map((line) => (line.includes('alan.vogel@') ? line.replace(title, 'Head of Sales') : line));
    const added = ['nora.lund@northwind.example', ''].map((userName) =>
      (lines[0] ?? '')
        .replace('\uFEFF', '')
        .split(',')
        .map((column) => ({ userName, displayName: 'Nora Lund', title: 'Researcher', department: 'Research' })[column] ?? '')
        .join(','),
    );
    const changed = [...edited.slice(0, -1), ...added, ''].join('\r\n');
    await window
      .locator('input[type=file]')
      .setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(changed) });
    await expect(dialog.getByRole('button', { name: 'Preview' })).toBeEnabled();
    await dialog.getByRole('combobox', { name: 'What title becomes' }).click();
    await isAccessible(window);
    await window.keyboard.press('Escape');
    await dialog.getByRole('button', { name: 'Preview' }).click();
    await expect(dialog.getByRole('tab', { name: 'Changes' })).toBeVisible();
    await isAccessible(window);
    await picture(window, `window-import-${colorScheme}`);
    await dialog.getByRole('tab', { name: 'Conflicts' }).click();
    await expect(dialog.getByRole('row', { name: /alan\.vogel/ })).toBeVisible();
    await isAccessible(window);
    await picture(window, `window-import-conflict-${colorScheme}`);
    await dialog.getByRole('button', { name: /^Import / }).click();
    await expect(dialog.getByRole('status')).toContainText('added');
    await dialog.getByRole('button', { name: 'Import another file' }).click();
    await expect(dialog.getByRole('region', { name: 'Finished' })).toBeVisible();
    await isAccessible(window);
  });
}

test('on a narrow screen the panes are tabs', async ({ window }) => {
  await window.setViewportSize({ width: 480, height: 800 });
  await expect(window.getByRole('grid')).toBeVisible();
  await openPerson(window, 'Alan Vogel');
  await expect(window.getByRole('grid')).toBeHidden();
  await expect(window.getByLabel('Display name')).toBeVisible();
  await window.locator('label').filter({ hasText: 'Agent' }).click();
  await expect(window.getByLabel('Message to the agent')).toBeVisible();
  await isAccessible(window);
  const overflow = await window.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
});
