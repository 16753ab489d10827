import {
  addAssistant,
  countModelCall,
  countTask,
  emptyAssistant,
  isIdle,
  reportAssistant,
  taskOf,
  type AssistantCounts,
  type AssistantReport,
} from './assistant-activity.ts';
import type { AssistantMeter, MeteredModelCall, MeteredTask } from './assistant-meter.ts';
import { addTimes, countTime, quantile, type Times } from './latency.ts';

/** A call of an AI client, a script or a provisioning client that was answered. */
export interface Call {
  /** `refused`: as it should be, since it was not valid, not allowed or in conflict; `failed`: by a fault of Tandem's. */
  outcome: 'ok' | 'refused' | 'failed';
  /** Absent where nothing was done that takes time. */
  ms?: number;
  tenant: string;
  client: { id: string; name: string };
}

interface Counts {
  calls: number;
  refused: number;
  failed: number;
  conflicts: number;
  /** Conflicts that were resolved, and the refusals that they took. */
  resolved: number;
  retries: number;
  times: Times;
}

type ByName = Record<string, Counts & { name: string; tenant?: string }>;

/** What happened in one minute. */
export interface Minute extends Counts {
  /** Minutes since the epoch. */
  at: number;
  /** The most writes that waited for a commit. */
  queue: number;
  clients: ByName;
  tenants: ByName;
  assistant: AssistantCounts;
}

/** Figures of a time. */
export interface Figures {
  calls: number;
  refused: number;
  failed: number;
  conflicts: number;
  /** Refusals that those met whose conflict was resolved. */
  retries: number;
  /** Milliseconds; absent where nothing was timed. */
  p50?: number;
  p95?: number;
  p99?: number;
}

/** Of a piece of the time, for charts. */
export interface ActivityPoint extends Figures {
  /** When it began: milliseconds since the epoch. */
  from: number;
  queue: number;
  /** The most tasks of the assistant that waited, and what its conversations held; as before where nothing was done. */
  tasksWaiting: number;
  characters: number;
}

export interface ActivityRow extends Figures {
  id: string;
  name: string;
  /** Of a client: the tenant that it works in. */
  tenant?: string;
}

export interface ActivityReport {
  totals: Figures & {
    /** Refusals until a conflict was resolved, on average; absent where none was. */
    retriesPerSuccess?: number;
    queueMax: number;
  };
  /** Minutes that each point has. */
  step: number;
  points: ActivityPoint[];
  /** Those with the most calls first. */
  clients: ActivityRow[];
  tenants: ActivityRow[];
  assistant: AssistantReport;
}

const hourMinutes = 60;
const dayMinutes = 24 * 60;
/** What a piece of the day's charts is made of. */
const quarterMinutes = 15;
/** More than so many in a minute are counted together. */
const namesMax = 30;
const rowsMax = 20;
const others = { id: '…', name: 'Others' };

/** What happened in each minute of the last hour and each quarter of an hour of the last day, in memory; finished minutes are given away to be kept (activity-file.ts). */
export class Activity {
  readonly #clock: () => number;
  readonly #minutes = new Map<number, Minute>();
  /** Told of each minute when it is over, if something happened in it. */
  onMinute: ((minute: Minute) => void) | undefined;
  #current: Minute;

  /** @param clock milliseconds since the epoch. @param kept minutes of before, oldest first. */
  constructor({ clock = Date.now, kept = [] }: { clock?: () => number; kept?: readonly Minute[] } = {}) {
    this.#clock = clock;
    for (const minute of kept) this.#put(minute);
    this.#current = emptyMinute(this.#minuteNow());
  }

  call({ outcome, ms, tenant, client }: Call): void {
    const minute = this.now();
    const counts = [minute, named(minute.clients, `${tenant} ${client.id}`, client.name, tenant), named(minute.tenants, tenant)];
    for (const one of counts) {
      one.calls++;
      if (outcome !== 'ok') one[outcome]++;
      if (ms !== undefined) countTime(one.times, ms);
    }
  }

  /** A write was refused since another one came before it. */
  conflict(tenant: string, client: { id: string; name: string }): void {
    const minute = this.now();
    minute.conflicts++;
    named(minute.clients, `${tenant} ${client.id}`, client.name, tenant).conflicts++;
    named(minute.tenants, tenant).conflicts++;
  }

  /** @param refusals that the writer met until it had written. */
  resolved(tenant: string, client: { id: string; name: string }, refusals: number): void {
    const minute = this.now();
    const counts = [minute, named(minute.clients, `${tenant} ${client.id}`, client.name, tenant), named(minute.tenants, tenant)];
    for (const one of counts) {
      one.resolved++;
      one.retries += refusals;
    }
  }

  task(task: MeteredTask): void {
    countTask(this.now().assistant, task);
  }

  taskRetried({ type, ...owned }: Parameters<AssistantMeter['taskRetried']>[0]): void {
    taskOf(this.now().assistant, type, owned).retried++;
  }

  modelCall(call: MeteredModelCall): void {
    countModelCall(this.now().assistant, call);
  }

  /** What waits for the assistant, and what its conversations hold. */
  assistant({ waiting, characters }: { waiting: number; characters: number }): void {
    const { assistant } = this.now();
    assistant.waiting = Math.max(assistant.waiting, waiting);
    assistant.characters = Math.max(assistant.characters, characters);
  }

  queue(waiting: number): void {
    const minute = this.now();
    minute.queue = Math.max(minute.queue, waiting);
  }

