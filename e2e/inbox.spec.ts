import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AxeBuilder } from '@axe-core/playwright';
import type { Client } from '@modelcontextprotocol/client';
import type { Locator, Page } from '@playwright/test';
import { addGroup, call, change, expect, found, notified, test, type OpenedPerson, runCommand } from './fixtures.ts';

const docs = process.env['TANDEM_SCREENSHOTS'];

async function isAccessible(window: Page) {
  const builder = new AxeBuilder({ page: window }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']);
  // Electron's context cannot open the second page that axe otherwise uses.
  const { violations } = await builder.setLegacyMode(test.info().project.name === 'electron').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

async function picture(window: Page, name: string) {
  if (docs) await window.screenshot({ path: join(docs, `${name}.png`), animations: 'disabled' });
}

const inbox = (window: Page): Locator => window.getByRole('dialog', { name: /^Inbox/ });
const question = (window: Page): Locator => inbox(window).getByRole('region', { name: 'Question' });
const answer = (window: Page): Locator => question(window).getByRole('status', { name: 'Answer' });
const bell = (window: Page, name: string): Locator => window.getByRole('button', { name, exact: true });

/** Gives the tenant a policy, as an administrator of it does in the window. */
async function usePolicy(window: Page, approvals: readonly string[], field?: string) {
  await runCommand(window, 'Policy');
  const dialog = window.getByRole('dialog', { name: /^Policy/ });
  for (const name of approvals) await dialog.getByLabel(name, { exact: true }).selectOption('Need approval');
  if (field !== undefined) {
    await dialog.getByLabel('Changes to these fields need approval').fill(field);
    await window.getByRole('option', { name: field, exact: true }).click();
    await window.keyboard.press('Escape');
  }
  await dialog.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Policy saved');
  if (await dialog.isVisible()) await window.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
}

/** Calls a tool, without waiting for its answer. */
function asking(agent: Client, name: string, args: Record<string, unknown>) {
  return agent.callTool({ name, arguments: args });
}

const retitle = (agent: Client, person: OpenedPerson, title: string, reason?: string) =>
  asking(agent, 'scim_patch_user', {
    user_id: person.id,
    operations: [{ op: 'replace', path: 'title', value: title }],
    ...(reason !== undefined && { reason }),
  });

async function openInbox(window: Page) {
  await window.keyboard.press('Alt+i');
  await expect(inbox(window)).toBeVisible();
}

test('an agent deletes somebody under a policy: it waits, is approved, and undone', async ({ window, mcp }) => {
  await usePolicy(window, ['Deletions']);
  const agent = await mcp();
  const person = await found(agent, 'alan.vogel@northwind.example');
  await expect(bell(window, 'Inbox')).toBeVisible();
  const deleting = asking(agent, 'scim_delete_user', { user_id: person.id, reason: 'Left the company on Friday' });
  await expect(bell(window, 'Inbox, 1 waits for you')).toBeVisible();
  await expect(window).toHaveTitle('(1) Tandem');
  await notified(window, 'e2e agent wants to delete Alan Vogel');
  await window.getByRole('button', { name: 'Look' }).click();
  await expect(question(window).getByRole('heading', { name: 'e2e agent wants to delete Alan Vogel' })).toBeFocused();
  await expect(question(window)).toContainText('“Left the company on Friday”');
  await expect(question(window)).toContainText('For all agents: deletions need approval.');
  await expect(question(window)).toContainText('If nobody answers within 24 hours, nothing is changed');
  await question(window).getByRole('button', { name: 'Approve', exact: true }).click();
  expect((await deleting).isError ?? false).toBe(false);
  await expect(answer(window)).toContainText('You approved it just now. It is done.');
  await expect(window).toHaveTitle('Tandem');
  await answer(window).getByRole('button', { name: 'Undo …' }).click();
  await window
    .getByRole('dialog', { name: /Undo what was approved/ })
    .getByRole('button', { name: 'Undo', exact: true })
    .click();
  await notified(window, 'Undone');
  expect(await person.read(agent)).toMatchObject({ id: person.id });
});

test('a question is edited, then approved; another declined with a reason that the agent reads', async ({ window, mcp }) => {
  await usePolicy(window, [], 'Job title');
  const agent = await mcp();
  const person = await found(agent, 'alan.vogel@northwind.example');
  const first = retitle(agent, person, 'Chief');
  await expect(bell(window, 'Inbox, 1 waits for you')).toBeVisible();
  await openInbox(window);
  await inbox(window)
    .getByRole('row', { name: /change job title of Alan Vogel/ })
    .click();
  const changes = question(window).getByRole('table', { name: 'What would change' });
  await expect(changes.getByRole('row', { name: /Job title/ })).toContainText('Chief');
  await question(window).getByRole('button', { name: 'Edit, then approve' }).click();
  const title = question(window).getByLabel('Job title');
  await expect(title).toHaveValue('Chief');
  await title.fill('Head of Sales');
  // What is begun is there again after the inbox was closed.
  await window.keyboard.press('Escape');
  await expect(inbox(window)).toBeHidden();
  await openInbox(window);
  await inbox(window)
    .getByRole('row', { name: /Alan Vogel/ })
    .click();
  await expect(title).toHaveValue('Head of Sales');
  await question(window).getByRole('button', { name: 'Approve with my changes' }).click();
  expect(JSON.stringify((await first).structuredContent)).toContain('"edited":true');
  await expect(answer(window)).toContainText('You changed it, then approved it');
  expect(await person.read(agent)).toMatchObject({ title: 'Head of Sales' });

  await expect(inbox(window).getByRole('row', { name: /Approved by you/ })).toBeVisible();
  const second = retitle(agent, person, 'President');
  await inbox(window)
    .getByRole('row', { name: /Waiting/ })
    .click();
  await question(window).getByRole('button', { name: 'Decline …' }).click();
  await question(window).getByLabel('Why not?').fill('Titles change in January only.');
  await question(window).getByRole('button', { name: 'Decline', exact: true }).click();
  const declined = await second;
  expect(declined.isError).toBe(true);
  expect(JSON.stringify(declined.structuredContent)).toContain('Titles change in January only.');
  await expect(answer(window)).toContainText('You declined it just now. Nothing was changed.');
  await expect(inbox(window).getByRole('row', { name: /Declined by you/ })).toBeVisible();
});

test('somebody changes the same before it is answered: three values, and a choice for each field', async ({ window, mcp }) => {
  await usePolicy(window, [], 'Job title');
  const agent = await mcp();
  const person = await found(agent, 'alan.vogel@northwind.example');
  const { title } = await person.read(agent);
  const patch = [
    { op: 'replace', path: 'title', value: 'Chief' },
    { op: 'replace', path: 'nickName', value: 'Al' },
  ];
  const asked = asking(agent, 'scim_patch_user', { user_id: person.id, operations: patch });
  await expect(bell(window, 'Inbox, 1 waits for you')).toBeVisible();
  await window.keyboard.press('/');
  await window.keyboard.type('Alan Vogel');
  await expect(window.getByText('1 person found')).toBeVisible();
  await window.getByRole('row', { name: /Alan Vogel/ }).click();
  await window.getByLabel('Job title').fill('Countess');
  await window.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Saved');
  await openInbox(window);
  await inbox(window)
    .getByRole('row', { name: /Alan Vogel/ })
    .click();
  await question(window).getByRole('button', { name: 'Approve', exact: true }).click();
  await expect(question(window)).toContainText('Nothing was done yet: look at it once more');
  const both = question(window).getByRole('table', { name: 'Fields that both changed' });
  await expect(both.getByRole('row').nth(1)).toContainText(String(title));
  await expect(both.getByRole('radio', { name: 'Job title: e2e agent, Chief' })).toBeChecked();
  await isAccessible(window);
  await both.getByRole('radio', { name: 'Job title: There now, Countess' }).check();
  await question(window).getByRole('button', { name: 'Approve', exact: true }).click();
  await expect(answer(window)).toContainText('You changed it, then approved it');
  await asked;
  expect(await person.read(agent)).toMatchObject({ title: 'Countess', nickName: 'Al' });
});

test('what an agent chose in a conflict is shown as it chose, and what it could not settle comes as a proposal', async ({
  window,
  mcp,
}) => {
  test.slow();
  const [agent, other] = [await mcp(), await mcp({ name: 'Payroll' })];
  const person = await found(agent, 'alan.vogel@northwind.example');
  const collide = async (title: string, nickName: string) => {
    const { _version } = await person.read(agent);
    await call(other, 'scim_patch_user', {
      user_id: person.id,
      operations: [{ op: 'replace', path: 'title', value: `${title} of Payroll` }],
    });
    const refused = await asking(agent, 'scim_patch_user', {
      user_id: person.id,
      operations: [
        { op: 'replace', path: 'title', value: title },
        { op: 'replace', path: 'nickName', value: nickName },
      ],
      expected_version: _version,
    });
    return (refused.structuredContent as { content: { conflict: { conflict_id: string } } }).content.conflict.conflict_id;
  };
  const queued = await call(agent, 'scim_resolve_conflict', {
    conflict_id: await collide('Chief', 'Al'),
    strategy: 'alternative',
    propose_rest: true,
    reason: 'The board decided it.',
  });
  expect(queued).toMatchObject({ title: 'Chief of Payroll', nickName: 'Al' });
  await expect(bell(window, 'Inbox, 1 waits for you')).toBeVisible();
  await openInbox(window);
  await inbox(window)
    .getByRole('row', { name: /change job title of Alan Vogel/ })
    .click();
  const both = question(window).getByRole('table', { name: 'Fields that both changed' });
  await expect(both.getByRole('radio', { name: 'Job title: e2e agent, Chief' })).toBeChecked();
  await question(window).getByRole('button', { name: 'Decline …' }).click();
  await question(window).getByRole('button', { name: 'Decline', exact: true }).click();
  await expect(answer(window)).toContainText('You declined it');
  await window.keyboard.press('Escape');
  await expect(inbox(window)).toBeHidden();

  await usePolicy(window, [], 'Nickname');
  const conflict_id = await collide('Head', 'Vogel');
  const choices = { title: 'theirs' };
  const settling = asking(agent, 'scim_resolve_conflict', { conflict_id, strategy: 'merge', choices });
  await expect(bell(window, 'Inbox, 1 waits for you')).toBeVisible();
  await openInbox(window);
  await inbox(window)
    .getByRole('row', { name: /change nickname of Alan Vogel/ })
    .click();
  await expect(both.getByRole('radio', { name: 'Job title: There now, Head of Payroll' })).toBeChecked();
  await isAccessible(window);
  await picture(window, 'inbox-chosen');
  await question(window).getByRole('button', { name: 'Approve', exact: true }).click();
  expect((await settling).isError ?? false).toBe(false);
  expect(await person.read(agent)).toMatchObject({ title: 'Head of Payroll', nickName: 'Vogel' });
});

test('two windows answer at once, and what others answer is shown at once', async ({ app, window, mcp }) => {
  test.skip(app.electron !== undefined, 'the app has one window');
  await usePolicy(window, ['Deletions']);
  const agent = await mcp();
  const person = await found(agent, 'alan.vogel@northwind.example');
  const deleting = asking(agent, 'scim_delete_user', { user_id: person.id });
  const other = await window.context().newPage();
  await other.goto(window.url());
  for (const page of [window, other]) {
    await expect(bell(page, 'Inbox, 1 waits for you')).toBeVisible();
    await openInbox(page);
    await inbox(page)
      .getByRole('row', { name: /Alan Vogel/ })
      .click();
    await expect(question(page).getByRole('button', { name: 'Approve', exact: true })).toBeVisible();
  }
  // The second one's answer is on its way when the first one counts.
  const { promise: first, resolve: firstCounts } = Promise.withResolvers<void>();
  await other.route('**/trpc/escalations.decide*', async (route) => {
    await first;
    await route.continue();
  });
  await question(other).getByRole('button', { name: 'Approve', exact: true }).click();
  await question(window).getByRole('button', { name: 'Approve', exact: true }).click();
  expect((await deleting).isError ?? false).toBe(false);
  for (const page of [window, other]) await expect(answer(page)).toContainText('You approved it');
  firstCounts();
  await expect(question(other)).toContainText('It was answered before your answer came');
  await expect(question(other).getByRole('alert')).toHaveCount(0);
  for (const page of [window, other]) await expect(page).toHaveTitle('Tandem');
  await other.close();
});

test('what is asked as a whole is approved as a whole; a deadline passes', async ({ app, window, mcp }) => {
  await usePolicy(window, ['Deletions']);
  const agent = await mcp();
  const [person, other, late] = [
    await found(agent, 'alan.vogel@northwind.example'),
    await found(agent, 'amara.yamada@northwind.example'),
    await found(agent, 'anika.navarro@northwind.example'),
  ];
  const asked = asking(agent, 'scim_delete_user', { user_id: late.id });
  await expect(bell(window, 'Inbox, 1 waits for you')).toBeVisible();
  await openInbox(window);
  await inbox(window)
    .getByRole('row', { name: /Anika Navarro/ })
    .click();
  await expect(question(window).getByRole('button', { name: 'Approve', exact: true })).toBeVisible();
  // A minute is the shortest deadline; the directory looks at the next one whenever something is asked.
  const database = new DatabaseSync(join(app.data, 'directory.db'));
  database.prepare('update escalations set deadline = ?').run(new Date().toISOString());
  database.close();
  const operations = [person, other].map(({ id }) => ({ method: 'DELETE', path: `/Users/${id}` }));
  const bulk = asking(agent, 'scim_bulk', { atomic: true, operations });
  expect((await asked).isError).toBe(true);
  await expect(answer(window)).toContainText('Nobody answered in time just now. Nothing was changed.');
  await expect(question(window).getByRole('button', { name: 'Approve', exact: true })).toHaveCount(0);
  await inbox(window)
    .getByRole('row', { name: /change 2 people and groups/ })
    .click();
  await expect(question(window).getByRole('region', { name: 'Alan Vogel' })).toContainText('Is deleted');
  await expect(question(window).getByRole('region', { name: 'Amara Yamada' })).toBeVisible();
  await question(window).getByRole('button', { name: 'Approve', exact: true }).click();
  expect((await bulk).isError ?? false).toBe(false);
  await expect(answer(window)).toContainText('It is done.');
  await expect(answer(window).getByRole('button', { name: 'Undo …' })).toHaveCount(2);
});

test('what one agent asks another is seen by people, who can step in', async ({ window, mcp }) => {
  const [asks, isAsked] = [await mcp(), await mcp()];
  const person = await found(asks, 'alan.vogel@northwind.example');
  await change(isAsked, person, { nickName: 'Al' });
  const history = await call(asks, 'scim_get_history', { resource_type: 'User', resource_id: person.id, count: 1 });
  const to = /"id":"(key:[^"]+)"/.exec(JSON.stringify(history))?.[1];
  const operations = [{ op: 'replace', path: 'title', value: 'Chief' }];
  const proposal = { resource_type: 'User', resource_id: person.id, operations, to, reason: 'You made the last change.' };
  const { escalation_id } = await call(asks, 'scim_propose_change', proposal);
  await expect(bell(window, 'Inbox')).toBeVisible();
  await openInbox(window);
  await expect(inbox(window).getByText('Nothing waits for you')).toBeVisible();
  await inbox(window).getByLabel('Show').selectOption('Between agents');
  await inbox(window)
    .getByRole('row', { name: /asks another agent whether to change job title of Alan Vogel/ })
    .click();
  await expect(question(window)).toContainText('You can step in: the first answer counts.');
  await question(window).getByRole('button', { name: 'Decline …' }).click();
  await question(window).getByLabel('Why not?').fill('I decide about titles.');
  await question(window).getByRole('button', { name: 'Decline', exact: true }).click();
  await expect(answer(window)).toContainText('You declined it');
  expect(await call(asks, 'scim_get_escalation', { escalation_id })).toMatchObject({ reason: 'I decide about titles.' });
});

