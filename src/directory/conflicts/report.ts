import type { Author } from '../resource.ts';
import type { RecordedConflict, Strategy } from './recorded-conflict.ts';

/** How often something was part of a conflict. */
export interface Counted {
  name: string;
  conflicts: number;
}

/** What a tenant's conflicts were about, who met whom, how they ended, and what would avoid them. */
export interface ConflictReport {
  /** RFC 3339, UTC: conflicts opened since. */
  since: string;
  conflicts: number;
  /** There were more than were counted; the newest were. */
  isCut: boolean;
  /** Refusals for each conflict that was resolved. */
  retriesPerSuccess: number;
  /** From the first refusal to the end, in milliseconds; of those that are resolved. */
  medianResolutionMs: number;
  byStrategy: Partial<Record<Strategy | 'open', number>>;
  byKind: Record<RecordedConflict['kind'], number>;
  /** By hour of the day, UTC, 0 to 23. */
  byHour: number[];
  /** SCIM paths; each list has the most frequent first. */
  fields: Counted[];
  resources: (Counted & { type: RecordedConflict['type']; id: string })[];
  /** Who was refused, and who had changed it. */
  pairs: (Counted & { refused: string; other: string; field?: string })[];
  /** What repeats, and could be avoided. Each door has its own words for it. */
  advice: Advice[];
}

export type Advice =
  /** Two collide again and again, most often on this field, and more than half of all conflicts are at this hour of the day (UTC). */
  | { code: 'PAIR'; refused: string; other: string; conflicts: number; field?: string; hour?: number }
  /** Records would have undone what others changed; with the names of who sent most of them. */
  | { code: 'STALE_BODIES'; conflicts: number; authors: string[] }
  /** Most conflicts overlapped in no field. */
  | { code: 'NO_OVERLAP'; conflicts: number; of: number }
  /** More than half of all conflicts are about one resource. */
  | { code: 'ONE_RESOURCE'; name: string; type: RecordedConflict['type']; id: string }
  /** Writers gave up after they had tried again. */
  | { code: 'GAVE_UP'; conflicts: number };

const shownMax = 10;
/** Fewer conflicts are chance. */
const patternMin = 3;

/**
 * Learns from past conflicts ("Version History Analysis", seed 000). Pure.
 * @param conflicts newest first; @param nameOf what people call a resource.
 */
export function reportOn(
  conflicts: readonly RecordedConflict[],
  { since, isCut, nameOf }: { since: string; isCut: boolean; nameOf: (conflict: RecordedConflict) => string },
): ConflictReport {
  const resolved = conflicts.filter(({ state }) => state === 'resolved');
  const attempts = resolved.reduce((sum, conflict) => sum + conflict.attempts, 0);
  const times = resolved.map(({ openedAt, settledAt = openedAt }) => Date.parse(settledAt) - Date.parse(openedAt));
  const byHour = Array.from({ length: 24 }, () => 0);
  for (const { openedAt } of conflicts) {
    const hour = new Date(openedAt).getUTCHours();
    byHour[hour] = (byHour[hour] ?? 0) + 1;
  }
  const byKind = { VERSION_MISMATCH: 0, STALE_BODY: 0 };
  const byStrategy: ConflictReport['byStrategy'] = {};
  for (const { kind, state, strategy } of conflicts) {
    byKind[kind]++;
    const end = state === 'open' ? 'open' : (strategy ?? 'open');
    byStrategy[end] = (byStrategy[end] ?? 0) + 1;
  }
  const fields = ranked(
    conflicts.flatMap((conflict) => (conflict.overlapping.length > 0 ? conflict.overlapping : conflict.fields)),
  );
  const resources = ranked(conflicts.map(({ type, resourceId }) => `${type} ${resourceId}`)).flatMap(
    ({ name, conflicts: count }) => {
      const one = conflicts.find(({ type, resourceId }) => `${type} ${resourceId}` === name);
      return one ? [{ name: nameOf(one), type: one.type, id: one.resourceId, conflicts: count }] : [];
    },
  );
  const pairs = pairsOf(conflicts);
  const figures = { since, conflicts: conflicts.length, isCut, byStrategy, byKind, byHour, fields, resources, pairs };
  return {
    ...figures,
    retriesPerSuccess: resolved.length === 0 ? 0 : Math.round((attempts / resolved.length) * 100) / 100,
    medianResolutionMs: times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0,
    advice: adviceOn(conflicts, figures),
  };
}

function pairsOf(conflicts: readonly RecordedConflict[]): ConflictReport['pairs'] {
  const pairs = new Map<string, { refused: Author; other: Author; fields: string[]; conflicts: number }>();
  for (const { author, others, overlapping, fields } of conflicts)
    for (const other of others) {
      const key = `${author.id} ${other.id}`;
      const pair = pairs.get(key) ?? { refused: author, other, fields: [], conflicts: 0 };
      pair.conflicts++;
      pair.fields.push(...(overlapping.length > 0 ? overlapping : fields));
      pairs.set(key, pair);
    }
  return [...pairs.values()]
    .toSorted((a, b) => b.conflicts - a.conflicts)
    .slice(0, shownMax)
    .map(({ refused, other, fields, conflicts: count }) => {
      const [field] = ranked(fields);
      return {
        name: `${refused.name} and ${other.name}`,
        refused: refused.name,
        other: other.name,
        conflicts: count,
        ...(field && { field: field.name }),
      };
    });
}

function adviceOn(
  conflicts: readonly RecordedConflict[],
  { pairs, resources, byKind, byHour }: Pick<ConflictReport, 'pairs' | 'resources' | 'byKind' | 'byHour'>,
): Advice[] {
  const advice: Advice[] = [];
  const [pair] = pairs;
  if (pair && pair.conflicts >= patternMin) {
    const { refused, other, field, conflicts: count } = pair;
    const hour = byHour.indexOf(Math.max(...byHour));
    const isHour = (byHour[hour] ?? 0) * 2 > conflicts.length;
    advice.push({
      code: 'PAIR',
      refused,
      other,
      conflicts: count,
      ...(field !== undefined && { field }),
      ...(isHour && { hour }),
    });
  }
  if (byKind.STALE_BODY >= patternMin)
    advice.push({
      code: 'STALE_BODIES',
      conflicts: byKind.STALE_BODY,
      authors: namesOf(conflicts.filter(({ kind }) => kind === 'STALE_BODY')),
    });
  const apart = conflicts.filter(({ overlapping, fields }) => overlapping.length === 0 && fields.length > 0).length;
  if (apart >= patternMin && apart * 2 > conflicts.length)
    advice.push({ code: 'NO_OVERLAP', conflicts: apart, of: conflicts.length });
  const [hottest] = resources;
  if (hottest && hottest.conflicts >= patternMin && hottest.conflicts * 2 > conflicts.length)
    advice.push({ code: 'ONE_RESOURCE', name: hottest.name, type: hottest.type, id: hottest.id });
  const tired = conflicts.filter(({ state, attempts }) => state === 'abandoned' && attempts > 1).length;
  if (tired >= patternMin) advice.push({ code: 'GAVE_UP', conflicts: tired });
  return advice;
}

/** Of the three who were refused most. */
function namesOf(conflicts: readonly RecordedConflict[]): string[] {
  return ranked(conflicts.map(({ author }) => author.name))
    .slice(0, 3)
    .map(({ name }) => name);
}

function ranked(names: readonly string[]): Counted[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([name, conflicts]) => ({ name, conflicts }))
    .toSorted((a, b) => b.conflicts - a.conflicts)
    .slice(0, shownMax);
}
