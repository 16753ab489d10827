import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { windowRouter } from '../src/api/index.ts';
import { commandLine, Directory, userUrn, type AuditEntry } from '../src/directory/index.ts';
import { openWindow, startTestHost, windowClient, type TestHost } from './host.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../src/main/tandem.ts');
const env = { ...process.env, TANDEM_SECRETS: 'file', LOG_LEVEL: 'error' };
let folder: string;
let host: TestHost | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-audit-'));
});
afterEach(async () => {
  await host?.close();
  host = undefined;
  rmSync(folder, { recursive: true });
});

const tandem = (...args: string[]) =>
  run(process.execPath, [program, ...args, '--data', host?.dataDir ?? join(folder, 'data')], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );

/** Changes the file of the directory as somebody with access to the disk would. */
function tamper(statement: string): void {
  const db = new Database(join(host?.dataDir ?? join(folder, 'data'), 'directory.db'));
  db.exec(statement);
  db.close();
}

/** A tenant with three entries, written by the host that runs, or before any does. */
async function fill(directory: Directory): Promise<void> {
  await directory.tenants.create({ id: 'other', name: 'Other' }, commandLine);
  const key = { type: 'Key', id: '1', name: 'Robot' };
  await directory.audit.record({ ...commandLine, tenant: 'other' }, { kind: 'access', event: 'key_made', subject: key });
  await directory.tenants.update('other', { state: 'suspended' }, commandLine);
}

describe.each([
  [
    'while the app runs',
    async () => {
      host = await startTestHost();
      await fill(host.app.services.directory);
    },
  ],
  [
    'while it does not',
    async () => {
      mkdirSync(join(folder, 'data'));
      const directory = await Directory.open(join(folder, 'data', 'directory.db'));
      await fill(directory);
      await directory.close();
    },
  ],
])('%s', (_name, start) => {
  test('tandem audit verify finds what was altered, and names it; export tells all', { timeout: 60_000 }, async () => {
    await start();
    const whole = await tandem('audit', 'verify');
    expect(whole).toMatchObject({ code: 0, stderr: '' });
    expect(whole.stdout).toMatch(
      /^default: unbroken, 1 entries .*\nother: unbroken, 3 entries .* Last entry 3, hash [0-9a-f]{64}\n$/,
    );

    const file = join(folder, 'log.jsonl');
    expect(await tandem('audit', 'export', file, '--tenant', 'other')).toMatchObject({ code: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as AuditEntry)).toMatchObject([
      { kind: 'tenant', event: 'created', actor: { id: 'command-line' } },
      { kind: 'access', event: 'key_made', subject: { name: 'Robot' } },
      { kind: 'tenant', event: 'suspended', detail: { changes: [{ path: 'state', before: 'active', after: 'suspended' }] } },
    ]);

    tamper(`update audit set entry = replace(entry, 'Robot', 'Human') where tenant = 'other' and seq = 2`);
    const broken = await tandem('audit', 'verify');
    expect(broken).toMatchObject({ code: 1, stderr: '' });
    expect(broken.stdout).toMatch(/^default: unbroken.*\nother: BROKEN at entry 2\. Entry 2 was altered: [^\n]*\n$/);
    const json = await tandem('audit', 'verify', '--tenant', 'other', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject([{ tenant: 'other', unbroken: false, seq: 2 }]);
    expect(await tandem('audit', 'export', '--tenant', 'nowhere', '--format', 'csv')).toMatchObject({
      code: 1,
      stderr: 'tandem: There is no such tenant.\n',
    });
  });
});

test('the window reads, filters, checks and takes out the log of one tenant', async () => {
  host = await startTestHost({ sample: true });
  const window = windowClient(host.origin, await openWindow(host.app.openAddress()));
  const { services } = host.app;
  const tenant = 'northwind';
  await services.directory.create(services.administrator(tenant), 'User', { schemas: [userUrn], userName: 'zoe', title: 'Chef' });
  await window.tenants.update.mutate({ id: tenant, name: 'Northwind Traders' });
  await host.accessKey({ tenant, name: 'Robot' });

  const { entries, nextCursor } = await window.audit.list.query({ tenant, count: 4 });
  expect(entries).toMatchObject([
    { kind: 'access', event: 'key_made', subject: { name: 'Robot' }, detail: { scopes: ['scim:read', 'scim:write'] } },
    { kind: 'write', event: 'create', subject: { type: 'Agent', name: 'Robot' } },
    { kind: 'tenant', event: 'renamed', actor: { id: 'administrator' } },
    { kind: 'write', event: 'create', actor: { id: 'administrator' }, subject: { name: 'zoe' } },
  ]);
  const [newest, , , written] = entries;
  const older = await window.audit.list.query({ tenant, count: 2, cursor: nextCursor });
  expect(older.entries[0]?.seq).toBe((written?.seq ?? 0) - 1);
  expect((await window.audit.list.query({ tenant, actor: 'administrator', kind: 'write' })).entries).toHaveLength(1);
  const details = await window.audit.entry.query({ tenant, seq: written?.seq ?? 0 });
  expect(details.changes).toContainEqual({ path: 'title', after: 'Chef' });
  expect(await window.audit.latest.query({ tenant })).toBe(newest?.seq);
  await expect(window.audit.list.query({ tenant, count: 501 })).rejects.toThrow();
  await expect(window.audit.list.query({ tenant: 'nowhere' })).rejects.toThrow('There is no such tenant.');
  await expect(window.audit.entry.query({ tenant, seq: 9999 })).rejects.toThrow('The log has no entry 9999.');

  const caller = windowRouter.createCaller(services);
  const told: object[] = [];
  for await (const event of await caller.audit.verify({ tenant })) told.push(event);
  expect(told.at(-1)).toMatchObject({ verdict: { unbroken: true, entries: newest?.seq } });
  let text = '';
  for await (const piece of await caller.audit.export({ tenant, format: 'csv' })) text += piece;
  expect(text.trim().split('\r\n')).toHaveLength((newest?.seq ?? 0) + 1);
  expect(text).not.toContain('tandem_');
});
