/** What a conversation with the agent consists of, as it is kept and shown. All of it is plain JSON. */

/** One call of a tool, shown as a card. */
export interface ToolCall {
  kind: 'tool-call';
  id: string;
  /** The tool's name as MCP knows it, for example `scim_update_user`. */
  tool: string;
  arguments: Record<string, unknown>;
  state: 'running' | 'succeeded' | 'failed';
  /** What happened, in one sentence, where the result does not say it. */
  summary?: string;
  /** The structured result as the server sent it. */
  result?: unknown;
  versionBefore?: string;
  versionAfter?: string;
  /** How many times the adapter sent it, version mismatches included. */
  attempts: number;
  durationMs?: number;
}

export interface Text {
  kind: 'text';
  text: string;
}

/** A question with answers to choose from; answering sends the choice's text as a new message. */
export interface Choice {
  kind: 'choice';
  question: string;
  options: { label: string; send: string }[];
}

export interface Message {
  /** Of the agent's: also the run that its changes are recorded with. */
  id: string;
  from: 'person' | 'agent';
  /** RFC 3339, UTC. */
  at: string;
  parts: (Text | ToolCall | Choice)[];
  /** True while the agent is still at work on it. */
  open: boolean;
}

/** Sent to listeners: the message as it is now (new or changed), or that the conversation was emptied. */
export type ConversationEvent = { kind: 'message'; tenant: string; message: Message } | { kind: 'cleared'; tenant: string };

/** What the window can ask of the agent. One conversation for each tenant, kept in memory, bounded. */
export interface Assistant {
  /** How the model is labelled, for example "Offline demo agent (rules, no AI)". */
  readonly label: string;
  messages(tenant: string): Message[];
  /**
   * Sends a person's message; the answer arrives as events. Resolves when it was accepted, not when it is answered.
   * @param focus the user that is open in the window: "this user", "her", "them" mean it.
   */
  send(request: { tenant: string; text: string; focus?: { id: string; name: string } | undefined }): Promise<void>;
  /** Plays the AI-human scenario on a user: the agent changes the fields named, through MCP, as any agent would. */
  showConflict(request: { tenant: string; userId: string; fields: string[] }): Promise<void>;
  /** Ends what the agent is doing in this tenant. */
  stop(tenant: string): void;
  clear(tenant: string): void;
  onEvent(listener: (event: ConversationEvent) => void): () => void;
  close(): Promise<void>;
}