test('members of a group: who comes is chosen, and the rest is approved', async ({ window, mcp }) => {
  const agent = await mcp();
  const people = await Promise.all(
    ['alan.vogel@northwind.example', 'amara.yamada@northwind.example'].map((name) => found(agent, name)),
  );
  const group = await addGroup(agent, 'Administrators');
  await runCommand(window, 'Policy');
  const policy = window.getByRole('dialog', { name: /^Policy/ });
  await policy.getByLabel('Changes to who is in these groups need approval').fill('Administrators');
  await window.keyboard.press('Enter');
  await policy.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Policy saved');
  await window.keyboard.press('Escape');
  await expect(policy).toBeHidden();
  const asked = asking(agent, 'scim_modify_group_members', { group_id: group, add: people.map(({ id }) => id) });
  await expect(bell(window, 'Inbox, 1 waits for you')).toBeVisible();
  await openInbox(window);
  await inbox(window)
    .getByRole('row', { name: /change members of Administrators/ })
    .click();
  await question(window).getByRole('button', { name: 'Edit, then approve' }).click();
  await question(window).getByRole('checkbox', { name: 'Amara Yamada' }).uncheck();
  await question(window).getByRole('button', { name: 'Approve with my changes' }).click();
  await asked;
  const { members } = await call(agent, 'scim_get_group', { group_id: group });
  expect(JSON.stringify(members)).toContain('Alan Vogel');
  expect(JSON.stringify(members)).not.toContain('Amara');
});

