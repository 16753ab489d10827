import { stringify } from 'csv-stringify/sync';
import {
  DirectoryError,
  guardCell,
  type Actor,
  type Directory,
  type ListPage,
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

/** What an export is of. */
export interface ExportOptions {
  kind: Kind;
  format: ExportFormat;
  /** Only those whom a SCIM filter finds, or who have these ids; absent for all. */
  only?: { filter: string } | { ids: readonly string[] } | undefined;
}

/** The next text of an export, which is empty while columns are looked for, and how far it is. */
export interface ExportPiece {
  text: string;
  /** People or groups that are in the text so far. */
  written: number;
  /** Of the whole work, from 0 to 1. */
  share: number;
}

interface ExportContext {
  directory: Directory;
  actor: Actor;
  type: ResourceType;
  schemas: ResourceSchemas;
  only: ExportOptions['only'];
}

const pageSize = 250;
const membersAtOnce = 2000;
const namesRememberedMax = 20_000;

/**
 * Writes people or groups of a tenant as text, a piece at a time. Passwords are never in it. What it writes, runImport
 * reads as the same people and groups.
 * @throws DirectoryError FORBIDDEN, NOT_FOUND, INVALID_FILTER; UNAVAILABLE where the directory changed so meanwhile that the
 *   columns of the CSV do not fit any more.
 */
export async function* exportPieces(
  directory: Directory,
  actor: Actor,
  { kind, format, only }: ExportOptions,
): AsyncGenerator<ExportPiece> {
  const type = resourceTypeOf(kind);
  const context: ExportContext = { directory, actor, type, schemas: directory.schemas(actor, type), only };
  yield* format === 'csv' ? csv(context) : json(context, format);
}

/** As exportPieces, the text alone. */
export async function* exportResources(...[directory, actor, options]: Parameters<typeof exportPieces>): AsyncGenerator<string> {
  for await (const { text } of exportPieces(directory, actor, options)) if (text !== '') yield text;
}

interface ResourcePage {
  rows: Versioned[];
  /** How far this page is among all. */
  share: number;
}

/** Pages of resources in the order of their creation, which stays while others are changed. */
async function* pages(context: ExportContext): AsyncGenerator<ResourcePage> {
  const { directory, actor, type, only } = context;
  const pace = createPace();
  if (only && 'ids' in only) {
    for (let from = 0; from < only.ids.length; from += pageSize) {
      const rows: Versioned[] = [];
      for (const id of only.ids.slice(from, from + pageSize)) {
        const found = await getOrNone(directory, actor, type, id);
        if (found) rows.push(found);
        await pace();
      }
      yield { rows, share: Math.min(1, (from + pageSize) / only.ids.length) };
    }
    return;
  }
  let done = 0;
  const { total } = await directory.list(actor, type, { ...only, count: 0 });
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page: ListPage = await directory.list(actor, type, { ...only, count: pageSize, cursor, uncounted: true });
    done += page.rows.length;
    if (page.rows.length > 0) yield { rows: page.rows, share: Math.min(1, done / Math.max(1, total)) };
    cursor = page.nextCursor;
    await pace();
  }
}

async function* json(context: ExportContext, format: 'json' | 'jsonl'): AsyncGenerator<ExportPiece> {
  const names = new Names(context);
  let written = 0;
  for await (const { rows, share } of pages(context)) {
    const texts: string[] = [];
    for (const { resource, created, lastModified, version, members } of rows) {
      const { schemas, id, ...attributes } = resource;
      const meta = { resourceType: context.type, created, lastModified, version: `W/"${version}"` };
      const all = members && members.count > 0 ? { members: await membersOf(context, id, names) } : {};
      texts.push(JSON.stringify({ schemas, id, ...attributes, ...all, meta }));
    }
    if (texts.length === 0) continue;
    const separator = format === 'jsonl' ? '\n' : ',\n';
    const text =
      (format === 'json' ? (written === 0 ? '[\n' : ',\n') : '') + texts.join(separator) + (format === 'jsonl' ? '\n' : '');
    written += texts.length;
    yield { text, written, share };
  }
  if (format === 'json') yield { text: written === 0 ? '[]\n' : '\n]\n', written, share: 1 };
}

async function* csv(context: ExportContext): AsyncGenerator<ExportPiece> {
  // Twice through all: the first time for the columns that anybody has a value in.
  const used = new Set<string>();
  const names = new Names(context);
  for await (const { rows, share } of pages(context)) {
    for (const found of rows)
      for (const path of encodeRecord(context.schemas, found.resource, managerOf(context.schemas, found.resource)).keys())
        used.add(path);
    yield { text: '', written: 0, share: share / 2 };
  }
  const members = context.type === 'Group' ? ['members.value', 'members.userName'] : [];
  const columns = ['id', ...sortColumns(context.schemas, used), ...members, 'meta.version'];
  let written = 0;
  yield { text: lines([columns]), written, share: 0.5 };
  for await (const { rows: found, share } of pages(context)) {
    const rows: string[][] = [];
    for (const one of found) {
      const cells = await cellsOf(context, one, names);
      const unknown = [...cells.keys()].find((path) => !columns.includes(path));
      if (unknown !== undefined)
        throw new DirectoryError('UNAVAILABLE', `Somebody used '${unknown}' for the first time meanwhile. Export again.`);
      rows.push(columns.map((path) => guardCell(cells.get(path) ?? '')));
    }
    written += rows.length;
    yield { text: lines(rows), written, share: 0.5 + share / 2 };
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
