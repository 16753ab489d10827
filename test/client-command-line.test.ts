import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const program = join(import.meta.dirname, '../src/main/tandem.ts');
const run = promisify(execFile);
// Commands take seconds on a machine that has much to do.
const timeout = 180_000;
const env = { ...process.env, TANDEM_SECRETS: 'file', LOG_LEVEL: 'error' };

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tandem-clients-'));
});
afterEach(() => rmSync(data, { recursive: true }));

const tandem = async (...args: string[]) => (await run(process.execPath, [program, ...args, '--data', data], { env })).stdout;

test('keys are listed, renamed, rotated and revoked by command; signing keys rotated', { timeout }, async () => {
  await tandem('token', '--name', 'Nightly');
  const [made] = JSON.parse(await tandem('client', 'list', '--json')) as { id: string; name: string }[];
  expect(made).toMatchObject({ name: 'Nightly', registration: 'key', scopes: ['scim:read'], calls: 0 });
  const id = made?.id ?? '';
  await tandem('client', 'rename', id, 'Weekly');
  expect(await tandem('client', 'list')).toContain(`${id}\tWeekly\tdefault: scim:read\t0 calls\tnever used`);
  expect((await tandem('client', 'rotate', id, '--keep', '0')).trim().split('\n').at(-1)).toMatch(/^tandem_/);
  expect(await tandem('keys', 'rotate')).toContain('signs with the new key');
  expect(await tandem('client', 'toolsets', id, 'scim', 'user-auth')).toContain('It has scim, user-auth now');
  const [chosen] = JSON.parse(await tandem('client', 'list', '--json')) as { toolsets?: string[] }[];
  expect(chosen?.toolsets).toEqual(['scim', 'user-auth']);
  await expect(tandem('client', 'toolsets', id, 'nonsense')).rejects.toMatchObject({
    stderr: expect.stringContaining('There is no toolset nonsense'),
  });
  expect(await tandem('client', 'toolsets', id, '--default')).toContain('of its tenant');
  await tandem('client', 'revoke', id);
  expect((await tandem('client', 'list')).trim()).toBe('');
  await expect(tandem('client', 'revoke', id)).rejects.toMatchObject({ stderr: expect.stringContaining('no such client') });
});

test('an app is registered, given another secret, and revoked', { timeout }, async () => {
  const added = (await tandem('client', 'add', 'Payroll', '--redirect', 'http://127.0.0.1:3000/callback')).trim().split('\n');
  const app = added[0]?.split('\t')[1] ?? '';
  expect(added.at(-1)).toMatch(/^[\w-]{43}$/);
  expect(await tandem('client', 'list')).toContain(`${app}\tPayroll\tno access`);
  expect((await tandem('client', 'rotate', app)).trim().split('\n').at(-1)).toMatch(/^[\w-]{43}$/);
  await expect(tandem('client', 'add', 'Page', '--type', 'public', '--redirect', 'http://a.example')).rejects.toMatchObject({
    stderr: expect.stringContaining('redirects: Addresses must be https'),
  });
  await tandem('client', 'revoke', app);
});

test('a key and a tenant are limited by command', { timeout }, async () => {
  await tandem('token', '--requests-per-minute', '5');
  const [made] = JSON.parse(await tandem('client', 'list', '--json')) as { id: string; limits: object }[];
  expect(made?.limits).toEqual({ requests_per_minute: 5 });
  const id = made?.id ?? '';
  expect(await tandem('client', 'limit', id, '--requests-per-minute', '7', '--burst', '3')).toContain('from its next call on');
  await tandem('tenant', 'set', 'default', '--concurrent', '9');
  const [limited] = JSON.parse(await tandem('client', 'list', '--json')) as { limits: object }[];
  expect(limited?.limits).toEqual({ requests_per_minute: 7, burst_size: 3 });
  const [tenant] = JSON.parse(await tandem('tenant', 'list', '--json')) as { settings: { limits: object } }[];
  expect(tenant?.settings.limits).toEqual({ concurrent_calls: 9 });
  await expect(tandem('client', 'limit', id, '--burst', '0')).rejects.toMatchObject({
    stderr: expect.stringContaining('whole number from 1'),
  });
});
