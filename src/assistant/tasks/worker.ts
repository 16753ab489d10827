import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExponentialBackoff, fullJitterGenerator } from 'cockatiel';
import { beginSpan, errorType, failSpan, traced, type AssistantMeter, type Log } from '../../observe/index.ts';
import type { Owner, Task } from '../context.ts';
import type { AssistantLimits } from '../limits.ts';
import { clientOf, RunError, type Runner, type StopReason } from '../run.ts';
import { AssistantError, type AssistantEvent } from '../service.ts';
import type { AssistantStore } from '../store/assistant-store.ts';
import type { NumberedNode } from '../store/node-table.ts';
import type { Hold, StoredTask } from '../store/task-table.ts';
import { LiveRun, tidy } from './live-run.ts';
import { Pump } from './pump.ts';
import type { Questions } from './questions.ts';
import { TaskCounts } from './stats.ts';

/** What an operation has done, within its transaction. */
export interface Performed {
  output: object;
  events: AssistantEvent[];
  /** Runs that the operation has ended. */
  ended?: string[];
}

export interface WorkerOptions {
  store: AssistantStore;
  runner: Runner;
  questions: Questions;
  limits: AssistantLimits;
  /** Does an operation other than a prompt, within a transaction. @throws AssistantError, which its task fails with. */
  perform: (task: Task) => Performed;
  /** Whether the application that has asked for a run may still come in. */
  isAllowed: (owner: Owner) => boolean;
  /** Is told of each event when it is on disk, but for streamed text. */
  emit: (event: AssistantEvent) => void;
  now: () => number;
  log: Log;
  meter?: AssistantMeter | undefined;
}

type End =
  | { status: 'completed'; output: object }
  | { status: 'failed' | 'cancelled'; error?: Task['error'] | undefined }
  | { status: 'again'; error: { code: string; message: string }; retryAfterMs?: number | undefined }
  | { status: 'released' };

const settleAgainMs = 1000;
/** A worker takes what is brought in the same commit. */
const atLast = { isLast: true };

/**
 * Takes tasks from the database and does them. Prompts run side by side, those of one context one after the other; all other
 * operations have a lane of their own, so that they never wait for a model.
 *
 * A task is held under the name of this worker and the number of the attempt; every write of a run is void without. The data folder's
 * lock is what a lease would be: who has it knows that whoever held a task before is gone, at once, without waiting for an end.
 */
