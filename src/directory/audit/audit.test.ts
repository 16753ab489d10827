import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import canonicalize from 'canonicalize';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Directory } from '../directory.ts';
import type { Actor } from '../resource.ts';
import { groupUrn, userUrn } from '../schema.ts';
import { migrations } from '../sqlite-statements.ts';
import { auditMigration } from './audit-log.ts';
import type { AuditEntry } from './entry.ts';

let folder: string;
let path: string;
let directory: Directory;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-audit-'));
  path = join(folder, 'directory.db');
  directory = await Directory.open(path);
});
afterEach(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});

const admin = (over: Partial<Actor> = {}): Actor => ({
  id: 'kenji',
  name: 'Kenji',
  kind: 'person',
  door: 'window',
  tenant: 'default',
  scopes: ['scim:admin'],
  ...over,
});
const agent = (over: Partial<Actor> = {}): Actor =>
  admin({ id: 'bot', name: 'Bot', kind: 'agent', door: 'mcp', scopes: ['scim:read', 'scim:write'], ...over });
const user = (userName: string) => ({ schemas: [userUrn], userName });
const all = async (actor = admin(), query = {}) => (await directory.audit.list(actor, { count: 500, ...query })).entries;
const verify = (actor = admin()) => directory.audit.verify(actor);

/** Changes the file behind the directory's back, as somebody with access to the disk would. */
function tamper(...statements: string[]): void {
  const db = new Database(path);
  for (const statement of statements) db.exec(statement);
  db.close();
}

/** A bit of everything that makes entries. */
async function fill() {
  const ada = await directory.create(agent(), 'User', { ...user('ada'), password: 'correct horse', displayName: 'Ada' });
  const bob = await directory.create(admin(), 'User', user('bob'));
  const members = [ada, bob].map(({ resource: { id } }) => ({ value: id }));
  const group = await directory.create(admin(), 'Group', { schemas: [groupUrn], displayName: 'All', members });
  await directory.patch(agent(), 'User', ada.resource.id, [{ op: 'replace', path: 'title', value: 'Countess' }]);
  await directory.delete(admin(), 'User', bob.resource.id);
  await directory.tenants.update('default', { settings: { strict: true } }, admin());
  return { ada: ada.resource.id, bob: bob.resource.id, group: group.resource.id, version: ada.version };
}

