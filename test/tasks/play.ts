import { pino } from 'pino';
import { createRunner, type RunnerOptions } from '../../src/assistant/agent/create-runner.ts';
import { TestRun } from '../../src/assistant/agent/test-run.ts';
import type { Answer, Question, Usage } from '../../src/assistant/context.ts';
import type { TestHost } from '../host.ts';
import { startProxy, type Proxy } from './proxy.ts';
import { copyOf, differences, readState } from './state.ts';
import type { Decision, Task } from './task.ts';
import { World } from './world.ts';

/** Which model plays: the offline rules, or one of an endpoint as the settings would name it. */
export interface Player {
  modelId: string;
  settings: RunnerOptions['settings'];
  secrets: RunnerOptions['secrets'];
}

export const offline: Player = {
  modelId: 'offline-rules',
  settings: {
    data: { models: [], servers: [], permissions: [] },
    permissions: { list: () => [], allow: async () => {} },
    onChange: () => () => {},
  },
  secrets: { get: async () => undefined, set: async () => {}, delete: async () => {} },
};

/** How a task went. */
export interface Result {
  task: string;
  says: string;
  /** What is wrong; nothing if it was passed. */
  wrong: string[];
  questions: number;
  modelCalls: number;
  toolCalls: number;
  usage: Usage;
  ms: number;
  /** What the agent said, for who looks into a failure. */
  text: string;
}

const runMs = 300_000;
/** A model that asks in plain text instead of with its tool is answered so often. */
const answersInTextMax = 3;

/** Plays tasks on a host, each in a tenant of its own. */
export class Stage {
  readonly #host: TestHost;
  readonly #proxy: Proxy;
  readonly #player: Player;
  #tenants = 0;

  private constructor(host: TestHost, proxy: Proxy, player: Player) {
    this.#host = host;
    this.#proxy = proxy;
    this.#player = player;
  }

  static async open(host: TestHost, player: Player = offline): Promise<Stage> {
    return new Stage(host, await startProxy(`${host.origin}/mcp/x/all`), player);
  }

  close(): Promise<void> {
    return this.#proxy.close();
  }

