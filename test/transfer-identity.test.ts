import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oddSchemas, styles, users } from '../src/directory/filter.test.samples.ts';
import {
  Directory,
  guardCell,
  limits,
  unguardCell,
  type Actor,
  type Resource,
  type ResourceType,
} from '../src/directory/index.ts';
import { exportResources, planImport, runImport, type ExportFormat, type Kind, type Source } from '../src/transfer/index.ts';

let folder: string;
let directory: Directory;
let tenants = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-transfer-'));
  directory = await Directory.open(join(folder, 'directory.db'));
});
afterAll(async () => {
  await directory.close();
  rmSync(folder, { recursive: true });
});

const actorIn = (tenant: string): Actor => ({
  id: 'x',
  name: 'X',
  kind: 'person',
  door: 'cli',
  tenant,
  scopes: ['scim:read', 'scim:write'],
});

async function newTenant(): Promise<Actor> {
  const id = `t${tenants++}`;
  await directory.tenants.add({ id, name: id });
  for (const schema of oddSchemas.extensions.slice(1)) await directory.tenants.putExtension(id, 'User', schema);
  return actorIn(id);
}

async function text(actor: Actor, kind: Kind, format: ExportFormat): Promise<string> {
  let whole = '';
  for await (const part of exportResources(directory, actor, { kind, format })) whole += part;
  return whole;
}

/** A file that arrives in pieces of odd sizes. */
function sourceOf(content: string): Source {
  const bytes = Buffer.from(content);
  return {
    size: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += 997) yield bytes.subarray(at, at + 997);
    },
  };
}

/** All that is in a tenant, without what each directory gives by itself. */
async function everything(actor: Actor, type: ResourceType): Promise<Map<string, unknown>> {
  const { rows } = await directory.list(actor, type, { count: limits.pageMax });
  return new Map(
    await Promise.all(
      rows.map(async ({ resource: { id, ...content } }) => {
        const members = type === 'Group' ? await directory.members(actor, id, { limit: 1000 }) : [];
        return [
          content['userName'] ?? content['displayName'],
          { ...content, members: members.map(({ display }) => display).toSorted() },
        ] as const;
      }),
    ).then((pairs) => pairs as [string, unknown][]),
  );
}

const exportFormats = ['csv', 'json', 'jsonl'] as const;

describe('import after export is the identity', () => {
  /** Text that spreadsheets, CSV and JSON each read in ways of their own. */
  const nasty = fc.oneof(
    fc.constantFrom(
      '=1+1',
      "'=x",
      "''@",
      '+351 21',
      '-',
      '\t',
      ' a ',
      'a,b;c',
      '"',
      '""x',
      'a\r\nb',
      '\n=x',
      '[',
      '[1]',
      '{',
      '[] x',
      'true',
      'null',
      '＝x',
      "'",
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
  );
  // oxlint-disable-next-line no-control-regex -- these cannot be stored
  const storable = (value: string) => !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(value) && value.isWellFormed() && value !== '';
  const samples = fc.oneof(
    styles.chain((style) => users(style)),
    users({ text: nasty.filter(storable), plain: false }),
  );
  const writable = (list: Resource[]) =>
    list.every(({ userName: name }) => typeof name === 'string' && name.trim() === name && name.length < 256);

  test.each(exportFormats)(
    'of users as %s, into an empty directory and into the same',
    async (format) => {
      await fc.assert(
        fc.asyncProperty(samples.filter(writable), async (list) => {
          const from = await newTenant();
          for (const { id: _id, ...record } of list) await directory.create(from, 'User', withoutManager(record));
          const file = await text(from, 'users', format);
          const again = await runImport(directory, from, sourceOf(file), { kind: 'users', format });
          expect(again).toMatchObject({
            counts: { unchanged: list.length, create: 0, update: 0, invalid: 0, conflict: 0 },
            problems: [],
          });
          const to = await newTenant();
          const result = await runImport(directory, to, sourceOf(file), { kind: 'users', format });
          expect(result).toMatchObject({ counts: { create: list.length }, problems: [] });
          expect(await everything(to, 'User')).toEqual(await everything(from, 'User'));
        }),
        { numRuns: 60 },
      );
    },
    60_000,
  );

  test.each(exportFormats)('of groups with members and of people with managers, as %s', async (format) => {
    const from = await newTenant();
    const people: string[] = [];
    for (const name of ['ada', 'grace', '=alan', 'kurt\nx']) {
      const { resource } = await directory.create(from, 'User', user(name, people[0]));
      people.push(resource.id);
    }
    // The head comes first in the file, and has a manager who comes last.
    await directory.mergePatch(from, 'User', people[0] ?? '', { [enterpriseUrn]: { manager: { value: people[3] } } });
    const inner = await directory.create(from, 'Group', group('Inner', [people[3]]));
    await directory.create(from, 'Group', group('-Outer', [people[0], people[1], inner.resource.id]));
    await directory.create(from, 'Group', group('Empty', []));
    const to = await newTenant();
    for (const kind of ['users', 'groups'] as const) {
      const file = await text(from, kind, format);
      const again = await planImport(directory, from, sourceOf(file), { kind, format });
      expect(again).toMatchObject({ counts: { unchanged: again.rows }, problems: [] });
      expect(await runImport(directory, to, sourceOf(file), { kind, format })).toMatchObject({
        counts: { create: again.rows },
        problems: [],
      });
    }
    expect(await everything(to, 'Group')).toEqual(await everything(from, 'Group'));
    const managers = async (actor: Actor) => {
      const { rows } = await directory.list(actor, 'User', { count: 10 });
      const names = new Map(rows.map(({ resource }) => [resource.id, resource['userName']]));
      return rows.map(({ resource }) => [
        resource['userName'],
        names.get((resource[enterpriseUrn] as { manager?: { value: string } } | undefined)?.manager?.value ?? ''),
      ]);
    };
    expect(await managers(to)).toEqual(await managers(from));
  });
});

test('the guard against formulas comes off again, and covers all that a spreadsheet would run', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constantFrom("'=", "''+1", '=x', "'", '@a')),
      (cell) => unguardCell(guardCell(cell)) === cell,
    ),
  );
  for (const cell of ['=1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1']) expect(guardCell(cell)).toBe(`'${cell}`);
});

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

function user(userName: string, manager: string | undefined) {
  return {
    schemas: [userUrn],
    userName,
    displayName: userName,
    ...(manager && { [enterpriseUrn]: { manager: { value: manager } } }),
  };
}

function group(displayName: string, members: (string | undefined)[]) {
  return { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName, members: members.map((value) => ({ value })) };
}

/** Random managers are nobody. */
function withoutManager(record: Record<string, unknown>): object {
  const { [enterpriseUrn]: extension, ...rest } = record;
  if (typeof extension !== 'object' || extension === null) return record;
  const { manager: _manager, ...others } = extension as Record<string, unknown>;
  return { ...rest, [enterpriseUrn]: others };
}
