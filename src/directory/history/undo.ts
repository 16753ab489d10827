import { diff } from '../diff.ts';
import { same } from '../elements.ts';
import { DirectoryError } from '../errors.ts';
import { limits } from '../limits.ts';
import { memberPath } from '../members.ts';
import { merge } from '../merge.ts';
import { nameOf } from '../name.ts';
import { normalise } from '../normalise.ts';
import type { WriteContext } from '../operation.ts';
import type { Author, FieldChange, Json, Origin, Resource, ResourceType, Revision } from '../resource.ts';
import type { Key } from '../store.ts';
import { restoreIn, deleteIn, updateIn } from '../write.ts';
import type { Selection } from './past-store.ts';
import { nameInPast } from './versions.ts';

/** Something that does not go back by itself, since somebody else has to do with it. */
export interface UndoConflict {
  /** The field; empty where it is about the whole resource. */
  path: string;
  /** As it was before the changes that are undone, as they made it, and as it is now. An absent value means "not assigned". */
  before?: Json;
  done?: Json;
  now?: Json;
  /** In a sentence for people. */
  reason: string;
  /** Who changed it since. */
  author?: Author;
  at?: string;
}

/** What undoing does, or would do, to one resource. */
export interface Undone {
  type: ResourceType;
  id: string;
  name: string;
  action: 'none' | 'changed' | 'deleted' | 'recreated';
  /** What goes back; of a resource that is deleted or recreated, all of it. */
  changes: FieldChange[];
  conflicts: UndoConflict[];
  /** The version that it is about, or has now; absent where it does not exist. */
  version?: string;
}

/** Fields of a resource that go back although somebody changed them since: a decision about a version that was seen. */
export interface Insistence {
  type: ResourceType;
  id: string;
  paths: readonly string[];
  expectedVersion: string;
}

/**
 * Undoes the selected changes of one resource: what nobody changed since goes back, the rest is told as conflicts.
 * @throws DirectoryError as a write does, where a resource can not be as it was; then nothing was written.
 */
export function undoIn(context: WriteContext, key: Key, selection: Selected, options: UndoOneOptions): Undone {
  const { transaction } = context;
  const current = transaction.get(key);
  const newestFirst = transaction.history(key, limits.undoRevisionsMax, selection.first - 1);
  const [newest] = newestFirst;
  if (!newest) throw new Error('a resource that was touched has a revision');
  const insist = current !== undefined && options.insist?.expectedVersion === current.version ? options.insist.paths : [];
  const given = { newestFirst, current: current?.resource, selection, insist, options };
  const plan = planContent(context, key, given);
  const { wanted } = plan;
  const members = wanted && key.type === 'Group' ? planMembers(context, key, given) : undefined;
  const changes = [...diff(current?.resource, wanted), ...(members?.changes ?? [])];
  const undone: Undone = {
    type: key.type,
    id: key.id,
    name: nameOf(current?.resource ?? newest.resource),
    action: changes.length === 0 ? 'none' : current ? (wanted ? 'changed' : 'deleted') : 'recreated',
    changes,
    conflicts: [...plan.conflicts, ...(members?.conflicts ?? [])],
    ...(current && { version: current.version }),
  };
  if (!options.write || undone.action === 'none') return undone;
  const { version: _gone, ...rest } = undone;
  const { run, revision } = selection;
  const author = newestFirst.find((entry) => isSelected(entry, selection))?.author ?? context.author;
  const origin: Origin = { kind: 'undo', author, ...(revision !== undefined && run === undefined && { revision }) };
  const scope = { ...context, origin, shown: undefined };
  if (!wanted) {
    deleteIn(scope, key, undefined);
    return rest;
  }
  const { content } = normalise(context.schemas(key.type), wanted);
  const wish = { content, ...(members && { members: { add: members.add, remove: members.remove } }) };
  const written = current ? updateIn(scope, key, 'patch', undefined, () => wish) : restoreIn(scope, key, wish);
  return { ...rest, version: written.version };
}

export interface UndoOneOptions {
  /** False to only say what would happen. */
  write: boolean;
  insist?: Insistence | undefined;
  /** Ids of those who come back with this undo, before the last of its passes or, in a preview, at all. */
  returning: ReadonlySet<string>;
}

/** The changes of one resource that are undone. */
export type Selected = Selection & {
  /** The first of them. */
  first: number;
};

/** What is known when a resource's undoing is planned. */
interface Given {
  /** From the first that is undone. */
  newestFirst: readonly Revision[];
  current: Resource | undefined;
  selection: Selected;
  /** Paths that go back although somebody changed them since. */
  insist: readonly string[];
  options: UndoOneOptions;
}

