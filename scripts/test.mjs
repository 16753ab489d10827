/**
 * `npm test`: unit and contract tests, then the end-to-end tests in Chromium. With `unit` or `e2e` only those, and what follows
 * goes to vitest or playwright: `npm test -- unit src/auth`, `npm test -- e2e --grep conflict`.
 */
import { ensureBuilt, ensureTestBrowser, run, say, setup } from './setup.mjs';

const [part, ...args] = process.argv.slice(2);
if (part !== undefined && part !== 'unit' && part !== 'e2e') {
  say(`there is no part '${part}' of the tests. There are: unit, e2e.`);
  process.exit(64);
}

const env = await setup();
ensureBuilt(env);
const parts = {
  unit: () => run('vitest', ['run', ...args], env),
  async e2e() {
    const browser = await ensureTestBrowser(env);
    const withBrowser = { ...env, ...(browser && { TANDEM_TEST_BROWSER: browser }) };
    return run('@playwright/test', ['test', '--project=chromium', ...args], withBrowser);
  },
};
const results = [];
for (const name of part ? [part] : Object.keys(parts)) {
  const started = Date.now();
  const status = await parts[name]();
  results.push({ name, status, line: `${name} ${status === 0 ? 'passed' : 'FAILED'} in ${seconds(started)}` });
}
say(results.map(({ line }) => line).join(', '));
process.exit(results.every(({ status }) => status === 0) ? 0 : 1);

function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}
