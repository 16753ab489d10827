import type { Conflict } from '../conflict.ts';
import { DirectoryError } from '../errors.ts';
import type { ApprovalOptions } from '../escalations/asking.ts';
import type { Escalation, Settlement } from '../escalations/escalation.ts';
import type { Escalations } from '../escalations/escalations.ts';
import type { Collision } from '../merge.ts';
import { perform, type UpdateOperation, type WriteContext, type WriteOperation } from '../operation.ts';
import type { PolicySettings } from '../policy/policy.ts';
import type { Actor } from '../resource.ts';
import type { Written } from '../write.ts';
import type { Options, Writer } from '../writer.ts';
import type { Conflicts } from './conflicts.ts';
import { mergeIn, type Choice } from './merge-in.ts';
import type { RecordedConflict, Strategy } from './recorded-conflict.ts';

/** How its author wants a conflict settled. */
export interface Resolution {
  strategy: Strategy;
  /** With `merge`: what stands at each path that both sides changed. */
  choices?: Readonly<Record<string, Choice>> | undefined;
  /** With `alternative`: whether people are asked about what is left, without waiting for them. */
  proposeRest?: boolean | undefined;
  /** How the caller waits where a person decides. */
  approval?: ApprovalOptions | undefined;
}

/** What became of a conflict. */
export interface Settled {
  conflict: RecordedConflict;
  /** The resource, where something was written and it was not deleted. */
  written?: Written | undefined;
  /** Fields of the writer's that were left as the others have them. */
  left?: Collision[];
  /** Where people are asked about these; or why they could not be. */
  proposed?: Escalation | DirectoryError;
}

/** Settles conflicts: as their authors say, or at once where the policy of the tenant says how. */
export class Resolving {
  readonly #conflicts: Conflicts;
  readonly #writer: Writer;
  readonly #escalations: Escalations;
  readonly #settingsFor: (actor: Actor) => PolicySettings;

  constructor(parts: {
    conflicts: Conflicts;
    writer: Writer;
    escalations: Escalations;
    settingsFor: (actor: Actor) => PolicySettings;
  }) {
    this.#conflicts = parts.conflicts;
    this.#writer = parts.writer;
    this.#escalations = parts.escalations;
    this.#settingsFor = parts.settingsFor;
    parts.escalations.onChange(({ tenant, conflictId, state, outcome }) => {
      if (conflictId === undefined || state === 'pending') return;
      void this.#conflicts.end(tenant, conflictId, state === 'approved', outcome?.written[0]?.version);
    });
  }

  /**
   * Performs one operation. Where it meets a conflict and the policy of the tenant says what is to be done about it, that is done.
   * @throws DirectoryError VERSION_MISMATCH, STALE_BODY where it is for the actor to decide; as the operation.
   */
  async write(actor: Actor, operation: WriteOperation, options: Options): Promise<Written | undefined> {
    this.#conflicts.admit(actor, operation);
    try {
      return await this.#writer.one(actor, operation, options);
    } catch (error) {
      if (actor.kind !== 'agent' || !(error instanceof DirectoryError) || !error.conflict?.recorded) throw error;
      return this.#byPolicy(actor, operation, options, error, error.conflict);
    }
  }

