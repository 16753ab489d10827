import type { Answer, Context, ContextNode, Question, ToolCall, Usage } from '../context.ts';
import type { Run } from '../run.ts';

/** What answers a run's questions in a test: an answer, or nothing to leave it waiting. */
export type Answering = (question: Question) => Answer | undefined | Promise<Answer | undefined>;

/** A run in memory, which keeps nodes and questions as the service does. */
export class TestRun implements Run {
  readonly id: string;
  readonly owner = { tenant: 'default', userId: 'administrator' };
  readonly access = { scopes: ['scim:read', 'scim:write'], name: "Tandem's agent" };
  readonly context: Context;
  readonly used: Usage = { inputTokens: 0, outputTokens: 0 };
  readonly #nodes: ContextNode[];
  readonly #abort = new AbortController();
  readonly #answering: Answering;
  /** How often each node was put. */
  readonly puts = new Map<string, number>();

  constructor(
    prompt: string,
    options: {
      metadata?: Record<string, unknown>;
      modelId?: string;
      /** Goes on in this conversation. */
      after?: TestRun;
      /** The same run, taken up again after a restart. */
      again?: TestRun;
      answering?: Answering;
    } = {},
  ) {
    const { after, again, modelId = 'offline-rules', metadata = {}, answering = () => undefined } = options;
    const before = again ?? after;
    this.id = again?.id ?? crypto.randomUUID();
    this.#answering = answering;
    const now = new Date().toISOString();
    this.context = before?.context ?? {
      id: crypto.randomUUID(),
      owner: this.owner,
      title: 'Test',
      modelId,
      metadata: {},
      allowedTools: [],
      usage: this.used,
      created: now,
      updated: now,
      expires: now,
    };
    this.#nodes = structuredClone(before?.allNodes ?? []);
    if (again) for (const node of this.#nodes) if (node.contentType === 'tool_call') interrupt(node);
    if (!again) this.#add({ content: prompt, contentType: 'text', metadata: { ...metadata, role: 'user', task: this.id } });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get allNodes(): ContextNode[] {
    return this.#nodes;
  }

  nodes(): readonly ContextNode[] {
    return this.#nodes;
  }

  stop(reason: 'stopped' | 'closing' = 'stopped'): void {
    this.#abort.abort(reason);
  }

  say(delta: string): void {
    const last = this.#nodes.at(-1);
    if (last?.contentType === 'text' && last.metadata.role === 'assistant' && last.metadata.task === this.id)
      last.content += delta;
    else this.#add({ content: delta, contentType: 'text', metadata: { role: 'assistant', task: this.id } });
  }

  async put(node: Parameters<Run['put']>[0]): Promise<void> {
    this.puts.set(node.id, (this.puts.get(node.id) ?? 0) + 1);
    const known = this.#nodes.find(({ id }) => id === node.id);
    if (known) Object.assign(known, node, { metadata: { ...known.metadata, ...node.metadata, task: this.id } });
    else this.#add({ ...node, metadata: { role: 'assistant', ...node.metadata, task: this.id } });
  }

  async ask(asked: Parameters<Run['ask']>[0]): Promise<Answer> {
    this.signal.throwIfAborted();
    let node = this.#nodes.find(({ id }) => id === asked.id);
    node ??= this.#add({
      id: asked.id,
      contentType: 'question',
      content: JSON.stringify({ ...asked, state: 'pending' }),
      metadata: { role: 'assistant', task: this.id },
    });
    const question = JSON.parse(node.content) as Question;
    if (question.state !== 'pending')
      return {
        action: question.state === 'accepted' ? 'accept' : 'decline',
        ...(question.answer && { content: question.answer }),
      };
    const stopped = new Promise<never>((_resolve, reject) => {
      // As the service does: the reason is what stopped it.
      this.signal.addEventListener('abort', () => reject(this.signal.reason), { once: true });
    });
    stopped.catch(() => {});
    const answer = await Promise.race([Promise.resolve(this.#answering(question)), stopped]);
    if (!answer) return stopped;
    const state = answer.action === 'accept' ? 'accepted' : answer.action === 'decline' ? 'declined' : 'cancelled';
    node.content = JSON.stringify({ ...question, state, ...(answer.content && { answer: answer.content }) });
    return answer;
  }

  async allow(tool: string): Promise<void> {
    this.context.allowedTools = [...this.context.allowedTools, tool];
  }

  async use({ inputTokens, outputTokens, cost }: Usage): Promise<void> {
    this.used.inputTokens += inputTokens;
    this.used.outputTokens += outputTokens;
    if (cost !== undefined) this.used.cost = (this.used.cost ?? 0) + cost;
  }

  /** What the agent has said in this run. */
  get text(): string {
    return this.#nodes
      .filter(({ contentType, metadata }) => contentType === 'text' && metadata.role === 'assistant' && metadata.task === this.id)
      .map(({ content }) => content)
      .join('\n');
  }

  get calls(): ToolCall[] {
    return this.#ofType('tool_call') as ToolCall[];
  }

  get questions(): Question[] {
    return this.#ofType('question') as Question[];
  }

  #ofType(type: string): unknown[] {
    return this.#nodes
      .filter(({ contentType, metadata }) => contentType === type && metadata.task === this.id)
      .map(({ content }) => JSON.parse(content) as unknown);
  }

  #add(node: Omit<ContextNode, 'id' | 'contextId' | 'created'> & { id?: string }): ContextNode {
    const made = { id: crypto.randomUUID(), contextId: this.context.id, created: new Date().toISOString(), ...node };
    this.#nodes.push(made);
    return made;
  }
}

/** As the service marks what was running when the process ended. */
function interrupt(node: ContextNode): void {
  const call = JSON.parse(node.content) as ToolCall;
  if (call.state === 'running') node.content = JSON.stringify({ ...call, state: 'interrupted' });
}
