import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const program = join(import.meta.dirname, '../src/main/tandem.ts');
const run = promisify(execFile);
const env = { ...process.env, TANDEM_SECRETS: 'file', LOG_LEVEL: 'error' };
let data: string;
const stops: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tandem-cli-'));
});
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
  rmSync(data, { recursive: true });
});

const tandem = (...args: string[]) => run(process.execPath, [program, ...args], { env });
const refused = (...args: string[]) =>
  tandem(...args).then(
    () => {
      throw new Error('it was not refused');
    },
    (error: { code: number; stderr: string; stdout: string }) => error,
  );

/** Starts `tandem serve --json` and waits for its line. */
async function serve(...args: string[]) {
  const child = spawn(process.execPath, [program, 'serve', '--data', data, '--port', '0', '--json', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    return exited;
  };
  stops.push(stop);
  const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  return { ready: JSON.parse(line) as Record<string, string> & { port: number }, stop, child, exited };
}

const status = async (url: string, key: string) =>
  (
    await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
      }),
    })
  ).status;

describe('serve', () => {
  test('prints where everything is, answers, and ends cleanly', async () => {
    const { ready, stop } = await serve('--sample');
    const origin = `http://127.0.0.1:${ready.port}`;
    expect(ready).toMatchObject({
      mcp: `${origin}/mcp`,
      scim: `${origin}/scim/v2`,
      issuer: origin,
      api: `${origin}/trpc`,
      health: `${origin}/health`,
      data,
      signInCode: expect.stringMatching(/^\w{4}-\w{4}$/),
    });
    expect(await (await fetch(ready['health'] ?? '')).json()).toMatchObject({ status: 'ok' });
    const { stdout } = await tandem('token', '--data', data, '--tenant', 'northwind', '--scope', 'scim:read');
    expect(await status(ready['mcp'] ?? '', stdout.trim().split('\n').at(-1) ?? '')).toBe(200);
    expect((await refused('serve', '--data', data, '--port', '0')).stderr).toMatch(
      /^tandem: The data folder .* in use by another Tandem.*\n$/,
    );
    expect(await stop()).toBe(0);
  });

  test('a busy port, a folder that is a file, and bad options are one line and exit 1', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    stops.push(async () => taken.close());
    const { port } = taken.address() as { port: number };
    const busy = await refused('serve', '--data', data, '--port', String(port));
    expect(busy).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^tandem: Cannot listen on port \d+.*another program uses it.*\n$/),
    });
    writeFileSync(join(data, 'file'), '');
    const file = await refused('serve', '--data', join(data, 'file'), '--port', '0');
    expect(file).toMatchObject({ code: 1, stderr: expect.stringMatching(/^tandem: Cannot use the data folder .*\n$/) });
    for (const port of ['http', '', '1e3'])
      expect((await refused('serve', '--data', data, '--port', port)).stderr).toContain('whole number');
  });

  test.skipIf(process.platform === 'win32')("keeps people and keys from the system's other users", async () => {
    await serve();
    await tandem('token', '--data', data);
    const openFiles = readdirSync(data).filter((file) => statSync(join(data, file)).mode & 0o077);
    expect(openFiles.filter((file) => file !== 'settings.json')).toEqual([]);
  });

  test('a damaged directory is said in one line', async () => {
    writeFileSync(join(data, 'directory.db'), 'this is no database, and it is long enough to be read as one'.repeat(100));
    const { code, stderr } = await refused('serve', '--data', data, '--port', '0');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^tandem: Cannot open the directory .*\n$/);
  });
});

describe('token', () => {
  test('works while nothing runs, too; its key is the last line and survives', async () => {
    const { stdout } = await tandem(
      'token',
      '--data',
      data,
      '--scope',
      'scim:read scim:write',
      '--name',
      'Nightly',
      '--days',
      '7',
    );
    const key = stdout.trim().split('\n').at(-1) ?? '';
    const { ready } = await serve();
    expect(await status(ready['mcp'] ?? '', key)).toBe(200);
    expect(await status(ready['mcp'] ?? '', `${key}x`)).toBe(401);
  });

  test('says what is wrong', async () => {
    expect((await refused('token', '--data', data, '--tenant', 'nowhere')).stderr).toBe(
      "tandem: tenant: There is no tenant 'nowhere'. There are: default.\n",
    );
    expect((await refused('token', '--data', data, '--scope', 'root')).stderr).toContain('scim:read, scim:write, scim:admin');
    await serve();
    expect((await refused('token', '--data', data, '--tenant', 'nowhere')).stderr).toContain("There is no tenant 'nowhere'");
  });
});

