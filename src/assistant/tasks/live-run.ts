import { randomUUID } from 'node:crypto';
import type { Access, Answer, Context, ContextNode, Owner, Question, ToolCall, Usage } from '../context.ts';
import type { AssistantLimits } from '../limits.ts';
import { RunError, type Run, type StopReason } from '../run.ts';
import type { AssistantEvent } from '../service.ts';
import type { AssistantStore } from '../store/assistant-store.ts';
import type { NumberedNode } from '../store/node-table.ts';
import type { Hold, StoredTask } from '../store/task-table.ts';
import { questionOf, type Questions } from './questions.ts';
import { WorkClock } from './work-clock.ts';

/** What a run needs of the service around it. */
export interface RunGround {
  store: AssistantStore;
  questions: Questions;
  limits: AssistantLimits;
  now: () => number;
  emit: (event: AssistantEvent) => void;
  /** Is told when the run begins and ends to wait for a person. */
  onWaiting: (isWaiting: boolean) => void;
}

/** The text that is being streamed. */
interface OpenText {
  node: ContextNode;
  change: number;
  isKept: boolean;
  /** What is not on disk yet. */
  pending: string;
}

/** One attempt at a prompt. What it writes counts only while its task is held by it. */
export class LiveRun implements Run {
  readonly id: string;
  readonly owner: Owner;
  readonly access: Access;
  readonly hold: Hold;
  readonly #begun: Context;
  readonly #ground: RunGround;
  readonly #controller = new AbortController();
  readonly #clock: WorkClock;
  #text: OpenText | undefined;
  /** All that it has said, since the disk is behind. */
  readonly #said: OpenText[] = [];
  #flushTimer: NodeJS.Timeout | undefined;
  #isSealed = false;
  #waits = 0;

  constructor(stored: StoredTask, context: Context, hold: Hold, ground: RunGround) {
    this.id = stored.task.id;
    this.owner = stored.task.owner;
    this.access = stored.access;
    this.hold = hold;
    this.#begun = context;
    this.#ground = ground;
    this.#clock = new WorkClock(ground.limits.workMs, () => this.stop('timeout'));
  }

  get contextId(): string {
    return this.#begun.id;
  }

  get context(): Context {
    return this.#ground.store.contexts.get(this.#begun.id) ?? this.#begun;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stop(reason: StopReason): void {
    this.#controller.abort(reason);
  }

  nodes(): readonly ContextNode[] {
    const nodes = this.#ground.store.nodes.list(this.#begun.id);
    return withTexts(nodes, this.texts()).map(({ node }) => node);
  }

  /** What it has said, as far as it has come. */
  texts(): NumberedNode[] {
    return this.#said.map(({ node, change }) => ({ node: { ...node }, change }));
  }

  say(delta: string): void {
    if (delta === '' || this.#isSealed) return;
    const { owner } = this;
    this.#text ??= this.#beginText();
    const { node } = this.#text;
    const at = node.content.length;
    node.content += delta;
    this.#text.pending += delta;
    if (node.content.length > this.#ground.limits.nodeSizeMax) {
      this.#keepText();
      this.#text = undefined;
    }
    this.#ground.emit({ kind: 'delta', owner, contextId: node.contextId, nodeId: node.id, at, text: delta });
    this.#flushTimer ??= setTimeout(() => this.#keepText(), this.#ground.limits.textFlushMs);
  }

  #beginText(): OpenText {
    const node = this.#newNode({ id: randomUUID(), contentType: 'text', content: '' });
    const change = this.#ground.store.nodes.nextChange();
    this.#ground.emit({ kind: 'node', owner: this.owner, node: { ...node }, change });
    const text = { node, change, isKept: false, pending: '' };
    this.#said.push(text);
    return text;
  }

  #newNode(node: Pick<ContextNode, 'id' | 'content' | 'contentType'>, metadata: Record<string, unknown> = {}): ContextNode {
    const created = new Date(this.#ground.now()).toISOString();
    return { ...node, contextId: this.#begun.id, metadata: { role: 'assistant', ...metadata, task: this.id }, created };
  }

  /** Brings the text onto the disk; a failure is told by the next `put`, or by the end of the run. */
  #keepText(): void {
    const text = this.#takePending();
    if (text) this.#write(text).catch(() => {});
  }

