import { randomUUID } from 'node:crypto';

const idleMs = 15 * 60_000;
const runsMax = 2000;

/** A client's own name for a piece of its work, sent as `_meta` with a tool call. */
export const runMeta = 'tandem/run';

/**
 * Which pieces of work the calls of clients belong to, so that all of one can be undone together: those of a session, or of a
 * client that has none, without a longer break.
 */
export class Runs {
  /** By owner and session, the last used at the end. */
  readonly #runs = new Map<string, { id: string; lastUsed: number }>();

  /** @param session of the 2025 era; absent in the 2026 era, where each request stands alone. */
  of(owner: string, session: string | undefined): string {
    const key = `${owner} ${session ?? ''}`;
    const now = Date.now();
    const known = this.#runs.get(key);
    const run = known && now - known.lastUsed < idleMs ? known : { id: randomUUID(), lastUsed: now };
    run.lastUsed = now;
    this.#runs.delete(key);
    this.#runs.set(key, run);
    if (this.#runs.size > runsMax) this.#runs.delete(this.#runs.keys().next().value ?? '');
    return run.id;
  }
}

/** The run that a call names itself, if it has a usable form. */
export function namedRun(meta: Record<string, unknown> | undefined): string | undefined {
  const name = meta?.[runMeta];
  return typeof name === 'string' && /^[\w.:-]{1,64}$/.test(name) ? name : undefined;
}
