import type { Operation, Author, FieldChange, Resource, ResourceType, Revision, Tenant, Versioned } from './resource.ts';

/** Where a resource lives. */
export interface Key {
  tenant: string;
  type: ResourceType;
  id: string;
}

/** What a write decided to do, once it has seen the current state. */
export interface Decision {
  operation: Operation;
  author: Author;
  /** The new state; for a deletion, the state that is deleted. */
  resource: Resource;
  version: string;
  previousVersion?: string;
  changes: FieldChange[];
  /** A new password hash; absent means that the old one stays. */
  passwordHash?: string;
}

/** Decides on a write, inside its transaction. Pure but for throwing; undefined means that nothing is to be written. */
export type Decide = (current: Versioned | undefined) => Decision | undefined;

export type SortKey = 'displayName' | 'userName' | 'title' | 'department' | 'active' | 'lastModified';

/** One page of a list: which resources, in which order. */
export interface PageQuery {
  tenant: string;
  type: ResourceType;
  /** Text that names, user name, emails, title or department contain; under three characters, that a name begins with. */
  search?: string;
  /** In the order of creation where absent. */
  sort?: { by: SortKey; descending: boolean };
  /** 0-based. */
  offset: number;
  limit: number;
}

export interface Page<T> {
  total: number;
  rows: T[];
}

/** What a list of people shows of one, without reading the whole resource. */
export interface UserSummary {
  id: string;
  userName: string;
  displayName: string;
  title: string;
  department: string;
  active: boolean;
  version: string;
  lastModified: string;
}

/** Equality on one attribute: keys from the resource down; through a list where `multiValued`. */
export interface Equality {
  keys: string[];
  /** How many of the keys reach the list, where the path goes through a multi-valued attribute. */
  listDepth?: number;
  value: string | number | boolean;
  caseExact: boolean;
}

/**
 * Where the directory keeps its state. One implementation: SQLite (sqlite-store.ts). A resolved write is on disk
 * (DESIGN.md decision 3); a rejected one left no trace.
 */
export interface Store {
  tenants(): Promise<Tenant[]>;
  /** Does nothing if the tenant exists. */
  addTenant(tenant: Tenant): Promise<void>;
  get(key: Key): Promise<Versioned | undefined>;
  exists(key: Key): Promise<boolean>;
  list(query: PageQuery): Promise<Page<Versioned>>;
  /** For User resources. */
  summaries(query: PageQuery): Promise<Page<UserSummary>>;
  find(tenant: string, type: ResourceType, equality: Equality, limit: number): Promise<Page<Versioned>>;
  /** Revisions of one resource, newest first. */
  history(key: Key, limit: number, afterRevision?: number): Promise<Revision[]>;
  /** The newest revision that had this version. */
  revisionWithVersion(key: Key, version: string): Promise<Revision | undefined>;
  /** Revisions of the whole directory after a point, oldest first. */
  revisionsSince(revision: number, limit: number): Promise<Revision[]>;
  latestRevision(): Promise<number>;
  /**
   * Reads the resource, asks `decide`, and writes resource and revision, in one transaction.
   * @returns the revision written, or undefined where `decide` returned undefined.
   * @throws what `decide` throws; DirectoryError UNIQUENESS, UNAVAILABLE.
   */
  write(key: Key, decide: Decide): Promise<Revision | undefined>;
  /** Told of each revision after its commit, in order, before its writer is. */
  onRevision: ((revision: Revision) => void) | undefined;
  /** Waits for queued writes, then closes. */
  close(): Promise<void>;
}
