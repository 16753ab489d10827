import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { chromium } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { env, tandem } from './shells.ts';

/** How `npm start` opens the window where there is no Electron. */

const { TANDEM_TEST_BROWSER } = process.env;
const [node, program] = tandem;
let folder: string;
let stop: () => Promise<unknown>;

test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-start-'));
});
test.afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

function start(settings: Record<string, string>) {
  const args = [join(dirname(program), 'headless.js'), '--data', join(folder, 'data'), '--port', '0'];
  const host = spawn(node, args, { env: { ...env, ...settings }, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => host.once('exit', resolve));
  stop = () => {
    host.kill('SIGTERM');
    return ended;
  };
  return { host, ended };
}

test('where there is no display, the window opens at a printed address; Ctrl-C ends the app', async ({ page }) => {
  const { host, ended } = start({ DISPLAY: '', WAYLAND_DISPLAY: '' });
  await page.goto(await printedAddress(host.stdout));
  await expect(page.getByRole('heading', { name: 'Welcome to Tandem' })).toBeVisible();
  host.kill('SIGINT');
  expect(await ended).toBe(0);
});

test('in a browser of the system: its arguments tell no secret, and its end ends the app', async () => {
  test.skip(!TANDEM_TEST_BROWSER, 'the tests run in a browser of Playwright, which has no app windows');
  // The system's own browser, told to show nothing and to let the test look in.
  const browser = join(folder, 'browser');
  const options = '--headless=new --remote-debugging-port=0';
  writeFileSync(browser, `#!/bin/sh\necho "$@" > '${folder}/arguments'\nexec '${TANDEM_TEST_BROWSER}' ${options} "$@"\n`);
  chmodSync(browser, 0o700);
  const { ended } = start({ DISPLAY: ':0', TANDEM_BROWSER: browser });
  const portFile = join(folder, 'data', 'browser', 'DevToolsActivePort');
  await expect.poll(() => existsSync(portFile), { timeout: 15_000 }).toBe(true);
  const [port] = readFileSync(portFile, 'utf8').split('\n');
  const control = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const isShown = () => control.contexts()[0]?.pages()[0]?.getByRole('heading', { name: 'Welcome to Tandem' }).isVisible();
  await expect.poll(isShown, { timeout: 15_000 }).toBe(true);

  const seen = readFileSync(join(folder, 'arguments'), 'utf8');
  expect(seen).toContain('--app=file:');
  expect(seen).not.toContain('secret');

  // A browser that ends at once has not shown the window (src/main/browser.ts).
  await setTimeout(2000);
  await (await control.newBrowserCDPSession()).send('Browser.close');
  expect(await ended).toBe(0);
});

/** The one-time address that the app prints. */
async function printedAddress(output: Readable): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const address = /http:\S+\/open\S+/.exec(line)?.[0];
    if (address) return address;
  }
  throw new Error('no address was printed');
}
