import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry, type Metric } from 'prom-client';
import type { MeteredModelCall, MeteredTask } from './assistant-meter.ts';
import type { MeteredToolCall } from './tool-meter.ts';

/** A figure that is read when somebody asks for the metrics. */
export interface ReadFigure {
  name: string;
  help: string;
  /** A counter only grows; a gauge comes and goes. */
  kind: 'counter' | 'gauge';
  labels: readonly string[];
  read: () => readonly Sample[] | Promise<readonly Sample[]>;
}

export interface Sample {
  labels?: Record<string, string>;
  value: number;
}

/** A request to any door that was answered. */
export interface MeteredRequest {
  door: string;
  /** The pattern of its route, such as `/scim/v2/Users/:id`: never what somebody typed. */
  route: string;
  method: string;
  status: number;
  /** Absent for streams and long polls. */
  ms?: number | undefined;
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Models take longer, and tasks wait for people. */
const longSeconds = [...seconds, 60, 300, 1800];
const modelsMax = 50;

/**
 * Tandem's metrics in a registry of their own, named as Prometheus asks: base units, `_total` for what only grows. No label has what
 * a user, a client or a tenant has chosen: routes are patterns, tools and results are Tandem's own names, and models those of the
 * settings, fifty at most. Clients and tenants are on the dashboard (activity.ts).
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'door' | 'route' | 'method' | 'status'>;
  readonly #requestSeconds: Histogram<'door'>;
  readonly #toolCalls: Counter<'tool' | 'result'>;
  readonly #toolSeconds: Histogram<'tool'>;
  readonly #refused: Counter<'limit' | 'door'>;
  readonly #conflictsOpened: Counter<'kind'>;
  readonly #conflicts: Counter<'kind' | 'resolution'>;
  readonly #retries: Histogram;
  readonly #writes: Counter<'type' | 'operation'>;
  readonly #commitWrites: Histogram;
  readonly #commitSeconds: Histogram;
  readonly #taskRun: Histogram<'type'>;
  readonly #taskWait: Histogram<'type'>;
  readonly #modelCalls: Counter<'model' | 'result'>;
  readonly #modelSeconds: Histogram<'model'>;
  readonly #modelTokens: Counter<'model' | 'direction'>;
  readonly #modelCost: Counter<'model'>;
  readonly #models = new Set<string>();
  /** Children by their labels: finding one by an object costs as much as counting. */
  readonly #timers = new Map<string, (seconds: number) => void>();

