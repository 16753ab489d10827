import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { mergeIn } from '../conflicts/merge-in.ts';
import { DirectoryError } from '../errors.ts';
import type { Collision } from '../merge.ts';
import { nameOf } from '../name.ts';
import { perform, type WriteContext, type WriteOperation } from '../operation.ts';
import type { Proposal } from '../policy/judge.ts';
import type { Key } from '../store.ts';
import type { Written } from '../write.ts';
import type { ProposedChange, ProposedCollision, Settlement, WrittenOutcome } from './escalation.ts';

/** Changes of one resource, and resources of one escalation, that are listed. */
const changesListedMax = 200;
const resourcesListedMax = 200;

/** What operations do, and what they would have done if the transaction is undone. */
export interface Performed {
  written: WrittenOutcome[];
  proposed: ProposedChange[];
  /** A digest of all that is written: two that are alike do the same to the same. */
  version: string;
}

/**
 * Performs operations in their order. One that was made for another version than the current one is merged with what happened
 * since; where both sides changed the same, its author's side stands, or what the settlement says, and the collision is told.
 * @throws DirectoryError as the operations; VERSION_MISMATCH where the version that one was made for is not known.
 */
export function performAll(
  given: WriteContext,
  operations: readonly WriteOperation[],
  settlement: Settlement = asItsAuthorWants,
): Performed {
  const proposals: Proposal[] = [];
  const { review } = given;
  const context: WriteContext = {
    ...given,
    review(proposal) {
      // What was asked is kept with the versions that it is made for, also where it is merged with what happened since.
      review?.({ ...proposal, expectedVersion: proposal.expectedVersion ?? proposal.current?.version });
      proposals.push(proposal);
    },
  };
  const written: WrittenOutcome[] = [];
  const collisions = new Map<string, ProposedCollision[]>();
  for (const operation of operations) {
    const done = performOne(context, operation, settlement);
    collisions.set(`${operation.type} ${operation.id}`, done.collisions);
    written.push(outcomeOf(operation, done.written));
  }
  // That who is deleted leaves their groups goes without saying; the digest has it all the same.
  const asked = proposals.filter(({ follows }) => follows !== true);
  return {
    written,
    proposed: asked.slice(0, resourcesListedMax).map(toProposed(asked, collisions)),
    version: digestOf(proposals),
  };
}

const asItsAuthorWants: Settlement = { choices: {}, otherwise: 'mine' };

function performOne(
  context: WriteContext,
  operation: WriteOperation,
  { choices, otherwise }: Settlement,
): { written: Written | undefined; collisions: ProposedCollision[] } {
  const { type, id, expectedVersion } = operation;
  const key: Key = { tenant: context.tenant, type, id };
  const current = expectedVersion === undefined ? undefined : context.transaction.get(key);
  if (!current || expectedVersion === undefined || current.version === expectedVersion)
    return { written: perform(context, operation), collisions: [] };
  switch (operation.kind) {
    case 'create':
    case 'recreate':
    case 'restore':
      return { written: perform(context, operation), collisions: [] };
    case 'delete':
      return { written: perform(context, { ...operation, expectedVersion: current.version }), collisions: [] };
    case 'replace':
    case 'mergePatch':
    case 'patch':
    case 'members':
    case 'revert': {
      const collisions = collisionsOf(context, operation);
      // What does not collide any more needs no choice.
      const needed = Object.fromEntries(
        collisions.flatMap(({ path }) => (choices[path] === undefined ? [] : [[path, choices[path]]])),
      );
      const { written } = mergeIn(context, operation, expectedVersion, needed, otherwise);
      return {
        written,
        collisions: collisions.map((collision) => {
          const choice = choices[collision.path] ?? otherwise;
          if (typeof choice === 'object') return { ...collision, mine: choice.value };
          return choice === 'mine' ? collision : { ...collision, stands: choice };
        }),
      };
    }
  }
}

/** Where an operation and what happened since the version that it was made for touch the same. Writes nothing. */
function collisionsOf(context: WriteContext, operation: WriteOperation): Collision[] {
  try {
    // Refused before anything is written, since it is made for another version.
    perform(context, operation);
  } catch (error) {
    if (error instanceof DirectoryError && error.conflict) return error.conflict.collisions;
    throw error;
  }
  return [];
}

function outcomeOf({ type, id }: WriteOperation, written: Written | undefined): WrittenOutcome {
  if (!written) return { type, id, changed: true };
  const { version, changed, moved } = written;
  return { type, id, version, changed, ...(moved && { moved }) };
}

function toProposed(proposals: readonly Proposal[], collisions: ReadonlyMap<string, ProposedCollision[]>) {
  return ({ key: { type, id }, operation, current, resource, changes }: Proposal): ProposedChange => ({
    type,
    id,
    name: nameOf(resource),
    operation,
    ...(current && { currentVersion: current.version }),
    changes: changes.slice(0, changesListedMax),
    changeCount: changes.length,
    collisions: collisions.get(`${type} ${id}`) ?? [],
    ...(proposals.length === 1 && operation !== 'delete' && { resource }),
  });
}

function digestOf(proposals: readonly Proposal[]): string {
  const facts = proposals.map(({ key: { type, id }, operation, changes, members }) => {
    // A record that was merged with what others changed is written as a patch, and does the same.
    const update = operation === 'replace' || operation === 'patch';
    return [type, id, update ? 'update' : operation, changes, members?.add ?? [], members?.remove ?? []];
  });
  return createHash('sha256')
    .update(canonicalize(facts) ?? '')
    .digest()
    .subarray(0, 12)
    .toString('base64url');
}

/** A digest of what is asked, whatever ids were made up for what it creates. */
export function askedBy(operations: readonly WriteOperation[], settlement?: Settlement): string {
  let text = JSON.stringify(operations) + (settlement ? JSON.stringify(settlement) : '');
  operations.forEach(({ kind, id }, index) => {
    if (kind === 'create') text = text.replaceAll(id, `new:${index}`);
  });
  return createHash('sha256').update(text).digest('base64url');
}
