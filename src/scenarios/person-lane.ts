import type { LaneInfo, Subject } from './event.ts';
import { settingText } from './lane.ts';
import { labelOf, listOf, valueAt, type Json } from './record.ts';
import type { Stage } from './stage.ts';
import { ScenarioFailure } from './wire.ts';

/** A question that waits for people. */
export interface OpenQuestion {
  id: string;
  /** Who asks. */
  from: string;
  /** Why, in its words. */
  intent: string;
}

/** A save at the window: the new record, or that somebody else was first. */
export type Saved =
  | { kind: 'saved'; record: Json }
  | {
      kind: 'conflict';
      /** The record now. */
      current: Json;
      /** Both changes together, where they do not overlap. */
      merged?: Json;
      changes: { path: string; after?: unknown; by: string }[];
    };

/** What a person does at the window. Records have their version as `_version`, as tools answer them. */
export interface Person {
  open(subject: Subject): Promise<Json>;
  /** Says that the person has typed in these fields, and not saved. */
  draft(subject: Subject, fields: readonly string[], version: string): void;
  save(subject: Subject, record: Json, expectedVersion: string): Promise<Saved>;
  close(subject: Subject): void;
  /** What waits in the inbox. */
  inbox(): Promise<OpenQuestion[]>;
  /** @returns false if somebody else has answered before. */
  answer(question: OpenQuestion, decision: { approve: boolean; reason?: string }): Promise<boolean>;
}

/** The person at the window of a scenario. What they do is played, but goes through the same directory as a real person's. */
export class PersonLane {
  readonly info: LaneInfo;
  readonly #stage: Stage;
  readonly #person: Person;
  #opened: Json = {};

  constructor(stage: Stage, info: LaneInfo, person: Person) {
    this.#stage = stage;
    this.info = info;
    this.#person = person;
  }

  async open(subject: Subject): Promise<void> {
    this.#opened = await this.#person.open(subject);
    this.#tell('read', `opens ${subject.name}`, subject);
  }

  /** Types in fields, and does not save. */
  async type(subject: Subject, sets: Readonly<Record<string, unknown>>, ms: number): Promise<void> {
    this.#person.draft(subject, Object.keys(sets), String(this.#opened['_version']));
    this.#tell('note', `types ${settingText(sets)}, and has not saved yet`, subject, Object.keys(sets)[0]);
    await this.#stage.pace.sleep(ms);
  }

  /** Saves what was typed; where somebody changed something else meanwhile, takes both with one click. */
  async save(subject: Subject, sets: Readonly<Record<string, unknown>>): Promise<void> {
    const [field = ''] = Object.keys(sets);
    await this.#stage.pace.gate();
    this.#stage.count({ attempts: 1 });
    const base = this.#opened;
    let saved = await this.#person.save(subject, withValues(base, sets), String(base['_version']));
    let kind: 'write' | 'merge' = 'write';
    const knew = Object.fromEntries(Object.keys(sets).map((path) => [path, valueAt(base, path)]));
    if (saved.kind === 'conflict') {
      const { merged, current, changes } = saved;
      this.#stage.count({ conflicts: 1, attempts: 1 });
      const who = listOf(changes.map(({ by }) => by));
      const what = listOf(changes.map(({ path }) => labelOf(path)));
      this.#tell('conflict', `is shown: ${who} changed ${what} meanwhile`, subject, field);
      if (!merged) throw new ScenarioFailure(`${this.info.name} cannot save: the same fields were changed.`);
      await this.#stage.pace.sleep(900);
      saved = await this.#person.save(subject, merged, String(current['_version']));
      kind = 'merge';
    }
    if (saved.kind === 'conflict') throw new ScenarioFailure(`${this.info.name} was overtaken twice.`);
    this.#opened = saved.record;
    this.#person.draft(subject, [], String(saved.record['_version']));
    this.#stage.count({ acknowledged: 1 });
    this.#stage.ledger.acknowledge({ by: this.info.name, subject, version: String(saved.record['_version']), sets, knew });
    this.#tell(
      kind,
      `${kind === 'merge' ? 'keeps both with one click, and saves' : 'saves'} ${settingText(sets)}`,
      subject,
      field,
    );
  }

  close(subject: Subject): void {
    this.#person.close(subject);
  }

  /**
   * Looks into the inbox until a question is there, thinks, and answers it. Whoever is really at the window may be faster.
   * @param until ends the looking: the question was answered.
   */
  async answer(
    decision: { approve: boolean; reason?: string },
    { thinkMs, until }: { thinkMs: number; until: AbortSignal },
  ): Promise<void> {
    let question: OpenQuestion | undefined;
    for (;;) {
      [question] = await this.#person.inbox();
      if (question || until.aborted) break;
      await this.#stage.pace.gate();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (!question) return;
    this.#tell('note', `reads the question: ${question.intent}`);
    await this.#stage.pace.sleep(thinkMs);
    const isFirst = await this.#person.answer(question, decision);
    const said = decision.approve ? 'says yes' : `says no: ${decision.reason ?? ''}`;
    this.#tell('decide', isFirst ? said : 'finds it answered already, by somebody at the window');
  }

  #tell(
    kind: 'read' | 'write' | 'note' | 'conflict' | 'merge' | 'decide',
    text: string,
    subject?: Subject,
    field?: string,
  ): void {
    this.#stage.tell({
      kind,
      text,
      lane: this.info.name,
      ...(subject && { subject }),
      ...(field !== undefined && { field }),
    });
  }
}

/** A record with other values. Of an extension, only what is directly in it. */
function withValues(record: Json, sets: Readonly<Record<string, unknown>>): Json {
  const copy = structuredClone(record);
  for (const [path, value] of Object.entries(sets)) {
    const at = path.startsWith('urn:') ? path.lastIndexOf(':') : -1;
    if (at < 0) copy[path] = value;
    else copy[path.slice(0, at)] = { ...(copy[path.slice(0, at)] as Json | undefined), [path.slice(at + 1)]: value };
  }
  return copy;
}
