import type { MeteredModelCall, MeteredTask } from './assistant-meter.ts';
import { addTimes, countTime, quantile, type Times } from './latency.ts';

interface Whose {
  tenant: string;
  client: string;
  clientName: string;
}

interface TaskCounts extends Whose {
  type: string;
  completed: number;
  failed: number;
  cancelled: number;
  retried: number;
  run: Times;
  wait: Times;
}

interface ModelCounts extends Whose {
  model: string;
  calls: number;
  failed: number;
  inputTokens: number;
  outputTokens: number;
  cost: number;
  times: Times;
}

/** What the assistant did in a time. */
export interface AssistantCounts {
  /** By tenant, client and type, and by tenant, client and model. */
  tasks: Record<string, TaskCounts>;
  models: Record<string, ModelCounts>;
  /** The most tasks that waited at once. */
  waiting: number;
  /** What all conversations held at most. */
  characters: number;
}

/**
 * Tasks of one kind, or of one client or tenant; their times are then those of prompts, since all others take next to none.
 * Milliseconds, absent where nothing was timed.
 */
export interface TaskRow {
  id: string;
  name: string;
  /** Of a client: the tenant that it works in. */
  tenant?: string;
  completed: number;
  failed: number;
  cancelled: number;
  /** Times that one was tried again for a passing reason. */
  retried: number;
  p50?: number;
  p95?: number;
  /** Until it began. */
  waitP95?: number;
  inputTokens: number;
  outputTokens: number;
}

export interface ModelRow {
  id: string;
  calls: number;
  failed: number;
  inputTokens: number;
  outputTokens: number;
  /** US dollars, where the price is known. */
  cost?: number;
  p50?: number;
  p95?: number;
}

export interface AssistantReport {
  waitingMax: number;
  tasks: TaskRow[];
  models: ModelRow[];
  clients: TaskRow[];
  tenants: TaskRow[];
}

const rowsMax = 60;
const shownMax = 20;
const promptType = 'mcp.add_prompt';
const others = { client: '…', clientName: 'Others' };

export function emptyAssistant(): AssistantCounts {
  // Names come from outside; these tables have no prototype.
  const table = () => Object.create(null) as Record<string, never>;
  return { tasks: table(), models: table(), waiting: 0, characters: 0 };
}

/** What it holds and what waits tells of no work that was done. */
export function isIdle({ tasks, models }: AssistantCounts): boolean {
  return Object.keys(tasks).length + Object.keys(models).length === 0;
}

type Owned = Pick<MeteredTask, 'tenant' | 'client'>;

export function taskOf(counts: AssistantCounts, type: string, owned: Owned): TaskCounts {
  return rowOf(counts.tasks, type, owned, (whose) => emptyTask(type, whose));
}

export function countTask(counts: AssistantCounts, { type, status, runMs, waitMs, ...owned }: MeteredTask): void {
  const row = taskOf(counts, type, owned);
  row[status]++;
  if (runMs !== undefined) countTime(row.run, runMs);
  if (waitMs !== undefined) countTime(row.wait, waitMs);
}

export function countModelCall(counts: AssistantCounts, call: MeteredModelCall): void {
  const row = rowOf(counts.models, call.model, call, (whose) => emptyModel(call.model, whose));
  row.calls++;
  // Who stops an answer has not met a fault.
  if (call.result !== 'ok' && call.result !== 'CANCELLED') row.failed++;
  row.inputTokens += call.inputTokens;
  row.outputTokens += call.outputTokens;
  row.cost += call.cost ?? 0;
  countTime(row.times, call.ms);
}

function rowOf<T>(table: Record<string, T>, kind: string, { tenant, client }: Owned, make: (whose: Whose) => T): T {
  const there = table[`${tenant} ${client.id} ${kind}`];
  if (there) return there;
  const isFull = Object.keys(table).length >= rowsMax;
  const whose = isFull ? others : { client: client.id, clientName: client.name.slice(0, 100) };
  return (table[`${tenant} ${whose.client} ${kind}`] ??= make({ tenant, ...whose }));
}

function emptyTask(type: string, whose: Whose): TaskCounts {
  return { ...whose, type, completed: 0, failed: 0, cancelled: 0, retried: 0, run: {}, wait: {} };
}

function emptyModel(model: string, whose: Whose): ModelCounts {
  return { ...whose, model, calls: 0, failed: 0, inputTokens: 0, outputTokens: 0, cost: 0, times: {} };
}