  /** Plays a task once. @param says which of its wordings, from 0. */
  async play(task: Task, says = 0): Promise<Result> {
    const { directory } = this.#host.app.services;
    const tenant = `task-${(this.#tenants += 1)}`;
    const world = await World.make(directory, tenant);
    await task.before?.(world);
    const expected = copyOf(await readState(directory, world.person));
    const meanwhile = new Meanwhile(task, world);
    const agent = this.#agent(world, meanwhile);
    const wordings = [task.says, ...(task.or ?? [])];
    const turns = [wordings[says % wordings.length] ?? task.says].flat();
    const started = performance.now();
    const runs: PlayedRun[] = [];
    const wrong: string[] = [];
    try {
      const script = new Script(task, meanwhile);
      for (const [index, turn] of turns.entries()) {
        if (index === turns.length - 1) meanwhile.arm();
        await agent.say(turn, { runs, script, open: task.open });
      }
      for (let more = 0; more < answersInTextMax && script.isOpen && /\?\s*$/.test(runs.at(-1)?.text ?? ''); more++)
        await agent.say(await script.inWords(), { runs, script, open: task.open });
    } catch (error) {
      wrong.push(`it failed: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await agent.close();
    }
    const text = runs.map((run) => run.text).join('\n');
    if (!meanwhile.isDone) wrong.push('the moment for the change in between never came');
    for (const edit of [...(meanwhile.isDone ? (task.meanwhile?.edits ?? []) : []), ...task.does]) edit.expect(expected, world);
    wrong.push(...differences(expected, await readState(directory, world.person), (id) => world.nameOf(id)));
    const questions = runs.reduce((sum, run) => sum + run.questions.length, 0) + agent.askedInText;
    if (task.mustAsk && questions === 0) wrong.push('it did not ask');
    for (const fact of task.tells ?? []) if (!text.includes(fact)) wrong.push(`it does not tell “${fact}”`);
    const { escalations } = await directory.escalations.list(world.person, { state: 'pending', limit: 100 });
    if (escalations.length !== (task.waits ?? 0))
      wrong.push(`${escalations.length} changes wait for people, must be ${task.waits ?? 0}`);
    if (text.trim() === '') wrong.push('it said nothing');
    directory.presence.leave(world.person, `window ${tenant}`);
    await directory.tenants.delete(tenant);
    return {
      task: task.id,
      says: turns.join(' / '),
      wrong,
      questions,
      modelCalls: runs.reduce((sum, run) => sum + run.modelCalls, 0),
      toolCalls: meanwhile.calls,
      usage: usageOf(runs),
      ms: performance.now() - started,
      text,
    };
  }

  /** The agent of one task, which reaches the server through the proxy. */
  #agent(world: World, meanwhile: Meanwhile) {
    const key = this.#host.app.accessKeys.issueTemporary({
      tenant: world.tenant,
      scopes: ['scim:read', 'scim:write'],
      name: "Tandem's agent",
    });
    const runner = createRunner({
      ...this.#player,
      mcpUrl: this.#proxy.address(world.tenant, (tool) => meanwhile.onCall(tool)),
      keyFor: () => key,
      log: pino({ level: 'silent' }),
    });
    let askedInText = 0;
    return {
      get askedInText() {
        return askedInText;
      },
      say: async (says: string, { runs, script, open }: { runs: PlayedRun[]; script: Script; open: string | undefined }) => {
        const after = runs.at(-1);
        if (after && script.hasBegun) askedInText++;
        const focus = open === undefined ? undefined : { id: world.id(open), name: open, type: 'User' };
        const run = new PlayedRun(says, {
          modelId: this.#player.modelId,
          metadata: focus ? { focus } : {},
          answering: (question) => script.answer(question),
          ...(after && { after }),
        });
        runs.push(run);
        const timer = setTimeout(() => run.stop(), runMs);
        try {
          await runner.run(run);
        } finally {
          clearTimeout(timer);
        }
      },
      close: async () => {
        await runner.close();
        this.#proxy.forget(world.tenant);
      },
    };
  }
}

/** A run that counts what its model was asked. */
class PlayedRun extends TestRun {
  modelCalls = 0;

  override async use(usage: Usage): Promise<void> {
    this.modelCalls++;
    await super.use(usage);
  }
}

function usageOf(runs: readonly PlayedRun[]): Usage {
  const total: Usage = { inputTokens: 0, outputTokens: 0 };
  for (const { used } of runs) {
    total.inputTokens += used.inputTokens;
    total.outputTokens += used.outputTokens;
    if (used.cost !== undefined) total.cost = (total.cost ?? 0) + used.cost;
  }
  return total;
}

/** What the administrator does in between, once, at the moment that the task names. */
class Meanwhile {
  readonly #task: Task;
  readonly #world: World;
  #armed = false;
  #done: Promise<void> | undefined;
  calls = 0;

  constructor(task: Task, world: World) {
    this.#task = task;
    this.#world = world;
  }

  get isDone(): boolean {
    return this.#task.meanwhile === undefined || this.#done !== undefined;
  }

  arm(): void {
    this.#armed = true;
  }

  async onCall(tool: string): Promise<void> {
    this.calls++;
    if (!reads.test(tool)) await this.happens('write');
  }

  /** The first of these moments lets it happen; others that come at the same time wait for it too. */
  async happens(at: 'write' | 'question'): Promise<void> {
    const { meanwhile } = this.#task;
    if (!this.#armed || meanwhile?.at !== at) return;
    this.#done ??= (async () => {
      for (const edit of meanwhile.edits) await edit.make(this.#world);
    })();
    await this.#done;
  }
}

const reads =
  /^scim_(?:get|list|search|compare|user_exists|group_exists|server_info|conflict_report|validate|begin_edit|end_edit)/;

/** Answers the agent's questions as the task says, by their kind. */
class Script {
  readonly #task: Task;
  readonly #meanwhile: Meanwhile;
  #asked = 0;
  hasBegun = false;

  constructor(task: Task, meanwhile: Meanwhile) {
    this.#task = task;
    this.#meanwhile = meanwhile;
  }

  /** Whether there are answers that nobody has asked for. */
  get isOpen(): boolean {
    return this.#asked < (this.#task.answers?.length ?? 0);
  }

  #next(): Decision | undefined {
    const { answers = [] } = this.#task;
    return answers[Math.min(this.#asked++, answers.length - 1)];
  }

  async answer({ kind, options = [] }: Question): Promise<Answer> {
    await this.#meanwhile.happens('question');
    if (kind === 'form') return this.#task.approves ? { action: 'accept', content: {} } : { action: 'decline' };
    if (kind === 'url') return { action: 'cancel' };
    const decision = this.#next();
    if (kind === 'permission')
      return decision === 'no' || this.#task.hostile ? { action: 'decline' } : { action: 'accept', scope: 'once' };
    const chosen = decision && choose(options, decision);
    return chosen ? { action: 'accept', content: { value: chosen.value } } : { action: 'cancel' };
  }

  /** The answer to a question that was asked in plain text. */
  async inWords(): Promise<string> {
    this.hasBegun = true;
    await this.#meanwhile.happens('question');
    const decision = this.#next();
    if (typeof decision === 'object') return `I mean ${decision.pick}.`;
    return decision === 'yes' ? 'Yes, do what I asked for.' : 'No. Leave it as it is now.';
  }
}

const no = /\b(?:no|not|keep|leave|their|theirs|cancel|abort|stop|nothing)\b/i;

function choose(options: NonNullable<Question['options']>, decision: Decision): { label: string; value: string } | undefined {
  if (typeof decision === 'object') return options.find(({ label, value }) => `${label} ${value}`.includes(decision.pick));
  return options.find(({ label }) => no.test(label) === (decision === 'no'));
}
