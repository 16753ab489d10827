import { connect, type Connection } from './connection.ts';
import type { EventKind, Figures, FiguresRow, LaneInfo, ScenarioEvent, ScenarioResult, Subject } from './event.ts';
import { Lane } from './lane.ts';
import { Ledger, type PastVersion, type Witness } from './ledger.ts';
import type { Pace } from './pace.ts';
import { PersonLane, type Person } from './person-lane.ts';
import type { Json } from './record.ts';
import { contentOf, ScenarioFailure } from './wire.ts';

/** Events of one run that are kept; of more, only the count is. */
const eventsMax = 20_000;

/** What a scenario is played with: its clients, its time, and the account of what was acknowledged. */
export interface StageOptions {
  pace: Pace;
  signal: AbortSignal;
  ledger: Ledger;
  /** Of the MCP server. */
  url: string;
  /** Names the run to the server. */
  run: string;
  /** @returns an access key for a client of this name. */
  keyFor: (name: string) => string;
  personNamed: (name: string) => Person;
  /** How many agents were asked for, where the scenario lets one choose. */
  agents: number;
  /** Where an earlier run broke off, as it said itself. */
  checkpoint?: string | undefined;
  onEvent(event: Omit<ScenarioEvent, 'seq'>): void;
  onLane(lane: LaneInfo): void;
  onCheckpoint(checkpoint: string): void;
}

interface Counts {
  attempts: number;
  acknowledged: number;
  conflicts: number;
  lostUpdates: number;
}

interface Phase {
  name: string;
  counts: Counts;
  from: number;
  to?: number;
}

export class Stage {
  readonly pace: Pace;
  readonly signal: AbortSignal;
  readonly ledger: Ledger;
  readonly agents: number;
  readonly #options: StageOptions;
  readonly #lanes: Lane[] = [];
  readonly #phases: Phase[] = [];
  readonly #keys = new Map<string, string>();
  #events = 0;
  #hands: Promise<Connection> | undefined;

  constructor(options: StageOptions) {
    this.#options = options;
    this.pace = options.pace;
    this.signal = options.signal;
    this.ledger = options.ledger;
    this.agents = options.agents;
  }

  /** What an earlier run has saved; undefined at the beginning. */
  get checkpoint(): string | undefined {
    return this.#options.checkpoint;
  }

  /** Keeps where a run is, so that it can go on from there. */
  save(checkpoint: string): void {
    this.#options.onCheckpoint(checkpoint);
  }

  /** Adds an agent, and connects it. */
  async agent(name: string, role: string): Promise<Lane> {
    const info: LaneInfo = { name, role, kind: 'agent' };
    const lane = new Lane(this, info);
    this.#lanes.push(lane);
    this.#options.onLane(info);
    await lane.connect();
    return lane;
  }

  /** Adds the person at the window. */
  person(name: string, role: string): PersonLane {
    const info: LaneInfo = { name, role, kind: 'person' };
    this.#options.onLane(info);
    return new PersonLane(this, info, this.#options.personNamed(name));
  }

  /** What a lane connects with. It keeps its key when it connects again. */
  accessOf({ name }: LaneInfo): { url: string; key: string; run: string; signal: AbortSignal } {
    const { url, run, keyFor } = this.#options;
    const key = this.#keys.get(name) ?? keyFor(name);
    this.#keys.set(name, key);
    return { url, key, run, signal: this.signal };
  }

  /** Begins a part of the scenario that has figures of its own. */
  phase(name: string, text: string): void {
    const now = this.pace.elapsed();
    const last = this.#phases.at(-1);
    if (last) last.to = now;
    this.#phases.push({ name, from: now, counts: { attempts: 0, acknowledged: 0, conflicts: 0, lostUpdates: 0 } });
    this.tell({ kind: 'phase', text: `${name}: ${text}` });
  }

  /** Adds to the figures of the part that is played now. */
  count(counts: Partial<Counts>): void {
    const phase = this.#phases.at(-1);
    if (!phase) throw new Error('a scenario begins with a phase');
    for (const [name, count] of Object.entries(counts)) phase.counts[name as keyof Counts] += count;
  }

  tell(event: {
    kind: EventKind;
    text: string;
    lane?: string;
    subject?: Subject;
    field?: string;
    /** When it began; absent for now. */
    at?: number;
    ms?: number;
  }): void {
    if (this.#events++ >= eventsMax) return;
    const { kind, text, lane, subject, field, at = this.pace.elapsed(), ms = this.pace.elapsed() - at } = event;
    this.#options.onEvent({
      at,
      ms,
      kind,
      text,
      ...(lane !== undefined && { lane }),
      ...(subject && { resource: subject }),
      ...(field !== undefined && field !== '' && { field }),
    });
  }

