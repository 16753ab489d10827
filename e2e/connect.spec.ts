import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import * as oauth from 'openid-client';
import { change, expect, notified, openPerson, test } from './fixtures.ts';

/**
 * The main job, whole: an AI client registers, asks for access, is allowed in the window, and edits with a real token the
 * person that the administrator edits.
 */
test('a client connects with OAuth, edits, and the administrator merges', async ({ window, app }) => {
  const person = await openPerson(window, 'Alan Vogel');
  const { issuer, mcp } = app.endpoints;
  const redirect = 'http://127.0.0.1:33418/';
  const client = await oauth.dynamicClientRegistration(
    new URL(issuer),
    { client_name: 'Visual Studio Code', redirect_uris: [redirect], token_endpoint_auth_method: 'none' },
    oauth.None(),
    { execute: [oauth.allowInsecureRequests] },
  );
  const verifier = oauth.randomPKCECodeVerifier();
  const begin = oauth.buildAuthorizationUrl(client, {
    redirect_uri: redirect,
    scope: 'openid offline_access scim:read scim:write',
    resource: mcp,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const browser = new Browser();
  const page = await browser.visit(begin);

  const request = window.getByRole('status', { name: 'Requests for access' });
  await expect(request).toContainText('Visual Studio Code asks for access');
  await expect(request).toContainText('127.0.0.1');
  // From the keyboard it comes before all else.
  await window.getByRole('combobox', { name: 'Tenant' }).focus();
  await window.keyboard.press('Shift+Tab');
  await expect(request.getByRole('button', { name: 'Allow' })).toBeFocused();
  // Whoever was away finds it in the inbox, with what else waits.
  await window.getByRole('button', { name: 'Inbox, 1 waits for you' }).click();
  const inbox = window.getByRole('dialog', { name: /^Inbox/ });
  await inbox.getByRole('row', { name: 'Visual Studio Code asks for access' }).click();
  await inbox.getByRole('button', { name: 'Allow' }).click();
  await expect(inbox.getByText('Nothing waits for you')).toBeVisible();
  await expect(inbox.getByRole('region', { name: 'Question' })).toHaveCount(0);
  await window.keyboard.press('Escape');
  await expect(inbox).toBeHidden();
  await expect(request).toBeEmpty();

  // The page loads itself again when the window has decided.
  const callback = await browser.visit(page);
  const tokens = await oauth.authorizationCodeGrant(client, callback, { pkceCodeVerifier: verifier }, { resource: mcp });
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const agent = new Client({ name: 'vscode', version: '1' });
  await agent.connect(new StreamableHTTPClientTransport(new URL(mcp), { requestInit: { headers } }));

  await window.getByLabel('Job title').fill('Mine');
  await change(agent, person, { title: 'Theirs', nickName: 'Al' });
  await expect(window.getByRole('status', { name: 'Conflict' })).toContainText('Visual Studio Code changed job title');
  await window.getByRole('button', { name: 'Keep mine' }).click();
  await window.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Saved');
  expect(await person.read(agent)).toMatchObject({ title: 'Mine', nickName: 'Al' });
  await agent.close();
});

test('the window shows how to connect', async ({ window, app }) => {
  await window.getByRole('button', { name: 'Connect an AI client' }).click();
  const dialog = window.getByRole('dialog');
  await expect(dialog).toContainText(app.endpoints.mcp);
  await expect(dialog).toContainText(/\w{4}-\w{4}/);
  await dialog.getByRole('tab', { name: 'VS Code' }).click();
  await expect(dialog.getByRole('tabpanel')).toContainText('"type": "http"');
});

/** As much of a browser as a sign-in needs: cookies and redirects, up to the client's own address. */
class Browser {
  readonly #cookies = new Map<string, string>();
  #origin: string | undefined;

  async visit(address: string | URL): Promise<URL> {
    const url = new URL(address);
    this.#origin ??= url.origin;
    if (url.origin !== this.#origin) return url;
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const next = response.headers.get('location');
    return next === null ? url : this.visit(new URL(next, url));
  }
}
