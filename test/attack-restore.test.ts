import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backUp, restore } from '../src/main/backup.ts';
import { Directory } from '../src/directory/index.ts';

/** A backup that somebody else has made: it brings in what a backup has, or nothing, and writes nowhere else. */

let folder: string;
let good: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-restore-'));
  const data = join(folder, 'own');
  mkdirSync(data);
  await (await Directory.open(join(data, 'directory.db'))).close();
  await backUp(data, join(folder, 'good.tgz'), { withSecrets: false });
  good = readFileSync(join(data, 'directory.db'));
  writeFileSync(join(folder, 'secret'), 'not to be touched');
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

interface Entry {
  path: string;
  /** `0` a file, `1` a hard link, `2` a symbolic link, `3` a device, `5` a folder, `x` what changes the next one (POSIX pax). */
  type?: string;
  link?: string;
  content?: Buffer;
  /** What the head says, if not what there is. */
  size?: number;
}

/** Writes a tar archive (POSIX ustar) as its writer wants it, which `tar` itself would not do. */
function archiveOf(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ path, type = '0', link = '', content = Buffer.alloc(0), size = content.length }) => {
    const head = Buffer.alloc(512);
    head.write(path, 0, 100, 'latin1');
    head.write('0000644\u00000000000\u00000000000\u0000', 100, 'latin1');
    // What has no place in eleven octal digits is a number of twelve bytes.
    if (size < 8 ** 11) head.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    else {
      head.writeUInt8(0x80, 124);
      head.writeBigUInt64BE(BigInt(size), 128);
    }
    head.write('00000000000\0', 136, 'latin1');
    head.write(' '.repeat(8), 148, 'latin1');
    head.write(type, 156, 'latin1');
    head.write(link, 157, 100, 'latin1');
    head.write('ustar\u000000', 257, 'latin1');
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return [head, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

let count = 0;

/** Restores into an empty folder of its own. @returns what is in it afterwards, and what was said. */
async function restored(archive: Buffer): Promise<{ names: string[]; into: string; said: string }> {
  const into = join(folder, `into-${++count}`);
  const file = join(folder, `archive-${count}.tgz`);
  writeFileSync(file, archive);
  const said = await restore(into, file, { force: false }).then(
    () => 'restored',
    (error: unknown) => String(error),
  );
  // A folder that is taken gets its lock and empty databases.
  const own = (name: string) => /^(?:lock|directory)\.db/.test(name) || statSync(join(into, name)).size === 0;
  return { into, said, names: existsSync(into) ? readdirSync(into).filter((name) => !own(name)) : [] };
}

const outside = () => readdirSync(folder).filter((name) => !/^(?:own|into-|archive-|good\.tgz|secret$)/.test(name));

test('an archive made by hand is restored, so that what follows is refused for its own reasons', async () => {
  const { said, names } = await restored(archiveOf([{ path: 'directory.db', content: good }]));
  expect([said, names]).toEqual(['restored', []]);
});

test('paths that lead out, or to what no backup has, are left in the archive', async () => {
  const evil = Buffer.from('evil');
  const { said, names, into } = await restored(
    archiveOf([
      { path: 'directory.db', content: good },
      ...[
        '../evil',
        '../../evil',
        '/evil',
        './../evil',
        'x/../../evil',
        '..\\evil',
        'evil',
        'directory.db/../../evil',
        'C:\\evil',
        'host.json',
        'logs/tandem.log',
        '../secret',
        'imports/x',
        '__proto__',
      ].map((path) => ({ path, content: evil })),
    ]),
  );
  expect([said, names]).toEqual(['restored', []]);
  expect(existsSync(join(into, 'host.json'))).toBe(false);
  expect(outside()).toEqual([]);
  expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('not to be touched');
});

test.each([
  ['a symbolic link', '2'],
  ['a hard link', '1'],
  ['a device', '3'],
  ['a folder', '5'],
])('%s in place of a file is not taken', async (_name, type) => {
  const secret = join(folder, 'secret');
  const link = (to: string) => (type === '1' || type === '2' ? { link: to } : {});
  const over = { content: Buffer.from('overwritten') };
  const first = await restored(
    archiveOf([
      { path: 'directory.db', content: good },
      { path: 'auth.json', type, ...link(secret) },
      { path: 'settings.json', type, ...link('../secret') },
    ]),
  );
  expect([first.said, first.names]).toEqual(['restored', []]);
  // A link, and then a file that would be written through it.
  await restored(
    archiveOf([
      { path: 'auth.json', type, ...link(secret) },
      { path: 'auth.json', ...over },
      { path: 'directory.db', content: good },
    ]),
  );
  const only = await restored(archiveOf([{ path: 'directory.db', type, ...link(secret) }]));
  expect(only.said).toContain('has no directory.db');
  expect(readFileSync(secret, 'utf8')).toBe('not to be touched');
});

test('what unpacks to more than the disk has room for is refused before it is written', async () => {
  const huge = archiveOf([
    { path: 'directory.db', content: good },
    { path: 'assistant.db', size: 2 ** 52 },
  ]);
  const { said, names } = await restored(huge);
  expect(said).toContain('room');
  expect(names).toEqual([]);
});

test('a file that is no archive, half of one, or has no database, changes nothing', async () => {
  const whole = archiveOf([{ path: 'directory.db', content: good }]);
  for (const archive of [
    Buffer.from('not an archive'),
    Buffer.alloc(0),
    whole.subarray(0, whole.length / 2),
    archiveOf([{ path: 'settings.json', content: Buffer.from('{}') }]),
    archiveOf([{ path: 'directory.db', content: Buffer.from('no database') }]),
    archiveOf([{ path: 'directory.db', content: Buffer.concat([good.subarray(0, 4096), Buffer.alloc(20_000, 0xff)]) }]),
  ]) {
    const { said, names, into } = await restored(archive);
    expect(said).toMatch(/backup|archive|database/i);
    expect(names).toEqual([]);
    expect(statSync(join(into, 'directory.db'), { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  }
});
