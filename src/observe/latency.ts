/** Times are counted in groups that grow by a fifth each, from a tenth of a millisecond to over a minute: a tenth wrong at most. */
const least = 0.1;
const growth = 1.2;
const groups = 75;
const logGrowth = Math.log(growth);

/** Counts of times by group; groups at which nothing was counted may be left out. */
export type Times = Record<number, number>;

export function countTime(times: Times, ms: number): void {
  const group = ms <= least ? 0 : Math.min(groups, Math.ceil(Math.log(ms / least) / logGrowth));
  times[group] = (times[group] ?? 0) + 1;
}

export function addTimes(to: Times, from: Times): void {
  for (const [group, count] of Object.entries(from)) to[Number(group)] = (to[Number(group)] ?? 0) + count;
}

/**
 * @param share of all times, such as 0.95.
 * @returns milliseconds under which that share of the times was; undefined where there was none.
 */
export function quantile(times: Times, share: number): number | undefined {
  const counted = Object.entries(times)
    .map(([group, count]) => [Number(group), count] as const)
    .toSorted(([a], [b]) => a - b);
  const total = counted.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return undefined;
  let left = share * total;
  for (const [group, count] of counted) {
    left -= count;
    // The middle of the group, as times grow.
    if (left <= 1e-9) return group === 0 ? least : least * growth ** (group - 0.5);
  }
  return undefined;
}
