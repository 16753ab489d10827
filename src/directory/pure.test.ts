import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** What a file takes at run time: imports and exports of types are gone by then. */
const taken = /^(?:import|export) (?!type )(?:[^;'"]* from )?['"]([^'"]+)['"]/gm;

test('what the window takes of the directory needs neither Node nor a package', () => {
  const files = [resolve(import.meta.dirname, 'pure.ts')];
  const outside: string[] = [];
  for (const file of files)
    for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(taken)) {
      const path = resolve(dirname(file), from);
      if (!from.startsWith('.')) outside.push(`${file}: ${from}`);
      else if (!files.includes(path)) files.push(path);
    }
  expect(outside).toEqual([]);
  expect(files.length).toBeGreaterThan(5);
});
