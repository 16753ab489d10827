import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHost, type TestHost } from '../host.ts';
import { fixtures } from './input-fixtures.ts';
import { startProxy, type Proxy } from './proxy.ts';
import { runSuite } from './suite.ts';

let host: TestHost;
let proxy: Proxy;

beforeAll(async () => {
  host = await startTestHost({ sample: true, mcpExtension: fixtures });
  const { services } = host.app;
  const { rows } = await services.directory.list(services.administrator('default'), 'User', { startIndex: 1, count: 1 });
  proxy = await startProxy({
    target: host.app.endpoints.mcp,
    token: await host.accessKey(),
    watched: `scim://default/Users/${rows[0]?.resource.id}`,
  });
});
afterAll(async () => {
  await proxy.close();
  await host.close();
});

test.each([
  ['2025-11-25', 80],
  ['2026-07-28', 160],
])('the server meets what revision %s requires', { timeout: 60_000 }, async (revision, checks) => {
  const result = await runSuite(['server', '--url', proxy.url, '--requirements', revision]);
  expect(result.exitCode, result.output).toBe(0);
  expect(result.passed).toBeGreaterThanOrEqual(checks);
  // Run, but not scored: an extension that Tandem does not offer.
  expect(result.failing.filter((scenario) => !scenario.startsWith('tasks-'))).toEqual([]);
});
