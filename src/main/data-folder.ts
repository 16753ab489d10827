import { accessSync, chmodSync, closeSync, constants, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { HostAddress } from './host-address.ts';
import { StartError } from './start-error.ts';

export { StartError } from './start-error.ts';

/** The data folder belongs to another process now. */
export class FolderInUse extends StartError {
  constructor(path: string) {
    super(`The data folder ${path} is in use by another Tandem. Close that one, or use another folder.`);
  }
}

/** A data folder that this process alone may write to, until `release()` or the end of the process. */
export interface DataFolder {
  readonly path: string;
  file(name: string): string;
  /** Tells other processes where this host is reached; `release()` takes it back. */
  announce(host: HostAddress): void;
  release(): void;
}

/**
 * Takes a data folder for this process, creating it if it is absent.
 *
 * The lock is SQLite's own lock on `lock.db`: the operating system frees it when the process ends in whatever way, so a
 * crash leaves nothing to clean up.
 * @returns undefined if another process holds it.
 * @throws StartError if the folder cannot be created, read or written.
 */
export function takeDataFolder(path: string): DataFolder | undefined {
  const file = (name: string) => join(path, name);
  let lock: Database.Database;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
    // Others may look into a folder that was there before. SQLite gives its further files the mode of the first.
    for (const name of ['lock.db', 'directory.db', 'assistant.db']) makePrivate(file(name));
    lock = new Database(file('lock.db'), { timeout: 0 });
  } catch (error) {
    throw unusable(path, error);
  }
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if (codeOf(error) === 'SQLITE_BUSY') return undefined;
    throw unusable(path, error);
  }
  return {
    path,
    file,
    announce(host) {
      writeFileSync(file('host.json'), JSON.stringify(host), { mode: 0o600 });
      chmodSync(file('host.json'), 0o600);
    },
    release() {
      try {
        rmSync(file('host.json'), { force: true });
      } finally {
        lock.close();
      }
    },
  };
}

/** Sees that a file exists which its user alone may read and this process can write. */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    // Not opened: closing it again would free a lock that this process holds on it.
    chmodSync(path, 0o600);
    accessSync(path, constants.R_OK | constants.W_OK);
  }
}

function unusable(path: string, error: unknown): StartError {
  const reasons: Record<string, string> = {
    EACCES: 'no permission',
    EPERM: 'no permission',
    EROFS: 'it is on a read-only disk',
    ENOSPC: 'the disk is full',
    ENOTDIR: 'part of that path is a file',
    EEXIST: 'that is a file, not a folder',
    SQLITE_CANTOPEN: 'no permission to write in it',
    SQLITE_READONLY: 'no permission to write in it',
    SQLITE_NOTADB: 'its lock.db is not a lock of Tandem',
  };
  const code = codeOf(error);
  return new StartError(`Cannot use the data folder ${path}: ${reasons[code] ?? code}.`, {
    cause: error,
  });
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
