import { join, resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/** Some test machines have only an Electron 33: it can neither load better-sqlite3 nor require an ES module (bundling avoids that). */
const forOldElectron = process.env['TANDEM_BUILD'] === 'e2e';
const out = process.env['TANDEM_OUT'] ?? 'out';

export default defineConfig({
  main: {
    resolve: { alias: forOldElectron ? { 'better-sqlite3': resolve('e2e/old-electron-sqlite.ts') } : {} },
    build: {
      outDir: join(out, 'main'),
      externalizeDeps: forOldElectron ? { include: ['libsql'], exclude: ['better-sqlite3', '@fastify/static'] } : true,
      rolldownOptions: {
        input: { electron: 'src/main/electron.ts', headless: 'src/main/headless.ts', tandem: 'src/main/tandem.ts' },
        // One folder: electron.ts finds the preload script by its place in it.
        output: { chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: join(out, 'preload'),
      // A sandboxed preload script is one CommonJS file.
      externalizeDeps: false,
      rolldownOptions: { input: { index: 'src/preload/index.ts' }, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
  ...(!forOldElectron && {
    renderer: {
      root: 'src/renderer',
      plugins: [react()],
      build: { outDir: join(out, 'renderer'), minify: true, rolldownOptions: { input: 'src/renderer/index.html' } },
    },
  }),
});
