import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matches, type Target } from './filter-match.ts';
import { filterCondition, lookupsOf, registerFunctions } from './filter-sql.ts';
import { filters, oddSchemas, styles, users } from './filter.test.samples.ts';
import { parseFilter } from './filter.ts';
import type { Resource, ResourceType } from './resource.ts';
import { groupSchemas, groupUrn, userSchemas, type ResourceSchemas } from './schema.ts';
import { guidePlanner } from './sqlite-planner.ts';
import { indexColumns } from './sqlite-rows.ts';
import { migrations } from './sqlite-statements.ts';

/** A group inside a group has the higher number, so there are no cycles. */
interface Membership {
  group: number;
  member: string;
}

class Sample {
  readonly db = new Database(':memory:');
  readonly targets: Target[] = [];

  constructor() {
    registerFunctions(this.db);
    for (const migration of migrations) this.db.exec(migration);
  }

  add(tenant: string, target: Target): void {
    const { type, resource, version, created, lastModified } = target;
    const columns = indexColumns(resource);
    const { lastInsertRowid } = this.db
      .prepare(
        `insert into resources (tenant, type, id, version, created, last_modified, revision, resource, user_name, user_name_key,
           external_id, display_name, display_name_key, title, department, active, search)
         values (:tenant, :type, :id, :version, :created, :lastModified, 1, :json, :userName, :userNameKey, :externalId,
           :displayName, :displayNameKey, :title, :department, :active, :search)`,
      )
      .run({ ...columns, tenant, type, id: resource.id, version, created, lastModified, json: JSON.stringify(resource) });
    this.db.prepare('insert into resource_search (rowid, search) values (?, ?)').run(lastInsertRowid, columns.search);
    const lookup = this.db.prepare('insert into lookups (tenant, type, path, value, resource) values (?, ?, ?, ?, ?)');
    for (const { path, value } of lookupsOf(resource)) lookup.run(tenant, type, path, value, lastInsertRowid);
  }

  addMember(tenant: string, { group, member }: Membership): void {
    const type = member.startsWith('u') ? 'User' : 'Group';
    const add = this.db.prepare('insert or ignore into members (tenant, group_id, member_id, member_type) values (?, ?, ?, ?)');
    add.run(tenant, `g${group}`, member, type);
  }

  /** The ids that a filter finds in the database. */
  found(schemas: ResourceSchemas, text: string, tenant = 'a'): string[] {
    const { condition, values } = filterCondition(parseFilter(schemas, text), { tenant, type: schemas.type });
    const where = `tenant = ? and type = ? and (${condition})`;
    const rows = this.db.prepare(`select id from resources where ${where} order by id`).all(tenant, schemas.type, ...values);
    return (rows as { id: string }[]).map(({ id }) => id);
  }

  plan(schemas: ResourceSchemas, text: string): string {
    const { condition, values } = filterCondition(parseFilter(schemas, text), { tenant: 'a', type: schemas.type });
    const sql = `explain query plan select id from resources where tenant = ? and type = ? and (${condition}) order by display_name_key, rowid limit 9`;
    const rows = this.db.prepare(sql).all('a', schemas.type, ...values) as { detail: string }[];
    return rows.map(({ detail }) => detail).join('\n');
  }
}

function versioned(type: ResourceType, resource: Resource, index: number): Target {
  const at = new Date(Date.parse('2026-01-31T12:00:00Z') + index - 1).toISOString();
  return { type, resource, version: `v${index}`, created: at, lastModified: at };
}

/** The groups that a user is in, itself or through groups inside them. */
function groupsOf(member: string, memberships: readonly Membership[]): Set<string> {
  const direct = memberships.filter((membership) => membership.member === member).map(({ group }) => `g${group}`);
  return new Set([...direct, ...direct.flatMap((group) => [...groupsOf(group, memberships)])]);
}

const groupCount = 4;
const memberships = fc.array(
  fc
    .tuple(fc.nat(groupCount - 1), fc.constantFrom('u0', 'u1', 'u2', 'u3', 'u9', 'g1', 'g2', 'g3'))
    .filter(([group, member]) => member.startsWith('u') || Number(member.slice(1)) > group)
    .map(([group, member]): Membership => ({ group, member })),
  { maxLength: 8 },
);
const cases = styles.chain((style) =>
  fc.record({
    people: users(style),
    names: fc.array(style.text, { minLength: groupCount, maxLength: groupCount }),
    rows: memberships,
    forUsers: fc.array(filters(oddSchemas, style), { minLength: 8, maxLength: 8 }),
    forGroups: fc.array(filters(groupSchemas, style), { minLength: 4, maxLength: 4 }),
  }),
);