function isSelected({ author, revision }: Pick<Revision, 'author' | 'revision'>, selection: Selection): boolean {
  return (
    (selection.author === undefined || author.id === selection.author) &&
    (selection.run === undefined || author.run === selection.run) &&
    (selection.revision === undefined || revision === selection.revision) &&
    (selection.since === undefined || revision > selection.since)
  );
}

/** Whether somebody else made it: neither is it undone, nor did undoing the same make it before. */
function isForeign(revision: Pick<Revision, 'author' | 'revision' | 'origin'>, selection: Selection): boolean {
  const { origin } = revision;
  if (isSelected(revision, selection)) return false;
  return !(
    origin?.kind === 'undo' &&
    (selection.author === undefined || origin.author.id === selection.author) &&
    (selection.run === undefined
      ? selection.revision === undefined || origin.revision === selection.revision
      : origin.author.run === selection.run)
  );
}

interface ContentPlan {
  /** The resource as it then is; undefined where it should not exist. */
  wanted: Resource | undefined;
  conflicts: UndoConflict[];
}

/**
 * Takes the selected revisions back, the newest first, each by a merge: base is what it made, mine what was before, theirs what
 * there is. Revisions that follow each other are taken back together, so that without others' changes all is as it was.
 */
function planContent(context: WriteContext, key: Key, given: Given): ContentPlan {
  const { selection, current, insist } = given;
  const revisions = given.newestFirst.toReversed();
  const conflicts = new Map<string, UndoConflict>();
  const leave = (reason: string, by?: Revision): ContentPlan => ({ wanted: current, conflicts: [wholeConflict(reason, by)] });
  if ((revisions[0]?.revision ?? 0) > selection.first) return leave('Too much happened to it since.');
  let wanted = current;
  for (const { first, last, since } of segmentsOf(revisions, selection)) {
    const isNew = first.operation === 'create';
    const [previous] = isNew ? [] : context.transaction.past.revisions(key, first.revision, 1);
    if (!isNew && !previous) return leave('What was before is no longer kept.');
    const before = contentOf(previous);
    const done = contentOf(last);
    if (done && before) {
      if (!wanted) return leave(`${since?.author.name ?? 'Somebody'} deleted it since.`, since);
      const { merged, collisions } = merge(done, before, wanted, (path) => (insist.includes(path) ? 'mine' : 'theirs'));
      wanted = merged;
      for (const { path, base, mine, theirs } of collisions) {
        if (insist.includes(path)) continue;
        const by = lastChange(revisions, path, selection) ?? since;
        // An older change of the run to the same field says what it was before all of them.
        const made = conflicts.get(path)?.done ?? base;
        conflicts.set(path, {
          ...wholeConflict(by ? `${by.author.name} changed it since.` : 'It was changed since.', by),
          path,
          ...(mine !== undefined && { before: mine }),
          ...(made !== undefined && { done: made }),
          ...(theirs !== undefined && { now: theirs }),
        });
      }
    } else if (!done) {
      if (wanted && !same(wanted, before)) return leave(`${since?.author.name ?? 'Somebody'} brought it back since.`, since);
      wanted = before;
    } else if (wanted) {
      const problem = insist.includes('') ? undefined : stays(context, key, since, selection);
      if (problem) conflicts.set('', problem);
      else wanted = undefined;
    }
  }
  return { wanted, conflicts: [...conflicts.values()] };
}

interface Segment {
  first: Revision;
  last: Revision;
  /** The last revision of somebody else after it. */
  since: Revision | undefined;
}

/** The selected revisions, the newest first, where those that follow each other are one. */
function segmentsOf(revisions: readonly Revision[], selection: Selection): Segment[] {
  const segments: Segment[] = [];
  let since: Revision | undefined;
  let open: Segment | undefined;
  for (const revision of revisions.toReversed())
    if (!isSelected(revision, selection)) {
      if (isForeign(revision, selection)) since ??= revision;
      open = undefined;
    } else if (open) open.first = revision;
    else {
      open = { first: revision, last: revision, since };
      segments.push(open);
    }
  return segments;
}

function contentOf(revision: Revision | undefined): Resource | undefined {
  return revision === undefined || revision.operation === 'delete' ? undefined : revision.resource;
}

