import Database from 'better-sqlite3';
import { AssistantError } from '../service.ts';
import { ContextTable } from './context-table.ts';
import { migrations } from './migrations.ts';
import { NodeTable } from './node-table.ts';
import { TaskTable } from './task-table.ts';

interface Job {
  work: () => unknown;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
  isLast: boolean;
}

type Outcome = { result: unknown } | { error: unknown };

/**
 * What the assistant keeps, in a SQLite file of its own: WAL, `synchronous=FULL`, group commit. Work that waits at the same
 * time shares one commit, each piece in its own savepoint; it resolves when the commit is on disk.
 */
export class AssistantStore {
  readonly contexts: ContextTable;
  readonly nodes: NodeTable;
  readonly tasks: TaskTable;
  readonly #db: Database.Database;
  #waiting: Job[] = [];
  #isScheduled = false;
  #isClosed = false;

  /**
   * @param path the database file; created, with its schema, if absent.
   * @throws AssistantError UNAVAILABLE if it is damaged, or of a newer Tandem.
   */
  constructor(path: string) {
    try {
      this.#db = new Database(path);
      this.#db.pragma('journal_mode = WAL');
      this.#db.pragma('synchronous = FULL');
      this.#migrate();
    } catch (error) {
      throw error instanceof AssistantError ? error : storageError(error);
    }
    this.contexts = new ContextTable(this.#db);
    this.nodes = new NodeTable(this.#db);
    this.tasks = new TaskTable(this.#db);
  }

  #migrate(): void {
    const version = Number(this.#db.pragma('user_version', { simple: true }));
    if (version > migrations.length)
      throw new AssistantError('UNAVAILABLE', 'This data folder was written by a newer Tandem. Update Tandem to open it.');
    this.#db.transaction(() => {
      for (const migration of migrations.slice(version)) this.#db.exec(migration);
      this.#db.pragma(`user_version = ${migrations.length}`);
    })();
  }

  /**
   * Runs work in a transaction: all of it or nothing.
   * @param isLast after all that waits at the same time, so that it sees what that has brought.
   * @returns what it returns, once that is on disk.
   * @throws what it throws; AssistantError UNAVAILABLE if the disk refuses.
   */
  write<T>(work: () => T, { isLast = false } = {}): Promise<T> {
    if (this.#isClosed) return Promise.reject(new AssistantError('UNAVAILABLE', 'Tandem is closing.'));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as Job['resolve'], reject, isLast });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => this.#commit());
    });
  }

  #commit(): void {
    this.#isScheduled = false;
    const jobs = this.#waiting.toSorted((a, b) => Number(a.isLast) - Number(b.isLast));
    this.#waiting = [];
    let outcomes: Outcome[] = [];
    try {
      outcomes = this.#db.transaction(() => jobs.map(({ work }) => this.#attempt(work)))();
    } catch (error) {
      for (const { reject } of jobs) reject(storageError(error));
      return;
    }
    for (const [index, { resolve, reject }] of jobs.entries()) {
      const outcome = outcomes[index];
      if (outcome && 'result' in outcome) resolve(outcome.result);
      else reject(outcome?.error);
    }
  }

  #attempt(work: () => unknown): Outcome {
    try {
      return { result: this.#db.transaction(work)() };
    } catch (error) {
      // A full disk undoes the whole transaction, not only the savepoint.
      if (!this.#db.inTransaction) throw error;
      return { error: error instanceof Database.SqliteError ? storageError(error) : error };
    }
  }

  /** Runs work in a savepoint of the transaction that is open: where it throws, only it is undone. */
  attempt<T>(work: () => T): T {
    return this.#db.transaction(work)();
  }

  /** Writes what waits, and closes the file. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#waiting.length > 0) this.#commit();
    this.#db.close();
  }
}

function storageError(error: unknown): AssistantError {
  const refused = new AssistantError('UNAVAILABLE', 'The conversations cannot be read or written. The log says why.');
  refused.cause = error;
  return refused;
}
