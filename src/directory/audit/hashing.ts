import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Author } from '../resource.ts';
import type { AuditEntry, AuditNote } from './entry.ts';

/** What the first entry of a chain follows. */
export const genesis = '0'.repeat(64);

/** An entry as its row has it. */
export interface AuditRow {
  tenant: string;
  seq: number;
  kind: string;
  /** Canonical JSON of the entry without its hash. */
  entry: string;
  hash: string;
}

/** An entry before it is hashed. */
export type UnhashedEntry = Omit<AuditEntry, 'hash'>;

/** @param text canonical JSON of an entry without its hash. */
export function hashOf(text: string): string {
  return hash('sha256', text, 'hex');
}

export function toEntry({ entry, hash }: Pick<AuditRow, 'entry' | 'hash'>): AuditEntry {
  return { ...(JSON.parse(entry) as UnhashedEntry), hash };
}

/** A revision as its row has it, as far as its digest holds it. */
export interface StoredRevision {
  revision: number;
  tenant: string;
  type: string;
  id: string;
  operation: string;
  author: string;
  at: string;
  version: string;
  previous_version: string | null;
  changes: string;
  resource: string;
  members: string | null;
  origin: string | null;
  from_groups: string | null;
}

/**
 * The SHA-256, in hexadecimal, of all that a revision says: any byte of its row that is another gives another. Its parts stand in
 * lines, since none of them has a line break, not even JSON; and what is not there differs from what is empty.
 */
export function digestOf(row: StoredRevision): string {
  const optional = (text: string | null) => (text === null ? '' : `=${text}`);
  return hash(
    'sha256',
    `${row.revision}\n${row.tenant}\n${row.type}\n${row.id}\n${row.operation}\n${row.author}\n${row.at}\n${row.version}\n` +
      `${optional(row.previous_version)}\n${row.changes}\n${row.resource}\n${optional(row.members)}\n${optional(row.origin)}\n${optional(row.from_groups)}`,
    'hex',
  );
}

const textMax = 500;
const itemsMax = 50;
const detailMax = 20_000;

/** The author of an entry, with its names in the order of canonical JSON. */
export function toActor(author: Author): Author {
  const { approvedBy, door, id, kind, name, run } = author;
  if (approvedBy) return JSON.parse(canonical(fit(author))) as Author;
  return { door, id: fitText(id), kind, name: fitText(name), ...(run !== undefined && { run: fitText(run) }) };
}

/** What an entry tells, of bounded length, whoever gave the text. */
export function toDetail(detail: AuditNote['detail'] = {}): AuditEntry['detail'] {
  const fitted = fit(detail) as AuditEntry['detail'];
  const { length } = JSON.stringify(fitted);
  return length <= detailMax ? fitted : { left_out: `${length} characters were too many` };
}

/** Canonical JSON (RFC 8785). */
export function canonical(value: unknown): string {
  return canonicalize(value) ?? 'null';
}

export function fitText(text: string): string {
  const whole = text.toWellFormed();
  return whole.length <= textMax ? whole : `${whole.slice(0, textMax).toWellFormed()}…`;
}

function fit(value: unknown): unknown {
  if (typeof value === 'string') return fitText(value);
  if (Array.isArray(value)) return value.slice(0, itemsMax).map(fit);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.slice(0, itemsMax).map(([name, inner]) => [fitText(name), fit(inner)]));
}
