import { same, type Resource } from '../../directory/pure.ts';
import { openDraft, type Draft, type Seen } from './draft.ts';

const prefix = 'tandem.draft ';
const keptMs = 14 * 24 * 60 * 60_000;
const keptMax = 50;

interface StoredDraft {
  base: Seen;
  mine: Resource;
  /** When it was last kept, as epoch milliseconds. */
  at: number;
}

/**
 * Reads the drafts that were not saved when a window closed, of the last two weeks, by their keys; older ones are forgotten.
 * Whatever the directory says first counts as newer than their base, also after it was restored from a backup.
 */
export function readStoredDrafts(): Map<string, Draft> {
  const found = new Map<string, Draft>();
  for (const key of storedKeys()) {
    const stored = parse(localStorage.getItem(prefix + key));
    if (stored && Date.now() - stored.at < keptMs) found.set(key, draftFrom(stored));
    else forgetStoredDraft(key);
  }
  return found;
}

/** Keeps a draft beyond the end of the window. A password in it is not: it must be typed again. */
export function storeDraft(key: string, { base, mine }: Draft): void {
  const { password: _password, ...rest } = mine;
  const stored: StoredDraft = { base, mine: rest, at: Date.now() };
  try {
    localStorage.setItem(prefix + key, JSON.stringify(stored));
    const others = storedKeys().map((other) => ({ other, at: parse(localStorage.getItem(prefix + other))?.at ?? 0 }));
    const newestFirst = others.toSorted((a, b) => b.at - a.at);
    for (const { other } of newestFirst.slice(keptMax)) forgetStoredDraft(other);
  } catch {
    // The storage is full or off: then the draft lives as long as the window.
  }
}

export function forgetStoredDraft(key: string): void {
  localStorage.removeItem(prefix + key);
}

/** Forgets all drafts of tenants that are not among these. */
export function forgetOtherTenants(tenants: readonly string[]): void {
  for (const key of storedKeys()) if (!tenants.includes(key.split('/', 1)[0] ?? '')) forgetStoredDraft(key);
}

/**
 * Follows what another window of this directory does with drafts.
 * @param get the draft that this window has.
 * @param onChange is called where that is the very draft that the other window has edited, with what became of it; undefined
 *   where it was saved or discarded there.
 */
export function followStoredDrafts(
  get: (key: string) => Draft | undefined,
  onChange: (key: string, draft?: Draft) => void,
): void {
  addEventListener('storage', ({ key, oldValue, newValue }) => {
    if (!key?.startsWith(prefix)) return;
    const name = key.slice(prefix.length);
    const own = get(name);
    const before = parse(oldValue);
    if (!own || !before || !same(own.mine, before.mine)) return;
    const after = parse(newValue);
    onChange(name, after && draftFrom(after));
  });
}

function draftFrom({ base, mine }: StoredDraft): Draft {
  return { ...openDraft({ ...base, revision: 0 }), mine };
}

function storedKeys(): string[] {
  return Object.keys(localStorage).flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
}

function parse(text: string | null): StoredDraft | undefined {
  try {
    const stored = JSON.parse(text ?? '') as Partial<StoredDraft>;
    return stored.base?.resource && stored.mine && typeof stored.at === 'number' ? (stored as StoredDraft) : undefined;
  } catch {
    return undefined;
  }
}
