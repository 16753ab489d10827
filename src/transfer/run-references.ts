import { inBatches, prepare, SeenRows } from './batches.ts';
import { decide, isAboutRecord, problemOf, type DecideContext, type Decision } from './decide.ts';
import type { MatchOptions, References } from './find.ts';
import { unknownReference } from './plan.ts';
import type { Problem, Row, Wish } from './row.ts';
import { DirectoryError } from '../directory/index.ts';
import { managerKeys } from './columns.ts';
import { valueAt } from './records.ts';

const atOnce = 64;

/**
 * The second pass of an import: managers and members that stood further down in the file than who refers to them are there
 * now. Of a person only the manager is changed, of a group only the members.
 * @param deferred the rows that refer to somebody who was not there, by their place in the file.
 */
export async function resolveReferences(options: {
  context: DecideContext & MatchOptions;
  references: References;
  deferred: ReadonlySet<number>;
  read: () => AsyncIterable<Row>;
  addProblem: (problem: Problem) => void;
  signal: AbortSignal | undefined;
  write: (context: DecideContext, decision: Decision) => Promise<void>;
}): Promise<void> {
  const { context, references, deferred, read, addProblem, signal, write } = options;
  await learnAliases(options);
  for await (const batch of inBatches(read(), () => atOnce, signal)) {
    const rows = batch.flatMap(({ index, row }) =>
      deferred.has(index) && !('problem' in row)
        ? [{ index, line: row.line, wish: onlyReferences(context, row.wish), seen: undefined }]
        : [],
    );
    const prepared = await prepare({ ...context, ignoreVersions: true }, references, new SeenRows(), rows);
    await Promise.all(
      prepared.map(async ({ facts, unknown }) => {
        for (const text of unknown) addProblem(unknownReference(facts.line, text));
        try {
          if (!facts.match.current) return;
          const decision = await decide({ ...context, ignoreVersions: true }, facts);
          if ('problem' in decision) addProblem(decision.problem);
          else await write(context, decision);
        } catch (error) {
          if (!(error instanceof DirectoryError)) throw error;
          if (!isAboutRecord(error) && error.code !== 'VERSION_MISMATCH' && error.code !== 'NOT_FOUND') throw error;
          addProblem(problemOf(facts, error));
        }
      }),
    );
  }
}

/** What tells the row's person or group, and whom it refers to. */
function onlyReferences({ schemas, type }: DecideContext, wish: Wish): Wish {
  const { id, manager, members, patch } = wish;
  const tells = type === 'User' ? ['userName', 'externalId'] : ['displayName', 'externalId'];
  const keys = managerKeys(schemas);
  const beside = keys && valueAt(patch, keys);
  const kept = Object.fromEntries(tells.filter((name) => Object.hasOwn(patch, name)).map((name) => [name, patch[name]]));
  return {
    ...(id !== undefined && { id }),
    patch: { ...kept, ...(keys && beside !== undefined && { [keys[0]]: { [keys[1]]: beside } }) },
    elements: [],
    ...(manager !== undefined && { manager }),
    ...(members && { members }),
  };
}

/** Where a file comes from another directory, its ids are of people who have others here. */
async function learnAliases({
  context,
  references,
  deferred,
  read,
  signal,
}: Parameters<typeof resolveReferences>[0]): Promise<void> {
  const wanted = new Set<string>();
  for await (const batch of inBatches(read(), () => atOnce, signal))
    for (const { index, row } of batch) {
      if (!deferred.has(index) || 'problem' in row) continue;
      if (typeof row.wish.manager === 'string') wanted.add(row.wish.manager);
      for (const { id } of row.wish.members ?? []) if (id !== undefined) wanted.add(id);
    }
  for await (const batch of inBatches(read(), () => atOnce, signal))
    for (const { row } of batch) {
      if ('problem' in row || row.wish.id === undefined || !wanted.has(row.wish.id)) continue;
      const name = row.wish.patch[context.type === 'User' ? 'userName' : 'displayName'];
      if (typeof name === 'string') references.aliases.set(row.wish.id, name);
    }
}
