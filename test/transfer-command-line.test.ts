import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Directory, type Actor } from '../src/directory/index.ts';
import { startTestHost, type TestHost } from './host.ts';

const program = join(import.meta.dirname, '../src/main/tandem.ts');
const run = promisify(execFile);
const env = { ...process.env, TANDEM_SECRETS: 'file', LOG_LEVEL: 'error' };
let folder: string;
let data: string;
let host: TestHost | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-transfer-'));
  data = join(folder, 'data');
});
afterEach(async () => {
  await host?.close();
  host = undefined;
  rmSync(folder, { recursive: true });
});

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}
const tandem = (...args: string[]): Promise<Outcome> =>
  run(process.execPath, [program, ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Outcome) => error,
  );
const at = () => ['--data', host?.dataDir ?? data];
function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
const actor: Actor = { id: 'x', name: 'X', kind: 'person', door: 'cli', tenant: 'default', scopes: ['scim:read', 'scim:write'] };

const people = 'First name,Username,Manager,Notes\nAda,ada,grace,=x\nGrace,grace,,\nNobody,,,\n';

describe.each([
  ['while the app runs', async () => void (host = await startTestHost())],
  ['while it does not', async () => {}],
])('%s', (_name, start) => {
  test('import, preview and export', async () => {
    await start();
    const path = file('people.csv', people);
    const preview = await tandem('import', path, ...at(), '--map', 'Notes=nickName', '--dry-run');
    expect(preview).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/^2 would be created, 0 would be changed.*1 refused/),
    });
    expect(await tandem('export', ...at())).toMatchObject({ code: 0, stdout: 'id,meta.version\r\n' });
    const problems = join(folder, 'problems.jsonl');
    const imported = await tandem('import', path, ...at(), '--map', 'Notes=nickName', '--problems', problems);
    expect(imported).toMatchObject({ code: 2, stderr: '', stdout: expect.stringMatching(/^2 created.*\n {2}line 4.*userName/) });
    expect(JSON.parse(readFileSync(problems, 'utf8'))).toMatchObject({ line: 4, kind: 'invalid' });

    const out = join(folder, 'out.jsonl');
    await tandem('export', out, ...at());
    const records = readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records).toMatchObject([{ userName: 'ada', nickName: '=x' }, { userName: 'grace' }]);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const again = await tandem('import', out, ...at(), '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ state: 'done', counts: { unchanged: 2, update: 0 }, problems: [] });
  });

  test('what cannot be done is one line', async () => {
    await start();
    const refused = async (...args: string[]) => {
      const { code, stderr } = await tandem(...args, ...at());
      expect(code).toBe(1);
      return stderr;
    };
    expect(await refused('import', join(folder, 'none.csv'))).toMatch(
      /^tandem: Cannot read .*none\.csv: there is no such file\.\n$/,
    );
    expect(await refused('import')).toMatch(/^tandem: Give either a file, or --resume\.\n$/);
    expect(await refused('import', '--resume')).toMatch(/^tandem: No import .*\n$/);
    expect(await refused('import', file('a.csv', 'userName\nada\n'), '--map', 'x=userName')).toMatch(
      /^tandem: The file has no column 'x'.*\n$/,
    );
    expect(await refused('export', '--tenant', 'nowhere')).toBe('tandem: There is no such tenant.\n');
    expect(await refused('import', file('a.csv', 'userName\nada\n'), '--tenant', 'nowhere')).toBe(
      'tandem: There is no such tenant.\n',
    );
  });

  test('back up, also what is written meanwhile, and restore elsewhere', async () => {
    await start();
    await tandem('import', file('people.csv', people), ...at());
    const archive = join(folder, 'backup.tgz');
    const { code, stdout } = await tandem('backup', archive, ...at());
    expect(code).toBe(0);
    for (const name of host ? ['directory.db', 'assistant.db', 'demo.db'] : ['directory.db']) expect(stdout).toContain(name);
    expect(statSync(archive).mode & 0o777).toBe(0o600);
    const elsewhere = join(folder, 'elsewhere');
    expect(await tandem('restore', archive, '--data', elsewhere)).toMatchObject({ code: 0 });
    expect(existsSync(join(elsewhere, 'demo.db'))).toBe(host !== undefined);
    expect(existsSync(join(elsewhere, 'secrets.json'))).toBe(false);
    expect((await tandem('export', '--data', elsewhere)).stdout).toBe((await tandem('export', ...at())).stdout);
    if (host)
      expect(await tandem('restore', archive, ...at(), '--force')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Close it'),
      });
  });
});

