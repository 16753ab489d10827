/** What the benchmarks share: timing, percentiles, and a table on standard output. All times are in milliseconds. */

export interface Summary {
  n: number;
  p50: number;
  p95: number;
  mean: number;
  perSecond: number;
}

/** @param times of each operation; @param elapsed of all of them together, where they ran at the same time. */
export function summarise(times: readonly number[], elapsed = times.reduce((sum, time) => sum + time, 0)): Summary {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const mean = sorted.reduce((sum, time) => sum + time, 0) / sorted.length;
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), mean, perSecond: (sorted.length * 1000) / elapsed };
}

/**
 * Runs an operation many times by several workers at once.
 * @param operation is told which worker runs it and how many it has run before.
 */
export async function measure(
  options: { workers: number; perWorker: number },
  operation: (worker: number, turn: number) => Promise<unknown>,
): Promise<Summary> {
  const times: number[] = [];
  const start = performance.now();
  await Promise.all(
    Array.from({ length: options.workers }, async (_, worker) => {
      for (let turn = 0; turn < options.perWorker; turn++) {
        const begun = performance.now();
        await operation(worker, turn);
        times.push(performance.now() - begun);
      }
    }),
  );
  return summarise(times, performance.now() - start);
}

/** As measure, but for so long, each worker at least once. */
export async function measureFor(
  options: { workers: number; ms: number },
  operation: (worker: number, turn: number) => Promise<unknown>,
): Promise<Summary> {
  const times: number[] = [];
  const start = performance.now();
  await Promise.all(
    Array.from({ length: options.workers }, async (_, worker) => {
      for (let turn = 0; turn === 0 || performance.now() - start < options.ms; turn++) {
        const begun = performance.now();
        await operation(worker, turn);
        times.push(performance.now() - begun);
      }
    }),
  );
  return summarise(times, performance.now() - start);
}

export function row(name: string, { n, p50, p95, perSecond }: Summary): void {
  const cell = (value: number, digits: number) => value.toFixed(digits).padStart(9);
  print(`${name.padEnd(52)}${cell(n, 0)}${cell(p50, 2)}${cell(p95, 2)}${cell(perSecond, 0)}`);
}

export function heading(title: string): void {
  print(`\n${title}\n${''.padEnd(52)}${['n', 'p50 ms', 'p95 ms', 'per s'].map((name) => name.padStart(9)).join('')}`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
