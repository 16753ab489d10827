import { DirectoryError } from '../errors.ts';
import type { ApprovalOptions } from '../escalations/asking.ts';
import { limits } from '../limits.ts';
import { memberPath } from '../members.ts';
import type { WriteContext, WriteOperation } from '../operation.ts';
import type { Actor, Door, ResourceType, Revision } from '../resource.ts';
import type { Key, Store } from '../store.ts';
import type { Tenants } from '../tenants.ts';
import { notFound, type Written } from '../write.ts';
import type { WriteOptions } from '../writer.ts';
import { AsOf, PastTables } from './as-of.ts';
import { covers, parseField, touches } from './field-path.ts';
import type { Selection, Touched } from './past-store.ts';
import { Retention } from './retention.ts';
import type { Reverted } from './revert.ts';
import { checkSelection, undoIn, type Insistence, type Undone } from './undo.ts';
import {
  compare,
  findVersion,
  infoOf,
  membersAt,
  membersSince,
  momentOf,
  nameInPast,
  type Comparison,
  type Point,
} from './versions.ts';

/** Which revisions of a resource are wanted, newest first. */
export interface HistoryQuery {
  /** The id or the name of an author. */
  author?: string | undefined;
  door?: Door | undefined;
  /** Changes of this field, or of a part of it: an attribute path, or a path as changes have it. */
  field?: string | undefined;
  /** Revisions before this one: `next` of the page before. */
  before?: number | undefined;
  limit: number;
}

export interface HistoryPage {
  revisions: Revision[];
  /** Where the next page begins; absent at the end. Where few match, a page has less than it was asked for. */
  next?: number;
  /** Whether older versions are no longer kept. */
  pruned: boolean;
}

export interface RevertOptions {
  to: Point;
  /** The raw version that the caller has seen. */
  expectedVersion?: string | undefined;
  /** Only these fields, by attribute path or as changes name them; `members` are those of a group. */
  fields?: readonly string[] | undefined;
  /** How the caller waits, where its tenant's policy lets a person decide. */
  approval?: ApprovalOptions | undefined;
}

export interface UndoOptions {
  /** Only say what would happen. */
  preview?: boolean | undefined;
  /** All in one transaction, or nothing; at most `limits.bulkOperationsMax` resources. */
  atomic?: boolean | undefined;
  /** What goes back although somebody changed it since. */
  insist?: readonly Insistence[] | undefined;
}

export interface UndoResult {
  /** What happens to each resource, without those to which nothing does and that have no conflict. */
  resources: Undone[];
  /** How many of them change. */
  undone: number;
  /** How many have something that does not go back by itself. */
  conflicting: number;
}

/** What History needs of the directory's writer. */
export interface HistoryWriter {
  one(actor: Actor, operation: WriteOperation, options?: Pick<WriteOptions, 'approval'>): Promise<Written | undefined>;
  run<T>(actor: Actor, lenient: boolean, work: (context: WriteContext) => T): Promise<T>;
}

const everything = Number.MAX_SAFE_INTEGER;

/** What happened to the resources of a tenant, and the way back. */
export class History {
  readonly retention: Retention;
  readonly #store: Store;
  readonly #tenants: Tenants;
  readonly #writer: HistoryWriter;
  readonly #tables: PastTables;

  constructor(store: Store, tenants: Tenants, writer: HistoryWriter) {
    this.#store = store;
    this.#tenants = tenants;
    this.#writer = writer;
    this.#tables = new PastTables(store);
    this.retention = new Retention(store, tenants);
  }

