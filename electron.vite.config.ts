import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/** The Electron of tools/with-electron is too old for better-sqlite3; only the end-to-end build uses libsql in its place. */
const e2e = process.env['TANDEM_BUILD'] === 'e2e';
const out = e2e ? 'out-e2e' : 'out';

export default defineConfig({
  main: {
    resolve: { alias: e2e ? { 'better-sqlite3': 'libsql' } : {} },
    build: {
      outDir: `${out}/main`,
      rolldownOptions: {
        input: { electron: 'src/main/electron.ts', headless: 'src/main/headless.ts', tandem: 'src/main/tandem.ts' },
        // One folder: files are found by their place in it (src/main/paths.ts).
        output: { chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: `${out}/preload`,
      externalizeDeps: false,
      rolldownOptions: { input: { index: 'src/preload/index.ts' }, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [react()],
    build: { outDir: `${out}/renderer`, rolldownOptions: { input: 'src/renderer/index.html' } },
  },
});
