/** Lengths of the time line, in seconds, of which quarters can be named: it grows in steps, so that the marks on it mostly stand still. */
const lengths = [2, 4, 8, 12, 16, 20, 28, 40, 60, 80, 120, 180, 300, 600, 1200, 1800, 3600] as const;

/** @returns how long a time line is, in milliseconds, on which this much is shown. */
export function lengthFor(ms: number): number {
  const seconds = lengths.find((length) => length * 1000 >= ms * 1.02) ?? Math.ceil(ms / 3_600_000) * 3600;
  return seconds * 1000;
}

export function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
