import type { Access, Answer, Context, ContextNode, Owner, Question, Usage } from './context.ts';

/** What a task of the type `mcp.add_prompt` gives the agent to work with. The service (contexts, tasks) implements it. */
export interface Run {
  /** The task's id; the changes that the run makes in the directory are recorded under it. */
  id: string;
  owner: Owner;
  /** What the key must be limited to with which the run calls our own MCP server. */
  access: Access;
  context: Context;
  /**
   * Everything in the context now, the prompt's own node included. After a restart also what an earlier attempt of this run
   * has left (`metadata.task` is the run's id): calls that were in flight then are `interrupted`, questions still wait.
   */
  nodes(): readonly ContextNode[];
  /** Aborted when the person presses Stop, the time is up, or Tandem closes. `reason` says which (StopReason). */
  signal: AbortSignal;
  /** Appends to the answer's text; a new node begins after each `put`. Streamed at once, on disk within a moment. */
  say(delta: string): void;
  /** Adds a node at the end, or replaces the one with this id. On disk when it resolves. */
  put(node: { id: string; contentType: string; content: string; metadata?: Record<string, unknown> }): Promise<void>;
  /**
   * Asks the person and waits. A question with the id of one that is already there waits on with that, so that a run that is
   * taken up again after a restart asks nothing twice.
   * @throws the signal's reason when the run is stopped.
   */
  ask(question: Omit<Question, 'state' | 'draft' | 'answer'>): Promise<Answer>;
  /** Remembers that a tool (`server/tool`) may be called in this conversation without asking. */
  allow(tool: string): Promise<void>;
  /** Adds to what the context has used. */
  use(usage: Usage): Promise<void>;
}

/** For whom a task is done, as meters tell clients apart. */
export function clientOf({ owner, access }: { owner: Owner; access: Access }): {
  tenant: string;
  client: { id: string; name: string };
} {
  return { tenant: owner.tenant, client: { id: owner.principal ?? 'agent', name: access.name } };
}

/** Does the work of a prompt: the agent's loop around a model, with the tools of MCP servers. */
export interface Runner {
  /**
   * @returns what the task's output holds.
   * @throws RunError with a code that the task's error holds; transient ones are tried again by the worker.
   */
  run(run: Run): Promise<{ finish: 'answered' | 'steps' | 'asked'; model: string; usage: Usage }>;
  /** The models that a context may name. */
  models(): readonly Model[];
  close(): Promise<void>;
}

/** A model that contexts can name. */
export interface Model {
  /** As `model_id` names it, for example `offline-rules` or `anthropic/claude-sonnet-5`. */
  id: string;
  label: string;
  provider: 'offline' | 'openai-compatible' | 'anthropic';
  /** Whether it can be used now; `detail` says why not. */
  available: boolean;
  detail?: string;
  /** Tokens that fit into a request; the conversation is summarised before it is longer. */
  contextTokens: number;
}

/** Why a run could not go on. */
export class RunError extends Error {
  /** For example `MODEL_UNAVAILABLE`, `MODEL_REFUSED`, `TIMEOUT`, `TOOLS_UNREACHABLE`. */
  readonly code: string;
  /** Whether the same may succeed later, and when, in milliseconds, if the other side said so. */
  readonly transient: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    options: { transient?: boolean; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.transient = options.transient ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The reason of a run's signal. */
export type StopReason = 'stopped' | 'timeout' | 'closing';
