import { aiAndHuman } from './ai-and-human.ts';
import { batch } from './batch.ts';
import { collaborativeAgents } from './collaborative-agents.ts';
import type { RunSnapshot, RunUpdate, Speed } from './event.ts';
import { longRunningWorkflow } from './long-running-workflow.ts';
import { retryStorm } from './retry-storm.ts';
import { Run, type Ground } from './run.ts';
import type { Scenario } from './scenario.ts';

/** All scenarios: the four of seed 000, and the retry storm. */
export const allScenarios: readonly Scenario[] = [collaborativeAgents, longRunningWorkflow, aiAndHuman, batch, retryStorm];

const runningMax = 2;
/** Runs that are over, and whose tenants nobody has removed yet; of more, the oldest are. */
const keptMax = 8;

/** Where scenarios are played: what the composition root gives them. */
export interface Grounds extends Ground {
  /** Makes a tenant for one run. @returns its id. */
  addTenant(title: string): Promise<string>;
  removeTenant(id: string): Promise<void>;
  /** The tenant stays, as any other. */
  keepTenant(id: string): Promise<void>;
}

/** What a scenario is, for who chooses one. */
export type ScenarioInfo = Pick<Scenario, 'name' | 'title' | 'sentence' | 'agents'>;

/** How a scenario is to be played. */
export interface StartOptions {
  speed: Speed;
  /** Absent for as many as usual. */
  agents?: number | undefined;
}

export function infoOf({ name, title, sentence, agents }: Scenario): ScenarioInfo {
  return { name, title, sentence, ...(agents && { agents }) };
}

/** The scenarios that can be played, and those that are played or were. */
export class Scenarios {
  readonly #grounds: Grounds;
  readonly #scenarios: readonly Scenario[];
  readonly #runs = new Map<string, Run>();
  #isClosed = false;

  constructor(grounds: Grounds, scenarios: readonly Scenario[] = allScenarios) {
    this.#grounds = grounds;
    this.#scenarios = scenarios;
  }

  list(): ScenarioInfo[] {
    return this.#scenarios.map(infoOf);
  }

  /** Newest first. */
  runs(): RunSnapshot[] {
    return [...this.#runs.values()].map((run) => run.snapshot()).toReversed();
  }

  find(id: string): RunSnapshot | undefined {
    return this.#runs.get(id)?.snapshot();
  }

  /** Plays a scenario in a tenant made for it. @returns undefined if there is none of this name, or too many are played. */
  async start(name: string, { speed, agents }: StartOptions): Promise<RunSnapshot | undefined> {
    const scenario = this.#scenarios.find((one) => one.name === name);
    if (!scenario || !this.#hasRoom()) return undefined;
    const { min = 1, max = 1, usual = 1 } = scenario.agents ?? {};
    const tenant = await this.#grounds.addTenant(scenario.title);
    return this.#begin({ scenario, tenant, speed, agents: Math.min(Math.max(agents ?? usual, min), max) });
  }

  /** Goes on with a run that was stopped, from its checkpoint. @returns undefined where it cannot. */
  goOn(id: string): RunSnapshot | undefined {
    const run = this.#runs.get(id);
    const left = run?.left;
    if (!run || !left || !this.#hasRoom()) return undefined;
    const { speed } = run.snapshot();
    // Its tenant is the new run's now.
    this.#runs.delete(id);
    return this.#begin({ scenario: run.scenario, tenant: left.tenant, speed, agents: 1, left });
  }

  #begin(options: Omit<ConstructorParameters<typeof Run>[0], 'ground'>): RunSnapshot {
    const run = new Run({ ...options, ground: this.#grounds });
    this.#runs.set(run.id, run);
    void run.over.then(() => this.#forgetOldest());
    return run.snapshot();
  }

  #hasRoom(): boolean {
    return !this.#isClosed && [...this.#runs.values()].filter(({ isOver }) => !isOver).length < runningMax;
  }

  async #forgetOldest(): Promise<void> {
    const over = [...this.#runs.values()].filter(({ isOver }) => isOver);
    for (const { id } of over.slice(0, -keptMax)) await this.remove(id);
  }

  /** The run and its events, until it is over. Nothing if there is no such run. */
  watch(id: string, signal?: AbortSignal): AsyncGenerator<RunUpdate> {
    return this.#runs.get(id)?.watch(signal) ?? none();
  }

  /** These do nothing where there is no such run. */
  pause(id: string): void {
    this.#runs.get(id)?.pause();
  }

  resume(id: string): void {
    this.#runs.get(id)?.resume();
  }

  setSpeed(id: string, speed: Speed): void {
    const run = this.#runs.get(id);
    if (run) run.speed = speed;
  }

  async stop(id: string): Promise<void> {
    await this.#runs.get(id)?.stop();
  }

  /** Forgets a run. It is stopped before, and its tenant goes unless it is to be kept. */
  async remove(id: string, { keepTenant = false } = {}): Promise<void> {
    const run = this.#runs.get(id);
    if (!run) return;
    await run.stop();
    this.#runs.delete(id);
    await (keepTenant ? this.#grounds.keepTenant(run.tenant) : this.#grounds.removeTenant(run.tenant));
  }

  /** Ends all runs, and removes their tenants. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const id of this.#runs.keys()) await this.remove(id);
  }
}

async function* none(): AsyncGenerator<RunUpdate> {}