test('the desktop is told when nobody looks, after the person allowed it', async ({ app, window, mcp }) => {
  test.skip(app.electron !== undefined, 'the desktop’s own notifications cannot be looked at');
  await window.addInitScript(() => {
    const shown: string[] = [];
    class Told extends EventTarget {
      static permission = 'default';
      static requestPermission() {
        Told.permission = 'granted';
        return Promise.resolve('granted');
      }
      constructor(_title: string, { body }: { body: string }) {
        super();
        shown.push(body);
        Object.assign(globalThis, { told: this });
      }
      close() {}
    }
    Object.assign(globalThis, { Notification: Told, shown });
    document.hasFocus = () => false;
  });
  await window.reload();
  await expect(window.getByText('Live:')).toBeVisible();
  await usePolicy(window, ['Deletions']);
  const agent = await mcp();
  const [first, second] = [
    await found(agent, 'alan.vogel@northwind.example'),
    await found(agent, 'amara.yamada@northwind.example'),
  ];
  const shown = () => window.evaluate(() => (globalThis as unknown as { shown: string[] }).shown);
  const deletions = [asking(agent, 'scim_delete_user', { user_id: first.id })];
  await expect(bell(window, 'Inbox, 1 waits for you')).toBeVisible();
  expect(await shown()).toEqual([]);
  await openInbox(window);
  await inbox(window).getByRole('button', { name: 'Tell me on the desktop' }).click();
  await expect(inbox(window).getByRole('button', { name: 'Desktop notifications: on' })).toBeVisible();
  await window.keyboard.press('Escape');
  await expect(inbox(window)).toBeHidden();
  deletions.push(asking(agent, 'scim_delete_user', { user_id: second.id }));
  await expect.poll(shown).toEqual(['e2e agent wants to delete Amara Yamada']);
  await window.evaluate(() => (globalThis as unknown as { told: EventTarget }).told.dispatchEvent(new Event('click')));
  await expect(question(window)).toContainText('Amara Yamada');
  for (const name of [/Amara/, /Alan/]) {
    await inbox(window).getByRole('row', { name }).click();
    await question(window).getByRole('button', { name: 'Approve', exact: true }).click();
    await expect(answer(window)).toContainText('It is done.');
  }
  await Promise.all(deletions);
});