describe('what is told', () => {
  test('each write with its author, its fields and its version, without secrets', async () => {
    const { ada, bob, group } = await fill();
    const entries = (await all()).toReversed();
    expect(entries.map(({ kind, event, actor, subject }) => [kind, event, actor.id, subject?.id])).toEqual([
      ['tenant', 'created', 'tandem', 'default'],
      ['write', 'create', 'bot', ada],
      ['write', 'create', 'kenji', bob],
      ['write', 'create', 'kenji', group],
      ['write', 'patch', 'bot', ada],
      ['write', 'patch', 'kenji', group],
      ['write', 'delete', 'kenji', bob],
      ['tenant', 'set_up', 'kenji', 'default'],
    ]);
    expect(entries[4]).toMatchObject({ seq: 5, subject: { type: 'User', name: 'Ada' }, detail: { fields: ['title'] } });
    expect(entries[7]?.detail).toEqual({ changes: [{ path: 'strict', before: false, after: true }] });
    expect(JSON.stringify(entries)).not.toMatch(/correct horse|scrypt/);
    const { changes } = await directory.audit.entry(admin(), 5);
    expect(changes).toEqual([{ path: 'title', after: 'Countess' }]);
    expect(await verify()).toMatchObject({ unbroken: true, entries: 8, resources: 2, last: { seq: 8 } });
  });

  test('refusals, conflicts, what policy refuses, schemas; and whoever needs scim:admin', async () => {
    const { ada, version } = await fill();
    const refused = [
      () => directory.delete(agent({ scopes: ['scim:read'] }), 'User', ada),
      () => directory.audit.list(agent(), { count: 1 }),
      () => directory.replace(agent(), 'User', ada, user('ada'), { expectedVersion: version }),
    ];
    for (const each of refused) await expect(each()).rejects.toThrow();
    const { policy, version: policyVersion } = directory.policy.get(admin());
    const readOnly = { ...policy, allAgents: { ...policy.allAgents, readOnly: true } };
    await directory.policy.update(admin(), readOnly, policyVersion);
    await expect(directory.delete(agent(), 'User', ada)).rejects.toMatchObject({ code: 'POLICY_REFUSED' });
    const attribute = { name: 'badge', type: 'string', multiValued: false, description: 'Badge' };
    const schema = { id: 'urn:example:badge', name: 'Badge', description: 'Badges', attributes: [attribute] };
    await directory.putExtension(admin(), 'User', schema);
    const told = (await all())
      .slice(0, -8)
      .map(({ kind, event, actor, subject }) => `${kind} ${event} ${actor.id} ${subject?.id}`);
    // What was not waited for can come a little later.
    expect(told.toSorted()).toEqual([
      `conflict VERSION_MISMATCH bot ${ada}`,
      'policy changed kenji default',
      'refusal FORBIDDEN bot undefined',
      'refusal FORBIDDEN bot undefined',
      `refusal POLICY_REFUSED bot ${ada}`,
      'schema added kenji urn:example:badge',
    ]);
    expect(await verify()).toMatchObject({ unbroken: true });
  });

  test('a flood of refusals is counted', async () => {
    const nosy = agent({ scopes: [] });
    for (let time = 0; time < 500; time++) await directory.exists(nosy, 'User', 'x').catch(() => {});
    await directory.close();
    directory = await Directory.open(path);
    const refusals = await all(admin(), { kind: 'refusal' });
    expect(refusals).toHaveLength(21);
    expect(refusals[0]).toMatchObject({ actor: { id: 'bot' }, detail: { times: 480 } });
    expect(await verify()).toMatchObject({ unbroken: true });
  });

  test('text of any kind and length stays within bounds and is hashed', async () => {
    const odd = { a: `\ud800 "${'x'.repeat(5000)}`, b: Array.from({ length: 100 }, () => 'y'.repeat(5000)), c: undefined };
    await directory.audit.record(admin({ name: 'lone \udc00' }), { kind: 'access', event: 'key_made', detail: odd });
    const [entry] = await all();
    expect(JSON.stringify(entry).length).toBeLessThan(21_000);
    expect(await verify()).toMatchObject({ unbroken: true });
  });
});