export class Worker {
  readonly counts = new TaskCounts();
  readonly #options: WorkerOptions;
  readonly #name = randomUUID();
  readonly #runs = new Map<string, { run: LiveRun; settled: Promise<void> }>();
  readonly #waiters = new Map<string, Set<(task: Task) => void>>();
  readonly #quick: Pump;
  readonly #prompts: Pump;
  #working = 0;
  #isClosing = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#quick = new Pump(() => this.#takeQuick(), options.log);
    this.#prompts = new Pump(() => this.#takePrompts(), options.log);
  }

  get running(): number {
    return this.#runs.size;
  }

  /** Takes up what another process has left, then what waits. */
  async start(): Promise<void> {
    const { store, limits, now, log } = this.#options;
    const taken = await store.write(() => {
      const abandoned = store.tasks.abandoned(this.#name);
      for (const { task, isCancelling, failures } of abandoned) {
        const waits = store.nodes.ofTask(task.id).some(({ node }) => isPending(node.content, node.contentType));
        // Not a failure where it only waited for a person.
        const again = waits ? failures : failures + 1;
        const isOver = isCancelling || again > limits.failuresMax;
        tidy(store, task.id, { isOver });
        if (isCancelling) store.tasks.end(task.id, 'cancelled', undefined, now());
        else if (isOver) store.tasks.end(task.id, 'failed', interrupted, now());
        else store.tasks.takeUp(task.id, again);
      }
      return abandoned.length;
    });
    if (taken > 0) log.warn({ tasks: taken }, 'tasks that Tandem was in the middle of when it ended are taken up again');
    this.wake();
  }

  wake(): void {
    this.#quick.wake();
    this.#prompts.wake();
  }

  /** Stops a run at once. @returns whether it runs here. */
  stop(task: string, reason: StopReason): boolean {
    const running = this.#runs.get(task);
    running?.run.stop(reason);
    return running !== undefined;
  }

  /** What the run of a context has said, of which the last may not be on disk yet. */
  texts(contextId: string): NumberedNode[] {
    for (const { run } of this.#runs.values()) if (run.contextId === contextId) return run.texts();
    return [];
  }

  /** Resolves when a task has ended. @throws the signal's reason. */
  ended(id: string, signal?: AbortSignal): Promise<Task> {
    return new Promise((resolve, reject) => {
      const waiters = this.#waiters.get(id) ?? new Set();
      this.#waiters.set(id, waiters);
      const leave = () => {
        waiters.delete(done);
        if (waiters.size === 0) this.#waiters.delete(id);
        signal?.removeEventListener('abort', stop);
      };
      const done = (task: Task) => {
        leave();
        resolve(task);
      };
      const stop = () => {
        leave();
        reject(signal?.reason);
      };
      waiters.add(done);
      signal?.addEventListener('abort', stop);
      if (signal?.aborted) stop();
    });
  }

  /** Tells of a task as it is now, and of its end those who wait for it. */
  tell(id: string): void {
    const stored = this.#options.store.tasks.get(id);
    if (!stored) return;
    const { task } = stored;
    this.#options.emit({ kind: 'task', owner: task.owner, task });
    if (!hasEnded(task)) return;
    this.counts.add(task);
    this.#meter(stored);
    for (const done of this.#waiters.get(id) ?? []) done(task);
  }

  #meter({ task, access }: StoredTask): void {
    const { type, status, created, started, ended } = task;
    if (status !== 'completed' && status !== 'failed' && status !== 'cancelled') return;
    this.#options.meter?.task({
      type,
      status,
      ...clientOf({ owner: task.owner, access }),
      ...(started !== undefined && {
        waitMs: Date.parse(started) - Date.parse(created),
        ...(ended !== undefined && { runMs: Date.parse(ended) - Date.parse(started) }),
      }),
    });
  }

  /** Does a batch of cheap operations in one transaction. */
  async #takeQuick(): Promise<boolean> {
    const { store, limits, now, perform, emit, log } = this.#options;
    const taken = await store.write(() => {
      const tasks = store.tasks.claimQuick(this.#name, now(), limits.batchMax);
      return tasks.map(({ task }) => {
        const hold = this.#holdOf(task);
        // Deleting a context ends what waits in it, in this very batch too.
        if (!store.tasks.isHeld(hold)) return { task };
        const span = beginSpan(task.type, rootSpan);
        try {
          const performed = store.attempt(() => perform(task));
          store.tasks.finish(hold, { status: 'completed', output: performed.output }, now());
          return { task, performed };
        } catch (error) {
          if (!(error instanceof AssistantError)) log.error({ err: error }, 'a task failed');
          store.tasks.finish(hold, { status: 'failed', error: errorOf(error) }, now());
          failSpan(span, errorType(error));
          return { task };
        } finally {
          span?.end();
        }
      });
    }, atLast);
    for (const { task, performed } of taken) {
      for (const id of performed?.ended ?? []) {
        this.stop(id, 'stopped');
        this.tell(id);
      }
      for (const event of performed?.events ?? []) emit(event);
      this.tell(task.id);
    }
    return taken.length === limits.batchMax;
  }

  /** Begins as many prompts as there is room for. */
  async #takePrompts(): Promise<boolean> {
    const { store, limits, now, emit } = this.#options;
    const room = () => Math.min(limits.runsMax - this.#working, limits.openRunsMax - this.#runs.size);
    const begun = await store.write(() => {
      const begun: { stored: StoredTask; prompt?: NumberedNode | undefined }[] = [];
      while (begun.length < room()) {
        const stored = store.tasks.claimPrompt(this.#name, now());
        if (!stored) break;
        if (!store.contexts.get(stored.task.contextId ?? '')) {
          store.tasks.end(stored.task.id, 'failed', { code: 'CONTEXT_NOT_FOUND', message: 'The context is gone.' }, now());
          continue;
        }
        begun.push({ stored, prompt: this.#addPrompt(stored.task) });
      }
      return begun;
    }, atLast);
    for (const { stored, prompt } of begun) {
      this.tell(stored.task.id);
      if (prompt) emit({ kind: 'node', owner: stored.task.owner, ...prompt });
      this.#begin(stored);
    }
    const due = store.tasks.nextDue(now());
    if (due !== undefined) this.#prompts.wakeIn(Math.min(due - now(), 60_000));
    return false;
  }

  /** Puts the prompt into its context when its turn has come, so that it stands below the answer to the one before. */
  #addPrompt({ id, contextId = '', input }: Task): NumberedNode | undefined {
    const { store, now } = this.#options;
    if (!store.contexts.get(contextId) || store.nodes.get(contextId, id)) return undefined;
    const { prompt, metadata } = input as { prompt: string; metadata?: Record<string, unknown> };
    const node = {
      id,
      contextId,
      content: prompt,
      contentType: 'text',
      metadata: { ...metadata, role: 'user', task: id },
      created: new Date(now()).toISOString(),
    };
    const change = store.nodes.nextChange();
    store.nodes.put(node, change);
    return { node, change };
  }

  #holdOf({ id, attempts }: Task): Hold {
    return { id, worker: this.#name, attempt: attempts };
  }

  #begin(stored: StoredTask): void {
    const { store, questions, limits, now, emit } = this.#options;
    const { task } = stored;
    const context = store.contexts.get(task.contextId ?? '');
    if (!context) return;
    const onWaiting = (isWaiting: boolean) => {
      this.#working += isWaiting ? -1 : 1;
      if (isWaiting) this.#prompts.wake();
    };
    const run = new LiveRun(stored, context, this.#holdOf(task), { store, questions, limits, now, emit, onWaiting });
    this.#working++;
    const settled = this.#run(run, stored).then((wasHeld) => {
      this.#working--;
      this.#runs.delete(task.id);
      if (wasHeld) this.tell(task.id);
      this.#prompts.wake();
    });
    this.#runs.set(task.id, { run, settled });
  }

  /** @returns whether the task was this run's until its end. */
  async #run(run: LiveRun, stored: StoredTask): Promise<boolean> {
    const { runner, limits, log } = this.#options;
    let giveUp: NodeJS.Timeout | undefined;
    const gaveUp = new Promise<never>((_resolve, reject) => {
      run.signal.addEventListener('abort', () => {
        giveUp = setTimeout(() => reject(run.signal.reason), limits.graceMs);
      });
    });
    let end: End;
    try {
      if (!this.#options.isAllowed(run.owner))
        throw new RunError('ACCESS_ENDED', 'The access of the application that has asked for this has ended.');
      const { finish, model, usage } = await traced('invoke_agent tandem', agentSpan(stored.task), () =>
        Promise.race([runner.run(run), gaveUp]),
      );
      const output = { finish, model_id: model, usage: { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens } };
      end = run.signal.reason === 'stopped' ? { status: 'cancelled' } : { status: 'completed', output };
    } catch (error) {
      end = this.#endOf(error, run, stored);
      if (end.status !== 'cancelled' && end.status !== 'released')
        log.warn({ err: error, task: run.id, end: end.status }, 'a run did not come to its end');
    } finally {
      clearTimeout(giveUp);
    }
    return this.#settle(run, stored, end);
  }

  #endOf(error: unknown, run: LiveRun, { failures }: StoredTask): End {
    const { limits } = this.#options;
    const reason = run.signal.reason as StopReason | undefined;
    if (reason === 'closing') return { status: 'released' };
    if (reason === 'stopped') return { status: 'cancelled' };
    if (reason === 'timeout') {
      const seconds = Math.round(limits.workMs / 1000);
      return {
        status: 'failed',
        error: { code: 'TIMEOUT', message: `It took longer than ${seconds} seconds, so it was stopped.` },
      };
    }
    const told = errorOf(error);
    const isPassing = error instanceof RunError && error.transient && failures < limits.failuresMax;
    if (!isPassing) return { status: 'failed', error: told };
    return { status: 'again', error: told, retryAfterMs: error.retryAfterMs };
  }

  /** Writes the end of a run, as often as the disk needs. */
  async #settle(run: LiveRun, stored: StoredTask, end: End): Promise<boolean> {
    const { store, emit, log } = this.#options;
    const lastText = run.seal();
    for (;;)
      try {
        const tidied = await store.write(() => this.#write(run, stored, end, lastText));
        for (const node of tidied ?? []) emit({ kind: 'node', owner: run.owner, ...node });
        if (tidied) emit({ kind: 'context', owner: run.owner, contextId: run.contextId });
        return tidied !== undefined;
      } catch (error) {
        if (this.#isClosing) return false;
        log.error({ err: error, task: run.id }, 'the end of a task could not be written; trying again');
        await sleep(settleAgainMs);
      }
  }

  /** @returns the nodes that were closed; undefined if the task was not the run's any more. */
  #write(run: LiveRun, { failures }: StoredTask, end: End, lastText: (() => void) | undefined): NumberedNode[] | undefined {
    const { store, limits, now } = this.#options;
    if (!store.tasks.isHeld(run.hold)) return undefined;
    lastText?.();
    const tidied = tidy(store, run.id, { isOver: end.status !== 'again' && end.status !== 'released' });
    if (end.status === 'released') store.tasks.release(run.hold);
    else if (end.status === 'again') store.tasks.tryAgain(run.hold, now() + pauseMs(failures, end, limits), end.error);
    else
      store.tasks.finish(
        run.hold,
        end.status === 'completed' ? { ...end, output: { ...end.output, completion: completionOf(store, run.id) } } : end,
        now(),
      );
    if (end.status === 'again') {
      this.counts.types['mcp.add_prompt'].retried++;
      this.#options.meter?.taskRetried({ type: 'mcp.add_prompt', ...clientOf(run) });
    }
    store.contexts.touch(run.contextId, now(), now() + limits.idleMs);
    return tidied;
  }

  /** Ends all runs; they go on with the next start. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([this.#quick.close(), this.#prompts.close()]);
    for (const { run } of this.#runs.values()) run.stop('closing');
    await Promise.all([...this.#runs.values()].map(({ settled }) => settled));
  }
}

/** A task outlives the request that has asked for it, and the worker is woken by whatever comes. */
const rootSpan = { kind: 'internal', isRoot: true } as const;

