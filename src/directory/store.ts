import type { AuditCheck } from './audit/audit-check.ts';
import type { AuditReader } from './audit/audit-reader.ts';
import type { AuditNote, AuditTold } from './audit/entry.ts';
import type { ConflictLog } from './conflicts/conflict-log.ts';
import type { RecordedConflict } from './conflicts/recorded-conflict.ts';
import type { EscalationLog } from './escalations/escalation-log.ts';
import type { Filter } from './filter.ts';
import type { RecentWrites } from './policy/recent-writes.ts';
import type { PastStore } from './history/past-store.ts';
import type {
  Author,
  EventStream,
  FieldChange,
  Member,
  Membership,
  Operation,
  Origin,
  Resource,
  ResourceType,
  Revision,
  Tenant,
  Versioned,
} from './resource.ts';
import type { ResolvedPath, Schema } from './schema.ts';

/** Writes that went to the disk together. */
export interface Commit {
  writes: number;
  ms: number;
}

/** Is told of the end of one write: by which commit, and why it wrote nothing, if so. */
export type WriteWatch = (commit: Commit, failure?: unknown) => void;

/** Where a resource lives. */
export interface Key {
  tenant: string;
  type: ResourceType;
  id: string;
}

/** Who comes into a group and who leaves it, and what its members then are. */
export interface MemberDecision {
  add: readonly Pick<Member, 'value' | 'type'>[];
  /** Ids. */
  remove: readonly string[];
  count: number;
  digest: string;
}

/** What a write decided to do, once it has seen the current state. */
export interface Decision {
  operation: Operation;
  author: Author;
  /** What the transaction has read; absent where the resource is created. */
  current?: Versioned;
  /** The new state; for a deletion, the state that is deleted. */
  resource: Resource;
  version: string;
  changes: FieldChange[];
  /** A new password hash; absent means that the old one stays. */
  passwordHash?: string;
  /** Of a group only; absent means that its members stay. */
  members?: MemberDecision;
  origin?: Origin | undefined;
  /** Of a deletion: the groups that it has left. */
  fromGroups?: readonly string[];
}

/**
 * The store inside one transaction: each read sees the writes before it. All or nothing of a transaction is stored, and its
 * revisions are announced together after the commit.
 */
export interface Transaction {
  readonly past: PastStore;
  get(key: Key): Versioned | undefined;
  /** Revisions of one resource, newest first. */
  history(key: Key, limit: number, afterRevision: number): Revision[];
  /** The newest revision that made this version; a deletion makes none. */
  revisionWithVersion(key: Key, version: string): Revision | undefined;
  /** Who made which version of a resource, newest first; cheaper than its history. Read to the end, or left early, before anything else is read. */
  writers(key: Key, limit: number): Iterable<Pick<Revision, 'version' | 'operation' | 'author'>>;
  /** The user or group with this id, as a group shows it. */
  named(tenant: string, id: string): Member | undefined;
  isMember(tenant: string, group: string, id: string): boolean;
  memberIds(tenant: string, group: string): Pick<Member, 'value' | 'type'>[];
  /** The groups that have it as a direct member. */
  directGroups(tenant: string, member: string): string[];
  /** Whether `to` is `from` or, through groups in groups, in it. */
  reaches(tenant: string, from: string, to: string): boolean;
  /** Writes resource and revision. @returns the resource as it is then. @throws DirectoryError UNIQUENESS. */
  write(key: Key, decision: Decision): Versioned;
  /** Adds an entry of what is no write to a tenant's audit log. */
  record(tenant: string, author: Author, note: AuditNote): void;
  readonly escalations: EscalationLog;
  /** Adds a conflict, or writes over the one with its id. */
  putConflict(conflict: RecordedConflict): void;
}

/** What lists are sorted by at any size, since a column has it. */
export const sortKeys = ['displayName', 'userName', 'title', 'department', 'active', 'lastModified'] as const;
export type SortKey = (typeof sortKeys)[number];

/** Which resources a list is about. */
export interface Selection {
  tenant: string;
  type: ResourceType;
  /** Text that names, user name, emails, title or department contain; under three characters, that a name begins with. */
  search?: string | undefined;
  filter?: Filter | undefined;
  /** Only these. */
  ids?: readonly string[] | undefined;
}

/** One page of a list, in the order of creation where nothing else is said. */
export interface PageQuery extends Selection {
  sort?: { by: SortKey | ResolvedPath; descending: boolean } | undefined;
  /** 0-based. */
  offset: number;
  limit: number;
  /** Of people: what else to show of each, beside the summary. */
  columns?: readonly ResolvedPath[] | undefined;
  /** Instead of the offset: after the row at which another page ended. */
  after?: Position | undefined;
  /** Without the total, which is 0 then. */
  uncounted?: boolean | undefined;
}

/** Where a page ended: the sort key and the row of its last resource. */
export interface Position {
  key: string | number | null;
  row: number;
}

export interface Page<T> {
  total: number;
  rows: T[];
}

