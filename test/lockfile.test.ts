import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What `npm ci` will do on other machines, read from the lockfile. */

interface Entry {
  resolved?: string;
  hasInstallScript?: boolean;
  optionalDependencies?: Record<string, string>;
}
const lockfile = readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8');
const { packages } = JSON.parse(lockfile) as { packages: Record<string, Entry> };

/** Whether a package that lies at `from` finds `name`: beside itself, or further up. */
function isFound(from: string, name: string): boolean {
  const inside = from === '' ? '' : `${from}/`;
  if (`${inside}node_modules/${name}` in packages) return true;
  const up = from.lastIndexOf('/node_modules/');
  return from !== '' && isFound(up < 0 ? '' : from.slice(0, up), name);
}

test('the binaries of every system are in it, or npm ci would refuse the lockfile there', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isFound(path, name))
      .map((name) => `${path} needs ${name}`),
  );
  expect(missing).toEqual([]);
});

test('it names no registry, so that a mirror works', () => {
  expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});

test('only the packages of docs/dependencies.md run a script when they are installed', () => {
  const withScript = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
  expect(withScript.map(([path]) => path)).toEqual(['node_modules/keytar']);
});
