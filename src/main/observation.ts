import type { FastifyPluginAsync } from 'fastify';
import type { AssistantContexts } from '../assistant/index.ts';
import type { Auth } from '../auth/index.ts';
import { isAllowed, type Actor, type Directory, type RecordedConflict } from '../directory/index.ts';
import type { EventStreams } from '../events/index.ts';
import type { McpDoor } from '../mcp/index.ts';
import {
  Alarms,
  HealthCheck,
  Metrics,
  openActivity,
  type Alarm,
  type AlarmRules,
  type LimitName,
  type Now,
  type MeteredRequest,
} from '../observe/host.ts';
import {
  currentCall,
  type AssistantMeter,
  type CallContext,
  type Log,
  type MeteredModelCall,
  type MeteredTask,
  type MeteredToolCall,
} from '../observe/index.ts';
import { readFigures } from './figures.ts';

export interface ObservationOptions {
  directory: Directory;
  auth: Auth;
  eventStreams: EventStreams;
  contexts: AssistantContexts;
  mcp: McpDoor;
  administrator: (tenant: string) => Actor;
  /** The file of the last day's activity. */
  path: string;
  dataDir: string;
  version: string;
  alarmRules: () => AlarmRules;
  /** What is wrong with settings that were edited on the disk. */
  settingsProblem: () => string | undefined;
  isOpen: () => boolean;
  isClosing: () => boolean;
  log: Log;
}

const checkEveryMs = 10_000;

/**
 * What Tandem tells about itself: it listens to the rooms, and knows the figures of a day, alarms, health and metrics. Rooms know
 * nothing of it; the doors tell of what they have answered (`request`, `toolCall`).
 */
export class Observation {
  readonly activity: ReturnType<typeof openActivity>;
  readonly health: HealthCheck;
  readonly metrics: Metrics;
  readonly #options: ObservationOptions;
  readonly #alarms: Alarms;
  readonly #timer: NodeJS.Timeout;
  readonly #unsubscribe: (() => void)[];
  /** By state, as of the last check: asking reads the database. */
  #streams: Record<string, number> = {};
  #eventsWaiting = 0;

