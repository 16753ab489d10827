const hourMs = 60 * 60_000;

/** A resource that somebody is about to change, counted before it is known whether that succeeds. */
export interface Counted {
  /** How many resources they have changed within the hour, with this one. */
  inHour: number;
  /** To be called if it was not changed after all. */
  undo(): void;
}

/** How many resources each actor has changed within the last hour. In memory; bounded by the number that a policy allows. */
export class HourCounts {
  /** By actor: each resource with when it was changed last, in milliseconds, the longest ago first. */
  readonly #changed = new Map<string, Map<string, number>>();

  count(actor: string, resource: string, now: number): Counted {
    const changed = this.#within(actor, now);
    const before = changed.get(resource);
    changed.delete(resource);
    changed.set(resource, now);
    return {
      inHour: changed.size,
      undo() {
        if (before === undefined) changed.delete(resource);
      },
    };
  }

  #within(actor: string, now: number): Map<string, number> {
    const changed = this.#changed.get(actor) ?? new Map<string, number>();
    for (const [resource, at] of changed) {
      if (at > now - hourMs) break;
      changed.delete(resource);
    }
    this.#changed.set(actor, changed);
    return changed;
  }
}
