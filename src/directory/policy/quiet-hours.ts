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
