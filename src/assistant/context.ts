/** What the assistant keeps: contexts (conversations), their nodes, and the tasks that work on them (seed 004). All of it is plain JSON. */

/** Whose a context is. The person at the window is `administrator`, without a principal. */
export interface Owner {
  tenant: string;
  /** The person that it is for; empty where an application works for itself. */
  userId: string;
  /** The application that works for the person, over REST: the id of its OAuth client or access key. */
  principal?: string;
}

/** Who asks: an owner, or an application that asks about all its users. */
export type Asker = Omit<Owner, 'userId'> & Partial<Pick<Owner, 'userId'>>;

/** With which rights a run acts in the directory: those of whoever asked for it, and no more. */
export interface Access {
  /** Scopes of the directory, for example `scim:read`. */
  scopes: readonly string[];
  /** What the changes of the run are signed with, for example `Tandem's agent`. */
  name: string;
}

export const priorities = ['low', 'medium', 'high'] as const;
export type Priority = (typeof priorities)[number];

/** A conversation: its nodes in their order, and the model that answers in it. */
export interface Context {
  id: string;
  owner: Owner;
  /** What the list shows; made from the first prompt until a person names it. */
  title: string;
  modelId: string;
  /** The caller's own data. */
  metadata: Record<string, unknown>;
  /** Tools that the person has allowed for this conversation, as `server/tool`. */
  allowedTools: readonly string[];
  /** Tokens used so far, and what they cost where the model's prices are known. */
  usage: Usage;
  /** RFC 3339, UTC. */
  created: string;
  updated: string;
  /** When it is removed if nothing happens in it. */
  expires: string;
}

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  /** US dollars; absent where the model has no known price. */
  cost?: number;
}

/**
 * One piece of a context. `contentType` says what `content` is: `text`, or JSON of a ToolCall (`tool_call`), of a Question
 * (`question`), of a Summary (`summary`), of a RunPlan (`plan`), or what a caller of the REST service has put there.
 */
export interface ContextNode {
  id: string;
  contextId: string;
  content: string;
  contentType: string;
  /** `role` is `system`, `user`, `assistant` or `tool`; `task` names the task that made it. */
  metadata: { role?: string; task?: string } & Record<string, unknown>;
  created: string;
}

export const taskTypes = [
  'mcp.create_context',
  'mcp.add_prompt',
  'mcp.add_node',
  'mcp.delete_node',
  'mcp.delete_context',
] as const;
export type TaskType = (typeof taskTypes)[number];
export type TaskStatus = 'scheduled' | 'running' | 'completed' | 'failed' | 'cancelled';

/** One operation of the service, kept in the database until it has ended and a while longer. */
export interface Task {
  id: string;
  type: TaskType;
  owner: Owner;
  contextId?: string;
  priority: Priority;
  status: TaskStatus;
  input: Record<string, unknown>;
  output?: Record<string, unknown>;
  error?: { code: string; message: string };
  /** How often a worker has begun it. */
  attempts: number;
  created: string;
  started?: string;
  ended?: string;
}

/** One call of a tool, as the conversation shows it. */
export interface ToolCall {
  id: string;
  /** Which MCP server: `tandem`, or the name of one that the person has added. */
  server: string;
  /** The tool's name as MCP knows it, for example `scim_update_user`. */
  tool: string;
  arguments: Record<string, unknown>;
  /** `interrupted`: Tandem ended while it ran, and whether it was done is not known. */
  state: 'running' | 'succeeded' | 'failed' | 'interrupted';
  /** What an interrupted call needs to go on where it stopped: what the server has asked, and its own opaque state. */
  continuation?: { requestState?: string; inputRequests?: Record<string, unknown>; round: number };
  /** What happened, in one sentence, where the result does not say it. */
  summary?: string;
  /** The structured result as the server sent it, or its text. */
  result?: unknown;
  versionBefore?: string;
  versionAfter?: string;
  /** How many times the adapter sent it, version mismatches included. */
  attempts: number;
  durationMs?: number;
}

/** What came before, in short; what it stands for is no longer sent to the model, and still shown to the person. */
export interface Summary {
  text: string;
  /** The id of the last node that it stands for. */
  until: string;
}

/**
 * What a run asks the person in the middle of its work. It waits, also across a restart, until it is answered, the run is
 * stopped, or its deadline has passed.
 */
export interface Question {
  id: string;
  /**
   * `form`: fields of `schema`; `url`: a page to visit, then to come back; `permission`: may this tool be called; `choice`:
   * one of `options`.
   */
  kind: 'form' | 'url' | 'permission' | 'choice';
  /** Who asks: `agent`, or the name of the MCP server. */
  from: string;
  message: string;
  /** JSON Schema of the answer: an object of plain fields (MCP elicitation, form mode). */
  schema?: Record<string, unknown>;
  url?: string;
  options?: { label: string; value: string }[];
  /** The call that a permission is for, or that asks. */
  call?: { id: string; server: string; tool: string; arguments: Record<string, unknown> };
  state: 'pending' | 'accepted' | 'declined' | 'cancelled' | 'expired';
  /** The half-filled form as the window last kept it. */
  draft?: Record<string, unknown>;
  answer?: Record<string, unknown>;
  deadline: string;
}

/** `decline`: no; `cancel`: put away without an answer. `scope` says how far a permission goes. */
export interface Answer {
  action: 'accept' | 'decline' | 'cancel';
  content?: Record<string, unknown>;
  scope?: 'once' | 'conversation' | 'always';
}

export const planStates = ['todo', 'doing', 'done'] as const;

/** What a run is going to do, as its model has said, and how far it is. */
export interface RunPlan {
  steps: { text: string; state: (typeof planStates)[number] }[];
}
