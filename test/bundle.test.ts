import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { getMcpConfigForManifest, unpackExtension, validateManifest, type McpbManifestAny } from '@anthropic-ai/mcpb';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHost, type TestHost } from './host.ts';

// The extension for Claude Desktop as a person gets it: made, unpacked, and run as its host runs it, with the official client.

const folder = mkdtempSync(join(tmpdir(), 'tandem-bundle-test-'));
const extension = join(folder, 'unpacked');
let host: TestHost;

beforeAll(async () => {
  const root = join(import.meta.dirname, '..');
  const bundle = join(folder, 'tandem.mcpb');
  const making = promisify(execFile)(process.execPath, [join(root, 'scripts', 'bundle.mjs'), bundle]);
  [host] = await Promise.all([startTestHost({ sample: true }), making]);
  expect(await unpackExtension({ mcpbPath: bundle, outputDir: extension, silent: true })).toBe(true);
});
afterAll(async () => {
  await host.close();
  rmSync(folder, { recursive: true });
});

/** Starts the extension as Claude Desktop does, with what the person has set. */
async function start(userConfig: Record<string, string | boolean>) {
  const manifest = JSON.parse(readFileSync(join(extension, 'manifest.json'), 'utf8')) as McpbManifestAny;
  const config = await getMcpConfigForManifest({
    manifest,
    extensionPath: extension,
    systemDirs: {},
    userConfig,
    pathSeparator: '/',
  });
  const { args = [], env } = config ?? {};
  const transport = new StdioClientTransport({
    command: process.execPath,
    args,
    env: { ...getDefaultEnvironment(), ...env },
    stderr: 'pipe',
  });
  let said = '';
  transport.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const client = new Client({ name: 'claude-ai', version: '1' });
  return { connected: client.connect(transport), client, said: () => said };
}

test('the bundle is valid, has an icon, and needs nothing beside itself', () => {
  expect(validateManifest(join(extension, 'manifest.json'))).toBe(true);
  expect(existsSync(join(extension, 'icon.png'))).toBe(true);
  const program = readFileSync(join(extension, 'server', 'bridge.mjs'), 'utf8');
  const imported = [...program.matchAll(/\bfrom\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g)].map(([, a, b]) => a ?? b);
  expect(imported.filter((name) => name?.startsWith('node:') !== true)).toEqual([]);
});

test('Claude reads and changes people through it, and only sees them where the person wants that', async () => {
  const writer = await start({ data_folder: host.dataDir, tenant: 'northwind' });
  await writer.connected;
  const names = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name);
  expect(await names(writer.client)).toContain('scim_create_user');
  const listed = await writer.client.callTool({ name: 'scim_list_users', arguments: { count: 0 } });
  expect(listed).toMatchObject({ structuredContent: { metadata: { total_results: 150 } } });
  await writer.client.close();

  const reader = await start({ data_folder: host.dataDir, tenant: 'northwind', read_only: true });
  await reader.connected;
  expect(await names(reader.client)).toContain('scim_list_users');
  expect(await names(reader.client)).not.toContain('scim_create_user');
  await reader.client.close();
});

test('a tenant that there is not is named to the client at once', async () => {
  const { connected } = await start({ data_folder: host.dataDir, tenant: 'nobody' });
  await expect(connected).rejects.toThrow(/There is no tenant 'nobody'\. There are: .*northwind/);
});

test('without Tandem it says what to do, and goes on when Tandem is there', async () => {
  const late = mkdtempSync(join(folder, 'late-'));
  const { connected, client, said } = await start({ data_folder: late, tenant: 'default' });
  await expect.poll(said).toContain(`Tandem is not running on ${late}. Waiting for it`);
  const other = await startTestHost({ dataDir: late });
  await connected;
  expect((await client.listTools()).tools.length).toBeGreaterThan(0);
  await client.close();
  await other.close();
});
