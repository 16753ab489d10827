/** A tool call that was answered. */
export interface MeteredToolCall {
  tool: string;
  /** `ok`, or the error code of the refusal. */
  result: string;
  /** How long it took. */
  ms: number;
  tenant: string;
  client: { id: string; name: string };
}

/** What a room tells of its tool calls; main says what becomes of it. It must not throw. */
export type ToolMeter = (call: MeteredToolCall) => void;
