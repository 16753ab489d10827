/** Bounds on what the directory takes. Everything that grows has one. */
export const limits = {
  /** Canonical JSON of one resource. */
  resourceBytesMax: 256 * 1024,
  /** One string value, in UTF-16 units. */
  stringLengthMax: 32 * 1024,
  userNameLengthMax: 256,
  /** Elements of one multi-valued attribute. */
  elementsMax: 1000,
  /** Resources on one page of a list. */
  pageMax: 500,
  /** Writes waiting for the disk before the directory answers UNAVAILABLE. */
  writesWaitingMax: 10_000,
  /** Writes that share one commit; bounds how long the event loop is held. */
  writesPerCommitMax: 128,
  /** Revisions read to explain one conflict. */
  conflictRevisionsMax: 1000,
} as const;
