import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, isAccessible, picture, test } from './fixtures.ts';

/** The pages of the demonstration's login, in a real browser. */
for (const [look, colorScheme, width] of [
  ['light', 'light', 1000],
  ['dark', 'dark', 1000],
  ['narrow', 'light', 400],
] as const) {
  test(`a person signs in at the mock provider, and the tool goes on, ${look}`, async ({ window, app, accessKey }) => {
    test.skip(app.electron !== undefined, 'These pages open in the browser of the system.');
    const client = new Client(
      { name: 'e2e', version: '1' },
      { capabilities: { elicitation: { form: {}, url: {} } }, versionNegotiation: { mode: 'auto' } },
    );
    const page = await window.context().newPage();
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      await page.goto('url' in params ? params.url : '');
      return { action: 'accept' };
    });
    const headers = { authorization: `Bearer ${await accessKey({ name: 'Claude' })}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${app.endpoints.mcp}/x/demo`), { requestInit: { headers } }));
    const calling = client.callTool({ name: 'login', arguments: {} });

    await expect(page.getByRole('heading', { name: 'Who is signing in?' })).toBeVisible();
    await expect(page.getByText('More people are here')).toBeVisible();
    await isAccessible(page);
    await picture(page, `login-choose-${look}`);
    await page.getByRole('searchbox', { name: 'Search by name' }).fill('Nobody at all');
    await page.keyboard.press('Enter');
    await expect(page.getByText('Nobody was found')).toBeVisible();
    await isAccessible(page);
    await page.getByRole('searchbox', { name: 'Search by name' }).fill('Alan Vogel');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /Alan Vogel/ }).click();
    await expect(page.getByRole('heading', { name: 'Share who you are?' })).toBeVisible();
    await isAccessible(page);
    await picture(page, `login-consent-${look}`);
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'You are signed in as Alan Vogel' })).toBeVisible();
    await isAccessible(page);
    await picture(page, `login-done-${look}`);
    const { structuredContent } = await calling;
    expect(structuredContent).toMatchObject({ content: { name: 'Alan Vogel' } });
    await client.close();
  });
}

test('a client that cannot open pages gets the code that the page shows', async ({ window, app, accessKey }) => {
  test.skip(app.electron !== undefined, 'These pages open in the browser of the system.');
  const client = new Client({ name: 'e2e', version: '1' });
  const headers = { authorization: `Bearer ${await accessKey({ name: 'Claude' })}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${app.endpoints.mcp}/x/demo`), { requestInit: { headers } }));
  const first = await client.callTool({ name: 'login', arguments: {} });
  const { url, call } = (first.structuredContent as { content: { url: string; call: { arguments: object } } }).content;
  const page = await window.context().newPage();
  await page.setViewportSize({ width: 1000, height: 900 });
  await page.goto(url);
  await page.getByRole('searchbox').fill('Alan Vogel');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /Alan Vogel/ }).click();
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const code = await page.getByLabel('Code').textContent();
  await isAccessible(page);
  await picture(page, 'login-code');
  const { structuredContent } = await client.callTool({ name: 'login', arguments: { ...call.arguments, code } });
  expect(structuredContent).toMatchObject({ content: { name: 'Alan Vogel' } });

  const again = await client.callTool({ name: 'login', arguments: {} });
  await page.goto((again.structuredContent as { content: { url: string } }).content.url);
  await page.getByRole('button', { name: 'Do not sign in' }).click();
  await expect(page.getByRole('heading', { name: 'You did not sign in' })).toBeVisible();
  await isAccessible(page);
  await picture(page, 'login-declined');
  await client.close();
});