test('the database finds what the evaluation in memory finds', () => {
  let [tried, hits] = [0, 0];
  const property = fc.property(cases, ({ people, names, rows, forUsers, forGroups }) => {
    const sample = new Sample();
    const userTargets = people.map((resource, index) => versioned('User', resource, index));
    const groupTargets = names.map((displayName, index) =>
      versioned('Group', { schemas: [groupUrn], id: `g${index}`, displayName }, index),
    );
    // The same people in another tenant, where everyone is in every group.
    for (const target of [...userTargets, ...groupTargets]) {
      sample.add('a', target);
      sample.add('b', target);
      if (target.type === 'User') names.forEach((_, group) => sample.addMember('b', { group, member: target.resource.id }));
    }
    for (const row of rows) sample.addMember('a', row);
    const withGroups = userTargets.map((target) => {
      const inside = [...groupsOf(target.resource.id, rows)].map((value) => ({ value }));
      return inside.length === 0 ? target : { ...target, resource: { ...target.resource, groups: inside } };
    });
    const withMembers = groupTargets.map((target) => {
      const inside = rows.filter(({ group }) => `g${group}` === target.resource.id).map(({ member }) => ({ value: member }));
      return inside.length === 0 ? target : { ...target, resource: { ...target.resource, members: inside } };
    });
    const check = (schemas: ResourceSchemas, targets: readonly Target[], texts: readonly string[]): void => {
      for (const text of texts) {
        const filter = parseFilter(schemas, text);
        const expected = targets.filter((target) => matches(filter, target)).map(({ resource }) => resource.id);
        expect(sample.found(schemas, text), text).toEqual(expected.toSorted());
        tried += targets.length;
        hits += expected.length;
      }
    };
    check(oddSchemas, withGroups, forUsers);
    check(groupSchemas, withMembers, forGroups);
    sample.db.close();
  });
  fc.assert(property, { numRuns: Number(process.env['FILTER_RUNS'] ?? 200) });
  expect(hits / tried).toBeGreaterThan(0.15);
  expect(hits / tried).toBeLessThan(0.85);
});

test('indexes answer the searches of people and provisioning clients, sorted or not', () => {
  const sample = new Sample();
  guidePlanner(sample.db);
  const plans = {
    'userName eq "BJensen"': 'USING INDEX resources_user_name (tenant=? AND type=? AND user_name_key=?)',
    'userName sw "bj"': 'USING INDEX resources_user_name (tenant=? AND type=? AND user_name_key>? AND user_name_key<?)',
    'userName eq "bjensen" and active eq true': 'USING INDEX resources_user_name',
    'id eq "u1"': 'USING INDEX resources_id (tenant=? AND type=? AND id=?)',
    'externalId eq "x1"': 'USING INDEX resources_external_id (tenant=? AND type=? AND external_id=?)',
    'displayName eq "Babs"': 'USING INDEX resources_display_name (tenant=? AND type=? AND display_name_key=?)',
    'displayName co "abs"': 'USING INTEGER PRIMARY KEY (rowid=?)\nLIST SUBQUERY 1\nSCAN resource_search',
    'userName co "bje" or title co "manager"': 'MULTI-INDEX OR',
    'emails.value eq "a@b.c"': 'SEARCH lookups USING PRIMARY KEY (tenant=? AND type=? AND path=? AND value=?)',
    'emails[type eq "work"].value eq "a@b.c"': 'USING INTEGER PRIMARY KEY (rowid=?)\nLIST SUBQUERY 1\nSEARCH lookups',
    'employeeNumber eq "7"': 'USING INTEGER PRIMARY KEY (rowid=?)\nLIST SUBQUERY 1\nSEARCH lookups',
    'groups.value eq "g1"': 'SEARCH members USING PRIMARY KEY (tenant=? AND group_id=?)',
  };
  for (const [text, plan] of Object.entries(plans)) expect(sample.plan(userSchemas, text), text).toContain(plan);
  expect(sample.plan(groupSchemas, 'displayName eq "Staff"')).toContain('display_name_key=?');
  const members = 'SEARCH members USING COVERING INDEX members_member (tenant=? AND member_id=?)';
  expect(sample.plan(groupSchemas, 'members.value eq "u1"')).toContain(members);
  sample.db.close();
});

test('the largest filters run, and what a caller wrote is never in the SQL', () => {
  const sample = new Sample();
  const terms = (count: number, term: string): string => Array.from({ length: count }, () => term).join(' or ');
  const wide = terms(200, 'emails[type eq null] and active eq true').split(' or ').slice(0, 66).join(' or ');
  const deep = `${'not (emails co "x" or '.repeat(50)}userName pr${')'.repeat(50)}`;
  for (const text of [terms(200, 'name.givenName co "abc"'), terms(200, 'groups.value sw "g"'), wide, deep])
    expect(sample.found(userSchemas, text)).toEqual([]);
  const { condition, values } = filterCondition(parseFilter(userSchemas, `nickName eq "'; drop table--"`), {
    tenant: "t'",
    type: 'User',
  });
  expect(condition).not.toMatch(/drop|t'|nickName/);
  expect(values).toEqual(['$."nickName"', "'; drop table--"]);
  sample.db.close();
});
