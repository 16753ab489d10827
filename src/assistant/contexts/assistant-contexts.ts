import { createHash, randomUUID } from 'node:crypto';
import type { AssistantMeter, Log } from '../../observe/index.ts';
import type { Access, Answer, Asker, Context, ContextNode, Owner, Priority, Task, TaskType } from '../context.ts';
import { assistantLimits, type AssistantLimits } from '../limits.ts';
import type { Model, Runner } from '../run.ts';
import { AssistantError, type Asked, type AssistantEvent, type AssistantService } from '../service.ts';
import { AssistantStore } from '../store/assistant-store.ts';
import { mayAsk } from '../store/rows.ts';
import type { NumberedNode } from '../store/node-table.ts';
import { withTexts } from '../tasks/live-run.ts';
import { Questions } from '../tasks/questions.ts';
import { emptyQueue, type AssistantStats } from '../tasks/stats.ts';
import { hasEnded, Worker } from '../tasks/worker.ts';
import { checkSize, nodeInput, titleFrom } from './inputs.ts';
import { contextNotFound, Operations, type Inputs } from './operations.ts';

const listDefault = 100;
/** Tasks that are shown with a context. */
const tasksShown = 100;

export interface AssistantContextsOptions {
  /** The database file; created if absent. */
  path: string;
  runner: Runner;
  /** What the person at the window allows the agent. */
  access: Access;
  /** Whether the application that has asked for a run may still come in. */
  isAllowed?: ((owner: Owner) => boolean) | undefined;
  log: Log;
  limits?: Partial<AssistantLimits> | undefined;
  /** Names of models that stand for others where there is none of that name. */
  aliases?: Record<string, string> | undefined;
  /** Milliseconds since the epoch. */
  now?: (() => number) | undefined;
  meter?: AssistantMeter | undefined;
}

