/** `npm run check`: types, lint and import rules, format, unused code. Prints only what is wrong. */
import { spawn } from 'node:child_process';
import { command, root, say, setup } from './setup.mjs';

const folders = ['src', 'test', 'e2e', 'bench', 'scripts'];
const checks = [
  ['types', 'typescript', ['-b']],
  ['lint and import rules', 'oxlint', ['--type-aware', '--deny-warnings', ...folders]],
  ['format', 'oxfmt', ['--check', ...folders, 'electron.vite.config.ts', 'vitest.config.ts', 'playwright.config.ts']],
  ['unused code', 'knip', ['--no-progress']],
];

function check([name, packageName, args], env) {
  const started = Date.now();
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(process.execPath, [command(packageName), ...args], { cwd: root, env });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.once('exit', (code) => {
      if (code !== 0) say(`${name}:\n${output}`);
      resolve({
        good: code === 0,
        line: `${name} ${code === 0 ? 'clean' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
      });
    });
  });
}

const env = await setup();
const results = await Promise.all(checks.map((item) => check(item, env)));
say(results.map(({ line }) => line).join(', '));
process.exit(results.every(({ good }) => good) ? 0 : 1);
