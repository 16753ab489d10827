import type { Locator, Page } from '@playwright/test';
import { call, editing, expect, isAccessible, notified, openPerson, picture, test, runCommand } from './fixtures.ts';

// Each walks through many screens.
test.beforeEach(() => test.slow());

const urn = 'urn:tandem:northwind:badges:2.0:User';

const dialogOf = (window: Page): Locator => window.getByRole('dialog', { name: 'Extra fields of Northwind Trading' });

/** Opens the extra fields from the palette. */
async function openExtraFields(window: Page): Promise<Locator> {
  await runCommand(window, 'Extra fields');
  const dialog = dialogOf(window);
  await expect(dialog).toBeVisible();
  // It fades in; half seen, its colours are no colours.
  await window.waitForTimeout(300);
  return dialog;
}

async function addField(dialog: Locator, label: string, kind?: string): Promise<void> {
  await dialog.getByRole('button', { name: 'Add a field' }).click();
  await dialog.page().keyboard.type(label);
  if (kind !== undefined) await dialog.getByLabel('Kind of value').last().selectOption({ label: kind });
}

/** Adds a section with a text field and a number, as an administrator does. */
async function defineBadges(window: Page): Promise<void> {
  const dialog = await openExtraFields(window);
  await dialog.getByRole('button', { name: 'Add fields for people' }).click();
  await window.keyboard.type('Badges');
  await dialog.getByLabel('Label').fill('Badge number');
  await addField(dialog, 'Floor', 'Whole number');
  await expect(dialog.getByText('Nothing stands against it.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await notified(window, 'the fields are in the forms now');
  await expect(dialog.getByText(urn)).toBeVisible();
}

test('a field is defined from the keyboard, and is in an open form and in the filter at once', async ({ window, mcp }) => {
  const person = await openPerson(window, 'Alan Vogel');
  const agent = await mcp();
  const dialog = await openExtraFields(window);
  await dialog.getByRole('button', { name: 'Add fields for people' }).focus();
  await window.keyboard.press('Enter');
  await window.keyboard.type('Badges');
  await dialog.getByLabel('Label').focus();
  await window.keyboard.type('Badge number');
  await dialog.getByRole('button', { name: 'Add a field' }).focus();
  await window.keyboard.press('Enter');
  await window.keyboard.type('Department');
  await expect(dialog.getByText('"department" is an attribute of "EnterpriseUser" already.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Save', exact: true })).toBeDisabled();
  await dialog.getByLabel('Label').last().fill('Floor');
  await dialog.getByLabel('Kind of value').last().selectOption({ label: 'Whole number' });
  await expect(dialog.getByText('Nothing stands against it.')).toBeVisible();
  await isAccessible(window);
  await dialog.getByLabel('Label').last().press('Enter');
  await notified(window, 'the fields are in the forms now');
  await window.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  const section = window.getByRole('region', { name: 'Badges' });
  await section.getByLabel('Badge number').fill('A-17');
  await section.getByLabel('Floor').fill('3rd');
  await window.keyboard.press('ControlOrMeta+s');
  await expect(section.getByText('Must be a whole number.')).toBeVisible();
  await section.getByLabel('Floor').fill('3');
  await window.keyboard.press('ControlOrMeta+s');
  await notified(window, 'Saved');
  expect((await person.read(agent))[urn]).toEqual({ badgeNumber: 'A-17', floor: 3 });

  await window.getByRole('button', { name: 'Clear the search' }).click();
  await window.getByRole('button', { name: 'Filter', exact: true }).click();
  const filter = window.getByRole('dialog', { name: 'Filter people' });
  await filter.getByRole('combobox', { name: 'Field, condition 1' }).click();
  await window.getByRole('option', { name: 'Badge number' }).click();
  await filter.getByRole('textbox', { name: 'Value, condition 1' }).fill('a-17');
  await expect(filter.getByText('1 person matches')).toBeVisible();
  await filter.getByRole('button', { name: 'Apply' }).click();
  await expect(window.getByRole('group', { name: 'Active filter' })).toContainText('Badge number is a-17');

  const schemas = (await call(agent, 'scim_get_schemas', { fields: [urn] }))['schemas'];
  expect(schemas).toMatchObject([{ id: urn, name: 'Badges', attributes: [{ name: 'badgeNumber' }, { name: 'floor' }] }]);
});

test('what values stand against is shown with who has them, and nothing is lost on the way to them', async ({ window }) => {
  await defineBadges(window);
  await window.keyboard.press('Escape');
  await editing(window, 'Alan Vogel');
  await window.getByLabel('Badge number').fill('seventeen');
  await window.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Saved');

  const dialog = await openExtraFields(window);
  await dialog.getByRole('button', { name: 'Change Badges' }).click();
  await dialog.getByRole('button', { name: /^Badge number/ }).click();
  await dialog.getByLabel('Kind of value').selectOption({ label: 'Whole number' });
  const findings = dialog.getByRole('region', { name: 'What stands against it' });
  await expect(findings).toContainText('1 person has a value in “Badge number” that does not fit: it must be a whole number.');
  await dialog.getByRole('switch', { name: 'Required' }).click({ force: true });
  await expect(findings).toContainText('149 people have nothing in “Badge number”, which is required here.');
  await expect(findings.getByRole('listitem').last()).toHaveText('and 139 more');
  await expect(dialog.getByRole('button', { name: 'Save', exact: true })).toBeDisabled();
  await isAccessible(window);
  await picture(window, 'window-extra-fields');
  await dialog.getByRole('switch', { name: 'Required' }).click({ force: true });
  await findings.getByRole('button', { name: 'Alan Vogel' }).click();
  await expect(dialog).toBeHidden();
  await window.getByLabel('Badge number').fill('17');
  await window.getByRole('button', { name: 'Save' }).click();
  await expect(window.getByText('Discard')).toBeDisabled();

  await openExtraFields(window);
  await expect(dialog.getByRole('heading', { name: 'Change “Badges”' })).toBeVisible();
  await expect(findings).toContainText('it must be a whole number');
  await dialog.getByRole('button', { name: 'Discard' }).click();
  await dialog.getByRole('button', { name: 'Remove Badges' }).click();
  await expect(dialog.getByText('1 person has values in it. They are cleared; each history keeps what was there.')).toBeVisible();
  await isAccessible(window);
  await dialog.getByRole('button', { name: 'Clear the values and remove' }).click();
  await notified(window, '“Badges” is removed');
  await expect(dialog.getByText('People have the usual fields only.')).toBeVisible();
  await window.keyboard.press('Escape');
  await expect(window.getByRole('region', { name: 'Badges' })).toHaveCount(0);
});

test('an agent’s proposal is imported, and two windows do not overwrite each other', async ({ app, window, mcp }) => {
  const agent = await mcp({ toolset: 'all' });
  const schema = {
    id: urn,
    name: 'Badges',
    attributes: [
      { name: 'badge', description: 'Badge number', canonicalValues: ['A', 'B'] },
      {
        name: 'parking',
        type: 'complex',
        multiValued: true,
        subAttributes: [{ name: 'place' }, { name: 'level', type: 'integer' }],
      },
    ],
  };
  const proposal = { resource_type: 'User', schema };
  expect(await call(agent, 'scim_validate_schema_extension', proposal)).toMatchObject({ valid: true });
  const dialog = await openExtraFields(window);
  await dialog.getByRole('button', { name: 'Import from JSON' }).click();
  const definition = dialog.getByRole('textbox', { name: 'Definition' });
  await definition.fill('{');
  await expect(dialog.getByText('This is not JSON of a definition')).toBeVisible();
  await definition.fill(JSON.stringify({ ...proposal, schema: { ...schema, attributes: [{ name: 'two words' }] } }));
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(dialog.getByText('attributes[0].name: Must begin with a letter')).toBeVisible();
  await definition.fill(`\`\`\`json\n${JSON.stringify(proposal, null, 2)}\n\`\`\``);
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(dialog.getByRole('button', { name: /^Badge number/ })).toBeVisible();
  await expect(dialog.getByText('Nothing stands against it.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await notified(window, 'the fields are in the forms now');

  // Electron has one window; what another one would do comes by the same door.
  const change = (attributes: object[]) =>
    window.evaluate(async (attributes) => {
      const page = localStorage.getItem('tandem.page') ?? '';
      const headers = { 'content-type': 'application/json', 'x-tandem-page': page };
      const input = encodeURIComponent(JSON.stringify({ tenant: 'northwind' }));
      const listed = await fetch(`/trpc/extensions.list?input=${input}`, { headers });
      const { result } = (await listed.json()) as { result: { data: { User: { schema: object; version: string }[] } } };
      const [current] = result.data.User;
      const schema = { ...current?.schema, attributes };
      const body = JSON.stringify({ tenant: 'northwind', type: 'User', schema, expectedVersion: current?.version });
      return (await fetch('/trpc/extensions.put', { method: 'POST', headers, body })).ok;
    }, attributes);
  await dialog.getByRole('button', { name: 'Change Badges' }).click();
  await dialog.getByRole('button', { name: /^Badge number/ }).click();
  await dialog.getByLabel('Help').fill('Printed on the back.');
  const more = [...schema.attributes, { name: 'locker' }];
  expect(await change(more)).toBe(true);
  await expect(dialog.getByText('what you have changed is kept')).toBeVisible();
  await expect(dialog.getByRole('button', { name: /^Locker/ })).toBeVisible();
  expect(await change([{ ...schema.attributes[0], description: 'Card' }, ...more.slice(1)])).toBe(true);
  const alert = dialog.getByRole('alert').filter({ hasText: 'Another window has changed the same' });
  await expect(alert).toContainText('Both of you have changed: Card');
  await expect(dialog.getByRole('button', { name: 'Save', exact: true })).toBeDisabled();
  await isAccessible(window);
  await alert.getByRole('button', { name: 'Keep mine' }).click();
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dialog.getByText('Badge number, Parking and Locker')).toBeVisible();
  await window.keyboard.press('Escape');

  await editing(window, 'Alan Vogel');
  const section = window.getByRole('region', { name: 'Badges' });
  await expect(section.getByText('Printed on the back.')).toBeVisible();
  await section.getByRole('button', { name: 'Add to parking' }).click();
  await section.getByRole('textbox', { name: 'Parking 1, Place' }).fill('North');
  await section.getByRole('textbox', { name: 'Parking 1, Level' }).fill('-2');
  await isAccessible(window);
  await window.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Saved');
  expect(app.faults).toEqual([]);
});

test('groups have extra fields too', async ({ window }) => {
  const dialog = await openExtraFields(window);
  await dialog.getByRole('button', { name: 'Add fields for groups' }).click();
  await window.keyboard.type('Budget');
  await dialog.getByLabel('Label').fill('Cost centre');
  await dialog.getByText('Nothing stands against it.').waitFor();
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await notified(window, 'the fields are in the forms now');
  await window.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await window.keyboard.press('Alt+g');
  await window.keyboard.type('Engines');
  await window.keyboard.press('Enter');
  await expect(window.getByRole('heading', { name: 'Engines' })).toBeVisible();
  await window.getByRole('tab', { name: 'Details' }).click();
  await window.getByLabel('Cost centre').fill('C-9');
  await window.keyboard.press('ControlOrMeta+s');
  await notified(window, 'Saved');
  await window.reload();
  await window.getByRole('radiogroup', { name: 'List' }).getByText('Groups').click();
  await window.getByRole('row', { name: /Engines/ }).click();
  await window.getByRole('tab', { name: 'Details' }).click();
  await expect(window.getByLabel('Cost centre')).toHaveValue('C-9');
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`extra fields can be defined and filled by everybody, ${colorScheme}`, async ({ window }) => {
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await defineBadges(window);
    const dialog = dialogOf(window);
    await isAccessible(window);
    await dialog.getByRole('button', { name: 'Change Badges' }).click();
    await dialog.getByRole('button', { name: /^Badge number/ }).click();
    await dialog.getByLabel('Help').fill('Printed on the back of the badge.');
    await addField(dialog, 'Parking', 'Several parts');
    await dialog.getByLabel('Label').last().fill('Place');
    await expect(dialog.getByText('Nothing stands against it.')).toBeVisible();
    await isAccessible(window);
    await window.setViewportSize({ width: 700, height: 900 });
    await isAccessible(window);
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(dialog.getByText('Badge number, Floor and Parking')).toBeVisible();
    await window.keyboard.press('Escape');
    await editing(window, 'Alan Vogel');
    await window.getByLabel('Parking: place').scrollIntoViewIfNeeded();
    await isAccessible(window);
  });
