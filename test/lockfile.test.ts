import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What `npm ci` will do on other machines, read from the lockfile. */

interface Entry {
  resolved?: string;
  hasInstallScript?: boolean;
  optionalDependencies?: Record<string, string>;
}
type Packages = Record<string, Entry>;

function packagesOf(lockfile: string): Packages {
  return (JSON.parse(readFileSync(join(import.meta.dirname, lockfile), 'utf8')) as { packages: Packages }).packages;
}

/** Whether a package that lies at `from` finds `name`: beside itself, or further up. */
function isFound(packages: Packages, from: string, name: string): boolean {
  const inside = from === '' ? '' : `${from}/`;
  if (`${inside}node_modules/${name}` in packages) return true;
  const up = from.lastIndexOf('/node_modules/');
  return from !== '' && isFound(packages, up < 0 ? '' : from.slice(0, up), name);
}

const lockfiles = ['../package-lock.json', 'clients/package-lock.json'];

test.each(lockfiles)('the binaries of every system are in %s, or npm ci would refuse it there', (lockfile) => {
  const packages = packagesOf(lockfile);
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isFound(packages, path, name))
      .map((name) => `${path} needs ${name}`),
  );
  expect(missing).toEqual([]);
});

test.each(lockfiles)('%s names no registry, so that a mirror works', (lockfile) => {
  expect(Object.values(packagesOf(lockfile)).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});

test('only the packages of docs/dependencies.md run a script when they are installed', () => {
  const withScript = Object.entries(packagesOf('../package-lock.json')).filter(([, { hasInstallScript }]) => hasInstallScript);
  expect(withScript.map(([path]) => path)).toEqual(['node_modules/keytar']);
});