describe('tenant', () => {
  const tenant = async (...args: string[]) => (await tandem('tenant', ...args, '--data', data)).stdout.trim();

  test('is made, set up, suspended and deleted, whether the app runs or not; then its keys open nothing', async () => {
    expect(await tenant('add', 'acme', '--name', 'Acme')).toBe('acme\tAcme');
    expect(await tenant('set', 'acme', '--strict', '--require-version')).toBe('acme\tAcme\tstrict, requires versions');
    const key = (await tandem('token', '--data', data, '--tenant', 'acme')).stdout.trim().split('\n').at(-1) ?? '';
    const { ready } = await serve();
    const users = () => fetch(`${ready['scim']}/Users`, { headers: { authorization: `Bearer ${key}` } });
    expect((await users()).status).toBe(200);
    expect(await tenant('suspend', 'acme')).toContain('suspended');
    expect((await users()).status).toBe(403);
    expect(await tenant('rename', 'acme', 'Acme Ltd')).toContain('Acme Ltd');
    expect((await refused('tenant', 'delete', 'acme', '--confirm', 'acm', '--data', data)).stderr).toContain(
      'Nothing was deleted',
    );
    await tenant('delete', 'acme', '--confirm', 'acme');
    expect((await users()).status).toBe(401);
    expect(await tenant('list')).toBe('default\tDefault');
    await tenant('add', 'acme');
    expect((await users()).status).toBe(401);
  });

  test('says what is wrong', async () => {
    expect((await refused('tenant', 'add', 'default', '--data', data)).stderr).toContain("There is a tenant 'default' already");
    expect((await refused('tenant', 'add', 'No Good', '--data', data)).stderr).toContain('lower-case letters');
    expect((await refused('tenant', 'delete', 'default', '--confirm', 'default', '--data', data)).stderr).toContain(
      'always exists',
    );
    expect((await refused('tenant', 'rename', 'nobody', 'x', '--data', data)).stderr).toContain('There is no such tenant');
  });
});

test('a policy is set, tried and read, what waits is listed and answered, whether the app runs or not', async () => {
  const file = join(data, 'policy.json');
  writeFileSync(file, '{"allAgents": {"readOnly": 1}}');
  expect((await refused('policy', 'set', file, '--data', data)).stderr).toContain('allAgents.readOnly');
  expect((await tandem('inbox', 'list', '--data', data)).stdout.trim()).toBe('Nothing waits for a person.');
  await serve();
  writeFileSync(file, JSON.stringify({ allAgents: { approval: { delete: true } } }));
  expect((await tandem('policy', 'set', file, '--data', data)).stdout).toContain('The tenant default has this policy now');
  expect(JSON.parse((await tandem('policy', 'get', '--data', data)).stdout)).toMatchObject({
    allAgents: { approval: { delete: true } },
  });
  expect((await tandem('policy', 'dry-run', '--data', data)).stdout.trim()).toBe('applied: 0, approval: 0, refused: 0');
  expect((await refused('inbox', 'approve', 'nothing', '--data', data)).stderr).toContain("no escalation with the id 'nothing'");
}, 60_000);

test('over standard input and output, the user of the client is asked', async () => {
  await serve();
  const file = join(data, 'policy.json');
  writeFileSync(file, JSON.stringify({ allAgents: { approval: { delete: true } } }));
  await tandem('policy', 'set', file, '--data', data);
  const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: { form: {} } } });
  const asked: string[] = [];
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked.push(params.message);
    return { action: asked.length === 1 ? ('decline' as const) : ('accept' as const), content: { reason: 'Keep her.' } };
  });
  stops.push(() => client.close());
  const server = { command: process.execPath, args: [program, 'mcp', '--data', data], env: env as Record<string, string> };
  await client.connect(new StdioClientTransport(server));
  const tool = async (name: string, args: Record<string, unknown>) =>
    (await client.callTool({ name, arguments: args })).structuredContent as { content: Record<string, unknown> };
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
  const { content } = await tool('scim_create_user', { user_data: { schemas, userName: 'ada' } });
  const declined = await tool('scim_delete_user', { user_id: content['id'] });
  expect(declined.content).toMatchObject({ error_code: 'DECLINED', error: expect.stringContaining('Keep her.') as string });
  expect((await tool('scim_delete_user', { user_id: content['id'] })).content).toMatchObject({ status: 'deleted' });
  expect(asked).toHaveLength(2);
}, 60_000);

test('help explains each command', async () => {
  const { stdout } = await tandem('--help');
  for (const command of ['serve', 'mcp', 'token', 'open', 'tenant', 'import', 'export', 'backup', 'restore'])
    expect(stdout).toMatch(new RegExp(`^ +${command} .*\\w{4,}`, 'm'));
});

