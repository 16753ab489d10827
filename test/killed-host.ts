import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { Directory, versionOf, type Actor, type ResourceType, type Versioned } from '../src/directory/index.ts';
import { changeDigest } from '../src/directory/member-digest.ts';
import { allowManyCalls } from './many-calls.ts';

const program = join(import.meta.dirname, '../src/main/tandem.ts');

export const reader: Actor = {
  id: 'test',
  name: 'Test',
  kind: 'person',
  door: 'cli',
  tenant: 'default',
  scopes: ['scim:read', 'scim:write'],
};

/** A host in a process of its own, which ends only by SIGKILL. */
export interface KilledHost {
  mcp: string;
  scim: string;
  kill(): Promise<void>;
}

/** Starts `tandem serve` on a data folder. */
export async function serve(data: string): Promise<KilledHost> {
  allowManyCalls(data);
  const child = spawn(process.execPath, [program, 'serve', '--data', data, '--port', '0', '--json'], {
    env: { ...process.env, TANDEM_SECRETS: 'file', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`tandem serve ended with ${code}`)));
  });
  const { mcp, scim } = JSON.parse(line) as { mcp: string; scim: string };
  return {
    mcp,
    scim,
    async kill() {
      child.kill('SIGKILL');
      await exited;
      expect(child.signalCode).toBe('SIGKILL');
    },
  };
}

/** Everything of one type, by id. */
export async function everything(directory: Directory, type: ResourceType): Promise<Map<string, Versioned>> {
  const all = new Map<string, Versioned>();
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page = await directory.list(reader, type, { count: 500, cursor });
    for (const row of page.rows) all.set(row.resource.id, row);
    cursor = page.nextCursor;
  }
  return all;
}

/** The ids of all members of a group. */
export async function memberIds(directory: Directory, group: string): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const page = await directory.members(reader, group, { limit: 1000, after });
    ids.push(...page.map(({ value }) => value));
    after = page.length < 1000 ? undefined : page.at(-1)?.value;
  }
  return ids;
}

/**
 * Opens what a killed host left, and holds it against itself: the database and the index of its text are sound, each record
 * has the version of its content and of its newest revision, each group the digest and number of the members that it has.
 */
export async function openSound(data: string): Promise<Directory> {
  const path = join(data, 'directory.db');
  const db = new Database(path);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.exec("insert into resource_search (resource_search, rank) values ('integrity-check', 1)");
  db.close();
  const directory = await Directory.open(path);
  for (const type of ['User', 'Group'] as const)
    for (const [id, { resource, version, members }] of await everything(directory, type)) {
      const ids = type === 'Group' ? await memberIds(directory, id) : [];
      const digest = changeDigest('', ids, []);
      expect(version).toBe(versionOf(resource, digest));
      if (type === 'Group') expect(members).toEqual({ count: ids.length, digest });
      const [newest] = (await directory.history.list(reader, type, id, { limit: 1 })).revisions;
      expect(newest).toMatchObject({ version, resource });
    }
  return directory;
}
