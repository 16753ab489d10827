import type Database from 'better-sqlite3';
import { auditEndMigration, auditMigration, auditOrderMigration } from './audit/audit-log.ts';
import { conflictMigration } from './conflicts/conflict-log.ts';
import { escalationMigration } from './escalations/escalation-log.ts';

/** Each entry brings the schema from the version of its index to the next (PRAGMA user_version). */
export const migrations = [
  `
  create table tenants (
    id text primary key,
    name text not null,
    sample integer not null,
    created text not null,
    state text not null default 'active',
    settings text not null default '{}'
  ) strict;
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
    member_count integer not null default 0,
    member_digest text not null default '',
    user_name text not null,
    user_name_key text,
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
  create table lookups (
    tenant text not null,
    type text not null,
    path text not null,
    value text not null,
    resource integer not null,
    primary key (tenant, type, path, value, resource)
  ) strict, without rowid;
  create table members (
    tenant text not null,
    group_id text not null,
    member_id text not null,
    member_type text not null,
    primary key (tenant, group_id, member_id)
  ) strict, without rowid;
  create index members_member on members (tenant, member_id, group_id);
  create table extensions (
    tenant text not null,
    type text not null,
    id text not null,
    definition text not null,
    primary key (tenant, type, id)
  ) strict, without rowid;
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
    resource text not null,
    members text
  ) strict;
  create index revisions_resource on revisions (tenant, type, id, revision);
  `,
  `
  create table event_streams (
    tenant text not null,
    name text not null,
    created text not null,
    audience text not null,
    form text not null,
    delivery text not null,
    position integer not null,
    received text not null,
    problem text,
    primary key (tenant, name)
  ) strict, without rowid;
  `,
  // The groups that a deletion took somebody out of, so that they can come back into them.
  'alter table revisions add column from_groups text',
  // What a run of an agent changed; most revisions are of none.
  `
  alter table revisions add column origin text;
  create index revisions_run on revisions (tenant, json_extract(author, '$.run'), type, id, revision)
    where json_extract(author, '$.run') is not null;
  create table pruned (
    tenant text not null,
    type text not null,
    id text not null,
    before integer not null,
    primary key (tenant, type, id)
  ) strict, without rowid;
  `,
  auditMigration,
  conflictMigration,
  escalationMigration,
  auditEndMigration,
  auditOrderMigration,
];

export const resourceColumns = 'tenant, type, version, created, last_modified, revision, resource, member_count, member_digest';
export const userSummaryColumns = `id, user_name as userName, display_name as displayName, title, department, active, version,
  last_modified as lastModified`;
export const groupSummaryColumns = `id, display_name as displayName, member_count as memberCount, version,
  last_modified as lastModified`;
export const revisionColumns =
  'revision, tenant, type, id, operation, author, at, version, previous_version, changes, resource, members, origin, from_groups';

const reachable = `with recursive reachable (id) as (
    values (:from)
    union
    select member_id from members join reachable on group_id = reachable.id where tenant = :tenant and member_type = 'Group'
  )`;

