import { defineConfig } from '@playwright/test';

/** The same specs in both shells: the host with a browser, and Electron. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: process.env['OUT'] ? `${process.env['OUT']}/e2e` : 'node_modules/.cache/e2e',
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env['CI']),
  reporter: [['list']],
  timeout: 30_000,
  expect: { timeout: 7000 },
  use: { trace: 'retain-on-failure' },
  projects: [{ name: 'chromium' }, { name: 'electron' }],
});
