import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Directory } from './directory.ts';
import { schemaVersionOf, selectFromSchemas } from './discovery.ts';
import { DirectoryError } from './errors.ts';
import { checkExtension } from './extension.ts';
import type { Actor } from './resource.ts';
import { enterpriseUserUrn, groupSchemas, groupUrn, userSchemas, userUrn } from './schema.ts';

const urn = 'urn:example:badges:2.0:User';
const proposal = (attributes: object[], over: object = {}) => ({ id: urn, name: 'Badges', attributes, ...over });
const badge = { name: 'badge' };

describe('checkExtension', () => {
  test('gives what is left out its default', () => {
    const { schema, issues } = checkExtension(userSchemas, proposal([badge]));
    expect(issues).toEqual([]);
    expect(schema).toEqual({
      id: urn,
      name: 'Badges',
      description: '',
      attributes: [
        {
          name: 'badge',
          type: 'string',
          multiValued: false,
          description: '',
          required: false,
          caseExact: false,
          mutability: 'readWrite',
          returned: 'default',
          uniqueness: 'none',
        },
      ],
    });
  });

  test('takes what the directory itself gives out', () => {
    const { schema } = checkExtension(userSchemas, proposal([{ ...badge, type: 'reference' }]));
    expect(checkExtension(userSchemas, { ...schema, schemas: [], meta: {}, version: 'x' })).toEqual({ schema, issues: [] });
  });

  test.each<[name: string, proposal: unknown, path: string, text: RegExp]>([
    ['no object', 'x', '', /object/],
    ['no URN', proposal([badge], { id: 'badges' }), 'id', /URN/],
    ['no attributes', proposal([]), 'attributes', /./],
    ['a URN of the standard', proposal([badge], { id: userUrn }), 'id', /standard/],
    ['the enterprise extension', proposal([badge], { id: enterpriseUserUrn }), 'id', /standard/],
    ['a URN inside another', proposal([badge], { id: 'urn:ietf:params:scim:schemas' }), 'id', /Begins like/],
    ['a name that is none', proposal([{ name: 'my badge' }]), 'attributes[0].name', /begin with a letter/],
    ['an unknown member', proposal([{ ...badge, requried: true }]), 'attributes[0]', /requried/],
    ['an unknown type', proposal([{ ...badge, type: 'text' }]), 'attributes[0].type', /./],
    ['a name of the core schema', proposal([{ name: 'USERNAME' }]), 'attributes[0].name', /attribute of/],
    ['a name of another extension', proposal([badge, { name: 'department' }]), 'attributes[1].name', /EnterpriseUser/],
    ['a name twice', proposal([badge, { name: 'Badge' }]), 'attributes[1].name', /twice/],
    ['a name that objects have', proposal([{ name: 'constructor' }]), 'attributes[0].name', /reserved/],
    ['what must stay secret', proposal([{ ...badge, returned: 'never' }]), 'attributes[0].returned', /supported/],
    ['no parts', proposal([{ ...badge, type: 'complex' }]), 'attributes[0].subAttributes', /complex/],
    [
      'parts in parts',
      proposal([{ ...badge, type: 'complex', subAttributes: [{ name: 'in', type: 'complex' }] }]),
      'attributes[0].subAttributes[0].type',
      /complex/,
    ],
  ])('refuses %s', (_name, sent, path, text) => {
    const { schema, issues } = checkExtension(userSchemas, sent);
    expect(schema).toBeUndefined();
    expect(issues).toContainEqual({ path, message: expect.stringMatching(text) });
  });

  test('whatever is sent, it answers', () => {
    fc.assert(fc.property(fc.anything(), (sent) => checkExtension(groupSchemas, sent).issues.length > 0));
  });
});

let folder: string;
let directory: Directory;
const admin: Actor = { id: 'a', name: 'A', kind: 'person', door: 'window', tenant: 'default', scopes: ['scim:admin'] };
const refusal = (code: string) => expect.objectContaining({ code });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-extension-'));
  directory = await Directory.open(join(folder, 'directory.db'));
});
afterEach(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});
const create = (name: string, values?: object) =>
  directory.create(admin, 'User', { schemas: [userUrn], userName: name, ...(values && { [urn]: values }) });

