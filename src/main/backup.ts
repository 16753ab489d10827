import { existsSync, statSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { create, extract } from 'tar';
import { Directory, DirectoryError } from '../directory/index.ts';
import { codeOf, StartError, takeDataFolder } from './data-folder.ts';

/**
 * What a backup holds: databases, each as one file, whatever was in its log, and other files. The directory's is copied last: what it
 * has of a run that the conversations do not know to have ended is found there when the run is taken up again.
 */
const databases: readonly string[] = ['demo.db', 'assistant.db', 'directory.db'];
const files: readonly string[] = ['auth.json', 'settings.json'];
const secretFiles: readonly string[] = ['secrets.json', 'named-secrets.json'];
const allFiles: readonly string[] = [...databases, ...files, ...secretFiles];
/** What belongs to a database that is replaced, and would be read into the new one. */
const besides = databases.flatMap((name) => [`${name}-wal`, `${name}-shm`]);

/**
 * Writes one archive (tar, gzip) of a data folder: a consistent copy of each database, sign-ins and settings. The app may run
 * and write meanwhile.
 * @returns the files in it.
 * @throws StartError where there is nothing to back up, or the archive cannot be written.
 */
export async function backUp(dataDir: string, file: string, { withSecrets }: { withSecrets: boolean }): Promise<string[]> {
  if (!existsSync(join(dataDir, 'directory.db'))) throw new StartError(`There is no directory in ${dataDir} to back up.`);
  const target = dirname(file);
  return inTemporary(target, async (folder) => {
    for (const name of databases)
      if ((statSync(join(dataDir, name), { throwIfNoEntry: false })?.size ?? 0) > 0)
        await copyDatabase(join(dataDir, name), join(folder, name));
    for (const name of [...files, ...(withSecrets ? secretFiles : [])])
      if (existsSync(join(dataDir, name))) await copyFile(join(dataDir, name), join(folder, name));
    const names = (await readdir(folder)).toSorted();
    const archive = join(folder, 'archive');
    await create({ file: archive, cwd: folder, gzip: true, portable: true }, names);
    await chmod(archive, 0o600);
    await rename(archive, file);
    return names;
  });
}

/** SQLite's online backup, in at most two steps: in small ones, a busy app would make it begin again each time. */
async function copyDatabase(from: string, to: string): Promise<void> {
  const database = new Database(from, { fileMustExist: true });
  try {
    await database.backup(to, { progress: ({ remainingPages }) => Math.max(remainingPages, 1) });
  } finally {
    database.close();
  }
  await chmod(to, 0o600);
}

/**
 * Puts a backup into a data folder that no app uses.
 * @param options.force replace what is there; it is kept beside, in a folder of its own.
 * @returns the files that were restored, and where those that were there are now.
 * @throws StartError where the app runs, the folder is not empty, or the archive is not a backup; then nothing is changed.
 */
export async function restore(
  dataDir: string,
  file: string,
  { force }: { force: boolean },
): Promise<{ restored: string[]; kept: string | undefined }> {
  if (!existsSync(file)) throw new StartError(`There is no file ${file}.`);
  const folder = takeDataFolder(dataDir);
  if (!folder) throw new StartError('Tandem runs on this data folder. Close it, then restore.');
  try {
    // A folder that was just taken has an empty database, so that it is this user's only.
    const there = [...allFiles, ...besides].filter(
      (name) => (statSync(folder.file(name), { throwIfNoEntry: false })?.size ?? 0) > 0,
    );
    if (there.length > 0 && !force)
      throw new StartError(
        `${dataDir} is not empty. Restore into an empty folder, or with --force, which keeps what is there beside.`,
      );
    return await inTemporary(dataDir, async (unpacked) => {
      await unpack(file, unpacked);
      const restored = (await readdir(unpacked)).filter((name) => allFiles.includes(name)).toSorted();
      const kept =
        there.length > 0 ? folder.file(`before-restore-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`) : undefined;
      if (kept !== undefined) {
        await mkdir(kept, { mode: 0o700 });
        // Secrets that the backup does not have stay: tokens and cookies are signed with them.
        const replaced = there.filter((name) => !secretFiles.includes(name) || restored.includes(name));
        for (const name of replaced) await rename(folder.file(name), join(kept, name));
      }
      for (const name of restored) await rename(join(unpacked, name), folder.file(name));
      return { restored, kept };
    });
  } finally {
    folder.release();
  }
}

/** Takes only the files that a backup has, as far as there is room for them, and only if the database is whole and this Tandem can read it. */
async function unpack(file: string, into: string): Promise<void> {
  const isOurs = (path: string) => allFiles.includes(path.replace(/^\.\//, ''));
  const { bavail, bsize } = await statfs(into);
  let room = bavail * bsize;
  try {
    await extract({
      file,
      cwd: into,
      strict: true,
      filter(path, entry) {
        if (!isOurs(path) || !('type' in entry) || entry.type !== 'File') return false;
        room -= entry.size;
        return room >= 0;
      },
    });
  } catch (error) {
    if (room < 0) throw tooLarge(file);
    throw new StartError(`${basename(file)} is not a backup of Tandem, or it is damaged (${codeOf(error)}).`);
  }
  if (room < 0) throw tooLarge(file);
  const database = join(into, 'directory.db');
  if (!existsSync(database)) throw new StartError(`${basename(file)} is not a backup of Tandem: it has no directory.db.`);
  for (const name of await readdir(into)) await chmod(join(into, name), 0o600);
  try {
    for (const name of databases) if (existsSync(join(into, name))) checkDatabase(join(into, name), file);
    await (await Directory.open(database)).close();
  } catch (error) {
    if (error instanceof StartError || error instanceof DirectoryError) throw error;
    throw new StartError(`The database in ${basename(file)} cannot be read (${codeOf(error)}).`);
  }
  for (const name of besides) await rm(join(into, name), { force: true });
}

function tooLarge(file: string): StartError {
  return new StartError(`There is no room on this disk for what ${basename(file)} unpacks to.`);
}

/** @throws StartError if a database of a backup is damaged. */
function checkDatabase(path: string, file: string): void {
  const opened = new Database(path, { readonly: true });
  const [check] = opened.pragma('quick_check(1)', { simple: false }) as { quick_check: string }[];
  opened.close();
  if (check?.quick_check !== 'ok')
    throw new StartError(`${basename(path)} in ${basename(file)} is damaged: ${check?.quick_check ?? ''}`);
}

/** A folder beside what it is for, so that files move from it whole; it is gone afterwards. */
async function inTemporary<T>(beside: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(existsSync(beside) ? beside : tmpdir(), '.tandem-'));
  try {
    return await work(folder);
  } catch (error) {
    if (error instanceof Error && ['ENOSPC', 'EACCES', 'EROFS', 'ENOENT'].includes(codeOf(error)))
      throw new StartError(`Cannot write in ${beside}: ${codeOf(error)}.`, { cause: error });
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
