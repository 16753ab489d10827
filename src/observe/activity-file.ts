import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { Activity, type Minute } from './activity.ts';
import { emptyAssistant } from './assistant-activity.ts';

const count = z.number().min(0);
const times = z.record(z.coerce.number<string>(), count);
const counts = {
  calls: count,
  refused: count,
  failed: count,
  conflicts: count,
  // What an older Tandem has kept has them of all clients together only.
  resolved: count.default(0),
  retries: count.default(0),
  times,
};
const whose = { tenant: z.string(), client: z.string(), clientName: z.string() };
const tasks = z.record(
  z.string(),
  z.object({
    ...whose,
    type: z.string(),
    completed: count,
    failed: count,
    cancelled: count,
    retried: count,
    run: times,
    wait: times,
  }),
);
const models = z.record(
  z.string(),
  z.object({
    ...whose,
    model: z.string(),
    calls: count,
    failed: count,
    inputTokens: count,
    outputTokens: count,
    cost: count,
    times,
  }),
);
const byName = z.record(z.string(), z.object({ ...counts, name: z.string(), tenant: z.string().optional() }));
const minuteSchema = z.object({
  at: z.int(),
  ...counts,
  queue: count,
  clients: byName,
  tenants: byName,
  assistant: z.object({ tasks, models, waiting: count, characters: count }).default(() => emptyAssistant()),
});

const dayMinutes = 24 * 60;
const bytesMax = 32 * 1024 * 1024;

/**
 * The activity of the last day, kept in a file: one line for each minute in which something happened, written when the minute is
 * over and at the close. A process that is killed loses the minute that was running; it is a figure, not a record.
 * @param trouble is told what could not be read or written; the activity goes on without.
 */
export function openActivity(path: string, trouble: (error: unknown) => void): Activity & { close(): void } {
  const kept = readMinutes(path, trouble);
  const activity = new Activity({ kept });
  let lines = kept.length;
  try {
    // What is older than a day goes at each start.
    writeFileSync(`${path}.new`, kept.map(toLine).join(''), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (error) {
    trouble(error);
  }
  const write = (minute: Minute) => {
    try {
      appendFileSync(path, toLine(minute), { mode: 0o600 });
      // A host that runs for weeks does not keep weeks.
      if (++lines < 2 * dayMinutes) return;
      const recent = readMinutes(path, trouble);
      writeFileSync(`${path}.new`, recent.map(toLine).join(''), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      lines = recent.length;
    } catch (error) {
      trouble(error);
    }
  };
  activity.onMinute = write;
  // A minute in which nothing follows is over too.
  const timer = setInterval(() => activity.now(), 60_000);
  timer.unref();
  return Object.assign(activity, {
    close() {
      clearInterval(timer);
      activity.flush();
    },
  });
}

function toLine(minute: Minute): string {
  return `${JSON.stringify(minute)}\n`;
}

function readMinutes(path: string, trouble: (error: unknown) => void): Minute[] {
  if (!existsSync(path)) return [];
  try {
    const oldest = Math.floor(Date.now() / 60_000) - dayMinutes;
    return readFileSync(path, 'utf8')
      .slice(-bytesMax)
      .split('\n')
      .flatMap((line) => {
        const minute = parse(line);
        return minute && minute.at > oldest ? [minute] : [];
      });
  } catch (error) {
    trouble(error);
    return [];
  }
}

/** A line that a killed process left half written is no line. */
function parse(line: string): Minute | undefined {
  try {
    return minuteSchema.parse(JSON.parse(line)) as Minute;
  } catch {
    return undefined;
  }
}
