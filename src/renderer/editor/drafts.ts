import { useSyncExternalStore } from 'react';
import type { Resource } from '../../directory/pure.ts';
import { isChanged, openDraft, reduceDraft, type Draft, type DraftAction, type Seen } from './draft.ts';

const storageKey = 'tandem.drafts';
const storedMax = 50;

/**
 * The drafts of all people that were opened in this window. They outlive switching to somebody else, and a reload: what is
 * not saved yet is kept in the session's storage.
 */
class Drafts {
  readonly #drafts = new Map<string, Draft>();
  readonly #listeners = new Set<() => void>();
  #snapshot: ReadonlySet<string> = new Set();
  #storing: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    try {
      const stored = JSON.parse(sessionStorage.getItem(storageKey) ?? '{}') as Record<string, { base: Seen; mine: Resource }>;
      for (const [key, { base, mine }] of Object.entries(stored)) this.#drafts.set(key, { ...openDraft(base), mine });
    } catch {
      // Not readable: then there is nothing to restore.
    }
    this.#changed();
    addEventListener('pagehide', () => this.#store());
  }

  get(key: string): Draft | undefined {
    return this.#drafts.get(key);
  }

  /** Opens a person, or brings the draft that is there up to date. */
  open(key: string, seen: Seen): void {
    if (this.#drafts.has(key)) this.dispatch(key, { type: 'seen', seen });
    else this.#set(key, openDraft(seen));
  }

  dispatch(key: string, action: DraftAction): void {
    const draft = this.#drafts.get(key);
    if (draft) this.#set(key, reduceDraft(draft, action));
  }

  drop(key: string): void {
    this.#drafts.delete(key);
    this.#changed();
  }

  #set(key: string, draft: Draft): void {
    if (this.#drafts.get(key) === draft) return;
    this.#drafts.set(key, draft);
    this.#changed();
  }

  #changed(): void {
    this.#snapshot = new Set([...this.#drafts].filter(([, draft]) => isChanged(draft)).map(([key]) => key));
    for (const listener of this.#listeners) listener();
    clearTimeout(this.#storing);
    this.#storing = setTimeout(() => this.#store(), 300);
  }

  #store(): void {
    const open = [...this.#snapshot].slice(-storedMax).flatMap((key) => {
      const draft = this.#drafts.get(key);
      return draft ? [[key, { base: draft.base, mine: draft.mine }] as const] : [];
    });
    sessionStorage.setItem(storageKey, JSON.stringify(Object.fromEntries(open)));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly unsaved = (): ReadonlySet<string> => this.#snapshot;
}

export const drafts = new Drafts();

export const draftKey = (tenant: string, id: string): string => `${tenant}/${id}`;

export function useDraft(key: string): Draft | undefined {
  return useSyncExternalStore(drafts.subscribe, () => drafts.get(key));
}

/** The keys of drafts that are not saved yet. */
export function useUnsaved(): ReadonlySet<string> {
  return useSyncExternalStore(drafts.subscribe, drafts.unsaved);
}
