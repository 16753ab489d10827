import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHost, type TestHost } from '../host.ts';
import { runSuite } from './suite.ts';

let host: TestHost;
beforeAll(async () => {
  host = await startTestHost();
});
afterAll(() => host.close());

test('the authorization server meets what MCP asks of one', { timeout: 60_000 }, async () => {
  const port = await freePort();
  const registered = await fetch(`${host.origin}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Conformance suite',
      redirect_uris: [`http://127.0.0.1:${port}/callback`],
      token_endpoint_auth_method: 'none',
    }),
  });
  const { client_id: clientId } = (await registered.json()) as { client_id: string };
  const where = ['--url', host.origin, '--client-id', clientId, '--resource', host.app.endpoints.mcp, '--port', String(port)];

  let browsing: Promise<Response> | undefined;
  const result = await runSuite(['authorization', ...where], (output) => {
    const [address] = /^http\S+\/oauth\/authorize\?\S+$/m.exec(output) ?? [];
    if (address !== undefined && output.includes('Waiting')) browsing ??= signIn(address);
  });

  expect(await (await browsing)?.text()).toBe('OK. You can close this page.');
  expect(result.exitCode, result.output).toBe(0);
  expect(result.passed).toBeGreaterThanOrEqual(2);
  expect(result.output).toContain('✓ authorization-code-grant: 1 passed, 0 failed');
});

/** What a person does: opens the address, allows the client in the window, and is sent back to the client. */
async function signIn(address: string): Promise<Response> {
  const cookies = new Map<string, string>();
  const visit = async (url: string): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { headers: { accept: 'text/html', cookie }, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const next = response.headers.get('location');
    return next === null ? response : visit(new URL(next, url).href);
  };
  const page = await visit(address);
  const { approvals } = host.app.services;
  const [request] = approvals.pending();
  expect(request?.clientName).toBe('Conformance suite');
  await approvals.decide(request?.id ?? '', { approve: true, tenant: 'default' });
  return visit(page.url);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
