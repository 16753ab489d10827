import type { Access, Answer, Asker, Context, ContextNode, Owner, Priority, Task, TaskType } from './context.ts';
import type { Model } from './run.ts';

/** Sent to listeners, so that a window shows what happens as it happens. */
export type AssistantEvent =
  /** Something in the list of contexts is new, changed or gone. */
  | { kind: 'context'; owner: Owner; contextId: string }
  /** A node is new or has changed as a whole. A later change of whatever node has a higher number. */
  | { kind: 'node'; owner: Owner; node: ContextNode; change: number }
  /** Text was appended to a node. `at` is the length that the node's text had before. */
  | { kind: 'delta'; owner: Owner; contextId: string; nodeId: string; at: number; text: string }
  | { kind: 'node-deleted'; owner: Owner; contextId: string; nodeId: string }
  | { kind: 'task'; owner: Owner; task: Task }
  | { kind: 'models' };

/** What a door may say with a request. */
export interface Asked {
  /** What a run may do; absent for what the person at the window allows the agent. */
  access?: Access;
  /** A request with the key of an earlier one by the same asker is that one, and does nothing again. */
  idempotencyKey?: string;
}

/** What the window, the REST service and tests can ask of the assistant. Each operation becomes a task. */
export interface AssistantService {
  /** The owner's contexts, the last changed first. `search` looks in titles and texts; `before` is the id that the page before has ended with. */
  contexts(owner: Asker, options?: { search?: string; limit?: number; before?: string }): Context[];
  /** @throws AssistantError CONTEXT_NOT_FOUND, also for those of others. */
  context(owner: Asker, id: string): { context: Context; nodes: ContextNode[]; tasks: Task[] };
  /** @throws AssistantError MODEL_NOT_FOUND, TOO_MANY_CONTEXTS, INVALID. */
  createContext(
    owner: Owner,
    input: {
      modelId?: string;
      title?: string;
      nodes?: { content: string; contentType?: string; metadata?: Record<string, unknown> }[];
      metadata?: Record<string, unknown>;
      priority?: Priority;
    } & Asked,
  ): Promise<{ task: Task; context: Context }>;
  renameContext(owner: Asker, id: string, title: string): Promise<void>;
  /** Chooses another model for the prompts that come. @throws AssistantError CONTEXT_NOT_FOUND, MODEL_NOT_FOUND. */
  setModel(owner: Asker, id: string, modelId: string): Promise<void>;
  deleteContext(owner: Asker, id: string): Promise<Task>;
  /**
   * Adds a prompt; resolves when it is on disk, not when it is answered. `tasks` and events tell the rest.
   * @throws AssistantError CONTEXT_NOT_FOUND, BUSY past the bound of waiting prompts.
   */
  addPrompt(
    owner: Asker,
    contextId: string,
    input: { prompt: string; metadata?: Record<string, unknown>; priority?: Priority } & Asked,
  ): Promise<Task>;
  addNode(
    owner: Asker,
    contextId: string,
    node: { content: string; contentType?: string; metadata?: Record<string, unknown>; priority?: Priority },
  ): Promise<{ task: Task; node: ContextNode }>;
  deleteNode(owner: Asker, contextId: string, nodeId: string): Promise<Task>;
  /** The newest first. @param filter.before the id of the task that the page before has ended with. */
  tasks(
    owner: Asker,
    filter?: { contextId?: string; status?: Task['status']; type?: TaskType; limit?: number; before?: string },
  ): Task[];
  /** @throws AssistantError TASK_NOT_FOUND. */
  task(owner: Asker, id: string): Task;
  /** Resolves when the task has ended, in whatever way. */
  ended(owner: Asker, taskId: string, signal?: AbortSignal): Promise<Task>;
  /** Ends a task that is scheduled or running; what waits in it is cancelled. */
  cancel(owner: Asker, taskId: string): Promise<Task>;
  /** Runs the last prompt of a context again, after a failure or a stop. */
  retry(owner: Asker, taskId: string): Promise<Task>;
  /** Answers a question that waits. @returns its node. @throws AssistantError QUESTION_NOT_FOUND, ALREADY_ANSWERED, INVALID (names the field). */
  answer(owner: Asker, contextId: string, questionId: string, answer: Answer): Promise<ContextNode>;
  /** Keeps what is half filled in, so that it is there after a reload. */
  keepDraft(owner: Asker, contextId: string, questionId: string, draft: Record<string, unknown>): Promise<void>;
  models(): readonly Model[];
  onEvent(listener: (event: AssistantEvent) => void): () => void;
  close(): Promise<void>;
}

/** What the service refuses; each door maps the code once. */
export class AssistantError extends Error {
  readonly code:
    | 'CONTEXT_NOT_FOUND'
    | 'NODE_NOT_FOUND'
    | 'TASK_NOT_FOUND'
    | 'QUESTION_NOT_FOUND'
    | 'ALREADY_ANSWERED'
    | 'MODEL_NOT_FOUND'
    | 'TOO_MANY_CONTEXTS'
    | 'TOO_LARGE'
    | 'BUSY'
    | 'CONTEXT_IN_USE'
    | 'KEY_REUSED'
    | 'INVALID'
    | 'UNAVAILABLE';
  /** The field of the input that is wrong, as the caller spells it. */
  readonly field: string | undefined;

  constructor(code: AssistantError['code'], message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}
