import type { RecordedConflict, Strategy } from '../../directory/pure.ts';

/** How conflicts end, as a heading of a figure. */
export const endings: Record<Strategy | 'open', string> = {
  merge: 'Merged',
  immediate_retry: 'Tried again and succeeded',
  alternative: 'Only free fields written',
  ask_human: 'Put to people',
  abandon: 'Given up',
  open: 'Still open',
};

const done: Record<Strategy, string> = {
  merge: 'merged',
  immediate_retry: 'tried again and succeeded',
  alternative: 'wrote only the free fields',
  ask_human: 'people decided',
  abandon: 'given up',
};

/** What became of a conflict, in a few words. */
export function outcomeOf({ state, strategy }: Pick<RecordedConflict, 'state' | 'strategy'>): string {
  if (state === 'open') return 'still open';
  if (state === 'waiting') return 'waits for people';
  if (state === 'abandoned') return strategy === 'ask_human' ? 'people declined' : 'given up';
  return strategy === undefined ? 'settled' : done[strategy];
}

/**
 * An hour of the day in the time of this place; less than an hour of difference is left out.
 * @param utc 0 to 23. @param offsetMinutes as Date has it.
 */
export function hourHere(utc: number, offsetMinutes: number = new Date().getTimezoneOffset()): number {
  return (((utc - Math.round(offsetMinutes / 60)) % 24) + 24) % 24;
}

/** "3 s", "4 min": how long something took. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  return ms < 60 * 60_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}
