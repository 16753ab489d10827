import type { ResourceType, Revision } from '../resource.ts';
import type { IndexColumns } from '../sqlite-rows.ts';
import type { Key } from '../store.ts';

/** Whose changes are meant, and which of them. */
export interface Selection {
  /** The id of an author; may be left out where a run or a revision says whose. */
  author?: string | undefined;
  /** Only those of this run. */
  run?: string | undefined;
  /** Only this one. */
  revision?: number | undefined;
  /** Only those after this revision. */
  since?: number | undefined;
}

/** A resource that a selection of changes is about. */
export interface Touched {
  type: ResourceType;
  id: string;
  /** The first and the last revision of the selection. */
  first: number;
  last: number;
  created: boolean;
  deleted: boolean;
}

/** Who came into a group and left it with one revision. */
export type Move = Pick<Revision, 'revision' | 'author' | 'at' | 'members' | 'origin'>;

/** What a resource was, for a list. */
export type PastContent = Pick<Revision, 'revision' | 'operation' | 'version' | 'at' | 'resource'>;

/** A resource as a list of the past shows it: what was looked for and sorted by then. */
export type PastRow = IndexColumns & { id: string; version: string; lastModified: string; revision: number };

/** What the history can be asked beside what the store answers to everybody; the same in a transaction and outside of one. */
export interface PastStore {
  /** Revisions of one resource before a revision, newest first. */
  revisions(key: Key, before: number, limit: number): Revision[];
  /** The newest revision of a resource that is not after this one. */
  revisionAt(key: Key, revision: number): Revision | undefined;
  /** The newest revision that made this version. */
  withVersion(key: Key, version: string): Revision | undefined;
  /** What moved a group's members after a revision, newest first. */
  moves(group: Key, after: number): Move[];
  /** Moves of one member after a revision, newest first, with the group of each. */
  movesOf(tenant: string, member: string, after: number): (Move & { group: string })[];
  /** The newest revision of the user or group with this id. */
  last(tenant: string, id: string): Revision | undefined;
  touched(tenant: string, selection: Selection, limit: number): Touched[];
  /** The newest revision of an author in a tenant, among the last few thousand. */
  lastBy(tenant: string, author: string): Revision | undefined;
  /** The newest revision that was made at this moment or before; 0 if there is none. */
  latestAt(moment: string): number;
  /** Ids of resources of a type that changed after one revision and not after another; and up to which revision they were read. */
  changedBetween(tenant: string, type: ResourceType, after: number, upTo: number, limit: number): { ids: string[]; upTo: number };
  /** As revisionAt, without what a list does not need. */
  contentAt(key: Key, revision: number): PastContent | undefined;
  /** Since when a resource is known: when the oldest revision was made that is kept. */
  knownSince(key: Key): string | undefined;
  /** Users or groups as they are now, in the order of their rows, after one of them. */
  current(tenant: string, type: ResourceType, after: number, limit: number): (PastRow & { row: number })[];
  /** The number of the newest revision of all. */
  latest(): number;
  /** How many resources of a type have no revision left of that time or before, though they may have had one. */
  prunedCount(tenant: string, type: ResourceType, revision: number): number;
  /** Before which revision a resource's history is no longer kept; undefined where all of it is. */
  prunedBefore(key: Key): number | undefined;
  /** Resources that have revisions, in the order of type and id, after one of them; with how many they have. */
  kept(tenant: string, after: { type: string; id: string }, limit: number): { type: ResourceType; id: string; count: number }[];
  /** Revisions of a resource without their content, newest first. */
  outline(key: Key): Pick<Revision, 'revision' | 'at' | 'version' | 'operation'>[];
  /** Removes the revisions of a resource before one of them, and remembers that. */
  prune(key: Key, before: number, limit: number): number;
}
