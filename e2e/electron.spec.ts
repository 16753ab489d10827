import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { openedOutside, type RunningApp } from './shells.ts';

/** What only Electron has. */

function shellOf({ electron }: RunningApp): ElectronApplication {
  if (!electron) throw new Error('these tests are for Electron');
  return electron;
}

test('the menu asks the window, and leads to each place', async ({ app, window }) => {
  const choose = (name: string) =>
    shellOf(app).evaluate(({ BrowserWindow, Menu }, wanted) => {
      const items = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []);
      items?.find(({ label }) => label === wanted)?.click({}, BrowserWindow.getAllWindows()[0]);
    }, name);
  await choose('List of groups');
  await expect(window.getByRole('textbox', { name: 'Search groups' })).toBeVisible();
  await choose('List of people');
  await expect(window.getByRole('textbox', { name: 'Search people' })).toBeVisible();
  await choose('New group');
  await expect(window.getByRole('heading', { name: 'New group' })).toBeVisible();
  for (const [name, content] of [
    ['Connect an AI client', app.endpoints.mcp],
    ['Manage tenants', 'Northwind Trading'],
    ['Extra fields of people and groups', 'Extra fields'],
  ] as const) {
    await choose(name);
    await expect(window.getByRole('dialog')).toContainText(content);
    await window.keyboard.press('Escape');
    await expect(window.getByRole('dialog')).toBeHidden();
  }
});

test('the window goes to no other page and opens no other window', async ({ app, window }) => {
  const here = window.url();
  const outside = await openedOutside(shellOf(app));
  await window.evaluate(() => location.assign('http://127.0.0.1:9/'));
  expect(await window.evaluate(() => open('search-ms:query=secret'))).toBeNull();
  expect(await outside()).toBe('');
  // A page of the web is for the person's browser.
  expect(await window.evaluate(() => open('http://127.0.0.1:9/'))).toBeNull();
  await expect.poll(outside).toBe('http://127.0.0.1:9/');
  expect(window.url()).toBe(here);
  expect(shellOf(app).windows()).toHaveLength(1);
});

test('closing the window ends the app, frees its folder and remembers where the window was', async ({ app, window }) => {
  await expect(window.getByText('Live:')).toBeVisible();
  const electron = shellOf(app);
  const ended = new Promise((resolve) => electron.process().once('exit', resolve));
  await electron.evaluate(({ BrowserWindow }) => {
    const [own] = BrowserWindow.getAllWindows();
    own?.setBounds({ x: 40, y: 30, width: 1000, height: 700 });
    own?.close();
  });
  expect(await ended).toBe(0);
  expect(existsSync(join(app.data, 'host.json'))).toBe(false);
  const settings: unknown = JSON.parse(readFileSync(join(app.data, 'settings.json'), 'utf8'));
  expect(settings).toMatchObject({ window: { width: 1000, height: 700, maximized: false } });
});
