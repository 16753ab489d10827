import type { EventKind, LaneInfo, Subject } from './event.ts';
import { connect, type Connection } from './connection.ts';
import { enterpriseUrn, labelOf, listOf, memberPath, quoted, valueAt, type Json } from './record.ts';
import type { Stage } from './stage.ts';
import { contentOf, ScenarioFailure, type ToolAnswer, type WireConflict } from './wire.ts';

/** A write that was refused since somebody else had written, and all that is needed to settle it. */
export interface Refused {
  conflict: WireConflict;
  subject: Subject;
  sets: Readonly<Record<string, unknown>>;
  /** The record that the write was made from. */
  base: Json;
}

/** What became of a write: the record, or why not. */
export type Outcome =
  | { kind: 'written'; record: Json; left: string[] }
  | { kind: 'refused'; refused: Refused }
  /** A person said no. */
  | { kind: 'declined'; says: string };

/** What stands where both sides changed the same. */
export type Choice = 'mine' | 'theirs' | { value: unknown };

/** One agent: an MCP client with a key of its own, and what it has read. */
export class Lane {
  readonly info: LaneInfo;
  readonly #stage: Stage;
  readonly #read = new Map<string, Json>();
  #connection: Promise<Connection> | undefined;

  constructor(stage: Stage, info: LaneInfo) {
    this.#stage = stage;
    this.info = info;
  }

  tell(kind: EventKind, text: string, more: { subject?: Subject; field?: string; at?: number; ms?: number } = {}): void {
    this.#stage.tell({ kind, text, lane: this.info.name, ...more });
  }

  /** Ends its connection; the next call makes another. What it has read is forgotten. */
  async disconnect(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    this.#connection = undefined;
    this.#read.clear();
    await connection?.close();
  }

  /** Makes sure that it is connected. */
  async connect(): Promise<void> {
    await this.#connected();
  }

