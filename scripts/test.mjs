/** `npm test`: unit and contract tests, then the end-to-end tests in Chromium. Arguments choose: `unit`, `e2e`. */
import { ensureBuilt, ensureTestBrowser, run, say, setup } from './setup.mjs';

const env = setup();
if (env) {
  const only = process.argv.slice(2);
  const wanted = (part) => only.length === 0 || only.includes(part);
  const failed = [];
  if (wanted('unit') && run('vitest', ['run'], env) !== 0) failed.push('unit and contract tests');
  if (wanted('e2e')) {
    ensureBuilt(env);
    const browser = ensureTestBrowser(env);
    const e2eEnv = { ...env, ...(browser && { TANDEM_TEST_BROWSER: browser }) };
    if (run('playwright', ['test', '--project=chromium'], e2eEnv) !== 0) failed.push('end-to-end tests in Chromium');
  }
  say(failed.length === 0 ? 'all tests passed.' : `failed: ${failed.join(', ')}.`);
  process.exit(failed.length === 0 ? 0 : 1);
}
