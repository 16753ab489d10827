const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** A moment as a table shows it. */
export function exactDay(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? at : day.format(time);
}