test('restore keeps what was there, and refuses what is no backup', async () => {
  await tandem('import', file('a.csv', 'userName\nada\n'), ...at());
  const archive = join(folder, 'backup.tgz');
  await tandem('backup', archive, ...at());
  await tandem('import', file('b.csv', 'userName\nbob\n'), ...at());
  expect(await tandem('restore', archive, ...at())).toMatchObject({ code: 1, stderr: expect.stringContaining('not empty') });
  for (const text of ['nonsense', ''])
    expect(await tandem('restore', file('bad.tgz', text), ...at(), '--force')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^tandem: bad\.tgz is not a backup/),
    });
  expect((await tandem('export', ...at())).stdout).toContain('bob');
  expect(await tandem('restore', archive, ...at(), '--force')).toMatchObject({ code: 0 });
  const now = (await tandem('export', ...at())).stdout;
  expect(now).toContain('ada');
  expect(now).not.toContain('bob');
  const kept = readdirSync(data).find((name) => name.startsWith('before-restore-')) ?? '';
  const before = await Directory.open(join(data, kept, 'directory.db'));
  expect((await before.list(actor, 'User', { count: 0 })).total).toBe(2);
  await before.close();
});

test('an import that is killed goes on: exactly the rows of the file, none twice, none missing', async () => {
  const count = 6000;
  const names = Array.from({ length: count }, (_, index) => `user${String(index).padStart(5, '0')}`);
  const path = file(
    'many.csv',
    ['userName,title,manager', ...names.map((name, index) => `${name},T${index},${names[(index + 1) % count]}`)].join('\n'),
  );
  let id = '';
  for (let kill = 0; kill < 3; kill++) {
    const args = kill === 0 ? ['import', path] : ['import', '--resume', id];
    const child = spawn(process.execPath, [program, ...args, ...at()], { env, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const rowsDone = () => {
      [id = ''] = existsSync(join(data, 'imports')) ? readdirSync(join(data, 'imports')) : [];
      const checkpoint = join(data, 'imports', id, 'checkpoint.json');
      return id !== '' && existsSync(checkpoint)
        ? (JSON.parse(readFileSync(checkpoint, 'utf8')) as { state: { rows: number } }).state.rows
        : 0;
    };
    while (rowsDone() < 500 + kill * 1500 && child.exitCode === null) await sleep(5);
    child.kill('SIGKILL');
    await ended;
    expect(child.signalCode).toBe('SIGKILL');
  }
  const finished = await tandem('import', '--resume', '--json', ...at());
  expect(JSON.parse(finished.stdout)).toMatchObject({
    id,
    state: 'done',
    problemCount: 0,
    counts: { conflict: 0, invalid: 0, update: 0 },
  });
  const exported = (await tandem('export', ...at())).stdout
    .trim()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(',').slice(1, 4));
  expect(exported.map(([name = '']) => name).toSorted((a, b) => a.localeCompare(b))).toEqual(names);
  expect(
    exported.every(([name, title, manager]) => {
      const index = names.indexOf(name ?? '');
      return title === `T${index}` && manager === names[(index + 1) % count];
    }),
  ).toBe(true);
  const [job = ''] = readdirSync(join(data, 'imports'));
  // The people's data does not stay in the folder of the job.
  expect(readdirSync(join(data, 'imports', job)).toSorted()).toEqual(['job.json', 'problems.jsonl']);
}, 90_000);

test('Ctrl-C stops an import, and says how to go on', async () => {
  const path = file('many.csv', ['userName', ...Array.from({ length: 20_000 }, (_, index) => `user${index}`)].join('\n'));
  const child = spawn(process.execPath, [program, 'import', path, ...at()], { env });
  let out = '';
  child.stdout.on('data', (text) => (out += String(text)));
  const code = new Promise<number | null>((resolve) => child.once('exit', resolve));
  while (
    !existsSync(join(data, 'imports')) ||
    !readdirSync(join(data, 'imports')).some((id) => existsSync(join(data, 'imports', id, 'checkpoint.json')))
  )
    await sleep(10);
  child.kill('SIGINT');
  expect(await code).toBe(1);
  expect(out).toMatch(/What is done stays\. Go on with: tandem import --resume [\w-]{36}\n$/);
});

test('help explains each command', async () => {
  const { stdout } = await tandem('--help');
  for (const command of ['import', 'export', 'backup', 'restore'])
    expect(stdout).toMatch(new RegExp(`^ +${command} .*\\w{4,}`, 'm'));
  expect((await tandem('import', '--help')).stdout).toContain('--dry-run');
});
