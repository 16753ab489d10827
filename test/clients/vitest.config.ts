import { defineConfig } from 'vitest/config';

/** `npm run test:clients`. Each client is a program of its own, and each file a client: one at a time. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    fileParallelism: false,
    testTimeout: 400_000,
    hookTimeout: 60_000,
    env: { TANDEM_SECRETS: 'file' },
    reporters: ['verbose'],
  },
});
