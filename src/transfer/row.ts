import type { ChangeSince, Collision, ResourceType } from '../directory/index.ts';

/** The forms in which people and groups come in. They go out as each but LDIF. */
export const formats = ['csv', 'json', 'jsonl', 'ldif'] as const;
export type Format = (typeof formats)[number];
export type ExportFormat = Exclude<Format, 'ldif'>;

/** What a file is about, as the command line and the window call it. */
export const kinds = ['users', 'groups'] as const;
export type Kind = (typeof kinds)[number];

export function resourceTypeOf(kind: Kind): ResourceType {
  return kind === 'users' ? 'User' : 'Group';
}

/** Why a row, or a part of it, was not imported. */
export interface Problem {
  /** 1-based, where the row begins in the file. */
  line: number;
  /**
   * `unreadable`: the file's form is broken there. `invalid`: the schemas refuse it. `duplicate`: the file has it twice.
   * `conflict`: somebody changed the directory. `reference`: a manager or member is nobody; the rest of the row is imported.
   */
  kind: 'unreadable' | 'invalid' | 'duplicate' | 'conflict' | 'reference';
  message: string;
  /** What the row calls itself: a userName, a group's name. */
  name?: string;
  /** SCIM attribute path. */
  path?: string;
  /** Of a conflict: the resource, and what was changed by whom since the version that the file or the preview is about. */
  id?: string;
  changes?: ChangeSince[];
  /** Of a conflict: the fields that both changed, with both values; `mine` is the file's. */
  collisions?: Collision[];
}

/** One value of one element of a multi-valued attribute, as a CSV column names it: `emails[type eq "work"].value`. */
export interface ElementWish {
  /** Where the list is in a record, for example `['emails']`. */
  keys: readonly string[];
  /** Absent: the primary element, else the first. */
  type: string | undefined;
  sub: string;
  /** `null` takes it away. */
  value: string | number | boolean | null;
}

/** A member of a group, as a file names it. Either is enough. */
export interface MemberWish {
  id?: string;
  /** A user's userName or, where no user has it, a group's displayName. */
  name?: string;
}

/** The order of the file. */
export function byLine(a: Problem, b: Problem): number {
  return a.line - b.line;
}

/** What one row wants of one resource. What it does not name, stays. */
export interface Wish {
  id?: string;
  /** The version that the row was exported with. */
  version?: string;
  /** JSON merge patch (RFC 7396) with canonical attribute names; without the manager's `value` and without members. */
  patch: Record<string, unknown>;
  elements: ElementWish[];
  /** The manager's id or userName; `null` takes it away. */
  manager?: string | null;
  /** All members that the group shall have. */
  members?: MemberWish[];
}

/** One row of a file: what it wants, or why it cannot be told. */
export type Row = { line: number; wish: Wish } | { line: number; problem: Problem };

/** A file that cannot be read at all, in one sentence for a person. */
export class FileError extends Error {
  override name = 'FileError';
}

/** Something to read from, more than once, from its beginning. */
export interface Source {
  /** In bytes. */
  size: number;
  open(): AsyncIterable<Uint8Array>;
}

/** @returns what a row calls itself, for lists of problems. */
export function nameOfWish({ patch, id }: Wish): string | undefined {
  for (const name of [patch['userName'], patch['displayName'], id]) if (typeof name === 'string') return name.slice(0, 256);
  return undefined;
}

export function unreadable(line: number, message: string): Row {
  return { line, problem: { line, kind: 'unreadable', message } };
}
