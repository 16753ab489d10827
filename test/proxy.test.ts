import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import { startTestHost } from './host.ts';
import { caller, newUser } from './scim-host.ts';

const root = join(import.meta.dirname, '..');
const isHere = spawnSync('nginx', ['-v']).status === 0;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test.skipIf(!isHere)('through nginx as it is configured for containers, programs reach the doors and nothing else', async () => {
  const host = await startTestHost();
  const folder = mkdtempSync(join(tmpdir(), 'tandem-nginx-'));
  const port = await freePort();
  const configured = readFileSync(join(root, 'deploy/nginx.conf'), 'utf8')
    .replaceAll('127.0.0.1:4810', new URL(host.origin).host)
    .replace('listen 8080', `listen 127.0.0.1:${port}`)
    .replaceAll('/tmp/nginx', join(folder, 'nginx'));
  writeFileSync(join(folder, 'nginx.conf'), configured);
  const nginx = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'], { stdio: 'ignore' });
  const exited = new Promise((resolve) => nginx.once('exit', resolve));
  try {
    const origin = `http://127.0.0.1:${port}`;
    const status = (path: string, headers: Record<string, string> = {}) =>
      fetch(`${origin}${path}`, { headers }).then(
        (response) => response.status,
        () => undefined,
      );
    await expect.poll(() => status('/health/ready'), { timeout: 20_000 }).toBe(200);
    const key = await host.accessKey();
    const scim = caller(`${origin}/scim/v2`, key);
    const { body: user } = await scim('POST', '/Users', newUser());
    expect((await scim('GET', `/Users/${user.id}`)).status).toBe(200);
    for (const versionNegotiation of [undefined, { mode: 'auto' as const }]) {
      const client = new Client({ name: 'x', version: '1' }, versionNegotiation ? { versionNegotiation } : {});
      const requestInit = { headers: { authorization: `Bearer ${key}` } };
      await client.connect(new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), { requestInit }));
      const result = await client.callTool({ name: 'scim_get_user', arguments: { user_id: user.id } });
      expect(result.isError).not.toBe(true);
      await client.close();
    }
    expect(await status('/mcp', { origin: 'https://evil.example', authorization: `Bearer ${key}` })).toBe(403);
    for (const path of ['/', '/open', '/trpc/app.about', '/control/access-key', '/oauth/jwks', '/healthy'])
      expect([path, await status(path)]).toEqual([path, 404]);
  } finally {
    nginx.kill();
    await exited;
    rmSync(folder, { recursive: true });
    await host.close();
  }
});
