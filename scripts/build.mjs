/** `npm run build`: builds the app into out/, or with `e2e` into out-e2e/ for tests in an old Electron. */
import { ensureBuilt, setup } from './setup.mjs';

const env = await setup();
ensureBuilt(env);
if (process.argv[2] === 'e2e') ensureBuilt(env, 'e2e');