  /** The minute that is running; the one before is over when this is asked for, and so is told. */
  now(): Minute {
    const at = this.#minuteNow();
    if (this.#current.at === at) return this.#current;
    this.flush();
    this.#current = emptyMinute(at);
    return this.#current;
  }

  /** Ends the minute that is running, as at a close; what comes in it later is added to it. */
  flush(): void {
    const minute = this.#current;
    this.#current = emptyMinute(minute.at);
    if (isEmpty(minute)) return;
    this.#put(minute);
    this.onMinute?.(minute);
  }

  #put(minute: Minute): void {
    const now = this.#minuteNow();
    this.#add(minute.at, minute);
    for (const [at, there] of this.#minutes) {
      const quarter = at - (at % quarterMinutes);
      // Past the hour only quarters of an hour are shown: a day of single minutes would be fifteen times as much.
      const isFolded = at !== quarter && quarter + quarterMinutes <= now - hourMinutes;
      if (isFolded) this.#add(quarter, there);
      if (isFolded || at <= now - dayMinutes) this.#minutes.delete(at);
    }
  }

  #add(at: number, minute: Minute): void {
    const there = this.#minutes.get(at) ?? emptyMinute(at);
    add(there, minute);
    this.#minutes.set(at, there);
  }

  #minuteNow(): number {
    return Math.floor(this.#clock() / 60_000);
  }

  /** Everything of the last minutes together, the running one too. */
  sum(minutes: number): Minute {
    const { at } = this.now();
    const sum = emptyMinute(at);
    for (let one = at - minutes + 1; one <= at; one++) {
      const there = this.#minutes.get(one);
      if (there) add(sum, there);
    }
    add(sum, this.#current);
    return sum;
  }

  /**
   * @param minutes how far back, at most a day.
   * @param tenant only what was done in it; the queues, and what conversations hold, are of all.
   */
  report(minutes: number, tenant?: string): ActivityReport {
    const span = Math.min(dayMinutes, Math.max(1, minutes));
    const { at } = this.now();
    const step = span <= hourMinutes ? 1 : quarterMinutes;
    // Pieces begin at the same minutes each time, so that a chart does not flicker.
    const first = Math.floor((at - span + 1) / step) * step;
    const points: ActivityPoint[] = [];
    const all = emptyMinute(at);
    for (let from = first; from <= at; from += step) {
      const piece = emptyMinute(from);
      for (let one = from; one < from + step; one++) {
        const there = this.#minutes.get(one);
        if (there) add(piece, there);
        if (one === at) add(piece, this.#current);
      }
      add(all, piece);
      const { waiting, characters } = piece.assistant;
      points.push({
        from: from * 60_000,
        queue: piece.queue,
        tasksWaiting: waiting,
        characters: characters === 0 ? (points.at(-1)?.characters ?? 0) : characters,
        ...figures(of(piece, tenant)),
      });
    }
    const rows = (names: ByName) =>
      Object.entries(names)
        .filter(([, row]) => tenant === undefined || row.tenant === undefined || row.tenant === tenant)
        .map(([id, row]) => ({ id, name: row.name, ...(row.tenant !== undefined && { tenant: row.tenant }), ...figures(row) }))
        .toSorted((a, b) => b.calls - a.calls)
        .slice(0, rowsMax);
    const total = of(all, tenant);
    return {
      totals: {
        ...figures(total),
        queueMax: all.queue,
        ...(total.resolved > 0 && { retriesPerSuccess: total.retries / total.resolved }),
      },
      step,
      points,
      clients: rows(all.clients),
      tenants: rows(all.tenants),
      assistant: reportAssistant(all.assistant, tenant),
    };
  }
}

function emptyCounts(): Counts {
  return { calls: 0, refused: 0, failed: 0, conflicts: 0, resolved: 0, retries: 0, times: {} };
}

function emptyMinute(at: number): Minute {
  // Names come from outside; these tables have no prototype.
  const table = (): ByName => Object.create(null) as ByName;
  return { at, ...emptyCounts(), queue: 0, clients: table(), tenants: table(), assistant: emptyAssistant() };
}

function isEmpty({ calls, conflicts, resolved, queue, assistant }: Minute): boolean {
  return calls + conflicts + resolved + queue === 0 && isIdle(assistant);
}

function named(table: ByName, id: string, name = id, tenant?: string): Counts {
  const there = table[id];
  if (there) return there;
  const isFull = Object.keys(table).length >= namesMax;
  const row: ByName[string] = { name: isFull ? others.name : name.slice(0, 100), ...emptyCounts() };
  if (!isFull && tenant !== undefined) row.tenant = tenant;
  return (table[isFull ? others.id : id] ??= row);
}

function add(to: Minute, from: Minute): void {
  addCounts(to, from);
  addAssistant(to.assistant, from.assistant);
  to.queue = Math.max(to.queue, from.queue);
  for (const table of ['clients', 'tenants'] as const)
    for (const [id, row] of Object.entries(from[table]))
      addCounts(
        (to[table][id] ??= { ...emptyCounts(), name: row.name, ...(row.tenant !== undefined && { tenant: row.tenant }) }),
        row,
      );
}

function addCounts(to: Counts, from: Counts): void {
  to.calls += from.calls;
  to.refused += from.refused;
  to.failed += from.failed;
  to.conflicts += from.conflicts;
  to.resolved += from.resolved;
  to.retries += from.retries;
  addTimes(to.times, from.times);
}

function of(minute: Minute, tenant: string | undefined): Counts {
  return tenant === undefined ? minute : (minute.tenants[tenant] ?? emptyCounts());
}

export function figures({ calls, refused, failed, conflicts, retries, times }: Counts): Figures {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(times, share));
  return {
    calls,
    refused,
    failed,
    conflicts,
    retries,
    ...(p50 !== undefined && { p50 }),
    ...(p95 !== undefined && { p95 }),
    ...(p99 !== undefined && { p99 }),
  };
}
