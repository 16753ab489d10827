import type { Revision } from '../../src/directory/index.ts';
import type { Call, Log, Refused, Seen, Write } from './log.ts';
import { Impossible, Model, type State } from './model.ts';
import { difference, type Fields } from './record.ts';
import { replay, Violation, type Moment, type Replayed } from './replay.ts';

/** What a client saw between the beginning and the end of a request, and whether a moment bears it out. */
interface Observation {
  call: Call;
  what: string;
  isOf: (moment: Moment, index: number) => boolean;
}

/**
 * Holds everything that clients did against the history of the directory, and throws where it is not strictly serializable: the
 * history is the one order in which the writes were made, it respects real time, and each read and each refusal is of a moment
 * between its beginning and its end.
 * @param revisions of the whole directory, oldest first.
 * @throws Violation.
 */
export function check(log: Log, revisions: readonly Revision[]): Replayed {
  const replayed = replay(log, revisions);
  const { moments, unchanged } = replayed;
  const observations = [
    ...log.calls.flatMap((call) => observationsOf(call)),
    ...unchanged.map(({ call, write }) => ({
      call,
      what: `nothing changed: ${tell(write)}`,
      isOf: leavesAsItIs(moments, write),
    })),
  ];
  checkOrder(moments, observations);
  return replayed;
}

/** Gives each observation the earliest moment that it can be of: after all that was answered before it began. */
function checkOrder(moments: readonly Moment[], observations: readonly Observation[]): void {
  type Event = { call: Call; index: number };
  const written = moments.flatMap(({ call }, index): Event[] => (call ? [{ call, index }] : []));
  const events: (Event | Observation)[] = [...written, ...observations].toSorted((a, b) => a.call.start - b.call.start);
  const ended: Event[] = [];
  let least = 0;
  for (const event of events) {
    const { start, end } = event.call;
    for (const [place, { call, index }] of [...ended.entries()].toReversed())
      if (call.end < start) {
        least = Math.max(least, index);
        ended.splice(place, 1);
      }
    if ('index' in event) {
      // Of one request that stands in several revisions, each for itself.
      if (event.index <= least)
        throw new Violation(`${moments[event.index]?.call?.client ?? ''} wrote before what had been answered`);
      ended.push(event);
      continue;
    }
    const index = moments.findIndex(
      (moment, at) => at >= least && (moment.call?.start ?? -Infinity) < end && event.isOf(moment, at),
    );
    if (index < 0) {
      const when = moments.flatMap((moment, at) => (event.isOf(moment, at) ? [at] : [])).slice(0, 5);
      throw new Violation(
        `${event.call.client} at ${start.toFixed(1)} ms saw what never was then: ${event.what}; that was at ${when.join(', ') || 'no moment'}, not from ${least}`,
      );
    }
    ended.push({ call: event.call, index });
  }
}

function observationsOf(call: Call): Observation[] {
  const { seen, writes } = call;
  const refusals = writes.flatMap((write) => (write.outcome.kind === 'refused' ? [{ write, refused: write.outcome }] : []));
  const observed: Observation[] = seen ? [{ call, what: JSON.stringify(seen).slice(0, 600), isOf: sees(seen) }] : [];
  const [first] = refusals;
  if (call.atomic && first)
    // One of its operations is why; which, is told only in words.
    return [
      { call, what: tell(first.write), isOf: (moment) => refusals.some(({ write, refused }) => refuses(write, refused)(moment)) },
    ];
  return [
    ...observed,
    ...refusals.map(({ write, refused }) => ({ call, what: `refused: ${tell(write)}`, isOf: refuses(write, refused) })),
  ];
}

function sees(seen: Seen): (moment: Moment) => boolean {
  if (seen.kind === 'all')
    return ({ state }) => {
      const there = [...state].filter(([, one]) => typeOf(one) === seen.type);
      return there.length === seen.versions.size && there.every(([id, { version }]) => seen.versions.get(id) === version);
    };
  const { id, version, fields, members } = seen;
  return ({ state }) => {
    const one = state.get(id);
    if (one?.version !== version) return false;
    return !one || !fields || difference({ fields, members: members ?? one.members }, one).length === 0;
  };
}

/** Whether a moment is a reason to refuse a write so. */
function refuses(write: Write, { code, current }: Refused): (moment: Moment) => boolean {
  const { id = '', intent, expected } = write;
  return ({ state }) => {
    const one = state.get(id);
    switch (code) {
      case 'NOT_FOUND':
        return !one;
      case 'VERSION_MISMATCH':
        return current === undefined ? one !== undefined : one?.version === current && current !== expected;
      case 'STALE_BODY':
        return one?.version === current && (expected === undefined || expected === current);
      case 'UNIQUENESS':
        return [...state].some(([other, { fields }]) => other !== id && sameName(fields, nameIn(write)));
      case 'SCHEMA_VIOLATION':
        return 'members' in intent || 'add' in intent || intent.kind === 'merge';
      // Whether a conflict was settled, and what a deleted resource takes, is no state of the model.
      case 'INVALID_ARGUMENTS':
        return intent.kind === 'merge' || (intent.kind === 'revert' && !one);
      case 'INVALID_ARGUMENT':
        return intent.kind === 'revert' && !one;
      case 'RETRY_BUDGET_EXHAUSTED':
        return true;
      case 'VERSION_NOT_FOUND':
        return intent.kind === 'revert';
      default:
        return false;
    }
  };
}

function nameIn({ intent }: Write): string | undefined {
  if (intent.kind === 'patch') return intent.sets['userName'] ?? undefined;
  return intent.kind === 'create' || intent.kind === 'restore' || intent.kind === 'replace'
    ? intent.fields['userName']
    : undefined;
}

/** A name that cannot be told from the write (it goes back to it) may be any. */
function sameName({ userName }: Fields, wanted: string | undefined): boolean {
  return userName !== undefined && (wanted === undefined || userName === wanted);
}

function leavesAsItIs(moments: readonly Moment[], write: Write): (moment: Moment, index: number) => boolean {
  return ({ state }, index) => {
    const { id = '', outcome } = write;
    const one = state.get(id);
    if (!one || (outcome.kind === 'done' && outcome.version !== undefined && outcome.version !== one.version)) return false;
    try {
      return modelAt(moments, index).effects({ ...write, id }).length === 0;
    } catch (error) {
      if (error instanceof Impossible) return false;
      throw error;
    }
  };
}

/** The model as it was, with all versions before. */
function modelAt(moments: readonly Moment[], index: number): Model {
  const model = new Model();
  let before: ReadonlyMap<string, State> = new Map();
  for (const { state } of moments.slice(0, index + 1)) {
    for (const [id, after] of state)
      if (before.get(id) !== after)
        model.put({ type: typeOf(after), id, operation: 'patch', before: before.get(id), after }, after.version, []);
    for (const [id, one] of before)
      if (!state.has(id))
        model.put({ type: typeOf(one), id, operation: 'delete', before: one, after: undefined }, one.version, []);
    before = state;
  }
  return model;
}

function typeOf({ fields }: State): 'User' | 'Group' {
  return fields['userName'] === undefined ? 'Group' : 'User';
}

function tell({ type, id, intent, expected, outcome }: Write): string {
  return JSON.stringify({ outcome, type, id, expected, ...intent }).slice(0, 900);
}
