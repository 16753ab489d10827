import { randomBytes } from 'node:crypto';
import { DirectoryError, type Author, type Directory } from '../directory/index.ts';
import type { Log } from '../observe/index.ts';
import { administratorAccount } from './accounts.ts';
import type { Agents } from './agents.ts';
import type { ApprovalRequest, Auth } from './auth.ts';

/** Requests that wait at the same time. */
const waitingMax = 50;
/** With those that were decided, which stay until they expire, for browsers that come back late or twice. */
const keptMax = 500;

/** What a person decided, and as whom the client will be signed in. */
export interface Decision {
  approve: boolean;
  tenant: string;
  account: string;
  /** Signed in without a password, in sample data. */
  demo?: boolean;
}

/** The person who has shown to be the administrator. */
export const administrator: Author = { id: administratorAccount, name: 'Administrator', kind: 'person', door: 'window' };

/** A client's request for access, from the moment its page was opened. */
export interface Pending {
  request: ApprovalRequest;
  /** The OAuth client's id. */
  clientId: string;
  expires: number;
  /** Wrong sign-in codes. */
  tries: number;
  /** Given to the browser that has sent the right sign-in code; who sends it may allow. */
  ticket: string;
  decision?: Decision;
  /** Where the browser goes with the decision; made once, however often it asks. */
  outcome?: Promise<string>;
}

/** The requests for access that wait for a person, in the window or in a browser. */
export class Approvals {
  readonly #directory: Directory;
  readonly #agents: Agents;
  readonly #log: Log;
  readonly #pending = new Map<string, Pending>();
  readonly #listeners = new Set<() => void>();
  #expiry: NodeJS.Timeout | undefined;

  constructor(directory: Directory, agents: Agents, log: Log) {
    this.#directory = directory;
    this.#agents = agents;
    this.#log = log;
  }

  readonly api: Auth['approvals'] = {
    pending: () => this.#waiting().map(({ request }) => request),
    decide: async (id, { approve, tenant }) => {
      const pending = this.get(id);
      if (!pending || pending.decision) return false;
      return this.decide(pending, { approve, tenant, account: administratorAccount });
    },
    onChange: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
  };

  get(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    return pending && pending.expires > Date.now() ? pending : undefined;
  }

  /** @throws DirectoryError UNAVAILABLE if too many wait already. */
  add(request: ApprovalRequest, clientId: string, expires: number): Pending {
    if (this.#waiting().length >= waitingMax)
      throw new DirectoryError(
        'UNAVAILABLE',
        `${waitingMax} requests are waiting already. Decide on them in Tandem's window first.`,
      );
    for (const [id, { decision }] of this.#pending) {
      if (this.#pending.size < keptMax) break;
      if (decision) this.#pending.delete(id);
    }
    const pending: Pending = { request, clientId, expires, tries: 0, ticket: randomBytes(16).toString('base64url') };
    this.#pending.set(request.id, pending);
    this.#expiry ??= setInterval(() => this.#expire(), 10_000).unref();
    this.#changed();
    return pending;
  }

  /**
   * @returns false if somebody else decided first.
   * @throws DirectoryError INVALID_ARGUMENT if the tenant to give access to does not exist, or the client is turned off there.
   */
  async decide(pending: Pending, decision: Decision): Promise<boolean> {
    const tenants = this.#directory.tenants.list();
    if (decision.approve && !tenants.some(({ id }) => id === decision.tenant)) {
      const issue = { path: 'tenant', message: 'There is no such tenant.' };
      throw new DirectoryError('INVALID_ARGUMENT', `${issue.path}: ${issue.message}`, { issues: [issue] });
    }
    const problem = this.problemOf(pending, decision);
    if (problem !== undefined)
      throw new DirectoryError('INVALID_ARGUMENT', problem, { issues: [{ path: 'tenant', message: problem }] });
    if (pending.decision) return false;
    pending.decision = decision;
    const { approve, tenant, account } = decision;
    this.#log.info(
      { client: pending.request.clientName, request: pending.request.id, approve, tenant, account },
      'access was decided',
    );
    try {
      await this.#tell(pending.request, decision);
    } catch (error) {
      // Access that cannot be written down is not given; the question waits on.
      delete pending.decision;
      throw error;
    }
    this.#changed();
    return true;
  }

  /** Why a client cannot be let in as decided: what somebody has turned off is not turned on by asking once more. */
  problemOf({ clientId, request }: Pending, { approve, tenant }: Decision): string | undefined {
    if (!approve || request.scopes.length === 0 || !this.#agents.isTurnedOff(clientId, tenant)) return undefined;
    return `${request.clientName} is turned off there. Turn it on again under Clients in Tandem, then allow it here.`;
  }

  async #tell(request: ApprovalRequest, { approve, tenant, account }: Decision): Promise<void> {
    const { id, clientName, redirectHost, scopes } = request;
    // Who is denied was let into no tenant.
    const by = account === administratorAccount ? administrator : { ...administrator, id: account, name: account };
    await this.#directory.audit.record(
      { ...by, tenant: approve ? tenant : 'default' },
      {
        kind: 'access',
        event: approve ? 'client_allowed' : 'client_denied',
        subject: { type: 'Client', id, name: clientName },
        detail: { account, redirectHost, scopes: [...scopes] },
      },
    );
  }

  close(): void {
    clearInterval(this.#expiry);
    this.#listeners.clear();
  }

  #waiting(): Pending[] {
    const now = Date.now();
    return [...this.#pending.values()].filter(({ decision, expires }) => !decision && expires > now);
  }

  #expire(): void {
    const now = Date.now();
    const expired = [...this.#pending].filter(([, { expires }]) => expires <= now);
    for (const [id] of expired) this.#pending.delete(id);
    if (expired.some(([, { decision }]) => !decision)) this.#changed();
    if (this.#pending.size > 0) return;
    clearInterval(this.#expiry);
    this.#expiry = undefined;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