  /**
   * One page of a resource's revisions, newest first; of a deleted one too.
   * @throws DirectoryError NOT_FOUND if this id was never in use; INVALID_PATH for an unknown field.
   */
  async list(actor: Actor, type: ResourceType, id: string, query: HistoryQuery): Promise<HistoryPage> {
    this.#tenants.allow(actor, 'scim:read');
    const key = keyOf(actor, type, id);
    const isWanted = this.#condition(actor, type, query);
    if (!this.#store.past.revisionAt(key, everything)) throw notFound(key);
    const limit = Math.min(Math.max(1, Math.trunc(query.limit)), limits.pageMax);
    const revisions: Revision[] = [];
    let from = query.before ?? everything;
    let isEnd = false;
    for (let read = 0; !isEnd && revisions.length < limit && read < limits.historyReadMax;) {
      const page = this.#store.past.revisions(key, from, limit + 1);
      isEnd = page.length <= limit;
      read += page.length;
      for (const [index, revision] of page.entries()) {
        from = revision.revision;
        if (isWanted(revision)) revisions.push(revision);
        if (revisions.length < limit) continue;
        isEnd &&= index === page.length - 1;
        break;
      }
    }
    const pruned = this.#store.past.prunedBefore(key) !== undefined;
    return { revisions, ...(!isEnd && { next: from }), pruned };
  }

  #condition({ tenant }: Actor, type: ResourceType, query: HistoryQuery): (revision: Revision) => boolean {
    const { author, door } = query;
    const field = query.field === undefined ? undefined : parseField(this.#tenants.schemas(tenant, type), query.field, 'field');
    const name = author?.toLowerCase();
    return (revision) =>
      (author === undefined || revision.author.id === author || revision.author.name.toLowerCase() === name) &&
      (door === undefined || revision.author.door === door) &&
      (field === undefined || revision.changes.some(({ path }) => touches(field, path)));
  }

  /**
   * A resource as it was, with the revision that made it so. Of a group, its members are read apart.
   * @throws DirectoryError NOT_FOUND; VERSION_NOT_FOUND that says whether versions are no longer kept; INVALID_VERSION_FORMAT;
   *   INVALID_ARGUMENT for a moment that is none.
   */
  async at(actor: Actor, type: ResourceType, id: string, point: Point): Promise<Revision> {
    this.#tenants.allow(actor, 'scim:read');
    return findVersion(this.#store.past, keyOf(actor, type, id), point);
  }

  /**
   * The ids of a group's members after a revision, in their order.
   * @param after the last id of the page before.
   */
  async membersAt(actor: Actor, group: string, revision: number, page: { limit: number; after?: string }): Promise<string[]> {
    this.#tenants.allow(actor, 'scim:read');
    return membersAt(this.#store, keyOf(actor, 'Group', group), revision, page);
  }

  /**
   * The directory as it was at a moment (RFC 3339), to be read only. It shows what the history still knows.
   * @throws DirectoryError INVALID_ARGUMENT.
   */
  async asOf(actor: Actor, moment: string): Promise<AsOf> {
    this.#tenants.allow(actor, 'scim:read');
    const { tenant } = actor;
    const revision = this.#store.past.latestAt(momentOf(moment));
    return new AsOf({
      store: this.#store,
      tenant,
      revision,
      schemas: (type) => this.#tenants.schemas(tenant, type),
      table: (type) => this.#tables.get(tenant, type, revision),
    });
  }

  /**
   * What differs between two versions of a resource, in either order.
   * @throws as `at`.
   */
  async compare(actor: Actor, type: ResourceType, id: string, from: Point, to: Point): Promise<Comparison> {
    this.#tenants.allow(actor, 'scim:read');
    const key = keyOf(actor, type, id);
    const { past } = this.#store;
    return compare(past, key, findVersion(past, key, from), findVersion(past, key, to));
  }

  /**
   * Brings a resource back to one of its versions, as a change of its own; a deleted one too. Members of a group who do not
   * exist any more are left out and named; passwords stay.
   * @throws DirectoryError NOT_FOUND, VERSION_NOT_FOUND, VERSION_MISMATCH; INVALID_PATH;
   *   INVALID_ARGUMENT for fields of a deleted resource; SCHEMA_VIOLATION where the schemas have changed since; UNIQUENESS;
   *   APPROVAL_NEEDED, DECLINED.
   */
  async revert(actor: Actor, type: ResourceType, id: string, options: RevertOptions): Promise<Reverted> {
    const { to, fields, expectedVersion, approval } = options;
    this.#tenants.allow(actor, 'scim:write');
    const key = keyOf(actor, type, id);
    const target = findVersion(this.#store.past, key, to);
    const operation = { kind: 'revert', type, id, to: { revision: target.revision }, fields, expectedVersion } as const;
    const written = await this.#writer.one(actor, operation, { approval });
    if (!written) throw new Error('only a deletion answers nothing');
    return { ...written, to: infoOf(target), leftOut: type === 'Group' ? this.#leftOut(actor, key, target, fields) : [] };
  }

  /** Members of then who are none now: they do not exist any more, else they were brought back. */
  #leftOut(actor: Actor, key: Key, { revision }: Revision, fields: readonly string[] | undefined): Reverted['leftOut'] {
    const schemas = this.#tenants.schemas(actor.tenant, key.type);
    const chosen = fields?.map((field) => parseField(schemas, field, 'fields'));
    const { left } = membersSince(this.#store.past, key, revision);
    return left
      .filter((id) => chosen === undefined || chosen.some((field) => covers(field, memberPath(id))))
      .map((id) => nameInPast(this.#store.past, actor.tenant, id));
  }

  /** The last change that somebody made in the actor's tenant, if it was lately. */
  async lastBy(actor: Actor, author: string): Promise<Revision | undefined> {
    this.#tenants.allow(actor, 'scim:read');
    return this.#store.past.lastBy(actor.tenant, author);
  }

  /**
   * Undoes changes of one author: a run, all after a revision, or one. In each resource, what nobody changed since goes back;
   * the rest is answered as conflicts. Each resource is a write of its own, unless atomic.
   * @throws DirectoryError INVALID_ARGUMENT where it is not said which; NOT_FOUND where there are none; TOO_LARGE; where
   *   atomic, the first refusal, and then nothing was undone.
   */
  async undo(actor: Actor, selection: Selection, options: UndoOptions = {}): Promise<UndoResult> {
    this.#tenants.allow(actor, options.preview ? 'scim:read' : 'scim:write');
    checkSelection(selection);
    const max = options.atomic ? limits.bulkOperationsMax : limits.undoResourcesMax;
    const touched = inOrder(this.#store.past.touched(actor.tenant, selection, max + 1));
    if (touched.length === 0) throw new DirectoryError('NOT_FOUND', 'No such changes are in the history.');
    if (touched.length > max)
      throw new DirectoryError(
        'TOO_LARGE',
        `At most ${max} users and groups can be undone at once. Undo a part of it with since.`,
      );
    const returning = new Set(touched.flatMap(({ id, created, deleted }) => (deleted && !created ? [id] : [])));
    const undoOne =
      ({ type, id, first }: Touched, back: ReadonlySet<string>) =>
      (context: WriteContext) =>
        undoIn(
          context,
          keyOf(actor, type, id),
          { ...selection, first },
          {
            write: !options.preview,
            insist: options.insist?.find((other) => other.type === type && other.id === id),
            returning: back,
          },
        );
    // Groups once more, when everybody is back who was a member.
    const groups = options.preview || returning.size === 0 ? [] : touched.filter(({ type }) => type === 'Group');
    const passes = [
      ...touched.map((one) => ({ one, undo: undoOne(one, returning) })),
      ...groups.map((one) => ({ one, undo: undoOne(one, new Set()) })),
    ];
    if (options.atomic && !options.preview)
      return resultOf(await this.#writer.run(actor, false, (context) => passes.map(({ undo }) => undo(context))));
    const resources: Undone[] = [];
    for (const { one, undo } of passes) resources.push(await this.#undoApart(actor, one, undo));
    return resultOf(resources);
  }

  async #undoApart(actor: Actor, touched: Touched, undo: (context: WriteContext) => Undone): Promise<Undone> {
    try {
      return await this.#writer.run(actor, false, undo);
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      const { type, id } = touched;
      const { display = id } = nameInPast(this.#store.past, actor.tenant, id);
      return { type, id, name: display, action: 'none', changes: [], conflicts: [{ path: '', reason: error.message }] };
    }
  }
}

/** Who was created goes first and who was deleted comes back next: so names are free, and members are there to come back. */
function inOrder(touched: readonly Touched[]): Touched[] {
  const rank = ({ created, deleted }: Touched) => (created ? 0 : deleted ? 1 : 2);
  return touched.toSorted((a, b) => rank(a) - rank(b) || b.last - a.last);
}

/** @param passes what was done, in order; of a resource that was gone over twice, both are told as one. */
function resultOf(passes: readonly Undone[]): UndoResult {
  const byKey = new Map<string, Undone>();
  for (const pass of passes) {
    const key = `${pass.type} ${pass.id}`;
    const before = byKey.get(key);
    const action = before && before.action !== 'none' ? before.action : pass.action;
    byKey.set(key, { ...pass, action, changes: [...(before?.changes ?? []), ...pass.changes] });
  }
  const resources = [...byKey.values()].filter(({ action, conflicts }) => action !== 'none' || conflicts.length > 0);
  return {
    resources,
    undone: resources.filter(({ action }) => action !== 'none').length,
    conflicting: resources.filter(({ conflicts }) => conflicts.length > 0).length,
  };
}

function keyOf({ tenant }: Actor, type: ResourceType, id: string): Key {
  return { tenant, type, id };
}
