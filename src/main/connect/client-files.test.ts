import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, afterEach, expect, test } from 'vitest';
import { ClientFiles } from './client-files.ts';

const entry = { command: 'node', args: ['tandem.js', 'mcp', '--tenant', 'northwind'] };
let home: string;
let files: ClientFiles;
let file: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tandem-home-'));
  files = new ClientFiles({ home, platform: 'linux' });
  file = join(home, '.config', 'Claude', 'claude_desktop_config.json');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const put = (text: string | Buffer) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};
const others = () => readdirSync(dirname(file)).filter((name) => name !== 'claude_desktop_config.json');
const text = () => readFileSync(file, 'utf8');
const writeNow = async (wanted: object | undefined) =>
  files.write('claude-desktop', wanted, (await files.preview('claude-desktop', wanted)).version);

test('adds the entry beside others, with a backup and the permissions of before, and takes it back', async () => {
  const before = '{\n    "mcpServers": {\n        "files": { "command": "npx" }\n    },\n    "theme": "dark"\n}\n';
  put(before);
  chmodSync(file, 0o640);
  expect(await files.state('claude-desktop', entry)).toEqual({ path: file, state: 'without', canUndo: false });
  const { lines } = await files.preview('claude-desktop', entry);
  expect(lines.filter(({ kind }) => kind === 'removed').map((line) => line.text)).toEqual([
    '        "files": { "command": "npx" }',
  ]);

  const outcome = await writeNow(entry);
  expect(JSON.parse(text())).toEqual({ mcpServers: { files: { command: 'npx' }, tandem: entry }, theme: 'dark' });
  expect(text().replace(/,\n {8}"tandem": \{[^}]*\}/, '')).toBe(before);
  expect(statSync(file).mode & 0o777).toBe(0o640);
  const [backup = ''] = others();
  expect(backup).toMatch(/^claude_desktop_config\.json\.tandem-backup-/);
  expect(others()).toHaveLength(1);
  expect(outcome).toEqual({ state: 'written', backup: join(dirname(file), backup) });
  expect(readFileSync(join(dirname(file), backup), 'utf8')).toBe(before);
  expect(await files.state('claude-desktop', entry)).toMatchObject({ state: 'current', canUndo: true });
  expect(await files.state('claude-desktop', { ...entry, args: [] })).toMatchObject({ state: 'other' });

  await files.undo('claude-desktop');
  expect(text()).toBe(before);
  await expect(files.undo('claude-desktop')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('removes only its own entry', async () => {
  put('{"mcpServers":{"a":{"command":"a"},"tandem":{"command":"old"},"b":{"command":"b"}}}');
  await writeNow(undefined);
  expect(text()).toBe('{"mcpServers":{"a":{"command":"a"},"b":{"command":"b"}}}');
});

test('a file that another program has changed since it was shown is not overwritten', async () => {
  put('{"mcpServers":{}}');
  const { version } = await files.preview('claude-desktop', entry);
  put('{"mcpServers":{"new":{"command":"n"}}}');
  const outcome = await files.write('claude-desktop', entry, version);
  expect(outcome).toMatchObject({ state: 'changed' });
  expect(text()).toBe('{"mcpServers":{"new":{"command":"n"}}}');
  expect(others()).toEqual([]);
  if (outcome.state === 'changed') await files.write('claude-desktop', entry, outcome.preview.version);
  expect(JSON.parse(text())).toEqual({ mcpServers: { new: { command: 'n' }, tandem: entry } });
  // What came after it is not undone with it.
  put('{"mcpServers":{"third":{"command":"t"}}}');
  await expect(files.undo('claude-desktop')).rejects.toMatchObject({ code: 'VERSION_MISMATCH' });
  expect(text()).toBe('{"mcpServers":{"third":{"command":"t"}}}');
});

test('of two writes of what both saw, one is told that the file has changed', async () => {
  put('{}');
  const { version } = await files.preview('claude-desktop', entry);
  const states = await Promise.all([entry, { command: 'other' }].map((wanted) => files.write('claude-desktop', wanted, version)));
  expect(states.map(({ state }) => state)).toEqual(['written', 'changed']);
});

test('where there is no file, one is made that its person alone can read, and undo removes it', async () => {
  expect(await files.isInstalled('claude-desktop')).toBe(false);
  const preview = await files.preview('claude-desktop', entry);
  expect(preview).toMatchObject({ isNew: true, path: file });
  await files.write('claude-desktop', entry, preview.version);
  expect(JSON.parse(text())).toEqual({ mcpServers: { tandem: entry } });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await files.undo('claude-desktop');
  expect(others()).toEqual([]);
  expect(await files.state('claude-desktop', entry)).toMatchObject({ state: 'missing' });
});

test('a file behind a link is written where it is', async () => {
  const real = join(home, 'dotfiles.json');
  writeFileSync(real, '{}');
  mkdirSync(dirname(file), { recursive: true });
  symlinkSync(real, file);
  await writeNow(entry);
  expect(JSON.parse(readFileSync(real, 'utf8'))).toEqual({ mcpServers: { tandem: entry } });
});

test.each([
  ['{"mcpServers": {', 'not valid JSON'],
  ['// mine\n{}', 'not valid JSON'],
  ['[]', 'not a JSON object'],
  ['{"mcpServers":[]}', 'not an object'],
  ['{"mcpServers":{"tandem":1,"tandem":2}}', 'twice'],
  [Buffer.from([0x7b, 0xff, 0x7d]), 'not UTF-8'],
])('a file that cannot be read is left as it is: %s', async (content, problem) => {
  put(content);
  const before = readFileSync(file);
  await expect(files.preview('claude-desktop', entry)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining(problem) as string,
  });
  expect(readFileSync(file)).toEqual(before);
  expect(others()).toEqual([]);
});

test('each system has its own place', async () => {
  const place = async (folders: ConstructorParameters<typeof ClientFiles>[0]) =>
    (await new ClientFiles(folders).state('claude-desktop', entry))?.path;
  expect(await place({ home, platform: 'darwin' })).toBe(
    join(home, 'Library', 'Application Support', 'Claude', 'claude_desktop_config.json'),
  );
  expect(await place({ home, platform: 'win32', appData: join(home, 'Roaming') })).toBe(
    join(home, 'Roaming', 'Claude', 'claude_desktop_config.json'),
  );
});