  constructor(figures: readonly ReadFigure[]) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Counter({
      name: 'tandem_http_requests_total',
      help: 'HTTP requests that were answered.',
      labelNames: ['door', 'route', 'method', 'status'],
      registers,
    });
    this.#requestSeconds = new Histogram({
      name: 'tandem_http_request_seconds',
      help: 'Time to answer an HTTP request; streams and long polls are left out.',
      labelNames: ['door'],
      buckets: seconds,
      registers,
    });
    this.#toolCalls = new Counter({
      name: 'tandem_tool_calls_total',
      help: 'MCP tool calls; result is ok or the error code.',
      labelNames: ['tool', 'result'],
      registers,
    });
    this.#toolSeconds = new Histogram({
      name: 'tandem_tool_call_seconds',
      help: 'Time to run an MCP tool.',
      labelNames: ['tool'],
      buckets: seconds,
      registers,
    });
    this.#refused = new Counter({
      name: 'tandem_refused_total',
      help: 'Calls that were refused for a limit.',
      labelNames: ['limit', 'door'],
      registers,
    });
    this.#conflictsOpened = new Counter({
      name: 'tandem_conflicts_opened_total',
      help: 'Writes that others had come before, by kind.',
      labelNames: ['kind'],
      registers,
    });
    this.#conflicts = new Counter({
      name: 'tandem_conflicts_total',
      help: 'Conflicts that have ended, by kind and by how.',
      labelNames: ['kind', 'resolution'],
      registers,
    });
    this.#retries = new Histogram({
      name: 'tandem_conflict_retries_per_success',
      help: 'Refusals that a writer met until its conflict was resolved.',
      buckets: [1, 2, 3, 5, 8, 13, 21],
      registers,
    });
    this.#writes = new Counter({
      name: 'tandem_directory_writes_total',
      help: 'Changes of resources that are on disk.',
      labelNames: ['type', 'operation'],
      registers,
    });
    this.#commitWrites = new Histogram({
      name: 'tandem_directory_commit_writes',
      help: 'Writes that went to the disk together.',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128],
      registers,
    });
    this.#commitSeconds = new Histogram({
      name: 'tandem_directory_commit_seconds',
      help: 'Time of a commit, the disk included.',
      buckets: seconds,
      registers,
    });
    this.#taskRun = new Histogram({
      name: 'tandem_task_run_seconds',
      help: "Time of the assistant's tasks from their first beginning to their end.",
      labelNames: ['type'],
      buckets: longSeconds,
      registers,
    });
    this.#taskWait = new Histogram({
      name: 'tandem_task_wait_seconds',
      help: "Time of the assistant's tasks from their creation to their first beginning.",
      labelNames: ['type'],
      buckets: longSeconds,
      registers,
    });
    this.#modelCalls = new Counter({
      name: 'tandem_model_calls_total',
      help: 'Questions to models; result is ok or the error code.',
      labelNames: ['model', 'result'],
      registers,
    });
    this.#modelSeconds = new Histogram({
      name: 'tandem_model_call_seconds',
      help: 'Time until a model had answered to the end.',
      labelNames: ['model'],
      buckets: longSeconds,
      registers,
    });
    this.#modelTokens = new Counter({
      name: 'tandem_model_tokens_total',
      help: 'Tokens that models have read (input) and written (output).',
      labelNames: ['model', 'direction'],
      registers,
    });
    this.#modelCost = new Counter({
      name: 'tandem_model_cost_dollars_total',
      help: 'What models have cost, in US dollars, where their price is known.',
      labelNames: ['model'],
      registers,
    });
    for (const figure of figures) register(figure, this.#registry);
  }

  request({ door, route, method, status, ms }: MeteredRequest): void {
    this.#requests.inc({ door, route, method, status });
    if (ms !== undefined) this.#timer(`door ${door}`, () => this.#requestSeconds.labels({ door }))(ms / 1000);
  }

  toolCall({ tool, result, ms }: Pick<MeteredToolCall, 'tool' | 'result' | 'ms'>): void {
    this.#toolCalls.inc({ tool, result });
    this.#timer(`tool ${tool}`, () => this.#toolSeconds.labels({ tool }))(ms / 1000);
  }

  /** A call was refused for a limit. */
  limited(limit: string, door: string): void {
    this.#refused.inc({ limit, door });
  }

  conflictOpened(kind: string): void {
    this.#conflictsOpened.inc({ kind });
  }

  /** @param refusals that it took, if it was resolved. */
  conflictEnded(kind: string, resolution: string, refusals?: number): void {
    this.#conflicts.inc({ kind, resolution });
    if (refusals !== undefined) this.#retries.observe(refusals);
  }

  written(type: string, operation: string): void {
    this.#writes.inc({ type, operation });
  }

  committed({ writes, ms }: { writes: number; ms: number }): void {
    this.#commitWrites.observe(writes);
    this.#commitSeconds.observe(ms / 1000);
  }

  task({ type, runMs, waitMs }: Pick<MeteredTask, 'type' | 'runMs' | 'waitMs'>): void {
    if (runMs !== undefined) this.#timer(`run ${type}`, () => this.#taskRun.labels({ type }))(runMs / 1000);
    if (waitMs !== undefined) this.#timer(`wait ${type}`, () => this.#taskWait.labels({ type }))(waitMs / 1000);
  }

  modelCall({ model: name, result, ms, inputTokens, outputTokens, cost }: Omit<MeteredModelCall, 'tenant' | 'client'>): void {
    const isKnown = this.#models.has(name) || this.#models.size < modelsMax;
    const model = isKnown ? name : 'others';
    this.#models.add(model);
    this.#modelCalls.inc({ model, result });
    this.#timer(`model ${model}`, () => this.#modelSeconds.labels({ model }))(ms / 1000);
    this.#modelTokens.inc({ model, direction: 'input' }, inputTokens);
    this.#modelTokens.inc({ model, direction: 'output' }, outputTokens);
    if (cost !== undefined) this.#modelCost.inc({ model }, cost);
  }

  /** In Prometheus' text format 0.0.4, with its media type. */
  async text(): Promise<{ type: string; body: string }> {
    return { type: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  /** Every metric with its values, for exporters of other formats. */
  async read(): Promise<ReadMetric[]> {
    return (await this.#registry.getMetricsAsJSON()) as unknown as ReadMetric[];
  }

  #timer(key: string, child: () => { observe(value: number): void }): (value: number) => void {
    const there = this.#timers.get(key);
    if (there) return there;
    const made = child();
    const observe = (value: number) => made.observe(value);
    this.#timers.set(key, observe);
    return observe;
  }
}

/** As prom-client gives it. */
export interface ReadMetric {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram' | 'summary';
  values: { value: number; labels: Record<string, string | number>; metricName?: string }[];
}

function register({ name, help, kind, labels, read }: ReadFigure, registry: Registry): Metric {
  const configuration = { name, help, labelNames: [...labels], registers: [registry] };
  if (kind === 'gauge')
    return new Gauge({
      ...configuration,
      async collect() {
        const samples = await read();
        this.reset();
        for (const { labels: given = {}, value } of samples) this.set(given, value);
      },
    });
  return new Counter({
    ...configuration,
    async collect() {
      const samples = await read();
      this.reset();
      for (const { labels: given = {}, value } of samples) this.inc(given, value);
    },
  });
}
