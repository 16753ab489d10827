import { versionOf, type Revision } from '../../src/directory/index.ts';
import { changeDigest } from '../../src/directory/member-digest.ts';
import type { Call, Log, Write } from './log.ts';
import { Impossible, Model, type Effect, type Key, type State } from './model.ts';
import { difference, fieldsOf, memberPath } from './record.ts';

/** The directory after one transaction. */
export interface Moment {
  /** By id. */
  state: ReadonlyMap<string, State>;
  /** Whose transaction led here; absent for the beginning. */
  call?: Call;
}

/** A write whose client was not told whether it changed anything, or that did not. */
export interface Unchanged {
  call: Call;
  write: Write;
}

export interface Replayed {
  /** From the beginning; one for each transaction. */
  moments: Moment[];
  unchanged: Unchanged[];
}

/** The clock of a computer is set while it runs, by a little. */
const clockSlackMs = 20;

/** What the history does not bear out. */
export class Violation extends Error {}

/**
 * Replays the history of a directory against the sequential model: each transaction must be one acknowledged write, in the order in
 * which its client sent them, and have made exactly what the write asks for of exactly the version that it names.
 * @param revisions of the whole directory, oldest first.
 * @throws Violation.
 */
export function replay(log: Log, revisions: readonly Revision[]): Replayed {
  const model = new Model();
  const moments: Moment[] = [{ state: new Map() }];
  const pending = new Map<string, Pending[]>();
  for (const call of log.calls)
    for (const unit of unitsOf(call)) pending.set(call.client, [...(pending.get(call.client) ?? []), unit]);
  const unchanged: Unchanged[] = [];
  const owners = new Owners();
  for (let next = 0; next < revisions.length;) {
    const first = revisions[next];
    if (!first) break;
    const units = pending.get(first.author.name) ?? [];
    const tried: string[] = [];
    let taken = 0;
    for (const [index, unit] of units.entries()) {
      // Later requests of a client come after its earlier ones; operations that stand alone come in any order.
      const earlier = units.slice(0, index).find((other) => other.call !== unit.call && !other.mayBeNothing);
      if (earlier) break;
      try {
        taken = take(model, owners, unit, revisions, next);
      } catch (error) {
        if (!(error instanceof Impossible)) throw error;
        tried.push(`${describe(unit)}: ${error.message}`);
        continue;
      }
      for (const passed of units.slice(0, index).filter((other) => other.call !== unit.call)) unchanged.push(...nothing(passed));
      const rest = units.filter((other, place) => other !== unit && (place > index || other.call === unit.call));
      pending.set(first.author.name, rest);
      moments.push({ state: new Map(model.now()), call: unit.call });
      break;
    }
    if (taken === 0)
      throw new Violation(
        `No acknowledged write accounts for revision ${told(first)}. Its author's:\n${tried.slice(0, 5).join('\n') || 'none left'}`,
      );
    next += taken;
  }
  for (const unit of [...pending.values()].flat()) {
    if (!unit.mayBeNothing) throw new Violation(`Acknowledged, and nowhere in the history: ${describe(unit)}`);
    unchanged.push(...nothing(unit));
  }
  return { moments, unchanged };
}

/** Writes that are one transaction. */
interface Pending {
  call: Call;
  writes: Write[];
  /** Nothing needs to be in the history of it. */
  mayBeNothing: boolean;
}

function unitsOf(call: Call): Pending[] {
  const writes = call.writes.filter(({ outcome }) => outcome.kind !== 'refused');
  if (writes.length === 0) return [];
  const units = call.atomic ? [writes] : writes.map((write) => [write]);
  return units.map((unit) => ({ call, writes: unit, mayBeNothing: unit.every(mayBeNothing) }));
}

function mayBeNothing({ outcome, intent }: Write): boolean {
  if (outcome.kind === 'unknown') return true;
  if (['create', 'restore', 'delete'].includes(intent.kind)) return false;
  return outcome.kind === 'done' && outcome.changed !== true;
}

function nothing({ call, writes }: Pending): Unchanged[] {
  return writes.flatMap((write) => (write.outcome.kind === 'done' ? [{ call, write }] : []));
}

/**
 * Holds one transaction against the revisions from `next` on, and takes note of them.
 * @returns how many revisions it is. @throws Impossible where it is another's; Violation where it did what it must not.
 */
