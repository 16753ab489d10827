import type { Client } from '@modelcontextprotocol/client';
import { call, expect, found, isAccessible, picture, test, type OpenedPerson, runCommand } from './fixtures.ts';

/** Both read; the first writes, and the second is refused. @returns what the second was answered. */
async function collide([first, second]: readonly [Client, Client], person: OpenedPerson, title: string) {
  const { _version } = await person.read(second);
  const patch = (value: string) => [{ op: 'replace', path: 'title', value }];
  await call(first, 'scim_patch_user', { user_id: person.id, operations: patch(`${title} by the first`) });
  const operations = patch(`${title} by the second`);
  const refused = await second.callTool({
    name: 'scim_patch_user',
    arguments: { user_id: person.id, operations, expected_version: _version },
  });
  expect(refused.isError).toBe(true);
  return (refused.structuredContent as { content: { conflict: { conflict_id: string } } }).content.conflict;
}

for (const colorScheme of ['light', 'dark'] as const)
  test(`conflicts are counted, charted and listed, and lead to the record, ${colorScheme}`, async ({ window, mcp }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const dialog = window.getByRole('dialog', { name: 'Conflicts of Northwind' });
    await window.getByRole('button', { name: 'Conflicts', exact: true }).click();
    await expect(dialog).toContainText('No conflicts in this time');
    await isAccessible(window);

    const agents = [await mcp({ name: 'Payroll' }), await mcp({ name: 'Recruiting' })] as const;
    const alan = await found(agents[0], 'alan.vogel@northwind.example');
    const amara = await found(agents[0], 'amara.yamada@northwind.example');
    for (const title of ['Engineer', 'Architect', 'Director']) {
      const { conflict_id } = await collide(agents, alan, title);
      await call(agents[1], 'scim_resolve_conflict', { conflict_id, strategy: 'merge', choices: { title: 'mine' } });
    }
    const { conflict_id } = await collide(agents, amara, 'Lead');
    await call(agents[1], 'scim_resolve_conflict', { conflict_id, strategy: 'abandon' });
    await collide([agents[1], agents[0]], amara, 'Head');

    // It is told of at once.
    const figure = (name: string) => dialog.locator('.conflict-figure').filter({ hasText: name }).getByRole('definition');
    await expect(figure('Conflicts')).toHaveText('5');
    await expect(figure('Still open')).toHaveText('1');
    const bars = (name: string) => dialog.getByRole('table', { name }).getByRole('row');
    await expect(bars('Conflicts by field')).toHaveText([/Field/, /^Job title.*5$/]);
    await expect(bars('Conflicts by person or group')).toHaveText([/Person/, /Alan Vogel.*3$/, /Amara Yamada.*2$/]);
    await expect(bars('Conflicts by those who met')).toHaveText([
      /Who/,
      /^Recruiting met Payroll.*job title.*4$/,
      /^Payroll met Recruiting.*1$/,
    ]);
    await expect(bars('Conflicts by how they ended')).toHaveText([/ended/, /^Merged.*3$/, /1$/, /1$/]);
    await expect(
      dialog.getByRole('table', { name: 'Conflicts by hour' }).getByRole('cell', { name: '5', exact: true }),
    ).toBeVisible();
    const advice = dialog.getByRole('region', { name: 'Advice' });
    const hour = await window.evaluate(() => new Date().getHours());
    await expect(advice).toContainText(
      `Recruiting and Payroll keep changing the same at the same time, mostly job title, around ${hour}:00.`,
    );
    // What only agents understand.
    await expect(advice).not.toContainText(/scim_|UTC|PATCH/);
    await expect(advice.getByRole('button', { name: 'Alan Vogel' })).toBeVisible();
    const each = dialog.getByRole('region', { name: 'Each conflict' });
    await expect(each.getByRole('row')).toHaveCount(6);
    await isAccessible(window);
    await picture(window, `window-conflicts-${colorScheme}`);
    await window.setViewportSize({ width: 700, height: 860 });
    await isAccessible(window);
    await picture(window, `conflicts-narrow-${colorScheme}`);
    await each.getByRole('row').last().scrollIntoViewIfNeeded();
    await picture(window, `conflicts-narrow-list-${colorScheme}`);
    await window.setViewportSize({ width: 1360, height: 860 });

    await each.getByText('Given up', { exact: true }).click();
    await expect(each.getByRole('row')).toHaveText([/When/, /Amara Yamada.*given up/]);
    await each.getByRole('button', { name: 'Amara Yamada' }).click();
    await expect(dialog).toBeHidden();
    await expect(window.getByRole('heading', { name: 'Amara Yamada' })).toBeVisible();
  });

test('the screen opens from the palette, and other times are chosen', async ({ window }) => {
  await runCommand(window, 'conflicts');
  const dialog = window.getByRole('dialog', { name: 'Conflicts of Northwind' });
  await expect(dialog).toContainText('in the last 24 hours');
  await dialog.getByText('30 days').click();
  await expect(dialog).toContainText('in the last 30 days');
});
