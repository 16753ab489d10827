import { diff, groupUrn, type MemberType } from '../../directory/pure.ts';
import { client, parting } from '../connection.ts';
import { isChanged } from '../editor/draft.ts';
import { draftKey, drafts } from '../editor/drafts.ts';

/** This window, as others are told of it. */
export const holder = crypto.randomUUID();

/** Well within the lease that the directory gives (src/directory/presence). */
const renewMs = 15_000;
/** Typing is told of when it pauses. */
const settleMs = 150;
/** As the directory takes them. */
const fieldsMax = 100;
const fieldLengthMax = 300;
const announcedMax = 100;

interface Place {
  tenant: string;
  id: string;
}

/**
 * Tells the directory what this window is at: what it shows, and of what it has unsaved changes that were looked at since it
 * was loaded. Nobody waits for it, and what could not be told is told with the next renewal.
 */
class Announcer {
  /** The newest last. */
  readonly #visited = new Map<string, Place>();
  #shown: string | undefined;
  /** What was last said of each. */
  readonly #told = new Map<string, { place: Place; type: MemberType; said: string }>();
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    drafts.subscribe(() => this.#soon());
    setInterval(() => this.renew(), renewMs);
    addEventListener('pagehide', () => this.#part());
    addEventListener('pageshow', ({ persisted }) => persisted && this.renew());
  }

  /** The window shows a user or group now. @returns what ends it. */
  show(place: Place): () => void {
    const key = draftKey(place.tenant, place.id);
    this.#shown = key;
    this.#visited.delete(key);
    this.#visited.set(key, place);
    this.#soon();
    return () => {
      if (this.#shown === key) this.#shown = undefined;
      this.#soon();
    };
  }

  /** Says all of it again: a lease is to go on, or Tandem was started again and knows nothing. */
  renew(): void {
    for (const told of this.#told.values()) told.said = '';
    this.#tell();
  }

  #soon(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#tell(), settleMs);
  }

  #tell(): void {
    for (const [key, place] of this.#visited) {
      const draft = drafts.get(key);
      const isHere = key === this.#shown;
      if (draft && (isHere || isChanged(draft))) {
        const type = draft.base.resource.schemas.includes(groupUrn) ? 'Group' : 'User';
        const paths = diff(draft.base.resource, draft.mine).map(({ path }) => path);
        const fields = paths.filter(({ length }) => length <= fieldLengthMax).slice(0, fieldsMax);
        const baseVersion = draft.base.version;
        const said = JSON.stringify([fields, baseVersion]);
        if (this.#told.get(key)?.said === said) continue;
        this.#told.set(key, { place, type, said });
        client.presence.open.mutate({ ...place, type, holder, fields, baseVersion }).catch(() => this.#told.delete(key));
      } else {
        if (!isHere) this.#visited.delete(key);
        this.#leave(key);
      }
    }
    const [oldest] = this.#visited.keys();
    if (this.#visited.size > announcedMax && oldest !== undefined) {
      this.#visited.delete(oldest);
      this.#leave(oldest);
    }
  }

  #leave(key: string): void {
    const told = this.#told.get(key);
    if (!told) return;
    this.#told.delete(key);
    const { place, type } = told;
    // What could not be told ends with its lease.
    client.presence.leave.mutate({ tenant: place.tenant, holder, resource: { type, id: place.id } }).catch(() => {});
  }

  #part(): void {
    const tenants = new Set([...this.#told.values()].map(({ place }) => place.tenant));
    for (const tenant of tenants) parting.presence.leave.mutate({ tenant, holder }).catch(() => {});
  }
}

export const announcer = new Announcer();
