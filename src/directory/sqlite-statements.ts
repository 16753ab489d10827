import type Database from 'better-sqlite3';
import type { SortKey } from './store.ts';

/** Each entry brings the schema from the version of its index to the next (PRAGMA user_version). */
export const migrations = [
  `
  create table tenants (id text primary key, name text not null, sample integer not null, created text not null) strict;
  create table resources (
    rowid integer primary key,
    tenant text not null,
    type text not null,
    id text not null,
    version text not null,
    created text not null,
    last_modified text not null,
    revision integer not null,
    resource text not null,
    password_hash text,
    user_name text not null,
    user_name_key text not null,
    external_id text,
    display_name text not null,
    display_name_key text not null,
    title text not null,
    department text not null,
    active integer not null,
    search text not null
  ) strict;
  create index resources_tenant on resources (tenant, type);
  create unique index resources_id on resources (tenant, type, id);
  create unique index resources_user_name on resources (tenant, type, user_name_key);
  create index resources_external_id on resources (tenant, type, external_id) where external_id is not null;
  create index resources_display_name on resources (tenant, type, display_name_key);
  create index resources_title on resources (tenant, type, title);
  create index resources_department on resources (tenant, type, department);
  create index resources_active on resources (tenant, type, active);
  create virtual table resource_search using fts5 (search, content='resources', content_rowid='rowid', tokenize='trigram', columnsize=0);
  create table revisions (
    revision integer primary key autoincrement,
    tenant text not null,
    type text not null,
    id text not null,
    operation text not null,
    author text not null,
    at text not null,
    version text not null,
    previous_version text,
    changes text not null,
    resource text not null
  ) strict;
  create index revisions_resource on revisions (tenant, type, id, revision);
  `,
];

export const resourceColumns = 'tenant, type, version, created, last_modified, revision, resource';
export const summaryColumns = `id, user_name as userName, display_name as displayName, title, department, active, version,
  last_modified as lastModified`;
const revisionColumns = 'revision, tenant, type, id, operation, author, at, version, previous_version, changes, resource';

export const sortColumns: Record<SortKey, string> = {
  displayName: 'display_name_key',
  userName: 'user_name_key',
  title: 'title',
  department: 'department',
  active: 'active',
  lastModified: 'last_modified',
};

const texts = {
  begin: 'begin immediate',
  commit: 'commit',
  rollback: 'rollback',
  savepoint: 'savepoint job',
  release: 'release job',
  rollbackTo: 'rollback to job',
  tenants: 'select id, name, sample, created from tenants order by created, id',
  addTenant: 'insert into tenants (id, name, sample, created) values (?, ?, ?, ?) on conflict do nothing',
  get: `select ${resourceColumns} from resources where tenant = ? and type = ? and id = ?`,
  exists: 'select 1 from resources where tenant = ? and type = ? and id = ?',
  indexed: `select rowid, user_name as userName, user_name_key as userNameKey, external_id as externalId,
        display_name as displayName, display_name_key as displayNameKey, title, department, active, search
       from resources where tenant = ? and type = ? and id = ?`,
  insert: `insert into resources (tenant, type, id, version, created, last_modified, revision, resource, password_hash,
        user_name, user_name_key, external_id, display_name, display_name_key, title, department, active, search)
       values (:tenant, :type, :id, :version, :at, :at, :revision, :resource, :passwordHash,
        :userName, :userNameKey, :externalId, :displayName, :displayNameKey, :title, :department, :active, :search)`,
  update: `update resources set version = :version, last_modified = :at, revision = :revision, resource = :resource,
        password_hash = coalesce(:passwordHash, password_hash) where rowid = :rowid`,
  updateIndexed: `update resources set user_name = :userName, user_name_key = :userNameKey, external_id = :externalId,
        display_name = :displayName, display_name_key = :displayNameKey, title = :title, department = :department,
        active = :active, search = :search where rowid = :rowid`,
  remove: 'delete from resources where rowid = ?',
  addSearch: 'insert into resource_search (rowid, search) values (?, ?)',
  removeSearch: "insert into resource_search (resource_search, rowid, search) values ('delete', ?, ?)",
  addRevision: `insert into revisions (tenant, type, id, operation, author, at, version, previous_version, changes, resource)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  history: `select ${revisionColumns} from revisions where tenant = ? and type = ? and id = ? and revision > ?
       order by revision desc limit ?`,
  withVersion: `select ${revisionColumns} from revisions where tenant = ? and type = ? and id = ? and version = ?
       order by revision desc limit 1`,
  since: `select ${revisionColumns} from revisions where revision > ? order by revision limit ?`,
  latest: 'select max(revision) as latest from revisions',
};

/** The statements that are run often, compiled once. */
export type Statements = Record<keyof typeof texts, Database.Statement>;

export function prepare(db: Database.Database): Statements {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, db.prepare(text)])) as Statements;
}
