import { priorities, taskTypes, type Priority, type Task, type TaskType } from '../context.ts';

/** Tasks of one type since the start of the process. */
export interface TypeStats {
  completed: number;
  failed: number;
  cancelled: number;
  /** Times that one was tried again for a passing reason. */
  retried: number;
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
      },
    ]),
  ) as unknown as Record<TaskType, TypeStats>;

  /** Counts a task that has ended. */
  add({ type, status }: Task): void {
    if (status === 'completed' || status === 'failed' || status === 'cancelled') this.types[type][status]++;
  }
}

/** No task of any priority. */
export function emptyQueue(): Record<Priority, number> {
  return Object.fromEntries(priorities.map((priority) => [priority, 0])) as Record<Priority, number>;
}
