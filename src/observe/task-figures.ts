/** What the assistant has done since the start of the process, and what it has to do. */
export interface TaskFigures {
  rows: {
    /** The kind of task, such as `mcp.add_prompt`. */
    type: string;
    completed: number;
    failed: number;
    cancelled: number;
    /** On average, in milliseconds; absent where none has ended. */
    runMs?: number;
    waitMs?: number;
  }[];
  waiting: number;
  running: number;
  /** Conversations, and what is in all of them. */
  contexts: number;
  nodes: number;
  characters: number;
}
