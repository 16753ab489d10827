/** `npm run -s tandem -- …`: the command line, from the sources. Standard output is the program's alone. */
import { join } from 'node:path';
import { become, callersFolder, ensureBuilt, root, setup } from './setup.mjs';

const env = await setup();
ensureBuilt(env);
await become(process.execPath, [join(root, 'out', 'main', 'tandem.js'), ...process.argv.slice(2)], { env, cwd: callersFolder() });
