/** What Tandem and its assistant have to do now, and what its conversations hold. */
export interface Now {
  /** Changes that wait to be written. */
  writesWaiting: number;
  /** Tasks of the assistant. */
  waiting: number;
  running: number;
  /** Of these, the ones that wait for a person. */
  waitingForAnswer: number;
  /** Conversations, and what is in them; of one tenant where one is asked about. */
  contexts: number;
  nodes: number;
  characters: number;
}
