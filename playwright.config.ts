import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { electronIsHere } from './e2e/shells.ts';

const { CI, OUT, TANDEM_TEST_BROWSER, TEST_WORKER_INDEX } = process.env;
if (!electronIsHere && TEST_WORKER_INDEX === undefined)
  console.log('No Electron binary here: the tests run in Chromium only. (npx install-electron fetches one.)');

/** The same tests in both shells. OUT is a folder for what they leave, where the project cannot be written to. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: OUT ? join(OUT, 'e2e') : 'test-results',
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(CI),
  reporter: [['list']],
  // Where a machine is busy, a test that fails is tried once more, and listed as flaky if it then passes.
  retries: CI ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // A trace costs a third of a test's time.
  use: { trace: CI ? 'on-first-retry' : 'retain-on-failure' },
  projects: [
    {
      name: 'chromium',
      testIgnore: '**/electron.spec.ts',
      use: {
        launchOptions: {
          ...(TANDEM_TEST_BROWSER && { executablePath: TANDEM_TEST_BROWSER }),
          chromiumSandbox: process.getuid?.() !== 0,
          args: ['--disable-gpu'],
        },
      },
    },
    {
      name: 'electron',
      testIgnore: electronIsHere ? '**/headless.spec.ts' : '**/*',
      // A theme is the window's own, and the same in both shells.
      grepInvert: /, dark$/,
    },
  ],
});
