import type { Key } from '../store.ts';

/** Versions of one resource that are remembered for one reader, and resources over all readers. */
const versionsMax = 8;
const entriesMax = 50_000;

interface Entry {
  /** The one to forget last is the last. */
  versions: string[];
  /** When the newest was served, in milliseconds of a monotonic clock. */
  at: number;
}

/**
 * Which versions of a resource were served to whom, lately. It is what the stale-body guard compares a whole record with
 * (stale-body.ts), and tells how long a reader takes from reading to writing (pacing.ts). In memory and bounded: after a
 * restart, or for who has read long ago, nothing is known, and versions alone protect.
 */
export class ServedVersions {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  /** @param now milliseconds of a monotonic clock. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Remembers that a reader was shown this version. */
  serve(reader: string, key: Key, version: string): void {
    const name = nameOf(reader, key);
    const versions = this.#entries.get(name)?.versions ?? [];
    if (versions.at(-1) !== version) {
      const known = versions.indexOf(version);
      if (known >= 0) versions.splice(known, 1);
      versions.push(version);
      if (versions.length > versionsMax) versions.shift();
    }
    // Set anew, so that the entry which was used longest ago is the first of the map.
    this.#entries.delete(name);
    this.#entries.set(name, { versions, at: this.#now() });
    if (this.#entries.size > entriesMax) this.#forgetOldest();
  }

  /** Remembers longer that a reader was shown this version, since it evidently still has that record. */
  keep(reader: string, key: Key, version: string): void {
    const versions = this.#entries.get(nameOf(reader, key))?.versions;
    const known = versions?.indexOf(version) ?? -1;
    if (!versions || known < 0) return;
    versions.splice(known, 1);
    versions.push(version);
  }

  /** @returns the versions that the reader was shown, that which it had last first. */
  of(reader: string, key: Key): string[] {
    return this.#entries.get(nameOf(reader, key))?.versions.toReversed() ?? [];
  }

  /** @returns how long ago the reader was last shown the resource, in milliseconds; undefined if that is not known. */
  sinceRead(reader: string, key: Key): number | undefined {
    const entry = this.#entries.get(nameOf(reader, key));
    return entry && this.#now() - entry.at;
  }

  #forgetOldest(): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

function nameOf(reader: string, { tenant, type, id }: Key): string {
  return `${tenant} ${type} ${id} ${reader}`;
}
