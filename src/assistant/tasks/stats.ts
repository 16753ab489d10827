import { priorities, taskTypes, type Priority, type Task, type TaskType } from '../context.ts';

/** Upper ends of the groups into which durations are counted, in seconds; the last group has none. */
const bucketsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] as const;

/** Tasks of one type since the start of the process. */
export interface TypeStats {
  completed: number;
  failed: number;
  cancelled: number;
  /** Times that one was tried again for a passing reason. */
  retried: number;
  /** From its creation to its first beginning, all together. */
  waitSeconds: number;
  /** From its first beginning to its end, all together. */
  runSeconds: number;
  /** How many ran at most so many seconds (and more than the group before); `le` is absent in the last. */
  durations: { le?: number; n: number }[];
}

/** What a dashboard of the service shows. */
export interface AssistantStats {
  types: Record<TaskType, TypeStats>;
  /** Scheduled tasks by priority. */
  queue: Record<Priority, number>;
  running: number;
  /** Runs that wait for a person's answer; they are among those that run. */
  waitingForAnswer: number;
  contexts: number;
  nodes: number;
  /** Characters of all nodes together. */
  size: number;
}

/** Counts what has become of tasks. */
export class TaskCounts {
  readonly types = Object.fromEntries(
    taskTypes.map((type) => [
      type,
      {
        completed: 0,
        failed: 0,
        cancelled: 0,
        retried: 0,
        waitSeconds: 0,
        runSeconds: 0,
        durations: [...bucketsSeconds.map((le) => ({ le, n: 0 })), { n: 0 }],
      },
    ]),
  ) as unknown as Record<TaskType, TypeStats>;

  /** Counts a task that has ended. */
  add({ type, status, created, started, ended }: Task): void {
    const counts = this.types[type];
    if (status !== 'completed' && status !== 'failed' && status !== 'cancelled') return;
    counts[status]++;
    if (started === undefined || ended === undefined) return;
    const seconds = (Date.parse(ended) - Date.parse(started)) / 1000;
    counts.waitSeconds += (Date.parse(started) - Date.parse(created)) / 1000;
    counts.runSeconds += seconds;
    const bucket = counts.durations.find(({ le = Number.POSITIVE_INFINITY }) => seconds <= le);
    if (bucket) bucket.n++;
  }
}

/** No task of any priority. */
export function emptyQueue(): Record<Priority, number> {
  return Object.fromEntries(priorities.map((priority) => [priority, 0])) as Record<Priority, number>;
}
