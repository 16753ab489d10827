import { DirectoryError } from '../errors.ts';
import type { Actor } from '../resource.ts';

const quietMs = 30 * 60_000;
const agentsMax = 1000;

/** Which agents have worked in which tenant lately, so that they can be asked something. In memory. */
export class ConnectedAgents {
  readonly #clock: () => Date;
  /** By tenant: ids of agents with when each was seen last, the longest ago first. */
  readonly #seen = new Map<string, Map<string, number>>();

  constructor(clock: () => Date) {
    this.#clock = clock;
  }

  seen({ tenant, id, kind }: Actor): void {
    if (kind !== 'agent') return;
    const agents = this.#seen.get(tenant) ?? new Map<string, number>();
    this.#seen.set(tenant, agents);
    agents.delete(id);
    agents.set(id, this.#clock().getTime());
    const [oldest] = agents.keys();
    if (agents.size > agentsMax && oldest !== undefined) agents.delete(oldest);
  }

  /** Whether an agent has worked in a tenant lately. */
  isHere(tenant: string, id: string): boolean {
    const at = this.#seen.get(tenant)?.get(id);
    return at !== undefined && at >= this.#clock().getTime() - quietMs;
  }

  /** @throws DirectoryError INVALID_ARGUMENT if the actor cannot ask this agent. */
  check(actor: Actor, id: string): void {
    if (id === actor.id) throw invalid('Ask somebody else than yourself.');
    if (!this.isHere(actor.tenant, id))
      throw invalid(`No agent with the id '${id.slice(0, 64)}' works here now. Leave it out to ask people.`);
  }
}

function invalid(message: string): DirectoryError {
  return new DirectoryError('INVALID_ARGUMENT', `Nothing was done. to: ${message}`, { issues: [{ path: 'to', message }] });
}
