import { planBulk, type BulkOperation, type BulkOptions, type BulkResult, type Planned } from './bulk.ts';
import { DirectoryError } from './errors.ts';
import { perform, type WriteContext } from './operation.ts';

/** Runs work in one transaction. @param passwords in it, to be hashed before. */
type Write = <T>(work: (context: WriteContext) => T, passwords?: readonly string[]) => Promise<T>;

/**
 * Runs a bulk request (RFC 7644 §3.7).
 * @returns what became of each operation, in the order of the request; without those that were not done after `failOnErrors`.
 * @throws DirectoryError TOO_LARGE; where atomic, the first refusal with its operation, and then nothing is written.
 */
export async function runBulk(operations: readonly BulkOperation[], options: BulkOptions, write: Write): Promise<BulkResult[]> {
  const planned = planBulk(operations);
  const results = options.atomic ? await runTogether(planned, options, write) : await runApart(planned, options, write);
  const places = new Map(operations.map((operation, place) => [operation, place]));
  return results.toSorted((a, b) => (places.get(a.operation) ?? 0) - (places.get(b.operation) ?? 0));
}

async function runApart(planned: readonly Planned[], options: BulkOptions, write: Write): Promise<BulkResult[]> {
  const results: BulkResult[] = [];
  const failed = new Set<string>();
  let errors = 0;
  for (const { operation, write: wanted, error, needs } of planned) {
    if (options.signal?.aborted || errors >= (options.failOnErrors ?? Number.POSITIVE_INFINITY)) break;
    const missing = needs.find((need) => failed.has(need));
    let result: BulkResult = { operation, type: wanted?.type, id: wanted?.id };
    try {
      if (missing !== undefined) throw new DirectoryError('INVALID_ARGUMENT', `bulkId:${missing} was not created.`);
      if (!wanted) throw error;
      result = { ...result, written: await write((context) => perform(context, wanted)) };
    } catch (problem) {
      if (!(problem instanceof DirectoryError)) throw problem;
      result = { ...result, error: problem };
      errors++;
      if (operation.bulkId !== undefined) failed.add(operation.bulkId);
    }
    results.push(result);
    options.onProgress?.(results.length, planned.length);
  }
  return results;
}

function runTogether(planned: readonly Planned[], options: BulkOptions, write: Write): Promise<BulkResult[]> {
  for (const { operation, error } of planned) if (error) throw refused(operation, error);
  const work = (context: WriteContext) =>
    planned.map(({ operation, write: wanted }, index) => {
      options.signal?.throwIfAborted();
      try {
        const written = wanted && perform(context, wanted);
        options.onProgress?.(index + 1, planned.length);
        return { operation, type: wanted?.type, id: wanted?.id, written };
      } catch (error) {
        throw error instanceof DirectoryError ? refused(operation, error) : error;
      }
    });
  // Hashed before, since each password found on the way would run all of it again.
  return write(work, planned.flatMap(passwordOf));
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