function take(model: Model, owners: Owners, unit: Pending, revisions: readonly Revision[], next: number): number {
  const { call } = unit;
  let taken = 0;
  for (const write of unit.writes) {
    const id = write.id ?? revisions[next + taken]?.id ?? '';
    const key: Write & Key = { ...write, id };
    if (write.outcome.kind === 'done' && write.outcome.changed === false) throw new Impossible('it had changed nothing');
    const effects = model.effects(key);
    if (effects.length === 0 && unit.writes.length === 1) throw new Impossible('it would change nothing');
    const made = effects.map((_, index) => revisions[next + taken + index]);
    for (const { effect, revision } of paired(effects, made)) {
      compare(effect, revision, call);
      guardOthers(owners, key, effect, call);
      const after = effect.after && revision.version;
      if (effect.id === id && after !== undefined && write.outcome.kind === 'done' && (write.outcome.version ?? after) !== after)
        throw new Impossible(`it was answered ${String(write.outcome.version)}, and the history has ${after}`);
    }
    for (const { effect, revision } of paired(effects, made)) {
      model.put(effect, revision.version, revision.fromGroups ?? []);
      owners.note(effect, call.client);
    }
    write.id = id;
    taken += effects.length;
  }
  return taken;
}

/** Effects with their revisions; those in groups of a member that goes or returns come in any order. */
function paired(effects: readonly Effect[], revisions: readonly (Revision | undefined)[]) {
  return effects.map((effect) => {
    const revision = revisions.find((candidate) => candidate?.id === effect.id);
    if (!revision) throw new Impossible(`the history has no revision of ${effect.type} ${effect.id} there`);
    return { effect, revision };
  });
}

function compare({ type, id, operation, before, after }: Effect, revision: Revision, call: Call): void {
  if (revision.type !== type || revision.id !== id || revision.author.name !== call.client || revision.operation !== operation)
    throw new Impossible(`it is a ${operation} of ${id}`);
  if (revision.previousVersion !== before?.version)
    throw new Impossible(`it is made from ${String(revision.previousVersion)}, and there was ${String(before?.version)}`);
  const at = Date.parse(revision.at);
  if (at < call.from - clockSlackMs || at > call.to + clockSlackMs)
    throw new Impossible(
      `it was sent and answered from ${iso(call.from)} to ${iso(call.to)}, and the history has ${revision.at}`,
    );
  const moved = new Set(before?.members);
  for (const member of revision.members?.removed ?? []) if (!moved.delete(member)) throw new Violation(`${member} was no member`);
  for (const member of revision.members?.added ?? []) moved.add(member);
  const content = { fields: fieldsOf(revision.resource), members: [...moved].toSorted() };
  const wrong = difference(after ?? before, after ? content : { ...content, members: before?.members ?? [] });
  if (wrong.length > 0) throw new Impossible(`the history differs in ${wrong.join(', ')}`);
  const digest = changeDigest('', after ? content.members : (before?.members ?? []), []);
  if (versionOf(revision.resource, digest) !== revision.version)
    throw new Violation(`${told(revision)} has not the version of its content`);
}

function iso(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString() : 'never';
}

/** Who set each field last. */
class Owners {
  readonly #clients = new Map<string, string>();

  of({ id }: Key, path: string): string | undefined {
    return this.#clients.get(`${id} ${path}`);
  }

  note(effect: Effect, client: string): void {
    for (const path of difference(effect.before, effect.after)) this.#clients.set(`${effect.id} ${path}`, client);
  }
}

/** No field changes that the writer did not mean to change, but for what it had set itself. @throws Violation. */
function guardOthers(owners: Owners, { id, meant, intent }: Write & Key, effect: Effect, { client }: Call): void {
  if (!meant && effect.id === id) return;
  const mayChange = new Set(effect.id === id ? meant : [memberPath(id)]);
  for (const path of difference(effect.before, effect.after)) {
    if (mayChange.has(path) || owners.of(effect, path) === client) continue;
    throw new Violation(
      `A lost update: ${client} (${intent.kind} of ${id}, meaning ${[...mayChange].join(', ')}) set back ${path}, which ${String(owners.of(effect, path))} had set`,
    );
  }
}

export function told({ revision, operation, type, id, author }: Revision): string {
  return `${revision} (${operation} of ${type} ${id} by ${author.name})`;
}

function describe({ call, writes }: Pending): string {
  const what = writes.map(({ type, id, intent, expected, outcome }) =>
    JSON.stringify({ outcome, type, id, expected, ...intent }),
  );
  return `${call.client} at ${call.start.toFixed(1)} ms: ${what.join('; ').slice(0, 900)}`;
}
