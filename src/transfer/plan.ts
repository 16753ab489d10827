import type { Actor, Directory, FieldChange } from '../directory/index.ts';
import { inBatches, prepare, SeenRows, type Prepared } from './batches.ts';
import { decide, type Action, type Decision, type Seen } from './decide.ts';
import { References } from './find.ts';
import { contextOf, measured, noCounts, type Counts, type ImportOptions, type Progress } from './options.ts';
import { createPace } from './pace.ts';
import { readRows } from './read.ts';
import { byLine, nameOfWish, type Problem, type Source } from './row.ts';

/** What an import would do. */
export interface Plan {
  rows: number;
  counts: Counts;
  /** The first rows of each action that does something, with what it does. */
  examples: PlannedRow[];
  /** The first ones; `problemCount` counts them all. */
  problems: Problem[];
  problemCount: number;
}

/** One row's part in a plan. */
export interface PlannedRow {
  line: number;
  action: Action;
  name?: string;
  id?: string;
  /** What changes; the manager and the members by their ids, or as the file calls them where they are not there yet. */
  changes: FieldChange[];
  problem?: Problem;
}

/** What the import must know of each row again: whom the preview saw there; `null` for a row that could not be read. */
export type PlanEntry = Seen | null;

export interface PlanOptions {
  /** Examples of each action, 50 where it is not given. */
  examplesMax?: number | undefined;
  problemsMax?: number | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** Told of each row in order. */
  onEntries?: ((entries: readonly PlanEntry[]) => Promise<void> | void) | undefined;
  /** Told of every problem, also of those that the plan does not list. */
  onProblem?: ((problem: Problem) => void) | undefined;
}

const rowsAtOnce = 40;
const linesOfUnknownMax = 100;

/**
 * Says what an import would do, without doing it. It reads the file once, never holds the process for long, and keeps of each
 * row only by what it is told.
 * @throws FileError where the file cannot be read; DirectoryError FORBIDDEN, NOT_FOUND; the signal's reason.
 */
export async function planImport(
  directory: Directory,
  actor: Actor,
  source: Source,
  options: ImportOptions,
  { examplesMax = 50, problemsMax = 200, ...told }: PlanOptions = {},
): Promise<Plan> {
  const context = contextOf(directory, actor, options);
  const plan: Plan = { rows: 0, counts: noCounts(), examples: [], problems: [], problemCount: 0 };
  const perAction = new Map<Action, number>();
  const seenRows = new SeenRows();
  const references = new References(directory, actor);
  const unknown = new UnknownReferences();
  const file = measured(source);
  const pace = createPace();
  const addProblem = (problem: Problem) => {
    plan.problemCount++;
    if (plan.problems.length < problemsMax) plan.problems.push(problem);
    told.onProblem?.(problem);
  };

  for await (const batch of inBatches(readRows(file, options.format, context.schemas, options), () => rowsAtOnce, told.signal)) {
    const entries = new Map<number, PlanEntry>();
    const found: Problem[] = [];
    const fresh = batch.flatMap(({ index, row }) => {
      const problem = 'problem' in row ? row.problem : seenRows.add(row.line, row.wish, context.type);
      if (problem) found.push(problem);
      return problem || 'problem' in row ? [] : [{ index, line: row.line, wish: row.wish, seen: undefined }];
    });
    plan.counts.invalid += found.length;
    for (const prepared of await prepare(context, references, seenRows, fresh)) {
      await pace();
      const decision = await decide(context, prepared.facts);
      plan.counts[decision.action]++;
      if ('problem' in decision) found.push(decision.problem);
      else if (decision.action !== 'skipped') unknown.add(prepared);
      entries.set(prepared.facts.index, entryOf(prepared));
      const shown = perAction.get(decision.action) ?? 0;
      if (shown < examplesMax && decision.action !== 'unchanged' && decision.action !== 'skipped') {
        perAction.set(decision.action, shown + 1);
        plan.examples.push(exampleOf(prepared, decision));
      }
    }
    for (const problem of found.toSorted(byLine)) addProblem(problem);
    plan.rows += batch.length;
    await told.onEntries?.(batch.map(({ index }) => entries.get(index) ?? null));
    told.onProgress?.({ done: plan.rows, total: file.estimate(plan.rows) });
  }
  for (const problem of unknown.problems((text) => seenRows.has(text))) addProblem(problem);
  told.onProgress?.({ done: plan.rows, total: plan.rows });
  return plan;
}

function entryOf({ facts: { match } }: Prepared): PlanEntry {
  return match.current ? { id: match.current.resource.id, version: match.current.version } : 'nobody';
}

function exampleOf({ facts: { line, wish, match }, unknown }: Prepared, decision: Decision): PlannedRow {
  const name = nameOfWish(wish);
  const changes = 'changes' in decision ? decision.changes : [];
  return {
    line,
    action: decision.action,
    ...(name !== undefined && { name }),
    ...(match.current && { id: match.current.resource.id }),
    changes: [...changes, ...unknown.slice(0, 20).map((after) => ({ path: wish.members ? 'members' : 'manager', after }))],
    ...('problem' in decision && { problem: decision.problem }),
  };
}

/** Managers and members whom nobody in the directory is called, until it is known whom the file brings. */
class UnknownReferences {
  readonly #texts = new Map<string, { lines: number[]; count: number }>();

  add({ facts: { line }, unknown }: Prepared): void {
    for (const text of unknown) {
      const known = this.#texts.get(text) ?? { lines: [], count: 0 };
      known.count++;
      if (known.lines.length < linesOfUnknownMax) known.lines.push(line);
      this.#texts.set(text, known);
    }
  }

  /** @returns a problem for each row that names somebody who is not in the file either, in the order of the rows. */
  problems(isInFile: (text: string) => boolean): Problem[] {
    const missing = [...this.#texts].filter(([text]) => !isInFile(text));
    return missing.flatMap(([text, { lines }]) => lines.map((line) => unknownReference(line, text))).toSorted(byLine);
  }
}

/** A row names a manager or a member whom nobody is called. */
export function unknownReference(line: number, text: string): Problem {
  const message = `Nobody here is '${text.slice(0, 100)}'. Give an id or a userName; the rest of the row is imported.`;
  return { line, kind: 'reference', message };
}
