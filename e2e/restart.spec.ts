import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { editing, expect, notified, test } from './fixtures.ts';
import { env, startInElectron, tandem } from './shells.ts';

async function serve(data: string, port: number): Promise<{ host: ChildProcess; port: number; window: string }> {
  const [node, program] = tandem;
  const args = [program, 'serve', '--data', data, '--port', String(port), '--json', '--sample'];
  const host = spawn(node, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve) => createInterface({ input: host.stdout }).once('line', resolve));
  return { host, ...(JSON.parse(line) as { port: number; window: string }) };
}

test('the host ends and is started again: the window says so, keeps the draft, and goes on', async ({ chrome }) => {
  test.skip(chrome === undefined, 'in Electron the host lives and ends with the window');
  test.slow();
  if (!chrome) return;
  const data = mkdtempSync(join(tmpdir(), 'tandem-e2e-'));
  const first = await serve(data, 0);
  const context = await chrome.newContext();
  const window = await context.newPage();
  await window.goto(first.window);
  await editing(window, 'Alan Vogel');
  await window.getByLabel('Job title').fill('Mine');
  first.host.kill('SIGKILL');
  await expect(window.getByRole('status').filter({ hasText: 'Tandem does not answer' })).toBeVisible();
  await window.getByRole('button', { name: 'Save' }).click();
  await expect(window.getByRole('alert')).toContainText('Not saved');
  const second = await serve(data, first.port);
  await expect(window.getByRole('status').filter({ hasText: 'Tandem was started again' })).toBeVisible();
  // Opening the new address in another tab is enough.
  await (await context.newPage()).goto(second.window);
  await expect(window.getByText('Live:')).toBeVisible();
  await window.getByRole('button', { name: 'Save' }).click();
  await notified(window, 'Saved');
  await expect(window.getByLabel('Job title')).toHaveValue('Mine');
  await context.close();
  second.host.kill('SIGTERM');
  await new Promise((resolve) => second.host.once('exit', resolve));
  rmSync(data, { recursive: true, force: true });
});

test('what was not saved when the app was closed is there when it is started again, on top of what happened since', async ({
  chrome,
}) => {
  test.slow();
  const data = mkdtempSync(join(tmpdir(), 'tandem-e2e-'));
  const context = await chrome?.newContext();
  let port = 0;
  const start = async (): Promise<{ window: Page; close: () => Promise<unknown> }> => {
    if (!context) return startInElectron(data, true);
    const host = await serve(data, port);
    ({ port } = host);
    const window = await context.newPage();
    await window.goto(host.window);
    const close = async () => {
      await window.close({ runBeforeUnload: false });
      host.host.kill('SIGTERM');
      await new Promise((resolve) => host.host.once('exit', resolve));
    };
    return { window, close };
  };
  const first = await start();
  await editing(first.window, 'Alan Vogel');
  await first.window.getByLabel('Job title').fill('Mine');
  await editing(first.window, 'Amara Yamada');
  await first.window.getByLabel('Nickname').fill('Ama');
  await expect(first.window.getByRole('button', { name: 'Save' })).toBeEnabled();
  // Chromium keeps what a page stores a moment after it did.
  await first.window.waitForTimeout(1000);
  await first.close();

  const csv = join(data, 'people.csv');
  writeFileSync(csv, 'userName,Title,Nickname\nalan.vogel@northwind.example,Theirs,\namara.yamada@northwind.example,Theirs,\n');
  const [node, program] = tandem;
  await promisify(execFile)(node, [program, 'import', csv, '--data', data, '--tenant', 'northwind'], { env });

  const second = await start();
  await editing(second.window, 'Amara Yamada');
  await expect(second.window.getByLabel('Nickname')).toHaveValue('Ama');
  await expect(second.window.getByLabel('Job title')).toHaveValue('Theirs');
  await second.window.getByRole('button', { name: 'Save' }).click();
  await notified(second.window, 'Saved');
  await editing(second.window, 'Alan Vogel');
  await expect(second.window.getByRole('status', { name: 'Conflict' })).toContainText('Command line changed job title');
  await second.window.getByRole('button', { name: 'Discard' }).click();
  await expect(second.window.getByLabel('Job title')).toHaveValue('Theirs');
  await second.close();

  const third = await start();
  await editing(third.window, 'Alan Vogel');
  await expect(third.window.getByLabel('Job title')).toHaveValue('Theirs');
  await expect(third.window.getByRole('button', { name: 'Discard' })).toBeDisabled();
  await third.close();
  await context?.close();
  rmSync(data, { recursive: true, force: true });
});
