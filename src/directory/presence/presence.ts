import { randomUUID } from 'node:crypto';
import { DirectoryError } from '../errors.ts';
import type { Actor, Author, ResourceType } from '../resource.ts';
import type { Key } from '../store.ts';

/** Somebody who has a resource open or is about to change it. Never changed once it is told. */
export interface Presence {
  id: string;
  tenant: string;
  type: ResourceType;
  resourceId: string;
  who: Author;
  /** `open`: looks at it. `draft`: has changes that are not saved. `intent`: has said that it is about to write. */
  kind: 'open' | 'draft' | 'intent';
  /** SCIM paths: of a draft, those that differ; of an intent, those that it is about to write, if it has said so. */
  fields: string[];
  /** Of an intent: what it is for, in its author's words. */
  note?: string;
  /** RFC 3339, UTC. */
  since: string;
  /** When it ends unless it is renewed. */
  until: string;
  /** The window or run that holds it: a window knows its own by it. */
  holder: string;
}

interface Held {
  /** As it is told; another object whenever it changes. */
  presence: Presence;
  /** The version that a draft started from. */
  baseVersion?: string | undefined;
  /** `until` in milliseconds since the epoch. */
  endsAt: number;
}

/** Of one tenant, and of one holder: who holds more is told so; a full tenant takes no more. */
const tenantMax = 5000;
const holderMax = 200;
const fieldsMax = 100;
/** A window renews what it has open well within this time; one behind others gets to run only once a minute. */
export const windowLeaseSeconds = 75;
export const leaseSecondsMax = 600;
const sweepMs = 1000;

/** What a window says of a resource that it has open. */
export interface OpenEditor {
  /** Which window: one person may have several. */
  holder: string;
  /** Paths of the unsaved draft; empty while nothing is changed. */
  fields: readonly string[];
  /** The version that the draft started from. */
  baseVersion?: string | undefined;
}

/** What an agent says of a change that it is about to make. */
export interface Intent {
  fields?: readonly string[] | undefined;
  note?: string | undefined;
  leaseSeconds: number;
}

/**
 * Who has what open, with unsaved changes of which fields, and who has said that it is about to write ("Predictive Conflict
 * Avoidance", seed 000). It never locks: who does not ask is not hindered. In memory, bounded, and over when its lease is.
 */
export class PresenceBoard {
  readonly #held = new Map<string, Held>();
  /** The same by resource, then by id: each read and write of an agent looks here. */
  readonly #byResource = new Map<string, Map<string, Held>>();
  /** What was found there last, until one of them changes or ends: it is asked for far more often. */
  readonly #found = new Map<string, { present: readonly Presence[]; until: number }>();
  readonly #countByTenant = new Map<string, number>();
  readonly #listeners = new Set<(key: Key) => void>();
  readonly #sweep: NodeJS.Timeout;
  readonly #now: () => number;

  /** @param now milliseconds since the epoch. */
  constructor(now: () => number = () => Date.now()) {
    this.#now = now;
    this.#sweep = setInterval(() => this.#endExpired(), sweepMs);
    this.#sweep.unref();
  }

