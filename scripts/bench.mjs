/** `npm run bench`: every benchmark in bench/, or those named: `npm run bench -- engine mcp`. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ensureBuilt, ensureTestBrowser, fail, root, say, setup } from './setup.mjs';

const env = await setup();
// Files that benchmarks share, or start as a process of their own.
const isPart = (name) => ['measure', 'host'].includes(name) || name.startsWith('server-');
const all = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => basename(file, '.ts'))
  .filter((name) => !isPart(name));
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !all.includes(name));
if (unknown) fail(`there is no benchmark '${unknown}'. There are: ${all.join(', ')}.`);

ensureBuilt(env);
const browser = await ensureTestBrowser(env);
for (const name of wanted.length > 0 ? wanted : all) {
  say(`benchmark ${name} …`);
  const { status } = spawnSync(process.execPath, [join(root, 'bench', `${name}.ts`)], {
    cwd: root,
    env: { ...env, ...(browser && { TANDEM_TEST_BROWSER: browser }) },
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
