import type Database from 'better-sqlite3';
import type { Access, Asker, Owner, Priority, Task, TaskStatus, TaskType } from '../context.ts';
import { askerParameters, isOfAsker, toObject, toOwner, toTime, type OwnerColumns } from './rows.ts';

interface TaskRow extends OwnerColumns {
  seq: number;
  id: string;
  type: string;
  context_id: string | null;
  priority: string;
  status: string;
  due: number;
  cancelling: number;
  attempts: number;
  failures: number;
  input: string;
  output: string | null;
  error: string | null;
  access: string;
  fingerprint: string | null;
  created: number;
  started: number | null;
  ended: number | null;
}

/** A task with what only the worker needs to know. */
export interface StoredTask {
  task: Task;
  access: Access;
  /** Failures for a passing reason, and ends of the process in the middle of it. */
  failures: number;
  /** Somebody has stopped it, and it has not ended yet. */
  isCancelling: boolean;
  /** Of the request that made it, where that had an idempotency key. */
  fingerprint?: string;
}

/** `prompt` is taken one after the other in each context; all else is `quick`. */
type Lane = 'prompt' | 'quick';

/** A task that is new. Times are milliseconds since the epoch. */
export interface NewTask {
  id: string;
  type: TaskType;
  owner: Owner;
  contextId: string;
  priority: Priority;
  input: Record<string, unknown>;
  access: Access;
  now: number;
  idempotency?: { key: string; fingerprint: string } | undefined;
}

/** Whose a task is while it runs: another process, or a later attempt, makes this one's writes void. */
export interface Hold {
  id: string;
  worker: string;
  attempt: number;
}

const ranks: Record<Priority, number> = { low: 2, medium: 1, high: 0 };