describe('reading', () => {
  test('newest first, in pages, with every filter, of one tenant only', async () => {
    await directory.tenants.create({ id: 'other', name: 'Other' });
    await directory.create(admin({ tenant: 'other', name: 'Olga', id: 'olga' }), 'User', user('zoe'));
    for (let index = 0; index < 30; index++) {
      await directory.create(index % 3 === 0 ? agent() : admin(), 'User', {
        ...user(`u${index}`),
        displayName: `Person ${index}`,
      });
      if (index % 10 === 0)
        await directory.audit.record(admin(), { kind: 'sign_in', event: 'signed_in', detail: { via: 'Ünïcode' } });
    }
    const everything = await all();
    expect(everything.map(({ seq }) => seq)).toEqual(Array.from({ length: 34 }, (_, index) => 34 - index));
    expect(JSON.stringify(everything)).not.toContain('Olga');
    expect((await all(admin({ tenant: 'other' }))).map(({ actor }) => actor.id)).toEqual(['olga', 'tandem']);

    const paged: AuditEntry[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page = await directory.audit.list(admin(), { count: 7, cursor, actor: 'bot' });
      paged.push(...page.entries);
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(everything.filter(({ actor }) => actor.id === 'bot'));
    expect(await all(admin(), { kind: 'sign_in' })).toHaveLength(3);
    expect(await all(admin(), { kind: 'write', subject: 'person 1' })).toHaveLength(11);
    expect(await all(admin(), { text: 'ÜNÏ' })).toHaveLength(3);
    expect(await all(admin(), { text: 'person 17' })).toHaveLength(1);
    expect(await all(admin(), { text: 'a%' })).toEqual([]);
    const [, middle] = [everything[33], everything[15]];
    expect(await all(admin(), { since: middle?.at })).toEqual(everything.filter(({ at }) => at >= (middle?.at ?? '')));
    expect(await all(admin(), { until: middle?.at })).toEqual(everything.filter(({ at }) => at < (middle?.at ?? '')));
    await expect(all(admin(), { since: 'yesterday' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(all(admin(), { cursor: 'x' })).rejects.toMatchObject({ code: 'INVALID_CURSOR' });
    await expect(all(admin({ tenant: 'nowhere' }))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('an exported line can be checked by anybody; CSV runs nothing', async () => {
    await fill();
    await directory.audit.record(admin({ name: '=cmd()' }), { kind: 'access', event: '@x', detail: { a: 1 } });
    const text = async (format: 'jsonl' | 'csv') => {
      let all = '';
      for await (const piece of directory.audit.export(admin(), format)) all += piece;
      return all;
    };
    const lines = (await text('jsonl')).trim().split('\n');
    let previous = '0'.repeat(64);
    for (const line of lines) {
      const { hash, ...entry } = JSON.parse(line) as AuditEntry;
      expect(entry.previous).toBe(previous);
      expect(
        createHash('sha256')
          .update(canonicalize(entry) ?? '')
          .digest('hex'),
      ).toBe(hash);
      previous = hash;
    }
    const rows = parse(await text('csv'), { columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(lines.length);
    expect(rows.at(-1)).toMatchObject({ event: "'@x", 'actor.name': "'=cmd()", detail: '{"a":1}', hash: previous });
  });
});

describe('the chain', () => {
  test('random writes, some of them undone, leave it whole', async () => {
    const step = fc.record({
      kind: fc.constantFrom('create', 'patch', 'delete', 'bulk', 'members', 'note'),
      at: fc.nat(5),
      bad: fc.boolean(),
    });
    let names = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const ids: string[] = [];
        const group = (await directory.create(admin(), 'Group', { schemas: [groupUrn], displayName: `g${names++}` })).resource.id;
        const work = steps.map(async ({ kind, at, bad }) => {
          const id = ids[at] ?? 'nobody';
          const title = bad ? { path: 'nothing', value: 1 } : { path: 'title', value: `t${names++}` };
          if (kind === 'create') ids.push((await directory.create(admin(), 'User', user(`n${names++}`))).resource.id);
          else if (kind === 'patch') await directory.patch(agent(), 'User', id, [{ op: 'replace', ...title }]);
          else if (kind === 'delete') await directory.delete(admin(), 'User', id, bad ? { expectedVersion: 'stale' } : {});
          else if (kind === 'members') await directory.modifyMembers(admin(), group, { add: [id], remove: [] });
          else if (kind === 'note') await directory.audit.record(admin(), { kind: 'access', event: 'key_made' });
          else
            await directory.bulk(
              admin(),
              [0, 1, 2].map((place) => ({
                method: 'POST',
                path: '/Users',
                bulkId: `b${place}`,
                data: user(bad && place === 2 ? 'n1' : `n${names++}`),
              })),
              { atomic: true },
            );
        });
        await Promise.allSettled(work);
        expect(await verify()).toMatchObject({ unbroken: true });
      }),
      { numRuns: 15 },
    );
    const entries = (await all()).length;
    expect(entries).toBeGreaterThan(15);
    await directory.close();
    directory = await Directory.open(path);
    expect(await verify()).toMatchObject({ unbroken: true });
  });

  test('any edited byte of an entry or of a revision is found', async () => {
    await fill();
    await directory.close();
    const db = new Database(path);
    const columns: [table: string, key: string, column: string][] = [
      ...['tenant', 'seq', 'kind', 'entry', 'hash'].map((column): [string, string, string] => ['audit', 'seq', column]),
      ...['tenant', 'seq', 'hash'].map((column): [string, string, string] => ['audit_ends', 'seq', column]),
      ...[
        'tenant',
        'type',
        'id',
        'operation',
        'author',
        'at',
        'version',
        'previous_version',
        'changes',
        'resource',
        'members',
      ].map((column): [string, string, string] => ['revisions', 'revision', column]),
    ];
    const places = columns.flatMap(([table, key, column]) => {
      const rows = db.prepare(`select ${key} as row, ${column} as value from ${table}`).all() as {
        row: number;
        value: unknown;
      }[];
      return rows.filter(({ value }) => value !== null && value !== '').map((found) => ({ table, key, column, ...found }));
    });
    db.close();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), fc.nat(), fc.integer({ min: 1, max: 255 }), async (place, at, change) => {
        const { table, key, column } = place;
        const edited = editByte(place.value, at, change);
        const forge = new Database(path);
        const put = (from: unknown, to: unknown) =>
          column === key
            ? forge.prepare(`update ${table} set ${key} = ? where ${key} = ?`).run(to, from)
            : forge.prepare(`update ${table} set ${column} = ? where ${key} = ?`).run(to, place.row);
        try {
          put(place.value, edited);
        } catch {
          // SQLite itself does not take it, since an index reads it as JSON.
          forge.close();
          return;
        }
        const opened = await Directory.open(path);
        try {
          expect(await opened.audit.verify(admin()), JSON.stringify({ ...place, edited })).toMatchObject({ unbroken: false });
        } finally {
          await opened.close();
          put(edited, place.value);
          forge.close();
        }
      }),
      { numRuns: 80 },
    );
    directory = await Directory.open(path);
    expect(await verify()).toMatchObject({ unbroken: true });
  });

  test('it names the first entry that is wrong', async () => {
    const { ada, bob, group } = await fill();
    const broken = async (statement: string, back: string) => {
      tamper(statement);
      const verdict = await verify();
      tamper(back);
      expect(await verify()).toMatchObject({ unbroken: true });
      return verdict;
    };
    const keep = (table: string, where: string) => {
      tamper(`create table kept as select * from ${table} where ${where}`);
      return `insert into ${table} select * from kept; drop table kept`;
    };
    expect(await broken('delete from audit where seq = 4', keep('audit', 'seq = 4'))).toMatchObject({
      seq: 4,
      problem: 'Entry 4 is missing.',
    });
    expect(await broken('delete from audit where seq = 8', keep('audit', 'seq = 8'))).toMatchObject({
      seq: 8,
      problem: 'Entry 8 is missing: the end of the log was cut off.',
    });
    expect(await broken('delete from audit', keep('audit', 'true'))).toMatchObject({ seq: 1 });
    expect(await broken('delete from revisions where revision = 2', keep('revisions', 'revision = 2'))).toMatchObject({
      seq: 3,
      problem: expect.stringContaining('is gone from the history'),
    });
    const title = (from: string, to: string) =>
      `update resources set resource = replace(resource, '${from}', '${to}') where id = '${ada}'`;
    expect(await broken(title('Countess', 'Duchess'), title('Duchess', 'Countess'))).toMatchObject({
      problem: expect.stringContaining(`User ${ada} was altered`),
    });
    expect(await broken(`delete from resources where id = '${ada}'`, keep('resources', `id = '${ada}'`))).toMatchObject({
      problem: expect.stringContaining(`User ${ada} is gone`),
    });
    expect(
      await broken(
        `update members set member_id = '${bob}' where member_id = '${ada}'`,
        `update members set member_id = '${ada}' where member_id = '${bob}'`,
      ),
    ).toMatchObject({ problem: expect.stringContaining(`Group ${group} were altered`) });
    await directory.patch(admin(), 'User', ada, [{ op: 'replace', path: 'title', value: 'Lady' }]);
    expect(await broken('delete from audit where seq = 9', keep('audit', 'seq = 9'))).toMatchObject({
      problem: `Revision 7 (User ${ada}) is in the history, but not in the log.`,
    });
  });

  test('it can be cancelled, tells how far it is, and goes on while others write', async () => {
    for (let index = 0; index < 1000; index++) void directory.create(admin(), 'User', user(`many${index}`));
    await directory.create(admin(), 'User', user('last'));
    const told: number[] = [];
    const checked = new AbortController();
    const writer = (async () => {
      for (let index = 0; !checked.signal.aborted; index++) await directory.create(admin(), 'User', user(`meanwhile${index}`));
    })();
    const verdict = await directory.audit.verify(admin(), { onProgress: ({ checked: count }) => told.push(count) });
    checked.abort();
    await writer;
    expect(verdict).toMatchObject({ unbroken: true });
    expect(told.length).toBeGreaterThan(0);
    const stop = AbortSignal.abort(new Error('stopped'));
    await expect(directory.audit.verify(admin(), { signal: stop })).rejects.toThrow('stopped');
  });

  test('a tenant takes its chain with it, and default tells', async () => {
    await directory.tenants.create({ id: 'other', name: 'Other' }, admin());
    await directory.create(admin({ tenant: 'other' }), 'User', user('zoe'));
    await directory.tenants.delete('other', admin());
    void directory.audit.record(admin({ tenant: 'other' }), { kind: 'access', event: 'late' });
    await directory.tenants.settled();
    const [entry] = await all();
    expect(entry).toMatchObject({
      kind: 'tenant',
      event: 'deleted',
      subject: { id: 'other', name: 'Other' },
      actor: { id: 'kenji' },
    });
    await directory.tenants.create({ id: 'other', name: 'Again' });
    expect(await all(admin({ tenant: 'other' }))).toMatchObject([{ seq: 1, event: 'created' }]);
    expect(await verify(admin({ tenant: 'other' }))).toMatchObject({ unbroken: true, entries: 1 });
    expect(await verify()).toMatchObject({ unbroken: true });
  });

  test('a folder from before has its log from now on', async () => {
    const { ada } = await fill();
    await directory.close();
    const later = ['audit', 'audit_ends', 'conflicts', 'escalations'].map((table) => `drop table ${table}`);
    tamper(...later, `pragma user_version = ${migrations.indexOf(auditMigration)}`);
    directory = await Directory.open(path);
    expect(await all()).toMatchObject([{ kind: 'tenant', event: 'audit_begun', detail: { revision: 6 } }]);
    await directory.patch(admin(), 'User', ada, [{ op: 'replace', path: 'title', value: 'Lady' }]);
    expect(await verify()).toMatchObject({ unbroken: true, entries: 2 });
  });

  test('kill -9 in the middle of writes leaves it whole, with all that was acknowledged', async () => {
    const killed = join(folder, 'killed.db');
    const child = fork(join(import.meta.dirname, '../directory.test.writer.ts'), [killed]);
    const acknowledged: string[] = [];
    await new Promise((resolve) => {
      child.on('message', (id: string) => {
        acknowledged.push(id);
        if (acknowledged.length === 150) child.kill('SIGKILL');
      });
      child.once('exit', resolve);
    });
    const opened = await Directory.open(killed);
    expect(await opened.audit.verify(admin())).toMatchObject({ unbroken: true });
    const told = new Set<string>();
    for await (const text of opened.audit.export(admin(), 'jsonl'))
      for (const line of text.trim().split('\n')) told.add((JSON.parse(line || '{}') as AuditEntry).subject?.id ?? '');
    await opened.close();
    expect(acknowledged.filter((id) => !told.has(id))).toEqual([]);
  });
});

/** @returns the value with one byte that is another; text that is not UTF-8 any more as bytes would be stored as a blob. */
function editByte(value: unknown, at: number, change: number): unknown {
  if (typeof value === 'number') return value + 1000 + change;
  const text = String(value);
  const place = at % text.length;
  const code = (text.charCodeAt(place) + change) % 256 || 256;
  return text.slice(0, place) + String.fromCharCode(code) + text.slice(place + 1);
}
