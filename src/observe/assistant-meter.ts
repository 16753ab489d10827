/** For whom the assistant works. */
interface MeteredOwner {
  tenant: string;
  client: { id: string; name: string };
}

/** A task of the assistant that has ended. */
export interface MeteredTask extends MeteredOwner {
  /** Such as `mcp.add_prompt`. */
  type: string;
  status: 'completed' | 'failed' | 'cancelled';
  /** From its first beginning to its end, and from its creation to its first beginning; absent where it never began. */
  runMs?: number;
  waitMs?: number;
}

/** A question to a model that was answered, or was not. */
export interface MeteredModelCall extends MeteredOwner {
  /** As the settings name it: `endpoint/model`. */
  model: string;
  /** `ok`, or the code of what went wrong. */
  result: string;
  ms: number;
  inputTokens: number;
  outputTokens: number;
  /** US dollars; absent where the model has no known price. */
  cost?: number | undefined;
}

/** What the assistant tells of its work; main says what becomes of it. None of it may throw. */
export interface AssistantMeter {
  task(task: MeteredTask): void;
  /** A task is tried again for a passing reason. */
  taskRetried(task: MeteredOwner & Pick<MeteredTask, 'type'>): void;
  modelCall(call: MeteredModelCall): void;
}
