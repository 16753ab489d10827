import { columnText } from './column-text.ts';
import { diff } from './diff.ts';
import { fullNameOf, nameOf } from './name.ts';
import type { EventStream, Operation, Origin, Resource, ResourceType, Revision, Versioned } from './resource.ts';
import { enterpriseUserUrn, type ResolvedPath } from './schema.ts';
import type { UserSummary } from './store.ts';

export interface ResourceRow {
  tenant: string;
  type: ResourceType;
  version: string;
  created: string;
  last_modified: string;
  revision: number;
  resource: string;
  member_count: number;
  member_digest: string;
}

/** `created` and `resource` are read only where columns are asked for. */
export type SummaryRow = Omit<UserSummary, 'active' | 'values'> & { active: number; created?: string; resource?: string };

export interface RevisionRow {
  revision: number;
  tenant: string;
  type: ResourceType;
  id: string;
  operation: Revision['operation'];
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

export function toVersioned(row: ResourceRow): Versioned {
  const { tenant, type, version, created, last_modified: lastModified, revision } = row;
  const resource = JSON.parse(row.resource) as Resource;
  const versioned = { tenant, type, version, created, lastModified, revision, resource };
  return type === 'Group' ? { ...versioned, members: { count: row.member_count, digest: row.member_digest } } : versioned;
}

export function toUserSummary(row: SummaryRow, columns: readonly ResolvedPath[]): UserSummary {
  const { resource, created = '', active, ...summary } = row;
  if (resource === undefined) return { ...summary, active: active === 1 };
  const { version, lastModified } = summary;
  const whole = { ...(JSON.parse(resource) as Resource), meta: { resourceType: 'User', created, lastModified, version } };
  return { ...summary, active: active === 1, values: columns.map((path) => columnText(whole, path)) };
}

/** Whether an operation changes all of a resource, from nothing or to nothing. */
export function isWhole(operation: Operation): boolean {
  return operation === 'create' || operation === 'recreate' || operation === 'delete';
}

export function toRevision(row: RevisionRow): Revision {
  const { revision, tenant, type, id, operation, at, version } = row;
  const resource = JSON.parse(row.resource) as Resource;
  const whole = () => (operation === 'delete' ? diff(resource, undefined) : diff(undefined, resource));
  return {
    revision,
    tenant,
    type,
    id,
    operation,
    author: JSON.parse(row.author) as Revision['author'],
    at,
    version,
    changes: row.changes === '' ? whole() : (JSON.parse(row.changes) as Revision['changes']),
    resource,
    ...(row.previous_version === null ? {} : { previousVersion: row.previous_version }),
    ...(row.members === null ? {} : { members: JSON.parse(row.members) as NonNullable<Revision['members']> }),
    ...(row.origin === null ? {} : { origin: JSON.parse(row.origin) as Origin }),
    ...(row.from_groups === null ? {} : { fromGroups: JSON.parse(row.from_groups) as string[] }),
  };
}

/** A stream with its structured parts as JSON texts. */
export type EventStreamRow = Omit<EventStream, 'delivery' | 'received' | 'problem'> & {
  delivery: string;
  received: string;
  problem: string | null;
};

export function toEventStream({ delivery, received, problem, ...row }: EventStreamRow): EventStream {
  return {
    ...row,
    delivery: JSON.parse(delivery) as EventStream['delivery'],
    received: JSON.parse(received) as number[],
    ...(problem !== null && { problem: JSON.parse(problem) as EventStream['problem'] }),
  };
}

export function fromEventStream({ delivery, received, problem, ...stream }: EventStream): EventStreamRow {
  return {
    ...stream,
    delivery: JSON.stringify(delivery),
    received: JSON.stringify(received),
    problem: problem ? JSON.stringify(problem) : null,
  };
}

export type IndexColumns = ReturnType<typeof indexColumns>;

/** What lists sort and search by, taken from the resource. */
export function indexColumns(resource: Resource) {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const enterprise = (resource[enterpriseUserUrn] ?? {}) as Record<string, unknown>;
  const emails = (resource['emails'] ?? []) as Record<string, unknown>[];
  const userName = text(resource['userName']);
  const fullName = fullNameOf(resource);
  const displayName = nameOf(resource);
  const title = text(resource['title']);
  const department = text(enterprise['department']);
  const searched = [displayName, fullName, userName, title, department, ...emails.map((email) => text(email['value']))];
  return {
    userName,
    userNameKey: userName.toLowerCase() || null,
    externalId: text(resource['externalId']) || null,
    displayName,
    displayNameKey: displayName.toLowerCase(),
    title,
    department,
    active: resource['active'] === false ? 0 : 1,
    search: [...new Set(searched.filter(Boolean))].join('\n').toLowerCase(),
  };
}