  #connected(): Promise<Connection> {
    this.#connection ??= connect({ ...this.#stage.accessOf(this.info), name: this.info.name });
    return this.#connection;
  }

  /** Calls a tool, when the run is not paused. */
  async call(name: string, args: Json): Promise<ToolAnswer> {
    await this.#stage.pace.gate();
    const connection = await this.#connected();
    return connection.call(name, args);
  }

  /** Thinks, for a time that depends on the speed of the run. */
  async think(ms: number, text: string): Promise<void> {
    this.tell('note', text);
    await this.#stage.pace.sleep(ms);
  }

  /** Waits, for a time that depends on the speed of the run. */
  async wait(ms: number, text: string, subject: Subject): Promise<void> {
    this.tell('wait', text, { subject, ms: Math.round(this.#stage.pace.scaled(ms)) });
    await this.#stage.pace.sleep(ms);
  }

  /** Reads a user or group. @returns the record, with its `_version`. */
  async read(subject: Subject, text = `reads ${subject.name}`): Promise<Json> {
    const at = this.#stage.pace.elapsed();
    const [tool, argument] = subject.type === 'User' ? ['scim_get_user', 'user_id'] : ['scim_get_group', 'group_id'];
    const record = contentOf(await this.call(tool, { [argument]: subject.id }));
    this.#read.set(subject.id, record);
    this.tell('read', text, { subject, at });
    return record;
  }

  /** What it has read or written of a resource last. */
  known(subject: Subject): Json {
    return this.#read.get(subject.id) ?? {};
  }

  /** Remembers what it was shown of a resource in another way. */
  learn(subject: Subject, record: Json): void {
    this.#read.set(subject.id, record);
  }

  /** Creates a user. */
  async create(record: Json, name: string): Promise<{ subject: Subject; record: Json }> {
    const at = this.#stage.pace.elapsed();
    this.#stage.count({ attempts: 1 });
    const created = contentOf(await this.call('scim_create_user', { user_data: record }));
    const subject: Subject = { type: 'User', id: String(created['id']), name };
    this.#written(subject, created, scalarsOf(record), {});
    this.tell('write', `creates ${name}`, { subject, at });
    return { subject, record: created };
  }

  /**
   * Changes fields of a user, with the version that it has read.
   * @param sets by SCIM path.
   * @param base the record that the change is made from; absent for what was read last.
   * @param text what is told of it; absent for what it sets.
   */
  async patch(
    subject: Subject,
    sets: Readonly<Record<string, unknown>>,
    base = this.known(subject),
    text?: string,
  ): Promise<Outcome> {
    const operations = Object.entries(sets).map(([path, value]) => ({ op: 'replace', path, value }));
    const args = { user_id: subject.id, operations, expected_version: base['_version'] };
    return this.write({ tool: 'scim_patch_user', args, subject, sets, base, ...(text !== undefined && { text }) });
  }

  /** Adds members to a group, without a version: the members are a set. */
  async addMembers(group: Subject, people: readonly Subject[]): Promise<Outcome> {
    const at = this.#stage.pace.elapsed();
    this.#stage.count({ attempts: 1 });
    const args = { group_id: group.id, add: people.map(({ id }) => id) };
    const content = contentOf(await this.call('scim_modify_group_members', args));
    const sets = Object.fromEntries(people.map(({ id }) => [memberPath(id), true]));
    this.#acknowledge(group, String(content['_version']), sets, {});
    this.tell('write', `adds ${listOf(people.map(({ name }) => name))} to ${group.name}`, {
      subject: group,
      field: 'members',
      at,
    });
    return { kind: 'written', record: content, left: [] };
  }

  /** Sends a write. A conflict is told and returned. @throws ScenarioFailure for any other refusal. */
  async write(update: {
    tool: string;
    args: Json;
    subject: Subject;
    sets: Readonly<Record<string, unknown>>;
    base: Json;
    text?: string;
  }): Promise<Outcome> {
    const { tool, args, subject, sets, base } = update;
    const at = this.#stage.pace.elapsed();
    this.#stage.count({ attempts: 1 });
    const answer = await this.call(tool, args);
    const { content } = answer;
    if (!answer.success) {
      if (!content.conflict) throw new ScenarioFailure(`${this.info.name} was refused: ${content.error ?? ''}`);
      return { kind: 'refused', refused: this.refuse({ conflict: content.conflict, subject, sets, base }, at) };
    }
    const knew = Object.fromEntries(Object.keys(sets).map((path) => [path, valueAt(base, path)]));
    this.#written(subject, content, sets, knew);
    const [field = ''] = Object.keys(sets);
    this.tell('write', update.text ?? `sets ${settingText(sets)} of ${subject.name}`, { subject, field, at });
    return { kind: 'written', record: content, left: [] };
  }

  /** Takes note of an acknowledged write that was made in another way. */
  wrote(subject: Subject, version: string, sets: Readonly<Record<string, unknown>>, base: Json): void {
    const knew = Object.fromEntries(Object.keys(sets).map((path) => [path, valueAt(base, path)]));
    this.#acknowledge(subject, version, sets, knew);
  }

  /** Tells of a conflict, and counts it. */
  refuse(refused: Refused, at = this.#stage.pace.elapsed()): Refused {
    const { conflict, subject } = refused;
    this.#stage.count({ conflicts: 1 });
    const theirs = conflict.changes.filter(({ actor }) => actor.name !== this.info.name);
    const who = listOf(theirs.map(({ actor }) => actor.name)) || 'somebody';
    const [field] = conflict.overlapping;
    const isSame = theirs.some(({ path }) => path in refused.sets);
    const fields = listOf(theirs.map(({ path }) => labelOf(path)));
    const what = conflict.overlap
      ? `both changed ${listOf(conflict.overlapping.map(labelOf))}`
      : `${who} changed ${fields} meanwhile${isSame ? ', to the same value' : '; nothing overlaps'}`;
    this.tell('conflict', `is refused at ${subject.name}: ${what}`, { subject, at, ...(field !== undefined && { field }) });
    return refused;
  }

  /**
   * Settles a conflict in one call: both changes together.
   * @param choices what stands at each path that both sides changed.
   */
  async merge(refused: Refused, choices: Readonly<Record<string, Choice>> = {}): Promise<Outcome> {
    const { conflict, subject } = refused;
    const at = this.#stage.pace.elapsed();
    this.#stage.count({ attempts: 1 });
    const chosen = Object.keys(choices).length > 0 ? { choices } : {};
    const args = { conflict_id: conflict.conflict_id, strategy: 'merge', ...chosen };
    const answer = await this.call('scim_resolve_conflict', args);
    const next = answer.content.conflict;
    if (!answer.success && next) return { kind: 'refused', refused: this.refuse({ ...refused, conflict: next }, at) };
    const record = contentOf(answer);
    const left = leftOf(answer);
    const sets = Object.fromEntries(
      Object.entries(refused.sets).flatMap(([path, value]) => {
        const choice = choices[path];
        if (left.includes(path)) return [];
        return [[path, typeof choice === 'object' ? choice.value : value]];
      }),
    );
    this.#written(subject, record, sets, knewAt(refused, sets));
    const yields = left.length > 0 ? `gives way on ${listOf(left.map(labelOf))}` : undefined;
    const keeps = Object.keys(sets).length > 0 ? `keeps both: ${settingText(sets)} of ${subject.name}` : undefined;
    const [field = ''] = Object.keys(refused.sets);
    this.tell('merge', [yields, keeps].filter((words) => words !== undefined).join('; '), { subject, field, at });
    return { kind: 'written', record, left };
  }

  /** Lets people decide a conflict, and waits for their answer, however long they take. */
  async askPeople(refused: Refused, reason: string): Promise<Outcome> {
    const { conflict, subject } = refused;
    const [field = ''] = conflict.overlapping;
    this.#stage.count({ attempts: 1 });
    this.tell('ask', `asks people: ${reason}`, { subject, field });
    const asked = await this.call('scim_resolve_conflict', { conflict_id: conflict.conflict_id, strategy: 'ask_human', reason });
    if (!asked.success) {
      const says = asked.content.error ?? 'It was declined.';
      if (asked.content.error_code !== 'DECLINED') throw new ScenarioFailure(says);
      return this.#declined(subject, says);
    }
    if (asked.content['status'] === 'pending') {
      const { status, reason: said = '' } = await this.#untilAnswered(String(asked.content['escalation_id']));
      if (status !== 'approved') return this.#declined(subject, String(said));
    }
    const record = asked.content['status'] === 'pending' ? await this.read(subject) : asked.content;
    // A person may have approved something else than what was asked: what stands is theirs.
    const sets = Object.fromEntries(Object.entries(refused.sets).filter(([path, value]) => valueAt(record, path) === value));
    this.#written(subject, record, sets, knewAt(refused, sets));
    this.tell('merge', `is told yes: ${settingText(sets)} of ${subject.name}`, { subject, field });
    return { kind: 'written', record, left: [] };
  }

  async #untilAnswered(escalation: string): Promise<Json> {
    for (;;) {
      const content = contentOf(await this.call('scim_get_escalation', { escalation_id: escalation, wait_seconds: 20 }));
      if (content['status'] !== 'pending') return content;
    }
  }

  #declined(subject: Subject, says: string): Outcome {
    this.tell('note', `is told no, and leaves it: ${says.replace(/^Nothing was written\. /, '')}`, { subject });
    return { kind: 'declined', says };
  }

  #written(subject: Subject, record: Json, sets: Readonly<Record<string, unknown>>, knew: Record<string, unknown>): void {
    this.#read.set(subject.id, record);
    this.#acknowledge(subject, String(record['_version']), sets, knew);
  }

  #acknowledge(subject: Subject, version: string, sets: Readonly<Record<string, unknown>>, knew: Record<string, unknown>): void {
    this.#stage.count({ acknowledged: 1 });
    this.#stage.ledger.acknowledge({ by: this.info.name, subject, version, sets, knew });
  }
}

