import {
  diff,
  DirectoryError,
  merge,
  same,
  type Actor,
  type Author,
  type ChangeSince,
  type Directory,
  type FieldChange,
  type Resource,
  type ResourceSchemas,
  type ResourceType,
  type Revision,
  type Versioned,
} from '../directory/index.ts';
import { applyWish, type Wanted } from './apply.ts';
import type { Match } from './find.ts';
import { nameOfWish, type Problem, type Wish } from './row.ts';

/** Which rows may do something: those about people who are not there, who are there, or both. */
export type Mode = 'create' | 'update' | 'both';

/** Who comes into a group and who leaves it. */
export interface MemberDelta {
  add: string[];
  remove: string[];
}

/** What is to be done for one row. */
export type Decision =
  | { action: 'create'; wanted: Wanted; members?: MemberDelta | undefined; changes: FieldChange[] }
  | { action: 'update'; current: Versioned; wanted: Wanted; members?: MemberDelta | undefined; changes: FieldChange[] }
  | { action: 'unchanged'; current: Versioned }
  | { action: 'skipped' }
  | { action: 'invalid' | 'conflict'; problem: Problem };
export type Action = Decision['action'];

/** What a preview saw: the resource and its version, or that there was none. */
export type Seen = { id: string; version: string } | 'nobody';

/** When an import began, as the newest revision then, and who has run it since. */
export interface Begun {
  revision: number;
  by: Pick<Author, 'id' | 'door'>[];
}

/** What a row is decided by. */
export interface RowFacts {
  line: number;
  wish: Wish;
  match: Match;
  manager: string | undefined;
  members: MemberDelta | undefined;
  /** Absent where there was no preview. */
  seen: Seen | undefined;
  /** Of a row that this import may have done, or half done, before its process ended; what it did is not somebody's change. */
  begun?: Begun | undefined;
}

/** Whom and how an import is for. */
export interface DecideContext {
  directory: Directory;
  actor: Actor;
  type: ResourceType;
  schemas: ResourceSchemas;
  mode: Mode;
  /** Take the file's word also where somebody changed the same since the file was exported. */
  ignoreVersions: boolean;
}

const listedMax = 20;

/**
 * Decides what is to be done for one row. Somebody's change since the version that the file or the preview knows is kept
 * where it is of other fields, and is a conflict where it is of the same ones.
 */
export async function decide(context: DecideContext, facts: RowFacts): Promise<Decision> {
  try {
    return await decideRow(context, facts);
  } catch (error) {
    if (!(error instanceof DirectoryError) || !isAboutRecord(error)) throw error;
    return { action: 'invalid', problem: problemOf(facts, error) };
  }
}

/** @returns whether a refusal is about what the record is, not about the directory or the caller. */
export function isAboutRecord({ code }: DirectoryError): boolean {
  return code === 'SCHEMA_VIOLATION' || code === 'TOO_LARGE' || code === 'UNIQUENESS' || code === 'INVALID_ARGUMENT';
}

/** Tells a refusal of the directory as a problem of a row. */
export function problemOf({ line, wish }: Pick<RowFacts, 'line' | 'wish'>, error: DirectoryError): Problem {
  const [issue] = error.issues;
  return { line, kind: 'invalid', message: error.message, ...named(wish), ...(issue && { path: issue.path }) };
}

async function decideRow(context: DecideContext, facts: RowFacts): Promise<Decision> {
  const { schemas, mode } = context;
  const { wish, match, manager, members, seen } = facts;
  const { current, ambiguous } = match;
  if (ambiguous !== undefined) return invalid(facts, ambiguous);
  if (!current) {
    if (seen !== undefined && seen !== 'nobody')
      return { action: 'conflict', problem: { ...conflict(facts, 'Was deleted since the preview.'), id: seen.id } };
    if (mode === 'update') return { action: 'skipped' };
    const wanted = applyWish(schemas, undefined, wish, manager);
    const created: Resource = { ...wanted.content, id: '' };
    return { action: 'create', wanted, members, changes: [...diff(undefined, created), ...memberChanges(members)] };
  }
  const id = current.resource.id;
  if (mode === 'create' && seen !== 'nobody' && !(await isOwnMaking(context, facts, id))) return { action: 'skipped' };
  if (match.taken) return invalid(facts, `Another has the userName '${String(wish.patch['userName'])}'.`, 'userName');
  const wanted = applyWish(schemas, current.resource, wish, manager);
  const change = updateOf(current, wanted, members);
  if (!change) return { action: 'unchanged', current };
  if (seen === 'nobody')
    return (await isOwnMaking(context, facts, id))
      ? change
      : { action: 'conflict', problem: { ...conflict(facts, 'Was created since the preview.'), id } };
  const known = context.ignoreVersions ? undefined : (match.version ?? seen?.version);
  if (known === undefined || known === current.version) return change;
  return reconcile(context, facts, { current, known, change });
}

