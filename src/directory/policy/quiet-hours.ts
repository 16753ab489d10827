import type { PolicySettings } from './policy.ts';

type QuietHours = NonNullable<PolicySettings['quietHours']>;

/** Making one costs a hundred times what using it does. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether a moment is within quiet hours, by the clock of their time zone. From `from` on, until before `to`. */
export function isQuiet({ timeZone, from, to, days }: QuietHours, now: Date): boolean {
  const { day, time } = localTime(timeZone, now);
  const [today, yesterday] = [days.some((each) => each === day), days.some((each) => each === dayBefore(day))];
  if (from < to) return today && time >= from && time < to;
  return (today && time >= from) || (yesterday && time < to);
}

/**
 * How long quiet hours last that there are now, with those that follow within a quarter of an hour.
 * @returns milliseconds until the minute in which they end; 0 where there are none now, or they do not end within eight days.
 */
export function quietEndsInMs(quietHours: QuietHours, now: Date): number {
  const start = now.getTime();
  const minute = Math.floor(start / minuteMs) * minuteMs;
  // By steps, since a change of the clocks within them makes them longer or shorter.
  const isStillQuiet = (minutes: number) => isQuiet(quietHours, new Date(minute + minutes * minuteMs));
  if (!isStillQuiet(0)) return 0;
  for (let quarter = 15; quarter <= eightDaysMinutes; quarter += 15) {
    if (isStillQuiet(quarter)) continue;
    let minutes = quarter - 14;
    while (isStillQuiet(minutes)) minutes++;
    return minute + minutes * minuteMs - start;
  }
  return 0;
}

const minuteMs = 60_000;
const eightDaysMinutes = 8 * 24 * 60;

const week = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

function dayBefore(day: string): string | undefined {
  return week.at(week.indexOf(day) - 1);
}

function localTime(timeZone: string, now: Date): { day: string; time: string } {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  formats.set(timeZone, format);
  const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return { day: (parts['weekday'] ?? '').toLowerCase(), time: `${parts['hour']}:${parts['minute']}` };
}
