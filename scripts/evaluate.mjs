/** `npm run evaluate`: plays the task suite against a model; see docs/evaluation.md. Arguments are handed on. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

const env = await setup();
const program = join(root, 'test', 'tasks', 'evaluate.ts');
const { status } = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { cwd: root, env, stdio: 'inherit' });
process.exit(status ?? 1);
