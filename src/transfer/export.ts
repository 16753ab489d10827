import { stringify } from 'csv-stringify/sync';
import {
  DirectoryError,
  guardCell,
  type Actor,
  type Directory,
  type Member,
  type ResourceSchemas,
  type ResourceType,
  type Versioned,
} from '../directory/index.ts';
import { managerOf } from './apply.ts';
import { encodeRecord, sortColumns, type Cells } from './encode.ts';
import { getOrNone } from './find.ts';
import { createPace } from './pace.ts';
import { resourceTypeOf, type ExportFormat, type Kind } from './row.ts';

interface ExportContext {
  directory: Directory;
  actor: Actor;
  type: ResourceType;
  schemas: ResourceSchemas;
}

const pageSize = 250;
const membersAtOnce = 2000;
const namesRememberedMax = 20_000;

/**
 * Writes all people or groups of a tenant as text, a piece at a time. Passwords are never in it. What it writes, runImport
 * reads as the same people and groups.
 * @throws DirectoryError FORBIDDEN, NOT_FOUND; UNAVAILABLE where the directory changed so meanwhile that the columns of the CSV
 *   do not fit any more.
 */
export async function* exportResources(
  directory: Directory,
  actor: Actor,
  { kind, format }: { kind: Kind; format: ExportFormat },
): AsyncGenerator<string> {
  const type = resourceTypeOf(kind);
  const context: ExportContext = { directory, actor, type, schemas: directory.schemas(actor, type) };
  if (format === 'csv') yield* csv(context);
  else if (format === 'jsonl') for await (const page of records(context)) yield page.map((text) => `${text}\n`).join('');
  else {
    let separator = '[\n';
    for await (const page of records(context)) {
      yield separator + page.join(',\n');
      separator = ',\n';
    }
    yield separator === '[\n' ? '[]\n' : '\n]\n';
  }
}

/** Pages of resources in the order of their creation, which stays while others are changed. */
async function* pages({ directory, actor, type }: ExportContext): AsyncGenerator<Versioned[]> {
  const pace = createPace();
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const { rows, nextCursor } = await directory.list(actor, type, { count: pageSize, cursor });
    if (rows.length > 0) yield rows;
    cursor = nextCursor;
    await pace();
  }
}

async function* records(context: ExportContext): AsyncGenerator<string[]> {
  const names = new Names(context);
  for await (const page of pages(context)) {
    const texts: string[] = [];
    for (const { resource, created, lastModified, version, members } of page) {
      const { schemas, id, ...attributes } = resource;
      const meta = { resourceType: context.type, created, lastModified, version: `W/"${version}"` };
      const all = members && members.count > 0 ? { members: await membersOf(context, id, names) } : {};
      texts.push(JSON.stringify({ schemas, id, ...attributes, ...all, meta }));
    }
    yield texts;
  }
}

async function* csv(context: ExportContext): AsyncGenerator<string> {
  // Twice through all: the first time for the columns that anybody has a value in.
  const used = new Set<string>();
  const names = new Names(context);
  for await (const page of pages(context))
    for (const found of page)
      for (const path of encodeRecord(context.schemas, found.resource, managerOf(context.schemas, found.resource)).keys())
        used.add(path);
  const members = context.type === 'Group' ? ['members.value', 'members.userName'] : [];
  const columns = ['id', ...sortColumns(context.schemas, used), ...members, 'meta.version'];
  yield lines([columns]);
  for await (const page of pages(context)) {
    const rows: string[][] = [];
    for (const found of page) {
      const cells = await cellsOf(context, found, names);
      const unknown = [...cells.keys()].find((path) => !columns.includes(path));
      if (unknown !== undefined)
        throw new DirectoryError('UNAVAILABLE', `Somebody used '${unknown}' for the first time meanwhile. Export again.`);
      rows.push(columns.map((path) => guardCell(cells.get(path) ?? '')));
    }
    yield lines(rows);
  }
}

async function cellsOf(context: ExportContext, { resource, version }: Versioned, names: Names): Promise<Cells> {
  const managerId = managerOf(context.schemas, resource);
  const manager = managerId === undefined ? undefined : ((await names.safeNameOf(managerId)) ?? managerId);
  const cells = encodeRecord(context.schemas, resource, manager);
  cells.set('id', resource.id).set('meta.version', version);
  if (context.type !== 'Group') return cells;
  const members = await membersOf(context, resource.id, names);
  cells.set('members.value', members.map(({ value }) => value).join('\n'));
  return cells.set('members.userName', listCell(members.map(({ userName = '' }) => userName)));
}

/** One on a line, unless one has a line end in itself or looks like JSON. */
function listCell(texts: readonly string[]): string {
  const isPlain = texts.every((text) => !/[\r\n]/.test(text)) && !texts[0]?.startsWith('[');
  return isPlain ? texts.join('\n') : JSON.stringify(texts);
}

function lines(rows: string[][]): string {
  return stringify(rows, { record_delimiter: 'windows', quoted_match: /[\r\n"]|^\s|\s$/ });
}

async function membersOf(
  { directory, actor }: ExportContext,
  group: string,
  names: Names,
): Promise<(Member & { userName?: string })[]> {
  const members: (Member & { userName?: string })[] = [];
  const pace = createPace();
  for (let after: string | undefined = ''; after !== undefined;) {
    const page = await directory.members(actor, group, { limit: membersAtOnce, after });
    for (const member of page) {
      const userName = member.type === 'User' ? await names.nameOf(member.value) : undefined;
      members.push(userName === undefined ? member : { ...member, userName });
      await pace();
    }
    after = page.length < membersAtOnce ? undefined : page.at(-1)?.value;
  }
  return members;
}

/** The userNames of people who are named as managers and members; those of some are remembered. */
class Names {
  readonly #context: ExportContext;
  readonly #names = new Map<string, string | undefined>();

  constructor(context: ExportContext) {
    this.#context = context;
  }

  async nameOf(id: string): Promise<string | undefined> {
    if (this.#names.has(id)) return this.#names.get(id);
    const { directory, actor } = this.#context;
    const userName = (await getOrNone(directory, actor, 'User', id))?.resource['userName'];
    if (this.#names.size > namesRememberedMax) this.#names.clear();
    const name = typeof userName === 'string' ? userName : undefined;
    this.#names.set(id, name);
    return name;
  }

  /** @returns the userName, unless it would be read as another one's id. */
  async safeNameOf(id: string): Promise<string | undefined> {
    const name = await this.nameOf(id);
    if (name === undefined) return undefined;
    const { directory, actor } = this.#context;
    return (await directory.exists(actor, 'User', name)) ? undefined : name;
  }
}
