/** Bounds of event streams. */
export const streamLimits = {
  streamsPerTenantMax: 20,
  /** Changes that a stream looks ahead, so many at most are unacknowledged; the rest stays in the directory's history. */
  aheadMax: 1000,
  /** Changes of all tenants that one step reads past, and how long that may hold the process: a few milliseconds. */
  scanStep: 5000,
  /** Changes of other tenants that are read past again, at most, after a restart. */
  unsavedMax: 20_000,
  pollEventsDefault: 100,
  pollEventsMax: 1000,
  /** Tokens in one answer, as text; one is always sent. */
  pollBytesMax: 4 * 1024 * 1024,
  pollWaitMs: 30_000,
  acknowledgedMax: 10_000,
  /** A poll that may wait is not given again what was given to another one less than this before. */
  offeredAgainMs: 5000,
  pushTimeoutMs: 10_000,
  /** What a receiver answers is read no further than this. */
  answerBytesMax: 8 * 1024,
  /** How often a stream of a suspended tenant looks whether it goes on. */
  suspendedMs: 30_000,
  /** Members that one event names; of more it says only that there are changes. */
  membersMax: 1000,
  urlLengthMax: 2000,
  audienceLengthMax: 500,
  authorizationLengthMax: 2000,
} as const;

/** How often an event is sent to a receiver that fails, and the pauses between, which grow with jitter: about 15 minutes in all. */
export const pushRetries = { attemptsMax: 13, firstDelayMs: 500, delayMaxMs: 300_000 };
export type PushRetries = typeof pushRetries;