describe('with the data of a tenant', () => {
  test('an extension is in force at once: validated, filtered by, shown', async () => {
    await expect(create('a', { badge: '1' })).rejects.toThrow(refusal('SCHEMA_VIOLATION'));
    await directory.putExtension(admin, 'User', proposal([badge, { name: 'level', type: 'integer' }]));
    const { resource } = await create('b', { badge: '1', level: 7 });
    expect(resource.schemas).toEqual([userUrn, urn]);
    await expect(create('c', { level: 'high' })).rejects.toThrow(refusal('SCHEMA_VIOLATION'));
    expect((await directory.list(admin, 'User', { filter: 'level gt 6', count: 1 })).total).toBe(1);
    expect((await directory.search(admin, 'User', 'level', '7')).total).toBe(1);
    expect(directory.schemas(admin, 'User').extensions.map(({ id }) => id)).toEqual([enterpriseUserUrn, urn]);
    expect(directory.schemas(admin, 'Group').extensions).toEqual([]);
  });

  test('another definition is held against the values that there are', async () => {
    await create('without');
    await directory.putExtension(admin, 'User', proposal([badge, { name: 'old' }]));
    await create('number', { badge: '7' });
    await create('text', { badge: 'seven', old: 'x' });
    const check = await directory.validateExtension(
      admin,
      'User',
      proposal([{ name: 'badge', type: 'integer', required: true }]),
    );
    expect(check).toMatchObject({ valid: false, affected: { count: 3 } });
    expect(check.breaks.map(({ path, count, examples }) => [path, count, examples.map(({ name }) => name)])).toEqual([
      ['badge', 2, ['number', 'text']],
      ['old', 1, ['text']],
      ['badge', 1, ['without']],
    ]);
    expect(check.affected.examples.map(({ name }) => name)).toEqual(['number', 'text', 'without']);
    expect(check.issues).toEqual([
      { path: `${urn}:badge`, message: expect.stringMatching(/2 users: Must be a whole number/) },
      { path: `${urn}:old`, message: expect.stringMatching(/1 user: Is not an attribute/) },
      { path: `${urn}:badge`, message: expect.stringMatching(/1 user: Is required/) },
    ]);
    await expect(directory.putExtension(admin, 'User', proposal([{ name: 'other' }]))).rejects.toThrow(
      refusal('SCHEMA_VIOLATION'),
    );
    expect(await directory.validateExtension(admin, 'User', proposal([badge, { name: 'old' }, { name: 'new' }]))).toMatchObject({
      valid: true,
      affected: { count: 0 },
    });
  });

  test('what is required can be required where everybody has it, and is then required of all', async () => {
    const parts = [{ name: 'kind', required: true }, { name: 'note' }];
    const attributes = [badge, { name: 'passes', type: 'complex', multiValued: true, subAttributes: parts }];
    await directory.putExtension(admin, 'User', proposal(attributes));
    await create('a', { badge: '1', passes: [{ kind: 'blue' }] });
    await expect(create('b', { passes: [{ note: 'x' }] })).rejects.toThrow(/passes\[0\]\.kind: Is required/);
    await directory.putExtension(admin, 'User', proposal([{ ...badge, required: true }, ...attributes.slice(1)]));
    await expect(create('c')).rejects.toThrow(new RegExp(`${urn}:badge: Is required`));
  });

  test('it is removed only where nobody has values, and only by an administrator', async () => {
    await directory.putExtension(admin, 'User', proposal([badge]));
    const { resource } = await create('a', { badge: '1' });
    await expect(directory.removeExtension(admin, 'User', urn)).rejects.toThrow(/1 user has values/);
    await directory.delete(admin, 'User', resource.id);
    const writer: Actor = { ...admin, scopes: ['scim:write'] };
    await expect(directory.removeExtension(writer, 'User', urn)).rejects.toThrow(refusal('FORBIDDEN'));
    await expect(directory.putExtension(writer, 'User', proposal([badge]))).rejects.toThrow(refusal('FORBIDDEN'));
    await directory.removeExtension(admin, 'User', urn);
    await expect(directory.removeExtension(admin, 'User', urn)).rejects.toThrow(refusal('NOT_FOUND'));
    await expect(directory.removeExtension(admin, 'User', enterpriseUserUrn)).rejects.toThrow(refusal('INVALID_ARGUMENT'));
  });
});