/** Why a resource that was created is not deleted again. */
function stays(
  { transaction, tenant }: WriteContext,
  { id }: Key,
  since: Revision | undefined,
  selection: Selected,
): UndoConflict | undefined {
  if (since) return wholeConflict(`${since.author.name} changed it since, so it stays.`, since);
  for (const group of transaction.directGroups(tenant, id)) {
    const moves = transaction.past.moves({ tenant, type: 'Group', id: group }, selection.first);
    const move = moves.find(({ members }) => members?.added.includes(id));
    if (move && isForeign(move, selection))
      return wholeConflict(`${move.author.name} put it into a group since, so it stays.`, move);
  }
  return undefined;
}

function wholeConflict(reason: string, by: Pick<Revision, 'author' | 'at'> | undefined): UndoConflict {
  return { path: '', reason, ...(by && { author: by.author, at: by.at }) };
}

/** The last change of a field by somebody else. */
function lastChange(revisions: readonly Revision[], path: string, selection: Selection): Revision | undefined {
  const isOfPath = (other: string) => other === path || other.startsWith(path) || path.startsWith(other);
  return revisions.findLast(
    (revision) => isForeign(revision, selection) && revision.changes.some((change) => isOfPath(change.path)),
  );
}

interface MemberPlan {
  add: string[];
  remove: string[];
  changes: FieldChange[];
  conflicts: UndoConflict[];
}

/** Takes back who came and who left, where nobody else has moved them since. */
function planMembers(
  { transaction, tenant }: WriteContext,
  key: Key,
  { newestFirst, selection, insist, options }: Given,
): MemberPlan {
  const plan: MemberPlan = { add: [], remove: [], changes: [], conflicts: [] };
  const named = (id: string) => transaction.named(tenant, id);
  const facts = (id: string) => ({ ...nameInPast(transaction.past, tenant, id) });
  for (const [id, moves] of movesById(newestFirst)) {
    if (!moves.some(({ revision }) => isSelected(revision, selection))) continue;
    const isIn = transaction.get(key) !== undefined && transaction.isMember(tenant, key.id, id);
    const foreign = moves.findIndex(({ revision }) => isForeign(revision, selection));
    const last = foreign < 0 ? moves : moves.slice(0, foreign);
    const path = memberPath(id);
    const insisted = insist.includes(path);
    const own = (insisted ? moves : last).filter(({ revision }) => isSelected(revision, selection));
    // Undone already.
    if (own.length === 0 && last.length > 0) continue;
    // Before the oldest of these, it was the opposite of what that one did; of others' moves, of what the selection did.
    const oldest = own.at(-1) ?? moves.findLast(({ revision }) => isSelected(revision, selection));
    const wasIn = oldest?.kind === 'left';
    if (wasIn === isIn) continue;
    if (own.length === 0) {
      const by = moves[0]?.revision;
      const value = facts(id);
      plan.conflicts.push({
        path,
        ...(wasIn ? { before: value } : { done: value }),
        ...(isIn && { now: value }),
        reason: `${by?.author.name ?? 'Somebody'} changed it since.`,
        ...(by && { author: by.author, at: by.at }),
      });
    } else if (wasIn && !named(id) && options.returning.has(id) && options.write) {
      // Comes with a later pass.
      continue;
    } else if (wasIn && !named(id) && !options.returning.has(id)) {
      plan.conflicts.push({ path, before: facts(id), reason: 'Does not exist any more, and so cannot be a member.' });
    } else {
      plan[wasIn ? 'add' : 'remove'].push(id);
      if (plan.changes.length < limits.memberChangesListedMax)
        plan.changes.push({ path, [wasIn ? 'after' : 'before']: facts(id) });
    }
  }
  return plan;
}

interface MemberMove {
  revision: Revision;
  kind: 'came' | 'left';
}

function movesById(newestFirst: readonly Revision[]): Map<string, MemberMove[]> {
  const moves = new Map<string, MemberMove[]>();
  const add = (id: string, move: MemberMove) => void moves.set(id, [...(moves.get(id) ?? []), move]);
  for (const revision of newestFirst) {
    for (const id of revision.members?.added ?? []) add(id, { revision, kind: 'came' });
    for (const id of revision.members?.removed ?? []) add(id, { revision, kind: 'left' });
  }
  return moves;
}

/** Refuses a selection that could mean everything that an author ever did. */
export function checkSelection({ author, run, revision, since }: Selection): void {
  if (run !== undefined || revision !== undefined || (since !== undefined && author !== undefined)) return;
  throw new DirectoryError(
    'INVALID_ARGUMENT',
    'Say which changes to undo: those of a run, of an author after a revision, or one.',
    {
      issues: [{ path: 'run', message: 'Send run, revision, or author with since.' }],
    },
  );
}
