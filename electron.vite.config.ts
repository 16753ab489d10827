import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/** Some test machines have only an Electron that is too old for better-sqlite3; libsql has the same interface and runs there. */
const forOldElectron = process.env['TANDEM_BUILD'] === 'e2e';
const out = process.env['TANDEM_OUT'] ?? 'out';

export default defineConfig({
  main: {
    resolve: { alias: forOldElectron ? { 'better-sqlite3': 'libsql' } : {} },
    build: {
      outDir: join(out, 'main'),
      externalizeDeps: { include: ['libsql'] },
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