export function addAssistant(to: AssistantCounts, from: AssistantCounts): void {
  for (const [key, row] of Object.entries(from.tasks)) addTask((to.tasks[key] ??= emptyTask(row.type, whoseOf(row))), row);
  for (const [key, row] of Object.entries(from.models)) addModel((to.models[key] ??= emptyModel(row.model, whoseOf(row))), row);
  to.waiting = Math.max(to.waiting, from.waiting);
  to.characters = Math.max(to.characters, from.characters);
}

function whoseOf({ tenant, client, clientName }: Whose): Whose {
  return { tenant, client, clientName };
}

function addTask(to: TaskCounts, from: TaskCounts): void {
  for (const one of ['completed', 'failed', 'cancelled', 'retried'] as const) to[one] += from[one];
  addTimes(to.run, from.run);
  addTimes(to.wait, from.wait);
}

function addModel(to: ModelCounts, from: ModelCounts): void {
  for (const one of ['calls', 'failed', 'inputTokens', 'outputTokens', 'cost'] as const) to[one] += from[one];
  addTimes(to.times, from.times);
}

/** @param tenant only what was done in it. */
export function reportAssistant(counts: AssistantCounts, tenant?: string): AssistantReport {
  const isWanted = (row: Whose) => tenant === undefined || row.tenant === tenant;
  const tasks = Object.values(counts.tasks).filter(isWanted);
  const models = Object.values(counts.models).filter(isWanted);
  const tokensBy = (key: (row: Whose) => string) => {
    const sums = new Map<string, { inputTokens: number; outputTokens: number }>();
    for (const row of models) {
      const sum = sums.get(key(row)) ?? { inputTokens: 0, outputTokens: 0 };
      sum.inputTokens += row.inputTokens;
      sum.outputTokens += row.outputTokens;
      sums.set(key(row), sum);
    }
    return sums;
  };
  const withPromptTimes = (row: TaskCounts) => (row.type === promptType ? row : { ...row, run: {}, wait: {} });
  const grouped = (
    rows: readonly TaskCounts[],
    key: (row: TaskCounts) => string,
    tokens: ReturnType<typeof tokensBy>,
    more: (row: TaskCounts) => object,
  ) => {
    const groups = new Map<string, { sum: TaskCounts; first: TaskCounts }>();
    for (const row of rows) {
      const group = groups.get(key(row)) ?? { sum: emptyTask(row.type, row), first: row };
      addTask(group.sum, row);
      groups.set(key(row), group);
    }
    return [...groups]
      .map(([id, { sum, first }]): TaskRow => {
        const { completed, failed, cancelled, retried, run, wait } = sum;
        const waitP95 = quantile(wait, 0.95);
        const used = tokens.get(id) ?? { inputTokens: 0, outputTokens: 0 };
        const times = { ...timesOf(run), ...(waitP95 !== undefined && { waitP95 }) };
        return { id, name: id, ...more(first), completed, failed, cancelled, retried, ...times, ...used };
      })
      .toSorted((a, b) => b.completed + b.failed - a.completed - a.failed)
      .slice(0, shownMax);
  };
  const owners = tasks.map(withPromptTimes);
  const clientKey = (row: Whose) => `${row.tenant} ${row.client}`;
  const byModel = new Map<string, ModelCounts>();
  for (const row of models) {
    const sum = byModel.get(row.model) ?? emptyModel(row.model, row);
    addModel(sum, row);
    byModel.set(row.model, sum);
  }
  return {
    waitingMax: counts.waiting,
    tasks: grouped(
      tasks,
      ({ type }) => type,
      new Map(),
      () => ({}),
    ),
    models: [...byModel.values()]
      .map(({ model: id, calls, failed, inputTokens, outputTokens, cost, times }) => {
        return { id, calls, failed, inputTokens, outputTokens, ...(cost > 0 && { cost }), ...timesOf(times) };
      })
      .toSorted((a, b) => b.inputTokens + b.outputTokens - a.inputTokens - a.outputTokens || b.calls - a.calls)
      .slice(0, shownMax),
    clients: grouped(owners, clientKey, tokensBy(clientKey), (row) => ({ name: row.clientName, tenant: row.tenant })),
    tenants: grouped(
      owners,
      (row) => row.tenant,
      tokensBy((row) => row.tenant),
      () => ({}),
    ),
  };
}

function timesOf(times: Times): { p50?: number; p95?: number } {
  const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
  return { ...(p50 !== undefined && { p50 }), ...(p95 !== undefined && { p95 }) };
}
