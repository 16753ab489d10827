import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from './fixtures.ts';
import { env, tandem } from './shells.ts';

test('the window has no Node, runs no script but its own and calls no other site', async ({ app }) => {
  const { window } = app;
  await expect(window.getByText('Live:')).toBeVisible();
  const seen = await window.evaluate(async () => {
    const blocked: string[] = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => blocked.push(effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'globalThis.injected = true';
    document.head.append(script);
    const answer = await fetch('http://127.0.0.1:9/').catch(() => 'refused');
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { blocked, answer, globals: ['injected', 'require', 'process'].filter((name) => name in globalThis) };
  });
  expect(seen).toEqual({ blocked: expect.arrayContaining(['script-src-elem', 'connect-src']), answer: 'refused', globals: [] });
});

test('while the window is open, a second host is refused its data folder in one line', async ({ app }) => {
  const [node, program] = tandem;
  const second = promisify(execFile)(node, [program, 'serve', '--data', app.data, '--port', '0'], { env });
  await expect(second).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^tandem: .* in use by another Tandem.*\n$/),
  });
});
