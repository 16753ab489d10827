import { randomUUID } from 'node:crypto';
import { fromCursor, toCursor } from '../cursor.ts';
import { DirectoryError } from '../errors.ts';
import type { Policies } from '../policy/policies.ts';
import type { Actor, Author, Revision } from '../resource.ts';
import type { Store } from '../store.ts';
import type { Tenants } from '../tenants.ts';
import type { Written } from '../write.ts';
import {
  deciderOf,
  notApproved,
  type Answer,
  type ApprovalOptions,
  type Decided,
  type Decision,
  type Question,
} from './asking.ts';
import { ConnectedAgents } from './connected-agents.ts';
import { Deadlines } from './deadlines.ts';
import { people, type Escalation, type EscalationState } from './escalation.ts';
import { askedBy } from './proposed.ts';
import { noEscalation, pendingIn, recordIn, settleIn, shortened } from './settling.ts';
import { EscalationWrites } from './writes.ts';

const pendingMax = 1000;
const pendingOfAgentMax = 100;
const pageMax = 200;
const operationsLengthMax = 2 * 1024 * 1024;

type Asked = Pick<Question, 'operations' | 'settlement'>;

/** A page of a list, newest first. */
export interface EscalationPage {
  escalations: Escalation[];
  /** Where the next page begins; absent at the end. */
  nextCursor?: string;
}

/**
 * Writes that wait for an answer: of people, or of another agent. They outlive the process; the first answer counts; an answer
 * is for what its giver saw, so that one that would do something else by now asks again.
 */
export class Escalations {
  readonly #store: Store;
  readonly #tenants: Tenants;
  readonly #policy: Policies;
  readonly #clock: () => Date;
  readonly #writes: EscalationWrites;
  readonly #agents: ConnectedAgents;
  readonly #deadlines: Deadlines;
  readonly #listeners = new Set<(escalation: Escalation) => void>();

  constructor(parts: { store: Store; tenants: Tenants; policy: Policies; clock: () => Date }) {
    this.#store = parts.store;
    this.#tenants = parts.tenants;
    this.#policy = parts.policy;
    this.#clock = parts.clock;
    this.#writes = new EscalationWrites(parts);
    this.#agents = new ConnectedAgents(parts.clock);
    this.#deadlines = new Deadlines(parts, (expired) => this.#announce(expired));
  }

  /** Takes note that an agent works in its tenant now, so that others can ask it. */
  seen(actor: Actor): void {
    this.#agents.seen(actor);
  }

  /** Whether an agent works in the actor's tenant now, and can be asked. */
  canAsk(actor: Actor, agent: string): boolean {
    this.#tenants.allow(actor, 'scim:read');
    return this.#agents.isHere(actor.tenant, agent);
  }

