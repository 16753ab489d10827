/** Bounds on what the directory takes. Everything that grows has one. */
export const limits = {
  /** Canonical JSON of one resource. */
  resourceBytesMax: 256 * 1024,
  /** One string value, in UTF-16 units. */
  stringLengthMax: 32 * 1024,
  userNameLengthMax: 256,
  /** Of an id that anybody could have. */
  idLengthMax: 128,
  /** Names of users that are kept at hand. */
  namesKeptMax: 10_000,
  /** Elements of one multi-valued attribute. */
  elementsMax: 1000,
  /** Members that one write may name; a group may have more. */
  membersPerWriteMax: 100_000,
  /** Members of one group. */
  membersMax: 1_000_000,
  /** Changes of members that a revision lists one by one; of more it tells the number. */
  memberChangesListedMax: 100,
  /** Extension schemas that a tenant gives its users or groups. */
  extensionsMax: 50,
  /** Attributes of one extension, sub-attributes of one of them, values that a definition lists. */
  extensionAttributesMax: 200,
  /** Resources that the check of an extension names for each thing that stands against it. */
  extensionExamplesMax: 10,
  /** Resources from which one call takes the values of an extension. */
  extensionClearedAtOnce: 100,
  /** Letters of a word that the text index can find; shorter ones are taken as the beginning of a name. */
  searchWordMin: 3,
  /** Resources on one page of a list. */
  pageMax: 500,
  /** Operations of one bulk request. */
  bulkOperationsMax: 1000,
  /** Writes waiting for the disk before the directory answers UNAVAILABLE. */
  writesWaitingMax: 10_000,
  /** Writes that share one commit; bounds how long the event loop is held. */
  writesPerCommitMax: 128,
  /** Rows of a deleted tenant that one step removes. */
  rowsRemovedAtOnceMax: 500,
  /** How often one agent may be refused for a conflict and try again, where its tenant's policy says nothing else. */
  retryBudget: { retries: 300, perMinutes: 1 },
  /** Revisions of one resource that one page of its history looks at. */
  historyReadMax: 5000,
  /** Revisions of one resource that an undo can go back over. */
  undoRevisionsMax: 5000,
  /** Resources whose history is looked at in one step, to remove what is not kept. */
  retentionStep: 200,
  /** Resources that one undo can be about. */
  undoResourcesMax: 10_000,
  /** Revisions read to explain one conflict. */
  conflictRevisionsMax: 1000,
} as const;
