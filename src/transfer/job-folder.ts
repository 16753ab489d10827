import { createReadStream } from 'node:fs';
import { copyFile, chmod, mkdir, open, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PlanEntry } from './plan.ts';
import type { Problem, Source } from './row.ts';
import type { Checkpoint, Journal } from './run.ts';
import { decode, lines } from './text.ts';

/** For its user only: a file with people in it. */
const mode = 0o600;

interface StoredCheckpoint {
  state: Checkpoint;
  /** How much of the other files belongs to it, in bytes; what is behind was written later, and comes again. */
  problemBytes: number;
  deferredBytes: number;
}

/**
 * One import's folder: `job.json`, the file itself (`source`), what the preview saw of each row (`plan.jsonl`), every problem
 * (`problems.jsonl`), rows to look at again (`deferred.jsonl`) and how far it is (`checkpoint.json`).
 */
export class JobFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  #file(name: string): string {
    return join(this.#path, name);
  }

  async create(): Promise<void> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    await writeFile(this.#file('source'), '', { mode });
  }

  /** @returns undefined where it is broken or absent. */
  async readJob(): Promise<unknown> {
    return readJson(this.#file('job.json'));
  }

  async writeJob(job: object): Promise<void> {
    await replaceFile(this.#file('job.json'), JSON.stringify(job));
  }

  /** Takes another file's content. */
  async adopt(path: string): Promise<void> {
    await copyFile(path, this.#file('source'));
    await chmod(this.#file('source'), mode);
  }

  /** @returns the size then. */
  async append(bytes: Uint8Array): Promise<number> {
    const file = await open(this.#file('source'), 'a', mode);
    try {
      await file.write(bytes);
      return (await file.stat()).size;
    } finally {
      await file.close();
    }
  }

  async source(): Promise<Source> {
    const path = this.#file('source');
    const { size } = await stat(path);
    return { size, open: () => createReadStream(path) as AsyncIterable<Uint8Array> };
  }

  /** Takes away the people's data, once it is in the directory. */
  async dropSource(): Promise<void> {
    await this.startOver();
    await rm(this.#file('source'), { force: true });
  }

  async remove(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true });
  }

  /** @returns a new list of what a preview saw. */
  async writePlan(): Promise<{ add(entries: readonly PlanEntry[]): Promise<void>; close(): Promise<void> }> {
    const file = await JsonLinesFile.open(this.#file('plan.jsonl'), 0);
    return {
      async add(entries) {
        for (const entry of entries) file.add(entry);
        await file.flush();
      },
      close: () => file.close(),
    };
  }

  async *readPlan(): AsyncGenerator<PlanEntry> {
    for await (const value of readLines(this.#file('plan.jsonl'))) yield value as PlanEntry;
  }

  /** Forgets the preview, and how far it is. */
  async startOver(): Promise<void> {
    for (const name of ['plan.jsonl', 'deferred.jsonl', 'checkpoint.json']) await rm(this.#file(name), { force: true });
  }

  /** @returns a new list of problems. */
  async writeProblems(): Promise<{ add(problem: Problem): void; close(): Promise<void> }> {
    const file = await JsonLinesFile.open(this.#file('problems.jsonl'), 0);
    return { add: (problem) => file.add(problem), close: () => file.close() };
  }

  async *readProblems(): AsyncGenerator<Problem> {
    for await (const value of readLines(this.#file('problems.jsonl'))) yield value as Problem;
  }

  /** @returns how far an import is; undefined before its first batch. */
  async checkpoint(): Promise<Checkpoint | undefined> {
    return ((await readJson(this.#file('checkpoint.json'))) as StoredCheckpoint | undefined)?.state;
  }

  /** @returns where an import writes what it would need to go on, and where it was. */
  async journal(): Promise<{ journal: Journal; from: Checkpoint | undefined; close(): Promise<void> }> {
    const stored = (await readJson(this.#file('checkpoint.json'))) as StoredCheckpoint | undefined;
    const problems = await JsonLinesFile.open(this.#file('problems.jsonl'), stored?.problemBytes ?? 0);
    const deferred = await JsonLinesFile.open(this.#file('deferred.jsonl'), stored?.deferredBytes ?? 0);
    const journal: Journal = {
      defer(rows) {
        for (const row of rows) deferred.add(row);
      },
      deferred: async () => {
        await deferred.flush();
        const rows = new Set<number>();
        for await (const row of readLines(this.#file('deferred.jsonl'))) if (typeof row === 'number') rows.add(row);
        return rows;
      },
      problem: (problem) => problems.add(problem),
      checkpoint: async (state) => {
        const [problemBytes, deferredBytes] = [await problems.flush(), await deferred.flush()];
        await replaceFile(this.#file('checkpoint.json'), JSON.stringify({ state, problemBytes, deferredBytes }));
      },
    };
    return {
      journal,
      from: stored?.state,
      async close() {
        await problems.close();
        await deferred.close();
      },
    };
  }
}

/** Appends JSON Lines to a file from a place on; what was behind it is cut off. */
class JsonLinesFile {
  readonly #file: FileHandle;
  #bytes: number;
  #waiting: string[] = [];

  private constructor(file: FileHandle, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
  }

  static async open(path: string, from: number): Promise<JsonLinesFile> {
    const file = await open(path, 'a', mode).then(async (created) => {
      await created.close();
      return open(path, 'r+');
    });
    const { size } = await file.stat();
    const bytes = Math.min(size, from);
    await file.truncate(bytes);
    return new JsonLinesFile(file, bytes);
  }

  add(value: unknown): void {
    this.#waiting.push(`${JSON.stringify(value)}\n`);
  }

  /** @returns the size then, on disk. */
  async flush(): Promise<number> {
    const text = this.#waiting.splice(0).join('');
    if (text === '') return this.#bytes;
    this.#bytes += (await this.#file.write(text, this.#bytes)).bytesWritten;
    await this.#file.datasync();
    return this.#bytes;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#file.close();
  }
}

async function* readLines(path: string): AsyncGenerator {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  for await (const { text } of lines(decode(createReadStream(path) as AsyncIterable<Uint8Array>)))
    if (text !== '') yield JSON.parse(text) as unknown;
}

/** On disk when it resolves: after a power failure, too, no more than one batch may be done again (decide.ts, Begun). */
async function replaceFile(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', mode);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  // A folder cannot be opened for syncing there.
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}