describe('mcp on standard input and output', () => {
  const server = { command: process.execPath, args: [program, 'mcp', '--data', ''], env: env as Record<string, string> };
  const parameters = () => ({ ...server, args: [program, 'mcp', '--data', data] });
  const record = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' };
  interface AnyClient {
    callTool(request: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
    close(): Promise<void>;
  }
  const clients: [string, () => Promise<AnyClient>][] = [
    [
      '2026 era',
      async () => {
        const client = new Client({ name: 'x', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
        await client.connect(new StdioClientTransport(parameters()));
        return client;
      },
    ],
    [
      '2025 era',
      async () => {
        const client = new Client({ name: 'x', version: '1' });
        await client.connect(new StdioClientTransport(parameters()));
        return client;
      },
    ],
    [
      'SDK v1',
      async () => {
        const client = new ClientV1({ name: 'x', version: '1' });
        await client.connect(new StdioV1(parameters()));
        return client;
      },
    ],
  ];

  test.each(clients)('%s, with nothing else running', async (_name, open) => {
    const client = await open();
    const result = await client.callTool({ name: 'scim_create_user', arguments: { user_data: record } });
    expect(result).toMatchObject({ structuredContent: { success: true, content: { userName: 'ada' } } });
    await client.close();
  });

  test('the app starts and ends while a client is connected, and the client goes on', async () => {
    const client = new Client({ name: 'x', version: '1' });
    stops.push(() => client.close());
    await client.connect(new StdioClientTransport(parameters()));
    const created = await client.callTool({ name: 'scim_create_user', arguments: { user_data: record } });
    const { id } = (created.structuredContent as { content: { id: string } }).content;
    const heard: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void heard.push(params.uri));
    await client.subscribeResource({ uri: `scim://default/Users/${id}` });
    const app = await serve();
    const read = () => client.callTool({ name: 'scim_get_user', arguments: { user_id: id } });
    expect(await read()).toMatchObject({ structuredContent: { success: true } });
    const update = { ...record, title: 'Countess' };
    await client.callTool({ name: 'scim_update_user', arguments: { user_id: id, user_data: update } });
    await expect.poll(() => heard, { timeout: 5000 }).toContain(`scim://default/Users/${id}`);
    await app.stop();
    expect(await read()).toMatchObject({ structuredContent: { content: { title: 'Countess' } } });
  }, 20_000);

  /** A client of bare lines. */
  const speak = () => {
    const child = spawn(process.execPath, [program, 'mcp', '--data', data], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const heard: { id?: unknown; error?: { message: string } }[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => heard.push(JSON.parse(line)));
    return { child, exited, heard, say: (line: string) => child.stdin.write(`${line}\n`) };
  };
  const request = (id: number, method: string, params = {}) => JSON.stringify({ jsonrpc: '2.0', id, method, params });

  test('each request is answered, whoever refuses it, and no line ends the program', async () => {
    const { child, exited, heard, say } = speak();
    say('null');
    say(request(1, 'tools/list'));
    say(request(2, 'ping', { x: 'x'.repeat(2_000_000) }));
    await expect.poll(() => new Set(heard.map(({ id }) => id)), { timeout: 5000 }).toEqual(new Set([1, 2, null]));
    expect(heard.find(({ id }) => id === 2)?.error?.message).toContain('too large');
    child.stdin.end();
    expect(await exited).toBe(0);
  });

  test.skipIf(process.platform === 'win32').each(['SIGTERM', 'its reader is gone'])('ends cleanly: %s', async (how) => {
    const { child, exited, heard, say } = speak();
    say(request(1, 'ping'));
    await expect.poll(() => heard.length, { timeout: 5000 }).toBe(1);
    if (how === 'SIGTERM') child.kill('SIGTERM');
    else {
      child.stdout.destroy();
      say(request(2, 'ping'));
    }
    expect(await exited).toBe(0);
    expect(readdirSync(data)).not.toContain('host.json');
  });

  test('a client that never rests does not keep the app from the folder', async () => {
    const client = new Client({ name: 'x', version: '1' });
    await client.connect(new StdioClientTransport(parameters()));
    const call = () => client.callTool({ name: 'scim_server_info', arguments: {} });
    const rest = new AbortController();
    const busy = (async () => {
      while (!rest.signal.aborted) await call().catch(() => {});
    })();
    await serve();
    expect(await call()).toMatchObject({ structuredContent: { success: true } });
    rest.abort();
    await busy;
    await client.close();
  }, 20_000);

  test('an unknown tenant is said at once', async () => {
    expect((await refused('mcp', '--data', data, '--tenant', 'nowhere')).stderr).toContain("There is no tenant 'nowhere'");
  });
});