  /** Says, and says again to renew it, that a window has a resource open. */
  open(actor: Actor, { type, id }: Pick<Key, 'type' | 'id'>, { holder, fields, baseVersion }: OpenEditor): void {
    const key: Key = { tenant: actor.tenant, type, id };
    const known = this.#heldBy(key, holder).find(({ presence }) => presence.kind !== 'intent')?.presence;
    const kind = fields.length > 0 ? 'draft' : 'open';
    const isSame = known?.kind === kind && sameFields(known.fields, fields);
    const held = this.#hold(actor, key, {
      ...(known ?? { id: randomUUID(), since: new Date(this.#now()).toISOString() }),
      holder,
      kind,
      fields: fields.slice(0, fieldsMax),
      baseVersion,
      leaseSeconds: windowLeaseSeconds,
    });
    if (held && !isSame) this.#tell(key);
  }

  /** Says that a window has closed a resource, or itself. */
  leave(actor: Actor, holder: string, resource?: Pick<Key, 'type' | 'id'>): void {
    for (const held of this.#held.values()) {
      const { presence } = held;
      if (
        presence.holder === holder &&
        presence.tenant === actor.tenant &&
        presence.kind !== 'intent' &&
        (!resource || (presence.type === resource.type && presence.resourceId === resource.id))
      )
        this.#end(held);
    }
  }

  /**
   * Says that an agent is about to write. One who says it again of the same resource renews it.
   * @throws DirectoryError TOO_LARGE for one intent too many.
   */
  begin(actor: Actor, { type, id }: Pick<Key, 'type' | 'id'>, { fields = [], note, leaseSeconds }: Intent): Presence {
    const key: Key = { tenant: actor.tenant, type, id };
    const holder = holderOf(actor);
    const known = this.#heldBy(key, holder).find(({ presence }) => presence.kind === 'intent')?.presence;
    const held = this.#hold(actor, key, {
      ...(known ?? { id: randomUUID(), since: new Date(this.#now()).toISOString() }),
      holder,
      kind: 'intent',
      fields: fields.slice(0, fieldsMax),
      ...(note !== undefined && { note }),
      leaseSeconds: Math.min(leaseSeconds, leaseSecondsMax),
    });
    if (!held)
      throw new DirectoryError(
        'TOO_LARGE',
        `You have ${holderMax} edits announced already. End some with scim_end_edit, or wait until their leases end.`,
      );
    this.#tell(key);
    return held.presence;
  }

  /** Ends an intent of this agent. @throws DirectoryError NOT_FOUND if it has none with this id, or its lease has ended. */
  finish(actor: Actor, id: string): Presence {
    const held = this.#held.get(id);
    const presence = held?.presence;
    if (!held || presence?.kind !== 'intent' || presence.tenant !== actor.tenant || presence.who.id !== actor.id)
      throw new DirectoryError('NOT_FOUND', 'You have announced no such edit, or its lease has ended.');
    this.#end(held);
    return presence;
  }

  /** Ends all intents of a run, whose session is over. */
  endRun(tenant: string, actorId: string, run: string): void {
    for (const held of this.#held.values()) {
      const { presence } = held;
      const { who } = presence;
      if (presence.tenant === tenant && presence.kind === 'intent' && who.id === actorId && who.run === run) this.#end(held);
    }
  }

  /** Who else has a resource open or is about to change it. @param except a window or run, or an agent. */
  others(actor: Actor, { type, id }: Pick<Key, 'type' | 'id'>, except = holderOf(actor)): readonly Presence[] {
    const present = this.at({ tenant: actor.tenant, type, id });
    // The same list where nobody is left out: what is told of it is worked out once (advisory.ts).
    return present.some(({ holder }) => holder === except) ? present.filter(({ holder }) => holder !== except) : present;
  }

  /** Everybody at a resource. */
  at(key: Key): readonly Presence[] {
    const place = nameOf(key);
    const known = this.#found.get(place);
    if (known && known.until > this.#now()) return known.present;
    const held = this.#of(key);
    const present = held.map(({ presence }) => presence);
    if (held.length > 0) this.#found.set(place, { present, until: Math.min(...held.map(({ endsAt }) => endsAt)) });
    return present;
  }

  /** Everybody in a tenant. */
  all(tenant: string): Presence[] {
    return [...this.#held.values()].flatMap(({ presence }) => (presence.tenant === tenant ? [presence] : []));
  }

  /** The versions that open drafts of a resource started from: history must keep them. */
  baseVersions(key: Key): string[] {
    return this.#of(key).flatMap(({ baseVersion }) => (baseVersion === undefined ? [] : [baseVersion]));
  }

  /** Calls the listener with each resource about which something changed. It must not throw. @returns what ends it. */
  onChange(listener: (key: Key) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends everything of a tenant that is gone. */
  forget(tenant: string): void {
    for (const held of this.#held.values()) if (held.presence.tenant === tenant) this.#end(held);
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#listeners.clear();
    this.#held.clear();
    this.#byResource.clear();
    this.#found.clear();
  }

  #hold(
    { id, name, kind: actorKind, door, run }: Actor,
    key: Key,
    {
      leaseSeconds,
      baseVersion,
      ...said
    }: Omit<Presence, 'tenant' | 'type' | 'resourceId' | 'who' | 'until'> & {
      leaseSeconds: number;
      baseVersion?: string | undefined;
    },
  ): Held | undefined {
    if (!this.#held.has(said.id) && !this.#hasRoom(key.tenant, said.holder)) return undefined;
    const endsAt = this.#now() + leaseSeconds * 1000;
    const presence: Presence = {
      ...said,
      tenant: key.tenant,
      type: key.type,
      resourceId: key.id,
      who: { id, name, kind: actorKind, door, ...(run !== undefined && { run }) },
      until: new Date(endsAt).toISOString(),
    };
    const held: Held = { presence, endsAt, baseVersion };
    if (!this.#held.has(said.id)) this.#countByTenant.set(key.tenant, (this.#countByTenant.get(key.tenant) ?? 0) + 1);
    this.#held.set(said.id, held);
    const place = nameOf(key);
    const there = this.#byResource.get(place) ?? new Map<string, Held>();
    there.set(said.id, held);
    this.#byResource.set(place, there);
    this.#found.delete(place);
    return held;
  }

  #hasRoom(tenant: string, holder: string): boolean {
    if ((this.#countByTenant.get(tenant) ?? 0) >= tenantMax) return false;
    let count = 0;
    for (const { presence } of this.#held.values()) if (presence.tenant === tenant && presence.holder === holder) count++;
    return count < holderMax;
  }

  #of(key: Key): Held[] {
    const now = this.#now();
    return [...(this.#byResource.get(nameOf(key))?.values() ?? [])].filter(({ endsAt }) => endsAt > now);
  }

  #heldBy(key: Key, holder: string): Held[] {
    return this.#of(key).filter(({ presence }) => presence.holder === holder);
  }

  #endExpired(): void {
    const now = this.#now();
    for (const held of this.#held.values()) if (held.endsAt <= now) this.#end(held);
  }

  #end(held: Held): void {
    const { id, tenant, type, resourceId } = held.presence;
    if (!this.#held.delete(id)) return;
    this.#countByTenant.set(tenant, (this.#countByTenant.get(tenant) ?? 1) - 1);
    const key: Key = { tenant, type, id: resourceId };
    const place = nameOf(key);
    const there = this.#byResource.get(place);
    there?.delete(id);
    if (there?.size === 0) this.#byResource.delete(place);
    this.#found.delete(place);
    this.#tell(key);
  }

  #tell(key: Key): void {
    for (const listener of this.#listeners) listener(key);
  }
}

/** Two runs of one client are two. */
function holderOf({ id, run }: Pick<Actor, 'id' | 'run'>): string {
  return run === undefined ? id : `${id} ${run}`;
}

function nameOf({ tenant, type, id }: Key): string {
  return `${tenant} ${type} ${id}`;
}

function sameFields(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((field, index) => field === b[index]);
}
