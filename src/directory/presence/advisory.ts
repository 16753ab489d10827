import type { Presence } from './presence.ts';

/** What an agent is told about a resource before it writes: who else is at it, and how likely a collision is. */
export interface Advisory {
  /** Others who have it open with unsaved changes, or are about to write; of very many, some. */
  others: { who: string; kind: Presence['kind']; fields: string[]; since: string; until: string; note?: string }[];
  /** Paths that somebody has changed and not saved, or is about to change. */
  fieldsTaken: string[];
  /** 0 to 1: how likely a write soon is refused or collides. */
  collisionLikelihood: number;
  /** What to do, in a sentence. */
  advice: string;
}

const othersMax = 20;

/**
 * Foresees a collision.
 * @param others who else is at the resource.
 * @param conflicts how many writes of the resource were refused for a conflict in the last hour, and how many were done.
 * @param fields the paths that the agent is about to write; all are taken to be at risk if it does not say.
 * @returns undefined where nobody else is at it and nothing collided lately.
 */
export function foresee(
  others: readonly Presence[],
  conflicts: { refused: number; written: number },
  fields: readonly string[] = [],
): Advisory | undefined {
  const { busy, told, taken, names } = summaryOf(others);
  if (busy === 0 && conflicts.refused === 0) return undefined;
  const hits = fields.filter((field) => taken.some((path) => overlaps(path, field)));
  // Laplace's rule of succession: one conflict of one write is a sign, not a certainty.
  const history = conflicts.refused === 0 ? 0 : (conflicts.refused + 1) / (conflicts.refused + conflicts.written + 2);
  const present = hits.length > 0 ? 0.9 : busy === 0 ? 0 : fields.length > 0 && taken.length > 0 ? 0.15 : 0.5;
  const collisionLikelihood = Math.round((1 - (1 - history) * (1 - present)) * 100) / 100;
  return {
    others: told,
    fieldsTaken: taken,
    collisionLikelihood,
    advice: adviceFor({ busy, taken, names }, hits),
  };
}

interface Summary {
  /** How many have unsaved changes or are about to write. */
  busy: number;
  told: Advisory['others'];
  taken: string[];
  names: string;
}

/** Of the lists that the board gives, which stay the same until somebody comes, goes or takes another field. */
const summaries = new WeakMap<readonly Presence[], Summary>();

function summaryOf(others: readonly Presence[]): Summary {
  const known = summaries.get(others);
  if (known) return known;
  const busy = others.filter(({ kind }) => kind !== 'open');
  const told = busy.slice(0, othersMax).map(({ who, kind, fields, since, until, note }) => {
    const other = { who: who.name, kind, fields, since, until };
    return note === undefined ? other : { ...other, note };
  });
  const taken = [...new Set(busy.flatMap(({ fields }) => fields))];
  const names = [...new Set(busy.map(({ who }) => who.name))].slice(0, othersMax).join(', ');
  const summary = { busy: busy.length, told, taken, names };
  summaries.set(others, summary);
  return summary;
}

function adviceFor({ busy, taken, names }: Omit<Summary, 'told'>, hits: readonly string[]): string {
  if (hits.length > 0)
    return `${names} ${busy === 1 ? 'is' : 'are'} changing ${hits.join(', ')} right now: wait until they have saved, take other fields, or ask them.`;
  if (taken.length > 0)
    return `${names} ${busy === 1 ? 'is' : 'are'} changing ${taken.join(', ')}: patch only other fields, with expected_version.`;
  if (busy > 0) return `${names} ${busy === 1 ? 'is' : 'are'} at this record: patch only what you must, with expected_version.`;
  return 'Writes of this record collided lately: patch only the fields that you change, with expected_version.';
}

/** Whether a change of one path touches the other: the same, or one within the other. */
export function overlaps(a: string, b: string): boolean {
  return a === b || isWithin(a, b) || isWithin(b, a);
}

function isWithin(inner: string, outer: string): boolean {
  return inner.startsWith(outer) && ['.', '[', ':'].includes(inner.charAt(outer.length));
}
