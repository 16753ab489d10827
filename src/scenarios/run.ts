import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../observe/index.ts';
import type { LaneInfo, RunSnapshot, RunState, RunUpdate, ScenarioEvent, ScenarioResult, Speed } from './event.ts';
import { Ledger } from './ledger.ts';
import { Pace } from './pace.ts';
import type { Person } from './person-lane.ts';
import type { Scenario } from './scenario.ts';
import { Stage } from './stage.ts';
import { ScenarioFailure } from './wire.ts';

/** What a watcher is told at once, so that a storm of events is a few messages. */
const togetherMs = 80;

/** What a run is played in. */
export interface Ground {
  /** Of the MCP server. */
  url: string;
  /** @returns an access key to the tenant for a client of this name. */
  keyFor(tenant: string, name: string): string;
  /** The person of this name at the window, in the tenant. */
  personIn(tenant: string, name: string): Person;
  log: Log;
}

/** What goes on from one run to the next, where a run was stopped. */
interface Left {
  tenant: string;
  ledger: Ledger;
  checkpoint: string;
  elapsedMs: number;
}

/** One play of a scenario, with everything that was told in it. */
export class Run {
  readonly id = randomUUID();
  readonly tenant: string;
  /** Resolves when it is over, in whatever way. */
  readonly over: Promise<void>;
  readonly #scenario: Scenario;
  readonly #pace: Pace;
  readonly #ledger: Ledger;
  readonly #abort = new AbortController();
  readonly #lanes: LaneInfo[] = [];
  readonly #events: ScenarioEvent[] = [];
  #checkpoint: string | undefined;
  #state: RunState = 'running';
  #result: ScenarioResult | undefined;
  #error: string | undefined;
  #wake = Promise.withResolvers<void>();

  constructor(options: {
    scenario: Scenario;
    tenant: string;
    ground: Ground;
    speed: Speed;
    agents: number;
    left?: Left | undefined;
  }) {
    const { scenario, tenant, speed, left } = options;
    this.tenant = tenant;
    this.#scenario = scenario;
    this.#pace = new Pace(speed, this.#abort.signal, left?.elapsedMs);
    this.#ledger = left?.ledger ?? new Ledger();
    this.#checkpoint = left?.checkpoint;
    this.over = this.#play(options);
  }

  async #play({ scenario, tenant, ground, agents }: { scenario: Scenario; tenant: string; ground: Ground; agents: number }) {
    const stage = new Stage({
      pace: this.#pace,
      signal: this.#abort.signal,
      ledger: this.#ledger,
      url: ground.url,
      run: `scenario-${this.id}`,
      keyFor: (name) => ground.keyFor(tenant, name),
      personNamed: (name) => ground.personIn(tenant, name),
      agents,
      checkpoint: this.#checkpoint,
      onEvent: (event) => {
        this.#events.push({ seq: this.#events.length, ...event });
        this.#tell();
      },
      onLane: (lane) => {
        this.#lanes.push(lane);
        this.#tell();
      },
      onCheckpoint: (checkpoint) => (this.#checkpoint = checkpoint),
    });
    try {
      await scenario.play(stage);
      this.#result = await stage.result();
      this.#state = 'done';
    } catch (error) {
      const isStopped = this.#abort.signal.aborted;
      this.#state = isStopped ? 'stopped' : 'failed';
      if (!isStopped) {
        ground.log.error({ err: error, scenario: scenario.name }, 'a scenario failed');
        const isKnown = error instanceof ScenarioFailure;
        this.#error = isKnown ? error.message : 'Something went wrong in Tandem. The log says what; run it again.';
      }
    } finally {
      this.#pace.end();
      await stage.close();
      this.#tell();
    }
  }

  get isOver(): boolean {
    return this.#state === 'done' || this.#state === 'failed' || this.#state === 'stopped';
  }

  /** What the next run can go on from; undefined if it cannot. */
  get left(): Left | undefined {
    const checkpoint = this.#checkpoint;
    if (this.#state !== 'stopped' || !this.#scenario.resumable || checkpoint === undefined) return undefined;
    return { tenant: this.tenant, ledger: this.#ledger, checkpoint, elapsedMs: this.#pace.elapsed() };
  }

  get scenario(): Scenario {
    return this.#scenario;
  }

  pause(): void {
    if (this.#state !== 'running') return;
    this.#state = 'paused';
    this.#pace.pause();
    this.#tell();
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.#pace.resume();
    this.#tell();
  }

  set speed(speed: Speed) {
    this.#pace.speed = speed;
    this.#tell();
  }

  /** Ends it; what was acknowledged stays in its tenant. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error('stopped'));
    await this.over;
  }

  snapshot(): RunSnapshot {
    const { name, title } = this.#scenario;
    return {
      id: this.id,
      scenario: name,
      title,
      tenant: this.tenant,
      state: this.#state,
      speed: this.#pace.speed,
      elapsedMs: this.#pace.elapsed(),
      lanes: [...this.#lanes],
      resumable: this.left !== undefined,
      ...(this.#result && { result: this.#result }),
      ...(this.#error !== undefined && { error: this.#error }),
    };
  }

  /** The run and all events so far, then whenever there is more, until it is over. */
  async *watch(signal?: AbortSignal): AsyncGenerator<RunUpdate> {
    const ended = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    for (let from = 0; ;) {
      if (signal?.aborted) return;
      const isLast = this.isOver;
      const more = this.#wake.promise;
      const events = this.#events.slice(from);
      yield { run: this.snapshot(), from, events };
      if (isLast) return;
      from += events.length;
      await Promise.race([more, ended]);
      if (!this.isOver) await Promise.race([sleep(togetherMs), ended]);
    }
  }

  #tell(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}
