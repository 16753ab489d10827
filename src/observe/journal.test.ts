import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { calledBy, inCall } from './call-context.ts';
import { openJournal } from './journal.ts';
import { logLevel } from './log.ts';
import { openRollingFile } from './rolling-file.ts';

let folder: string;
let shown: string[];
const terminal = (level = 'error') => pino({ level }, { write: (line: string) => void shown.push(line) });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-log-'));
  shown = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the journal', () => {
  test('keeps what LOG_LEVEL says, tells the terminal what it wants, and remembers it over a restart', () => {
    const journal = openJournal(terminal('error'), folder);
    const log = journal.log.child({ part: 'mcp' });
    log.debug('not kept');
    log.info({ password: 'hunter2' }, 'kept');
    log.error('kept and shown');
    journal.close();
    expect(shown.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['kept and shown']);
    const again = openJournal(terminal(), folder);
    const { lines, parts } = again.list({ count: 10 });
    expect(lines).toMatchObject([
      { level: 'info', part: 'mcp', message: 'kept', text: expect.not.stringContaining('hunter2') },
      { level: 'error', message: 'kept and shown' },
    ]);
    expect(parts).toEqual(['mcp']);
    again.close();
  });

  test('has one line for each event, whatever is in it, with whose call it was', () => {
    const { log, close } = openJournal(terminal(), folder);
    const name = 'Eve\n{"level":60,"msg":"forged"}\u001b[31m\u2028';
    inCall({ requestId: 'r1', door: 'mcp' }, () => {
      calledBy({ tenant: 'default', id: 'key:1', name });
      log.info({ given: name }, name);
    });
    close();
    const text = readFileSync(join(folder, 'tandem.log'), 'utf8');
    expect(text.split('\n')).toHaveLength(2);
    expect(text).not.toContain('\u001b');
    expect(JSON.parse(text)).toMatchObject({
      requestId: 'r1',
      door: 'mcp',
      tenant: 'default',
      client: 'key:1',
      clientName: name,
    });
  });

  test('is filtered by level, part and text, and is bounded', () => {
    const { log, list, close } = openJournal(terminal(), folder);
    for (let index = 0; index < 6000; index++) log.child({ part: index % 2 ? 'scim' : 'mcp' }).info({ index }, 'one of many');
    log.warn('look at this');
    const all = list({ count: 10_000 });
    expect(all.lines).toHaveLength(5000);
    expect(list({ count: 10, level: 'warn' }).lines).toMatchObject([{ message: 'look at this' }]);
    expect(list({ count: 3, part: 'scim' })).toMatchObject({ isCut: true, lines: [{ part: 'scim' }, {}, {}] });
    expect(list({ count: 10, text: '"INDEX":5999' }).lines).toHaveLength(1);
    close();
  });

  test('takes levels in any case, and nonsense as info', () => {
    expect(['DEBUG', ' Warn', 'silent', 'loud', ''].map((text) => logLevel(text))).toEqual([
      'debug',
      'warn',
      'silent',
      'info',
      'info',
    ]);
  });
});

test('a rolling file is of bounded size, with few older ones, for its user alone, and every line is there at once', () => {
  const options = { folder, name: 'tandem', bytesMax: 1000, olderMax: 2 };
  const file = openRollingFile(options);
  const line = (index: number) => `${String(index).padStart(9, '0')}\n`;
  for (let index = 0; index < 450; index++) file.write(line(index));
  expect(readdirSync(folder).toSorted()).toEqual(['tandem.1.log', 'tandem.2.log', 'tandem.log']);
  const text = ['tandem.2.log', 'tandem.1.log', 'tandem.log'].map((name) => readFileSync(join(folder, name), 'utf8')).join('');
  expect(text).toBe(Array.from({ length: 250 }, (_, index) => line(index + 200)).join(''));
  expect(readdirSync(folder).every((name) => (statSync(join(folder, name)).mode & 0o777) === 0o600)).toBe(true);
  file.close();
  const again = openRollingFile(options);
  again.write(line(450));
  expect(readFileSync(join(folder, 'tandem.log'), 'utf8').split('\n')).toHaveLength(52);
  again.close();
});