  constructor(options: ObservationOptions) {
    this.#options = options;
    const { directory, log, path } = options;
    this.activity = openActivity(path, (error) => log.warn({ err: error }, 'the activity of the day could not be kept'));
    this.metrics = new Metrics(
      readFigures({
        ...options,
        eventStreams: () => this.#streams,
        eventsWaiting: () => this.#eventsWaiting,
        alarms: () => this.alarms().map(({ id }) => id),
      }),
    );
    this.health = new HealthCheck({
      version: options.version,
      dataDir: options.dataDir,
      probeDatabase: () => directory.load.probe(),
      isOpen: options.isOpen,
      isClosing: options.isClosing,
      assistant: () => this.#assistant(),
      stoppedStreams: () => this.#streams['stopped'] ?? 0,
      keychain: options.auth.secrets,
    });
    this.#alarms = new Alarms(this.activity, options.alarmRules, ({ id, message }, isOver) =>
      isOver ? log.info({ alarm: id }, 'an alarm is over') : log.warn({ alarm: id }, message),
    );
    this.#unsubscribe = [
      directory.onChange(({ type, operation }) => this.metrics.written(type, operation)),
      directory.conflicts.onChange((conflict) => this.#conflict(conflict)),
    ];
    directory.load.onCommit((commit) => {
      this.metrics.committed(commit);
      this.activity.queue(directory.load.writesWaiting() + commit.writes);
    });
    this.#timer = setInterval(() => void this.check(), checkEveryMs);
    this.#timer.unref();
  }

  /** Looks at what alarms are about. */
  async check(): Promise<readonly Alarm[]> {
    try {
      await this.#readStreams();
      await this.health.read();
      this.activity.assistant(this.now());
    } catch (error) {
      // What is asked may have been closed meanwhile, at the end.
      if (this.#options.isClosing()) return this.alarms();
      this.#options.log.error({ err: error }, 'how Tandem is could not be found out');
    }
    this.#alarms.check({
      diskFree: this.health.diskFree,
      stoppedStreams: this.#streams['stopped'] ?? 0,
      writesWaiting: this.#options.directory.load.writesWaiting(),
      settingsProblem: this.#options.settingsProblem(),
    });
    return this.alarms();
  }

  /** What there is to do now. @param tenant whose conversations to count. */
  now(tenant?: string): Now {
    const { queue, running, waitingForAnswer, contexts, nodes, size } = this.#options.contexts.stats(tenant);
    const waiting = Object.values(queue).reduce((sum, count) => sum + count, 0);
    const writesWaiting = this.#options.directory.load.writesWaiting();
    return { writesWaiting, waiting, running, waitingForAnswer, contexts, nodes, characters: size };
  }

  task(task: MeteredTask): void {
    this.metrics.task(task);
    this.activity.task(task);
  }

  taskRetried(task: Parameters<AssistantMeter['taskRetried']>[0]): void {
    this.activity.taskRetried(task);
  }

  modelCall(call: MeteredModelCall): void {
    this.metrics.modelCall(call);
    this.activity.modelCall(call);
  }

  alarms(): readonly Alarm[] {
    return this.#alarms.list();
  }

  toolCall(call: MeteredToolCall): void {
    const { result, ms, tenant, client } = call;
    this.metrics.toolCall(call);
    const outcome = result === 'INTERNAL_ERROR' ? 'failed' : isAnswer.has(result) ? 'ok' : 'refused';
    this.activity.call({ outcome, ms, tenant, client });
  }

  request(request: MeteredRequest, { tenant, client, clientName = '' }: CallContext): void {
    this.metrics.request(request);
    if (request.status === 413) this.metrics.limited('body', request.door);
    // Calls of tools are counted one by one; the window's and sign-in's are not what the dashboard is about.
    const { door, status, ms } = request;
    if (door !== 'scim' || tenant === undefined || client === undefined || ms === undefined) return;
    const outcome = status >= 500 ? 'failed' : status >= 400 ? 'refused' : 'ok';
    this.activity.call({ outcome, ms, tenant, client: { id: client, name: clientName } });
  }

  /** A call was refused for a limit. The dashboard counts it where the request does not tell it (`request`). */
  limited(limit: LimitName, tenant: string): void {
    const { door = 'unknown', client, clientName = '' } = currentCall() ?? {};
    this.metrics.limited(limit, door);
    if (door !== 'scim' && client !== undefined)
      this.activity.call({ outcome: 'refused', tenant, client: { id: client, name: clientName } });
  }

  #conflict({ tenant, kind, state, strategy = 'abandon', attempts, author }: RecordedConflict): void {
    if (state === 'open') {
      this.activity.conflict(tenant, author);
      if (attempts === 1) this.metrics.conflictOpened(kind);
    } else if (state === 'resolved') {
      this.activity.resolved(tenant, author, attempts);
      this.metrics.conflictEnded(kind, strategy, attempts);
    } else if (state === 'abandoned') this.metrics.conflictEnded(kind, strategy);
  }

  #assistant(): { ok: boolean } {
    try {
      this.#options.contexts.stats();
      return { ok: true };
    } catch {
      return { ok: false };
    }
  }

  async #readStreams(): Promise<void> {
    const { directory, eventStreams } = this.#options;
    const states: Record<string, number> = {};
    let waiting = 0;
    for (const { id } of directory.tenants.list())
      // Most tenants have none.
      if (eventStreams.eventUris(id).length > 0)
        for (const stream of await eventStreams.list(id)) {
          states[stream.state] = (states[stream.state] ?? 0) + 1;
          waiting += stream.waiting.count;
        }
    this.#streams = states;
    this.#eventsWaiting = waiting;
  }

  /** Health for whoever supervises Tandem; metrics for who has a key that manages all tenants (docs/decisions/0020). */
  get routes(): FastifyPluginAsync {
    return async (fastify) => {
      await fastify.register(this.health.routes);
      fastify.get('/metrics', async (request, reply) => {
        reply.header('cache-control', 'no-store');
        const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
        const actor = token === undefined ? undefined : (await this.#options.auth.authenticate(token))?.actor;
        if (!actor) {
          const message = 'Send an access key as Authorization: Bearer. Make one with: tandem token --scope scim:admin';
          return reply.code(401).header('www-authenticate', 'Bearer scope="scim:admin"').send({ error: 'unauthorized', message });
        }
        if (actor.tenant !== 'default' || !isAllowed(actor, 'scim:admin')) {
          const message = 'Metrics are about all tenants: they need scim:admin of the tenant default.';
          return reply
            .code(403)
            .header('www-authenticate', 'Bearer error="insufficient_scope", scope="scim:admin"')
            .send({ error: 'forbidden', message });
        }
        const { type, body } = await this.metrics.text();
        return reply.type(type).send(body);
      });
    };
  }

  close(): void {
    clearInterval(this.#timer);
    for (const end of this.#unsubscribe) end();
    this.activity.close();
  }
}

/** Results of tools that are what was asked for, though not all of it is done. */
const isAnswer = new Set(['ok', 'INPUT_REQUIRED']);
