import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSettings } from '../src/main/settings.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-settings-'));
  path = join(folder, 'settings.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The production configuration of seed 003, as it stands there. */
const production = `{
  "security": {
    "authentication": {
      "type": "api_key",
      "header": "X-API-Key"
    },
    "rate_limiting": {
      "requests_per_minute": 100,
      "burst_size": 10
    },
    "cors": {
      "enabled": true,
      "allowed_origins": ["https://yourdomain.com"]
    }
  }
}
`;

async function read(text: string) {
  writeFileSync(path, text);
  const settings = await openSettings(path);
  settings.close();
  return settings.data;
}

test("the seed's production configuration is valid as it is", async () => {
  expect(await read(production)).toEqual(JSON.parse(production));
  // As an editor on Windows leaves it.
  expect(await read(`\uFEFF${production.replaceAll('\n', '\r\n')}`)).toEqual(JSON.parse(production));
});

describe('what is wrong is named with its line, its column and what to do', () => {
  const cases: [what: string, from: string, to: string, place: string, says: string][] = [
    ['no JSON', '"header": "X-API-Key"', '"header": X-API-Key', 'line 5, column 17', 'not valid JSON'],
    ['a comma too many', '"burst_size": 10\n', '"burst_size": 10,\n', 'line 10, column 5', 'not valid JSON'],
    ['a comment', '"cors"', '// who may\n    "cors"', 'line 11, column 5', 'not valid JSON'],
    ['a missing end', '  }\n}\n', '', 'line 15, column 1', 'not valid JSON'],
    ['a name twice', '"burst_size"', '"requests_per_minute"', 'line 9, column 7', '"requests_per_minute" stands here twice'],
    ['an unknown name', '"burst_size"', '"burst"', 'line 9, column 7', 'there are: requests_per_minute, burst_size'],
    ['an unknown part', '"security"', '"securty"', 'line 2, column 3', 'securty: There is no such setting'],
    ['a text for a number', '100', '"many"', 'line 8, column 30', 'security.rate_limiting.requests_per_minute: '],
    ['a number that is too small', '100', '0', 'line 8, column 30', '>=1'],
    ['a kind of authentication', '"api_key"', '"basic"', 'line 4, column 15', 'Only "api_key" is known'],
    ['a header with a meaning', '"X-API-Key"', '"Authorization"', 'line 5, column 17', 'Give another one'],
    ['all origins', '"https://yourdomain.com"', '"*"', 'line 13, column 27', 'List the origins'],
    ['an origin with a path', 'yourdomain.com', 'yourdomain.com/', 'line 13, column 27', 'without a path'],
    ['an origin that others can pretend', 'https://', 'http://', 'line 13, column 27', 'this computer only'],
  ];
  test.each(cases)('%s', async (_what, from, to, place, says) => {
    const text = production.replace(from, to);
    expect(text).not.toBe(production);
    await expect(read(text)).rejects.toThrow(`${path}, ${place}: `);
    await expect(read(text)).rejects.toThrow(says);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('several at once', async () => {
    const text = '{\n  "port": 0,\n  "x": 1,\n  "log": {"level": "loud"}\n}';
    await expect(read(text)).rejects.toThrow(
      /line 2, column 11: port: [^]*line 3, column 3: x: [^]*line 4, column 20: log\.level: /,
    );
  });
});

describe('while Tandem runs', () => {
  test('what is edited on the disk is true, if it is valid; if not, it is told, and what was before stays', async () => {
    writeFileSync(path, '{}');
    const settings = await openSettings(path);
    let told = 0;
    settings.onChange(() => told++);
    writeFileSync(path, production);
    await expect.poll(() => settings.data.security?.cors?.enabled, { timeout: 10_000 }).toBe(true);
    expect(told).toBe(1);

    writeFileSync(path, production.replace('100', '-1'));
    await expect.poll(() => settings.problem, { timeout: 10_000 }).toContain('line 8, column 30');
    expect(settings.data.security?.rate_limiting?.requests_per_minute).toBe(100);
    // Nothing that a person has written is lost.
    await expect(settings.update({ port: 4810 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(readFileSync(path, 'utf8')).toContain('-1');

    writeFileSync(path, production.replace('100', '200'));
    await expect.poll(() => settings.problem, { timeout: 10_000 }).toBeUndefined();
    expect(settings.data.security?.rate_limiting?.requests_per_minute).toBe(200);
    settings.close();
  });

  test('a file that is taken away for a moment changes nothing', async () => {
    writeFileSync(path, production);
    const settings = await openSettings(path);
    rmSync(path);
    await settings.update({ port: 4810 });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ ...JSON.parse(production), port: 4810 });
    settings.close();
  });

  test('a change from the window keeps what was edited just before, and is refused where it is not valid', async () => {
    const settings = await openSettings(path);
    writeFileSync(path, production);
    await settings.update({ port: 4810 });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ ...JSON.parse(production), port: 4810 });
    await expect(settings.update({ security: { cors: { allowed_origins: ['*'] } } })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('security.cors.allowed_origins.0: ') as string,
    });
    expect(settings.data.port).toBe(4810);
    settings.close();
  });
});
