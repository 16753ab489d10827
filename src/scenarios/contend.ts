import { setTimeout as sleep } from 'node:timers/promises';

type Json = Record<string, unknown>;

/** Calls a tool. @returns its structured result, of a success or a refusal. */
export type CallTool = (name: string, args: Json) => Promise<{ success: boolean; content: Json }>;

/**
 * How a writer that was refused tries again.
 * `lock`: it never is; all take turns, and think while the others wait. `naive`: reads and writes at once. `jitter`: waits for a
 * random time up to a bound that doubles ("full jitter"). `paced`: waits for the slot that the server gives it. `blind`: reads the
 * version at once, and sends its old record with it.
 */
export const waits = ['lock', 'naive', 'jitter', 'paced', 'blind'] as const;
export type Wait = (typeof waits)[number];

/** One update that was acknowledged or given up. Times in milliseconds. */
export interface Update {
  writer: number;
  /** From the beginning of the update, thinking included. */
  ms: number;
  /** Refusals before it was written or given up. */
  retries: number;
  calls: number;
  written: boolean;
}

export interface ContentionResult {
  updates: Update[];
  /** From the first call to the last answer, in milliseconds. */
  ms: number;
  /** Updates that were acknowledged but are not in the record at the end. */
  lost: number;
}

const jitterBaseMs = 10;
const jitterMaxMs = 2000;

/** Everything that a contention is made of. */
export interface Contention {
  /** One for each writer, each with its own access. */
  callers: readonly CallTool[];
  userId: string;
  /** Updates of each writer. */
  updates: number;
  /** How long a writer thinks between reading and writing for the first time. */
  thinkMs: number;
  /** Attempts of one update before its writer gives up. */
  attemptsMax: number;
  wait: Wait;
  signal?: AbortSignal | undefined;
  onUpdate?: (update: Update) => void;
}

/**
 * Lets writers add to one record at the same time: each update counts one up in a field that all share. What was acknowledged must
 * be in the count at the end.
 */
export async function contend(contention: Contention): Promise<ContentionResult> {
  const { callers, userId, updates } = contention;
  const [observer] = callers;
  if (!observer) throw new Error('a contention has writers');
  const before = countOf(await read(observer, userId));
  const done: Update[] = [];
  const lock = new Lock();
  const start = performance.now();
  await Promise.all(
    callers.map(async (call, writer) => {
      for (let turn = 0; turn < updates; turn++) {
        contention.signal?.throwIfAborted();
        const attempt = () => update(contention, call, writer);
        const made = contention.wait === 'lock' ? await lock.hold(attempt) : await attempt();
        done.push(made);
        contention.onUpdate?.(made);
      }
    }),
  );
  const ms = performance.now() - start;
  const after = countOf(await read(observer, userId));
  return { updates: done, ms, lost: done.filter(({ written }) => written).length - (after - before) };
}

async function update(contention: Contention, call: CallTool, writer: number): Promise<Update> {
  const { userId, thinkMs, attemptsMax, wait, signal } = contention;
  const begun = performance.now();
  let calls = 1;
  let record = await read(call, userId);
  let version = record['_version'];
  await sleep(thinkMs, undefined, { signal });
  for (let attempt = 0; ; attempt++) {
    calls += 1;
    const sent = { ...withoutMeta(record), nickName: String(countOf(record) + 1) };
    const { success, content } = await call('scim_update_user', { user_id: userId, user_data: sent, expected_version: version });
    const made = { writer, ms: performance.now() - begun, retries: attempt, calls, written: success };
    if (success) return made;
    if (!isConflict(content)) throw new Error(`an update was refused: ${JSON.stringify(content)}`);
    if (attempt + 1 >= attemptsMax) return { ...made, retries: attempt + 1 };
    await sleep(pauseMs(wait, attempt, content), undefined, { signal });
    calls += 1;
    const now = await read(call, userId);
    version = now['_version'];
    if (wait !== 'blind') record = now;
  }
}

function pauseMs(wait: Wait, attempt: number, { conflict }: Json): number {
  if (wait === 'jitter') return Math.random() * Math.min(jitterMaxMs, jitterBaseMs * 2 ** (attempt + 1));
  if (wait !== 'paced') return 0;
  const { retry_after_ms } = conflict as { retry_after_ms: number };
  return retry_after_ms;
}

function isConflict({ error_code }: Json): boolean {
  return error_code === 'VERSION_MISMATCH' || error_code === 'STALE_BODY';
}

async function read(call: CallTool, userId: string): Promise<Json> {
  const { success, content } = await call('scim_get_user', { user_id: userId });
  if (!success) throw new Error(`the record cannot be read: ${JSON.stringify(content)}`);
  return content;
}

function withoutMeta({ _version, meta: _meta, groups: _groups, ...record }: Json): Json {
  return record;
}

function countOf({ nickName }: Json): number {
  return Number(nickName ?? 0) || 0;
}

/** One at a time, in the order of asking. */
class Lock {
  #last: Promise<unknown> = Promise.resolve();

  hold<T>(work: () => Promise<T>): Promise<T> {
    const held = this.#last.then(work);
    this.#last = held.catch(() => {});
    return held;
  }
}