/** By OpenTelemetry's conventions for agents. */
function agentSpan({ type, attempts }: Task) {
  return {
    ...rootSpan,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'tandem',
      'tandem.task.type': type,
      'tandem.task.attempt': attempts,
    },
  };
}

const interrupted = {
  code: 'INTERRUPTED',
  message: 'Tandem ended several times while this ran, so it is not tried again by itself.',
};

export function hasEnded({ status }: Task): boolean {
  return status !== 'scheduled' && status !== 'running';
}

/** What a run has said, all of it. */
export function completionOf(store: AssistantStore, task: string): string {
  return store.nodes
    .ofTask(task)
    .filter(({ node }) => node.contentType === 'text' && node.metadata.role === 'assistant')
    .map(({ node }) => node.content)
    .join('\n\n');
}

function isPending(content: string, contentType: string): boolean {
  return contentType === 'question' && (JSON.parse(content) as { state: string }).state === 'pending';
}

/** What of a failure its task keeps: codes and messages that are meant for people, and nothing else. */
function errorOf(error: unknown): { code: string; message: string } {
  if (error instanceof RunError || error instanceof AssistantError) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: 'Something went wrong in Tandem. Its log says what.' };
}

/** How long to wait before the next attempt: what the other side has asked for, or exponentially longer, with full jitter. */
function pauseMs(failures: number, { retryAfterMs }: { retryAfterMs?: number | undefined }, limits: AssistantLimits): number {
  const backoff = new ExponentialBackoff({
    initialDelay: limits.firstRetryMs,
    maxDelay: limits.retryMaxMs,
    generator: fullJitterGenerator,
  });
  let next = backoff.next();
  for (let turn = 0; turn < failures; turn++) next = next.next(undefined);
  return Math.max(next.duration, retryAfterMs ?? 0);
}
