import { randomUUID } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DirectoryError, type Actor, type Directory } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { JobFolder } from './job-folder.ts';
import type { Job } from './job.ts';
import type { ImportOptions } from './options.ts';
import { planImport } from './plan.ts';
import { problemsCsv } from './problems-csv.ts';
import { inspect, type Inspection } from './read.ts';
import { FileError, resourceTypeOf, type Format, type Kind, type Problem } from './row.ts';
import { runImport } from './run.ts';
import { watchJob } from './watch.ts';

/** Jobs of which the list is kept, of those that are over. */
const keptMax = 20;
const receivingMaxMs = 24 * 60 * 60_000;

/** All imports of one data folder. Their folders lie in `imports/`; what was under way when the process ended can go on. */
export class ImportJobs {
  readonly #directory: Directory;
  readonly #folder: string;
  readonly #log: Log;
  readonly #jobs = new Map<string, Job>();
  readonly #running = new Map<string, { controller: AbortController; ended: Promise<void> }>();
  readonly #listeners = new Set<(id: string) => void>();

  private constructor({ directory, folder, log }: { directory: Directory; folder: string; log: Log }) {
    this.#directory = directory;
    this.#folder = folder;
    this.#log = log;
  }

  /** Reads the jobs that a folder has. @param options.folder is created with the first job. */
  static async open(options: { directory: Directory; folder: string; log: Log }): Promise<ImportJobs> {
    const jobs = new ImportJobs(options);
    const names = await readdir(options.folder).catch(() => []);
    for (const name of names) {
      const job = (await jobs.#at(name).readJob()) as Job | undefined;
      if (job?.id !== name) continue;
      if (job.state === 'done') await jobs.#at(name).dropSource();
      if (job.state === 'previewing') job.state = 'ready';
      jobs.#jobs.set(name, job.state === 'running' ? { ...job, ...(await jobs.#brokenOff(job)) } : job);
    }
    return jobs;
  }

  /** The tenant's imports, newest first. */
  list(tenant: string): Job[] {
    return [...this.#jobs.values()].filter((job) => job.tenant === tenant).toSorted((a, b) => (a.created < b.created ? 1 : -1));
  }

  /** @throws DirectoryError NOT_FOUND. */
  get(tenant: string, id: string): Job {
    const job = this.#jobs.get(id);
    if (job?.tenant !== tenant) throw new DirectoryError('NOT_FOUND', 'There is no such import.');
    return job;
  }

  /**
   * Begins an import whose file will come in pieces, of a size in bytes that may be too large, or is at a path.
   * @throws DirectoryError NOT_FOUND, FORBIDDEN, TOO_LARGE; the system's error.
   */
  async create(actor: Actor, name: string, file: { path: string } | { size: number; sizeMax: number }): Promise<Job> {
    const { tenant } = actor;
    if ('size' in file && file.size > file.sizeMax) throw tooLarge(file.sizeMax);
    const path = 'path' in file ? file.path : undefined;
    this.#directory.tenants.allow(actor, 'scim:write');
    await this.#prune();
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const id = randomUUID();
    const folder = this.#at(id);
    await folder.create();
    if (path !== undefined)
      try {
        await folder.adopt(path);
      } catch (error) {
        await folder.remove();
        throw error;
      }
    const { size } = await folder.source();
    const state = path === undefined ? 'receiving' : 'ready';
    return this.#change({ id, tenant, name: basename(name), size, created: new Date().toISOString(), state });
  }

  /** Takes the next piece of the file. @throws DirectoryError TOO_LARGE, INVALID_ARGUMENT where it is complete. */
  async append(tenant: string, id: string, text: string, options: { isLast: boolean; sizeMax: number }): Promise<Job> {
    const job = this.get(tenant, id);
    if (job.state !== 'receiving') throw new DirectoryError('INVALID_ARGUMENT', 'The file is complete already.');
    const bytes = Buffer.from(text);
    if (job.size + bytes.length > options.sizeMax) {
      await this.remove(tenant, id);
      throw tooLarge(options.sizeMax);
    }
    const size = await this.#at(id).append(bytes);
    return this.#change({ ...job, size, state: options.isLast ? 'ready' : 'receiving' });
  }

  /** What the file is, and what its columns are likely to be. @throws DirectoryError INVALID_ARGUMENT where it cannot be read. */
  async inspect(tenant: string, id: string, given: { kind: Kind; format?: Format | undefined }): Promise<Inspection> {
    const { name } = this.get(tenant, id);
    const schemas = this.#directory.tenants.schemas(tenant, resourceTypeOf(given.kind));
    return this.#at(id)
      .source()
      .then((source) => inspect(source, name, schemas, given.format))
      .catch((error: unknown) => {
        throw error instanceof FileError ? new DirectoryError('INVALID_ARGUMENT', error.message) : error;
      });
  }

  /** Starts to find out what the import would do; `plan` is there when the state is `previewed`. */
  async preview(actor: Actor, id: string, options: ImportOptions): Promise<Job> {
    const job = this.#idle(actor.tenant, id);
    const { plan: _plan, progress: _progress, counts: _counts, error: _error, ...rest } = job;
    return this.#start({ ...rest, options, state: 'previewing' }, async (signal) => {
      const folder = this.#at(id);
      await folder.startOver();
      const [entries, problems] = [await folder.writePlan(), await folder.writeProblems()];
      try {
        const plan = await planImport(this.#directory, actor, await folder.source(), options, {
          signal,
          onEntries: (seen) => entries.add(seen),
          onProblem: (problem) => problems.add(problem),
          onProgress: (progress) => this.#progress(id, { progress }),
        });
        return { plan, problemCount: plan.problemCount, state: 'previewed' };
      } finally {
        await entries.close();
        await problems.close();
      }
    });
  }

  /**
   * Starts the import, or goes on with it. After a preview with the same options, whoever changed since is a conflict.
   * @param options absent for those of the preview or of the run before.
   * @throws DirectoryError NOT_FOUND, INVALID_ARGUMENT where it runs or is done, or nobody said how.
   */
  async run(actor: Actor, id: string, options?: ImportOptions): Promise<Job> {
    const job = this.#idle(actor.tenant, id);
    const how = options ?? job.options;
    if (!how) throw new DirectoryError('INVALID_ARGUMENT', 'Say what the file is before it is imported.');
    const isSame = isDeepStrictEqual(how, job.options);
    const isPreviewed = job.plan !== undefined && isSame;
    const folder = this.#at(id);
    const { plan, progress, error: _error, ...rest } = job;
    const started: Job = {
      ...rest,
      ...(isPreviewed && plan && { plan }),
      // Without counts, it is that of the preview.
      ...(isSame && job.counts && progress && { progress }),
      options: how,
      state: 'running',
    };
    return this.#start(started, async (signal) => {
      if (!isSame) await folder.startOver();
      const { journal, from, ...writing } = await folder.journal();
      try {
        const result = await runImport(this.#directory, actor, await folder.source(), how, {
          journal,
          from,
          signal,
          ...(isPreviewed && { plan: folder.readPlan(), rows: plan?.rows }),
          onProgress: ({ done, total, counts, problemCount }) =>
            this.#progress(id, { progress: { done, total }, counts: { ...counts }, problemCount }),
        });
        return { counts: result.counts, problemCount: result.problemCount, state: 'done' };
      } finally {
        await writing.close();
      }
    });
  }

  /** Stops a preview or an import. What is done, stays. */
  async cancel(tenant: string, id: string): Promise<Job> {
    this.get(tenant, id);
    const running = this.#running.get(id);
    running?.controller.abort(new Stopped('cancelled'));
    await running?.ended;
    return this.get(tenant, id);
  }

  /** Every problem of the preview or, once it ran, of the import, in JSON Lines. */
  problems(tenant: string, id: string): AsyncIterable<Problem> {
    this.get(tenant, id);
    return this.#at(id).readProblems();
  }

  /** The same as CSV, in pieces. */
  problemsText(tenant: string, id: string): AsyncIterable<string> {
    return problemsCsv(this.problems(tenant, id));
  }

  /** Forgets an import; it is stopped where it runs. */
  async remove(tenant: string, id: string): Promise<void> {
    await this.cancel(tenant, id);
    this.#jobs.delete(id);
    await this.#at(id).remove();
    this.#tell(id);
  }

  /** Resolves when a preview or an import is not under way any more. */
  async settled(tenant: string, id: string): Promise<Job> {
    await this.#running.get(id)?.ended;
    return this.get(tenant, id);
  }

  /** Tells the listener whenever something of a job is new. @returns a function that ends it. */
  onChange(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The job as it is, and whenever it is further, until nothing is under way. @throws DirectoryError NOT_FOUND. */
  watch(tenant: string, id: string, signal: AbortSignal | undefined): AsyncGenerator<Job, void> {
    return watchJob(this, tenant, id, signal);
  }

  /** Stops what runs, so that it can go on later. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { controller } of running) controller.abort(new Stopped('interrupted'));
    await Promise.all(running.map(({ ended }) => ended));
  }

  /** How far an import was when the process ended: what it told meanwhile was not written, but for the checkpoint. */
  async #brokenOff({ id, plan }: Job): Promise<Partial<Job>> {
    const checkpoint = await this.#at(id).checkpoint();
    if (!checkpoint) return { state: 'interrupted' };
    const { rows, counts, problemCount } = checkpoint;
    return { state: 'interrupted', counts, problemCount, progress: { done: rows, total: Math.max(rows, plan?.rows ?? 0) } };
  }

  #at(id: string): JobFolder {
    return new JobFolder(join(this.#folder, id));
  }

  #idle(tenant: string, id: string): Job {
    const job = this.get(tenant, id);
    if (this.#running.has(id)) throw new DirectoryError('INVALID_ARGUMENT', 'This import is under way already.');
    if (job.state === 'done') throw new DirectoryError('INVALID_ARGUMENT', 'This import is done. Begin a new one.');
    return job;
  }

  async #start(job: Job, work: (signal: AbortSignal) => Promise<Partial<Job>>): Promise<Job> {
    const controller = new AbortController();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    // At once, so that two starts at the same time are one.
    this.#running.set(job.id, { controller, ended });
    const end = () => {
      this.#running.delete(job.id);
      resolve();
      this.#tell(job.id);
    };
    const started = await this.#change(job).catch((error: unknown) => {
      end();
      throw error;
    });
    void work(controller.signal)
      .catch((error: unknown) => this.#failed(job, error))
      .then(async (outcome) => {
        const { state } = await this.#change({ ...(this.#jobs.get(job.id) ?? job), ...outcome });
        // Not before it is known to be done: without its file it could not go on.
        if (state === 'done') await this.#at(job.id).dropSource();
      })
      .catch((error: unknown) => this.#log.error({ err: error, import: job.id }, 'an import could not be kept'))
      .finally(end);
    return started;
  }

  #failed(job: Job, error: unknown): Partial<Job> {
    if (error instanceof Stopped) return { state: job.state === 'previewing' ? 'ready' : error.state };
    const isKnown = error instanceof FileError || error instanceof DirectoryError;
    if (!isKnown) this.#log.error({ err: error, import: job.id }, 'an import failed');
    return { state: 'failed', error: isKnown ? error.message : 'Something went wrong in Tandem. The log says what.' };
  }

  /** Written before it is told: what somebody was told of a job is so after a crash, too. */
  async #change(job: Job): Promise<Job> {
    await this.#at(job.id).writeJob(job);
    this.#jobs.set(job.id, job);
    this.#tell(job.id);
    return job;
  }

  /** Not written: the checkpoint knows it. */
  #progress(id: string, news: Partial<Job>): void {
    const job = this.#jobs.get(id);
    if (job) this.#jobs.set(id, { ...job, ...news });
    this.#tell(id);
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }

  /** Old jobs go, and those of tenants that are no more. */
  async #prune(): Promise<void> {
    const tenants = new Set(this.#directory.tenants.list().map(({ id }) => id));
    const isOver = ({ state, created }: Job) =>
      state === 'done' || (state === 'receiving' && Date.now() - Date.parse(created) > receivingMaxMs);
    for (const { id, tenant } of this.#jobs.values()) if (!tenants.has(tenant)) await this.remove(tenant, id);
    for (const tenant of tenants)
      for (const { id } of this.list(tenant).filter(isOver).slice(keptMax)) await this.remove(tenant, id);
  }
}

function tooLarge(sizeMax: number): DirectoryError {
  const message = `The file is larger than ${sizeMax / 1024 / 1024} MB. Use the command line: tandem import FILE.`;
  return new DirectoryError('TOO_LARGE', message);
}

/** Somebody stopped it. */
class Stopped extends Error {
  readonly state: 'cancelled' | 'interrupted';

  constructor(state: 'cancelled' | 'interrupted') {
    super(state);
    this.state = state;
  }
}
