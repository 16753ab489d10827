/** `npm run bench`: every benchmark, or those named: `npm run bench -- engine mcp`. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureTestBrowser, fail, root, say, setup } from './setup.mjs';

const env = setup();
if (env) {
  const shared = new Set(['measure.ts', 'host.ts']);
  const all = readdirSync(join(root, 'bench')).filter(
    (name) => name.endsWith('.ts') && !shared.has(name) && !name.startsWith('server-'),
  );
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !all.includes(`${name}.ts`));
  if (unknown) fail(`there is no benchmark ${unknown}. There are: ${all.map((name) => name.replace('.ts', '')).join(', ')}.`);
  ensureBuilt(env);
  const browser = ensureTestBrowser(env);
  for (const name of all.filter((file) => wanted.length === 0 || wanted.includes(file.replace('.ts', '')))) {
    say(`benchmark ${name.replace('.ts', '')} …`);
    const result = spawnSync(process.execPath, [join(root, 'bench', name)], {
      cwd: root,
      env: { ...env, ...(browser && { TANDEM_TEST_BROWSER: browser }) },
      stdio: 'inherit',
    });
    if (result.status !== 0) process.exit(result.status ?? 1);
  }
}