/** Whether this import has made a resource, and nobody has changed it since. */
async function isOwnMaking({ directory, actor, type }: DecideContext, { begun }: RowFacts, id: string): Promise<boolean> {
  return begun !== undefined && isOwn((await directory.history.list(actor, type, id, { limit: 500 })).revisions, begun);
}

/** Whether it is this import alone that has made these revisions. */
function isOwn(revisions: readonly Revision[], begun: Begun | undefined): boolean {
  if (!begun || revisions.length === 0) return false;
  return revisions.every(({ revision, author }) => revision > begun.revision && begun.by.some((one) => isBy(one, author)));
}

export function isBy(one: Pick<Author, 'id' | 'door'>, other: Pick<Author, 'id' | 'door'>): boolean {
  return one.id === other.id && one.door === other.door;
}

/** What is to be done where the resource is not at the version that the file or the preview knows. */
async function reconcile(
  { directory, actor, type, schemas }: DecideContext,
  facts: RowFacts,
  { current, known, change }: { current: Versioned; known: string; change: Decision },
): Promise<Decision> {
  const { id } = current.resource;
  const { revisions: history } = await directory.history.list(actor, type, id, { limit: 500 });
  const base = history.findIndex(({ version }) => version === known);
  const from = history[base];
  if (!from) {
    const message = 'Is not at the version that the file names, and the history does not know that version.';
    return { action: 'conflict', problem: { ...conflict(facts, message), id } };
  }
  if (isOwn(history.slice(0, base), facts.begun)) return change;
  const mine: Resource = { ...applyWish(schemas, from.resource, facts.wish, facts.manager).content, id };
  const { merged, collisions } = merge(from.resource, mine, current.resource);
  // Members are a set that the file names whole: whoever came or left since would be undone by it.
  if (collisions.length === 0 && type === 'User') {
    const { id: _id, ...content } = merged;
    const { password } = applyWish(schemas, current.resource, facts.wish, facts.manager);
    return updateOf(current, { content, password }, undefined) ?? { action: 'unchanged', current };
  }
  const since = history.slice(0, base);
  const changes = since.flatMap(({ changes: made, author, at }) =>
    made.map((change): ChangeSince => ({ ...change, author, at })),
  );
  const overlapping = new Set(collisions.map(({ path }) => path));
  const shown = type === 'User' ? changes.filter(({ path }) => overlapping.has(path)) : changes;
  const who = [...new Set((shown.length > 0 ? shown : changes).map(({ author }) => author.name))].join(', ');
  const message = `${who || 'Somebody'} changed ${[...overlapping].slice(0, 3).join(', ') || 'it'} since.`;
  const problem: Problem = {
    ...conflict(facts, message),
    id,
    changes: (shown.length > 0 ? shown : changes).slice(0, listedMax),
    ...(collisions.length > 0 && { collisions: collisions.slice(0, listedMax) }),
  };
  return { action: 'conflict', problem };
}

function updateOf(current: Versioned, wanted: Wanted, members: MemberDelta | undefined): Decision | undefined {
  const { id, ...content } = current.resource;
  const areSameMembers = !members || (members.add.length === 0 && members.remove.length === 0);
  if (same(content, wanted.content) && wanted.password === undefined && areSameMembers) return undefined;
  const changes = [...diff(current.resource, { ...wanted.content, id }), ...memberChanges(members)];
  return { action: 'update', current, wanted, members, changes };
}

function memberChanges(members: MemberDelta | undefined): FieldChange[] {
  if (!members) return [];
  const path = (id: string) => `members[value eq ${JSON.stringify(id)}]`;
  return [
    ...members.add.slice(0, listedMax).map((id) => ({ path: path(id), after: id })),
    ...members.remove.slice(0, listedMax).map((id) => ({ path: path(id), before: id })),
  ];
}

function invalid({ line, wish }: RowFacts, message: string, path?: string): Decision {
  return {
    action: 'invalid',
    problem: { line, kind: 'invalid', message, ...named(wish), ...(path !== undefined && { path }) },
  };
}

function conflict({ line, wish }: RowFacts, message: string): Problem {
  return { line, kind: 'conflict', message, ...named(wish) };
}

function named(wish: Wish): { name?: string } {
  const name = nameOfWish(wish);
  return name === undefined ? {} : { name };
}
