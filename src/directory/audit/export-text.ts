import { stringify } from 'csv-stringify/sync';
import { guardCell } from '../cell.ts';
import { canonical, toEntry, type AuditRow } from './hashing.ts';

export const auditFormats = ['jsonl', 'csv'] as const;
export type AuditFormat = (typeof auditFormats)[number];

const columns = [
  'seq',
  'at',
  'kind',
  'event',
  'actor.id',
  'actor.name',
  'actor.kind',
  'actor.door',
  'actor.run',
  'actor.approvedBy',
  'subject.type',
  'subject.id',
  'subject.name',
  'revision',
  'version',
  'detail',
  'previous',
  'hash',
] as const;

/** @param rows undefined for what stands before the first of them. */
export function exportText(format: AuditFormat, rows: readonly AuditRow[] | undefined): string {
  if (format === 'jsonl') return (rows ?? []).map((row) => `${canonical(toEntry(row))}\n`).join('');
  return stringify(rows ? rows.map(cells) : [columns], { record_delimiter: '\r\n' });
}

/** Cells that a spreadsheet would run as formulas are guarded; numbers are none. */
function cells(row: AuditRow): string[] {
  const { seq, at, kind, event, actor, subject, revision, version, detail, previous, hash } = toEntry(row);
  const texts = [event, actor.id, actor.name, actor.kind, actor.door, actor.run, actor.approvedBy?.name];
  const about = [subject?.type, subject?.id, subject?.name];
  return [
    String(seq),
    at,
    kind,
    ...[...texts, ...about].map((text = '') => guardCell(text)),
    revision === undefined ? '' : String(revision),
    ...[version ?? '', canonical(detail), previous, hash].map(guardCell),
  ];
}