  /** Prepares what the scenario is about, in one call; nobody's lane, and in nobody's figures. */
  async prepare(users: readonly Json[], groups: readonly Json[] = []): Promise<{ users: Subject[]; groups: Subject[] }> {
    const operation = (path: string) => (data: Json) => ({ method: 'POST', path, data });
    const operations = [...users.map(operation('/Users')), ...groups.map(operation('/Groups'))];
    const hands = await this.#own();
    const { results } = contentOf(await hands.call('scim_bulk', { operations })) as { results: { id?: string }[] };
    const subjects = [...users, ...groups].map((record, index): Subject => {
      const id = results[index]?.id;
      if (id === undefined) throw new ScenarioFailure('The people of the scenario could not be added.');
      return { type: index < users.length ? 'User' : 'Group', id, name: String(record['displayName']) };
    });
    return { users: subjects.slice(0, users.length), groups: subjects.slice(users.length) };
  }

  #own(): Promise<Connection> {
    const { url, run, keyFor, signal } = this.#options;
    this.#hands ??= connect({ url, name: 'Scenario', key: keyFor('Scenario'), run: `${run}-scenario`, signal });
    return this.#hands;
  }

  /** Reads the directory as it is now, and holds it against everything that was acknowledged. */
  async result(): Promise<ScenarioResult> {
    const hands = await this.#own();
    const lost = await this.ledger.lost(witnessThrough(hands));
    const now = this.pace.elapsed();
    const rows = this.#phases.map(({ name, counts, from, to = now }): FiguresRow => ({ name, ...figures(counts, to - from) }));
    const sum = (name: keyof Counts) => this.#phases.reduce((total, { counts }) => total + counts[name], 0);
    const counted = sum('lostUpdates');
    const counts: Counts = {
      attempts: sum('attempts'),
      acknowledged: sum('acknowledged'),
      conflicts: sum('conflicts'),
      lostUpdates: Math.max(counted, lost.length),
    };
    return { ...figures(counts, now), rows, lost };
  }

  async close(): Promise<void> {
    const hands = await this.#hands?.catch(() => undefined);
    await Promise.allSettled([hands?.close(), ...this.#lanes.map((lane) => lane.disconnect())]);
  }
}

function figures({ attempts, acknowledged, conflicts, lostUpdates }: Counts, ms: number): Figures {
  const retries = (attempts - acknowledged) / Math.max(acknowledged, 1);
  return { attempts, acknowledged, conflicts, retriesPerSuccess: Math.round(retries * 100) / 100, lostUpdates, ms };
}

/** The directory, read through MCP. */
function witnessThrough({ call }: Connection): Witness {
  return {
    async record({ type, id }) {
      const answer = await (type === 'User' ? call('scim_get_user', { user_id: id }) : call('scim_get_group', { group_id: id }));
      return answer.success ? answer.content : undefined;
    },
    async history({ type, id }) {
      const entries: PastVersion[] = [];
      for (let cursor: unknown; ;) {
        const page = { resource_type: type, resource_id: id, count: 100, ...(cursor !== undefined && { cursor }) };
        const answer = await call('scim_get_history', page);
        entries.push(...(contentOf(answer) as unknown as PastVersion[]));
        cursor = answer.metadata['next_cursor'];
        if (cursor === undefined) return entries.toReversed();
      }
    },
  };
}
