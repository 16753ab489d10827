import type { ServerResponse } from 'node:http';
import type { AssistantContexts } from '../contexts/assistant-contexts.ts';
import type { Asker, ContextNode, Task } from '../context.ts';
import type { AssistantEvent } from '../service.ts';
import { hasEnded } from '../tasks/worker.ts';
import { toCompletion, toContext, toNode, toTask } from './wire.ts';

/** What a client that does not read may leave unread, in bytes. It comes again with the last event it has seen. */
const unreadMax = 4 * 1024 * 1024;

/** Where in a task's history a client is: changes of nodes, and the text that is being streamed. */
interface Place {
  /** All changes up to this one have been sent. */
  change: number;
  /** The change that began the text which was sent last, and how much of it was. */
  text: number;
  length: number;
}

/** Something to send, in its place in the order. */
type Waiting =
  | { change: number; kind: 'node'; node: ContextNode }
  | { change: number; kind: 'delta'; nodeId: string; at: number; text: string }
  | { change: number; kind: 'task'; task: Task };

/**
 * Sends what a prompt brings as server-sent events: `task`, `node`, `delta`, and `end` as the last. The id of each says how far
 * the client is then, so that it can go on from there after a cut, also of another process; nothing is run for that.
 */
export class TaskStream {
  readonly #service: AssistantContexts;
  readonly #asker: Asker;
  readonly #task: Task;
  readonly #raw: ServerResponse;
  readonly #withContext: boolean;
  readonly #unsubscribe: () => void;
  /** The change that each streamed text began with, by node. */
  readonly #texts = new Map<string, number>();
  #place: Place;
  #waiting: Waiting[] = [];
  #flushing: NodeJS.Immediate | undefined;
  #isOver = false;

  /** @param lastEventId of the last event that the client has seen. */
  constructor(options: {
    service: AssistantContexts;
    asker: Asker;
    task: Task;
    raw: ServerResponse;
    withContext: boolean;
    lastEventId?: string | undefined;
  }) {
    this.#service = options.service;
    this.#asker = options.asker;
    this.#task = options.task;
    this.#raw = options.raw;
    this.#withContext = options.withContext;
    this.#place = placeFrom(options.lastEventId);
    this.#unsubscribe = this.#service.onEvent((event) => this.#hear(event));
    this.#raw.once('close', () => this.end());
    this.#begin();
  }

  /** What has happened already, and the client has not seen. */
  #begin(): void {
    const { change: seen, text, length } = this.#place;
    const task = this.#service.task(this.#asker, this.#task.id);
    this.#send('task', { task: toTask(task) });
    for (const { node, change } of this.#service.nodesOfTask(this.#asker, task.id, Math.min(seen, text - 1))) {
      this.#texts.set(node.id, change);
      if (change > seen || (change === text && node.content.length < length)) this.#waiting.push({ change, kind: 'node', node });
      else if (change === text && node.content.length > length)
        this.#waiting.push({ change, kind: 'delta', nodeId: node.id, at: length, text: node.content.slice(length) });
    }
    if (hasEnded(task)) this.#waiting.push({ change: Number.POSITIVE_INFINITY, kind: 'task', task });
    this.#flush();
  }

  #hear(event: AssistantEvent): void {
    if (event.kind === 'node' && event.node.metadata.task === this.#task.id) {
      this.#texts.set(event.node.id, event.change);
      this.#waiting.push({ change: event.change, kind: 'node', node: event.node });
    } else if (event.kind === 'delta' && event.contextId === this.#task.contextId) {
      const change = this.#texts.get(event.nodeId);
      if (change === undefined) return;
      this.#waiting.push({ change, kind: 'delta', nodeId: event.nodeId, at: event.at, text: event.text });
    } else if (event.kind === 'task' && event.task.id === this.#task.id)
      this.#waiting.push({ change: Number.POSITIVE_INFINITY, kind: 'task', task: event.task });
    else return;
    // A change is heard of when it is on disk, and so perhaps after a later one: put into order before ids are given.
    this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = undefined;
    const waiting = this.#waiting.toSorted((a, b) => (a.change === b.change ? 0 : a.change - b.change));
    this.#waiting = [];
    for (const item of waiting)
      if (item.kind === 'node') this.#sendNode(item.node, item.change);
      else if (item.kind === 'delta') this.#sendDelta(item);
      else if (hasEnded(item.task)) this.#sendEnd(item.task);
      else this.#send('task', { task: toTask(item.task) });
  }

  #sendNode(node: ContextNode, change: number): void {
    this.#place.change = Math.max(this.#place.change, change);
    // The caller's own prompt.
    if (node.metadata.role === 'user') return;
    if (node.contentType === 'text') Object.assign(this.#place, { text: change, length: node.content.length });
    this.#send('node', { node: toNode(node) });
  }

  #sendDelta({ change, nodeId, at, text }: Extract<Waiting, { kind: 'delta' }>): void {
    // Was in the node as it was sent.
    if (change === this.#place.text && at + text.length <= this.#place.length) return;
    Object.assign(this.#place, { text: change, length: at + text.length });
    this.#send('delta', { node_id: nodeId, at, text });
  }

  #sendEnd(task: Task): void {
    const whole = this.#withContext ? this.#contextOf(task) : undefined;
    this.#send(
      'end',
      task.status === 'completed' ? toCompletion(task, whole) : { task: toTask(task), ...(whole && { context: whole }) },
    );
    this.end();
  }

  #contextOf({ contextId = '' }: Task) {
    try {
      const { context, nodes } = this.#service.context(this.#asker, contextId);
      return toContext(context, nodes);
    } catch {
      return undefined;
    }
  }

  #send(event: string, body: object): void {
    if (this.#isOver) return;
    const { change, text, length } = this.#place;
    this.#raw.write(`id: ${change}.${text}.${length}\nevent: ${event}\ndata: ${JSON.stringify(body)}\n\n`);
    if (this.#raw.writableLength > unreadMax) this.end();
  }

  /** Says that the stream is alive. */
  beat(): void {
    if (!this.#isOver) this.#raw.write(': waiting\n\n');
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearImmediate(this.#flushing);
    this.#unsubscribe();
    this.#raw.end();
  }
}

function placeFrom(id: string | undefined): Place {
  const [, change, text, length] = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})$/.exec(id ?? '') ?? [];
  return { change: Number(change ?? 0), text: Number(text ?? 0), length: Number(length ?? 0) };
}