  /** @returns what writes the text that is not on disk yet, within a transaction. */
  #takePending(): (() => void) | undefined {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    const text = this.#text;
    if (!text || text.pending === '') return undefined;
    const { nodes } = this.#ground.store;
    const { node, change, isKept, pending } = text;
    const content = node.content;
    text.isKept = true;
    text.pending = '';
    return () => (isKept ? nodes.append(node.contextId, node.id, pending) : nodes.put({ ...node, content }, change));
  }

  /** @throws RunError STALE if the task is not this run's any more, AssistantError UNAVAILABLE. */
  #write<T>(work: () => T): Promise<T> {
    return this.#ground.store.write(() => {
      if (!this.#ground.store.tasks.isHeld(this.hold)) throw new RunError('STALE', 'This run has ended already.');
      return work();
    });
  }

  async put(put: { id: string; contentType: string; content: string; metadata?: Record<string, unknown> }): Promise<void> {
    const { store, limits } = this.#ground;
    const text = this.#takePending();
    this.#text = undefined;
    const change = store.nodes.nextChange();
    const node = await this.#write(() => {
      text?.();
      const old = store.nodes.get(this.#begun.id, put.id)?.node;
      if (old && old.metadata.task !== this.id)
        throw new RunError('INVALID_NODE', `The context has a node '${put.id}' already, which is not of this run.`);
      const { nodes, size } = store.contexts.fill(this.#begun.id);
      if (
        put.content.length > limits.nodeSizeMax ||
        size + put.content.length > limits.contextSizeMax ||
        nodes >= limits.nodesMax
      )
        throw new RunError('CONTEXT_FULL', 'The conversation has no room for more. Begin a new one.');
      const node = this.#newNode(put, { ...old?.metadata, ...put.metadata });
      store.nodes.put(old ? { ...node, created: old.created } : node, change);
      return node;
    });
    this.#ground.emit({ kind: 'node', owner: this.owner, node, change });
  }

  async ask(question: Omit<Question, 'state' | 'draft' | 'answer'>): Promise<Answer> {
    this.signal.throwIfAborted();
    const { store, questions } = this.#ground;
    if (!store.nodes.get(this.#begun.id, question.id)) {
      const content = JSON.stringify({ ...question, state: 'pending' } satisfies Question);
      await this.put({ id: question.id, contentType: 'question', content });
    }
    this.#setWaiting(1);
    try {
      return await questions.wait(this.#begun, question, this.signal);
    } finally {
      // What is said after an answer stands below it.
      this.#keepText();
      this.#text = undefined;
      this.#setWaiting(-1);
    }
  }

  #setWaiting(step: 1 | -1): void {
    this.#waits += step;
    if (step === 1) this.#clock.pause();
    else this.#clock.resume();
    if (this.#waits === (step === 1 ? 1 : 0)) this.#ground.onWaiting(step === 1);
  }

  async allow(tool: string): Promise<void> {
    const { contexts } = this.#ground.store;
    await this.#write(() => contexts.setAllowedTools(this.#begun.id, [...new Set([...this.context.allowedTools, tool])]));
    this.#ground.emit({ kind: 'context', owner: this.owner, contextId: this.#begun.id });
  }

  async use(usage: Usage): Promise<void> {
    await this.#write(() => this.#ground.store.contexts.addUsage(this.#begun.id, usage));
    this.#ground.emit({ kind: 'context', owner: this.owner, contextId: this.#begun.id });
  }

  /** Ends what the run may say. @returns what writes the last of it, for the transaction that ends the task. */
  seal(): (() => void) | undefined {
    const text = this.#takePending();
    this.#isSealed = true;
    this.#clock.stop();
    return text;
  }
}

/** The nodes as they are with the texts of a run, of which the last may not be on disk yet. */
export function withTexts(nodes: readonly NumberedNode[], texts: readonly NumberedNode[]): NumberedNode[] {
  const byId = new Map(texts.map((text) => [text.node.id, text]));
  const there = new Set(nodes.map(({ node }) => node.id));
  return [...nodes.map((kept) => byId.get(kept.node.id) ?? kept), ...texts.filter(({ node }) => !there.has(node.id))];
}

/**
 * Closes what a run has left open: calls in flight are interrupted, and, where the run has ended, questions are cancelled.
 * @returns the nodes that have changed. Called within a transaction.
 */
export function tidy(store: AssistantStore, task: string, { isOver }: { isOver: boolean }): NumberedNode[] {
  return store.nodes.ofTask(task).flatMap(({ node }) => {
    const closed = closedContent(node, isOver);
    if (!closed) return [];
    const changed = { node: { ...node, content: JSON.stringify(closed) }, change: store.nodes.nextChange() };
    store.nodes.put(changed.node, changed.change);
    return changed;
  });
}

function closedContent(node: ContextNode, isOver: boolean): ToolCall | Question | undefined {
  if (node.contentType === 'tool_call') {
    const call = JSON.parse(node.content) as ToolCall;
    return call.state === 'running' ? { ...call, state: 'interrupted' } : undefined;
  }
  const question = isOver ? questionOf(node) : undefined;
  return question?.state === 'pending' ? { ...question, state: 'cancelled' } : undefined;
}