  /**
   * Asks somebody whether a write of the actor's may be done. Where the same is asked already, that one is the answer.
   * @throws DirectoryError as the writes would; INVALID_ARGUMENT for a password (which is kept nowhere), for what would change
   *   nothing, and for an agent that is not connected; UNAVAILABLE where too many wait.
   */
  async create(actor: Actor, question: Question): Promise<Escalation> {
    this.#tenants.allow(actor, question.author ? 'scim:admin' : 'scim:write');
    const { tenant } = actor;
    const { author, to = people, kind, lenient, settlement, rule, conflictId, counterTo } = question;
    if (to !== people) this.#agents.check(actor, to);
    if (JSON.stringify(question.operations).length > operationsLengthMax)
      throw new DirectoryError('TOO_LARGE', 'This is too much for one question. Ask in parts.');
    const from = author ?? authorOf(actor);
    const { operations, performed } = await this.#writes.try({ tenant, from, lenient, rule, settlement }, question.operations);
    const [first] = performed.proposed;
    if (!first) throw new DirectoryError('INVALID_ARGUMENT', 'This would change nothing; there is nothing to ask.');
    const now = this.#clock();
    const intent = shortened(question.intent);
    const escalation: Escalation = {
      id: randomUUID(),
      tenant,
      kind,
      from,
      ...(author && { asks: deciderOf(actor) }),
      to,
      subject: { type: first.type, id: first.id, name: first.name },
      operations,
      lenient,
      ...(settlement && { settlement }),
      proposed: performed.proposed,
      version: performed.version,
      ...(intent !== undefined && { intent }),
      ...(rule && { rule }),
      ...(conflictId !== undefined && { conflictId }),
      ...(counterTo !== undefined && { counterTo }),
      created: now.toISOString(),
      deadline: new Date(now.getTime() + this.#policy.of(tenant).deadlineMinutes * 60_000).toISOString(),
      state: 'pending',
    };
    const asked = askedBy(question.operations, settlement);
    const kept = await this.#store.write((transaction) => {
      const same = transaction.escalations.same(tenant, from.id, to, asked);
      if (same) return same;
      const { inTenant, fromAgent } = transaction.escalations.pending(tenant, from.id, to);
      if (fromAgent >= pendingOfAgentMax)
        throw new DirectoryError(
          'UNAVAILABLE',
          `${fromAgent} questions of yours wait for an answer already. Wait, or withdraw some.`,
        );
      if (inTenant >= pendingMax)
        throw new DirectoryError('UNAVAILABLE', 'Too many questions wait for an answer here. Try again later.');
      transaction.escalations.put(escalation, asked);
      recordIn(transaction, escalation, authorOf(actor), 'asked');
      return escalation;
    });
    if (kept.id === escalation.id) this.#announce(escalation);
    return kept;
  }

  /**
   * Asks for a write that its tenant's policy lets somebody decide, and waits as long as the caller does.
   * @returns the escalation, approved; what was written is in its outcome.
   * @throws DirectoryError APPROVAL_NEEDED while it is pending, DECLINED; as create.
   */
  async settle(actor: Actor, question: Question, options: ApprovalOptions = {}): Promise<Escalation> {
    const { intent, resume = '' } = options;
    const escalation = this.resumes(actor, question, resume)
      ? await this.get(actor, resume)
      : await this.create(actor, { ...question, intent: intent ?? question.intent });
    const settled = options.settle ? await options.settle(escalation) : escalation;
    if (settled.state === 'approved') return settled;
    throw notApproved(settled);
  }

  /** Whether the actor has asked the same in this escalation. */
  resumes({ tenant, id: actor }: Actor, { operations, settlement }: Asked, id: string | undefined): boolean {
    const before = id === undefined ? undefined : this.#store.escalations.get(tenant, id);
    return before?.from.id === actor && this.#store.escalations.asked(before.id) === askedBy(operations, settlement);
  }

  /** What an approved write has written of one resource. @throws DirectoryError NOT_FOUND if it is gone by now. */
  async written({ tenant, outcome }: Escalation, index: number): Promise<Written | undefined> {
    const done = outcome?.written[index];
    if (!done || done.version === undefined) return undefined;
    const { type, id, changed, moved } = done;
    const found = await this.#store.get({ tenant, type, id });
    if (!found) throw new DirectoryError('NOT_FOUND', 'It was approved and written, and is deleted by now.');
    return { ...found, changed, ...(moved && { moved }) };
  }

  /** @throws DirectoryError NOT_FOUND for an id that is unknown, or not the agent's to know. */
  async get(actor: Actor, id: string): Promise<Escalation> {
    this.#tenants.allow(actor, 'scim:read');
    const escalation = this.#store.escalations.get(actor.tenant, id);
    if (!escalation || !isParty(actor, escalation)) throw noEscalation(id);
    return escalation;
  }

  /**
   * Newest first; of an agent, those from and to it.
   * @param query.to only those to `people`, or to this agent.
   * @throws DirectoryError INVALID_CURSOR.
   */
  async list(
    actor: Actor,
    query: { state?: EscalationState | undefined; to?: string | undefined; cursor?: string | undefined; limit: number },
  ): Promise<EscalationPage> {
    this.#tenants.allow(actor, 'scim:read');
    const { tenant, id, kind } = actor;
    const { state, to, cursor } = query;
    const party = kind === 'agent' ? id : undefined;
    const about = ['escalations', tenant, state ?? '', to ?? '', party ?? ''];
    const before = cursor === undefined ? undefined : fromCursor(about, cursor).row;
    const limit = Math.min(Math.max(1, query.limit), pageMax);
    const rows = this.#store.escalations.list({ tenant, state, to, party, before, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      escalations: shown.map(({ escalation }) => escalation),
      ...(last && { nextCursor: toCursor(about, { key: null, row: last.sequence }) }),
    };
  }

  /** How many wait for the actor: for people, or for this agent. */
  counts(actor: Actor): { pending: number } {
    this.#tenants.allow(actor, 'scim:read');
    const { tenant, id, kind } = actor;
    return { pending: this.#store.escalations.pending(tenant, id, kind === 'agent' ? id : people).toParty };
  }

  /**
   * A person's answer. Approving writes in the same transaction, as its author's write that the person approved.
   * @returns the escalation; `outdated` where it would do something else by now than what the person has seen.
   * @throws DirectoryError FORBIDDEN for an agent; ALREADY_DECIDED; VERSION_MISMATCH if it changed since the person looked;
   *   what the write throws, and then it is still pending.
   */
  async decide(actor: Actor, id: string, decision: Decision): Promise<Decided> {
    const escalation = await this.get(actor, id);
    if (actor.kind === 'agent') throw new DirectoryError('FORBIDDEN', 'A person must answer this.');
    const isClientsUser = actor.door === 'mcp' && escalation.from.id === actor.id && this.#policy.of(actor.tenant).askClient;
    if (!isClientsUser) this.#tenants.allow(actor, 'scim:admin');
    return this.#announced(this.#writes.decide(actor, id, decision, undefined));
  }

  /**
   * The answer of the agent that was asked. What policy lets a person decide, is then asked of people.
   * @throws DirectoryError NOT_FOUND, FORBIDDEN if somebody else was asked; as decide; as create for a counter-proposal.
   */
  async answer(actor: Actor, id: string, { answer, patch, reason }: Answer): Promise<Decided> {
    this.#tenants.allow(actor, 'scim:write');
    const escalation = await this.get(actor, id);
    if (escalation.to !== actor.id)
      throw new DirectoryError(
        'FORBIDDEN',
        escalation.to === people ? 'People are asked this; an agent cannot answer it.' : 'Another agent is asked this.',
      );
    if (answer === 'decline') return this.#announced(this.#writes.decide(actor, id, { approve: false, reason }, undefined));
    if (answer === 'counter') return this.#counter(actor, escalation, patch, reason);
    const from: Actor = { ...escalation.from, tenant: escalation.tenant, scopes: ['scim:write'] };
    const review = this.#policy.review(from, escalation.operations.length);
    try {
      return await this.#announced(this.#writes.decide(actor, id, { approve: true, reason }, review));
    } catch (error) {
      if (!(error instanceof DirectoryError) || error.code !== 'APPROVAL_NEEDED' || !error.rule) throw error;
      const agreed = `${actor.name} agrees.`;
      const intent = shortened(escalation.intent === undefined ? agreed : `${agreed} ${escalation.intent}`) ?? agreed;
      const handed = this.#writes.change(actor.tenant, id, { kind: 'approval', to: people, rule: error.rule, intent });
      return this.#announced(handed.then((changed) => ({ escalation: changed })));
    }
  }

  async #counter(actor: Actor, before: Escalation, patch: unknown, reason: string | undefined): Promise<Decided> {
    const { type, id } = before.subject;
    const counter = await this.create(actor, {
      kind: 'negotiation',
      operations: [{ kind: 'patch', type, id, body: patch }],
      lenient: before.lenient,
      // Who asks is who is answered.
      to: before.asks ? undefined : before.from.id,
      intent: reason,
      counterTo: before.id,
    });
    const settled = await this.#store.write((transaction) => {
      const now = this.#clock();
      const escalation = { ...pendingIn(transaction, actor.tenant, before.id, now), counter: counter.id };
      return settleIn(transaction, escalation, { state: 'superseded', by: deciderOf(actor), reason, now });
    });
    this.#announce(settled);
    return { escalation: settled };
  }

  /** Takes back what the actor has asked. @throws DirectoryError NOT_FOUND, FORBIDDEN, ALREADY_DECIDED. */
  async withdraw(actor: Actor, id: string, reason?: string): Promise<Escalation> {
    const { from } = await this.get(actor, id);
    if (from.id !== actor.id) throw new DirectoryError('FORBIDDEN', 'Only who has asked can withdraw it.');
    const settled = await this.#store.write((transaction) => {
      const now = this.#clock();
      const escalation = pendingIn(transaction, actor.tenant, id, now);
      return settleIn(transaction, escalation, { state: 'withdrawn', by: deciderOf(actor), reason, now });
    });
    this.#announce(settled);
    return settled;
  }

  /**
   * Waits for the answer.
   * @returns the escalation when it is not pending any more, or after so many milliseconds as it is then.
   * @throws DirectoryError NOT_FOUND; the signal's reason.
   */
  async wait(actor: Actor, id: string, { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal }): Promise<Escalation> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const end = this.onChange((changed) => {
      if (changed.id === id && changed.state !== 'pending') resolve();
    });
    const timer = setTimeout(resolve, timeoutMs);
    const onAbort = () => reject(signal?.reason as Error);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const now = await this.get(actor, id);
      if (now.state !== 'pending') return now;
      await promise;
      return await this.get(actor, id);
    } finally {
      end();
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** What was asked about somebody or a group that is deleted needs no answer any more. */
  onWritten({ tenant, id, operation }: Revision): void {
    if (operation !== 'delete') return;
    const settle = this.#store.write((transaction) =>
      transaction.escalations
        .about(tenant, id, pendingMax)
        .map((escalation) => settleIn(transaction, escalation, { state: 'superseded', now: this.#clock() })),
    );
    // Closing is the only reason why it could not be: then it stays, and an answer finds out.
    settle.then(
      (settled) => settled.forEach((escalation) => this.#announce(escalation)),
      () => {},
    );
  }

  /** Settles what nobody answered in time; also done by itself. */
  expire(): Promise<void> {
    return this.#deadlines.expire();
  }

  /** Calls the listener for each escalation that is new or changed, once it is on disk. @returns a function that ends it. */
  onChange(listener: (escalation: Escalation) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#deadlines.close();
    this.#listeners.clear();
  }

  async #announced(deciding: Promise<Decided>): Promise<Decided> {
    const decided = await deciding;
    this.#announce(decided.escalation);
    return decided;
  }

  #announce(escalation: Escalation): void {
    for (const listener of this.#listeners) listener(escalation);
    this.#deadlines.plan();
  }
}

/** People see all of a tenant; agents, and the user of an agent's client, what that agent is a party to. */
function isParty({ kind, door, id }: Actor, { from, to }: Escalation): boolean {
  return (kind !== 'agent' && door !== 'mcp') || from.id === id || to === id;
}

function authorOf({ id, name, kind, door, run }: Actor): Author {
  return { id, name, kind, door, ...(run !== undefined && { run }) };
}
