import type { Audit } from './audit/audit.ts';
import type { Conflicts } from './conflicts/conflicts.ts';
import { DirectoryError } from './errors.ts';
import type { ApprovalOptions } from './escalations/asking.ts';
import type { Settlement } from './escalations/escalation.ts';
import type { Escalations } from './escalations/escalations.ts';
import { HashNeeded, perform, type WriteContext, type WriteOperation } from './operation.ts';
import { hashPassword } from './password.ts';
import type { Rule } from './policy/judge.ts';
import type { Policies } from './policy/policies.ts';
import type { Actor } from './resource.ts';
import type { Store } from './store.ts';
import type { Tenants } from './tenants.ts';
import type { Written } from './write.ts';

export interface WriteOptions {
  /** The raw version that the caller has seen; a different current version is a VERSION_MISMATCH. */
  expectedVersion?: string | undefined;
  /** Take what Entra ID and Okta really send (normalise.ts, patch.ts). */
  lenient?: boolean | undefined;
  /** How the caller waits, where its tenant's policy lets a person decide. */
  approval?: ApprovalOptions | undefined;
}

/** How a write is done. */
export interface Options extends Pick<WriteOptions, 'lenient' | 'approval'> {
  /** Whole records may set back what others have changed. */
  unguarded?: boolean | undefined;
}

/** What every write of the directory goes through: who may write, passwords hashed, one transaction, conflicts kept. */
export class Writer {
  readonly #store: Store;
  readonly #tenants: Tenants;
  readonly #audit: Audit;
  readonly #conflicts: Conflicts;
  readonly #policy: Policies;
  readonly #escalations: Escalations;

  constructor(parts: {
    store: Store;
    tenants: Tenants;
    audit: Audit;
    conflicts: Conflicts;
    policy: Policies;
    escalations: Escalations;
  }) {
    this.#store = parts.store;
    this.#tenants = parts.tenants;
    this.#audit = parts.audit;
    this.#conflicts = parts.conflicts;
    this.#policy = parts.policy;
    this.#escalations = parts.escalations;
  }

  /**
   * Performs one operation.
   * @returns the resource as it is then; undefined for a deletion.
   * @throws DirectoryError FORBIDDEN, POLICY_REFUSED; APPROVAL_NEEDED or DECLINED, where a person was
   *   asked; as the operation.
   */
  async one(
    actor: Actor,
    operation: WriteOperation,
    { lenient = false, approval, unguarded = false }: Options = {},
  ): Promise<Written | undefined> {
    const written = await this.approved(actor, [operation], { lenient, approval }, async () => [
      await this.run(actor, lenient, (context) => perform(unguarded ? { ...context, shown: undefined } : context, operation)),
    ]);
    return written[0];
  }

  /**
   * Runs writes; where the policy of the tenant lets a person decide on them, asks.
   * @param operations what is asked then, done together or not at all.
   * @param options.settlement what the actor has decided about what others changed too, if it is one operation.
   * @returns what was written, of each.
   * @throws DirectoryError APPROVAL_NEEDED while the answer is waited for, DECLINED; what the run throws.
   */
  async approved(
    actor: Actor,
    operations: readonly WriteOperation[],
    { lenient = false, approval, settlement }: Options & { settlement?: Settlement | undefined },
    run: () => Promise<(Written | undefined)[]>,
  ): Promise<(Written | undefined)[]> {
    let rule: Rule | undefined;
    let retryAfterMs: number | undefined;
    if (!this.#escalations.resumes(actor, { operations, settlement }, approval?.resume))
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof DirectoryError) || error.code !== 'APPROVAL_NEEDED') throw error;
        ({ rule, retryAfterMs } = error);
      }
    const escalation = await this.#escalations
      .settle(actor, { kind: 'approval', operations, lenient, settlement, rule }, approval)
      .catch((error: unknown) => {
        const isWaiting = error instanceof DirectoryError && error.code === 'APPROVAL_NEEDED';
        throw isWaiting && retryAfterMs !== undefined ? error.retryAfter(retryAfterMs) : error;
      });
    return Promise.all(operations.map((_, index) => this.#escalations.written(escalation, index)));
  }

  /**
   * Runs work in one transaction.
   * @param passwords in it, hashed before; one that the work meets beside them is hashed too, and then the work is run again.
   * @param inCall how many resources the call that this is part of would change.
   * @throws DirectoryError FORBIDDEN, POLICY_REFUSED, APPROVAL_NEEDED; what the work throws, and then nothing is written.
   */
  async run<T>(
    actor: Actor,
    lenient: boolean,
    work: (context: WriteContext) => T,
    passwords: readonly string[] = [],
    inCall = 1,
  ): Promise<T> {
    this.#tenants.allow(actor, 'scim:write');
    const hashes = new Map<string, string>();
    for (const password of passwords) hashes.set(password, await hashPassword(password));
    const review = this.#policy.review(actor, inCall);
    const context = { ...this.#contextOf(actor, lenient, hashes), review: review?.check };
    for (;;)
      try {
        return await this.#store.write((transaction) => work({ ...context, transaction }));
      } catch (error) {
        review?.undone();
        if (error instanceof HashNeeded) hashes.set(error.password, await hashPassword(error.password));
        else throw error instanceof DirectoryError ? this.#refused(actor, lenient, error) : error;
      }
  }

  /** @returns the refusal, with what the actor can do about it; conflicts and what policy refused are kept. */
  #refused(actor: Actor, lenient: boolean, error: DirectoryError): DirectoryError {
    const refusal = this.#conflicts.refused(actor, lenient, error);
    this.#audit.refused(actor, refusal);
    return refusal;
  }

  #contextOf(actor: Actor, lenient: boolean, hashes: ReadonlyMap<string, string>): Omit<WriteContext, 'transaction'> {
    const { tenant, id, name, kind, door, run } = actor;
    return {
      tenant,
      author: { id, name, kind, door, ...(run !== undefined && { run }) },
      schemas: (type) => this.#tenants.schemas(tenant, type),
      // What software may do is said by people: it does not turn itself, or other software, on again (docs/decisions/0019).
      admit: (type) => {
        if (type === 'Agent' && kind === 'agent') this.#tenants.allow(actor, 'scim:admin');
      },
      shown: this.#conflicts.shownTo(actor),
      lenient,
      hashed(password) {
        const hash = hashes.get(password);
        if (hash === undefined) throw new HashNeeded(password);
        return hash;
      },
    };
  }
}