/** The statements of the queue. Those that write are called within a transaction. */
export class TaskTable {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database.Database) {
    this.#sql = prepare(db);
  }

  get(id: string): StoredTask | undefined {
    return toStored(this.#sql.get.get(id) as TaskRow | undefined);
  }

  withKey({ tenant, principal = '' }: Asker, key: string): StoredTask | undefined {
    return toStored(this.#sql.withKey.get(tenant, principal, key) as TaskRow | undefined);
  }

  /** The newest first. @param filter.before only what is older than this task. */
  list(
    asker: Asker,
    filter: {
      contextId?: string | undefined;
      status?: TaskStatus | undefined;
      type?: TaskType | undefined;
      before?: string | undefined;
      limit: number;
    },
  ): Task[] {
    const { contextId = null, status = null, type = null, before = null, limit } = filter;
    const parameters = { ...askerParameters(asker), contextId, status, type, before, limit };
    const statement = contextId === null ? this.#sql.list : this.#sql.listOfContext;
    return (statement.all(parameters) as TaskRow[]).map((row) => toTask(row));
  }

  /** How many of a principal have not ended. */
  countOpen({ tenant, principal = '' }: Asker): number {
    return (this.#sql.countOpen.get(tenant, principal) as { n: number }).n;
  }

  /** Those of a context that have not ended, in their order. */
  openOf(contextId: string): StoredTask[] {
    return (this.#sql.openOf.all(contextId) as TaskRow[]).flatMap((row) => toStored(row) ?? []);
  }

  /**
   * Adds a task. Its turn is when it would have come if it had the highest priority: it comes before all that are added so
   * much later, however urgent, and so never starves.
   */
  add(task: NewTask, agingMs: number): void {
    const { tenant, principal = '', userId } = task.owner;
    const lane: Lane = task.type === 'mcp.add_prompt' ? 'prompt' : 'quick';
    const turn = task.now + ranks[task.priority] * agingMs;
    this.#sql.add.run({
      id: task.id,
      type: task.type,
      tenant,
      principal,
      userId,
      contextId: task.contextId,
      priority: task.priority,
      lane,
      turn,
      now: task.now,
      input: JSON.stringify(task.input),
      access: JSON.stringify(task.access),
      key: task.idempotency?.key ?? null,
      fingerprint: task.idempotency?.fingerprint ?? null,
    });
    // Prompts of a context keep their order, so those before an urgent one are as urgent.
    if (lane === 'prompt') this.#sql.hurry.run(turn, task.contextId);
  }

  /** Takes the next prompt of a context in which none runs. */
  claimPrompt(worker: string, now: number): StoredTask | undefined {
    return toStored(this.#sql.claimPrompt.get({ worker, now }) as TaskRow | undefined);
  }

  claimQuick(worker: string, now: number, limit: number): StoredTask[] {
    return (this.#sql.claimQuick.all({ worker, now, limit }) as TaskRow[])
      .toSorted((a, b) => a.seq - b.seq)
      .flatMap((row) => toStored(row) ?? []);
  }

  isHeld({ id, worker, attempt }: Hold): boolean {
    return this.#sql.isHeld.get(id, worker, attempt) !== undefined;
  }

  /** Ends a task. @returns whether it was still held. */
  finish(
    hold: Hold,
    end: { status: 'completed' | 'failed' | 'cancelled'; output?: object | undefined; error?: Task['error'] | undefined },
    now: number,
  ): boolean {
    const { status } = end;
    const output = end.output ? JSON.stringify(end.output) : null;
    const error = end.error ? JSON.stringify(end.error) : null;
    return this.#sql.finish.run({ ...hold, status, output, error, now }).changes > 0;
  }

  /** Gives a task back to be tried again. @param due milliseconds since the epoch. */
  tryAgain(hold: Hold, due: number, error: Task['error']): boolean {
    return this.#sql.tryAgain.run({ ...hold, due, error: JSON.stringify(error) }).changes > 0;
  }

  /** Gives a task back as if it had not been begun. */
  release(hold: Hold): void {
    this.#sql.release.run({ ...hold });
  }

  /** Tasks that another process had begun, which is gone. */
  abandoned(worker: string): StoredTask[] {
    return (this.#sql.abandoned.all(worker) as TaskRow[]).flatMap((row) => toStored(row) ?? []);
  }

  /** Gives an abandoned task back. */
  takeUp(id: string, failures: number): void {
    this.#sql.takeUp.run(failures, id);
  }

  /** Ends a task in whatever state it is. */
  end(id: string, status: 'failed' | 'cancelled', error: Task['error'] | undefined, now: number): void {
    this.#sql.end.run({ id, status, error: error ? JSON.stringify(error) : null, now });
  }

  /** Remembers that a running task is to be stopped, whatever becomes of this process. */
  setCancelling(id: string): void {
    this.#sql.setCancelling.run(id);
  }

  /** Begins an ended prompt anew. */
  revive(id: string, now: number): void {
    this.#sql.revive.run(now, id);
  }

  /** Forgets what the tasks of a context were about. */
  redact(contextId: string): void {
    this.#sql.redact.run(contextId);
  }

  removeEnded(before: number): void {
    this.#sql.removeEnded.run(before);
  }

  /** When the next task comes that is not due yet, in milliseconds since the epoch. */
  nextDue(now: number): number | undefined {
    return (this.#sql.nextDue.get(now) as { due: number | null }).due ?? undefined;
  }

  /** How many wait, by priority, and how many run. */
  depth(): { status: TaskStatus; priority: Priority; n: number }[] {
    return this.#sql.depth.all() as { status: TaskStatus; priority: Priority; n: number }[];
  }
}

function prepare(db: Database.Database) {
  const held = "id = @id and worker = @worker and attempts = @attempt and status = 'running'";
  const filtered = `
    ${isOfAsker} and (@contextId is null or context_id = @contextId) and (@status is null or status = @status)
    and (@type is null or type = @type) and (@before is null or seq < (select seq from tasks where id = @before))
    order by seq desc limit @limit`;
  const claimed = `set status = 'running', worker = @worker, attempts = attempts + 1, started = coalesce(started, @now)`;
  return {
    get: db.prepare('select * from tasks where id = ?'),
    withKey: db.prepare('select * from tasks where tenant = ? and principal = ? and idempotency_key = ?'),
    list: db.prepare(`select * from tasks where ${filtered}`),
    listOfContext: db.prepare(`select * from tasks where context_id = @contextId and ${filtered}`),
    countOpen: db.prepare(
      "select count(*) as n from tasks where tenant = ? and principal = ? and status in ('scheduled', 'running')",
    ),
    openOf: db.prepare("select * from tasks where context_id = ? and status in ('scheduled', 'running') order by seq"),
    add: db.prepare(`
      insert into tasks (id, type, tenant, principal, user_id, context_id, priority, lane, status, turn, due, input, access,
        idempotency_key, fingerprint, created)
      values (@id, @type, @tenant, @principal, @userId, @contextId, @priority, @lane, 'scheduled', @turn, @now, @input, @access,
        @key, @fingerprint, @now)`),
    hurry: db.prepare(`
      update tasks set turn = min(turn, ?) where context_id = ? and lane = 'prompt' and status = 'scheduled'`),
    claimPrompt: db.prepare(`
      update tasks ${claimed} where seq = (
        select seq from tasks t where status = 'scheduled' and lane = 'prompt' and due <= @now and not exists (
          select 1 from tasks o where o.context_id = t.context_id and o.status in ('scheduled', 'running')
            and o.lane = 'prompt' and (o.status = 'running' or o.seq < t.seq))
        order by turn, seq limit 1)
      returning *`),
    claimQuick: db.prepare(`
      update tasks ${claimed} where seq in (
        select seq from tasks where status = 'scheduled' and lane = 'quick' and due <= @now order by turn, seq limit @limit)
      returning *`),
    isHeld: db.prepare("select 1 from tasks where id = ? and worker = ? and attempts = ? and status = 'running'"),
    finish: db.prepare(`
      update tasks set status = @status, output = @output, error = @error, ended = @now, worker = null, cancelling = 0
      where ${held}`),
    tryAgain: db.prepare(`
      update tasks set status = 'scheduled', worker = null, due = @due, error = @error, failures = failures + 1 where ${held}`),
    release: db.prepare(`
      update tasks set status = 'scheduled', worker = null, attempts = attempts - 1 where ${held}`),
    abandoned: db.prepare("select * from tasks where status = 'running' and worker is not ? order by seq"),
    takeUp: db.prepare(`
      update tasks set status = 'scheduled', worker = null, failures = ? where id = ? and status = 'running'`),
    end: db.prepare(`
      update tasks set status = @status, error = @error, ended = @now, worker = null, cancelling = 0
      where id = @id and status in ('scheduled', 'running')`),
    setCancelling: db.prepare("update tasks set cancelling = 1 where id = ? and status = 'running'"),
    revive: db.prepare(`
      update tasks set status = 'scheduled', due = ?, failures = 0, error = null, output = null, ended = null where id = ?`),
    redact: db.prepare("update tasks set input = '{}', output = null where context_id = ?"),
    removeEnded: db.prepare('delete from tasks where ended < ?'),
    nextDue: db.prepare("select min(due) as due from tasks where status = 'scheduled' and due > ?"),
    depth: db.prepare(`
      select status, priority, count(*) as n from tasks where status in ('scheduled', 'running') group by status, priority`),
  };
}

function toStored(row: TaskRow | undefined): StoredTask | undefined {
  if (!row) return undefined;
  return {
    task: toTask(row),
    access: JSON.parse(row.access) as Access,
    failures: row.failures,
    isCancelling: row.cancelling === 1,
    ...(row.fingerprint !== null && { fingerprint: row.fingerprint }),
  };
}

function toTask(row: TaskRow): Task {
  return {
    id: row.id,
    type: row.type as TaskType,
    owner: toOwner(row),
    ...(row.context_id !== null && { contextId: row.context_id }),
    priority: row.priority as Priority,
    status: row.status as TaskStatus,
    input: toObject(row.input),
    ...(row.output !== null && { output: toObject(row.output) }),
    ...(row.error !== null && { error: JSON.parse(row.error) as { code: string; message: string } }),
    attempts: row.attempts,
    created: toTime(row.created),
    ...(row.started !== null && { started: toTime(row.started) }),
    ...(row.ended !== null && { ended: toTime(row.ended) }),
  };
}
