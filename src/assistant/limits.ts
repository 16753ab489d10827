const dayMs = 86_400_000;

/** Bounds of the assistant's service. Times in milliseconds, sizes in UTF-16 units. */
export const assistantLimits = {
  /** Contexts of one owner; `max_contexts` of the settings. */
  contextsMax: 100,
  /** Contexts of one application, all its users together. */
  contextsOfPrincipalMax: 10_000,
  /** How long a run may work; waiting for a person's answer is not counted. The `timeout` of the settings, where that is longer. */
  workMs: 10 * 60_000,
  /** A context in which nothing happens for so long is removed. */
  idleMs: 30 * dayMs,
  /** How long a task that has ended can be asked about. */
  keepTasksMs: 7 * dayMs,
  titleMax: 200,
  nodesMax: 2000,
  nodeSizeMax: 256 * 1024,
  contextSizeMax: 8 * 1024 * 1024,
  metadataSizeMax: 16 * 1024,
  draftSizeMax: 64 * 1024,
  /** Tasks of one principal that have not ended. */
  waitingMax: 200,
  /** Runs that work at the same time; those that wait for an answer are not counted. */
  runsMax: 8,
  /** Runs at the same time, those that wait for an answer included. */
  openRunsMax: 500,
  /** Cheap operations that share one transaction. */
  batchMax: 64,
  /** For so long a task must wait to be as urgent as one of the next higher priority that comes then. */
  agingMs: 30_000,
  /** How often a run may fail for a passing reason, or be cut off by the end of the process, before it has failed. */
  failuresMax: 3,
  firstRetryMs: 500,
  retryMaxMs: 60_000,
  /** How long a run that was stopped may take to tidy up. */
  graceMs: 2000,
  /** How much later than it was streamed the text of an answer is on disk. */
  textFlushMs: 100,
  /** How often what has expired is looked for. */
  sweepMs: 3_600_000,
};
export type AssistantLimits = typeof assistantLimits;
