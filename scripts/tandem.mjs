/** `npm run -s tandem -- …`: the command line, from the sources. Standard output is the program's alone. */
import { join } from 'node:path';
import { become, ensureBuilt, root, setup } from './setup.mjs';

const env = setup();
if (env) {
  ensureBuilt(env);
  become(process.execPath, [join(root, 'out', 'main', 'tandem.js'), ...process.argv.slice(2)], env);
}
