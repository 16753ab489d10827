import { planBulk, type BulkOperation, type BulkOptions, type BulkResult, type Planned } from './bulk.ts';
import { DirectoryError } from './errors.ts';
import { perform, type WriteContext, type WriteOperation } from './operation.ts';
import type { Rule } from './policy/judge.ts';
import type { Written } from './write.ts';

/** Runs work in one transaction. @param passwords in it, to be hashed before. */
export type Write = <T>(work: (context: WriteContext) => T, passwords?: readonly string[]) => Promise<T>;

/** What becomes of operations that a person is to decide on. */
interface Approvals {
  /** Runs all of them, or asks. @returns what was written, of each. @throws DirectoryError. */
  run: (operations: readonly WriteOperation[], run: () => Promise<(Written | undefined)[]>) => Promise<(Written | undefined)[]>;
  /** Asks, without waiting. @returns how the question stands, as a refusal. @throws DirectoryError if it cannot be asked. */
  ask: (operations: readonly WriteOperation[], rule: Rule | undefined) => Promise<DirectoryError>;
}

/**
 * Runs a bulk request (RFC 7644 §3.7).
 * @returns what became of each operation, in the order of the request; without those that were not done after `failOnErrors`.
 * @throws DirectoryError TOO_LARGE; where atomic, the first refusal with its operation, and then nothing is written.
 */
export async function runBulk(
  operations: readonly BulkOperation[],
  options: BulkOptions,
  write: Write,
  approvals: Approvals,
): Promise<BulkResult[]> {
  const planned = planBulk(operations);
  const results = options.atomic
    ? await runTogether(planned, options, write, approvals)
    : await runApart(planned, options, write, approvals);
  const places = new Map(operations.map((operation, place) => [operation, place]));
  return results.toSorted((a, b) => (places.get(a.operation) ?? 0) - (places.get(b.operation) ?? 0));
}

async function runApart(
  planned: readonly Planned[],
  options: BulkOptions,
  write: Write,
  approvals: Approvals,
): Promise<BulkResult[]> {
  const results: BulkResult[] = [];
  const waiting: { wanted: WriteOperation; result: BulkResult; bulkId: string | undefined; rule: Rule | undefined }[] = [];
  const failed = new Set<string>();
  let errors = 0;
  for (const { operation, write: wanted, error, needs } of planned) {
    if (options.signal?.aborted || errors >= (options.failOnErrors ?? Number.POSITIVE_INFINITY)) break;
    const missing = needs.find((need) => failed.has(need));
    let result: BulkResult = { operation, type: wanted?.type, id: wanted?.id };
    try {
      const first = waiting.find(({ bulkId }) => bulkId !== undefined && bulkId === missing);
      if (first)
        throw new DirectoryError('APPROVAL_NEEDED', 'It waits with what it refers to.', {
          ...(first.rule && { rule: first.rule }),
        });
      if (missing !== undefined) throw new DirectoryError('INVALID_ARGUMENT', `bulkId:${missing} was not created.`);
      if (!wanted) throw error;
      result = { ...result, written: await write((context) => perform(context, wanted)) };
    } catch (problem) {
      if (!(problem instanceof DirectoryError)) throw problem;
      result = { ...result, error: problem };
      errors++;
      if (operation.bulkId !== undefined) failed.add(operation.bulkId);
      if (wanted && problem.code === 'APPROVAL_NEEDED')
        waiting.push({ wanted, result, bulkId: operation.bulkId, rule: problem.rule });
    }
    results.push(result);
    options.onProgress?.(results.length, planned.length);
  }
  if (waiting.length > 0) {
    // One question for all, since a person decides on what one call wanted.
    const asked = await approvals
      .ask(
        waiting.map(({ wanted }) => wanted),
        waiting[0]?.rule,
      )
      .catch((error: unknown) => {
        if (error instanceof DirectoryError) return error;
        throw error;
      });
    for (const { result } of waiting) result.error = asked;
  }
  return results;
}

async function runTogether(
  planned: readonly Planned[],
  options: BulkOptions,
  write: Write,
  approvals: Approvals,
): Promise<BulkResult[]> {
  for (const { operation, error } of planned) if (error) throw refused(operation, error);
  const work = (context: WriteContext) =>
    planned.map(({ operation, write: wanted }, index) => {
      options.signal?.throwIfAborted();
      try {
        const written = wanted && perform(context, wanted);
        options.onProgress?.(index + 1, planned.length);
        return written;
      } catch (error) {
        throw error instanceof DirectoryError ? refused(operation, error) : error;
      }
    });
  // Hashed before, since each password found on the way would run all of it again.
  const written = await approvals.run(
    planned.flatMap(({ write: wanted }) => wanted ?? []),
    () => write(work, planned.flatMap(passwordOf)),
  );
  return planned.map(({ operation, write: wanted }, index) => ({
    operation,
    type: wanted?.type,
    id: wanted?.id,
    written: written[index],
  }));
}

function passwordOf({ write }: Planned): string[] {
  const record = write && 'record' in write ? write.record : undefined;
  const password = typeof record === 'object' && record !== null && 'password' in record ? record.password : undefined;
  return typeof password === 'string' && password !== '' ? [password] : [];
}

/** One operation's refusal, by which the whole of an atomic request is refused. */
function refused({ method, path, bulkId }: BulkOperation, error: DirectoryError): DirectoryError {
  const name = bulkId === undefined ? '' : ` (bulkId ${bulkId})`;
  return error.saying(`Nothing was done: ${method} ${path}${name} was refused. ${error.message}`);
}