describe('several at once', () => {
  const told: string[] = [];

  test('a definition is written only over the version that was seen', async () => {
    const end = directory.tenants.onSchemas((tenant) => told.push(tenant));
    const first = await directory.putExtension(admin, 'User', proposal([badge]), { expectedVersion: null });
    const seen = schemaVersionOf(first);
    await expect(directory.putExtension(admin, 'User', proposal([badge]), { expectedVersion: null })).rejects.toThrow(
      refusal('UNIQUENESS'),
    );
    const other = proposal([badge, { name: 'level' }]);
    await directory.putExtension(admin, 'User', other, { expectedVersion: seen });
    const late = proposal([badge, { name: 'colour' }]);
    await expect(directory.putExtension(admin, 'User', late, { expectedVersion: seen })).rejects.toThrow(
      refusal('VERSION_MISMATCH'),
    );
    await expect(directory.removeExtension(admin, 'User', urn, { expectedVersion: seen })).rejects.toThrow(
      refusal('VERSION_MISMATCH'),
    );
    await expect(directory.putExtension(admin, 'User', late, { expectedVersion: 'W/"x"' })).rejects.toThrow(
      refusal('INVALID_VERSION_FORMAT'),
    );
    await expect(directory.putExtension(admin, 'Group', late, { expectedVersion: seen })).rejects.toThrow(refusal('NOT_FOUND'));
    const [, mine] = directory.schemas(admin, 'User').extensions;
    expect(mine?.attributes.map(({ name }) => name)).toEqual(['badge', 'level']);
    await directory.removeExtension(admin, 'User', urn, { expectedVersion: mine && schemaVersionOf(mine) });
    expect(told).toEqual(['default', 'default', 'default']);
    end();
  });

  test('of two who put at the same time against one version, one is refused', async () => {
    const seen = schemaVersionOf(await directory.putExtension(admin, 'User', proposal([badge])));
    const puts = ['level', 'colour'].map((name) =>
      directory.putExtension(admin, 'User', proposal([badge, { name }]), { expectedVersion: seen }),
    );
    const outcomes = await Promise.allSettled(puts);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes).toContainEqual({ status: 'rejected', reason: refusal('VERSION_MISMATCH') });
  });

  test('what is written while a definition is checked counts too', async () => {
    await directory.putExtension(admin, 'User', proposal([badge]));
    await create('early', { badge: '1' });
    // Begun first, done first: the write is on disk when the definition is put.
    const [, put] = await Promise.allSettled([
      create('late', { badge: 'text' }),
      directory.putExtension(
        admin,
        'User',
        proposal([
          { ...badge, required: true },
          { name: 'level', required: true },
        ]),
      ),
    ]);
    expect(put).toEqual({ status: 'rejected', reason: refusal('SCHEMA_VIOLATION') });
    const racing = directory.putExtension(admin, 'User', proposal([{ ...badge, required: true }]));
    const without = create('without').catch((error: unknown) => error);
    const outcomes = [await racing.catch(() => 'refused'), await without];
    const people = await directory.list(admin, 'User', { count: 10 });
    const [, mine] = directory.schemas(admin, 'User').extensions;
    const isRequired = mine?.attributes[0]?.required === true;
    // Either came first; together they never stand.
    expect(outcomes.includes('refused')).toBe(!isRequired);
    expect(people.rows.every(({ resource }) => resource[urn] !== undefined)).toBe(isRequired);
  });

  test('values are cleared before it is removed, each as a change in the history', async () => {
    await directory.putExtension(admin, 'User', proposal([badge]));
    const people = await Promise.all(Array.from({ length: 120 }, (_, index) => create(`p${index}`, { badge: String(index) })));
    expect(await directory.countExtensionValues(admin, 'User', urn)).toBe(120);
    expect(await directory.clearExtensionValues(admin, 'User', urn)).toBe(20);
    expect(await directory.clearExtensionValues(admin, 'User', urn)).toBe(0);
    const id = people[0]?.resource.id ?? '';
    const { resource } = await directory.get(admin, 'User', id);
    expect(resource.schemas).toEqual([userUrn]);
    expect((await directory.history.list(admin, 'User', id, { limit: 1 })).revisions[0]?.changes).toEqual([
      { path: `${urn}:badge`, before: '0' },
    ]);
    const writer: Actor = { ...admin, scopes: ['scim:write'] };
    await expect(directory.clearExtensionValues(writer, 'User', urn)).rejects.toThrow(refusal('FORBIDDEN'));
    await directory.removeExtension(admin, 'User', urn);
  });

  test('a check that nobody waits for any more ends', async () => {
    await directory.putExtension(admin, 'User', proposal([badge]));
    const signal = AbortSignal.abort(new Error('gone'));
    await expect(directory.validateExtension(admin, 'User', proposal([badge]), { signal })).rejects.toThrow('gone');
  });
});

describe('discovery', () => {
  const all = [userSchemas.core, ...userSchemas.extensions, groupSchemas.core];

  test('a schema has the same version as long as it is the same', () => {
    const { core } = userSchemas;
    expect(schemaVersionOf(core)).toMatch(/^[A-Za-z0-9+/]{11}=$/);
    expect(schemaVersionOf(structuredClone(core))).toBe(schemaVersionOf(core));
    expect(schemaVersionOf({ ...core, description: 'x' })).not.toBe(schemaVersionOf(core));
  });

  test('attributes can be selected by name, path and URN', () => {
    const selected = selectFromSchemas(all, ['USERNAME', 'emails.type', `${enterpriseUserUrn}:department`, groupUrn]);
    expect(selected.map(({ id, attributes }) => [id, attributes.length])).toEqual([
      [userUrn, 2],
      [enterpriseUserUrn, 1],
      [groupUrn, groupSchemas.core.attributes.length],
    ]);
    expect(selected[0]?.attributes[1]?.subAttributes?.map(({ name }) => name)).toEqual(['type']);
    expect(() => selectFromSchemas(all, ['shoeSize'])).toThrow(DirectoryError);
  });
});