test('everything in the inbox is done from the keyboard', async ({ window, mcp }) => {
  await usePolicy(window, ['Deletions']);
  const agent = await mcp();
  const person = await found(agent, 'alan.vogel@northwind.example');
  const deleting = asking(agent, 'scim_delete_user', { user_id: person.id });
  await expect(bell(window, 'Inbox, 1 waits for you')).toBeVisible();
  await window.keyboard.press('Alt+i');
  await expect(inbox(window).getByRole('row', { name: /Alan Vogel/ })).toBeVisible();
  const reach = async (target: Locator) => {
    for (let step = 0; step < 40; step++) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await window.keyboard.press('Tab');
    }
    await expect(target).toBeFocused();
  };
  await reach(inbox(window).getByRole('row', { name: /Alan Vogel/ }));
  await window.keyboard.press('Enter');
  await expect(question(window).getByRole('heading')).toBeFocused();
  await reach(question(window).getByRole('button', { name: 'Decline …' }));
  await window.keyboard.press('Enter');
  await window.keyboard.type('No.');
  await reach(question(window).getByRole('button', { name: 'Decline', exact: true }));
  await window.keyboard.press('Enter');
  expect((await deleting).isError).toBe(true);
  await expect(answer(window)).toContainText('You declined it');
  await window.keyboard.press('Escape');
  await expect(inbox(window)).toBeHidden();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the inbox can be used by everybody, ${colorScheme}`, async ({ window, mcp }) => {
    test.slow();
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await openInbox(window);
    await expect(inbox(window).getByText('Nothing waits for you')).toBeVisible();
    await isAccessible(window);
    await window.keyboard.press('Escape');
    await usePolicy(window, ['Deletions'], 'Job title');
    const agent = await mcp();
    const alan = await found(agent, 'alan.vogel@northwind.example');
    const amara = await found(agent, 'amara.yamada@northwind.example');
    const asked = [asking(agent, 'scim_delete_user', { user_id: alan.id, reason: 'Alan left the company on Friday.' })];
    await expect(bell(window, 'Inbox, 1 waits for you')).toBeVisible();
    asked.push(retitle(agent, amara, 'Head of Sales', 'The board decided on Monday that she leads the team from now on.'));
    await expect(bell(window, 'Inbox, 2 wait for you')).toBeVisible();
    await isAccessible(window);
    await openInbox(window);
    await inbox(window).getByRole('row', { name: /Alan/ }).click();
    await expect(question(window).getByRole('heading')).toBeVisible();
    await isAccessible(window);
    await question(window).getByRole('button', { name: 'Decline …' }).click();
    await question(window).getByLabel('Why not?').fill('Payroll still needs the account until the end of the month.');
    await isAccessible(window);
    await question(window).getByRole('button', { name: 'Decline', exact: true }).click();
    await expect(answer(window)).toContainText('You declined it');
    await isAccessible(window);
    await inbox(window).getByRole('row', { name: /Amara/ }).click();
    await expect(question(window)).toContainText('The board decided');
    await picture(window, `window-inbox-${colorScheme}`);
    await question(window).getByRole('button', { name: 'Edit, then approve' }).click();
    await expect(question(window).getByLabel('Job title')).toBeVisible();
    await isAccessible(window);
    await window.setViewportSize({ width: 700, height: 800 });
    await isAccessible(window);
    await question(window).getByRole('button', { name: 'Approve with my changes' }).click();
    await expect(answer(window)).toContainText('It is done.');
    await Promise.all(asked);
    await question(window).getByRole('button', { name: 'Close the question' }).click();
    const overflow = await window.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
}
