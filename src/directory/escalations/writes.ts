import { DirectoryError } from '../errors.ts';
import type { WriteContext, WriteOperation } from '../operation.ts';
import type { Rule } from '../policy/judge.ts';
import type { Review } from '../policy/policies.ts';
import type { Actor, Author } from '../resource.ts';
import type { Store } from '../store.ts';
import type { Tenants } from '../tenants.ts';
import { deciderOf, type Decided, type Decision } from './asking.ts';
import type { Escalation, Settlement } from './escalation.ts';
import { performAll, type Performed } from './proposed.ts';
import { editedOperation, pendingIn, settleIn, settlementOf, withBases } from './settling.ts';

/** Thrown to undo a transaction that only was to show what it would do. */
class Undone extends Error {
  readonly performed: Performed;

  constructor(performed: Performed) {
    super('this was only tried');
    this.performed = performed;
  }
}

/** Writes of escalations and of what they are about, each in one transaction. */
export class EscalationWrites {
  readonly #store: Store;
  readonly #tenants: Tenants;
  readonly #clock: () => Date;

  constructor(parts: { store: Store; tenants: Tenants; clock: () => Date }) {
    this.#store = parts.store;
    this.#tenants = parts.tenants;
    this.#clock = parts.clock;
  }

  /** Finds out what operations would do, without doing it. */
  async try(
    asking: { tenant: string; from: Author; lenient: boolean; rule: Rule | undefined; settlement: Settlement | undefined },
    operations: readonly WriteOperation[],
  ): Promise<{ operations: WriteOperation[]; performed: Performed }> {
    let based: WriteOperation[] = [];
    try {
      return await this.#store.write((transaction) => {
        based = withBases(transaction, asking.tenant, operations);
        throw new Undone(performAll({ ...this.#contextOf(asking), transaction }, based, asking.settlement));
      });
    } catch (error) {
      if (error instanceof Undone) return { operations: based, performed: error.performed };
      throw error;
    }
  }

  #contextOf(
    { tenant, from, lenient, rule }: { tenant: string; from: Author; lenient: boolean; rule?: Rule | undefined },
    approvedBy?: Author['approvedBy'],
  ): Omit<WriteContext, 'transaction'> {
    return {
      tenant,
      author: { ...from, ...(approvedBy && { approvedBy }) },
      schemas: (type) => this.#tenants.schemas(tenant, type),
      lenient,
      hashed() {
        throw passwordCannotWait(rule);
      },
    };
  }

  /**
   * Settles a pending escalation as somebody says.
   * @param review judges what would be written, where the answer does not stand above the policy.
   * @throws DirectoryError NOT_FOUND, ALREADY_DECIDED, VERSION_MISMATCH; what the write or the review throws.
   */
  async decide(actor: Actor, id: string, decision: Decision, review: Review | undefined): Promise<Decided> {
    const by = deciderOf(actor);
    const { reason } = decision;
    try {
      const settled = await this.#store.write((transaction) => {
        const now = this.#clock();
        const escalation = pendingIn(transaction, actor.tenant, id, now);
        if (decision.expectedVersion !== undefined && decision.expectedVersion !== escalation.version)
          throw new DirectoryError('VERSION_MISMATCH', 'It would do something else by now. Look at it again, then answer.');
        if (!decision.approve) return settleIn(transaction, escalation, { state: 'declined', by, reason, now });
        const context = { ...this.#contextOf(escalation, { ...by, escalation: id }), transaction, review: review?.check };
        const outcome = performDecided(context, escalation, decision);
        return settleIn(transaction, { ...escalation, outcome }, { state: 'approved', by, reason, now });
      });
      return { escalation: settled };
    } catch (error) {
      review?.undone();
      if (!(error instanceof Undone)) throw error;
      const { proposed, version } = error.performed;
      return { escalation: await this.change(actor.tenant, id, { proposed, version }), outdated: true };
    }
  }

  /** Changes what is asked; it stays pending. */
  async change(tenant: string, id: string, change: Partial<Escalation>): Promise<Escalation> {
    return this.#store.write((transaction) => {
      const escalation = { ...pendingIn(transaction, tenant, id, this.#clock()), ...change };
      transaction.escalations.put(escalation);
      return escalation;
    });
  }
}

/** Does what was asked, or what a person made of it. @throws Undone where it would not do what the person has seen. */
function performDecided(context: WriteContext, escalation: Escalation, { edited }: Decision): NonNullable<Escalation['outcome']> {
  if (edited) {
    const operation = editedOperation(escalation, edited);
    const { type, id } = operation;
    const seen = escalation.proposed[0]?.currentVersion;
    const current = context.transaction.get({ tenant: escalation.tenant, type, id });
    // Members are a set, and what is created has no version yet.
    if ('add' in edited || seen === undefined || current?.version === seen) {
      const settlement = 'choices' in edited ? settlementOf(escalation, edited.choices) : undefined;
      return { written: performAll(context, [operation], settlement).written, edited: true };
    }
  }
  const performed = performAll(context, escalation.operations, escalation.settlement);
  if (edited || performed.version !== escalation.version) throw new Undone(performed);
  return { written: performed.written, edited: false };
}

/** A password is kept nowhere but as a hash; what waits is kept as it was asked. */
function passwordCannotWait(rule: Rule | undefined): DirectoryError {
  const message = 'A write that sets a password cannot wait for an answer, since passwords are kept nowhere. Send it without.';
  if (!rule)
    return new DirectoryError('INVALID_ARGUMENT', `Nothing was done. ${message}`, { issues: [{ path: 'password', message }] });
  return new DirectoryError('POLICY_REFUSED', `Nothing was written. ${rule.says} ${message}`, { rule });
}
