import { fullNameOf, nameOf } from './name.ts';
import type { Resource, ResourceType, Revision, Versioned } from './resource.ts';
import { enterpriseUserUrn } from './schema.ts';
import type { Equality, UserSummary } from './store.ts';

export interface ResourceRow {
  tenant: string;
  type: ResourceType;
  version: string;
  created: string;
  last_modified: string;
  revision: number;
  resource: string;
}

export type SummaryRow = Omit<UserSummary, 'active'> & { active: number };

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
}

export function toVersioned(row: ResourceRow): Versioned {
  const { tenant, type, version, created, last_modified: lastModified, revision } = row;
  return { tenant, type, version, created, lastModified, revision, resource: JSON.parse(row.resource) as Resource };
}

export function toRevision(row: RevisionRow): Revision {
  const { revision, tenant, type, id, operation, at, version } = row;
  return {
    revision,
    tenant,
    type,
    id,
    operation,
    author: JSON.parse(row.author) as Revision['author'],
    at,
    version,
    changes: JSON.parse(row.changes) as Revision['changes'],
    resource: JSON.parse(row.resource) as Resource,
    ...(row.previous_version === null ? {} : { previousVersion: row.previous_version }),
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
    userNameKey: userName.toLowerCase(),
    externalId: text(resource['externalId']) || null,
    displayName,
    displayNameKey: displayName.toLowerCase(),
    title,
    department,
    active: resource['active'] === false ? 0 : 1,
    search: [...new Set(searched.filter(Boolean))].join('\n').toLowerCase(),
  };
}

/** Attributes that have a column with an index of their own; the rest is read from the JSON. */
const indexed: Record<string, string> = { id: 'id', userName: 'user_name_key', externalId: 'external_id' };

export function equalityCondition(equality: Equality): { condition: string; values: (string | number)[] } {
  const { keys, listDepth, caseExact } = equality;
  const value = typeof equality.value === 'boolean' ? Number(equality.value) : equality.value;
  const fold = typeof value === 'string' && !caseExact;
  const wanted = fold ? value.toLowerCase() : value;
  const column = keys.length === 1 ? indexed[keys[0] ?? ''] : undefined;
  if (column) return { condition: `${column} = ?`, values: [wanted] };
  const path = (names: string[]): string => `$${names.map((key) => `.${JSON.stringify(key)}`).join('')}`;
  const compared = (expression: string): string => (fold ? `fold(${expression}) = ?` : `${expression} = ?`);
  if (listDepth === undefined) return { condition: compared(`json_extract(resource, ?)`), values: [path(keys), wanted] };
  return {
    condition: `exists (select 1 from json_each(resource, ?) as element where ${compared('json_extract(element.value, ?)')})`,
    values: [path(keys.slice(0, listDepth)), path(keys.slice(listDepth)), wanted],
  };
}
