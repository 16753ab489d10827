import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ClientFile, ClientKind, FileOutcome, FilePreview } from '../../api/index.ts';
import { DirectoryError } from '../../directory/index.ts';
import { codeOf } from '../data-folder.ts';
import { diffLines } from './diff-lines.ts';
import { serverName } from './guides.ts';
import { DuplicateKey, removeMember, setMember } from './json-text.ts';

/** Where this person's programs keep their configuration. */
export interface PersonalFolders {
  home: string;
  platform: NodeJS.Platform;
  /** Windows: `%APPDATA%`. */
  appData?: string | undefined;
  /** Linux: `$XDG_CONFIG_HOME`. */
  configHome?: string | undefined;
}

interface Read {
  /** Behind links: what a rename must replace. */
  path: string;
  bytes: Buffer | undefined;
  version: string;
  mode: number;
}

const bytesMax = 1024 * 1024;
const path = ['mcpServers', serverName] as const;
const fresh = '{}\n';

/**
 * The configuration files of AI clients. Only the entry `mcpServers.tandem` is ever touched, every other byte stays; what is
 * written is what was shown, or nothing.
 */
export class ClientFiles {
  readonly #paths: Partial<Record<ClientKind, string>>;
  /** By client: what the last change replaced, and what it left. */
  readonly #undo = new Map<ClientKind, { before: Read; written: string }>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ home, platform, appData, configHome }: PersonalFolders) {
    const claude =
      platform === 'win32'
        ? join(appData ?? join(home, 'AppData', 'Roaming'), 'Claude')
        : platform === 'darwin'
          ? join(home, 'Library', 'Application Support', 'Claude')
          : join(configHome ?? join(home, '.config'), 'Claude');
    this.#paths = { 'claude-desktop': join(claude, 'claude_desktop_config.json'), cursor: join(home, '.cursor', 'mcp.json') };
  }

  /** Whether the client's own folder is there; undefined for a client that has no file which Tandem writes. */
  async isInstalled(kind: ClientKind): Promise<boolean | undefined> {
    const file = this.#paths[kind];
    return file === undefined
      ? undefined
      : stat(dirname(file)).then(
          (found) => found.isDirectory(),
          () => false,
        );
  }

  /** @param entry that it should have. @returns undefined for a client that has no file which Tandem writes. */
  async state(kind: ClientKind, entry: object): Promise<ClientFile | undefined> {
    const file = this.#paths[kind];
    if (file === undefined) return undefined;
    const canUndo = this.#undo.has(kind);
    try {
      const read = await readIfThere(file);
      const found = entryOf(textOf(read));
      const state = !read.bytes
        ? 'missing'
        : found === undefined
          ? 'without'
          : isDeepStrictEqual(found, entry)
            ? 'current'
            : 'other';
      return { path: file, state, canUndo };
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      return { path: file, state: 'unreadable', problem: error.message, canUndo };
    }
  }

  /**
   * What the file would become.
   * @param entry to have in it; undefined to have none. @throws DirectoryError as ConnectService.previewFile.
   */
  async preview(kind: ClientKind, entry: object | undefined): Promise<FilePreview> {
    return previewOf(this.#pathOf(kind), await readIfThere(this.#pathOf(kind)), entry);
  }

  /**
   * Writes what was shown, whole or not at all, with the text of before in a backup beside it.
   * @param version of the preview that was shown. @throws DirectoryError as ConnectService.writeFile.
   */
  write(kind: ClientKind, entry: object | undefined, version: string): Promise<FileOutcome> {
    return this.#inTurn(async () => {
      const file = this.#pathOf(kind);
      const before = await readIfThere(file);
      const changed = async (): Promise<FileOutcome> => ({ state: 'changed', preview: await this.preview(kind, entry) });
      if (before.version !== version) return changed();
      const text = textOf(before);
      const after = edited(before, text, entry);
      if (after === text && before.bytes) return { state: 'written' };
      return orUnavailable(before.path, async () => {
        await mkdir(dirname(before.path), { recursive: true });
        const backup = before.bytes && `${before.path}.tandem-backup-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
        if (backup !== undefined && before.bytes) await writeNew(backup, before.bytes, before.mode);
        const bytes = Buffer.from(after);
        if (!(await replace(before, bytes))) {
          if (backup !== undefined) await rm(backup, { force: true });
          return changed();
        }
        this.#undo.set(kind, { before, written: versionOf(bytes) });
        return { state: 'written', backup };
      });
    });
  }

  /** Takes back the last change. @throws DirectoryError as ConnectService.undoFile. */
  undo(kind: ClientKind): Promise<void> {
    return this.#inTurn(async () => {
      const last = this.#undo.get(kind);
      if (!last) throw new DirectoryError('NOT_FOUND', 'There is nothing to take back.');
      const { before, written } = last;
      const now = await readIfThere(this.#pathOf(kind));
      const isOurs = now.version === written;
      const isBack =
        isOurs &&
        (await orUnavailable(now.path, async () => {
          if (before.bytes) return replace(now, before.bytes);
          await rm(now.path);
          return true;
        }));
      this.#undo.delete(kind);
      if (!isBack)
        throw new DirectoryError(
          'VERSION_MISMATCH',
          `${now.path} was changed by another program since, so it was left as it is now.`,
        );
    });
  }

  #pathOf(kind: ClientKind): string {
    const file = this.#paths[kind];
    if (file !== undefined) return file;
    throw new DirectoryError('INVALID_ARGUMENT', 'Tandem does not write the configuration of this client. Copy it instead.');
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }
}

function previewOf(file: string, read: Read, entry: object | undefined): FilePreview {
  const text = textOf(read);
  const isNew = read.bytes === undefined;
  return { path: file, version: read.version, isNew, lines: diffLines(isNew ? '' : text, edited(read, text, entry)) };
}

function edited(read: Read, text: string, entry: object | undefined): string {
  try {
    const after = entry ? setMember(text, path, entry) : removeMember(text, path);
    // Whatever the text looks like: nothing but the entry may differ.
    if (!isDeepStrictEqual(JSON.parse(after), expected(JSON.parse(text) as Servers, entry)))
      throw new Error('the edit went wrong');
    return after;
  } catch (error) {
    if (!(error instanceof DuplicateKey)) throw error;
    throw invalid(read.path, `it has “${error.message}” twice`);
  }
}

interface Servers {
  mcpServers?: Record<string, unknown>;
}

function expected(root: Servers, entry: object | undefined): Servers {
  if (entry) return { ...root, mcpServers: { ...root.mcpServers, [serverName]: entry } };
  if (!root.mcpServers) return root;
  const { [serverName]: _removed, ...others } = root.mcpServers;
  return { ...root, mcpServers: others };
}

function entryOf(text: string): unknown {
  return (JSON.parse(text) as Servers).mcpServers?.[serverName];
}

/** The file as text that can be edited. @throws DirectoryError INVALID_ARGUMENT that says what is wrong with it. */
function textOf({ path: file, bytes }: Read): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes ?? Buffer.from(fresh));
  } catch {
    throw invalid(file, 'it is not UTF-8 text');
  }
  if (text.trim() === '') text = fresh;
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw invalid(file, `it is not valid JSON (${error instanceof Error ? error.message : 'unreadable'})`);
  }
  if (!isObject(root)) throw invalid(file, 'it is not a JSON object');
  const { mcpServers } = root;
  if (mcpServers !== undefined && !isObject(mcpServers)) throw invalid(file, '“mcpServers” in it is not an object');
  return text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(file: string, problem: string): DirectoryError {
  return new DirectoryError('INVALID_ARGUMENT', `${file} was left as it is: ${problem}. Correct it first, then try again.`);
}

async function readIfThere(file: string): Promise<Read> {
  return orUnavailable(file, async () => {
    const found = await realpath(file).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (found === undefined) return { path: file, bytes: undefined, version: 'none', mode: 0o600 };
    const { mode, size } = await stat(found);
    if (size > bytesMax) throw invalid(found, 'it is larger than 1 MB, which no configuration is');
    const bytes = await readFile(found);
    return { path: found, bytes, version: versionOf(bytes), mode: mode & 0o777 };
  });
}

function versionOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url');
}

/** Replaces the file at once, if it still is what was read. @returns whether it was. */
async function replace(read: Read, bytes: Buffer): Promise<boolean> {
  const temporary = `${read.path}.tandem-${randomBytes(6).toString('hex')}`;
  try {
    await writeNew(temporary, bytes, read.mode);
    // The last moment: between this and the rename no other program has a turn that could be noticed.
    if ((await readIfThere(read.path)).version !== read.version) return false;
    await rename(temporary, read.path);
    return true;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeNew(file: string, bytes: Buffer, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    // Whatever the umask has taken away.
    await handle.chmod(mode);
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const reasons: Record<string, string> = {
  EACCES: 'there is no permission',
  EPERM: 'there is no permission',
  EROFS: 'it is on a read-only disk',
  ENOSPC: 'the disk is full',
  EISDIR: 'it is a folder',
  ENOTDIR: 'part of that path is a file',
  ELOOP: 'it is a link to itself',
};

async function orUnavailable<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DirectoryError) throw error;
    const code = codeOf(error);
    throw new DirectoryError('UNAVAILABLE', `${file} cannot be read or written: ${reasons[code] ?? code}. Nothing was changed.`, {
      cause: error,
    });
  }
}