/** The service: contexts and tasks in a database of their own, and the worker that does the tasks. */
export class AssistantContexts implements AssistantService {
  readonly #runner: Runner;
  readonly #access: Access;
  readonly #log: Log;
  readonly #limits: AssistantLimits;
  readonly #aliases: Record<string, string>;
  readonly #now: () => number;
  readonly #store: AssistantStore;
  readonly #questions: Questions;
  readonly #operations: Operations;
  readonly #worker: Worker;
  readonly #listeners = new Set<(event: AssistantEvent) => void>();
  readonly #sweeping: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  private constructor(options: AssistantContextsOptions) {
    const { runner, log, now = Date.now } = options;
    this.#runner = runner;
    this.#access = options.access;
    this.#log = log;
    this.#aliases = options.aliases ?? {};
    this.#now = now;
    this.#limits = { ...assistantLimits, ...options.limits };
    this.#store = new AssistantStore(options.path);
    const emit = (event: AssistantEvent) => this.#emit(event);
    this.#questions = new Questions({ store: this.#store, limits: this.#limits, now, emit });
    this.#operations = new Operations(this.#store, this.#limits, now);
    this.#worker = new Worker({
      store: this.#store,
      runner,
      questions: this.#questions,
      limits: this.#limits,
      perform: (task) => this.#operations.perform(task),
      isAllowed: options.isAllowed ?? (() => true),
      emit,
      now,
      log,
      meter: options.meter,
    });
    this.#sweeping = setInterval(() => void this.#sweep(), this.#limits.sweepMs);
    this.#sweeping.unref();
  }

  /**
   * Opens the database. Nothing runs before `start`, since runs are clients of doors that must be open then.
   * @throws AssistantError UNAVAILABLE.
   */
  static open(options: AssistantContextsOptions): AssistantContexts {
    return new AssistantContexts(options);
  }

  /** Takes up what the process before has left, and what waits. */
  async start(): Promise<void> {
    await this.#sweep();
    await this.#worker.start();
  }

  async #sweep(): Promise<void> {
    try {
      const events = await this.#store.write(() => {
        this.#store.tasks.removeEnded(this.#now() - this.#limits.keepTasksMs);
        return this.#operations.expire();
      });
      for (const event of events) this.#emit(event);
    } catch (error) {
      this.#log.error({ err: error }, 'what has expired could not be removed');
    }
  }

  /** Removes what belongs to tenants that are gone. @param tenants those that are there. */
  async forgetTenantsBut(tenants: readonly string[]): Promise<void> {
    await this.#store.write(() => {
      for (const tenant of this.#store.contexts.tenants()) {
        if (tenants.includes(tenant)) continue;
        for (const { id } of this.#store.tasks.list({ tenant }, { status: 'running', limit: this.#limits.openRunsMax }))
          this.#worker.stop(id, 'stopped');
        this.#store.contexts.removeTenant(tenant);
      }
    });
  }

  contexts(
    asker: Asker,
    { search, before, limit = listDefault }: { search?: string; before?: string; limit?: number } = {},
  ): Context[] {
    return this.#store.contexts.list(asker, { search, before, limit });
  }

  context(asker: Asker, id: string): { context: Context; nodes: ContextNode[]; tasks: Task[] } {
    const context = this.#find(asker, id);
    const nodes = withTexts(this.#store.nodes.list(id), this.#worker.texts(id)).map(({ node }) => node);
    return { context, nodes, tasks: this.#store.tasks.list(asker, { contextId: id, limit: tasksShown }) };
  }

  /** The nodes that a task has made, in the order of their changes. @param after only what has changed since. */
  nodesOfTask(asker: Asker, id: string, after = 0): NumberedNode[] {
    const { contextId = '' } = this.task(asker, id);
    const texts = this.#worker.texts(contextId).filter(({ node, change }) => node.metadata.task === id && change > after);
    return withTexts(this.#store.nodes.ofTask(id, after), texts).toSorted((a, b) => a.change - b.change);
  }

  #find(asker: Asker, id: string): Context {
    const context = this.#store.contexts.get(id);
    if (!context || !mayAsk(asker, context.owner)) throw contextNotFound();
    return context;
  }

  /** The model of contexts that name none. */
  defaultModel(): string | undefined {
    return this.#runner.models().find(({ available }) => available)?.id;
  }

  /** Other names that contexts may give a model. */
  aliasesOf(modelId: string): string[] {
    const models = this.#runner.models();
    const given = Object.entries(this.#aliases).flatMap(([alias, id]) =>
      id === modelId && !isModel(models, alias) ? alias : [],
    );
    const bare = bareName(modelId);
    return bare !== modelId && resolveModel(models, bare) === modelId ? [bare, ...given] : given;
  }

  #modelOf(modelId: string | undefined): string {
    const models = this.#runner.models();
    const id = modelId ?? this.defaultModel();
    if (id === undefined) throw new AssistantError('UNAVAILABLE', 'No model is available. Add one in the settings.');
    const resolved = resolveModel(models, id) ?? resolveModel(models, this.#aliases[id] ?? '');
    if (resolved !== undefined) return resolved;
    const known = models.map((model) => model.id).join(', ');
    throw new AssistantError('MODEL_NOT_FOUND', `There is no model '${id.slice(0, 100)}'. There are: ${known}.`, 'model_id');
  }

  async createContext(
    owner: Owner,
    input: {
      modelId?: string;
      title?: string;
      nodes?: { content: string; contentType?: string; metadata?: Record<string, unknown> }[];
      metadata?: Record<string, unknown>;
      priority?: Priority;
    } & Asked,
  ): Promise<{ task: Task; context: Context }> {
    const { nodes = [], metadata = {}, title = '' } = input;
    const { nodesMax, contextSizeMax } = this.#limits;
    checkSize(metadata, this.#limits.metadataSizeMax, 'metadata');
    const made = nodes.map((node, index) => nodeInput(node, this.#limits, `nodes.${index}.`));
    if (made.length > nodesMax || made.reduce((sum, { content }) => sum + content.length, 0) > contextSizeMax)
      throw new AssistantError('TOO_LARGE', `A context may have ${nodesMax} nodes and ${contextSizeMax} characters.`, 'nodes');
    const task = await this.#perform('mcp.create_context', owner, randomUUID(), input, {
      model_id: this.#modelOf(input.modelId),
      title: titleFrom(title, this.#limits.titleMax),
      nodes: made,
      metadata,
    });
    return { task, context: this.#find(owner, task.contextId ?? '') };
  }

  async renameContext(asker: Asker, id: string, title: string): Promise<void> {
    const { owner } = this.#find(asker, id);
    const name = titleFrom(title, this.#limits.titleMax);
    if (name === '') throw new AssistantError('INVALID', 'Give the conversation a name.', 'title');
    await this.#store.write(() => this.#store.contexts.rename(id, name));
    this.#emit({ kind: 'context', owner, contextId: id });
  }

  async setModel(asker: Asker, id: string, modelId: string): Promise<void> {
    const { owner } = this.#find(asker, id);
    const known = this.#modelOf(modelId);
    await this.#store.write(() => this.#store.contexts.setModel(id, known));
    this.#emit({ kind: 'context', owner, contextId: id });
  }

  async deleteContext(asker: Asker, id: string, asked: { priority?: Priority } & Asked = {}): Promise<Task> {
    const { owner } = this.#find(asker, id);
    return this.#perform('mcp.delete_context', owner, id, asked, {});
  }

  async addNode(
    asker: Asker,
    contextId: string,
    input: { content: string; contentType?: string; metadata?: Record<string, unknown>; priority?: Priority } & Asked,
  ): Promise<{ task: Task; node: ContextNode }> {
    const { owner } = this.#find(asker, contextId);
    const made = nodeInput(input, this.#limits, '');
    const task = await this.#perform('mcp.add_node', owner, contextId, input, { node: made });
    const node = this.#store.nodes.get(contextId, String(task.output?.['node_id']))?.node;
    if (!node) throw contextNotFound();
    return { task, node };
  }

  async deleteNode(asker: Asker, contextId: string, nodeId: string, asked: { priority?: Priority } & Asked = {}): Promise<Task> {
    const { owner } = this.#find(asker, contextId);
    return this.#perform('mcp.delete_node', owner, contextId, asked, { node_id: nodeId });
  }

  /** Does a cheap operation as a task. @throws AssistantError that the task has failed with. */
  async #perform<T extends keyof Inputs>(
    type: T,
    owner: Owner,
    contextId: string,
    asked: { priority?: Priority } & Asked,
    input: Inputs[T],
  ): Promise<Task> {
    const { id } = await this.#schedule(type, owner, contextId, asked, input);
    const task = await this.ended(owner, id);
    if (task.status === 'completed') return task;
    const { code = 'CONTEXT_NOT_FOUND', message = 'The context was deleted meanwhile.' } = task.error ?? {};
    const known = code === 'INTERNAL' ? 'UNAVAILABLE' : code;
    throw new AssistantError(known as AssistantError['code'], message, known === 'NODE_NOT_FOUND' ? 'nodeID' : undefined);
  }

  /**
   * Brings a task onto the disk, or finds the one that the same request has made before.
   * @param before is done in the same transaction.
   */
  async #schedule(
    type: TaskType,
    owner: Owner,
    contextId: string,
    { priority = 'medium', access = this.#access, idempotencyKey: key }: { priority?: Priority } & Asked,
    input: object,
    before: () => void = () => {},
  ): Promise<Task> {
    const { tasks } = this.#store;
    const idempotency = key === undefined ? undefined : { key, fingerprint: fingerprintOf(type, contextId, input) };
    const written = this.#store.write(() => {
      const known = idempotency && tasks.withKey(owner, idempotency.key);
      if (known && known.fingerprint !== idempotency.fingerprint)
        throw new AssistantError(
          'KEY_REUSED',
          'This key was sent with another request before. Choose a new one.',
          'Idempotency-Key',
        );
      if (known) return { task: known.task, isNew: false };
      if (tasks.countOpen(owner) >= this.#limits.waitingMax)
        throw new AssistantError('BUSY', `${this.#limits.waitingMax} tasks wait already. Wait until some have ended.`);
      before();
      const id = randomUUID();
      const now = this.#now();
      const fields = { id, type, owner, contextId, priority, access, now, idempotency };
      tasks.add({ ...fields, input: input as Record<string, unknown> }, this.#limits.agingMs);
      return { task: this.#stored(id), isNew: true };
    });
    // Before it is written: a worker with nothing else to do takes it in the same commit.
    this.#worker.wake();
    const { task, isNew } = await written;
    if (isNew) this.#emit({ kind: 'task', owner, task });
    return task;
  }

  async addPrompt(
    asker: Asker,
    contextId: string,
    input: { prompt: string; metadata?: Record<string, unknown>; priority?: Priority } & Asked,
  ): Promise<Task> {
    const { owner } = this.#find(asker, contextId);
    const { prompt, metadata = {} } = input;
    const { nodesMax, contextSizeMax, idleMs } = this.#limits;
    nodeInput({ content: prompt, metadata }, this.#limits, '', 'prompt');
    if (prompt.trim() === '') throw new AssistantError('INVALID', 'Give a prompt that is not empty.', 'prompt');
    const task = await this.#schedule('mcp.add_prompt', owner, contextId, input, { prompt, metadata }, () => {
      const { title } = this.#find(owner, contextId);
      const { nodes, size } = this.#store.contexts.fill(contextId);
      if (nodes >= nodesMax || size + prompt.length > contextSizeMax)
        throw new AssistantError('TOO_LARGE', 'The conversation has no room for more. Begin a new one.');
      if (title === '') this.#store.contexts.rename(contextId, titleFrom(prompt, 80));
      this.#store.contexts.touch(contextId, this.#now(), this.#now() + idleMs);
    });
    this.#emit({ kind: 'context', owner, contextId });
    return task;
  }

  tasks(
    asker: Asker,
    {
      limit = listDefault,
      ...filter
    }: { contextId?: string; status?: Task['status']; type?: TaskType; limit?: number; before?: string } = {},
  ): Task[] {
    return this.#store.tasks.list(asker, { ...filter, limit });
  }

  task(asker: Asker, id: string): Task {
    const task = this.#store.tasks.get(id)?.task;
    if (!task || !mayAsk(asker, task.owner))
      throw new AssistantError('TASK_NOT_FOUND', 'There is no such task. Tasks that have ended are kept for some days.');
    return task;
  }

  #stored(id: string): Task {
    const stored = this.#store.tasks.get(id);
    if (!stored) throw new AssistantError('TASK_NOT_FOUND', 'There is no such task.');
    return stored.task;
  }

  async ended(asker: Asker, id: string, signal?: AbortSignal): Promise<Task> {
    const task = this.task(asker, id);
    return hasEnded(task) ? task : this.#worker.ended(id, signal);
  }

  async cancel(asker: Asker, id: string): Promise<Task> {
    const task = this.task(asker, id);
    if (hasEnded(task)) return task;
    // First of all: it must stop now, not when the disk has heard of it.
    const isRunning = this.#worker.stop(id, 'stopped');
    await this.#store.write(() => {
      if (this.#stored(id).status === 'scheduled') this.#store.tasks.end(id, 'cancelled', undefined, this.#now());
      else this.#store.tasks.setCancelling(id);
    });
    // Begun while that was written.
    if (!isRunning && !this.#worker.stop(id, 'stopped')) this.#worker.tell(id);
    return this.ended(asker, id);
  }

  async retry(asker: Asker, id: string): Promise<Task> {
    const { contextId = '', owner, type } = this.task(asker, id);
    const { tasks, nodes } = this.#store;
    await this.#store.write(() => {
      const { status } = this.#stored(id);
      if (type !== 'mcp.add_prompt' || (status !== 'failed' && status !== 'cancelled'))
        throw new AssistantError('INVALID', 'Only a prompt that has failed or was stopped can be run again.');
      this.#find(asker, contextId);
      const [last] = tasks.list(owner, { contextId, type, limit: 1 });
      if (last?.id !== id) throw new AssistantError('INVALID', 'Only the last prompt of a conversation can be run again.');
      if (tasks.countOpen(owner) >= this.#limits.waitingMax) throw new AssistantError('BUSY', 'Too much waits already.');
      // Questions that were put away can be asked again.
      for (const { node } of nodes.ofTask(id)) if (isPutAway(node)) nodes.remove(contextId, node.id);
      tasks.revive(id, this.#now());
    });
    this.#worker.tell(id);
    this.#emit({ kind: 'context', owner, contextId });
    this.#worker.wake();
    return this.#stored(id);
  }

  async answer(asker: Asker, contextId: string, questionId: string, answer: Answer): Promise<ContextNode> {
    return this.#questions.answer(this.#find(asker, contextId), questionId, answer);
  }

  async keepDraft(asker: Asker, contextId: string, questionId: string, draft: Record<string, unknown>): Promise<void> {
    await this.#questions.keepDraft(this.#find(asker, contextId).id, questionId, draft);
  }

  models(): readonly Model[] {
    return this.#runner.models();
  }

  /** Numbers for a dashboard; those of tasks are since the start of the process. @param tenant whose contexts to count. */
  stats(tenant?: string): AssistantStats {
    const queue = emptyQueue();
    for (const { status, priority, n } of this.#store.tasks.depth()) if (status === 'scheduled') queue[priority] = n;
    return {
      types: this.#worker.counts.types,
      queue,
      running: this.#worker.running,
      waitingForAnswer: this.#questions.waiting,
      ...this.#store.contexts.totals(tenant),
    };
  }

  /** How the service is; undefined if its database cannot be read. */
  health() {
    try {
      const { types, ...now } = this.stats();
      const models = this.models();
      const tasks = { completed: 0, failed: 0, cancelled: 0 };
      for (const counts of Object.values(types))
        for (const status of ['completed', 'failed', 'cancelled'] as const) tasks[status] += counts[status];
      return { ...now, tasks, models: { total: models.length, available: models.filter(({ available }) => available).length } };
    } catch (error) {
      this.#log.error({ err: error }, 'the conversations cannot be read');
      return undefined;
    }
  }

  onEvent(listener: (event: AssistantEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #emit(event: AssistantEvent): void {
    for (const listener of this.#listeners)
      try {
        listener(event);
      } catch (error) {
        this.#log.error({ err: error }, 'somebody who listens to the assistant failed');
      }
  }

  /** Ends runs, which go on with the next start, and closes the database. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    clearInterval(this.#sweeping);
    await this.#worker.close();
    await this.#runner.close();
    this.#store.close();
  }
}

function bareName(id: string): string {
  return id.slice(id.indexOf('/') + 1);
}

/** @returns the id of the model that a name means: its id, or what follows the endpoint's name in it, where only one has that. */
function resolveModel(models: readonly Model[], name: string): string | undefined {
  if (models.some(({ id }) => id === name)) return name;
  const found = models.filter(({ id }) => bareName(id) === name);
  return found.length === 1 ? found[0]?.id : undefined;
}

function isModel(models: readonly Model[], name: string): boolean {
  return resolveModel(models, name) !== undefined;
}

function isPutAway({ contentType, content }: ContextNode): boolean {
  if (contentType !== 'question') return false;
  const { state } = JSON.parse(content) as { state: string };
  return state === 'cancelled' || state === 'expired';
}

function fingerprintOf(type: TaskType, contextId: string, input: object): string {
  // A new context and new nodes have new ids each time, which are no part of what was asked.
  const asked = JSON.stringify(input, (key, value: unknown) => (key === 'id' ? undefined : value));
  const place = type === 'mcp.create_context' ? '' : contextId;
  return createHash('sha256')
    .update(JSON.stringify([type, place, asked]))
    .digest('base64url');
}
