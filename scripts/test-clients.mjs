/**
 * `npm run test:clients`: real clients from npm do their whole work against Tandem, sign-in and a conflict in it. What follows
 * goes to vitest: `npm run test:clients -- codex`.
 */
import { join } from 'node:path';
import { ensureClients, root, run, setup } from './setup.mjs';

const env = await setup();
const folder = join(root, 'test', 'clients');
ensureClients(folder);
process.exit(await run('vitest', ['run', '--config', join(folder, 'vitest.config.ts'), ...process.argv.slice(2)], env));
