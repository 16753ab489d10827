import { DirectoryError, type Actor, type Directory } from '../directory/index.ts';
import { inBatches, prepare, SeenRows, type Prepared } from './batches.ts';
import { isAboutRecord, decide, isBy, problemOf, type Begun, type Decision } from './decide.ts';
import { matchWishes, References } from './find.ts';
import { contextOf, measured, noCounts, type Counts, type ImportOptions, type Progress } from './options.ts';
import type { PlanEntry } from './plan.ts';
import { readRows } from './read.ts';
import { resolveReferences } from './run-references.ts';
import { byLine, type Problem, type Source } from './row.ts';
import { writeDecision } from './write.ts';

/** How far an import is; what is kept of it so that it can go on after a crash. */
export interface Checkpoint {
  /** `rows`, then `references`: managers and members that stood further down in the file. */
  phase: 'rows' | 'references';
  /** Rows of the file that are done in this phase. */
  rows: number;
  counts: Counts;
  problemCount: number;
  /** The newest revision when the import began, and who has run it: its own work is told from somebody's change by these. */
  begun: Begun;
}

/** Where an import keeps what it would need to go on. */
export interface Journal {
  /** Rows, by their place in the file, whose managers or members are to be looked for again in the end. */
  defer(rows: readonly number[]): void;
  deferred(): Promise<ReadonlySet<number>>;
  problem(problem: Problem): void;
  /** Is called when everything up to here is in the directory. */
  checkpoint(state: Checkpoint): Promise<void> | void;
}

export interface RunOptions {
  journal?: Journal | undefined;
  /** Where it stopped. */
  from?: Checkpoint | undefined;
  /** What the preview saw, row by row (plan.ts); whoever has changed since is a conflict. */
  plan?: AsyncIterable<PlanEntry> | undefined;
  /** Rows of the file, where a preview counted them. */
  rows?: number | undefined;
  onProgress?: ((progress: Progress & { counts: Counts; problemCount: number }) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface ImportResult {
  counts: Counts;
  /** The first 200 where no journal keeps them all. */
  problems: Problem[];
  problemCount: number;
}

/** Rows that share a commit, as many as the time allows for which they hold the process. */
const atOnce = { min: 64, max: 128, slowMs: 50, quickMs: 25 };
const attemptsMax = 3;

/**
 * Imports a file: each row stands alone, and is on disk when it counts as done. What one row cannot do, is a problem with its
 * line; the others go on.
 * @throws FileError where the file cannot be read; DirectoryError UNAVAILABLE, FORBIDDEN, NOT_FOUND; the signal's reason when
 *   it aborts. What is done until then stays, and can be gone on from.
 */
export async function runImport(
  directory: Directory,
  actor: Actor,
  source: Source,
  options: ImportOptions,
  { journal = memoryJournal(), from, plan, rows, onProgress, signal }: RunOptions = {},
): Promise<ImportResult> {
  const context = contextOf(directory, actor, options);
  const state: Checkpoint = structuredClone(from) ?? {
    phase: 'rows',
    rows: 0,
    counts: noCounts(),
    problemCount: 0,
    begun: { revision: await directory.latestRevision(), by: [] },
  };
  if (!state.begun.by.some((author) => isBy(author, actor))) state.begun.by.push({ id: actor.id, door: actor.door });
  await journal.checkpoint(state);
  const problems: Problem[] = [];
  const addProblem = (problem: Problem) => {
    state.problemCount++;
    if (problems.length < 200) problems.push(problem);
    journal.problem(problem);
  };
  const references = new References(directory, actor);
  const file = measured(source);
  const read = () => readRows(file, options.format, context.schemas, options);
  const tell = () => {
    const total = rows ?? (state.phase === 'rows' ? file.estimate(state.rows) : state.rows);
    onProgress?.({ done: state.rows, total, counts: state.counts, problemCount: state.problemCount });
  };

  if (state.phase === 'rows') {
    const seenRows = new SeenRows();
    const entries = plan?.[Symbol.asyncIterator]();
    let size: number = atOnce.min;
    // What was on disk when the process ended, but not yet said to be: a person without a manager, a group with half its members.
    const isInFlight = (index: number) => from !== undefined && index < from.rows + atOnce.max;
    for await (const batch of inBatches(read(), () => size, signal)) {
      const fresh = [];
      const found: Problem[] = [];
      for (const { index, row } of batch) {
        const next = await entries?.next();
        const problem = 'problem' in row ? row.problem : seenRows.add(row.line, row.wish, context.type);
        // Read again, for what it is about, but done before it was stopped.
        if (index < state.rows) continue;
        if (problem) {
          state.counts.invalid++;
          found.push(problem);
        } else if (!('problem' in row))
          fresh.push({
            index,
            line: row.line,
            wish: row.wish,
            seen: next?.done ? undefined : (next?.value ?? undefined),
            begun: isInFlight(index) ? state.begun : undefined,
          });
      }
      const prepared = await prepare(context, references, seenRows, fresh);
      const begun = performance.now();
      const outcomes = await Promise.all(prepared.map((row) => doRow(row)));
      const tookMs = performance.now() - begun;
      size =
        tookMs > atOnce.slowMs ? Math.max(atOnce.min, size / 2) : tookMs < atOnce.quickMs ? Math.min(atOnce.max, size * 2) : size;
      for (const outcome of outcomes) {
        state.counts[outcome.action]++;
        if ('problem' in outcome) found.push(outcome.problem);
      }
      for (const problem of found.toSorted(byLine)) addProblem(problem);
      const later = prepared.filter(({ unknown }, place) => unknown.length > 0 && isThere(outcomes[place]));
      journal.defer(later.map(({ facts }) => facts.index));
      state.rows = Math.max(state.rows, (batch.at(-1)?.index ?? -1) + 1);
      await journal.checkpoint(state);
      tell();
    }
    Object.assign(state, { phase: 'references' } satisfies Partial<Checkpoint>);
    await journal.checkpoint(state);
  }
  const deferred = await journal.deferred();
  if (deferred.size > 0)
    await resolveReferences({ context, references, deferred, read, addProblem, signal, write: writeDecision });
  tell();
  return { counts: state.counts, problems, problemCount: state.problemCount };

  async function doRow(prepared: Prepared): Promise<Decision> {
    let { facts } = prepared;
    for (let attempt = 1; ; attempt++) {
      const decision = await decide(context, facts);
      try {
        await writeDecision(context, decision);
        return decision;
      } catch (error) {
        if (!(error instanceof DirectoryError)) throw error;
        const isRace = ['VERSION_MISMATCH', 'NOT_FOUND', 'UNIQUENESS'].includes(error.code);
        if (!isRace && !isAboutRecord(error)) throw error;
        if (!isRace || attempt === attemptsMax) return { action: 'invalid', problem: problemOf(facts, error) };
        // Somebody was quicker; it is decided anew by what is there now.
        const [match = {}] = await matchWishes(directory, actor, context.type, [facts.wish], context);
        facts = { ...facts, match };
      }
    }
  }
}

function isThere(outcome: Decision | undefined): boolean {
  return outcome?.action === 'create' || outcome?.action === 'update' || outcome?.action === 'unchanged';
}

function memoryJournal(): Journal {
  const deferred = new Set<number>();
  return {
    defer(rows) {
      for (const row of rows) deferred.add(row);
    },
    deferred: async () => deferred,
    problem() {},
    checkpoint() {},
  };
}
