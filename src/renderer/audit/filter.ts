import type { AuditKind } from '../../directory/pure.ts';

/** Which entries are shown. Empty texts are no condition. */
export interface AuditFilter {
  kind?: AuditKind | undefined;
  actor: string;
  subject: string;
  text: string;
  period: Period;
  /** RFC 3339: when the period began, seen from when it was chosen; it stays so while one reads. */
  since?: string | undefined;
}

export const noFilter: AuditFilter = { actor: '', subject: '', text: '', period: 'any' };

export const periods = {
  any: { label: 'Any time', ms: undefined },
  hour: { label: 'The last hour', ms: 3_600_000 },
  day: { label: 'The last 24 hours', ms: 86_400_000 },
  week: { label: 'The last 7 days', ms: 604_800_000 },
  month: { label: 'The last 30 days', ms: 2_592_000_000 },
} as const;
export type Period = keyof typeof periods;

/** @param text the value of a choice. @returns the period, from now. */
export function periodOf(text: string): Pick<AuditFilter, 'period' | 'since'> {
  const period: Period = text in periods ? (text as Period) : 'any';
  const { ms } = periods[period];
  return { period, since: ms === undefined ? undefined : new Date(Date.now() - ms).toISOString() };
}

export function isFiltered({ kind, actor, subject, text, period }: AuditFilter): boolean {
  return kind !== undefined || period !== 'any' || `${actor}${subject}${text}`.trim() !== '';
}

/** What the window's door is asked for. */
export function queryOf({ kind, actor, subject, text, since }: AuditFilter) {
  return {
    ...(kind && { kind }),
    ...(actor.trim() !== '' && { actor }),
    ...(subject.trim() !== '' && { subject }),
    ...(text.trim() !== '' && { text }),
    ...(since !== undefined && { since }),
  };
}