const texts = {
  begin: 'begin immediate',
  commit: 'commit',
  rollback: 'rollback',
  savepoint: 'savepoint job',
  release: 'release job',
  rollbackTo: 'rollback to job',

  tenants: 'select id, name, sample, created, state, settings from tenants order by created, id',
  addTenant: 'insert into tenants (id, name, sample, created) values (?, ?, ?, ?) on conflict do nothing',
  updateTenant: 'update tenants set name = ?, state = ?, settings = ? where id = ?',
  removeTenant: 'delete from tenants where id = ?',
  extensions: 'select tenant, type, definition from extensions order by tenant, type, id',
  putExtension: `insert into extensions (tenant, type, id, definition) values (?, ?, ?, ?)
       on conflict do update set definition = excluded.definition`,
  removeExtension: 'delete from extensions where tenant = ? and type = ? and id = ?',

  get: `select ${resourceColumns} from resources where tenant = ? and type = ? and id = ?`,
  exists: 'select 1 from resources where tenant = ? and type = ? and id = ?',
  passwordHash: 'select password_hash as passwordHash from resources where tenant = ? and type = ? and id = ?',
  indexed: `select rowid, user_name as userName, user_name_key as userNameKey, external_id as externalId,
        display_name as displayName, display_name_key as displayNameKey, title, department, active, search
       from resources where tenant = ? and type = ? and id = ?`,
  insert: `insert into resources (tenant, type, id, version, created, last_modified, revision, resource, password_hash,
        member_count, member_digest, user_name, user_name_key, external_id, display_name, display_name_key, title, department,
        active, search)
       values (:tenant, :type, :id, :version, :at, :at, :revision, :resource, :passwordHash, :memberCount, :memberDigest,
        :userName, :userNameKey, :externalId, :displayName, :displayNameKey, :title, :department, :active, :search)`,
  update: `update resources set version = ?, last_modified = ?, revision = ?, resource = ?,
        password_hash = coalesce(?, password_hash), member_count = ?, member_digest = ? where rowid = ?`,
  updateIndexed: `update resources set user_name = :userName, user_name_key = :userNameKey, external_id = :externalId,
        display_name = :displayName, display_name_key = :displayNameKey, title = :title, department = :department,
        active = :active, search = :search where rowid = :rowid`,
  remove: 'delete from resources where rowid = ?',
  addSearch: 'insert into resource_search (rowid, search) values (?, ?)',
  removeSearch: "insert into resource_search (resource_search, rowid, search) values ('delete', ?, ?)",
  addLookup: 'insert into lookups (tenant, type, path, value, resource) values (?, ?, ?, ?, ?)',
  removeLookup: 'delete from lookups where tenant = ? and type = ? and path = ? and value = ? and resource = ?',

  addMember: 'insert into members (tenant, group_id, member_id, member_type) values (?, ?, ?, ?)',
  removeMember: 'delete from members where tenant = ? and group_id = ? and member_id = ?',
  removeMembers: 'delete from members where tenant = ? and group_id = ?',
  isMember: 'select 1 from members where tenant = ? and group_id = ? and member_id = ?',
  memberIds: 'select member_id as id, member_type as type from members where tenant = ? and group_id = ? order by member_id',
  members: `select member_id as value, member_type as type, display_name as display from members
       join resources on resources.tenant = members.tenant and resources.type = member_type and resources.id = member_id
       where members.tenant = ? and group_id = ? and member_id > ? order by member_id limit ?`,
  named: `select type, display_name as display from resources where tenant = ? and id = ? and type in ('User', 'Group')`,
  names: `select id, display_name as name from resources
       where tenant = ? and type = ? and id in (select value from json_each(?))`,
  directGroups: 'select group_id as id from members where tenant = ? and member_id = ?',
  groupsOf: `with recursive containing (id, depth) as (
      select group_id, 0 from members where tenant = :tenant and member_id = :id
      union
      select group_id, 1 from members join containing on member_id = containing.id where tenant = :tenant
    )
    select containing.id as value, display_name as display, min(depth) as depth from containing
    join resources on resources.tenant = :tenant and resources.type = 'Group' and resources.id = containing.id
    group by containing.id order by depth, display_name_key`,
  reaches: `${reachable} select 1 from reachable where id = :to`,

  addRevision: `insert into revisions (tenant, type, id, operation, author, at, version, previous_version, changes, resource, members,
        origin, from_groups)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  history: `select ${revisionColumns} from revisions where tenant = ? and type = ? and id = ? and revision > ?
       order by revision desc limit ?`,
  withVersion: `select ${revisionColumns} from revisions where tenant = ? and type = ? and id = ? and version = ?
       and operation <> 'delete' order by revision desc limit 1`,
  // Neither the changes nor the resource, which would be most of the work where many revisions are looked at.
  writers: `select version, operation, author from revisions where tenant = ? and type = ? and id = ? order by revision desc limit ?`,
  since: `select ${revisionColumns} from revisions where revision > ? order by revision limit ?`,
  latest: 'select max(revision) as latest from revisions',
  revision: `select ${revisionColumns} from revisions where revision = ?`,
  // By the primary key alone, which the planner would leave for the index that names the tenant first.
  marks: `select revision, id, at from revisions not indexed
       where revision > ? and revision <= ? and tenant = ? order by revision limit ?`,

  eventStreams: `select tenant, name, created, audience, form, delivery, position, received, problem from event_streams
       order by tenant, created, name`,
  addEventStream: `insert into event_streams (tenant, name, created, audience, form, delivery, position, received, problem)
       values (:tenant, :name, :created, :audience, :form, :delivery, :position, :received, :problem)`,
  updateEventStream: `update event_streams set audience = :audience, form = :form, delivery = :delivery, position = :position,
        received = :received, problem = :problem where tenant = :tenant and name = :name and created = :created`,
  removeEventStream: 'delete from event_streams where tenant = ? and name = ?',
};

/** The statements that are run often, compiled once. */
export type Statements = Record<keyof typeof texts, Database.Statement>;

export function prepare(db: Database.Database): Statements {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, db.prepare(text)])) as Statements;
}
