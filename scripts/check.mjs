/** `npm run check`: types, lint and import rules, format, unused code. Quiet where there is nothing to say. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, say, setup } from './setup.mjs';

const checks = [
  ['types', 'tsc', ['-b']],
  ['lint and import rules', 'oxlint', ['--type-aware', 'src', 'test', 'e2e', 'bench']],
  ['format', 'oxfmt', ['--check', 'src', 'test', 'e2e', 'bench', 'scripts']],
  ['unused code', 'knip', ['--no-progress']],
];

function check([name, command, args], env) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(join(root, 'node_modules', '.bin', command), args, {
      cwd: root,
      env,
      shell: process.platform === 'win32',
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.on('exit', (code) => {
      if (code !== 0) say(`${name}:\n${output}`);
      resolve(code === 0);
    });
  });
}

const env = setup();
if (env) {
  const started = Date.now();
  const results = await Promise.all(checks.map((item) => check(item, env)));
  const good = results.every(Boolean);
  say(
    good
      ? `types, lint, format and unused code are clean (${((Date.now() - started) / 1000).toFixed(1)} s).`
      : 'the checks found something.',
  );
  process.exit(good ? 0 : 1);
}
