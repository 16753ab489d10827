import { same } from '../elements.ts';
import { DirectoryError } from '../errors.ts';
import { limits } from '../limits.ts';
import { merge, type Collision, type Side } from '../merge.ts';
import { changeFrom, membersBefore, type MemberWish } from '../members.ts';
import { wantedFrom, wishOf, type UpdateOperation, type WriteContext } from '../operation.ts';
import { applyPatch, parsePatch } from '../patch.ts';
import type { Json, Resource, Versioned } from '../resource.ts';
import type { Key, Transaction } from '../store.ts';
import type { RecordedConflict } from './recorded-conflict.ts';
import { collided, found, refuseStaleBody, updateIn, type Written } from '../write.ts';

/** What stands at a path that both sides changed: one of the two values, or another. */
export type Choice = Side | { value: Json };

/** A merge that was written. */
export interface MergedWrite {
  written: Written;
  /** Fields of the writer's that were left as the others have them. */
  left: Collision[];
}

/**
 * Applies what a refused write wanted to the resource as it is now: a three-way merge of the version that the writer had read,
 * what it wanted of it, and the current one. Members of a group are a set and never collide.
 * @param choices by path, for what both sides changed.
 * @param otherwise for collisions without a choice; absent, they are a conflict again.
 * @param told what the writer was told that the others have; where they have something else by now, its choice is none.
 * @throws DirectoryError VERSION_MISMATCH with the collisions that are left to decide, or where the version that the writer
 *   had read is not known any more; STALE_BODY where a whole record was older than the version that it was sent with; NOT_FOUND
 *   if the resource was deleted; as the operation itself.
 */
export function mergeIn(
  context: WriteContext,
  operation: UpdateOperation,
  baseVersion: string,
  choices: Readonly<Record<string, Choice>>,
  otherwise?: Side,
  told?: RecordedConflict['told'],
): MergedWrite {
  const { transaction, tenant } = context;
  const { type, id } = operation;
  const key: Key = { tenant, type, id };
  const current = found(transaction, key);
  const make = wishOf(context, operation);
  const base = transaction.revisionWithVersion(key, baseVersion);
  if (!base) throw collided(transaction, key, baseVersion, current, make);
  const wanted = make(base.resource, base);
  const { merged, collisions } = merge(base.resource, { ...wanted.content, id }, current.resource, (path) => {
    const choice = choices[path] ?? otherwise;
    return choice === 'mine' ? 'mine' : 'theirs';
  });
  const isSeen = ({ path, theirs }: Collision) =>
    told === undefined || told.some((one) => one.path === path && same(one.theirs, theirs));
  const undecided = collisions.filter((collision) => choices[collision.path] === undefined || !isSeen(collision));
  if (undecided.length > 0 && otherwise === undefined)
    throw collided(transaction, key, baseVersion, current, make).attempting(operation);
  const unknown = Object.keys(choices).find((path) => collisions.every((collision) => collision.path !== path));
  if (unknown !== undefined) throw noCollision(unknown, collisions);
  const { content } = wantedFrom(context, type, withValues(context, type, merged, choices));
  const members = wanted.members && memberChange(transaction, key, wanted.members, base.revision);
  if (operation.kind === 'replace')
    refuseStale(context, operation, current, { resource: { ...content, id }, wish: members, make, chosen: choices });
  const written = updateIn(context, key, 'patch', undefined, () => ({
    content,
    ...(wanted.passwordHash !== undefined && { passwordHash: wanted.passwordHash }),
    ...(members && { members }),
  }));
  return { written, left: collisions.filter(({ path }) => (choices[path] ?? otherwise) === 'theirs') };
}

/** A conflict of its own kind, to be settled from the version that the record is really of. */
function refuseStale(
  context: WriteContext,
  operation: UpdateOperation,
  current: Versioned,
  wanted: Parameters<typeof refuseStaleBody>[3],
): void {
  const { tenant } = context;
  const { type, id } = operation;
  try {
    refuseStaleBody(context, { tenant, type, id }, current, wanted);
  } catch (error) {
    throw error instanceof DirectoryError ? error.attempting(operation) : error;
  }
}

function withValues(
  context: WriteContext,
  type: UpdateOperation['type'],
  merged: Resource,
  choices: Readonly<Record<string, Choice>>,
): unknown {
  const operations = Object.entries(choices).flatMap(([path, choice]) =>
    typeof choice === 'object' ? [{ op: 'replace', path, value: choice.value }] : [],
  );
  if (operations.length === 0) return merged;
  return applyPatch(merged, parsePatch(context.schemas(type), operations, { strict: false }));
}

/** A whole list of members says, beside the one that the writer had read, whom it wants to add and to remove. */
function memberChange(transaction: Transaction, key: Key, wish: MemberWish, baseRevision: number): MemberWish {
  const since = transaction.history(key, limits.conflictRevisionsMax, baseRevision);
  return changeFrom(membersBefore(transaction, key, since), wish);
}

function noCollision(path: string, collisions: readonly Collision[]): DirectoryError {
  const paths = collisions.map((collision) => collision.path).join(', ');
  const message = `Both sides did not change this. ${paths === '' ? 'There is nothing to choose; leave choices out.' : `Choose for: ${paths}.`}`;
  return new DirectoryError('INVALID_ARGUMENT', `choices.${path.slice(0, 200)}: ${message}`, {
    issues: [{ path: `choices.${path.slice(0, 200)}`, message }],
  });
}