/** A page that says where the next one begins; absent at the end. */
export interface PositionedPage<T> extends Page<T> {
  next?: Position;
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
  /** The columns that were asked for, as text, in their order; absent where none was. */
  values?: string[];
}

/** What a list of groups shows of one. */
export interface GroupSummary {
  id: string;
  displayName: string;
  memberCount: number;
  version: string;
  lastModified: string;
}

/** One row of a list of either type, and where it stands among those of the same sort key. */
export type PlacedSummary = UserSummary & Pick<GroupSummary, 'memberCount'> & { row: number };

/** An extension schema that a tenant has given its users or groups. */
export interface TenantExtension {
  tenant: string;
  type: ResourceType;
  schema: Schema;
}

/** Where one revision stands, without what it holds. */
export type RevisionMark = Pick<Revision, 'revision' | 'id' | 'at'>;

/**
 * Where the directory keeps its state. One implementation: SQLite (sqlite-store.ts). A resolved write is on disk
 * (DESIGN.md decision 3); a rejected one left no trace.
 */
export interface Store {
  readonly audit: AuditReader;
  /** A check of the audit log of a tenant, and of what it tells of. */
  checkAudit(tenant: string): AuditCheck;
  readonly recentWrites: RecentWrites;
  readonly escalations: Pick<EscalationLog, 'get' | 'asked' | 'list' | 'pending' | 'nextDeadline'>;
  readonly past: PastStore;
  tenants(): Promise<Tenant[]>;
  /** Does nothing if the tenant exists. */
  addTenant(tenant: Pick<Tenant, 'id' | 'name' | 'sample' | 'created'>, by: Author): Promise<void>;
  /** @param told what the audit logs say of it, in the same commit; so with all that follow. */
  updateTenant(tenant: Tenant, told: readonly AuditTold[]): Promise<void>;
  /** Removes a tenant with everything in it, in steps that hold the process for a few milliseconds each. */
  removeTenant(id: string): Promise<void>;
  extensions(): Promise<TenantExtension[]>;
  putExtension(extension: TenantExtension, told: AuditTold): Promise<void>;
  removeExtension(tenant: string, type: ResourceType, id: string, told: AuditTold): Promise<void>;
  get(key: Key): Promise<Versioned | undefined>;
  exists(key: Key): Promise<boolean>;
  /** What resources of a type are called now, by id. Ids that none of the tenant has are left out. */
  names(tenant: string, type: ResourceType, ids: Iterable<string>): Promise<Map<string, string>>;
  list(query: PageQuery): Promise<PositionedPage<Versioned>>;
  userSummaries(query: PageQuery): Promise<Page<UserSummary>>;
  groupSummaries(query: PageQuery): Promise<Page<GroupSummary>>;
  /** As these, with what the list of a moment needs to put others between them. */
  placedSummaries(query: PageQuery): Page<PlacedSummary>;
  /** Members of a group in the order of their ids, after one of them. */
  members(tenant: string, group: string, limit: number, after?: string): Promise<Member[]>;
  /** The groups that somebody belongs to, direct ones first. */
  groupsOf(tenant: string, member: string): Promise<Membership[]>;
  passwordHash(key: Key): Promise<string | undefined>;
  /** Revisions of one resource, newest first. */
  history(key: Key, limit: number, afterRevision?: number): Promise<Revision[]>;
  /** Revisions of the whole directory after a point, oldest first. */
  revisionsSince(revision: number, limit: number): Promise<Revision[]>;
  latestRevision(): Promise<number>;
  /** The conflicts that were kept. */
  readonly conflicts: Pick<ConflictLog, 'get' | 'list' | 'unsettled'>;
  revision(revision: number): Promise<Revision | undefined>;
  /** Where a tenant's revisions after one and up to another stand, oldest first. */
  revisionMarks(tenant: string, after: number, through: number, limit: number): Promise<RevisionMark[]>;
  eventStreams(): Promise<EventStream[]>;
  /** @throws DirectoryError UNIQUENESS. */
  addEventStream(stream: EventStream): Promise<void>;
  /** Does nothing if it was removed. */
  updateEventStream(stream: EventStream): Promise<void>;
  removeEventStream(tenant: string, name: string): Promise<void>;
  /**
   * Runs `work` in a transaction. It is pure but for the transaction, and may be run more than once.
   * @returns what it returns, when it is on disk.
   * @throws what it throws, and then nothing is written; DirectoryError UNAVAILABLE.
   */
  write<T>(work: (transaction: Transaction) => T): Promise<T>;
  /** Told of each revision after its commit, in order, before its writer is. */
  onRevision: ((revision: Revision) => void) | undefined;
  /** Told of each commit, after it is on disk. */
  onCommit: ((commit: Commit) => void) | undefined;
  /** Called for each write that begins to wait, by whoever writes; what it returns is told how the write ended. It must not throw. */
  onWrite: (() => WriteWatch | undefined) | undefined;
  /** How many writes wait for a commit now. */
  readonly writesWaiting: number;
  /** Begins a write and ends it without one. @throws what a write would throw that could not begin. */
  probe(): void;
  /** Waits for queued writes, then closes. */
  close(): Promise<void>;
}
