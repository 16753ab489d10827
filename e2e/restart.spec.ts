import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { editing, expect, notified, test } from './fixtures.ts';
import { env, tandem } from './shells.ts';

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