/** "job title to “Analyst” and department to “Sales”" */
export function settingText(sets: Readonly<Record<string, unknown>>): string {
  return listOf(Object.entries(sets).map(([path, value]) => `${labelOf(path)} to ${quoted(value)}`));
}

/** What the writer of a conflict knew to stand: what it was told of the others' changes, else what it had read. */
function knewAt({ conflict, base }: Refused, sets: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const told = new Map(conflict.changes.map(({ path, after }) => [path, after]));
  return Object.fromEntries(Object.keys(sets).map((path) => [path, told.has(path) ? told.get(path) : valueAt(base, path)]));
}

/** What a new record sets, by path: its single values, and those of the enterprise extension. */
function scalarsOf(record: Json): Record<string, unknown> {
  const isScalar = ([, value]: [string, unknown]) => typeof value !== 'object';
  const extension = Object.entries((record[enterpriseUrn] ?? {}) as Json).filter(isScalar);
  return Object.fromEntries([
    ...Object.entries(record).filter(isScalar),
    ...extension.map(([name, value]) => [`${enterpriseUrn}:${name}`, value]),
  ]);
}

function leftOf({ metadata }: ToolAnswer): string[] {
  const left = metadata['left_as_others_have_it'] as { path: string }[] | undefined;
  return (left ?? []).map(({ path }) => path);
}
