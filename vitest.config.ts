import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // They need programs of 700 MB: `npm run test:clients`.
    exclude: [...configDefaults.exclude, 'test/clients/**'],
    // Tests of the command line start processes, on machines of two slow cores too.
    testTimeout: 60_000,
    // Without this, a machine of two cores runs one file at a time.
    maxWorkers: '100%',
    env: { TANDEM_SECRETS: 'file' },
  },
});