  async #byPolicy(
    actor: Actor,
    operation: WriteOperation,
    options: Options,
    error: DirectoryError,
    conflict: Conflict,
  ): Promise<Written | undefined> {
    const { id = '', strategies = [] } = conflict.recorded ?? {};
    const { onCleanMerge, onOverlap, staleBody } = this.#settingsFor(actor);
    const isClean = conflict.merged !== undefined;
    const isStale = error.code === 'STALE_BODY';
    if (isStale && staleBody === 'warn')
      return withNote(await this.#writer.one(actor, operation, { ...options, unguarded: true }), { overwrote: conflict.undone });
    if (isClean && (isStale ? staleBody === 'merge' : onCleanMerge === 'apply')) {
      const { written } = await this.resolve(actor, id, { strategy: 'merge', approval: options.approval });
      return withNote(written, { merged: conflict });
    }
    const asks = isClean ? onCleanMerge === 'ask' : onOverlap === 'ask';
    if (!asks || isStale || !strategies.includes('ask_human')) throw error;
    const { written } = await this.resolve(actor, id, { strategy: 'ask_human', approval: options.approval });
    return written;
  }

  /**
   * Settles a conflict as its author wants it.
   * `immediate_retry`: the same again on the current version, if nothing overlaps (a deletion: in any case). `merge`: both sides,
   * with the author's choices where both changed the same. `alternative`: only what nobody else changed; with `proposeRest`, people
   * are asked about the rest. `ask_human`: people are
   * asked. `abandon`: nothing.
   * @throws DirectoryError NOT_FOUND; INVALID_ARGUMENT if it is settled already, or what was wanted is not kept;
   *   VERSION_MISMATCH, with what is left to choose; APPROVAL_NEEDED while people are asked; as the write itself.
   */
  async resolve(
    actor: Actor,
    id: string,
    { strategy, choices = {}, proposeRest = false, approval }: Resolution,
  ): Promise<Settled> {
    const conflict = await this.#conflicts.get(actor, id);
    if (conflict.state === 'resolved' || conflict.state === 'abandoned')
      throw invalid('conflict_id', 'This conflict is settled already. Read the resource again if you want to change it.');
    if (strategy !== 'merge' && Object.keys(choices).length > 0)
      throw invalid('choices', 'Choices belong to the strategy merge. Leave them out, or choose merge.');
    if (strategy !== 'alternative' && proposeRest)
      throw invalid('propose_rest', 'It belongs to the strategy alternative. Leave it out, or choose alternative.');
    if (strategy === 'abandon') return { conflict: this.#conflicts.settle(conflict, { state: 'abandoned', strategy }) };
    const { operation } = conflict;
    if (!operation)
      throw invalid(
        'strategy',
        'What you wanted was too large, or has a password, and is not kept. Send the write again yourself.',
      );
    this.#conflicts.admit(actor, operation);
    if (strategy === 'ask_human') return this.#askPeople(actor, conflict, operation, approval);
    let left: Collision[] = [];
    const { lenient, baseVersion } = conflict;
    const based: WriteOperation = { ...operation, expectedVersion: baseVersion };
    const [written] = await this.#writer.approved(
      actor,
      [based],
      { lenient, approval, settlement: settlementFor(strategy, choices) },
      async () => [
        await this.#writer.run(actor, lenient, (given) => {
          const { staleBody } = this.#settingsFor(actor);
          const context = { ...seen(given, baseVersion), ...(staleBody === 'warn' && { shown: undefined }) };
          if (operation.kind === 'delete') {
            if (strategy !== 'immediate_retry')
              throw invalid('strategy', 'A deletion cannot be merged: choose immediate_retry, ask_human or abandon.');
            return perform(context, { ...operation, expectedVersion: undefined });
          }
          const merged = mergeIn(
            context,
            operation as UpdateOperation,
            baseVersion,
            choices,
            strategy === 'alternative' ? 'theirs' : undefined,
            conflict.told,
          );
          ({ left } = merged);
          return merged.written;
        }),
      ],
    );
    const outcome = { state: 'resolved', strategy, outcomeVersion: written?.version } as const;
    if (!proposeRest || left.length === 0) return { conflict: this.#conflicts.settle(conflict, outcome), written, left };
    // Before they are asked: their answer may be there at once.
    const waiting = this.#conflicts.settle(conflict, {
      ...outcome,
      state: 'waiting',
      strategy: written?.changed ? 'alternative' : 'ask_human',
    });
    const proposed = await this.#propose(actor, conflict, based, approval?.intent);
    if (!(proposed instanceof DirectoryError)) return { conflict: waiting, written, left, proposed };
    return { conflict: this.#conflicts.settle(conflict, outcome), written, left, proposed };
  }

  /** Asks people about what collides of a write whose rest is written. @returns why not, where it cannot be. */
  async #propose(
    actor: Actor,
    { id: conflictId, lenient }: RecordedConflict,
    operation: WriteOperation,
    intent: string | undefined,
  ): Promise<Escalation | DirectoryError> {
    try {
      return await this.#escalations.create(actor, { kind: 'conflict', operations: [operation], lenient, conflictId, intent });
    } catch (error) {
      if (error instanceof DirectoryError) return error;
      throw error;
    }
  }

  async #askPeople(
    actor: Actor,
    conflict: RecordedConflict,
    operation: WriteOperation,
    approval: ApprovalOptions | undefined,
  ): Promise<Settled> {
    const based: WriteOperation = { ...operation, expectedVersion: conflict.baseVersion };
    this.#conflicts.settle(conflict, { state: 'waiting', strategy: 'ask_human' });
    const question = { kind: 'conflict', operations: [based], lenient: conflict.lenient, conflictId: conflict.id } as const;
    const escalation = await this.#escalations.settle(actor, question, approval);
    const written = await this.#escalations.written(escalation, 0);
    return { conflict: await this.#conflicts.get(actor, conflict.id), written };
  }
}

/** What its author wants to stand, where people are asked about a write that settles a conflict. */
function settlementFor(strategy: Strategy, choices: Readonly<Record<string, Choice>>): Settlement | undefined {
  if (strategy === 'alternative') return { choices: {}, otherwise: 'theirs' };
  return Object.keys(choices).length > 0 ? { choices, otherwise: 'mine' } : undefined;
}

/** What settles a conflict is made for the version that its author had read, whatever it says itself. */
function seen(context: WriteContext, expectedVersion: string): WriteContext {
  const { review } = context;
  return { ...context, review: review && ((proposal) => review({ ...proposal, expectedVersion })) };
}

function withNote(written: Written | undefined, note: Pick<Written, 'merged' | 'overwrote'>): Written | undefined {
  return written && { ...written, ...note };
}

function invalid(path: string, message: string): DirectoryError {
  return new DirectoryError('INVALID_ARGUMENT', `${path}: ${message}`, { issues: [{ path, message }] });
}
